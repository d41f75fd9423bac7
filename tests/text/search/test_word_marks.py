"""Marks in a text as received: places by hand, and what stands there has the key that was asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.text.match_key import match_key
from spmc_tools.text.search.word_marks import excerpt, in_marks, places_of


@pytest.mark.parametrize(
    ("text", "phrases", "beginnings", "shown"),
    [
        ("सड़क पर सडक", ["सडक"], [], "«सड़क» पर «सडक»"),
        ("E.V.M. खराब, evm ok", ["e v m", "evm"], [], "«E.V.M». खराब, «evm» ok"),
        ("Booths and booth", [], ["boo"], "«Booths» and «booth»"), ("a b a b a", ["a b a"], [], "«a b a b a»"),
        ("क\u200dष है", ["क\u094dष"], [], "क\u200dष है"), ("क्\u200dष है", [match_key("क्ष")], [], "«क्\u200dष» है"),
        ("", ["x"], [], ""), ("x", [""], [""], "x"),
    ],
)  # fmt: skip
def test_by_hand(text: str, phrases: list[str], beginnings: list[str], shown: str) -> None:
    assert in_marks(text, places_of(text, phrases, beginnings)) == shown


@given(
    words=st.lists(st.sampled_from(["a", "सड़क", "Éa", "۱۲", "x,y", "🙂", "«"]), max_size=8),
    asked=st.sampled_from(["a", "सडक", "12", "y"]),
)
def test_what_is_marked_is_what_was_asked(words: list[str], asked: str) -> None:
    text = " ".join(words)
    places = places_of(text, [asked])
    assert [match_key(text[start:end]) for start, end in places] == [asked] * match_key(text).split().count(asked)


def test_an_excerpt_holds_the_first_mark_at_its_place() -> None:
    text = "x " * 500 + "बूथ 112 " + "y " * 500
    piece, places = excerpt(text, places_of(text, ["बूथ"]), 100)
    assert len(piece) <= 102 and piece[0] == piece[-1] == "…" and [piece[a:b] for a, b in places] == ["बूथ"]
    assert excerpt("short", [(0, 5)]) == ("short", [(0, 5)])
