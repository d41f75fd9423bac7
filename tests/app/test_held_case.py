"""The case is the server's: a page that shows another one cannot write."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from spmc_tools.app.held_case import Held, HeldCase
from spmc_tools.app.new_case import made, wrong_fields
from spmc_tools.show.widgets.typed_days import day_of


def test_only_the_page_of_the_case_of_now_may_write() -> None:
    held = HeldCase(Held(None, "hi"))
    assert not held.is_shown(None) and not held.is_shown("") and not held.is_shown("gaya")
    held.choose("gaya")
    assert held.is_shown("gaya") and not held.is_shown("patna") and not held.is_shown("")
    held.choose("patna")
    assert not held.is_shown("gaya") and held.is_shown("patna")


def test_the_language_stays_with_another_case_and_the_case_with_another_language() -> None:
    held = HeldCase(Held(None, "hi"))
    held.choose("gaya")
    held.speak("en")
    assert held.now == Held("gaya", "en")
    held.choose("patna")
    assert held.now == Held("patna", "en")


def test_a_case_has_one_colour_in_every_language_and_on_every_day() -> None:
    rest = 0xFFFFFFFF
    for byte in b"gaya":  # CRC-32, bit by bit
        rest ^= byte
        for _ in range(8):
            rest = rest >> 1 ^ (0xEDB88320 if rest & 1 else 0)
    assert Held("gaya", "en").colour == Held("gaya", "hi").colour == (rest ^ 0xFFFFFFFF) % 8
    assert len({Held(f"case-{n}", "en").colour for n in range(100)}) == 8


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("22-02-2017", "2017-02-22"),
        ("22/2/17", "2017-02-22"),
        (" 1.12.2025 ", "2025-12-01"),
        ("2017-02-22", "2017-02-22"),
        ("31-02-2025", "31-02-2025"),
        ("02-22-2025", "02-22-2025"),
        ("soon", "soon"),
    ],
)
def test_days_as_india_writes_them(typed: str, read: str) -> None:
    assert day_of(typed) == read


def test_a_form_is_told_all_that_is_wrong_with_it_at_once(tmp_path) -> None:
    assert set(wrong_fields({}, tmp_path)) == {"id", "title", "purpose", "legal_basis", "date_from", "date_to"}
    right = {
        "id": "gaya", "title": "T", "purpose": "P", "legal_basis": "L", "date_from": "1-11-2025", "date_to": "30/11/25",
    }  # fmt: skip
    assert wrong_fields(right, tmp_path) == {}
    assert set(wrong_fields(right | {"id": "Gaya!", "date_to": "31-02-2025"}, tmp_path)) == {"id", "date_to"}
    assert set(wrong_fields(right | {"date_to": "1-10-2025"}, tmp_path)) == {"date_to"}
    assert set(wrong_fields(right | {"expires": "29/11/25", "event": "no such poll"}, tmp_path)) == {"expires", "event"}
    assert set(wrong_fields(right | {"expires": "soon", "date_from": "x"}, tmp_path)) == {"expires", "date_from"}
    assert set(wrong_fields(right | {"date_to": "x", "expires": "1-11-2024"}, tmp_path)) == {"date_to"}
    assert wrong_fields(right | {"expires": "30/11/25", "event": "bihar-assembly-2025"}, tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_form_makes_a_case_with_its_event_and_last_day(tmp_path) -> None:
    typed = {
        "id": "gaya", "title": "T", "purpose": "P", "legal_basis": "L", "date_from": "1-11-2025", "date_to": "30/11/25",
        "event": "bihar-assembly-2025", "expires": "31/12/25", "officer": "R. Devi",
    }  # fmt: skip
    made(typed, tmp_path, "hi")
    written = tomllib.loads((tmp_path / "gaya" / "case.toml").read_text(encoding="utf-8"))
    assert (written["event"], written["expires"], written["officer"]) == (
        "bihar-assembly-2025", date(2025, 12, 31), "R. Devi",
    )  # fmt: skip
    made(typed | {"id": "patna", "event": "", "expires": ""}, tmp_path, "hi")
    assert not {"event", "expires"} & set(tomllib.loads((tmp_path / "patna" / "case.toml").read_text(encoding="utf-8")))
