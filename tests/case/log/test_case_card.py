"""A case in a notebook: what it is, how much came in, what to do next; nothing of the outside is markup."""

from __future__ import annotations

import json
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.importers.import_files import import_files

POST = {"id": "1", "author_id": "11", "text": "मतदान", "created_at": "2025-11-06T04:05:06.000Z"}
HOSTILE = "<img src=x onerror=alert(1)>\"'&<script>evil</script>"


class Read(HTMLParser):
    """Which elements a page has, and what a reader sees of it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, list]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.elements.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def making():
    def make(title: str = "Booth rumours", **more):
        facts = {"purpose": "p", "legal_basis": "l", "date_from": "2025-11-01", "date_to": "2025-11-30"}
        return create_case("gaya", title=title, **facts, **more)

    return make


def test_an_empty_case_asks_for_files(making) -> None:
    read = Read(making()._repr_html_())
    assert read.text == (
        'Case gaya"Booth rumours", 2025-11-01 to 2025-11-300 imports in use, 0 rows kept.Next: spmc import gaya FILE'
    )


def test_a_case_says_how_much_came_in(making, tmp_path) -> None:
    case = making()
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(POST | {"id": str(n)}) + "\n" for n in range(3)))
    import_files(case, [path])
    read = Read(case._repr_html_())
    assert "1 import in use, 3 rows kept." in read.text and "Next: spmc.investigate(case)" in read.text
    assert repr(case) == "<Case gaya>"


def test_a_hostile_title_is_text(making) -> None:
    read = Read(making(HOSTILE)._repr_html_())
    assert {tag for tag, _ in read.elements} == {"div", "p", "strong", "code"}
    assert all(attrs == [] for _, attrs in read.elements)
    assert HOSTILE in read.text


def test_a_case_past_its_day_asks_for_an_extension(making) -> None:
    yesterday = date.today() - timedelta(days=2)  # noqa: DTZ011 -- the day in India is this one or the next
    read = Read(making(expires=yesterday)._repr_html_())
    assert f"It expired on {yesterday}" in read.text and "spmc extend gaya --to DATE" in read.text


def test_a_case_with_a_broken_log_says_so(making) -> None:
    case = making()
    case.ledger.append("note", {"text": "x"}, "A")
    content = bytearray((case.path / "ledger.sqlite").read_bytes())
    place = content.rfind(b'"text"')
    content[place + 1 : place + 5] = b"TEXT"
    (case.path / "ledger.sqlite").write_bytes(bytes(content))
    broken = open_case("gaya")
    assert broken.chain_problem is not None
    read = Read(broken._repr_html_())
    assert "Its custody log is broken" in read.text and broken.chain_problem in read.text
    assert "Next: spmc verify gaya" in read.text
