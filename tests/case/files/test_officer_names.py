"""One person, however the name is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.case.files.officer_names import name_key, same_person


@pytest.mark.parametrize(
    "other",
    [
        "s. i. KUMARI", "S.I. Kumari", "  S  I   Kumari ", "Kumari, S. I.", "SI Kumari", "S. I. Кumаri",
        "Ｓ. Ｉ. Ｋumari", "S. I. K\u200dumari\u202e", "S. I. Kúmari", "S-I-Kumari",
    ],
)  # fmt: skip
def test_one_person_written_differently(other: str) -> None:
    assert same_person("S. I. Kumari", other) and same_person(other, "S. I. Kumari")


@pytest.mark.parametrize(
    ("one", "other"),
    [("S. I. Kumari", "R. Devi"), ("राम कुमार", "रमा कुमारी"), ("कुमारी", "कुमार"), ("Officer One", "Officer Two")],
)
def test_two_persons(one: str, other: str) -> None:
    assert not same_person(one, other)


def test_a_name_without_a_letter_has_no_key() -> None:
    assert name_key(" .–\u200b ") == ""


@given(st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x17F), min_size=1, max_size=20))
def test_capitals_and_spaces_make_no_difference(name: str) -> None:
    assert same_person(name, f"  {name.upper()} ") or name.upper().lower() != name.lower()
