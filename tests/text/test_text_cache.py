"""Readings of texts: known ones are not read again, and what comes back is what reading gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.text.form_key import form_of, read_form, written_form
from spmc_tools.text.match_key import match_key
from spmc_tools.text.near_duplicates import leaders_of
from spmc_tools.text.text_cache import digest_of, remembered, remembering

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Kept:
    """A memory in a dictionary."""

    def __init__(self) -> None:
        self.of: dict[tuple[str, bytes], str | None] = {}

    def known(self, name: str, digests: Sequence[bytes]) -> list[tuple[str | None] | None]:
        return [(self.of[name, one],) if (name, one) in self.of else None for one in digests]

    def learn(self, name: str, readings: Iterable[tuple[bytes, str | None]]) -> None:
        self.of.update({(name, digest): reading for digest, reading in readings})


TEXTS = st.lists(st.text(max_size=40), max_size=8, unique=True)


@given(first=TEXTS, second=TEXTS)
@settings(max_examples=60, deadline=None)
def test_the_same_with_and_without(first: list[str], second: list[str]) -> None:
    memory, asked = Kept(), []

    def read(text: str) -> str | None:
        asked.append(text)
        return match_key(text) or None

    for texts in (first, second, second):
        with remembering(memory):
            assert remembered("x", texts, read) == [match_key(text) or None for text in texts]
    assert sorted(asked) == sorted({*first, *second})
    assert {digest for _, digest in memory.of} == {digest_of(text) for text in {*first, *second}}


def test_two_readings_of_one_text_are_two() -> None:
    with remembering(Kept()):
        assert remembered("upper", ["a"], str.upper) == ["A"]
        assert remembered("title", ["ab"], str.title) == ["Ab"]
        assert remembered("upper", ["ab"], str.upper) == ["AB"]


def test_outside_of_the_block_nothing_is_remembered() -> None:
    memory = Kept()
    with remembering(memory):
        remembered("upper", ["a"], str.upper)
    remembered("upper", ["b"], str.upper)
    assert len(memory.of) == 1


def test_leaders_are_the_same_with_a_memory() -> None:
    towns = ["Gaya", "Ara", "Buxar", "Siwan", "Chhapra", "Bettiah", "Katihar", "Munger"]
    lists = [f"Part {n} of 8: {', '.join(towns[n:] + towns[:n])}. Five years without a road here" for n in range(8)]
    uses = {text: 1 + n % 3 for n, text in enumerate([*lists, *(f"{one} और कुछ शब्द" for one in lists), "कुछ और"])}
    plain = leaders_of(uses)
    memory = Kept()
    for _ in range(2):
        with remembering(memory):
            assert leaders_of(uses) == plain
    assert len(memory.of) == 2 * len(uses)


@given(st.text(max_size=60) | st.just("1/4: a, b, c, d. e") | st.just("x #a #b #c #d\ny, z, w, v, u"))
def test_a_form_as_a_line(text: str) -> None:
    line = written_form(text)
    assert (None if line is None else read_form(line)) == form_of(text)
