"""The glossary: each term once, in order, in both languages, with the Hindi that reports explain their terms in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
EXPLAINED = yaml.safe_load((ROOT / "templates" / "wording" / "glossary.yaml").read_text(encoding="utf-8"))


def table(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    part = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    (wanted,) = [text for text in part if text.startswith(heading)]
    lines = [line for line in wanted.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


TERMS = table("Terms")


def test_every_row_has_every_cell() -> None:
    assert len(TERMS) > 90
    assert all(len(row) == 4 and all(row) for row in TERMS)
    assert all(len(row) == 3 and all(row) for row in table("Words we no longer use"))
    assert all(row[3].endswith(".") for row in TERMS)


@pytest.mark.parametrize("heading", ["Terms", "Words we no longer use"])
def test_rows_stand_in_the_order_of_the_alphabet_and_once(heading: str) -> None:
    names = [re.sub(r"[^a-z]", "", row[0].lower()) for row in table(heading)]
    assert names == sorted(set(names))


def test_no_hindi_word_stands_for_two_terms() -> None:
    hindi = [row[1] for row in TERMS]
    assert {word for word in hindi if hindi.count(word) > 1} == set()


def test_new_words_are_terms_and_old_ones_are_not() -> None:
    terms = {row[0] for row in TERMS}
    for old, new, _ in table("Words we no longer use"):
        assert old not in terms
        if new in ("lock wait", "memory budget", "base rate", "exculpatory evidence", "pseudonym"):
            assert new in terms


@pytest.mark.parametrize("entry", EXPLAINED, ids=lambda entry: entry["term"])
def test_reports_explain_their_terms_in_the_same_hindi(entry: dict) -> None:
    hindi = {row[0]: row[1] for row in TERMS}
    assert hindi[entry["term"]] == entry["hi"]


def not_written() -> list[str]:
    """Hindi words that no page may hold; those that are wrong in one meaning only say so and are left to a reader."""
    rows = [row for row in table("Hindi") if " for " not in row[0].partition(";")[0]]
    return [word for row in rows for word in row[1].split(", ") if " for " not in word]


def test_words_of_the_last_table_are_found() -> None:
    assert {"कॉलम", "स्तम्भ", "झोंका", "छद्मनाम", "साथ चले"} <= set(not_written())
    assert not any("a" <= letter <= "z" for word in not_written() for letter in word)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_holds_a_word_that_is_not_written(page: Path) -> None:
    if page.name != "glossary.md":
        text = page.read_text(encoding="utf-8")
        assert [word for word in not_written() if re.search(rf"(?<![\w\u0900-\u097f]){word}", text)] == []
