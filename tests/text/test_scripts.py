"""Scripts of texts, as a reader sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.text.scripts import SCRIPTS, script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("मतदान केंद्र पर समय से पहुँचें", "devanagari"),
        ("मतदान केंद्र https://t.co/abcdefghijkl @some_long_handle", "devanagari"),
        ("Polling booth opens at seven", "latin"),
        ("booth par samay se pahunchen 🙏", "latin"),
        ("پولنگ بوتھ پر وقت سے پہنچیں", "arabic"),
        ("আজ ভোট", "bengali"),
        ("ਅੱਜ ਵੋਟ", "gurmukhi"),
        ("આજે મત", "gujarati"),
        ("ଆଜି ଭୋଟ", "oriya"),
        ("இன்று", "tamil"),
        ("ఈరోజు", "telugu"),
        ("ಇಂದು", "kannada"),
        ("ഇന്ന്", "malayalam"),
        ("сегодня", "other"),
        ("आज का match है big final", "mixed"),
        ("❤️ ☺️", "none"),
        ("cafe\u0301", "latin"),
        ("", "none"),
        (None, "none"),
        ("🙏🙏 2025 ११२ !!", "none"),
        ("https://t.co/abc @name", "none"),
    ],
)
def test_script(text: str | None, script: str) -> None:
    assert script_of(text) == script


def test_four_fifths_of_the_letters() -> None:
    assert script_of("कखगघabcd"[:5]) == "devanagari"  # four of five
    assert script_of("कखगab") == "mixed"  # three of five
    assert script_of("कीखीab") == "mixed" and script_of("कीखीगीघीab") == "devanagari"  # a vowel sign counts


@given(st.text(max_size=60))
def test_any_text_has_one(text: str) -> None:
    assert script_of(text) in SCRIPTS
