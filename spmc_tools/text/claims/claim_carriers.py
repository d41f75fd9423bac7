r"""Which claim a text carries, denies or asks about: by the meanings, places, numbers and sounds that both share.

A claim is a set of units: the meanings of its words, its places and numbers, and words of no known meaning by their
sound. A unit weighs :math:`-\ln((d + 1) / (N + 200))`, at least 1.5, where :math:`d` of the :math:`N` texts have it.
A text *matches* where the units that it has weigh at least :data:`MATCHES` of the claim's weight, or at least
:data:`BRIEF` and most of the text's own words are the claim's; below, from :data:`LOOK` on, it is one to *look at*.

It is never the same claim, only one to look at, where

* it names another place, and the claim's place not; or another number; or a meaning that rules out one of the claim's
  (another day, exam, vehicle, document, kind of building), which it does not have itself;
* a word of no known meaning (often a name) stands where the claim has another.

Of a text that matches, its words say whether it *denies* the claim (untrue, or a negation beside what happened that
the claim does not have), *asks* whether it is true, or *carries* it. The measured recall and precision stand in
``docs/measured/accuracy.md``.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from spmc_tools.text.claims.claim_words import family_of, is_act, read_words
from spmc_tools.text.skeleton import agree, sound_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spmc_tools.text.claims.claim_words import Word

__all__ = ["ClaimMatch", "match_claims"]

MATCHES, BRIEF, LOOK = 0.5, 0.4, 0.3
OWN, UNDONE = 0.6, 0.15
LEAST_UNITS = 3
LIGHT, PRIOR = 1.5, 200

State = Literal["carries", "denies", "asks"]
_QUESTION = re.compile(r"[?؟]")


class ClaimMatch(NamedTuple):
    """The place of a claim among those given, what the text says of it, and the share of its weight that it has.

    ``sure`` False: one to look at, which is not counted.
    """

    claim: int
    state: State
    share: float
    sure: bool


class _Unit(NamedTuple):
    meanings: frozenset[str]
    places: frozenset[str]
    number: float | None
    key: str
    act: bool
    name: bool
    of_a_place: bool


def _units(words: Iterable[Word]) -> list[_Unit]:
    """Return the units of a claim, each once."""
    found: dict[object, _Unit] = {}
    for word in words:
        cues = word.meanings & {"not", "untrue", "truth", "asking"}
        if word.function and not word.places:
            continue
        meanings = word.meanings - cues
        if cues and not meanings and not word.places and word.number is None:
            continue
        unit = _Unit(
            meanings, word.places, word.number, word.key, any(map(is_act, meanings)), word.like_a_name, word.of_a_place
        )
        mark: object = word.places or word.number or meanings or word.key
        found.setdefault(mark, unit)
    return list(found.values())


def _has(unit: _Unit, word: Word) -> bool:
    if unit.places & word.places:
        return True
    if unit.number is not None:
        return unit.number == word.number
    if unit.meanings:
        return bool(unit.meanings & word.meanings)
    return unit.key == word.key or _alike(unit.key, word.key)


def _alike(one: str, two: str) -> bool:
    return any(
        a.key == b.key and len(a.key) > 1 and agree(a.key, a.form, b.form)
        for a in sound_keys(one)
        for b in sound_keys(two)
    )


class _Claims:
    """The units of all claims, which of them each word has, and what each weighs."""

    weight: dict[tuple[int, int], float]
    whole: list[float]

    def __init__(self, claims: Sequence[str]) -> None:
        self.words = [read_words(claim) for claim in claims]
        self.units = [_units(words) for words in self.words]
        self.all = [(n, k) for n, units in enumerate(self.units) for k in range(len(units))]
        self._known: dict[Word, tuple[tuple[int, int], ...]] = {}
        self._by: dict[object, list[tuple[int, int]]] = {}
        for n, k in self.all:
            unit = self.units[n][k]
            marks: list[object] = [("place", place) for place in unit.places]
            if unit.number is not None:
                marks.append(("number", unit.number))
            marks += [("meaning", meaning) for meaning in unit.meanings]
            if not marks:
                marks += [("key", unit.key), *(("sound", sound.key) for sound in sound_keys(unit.key))]
            for mark in marks:
                self._by.setdefault(mark, []).append((n, k))

    def of(self, word: Word) -> tuple[tuple[int, int], ...]:
        """Return the units of claims that a word has."""
        if word not in self._known:
            marks: list[object] = [("number", word.number), ("key", word.key)]
            marks += [("place", place) for place in word.places]
            marks += [("meaning", meaning) for meaning in word.meanings]
            marks += [("sound", sound.key) for sound in sound_keys(word.key)]
            places = dict.fromkeys(place for mark in marks for place in self._by.get(mark, ()))
            self._known[word] = tuple(place for place in places if _has(self.units[place[0]][place[1]], word))
        return self._known[word]


def match_claims(texts: Sequence[str | None], claims: Sequence[str]) -> list[ClaimMatch | None]:
    """Return the claim that each text carries, denies or asks about, or may; None where it is of none.

    Parameters
    ----------
    texts : sequence of str or None
        Posts, in any language.
    claims : sequence of str
        The claims, in their own words; one of fewer than three units matches nothing.
    """
    register = _Claims(claims)
    read: dict[str | None, list[Word]] = {text: read_words(text) for text in dict.fromkeys(texts)}
    having: dict[str | None, dict[tuple[int, int], int]] = {}
    seen: dict[tuple[int, int], int] = {}
    for text, words in read.items():
        own: dict[tuple[int, int], int] = {}
        for place, word in enumerate(words):
            for unit in register.of(word):
                own.setdefault(unit, place)
        having[text] = own
        for unit in own:
            seen[unit] = seen.get(unit, 0) + 1
    register.weight = {
        unit: max(LIGHT, -math.log((seen.get(unit, 0) + 1) / (len(read) + PRIOR))) for unit in register.all
    }
    register.whole = [sum(register.weight[n, k] for k in range(len(units))) for n, units in enumerate(register.units)]
    known: dict[str | None, ClaimMatch | None] = {}
    for text, words in read.items():
        known[text] = _best(text or "", words, having[text], register)
    return [known[text] for text in texts]


def _best(text: str, words: list[Word], own: dict[tuple[int, int], int], register: _Claims) -> ClaimMatch | None:
    shared: dict[int, float] = {}
    number: dict[int, int] = {}
    for unit in own:
        shared[unit[0]] = shared.get(unit[0], 0.0) + register.weight[unit]
        number[unit[0]] = number.get(unit[0], 0) + 1
    found: tuple[bool, float, int] | None = None
    content = [word for word in words if not word.function and not word.meanings & {"not", "untrue", "truth", "asking"}]
    for claim, has in shared.items():
        share = has / register.whole[claim]
        if share < LOOK or number[claim] < LEAST_UNITS or len(register.units[claim]) < LEAST_UNITS:
            continue
        mine = sum(any(unit[0] == claim for unit in register.of(word)) for word in content)
        acts = [k for k, unit in enumerate(register.units[claim]) if unit.act]
        wanted = UNDONE if acts and all((claim, k) not in own for k in acts) else 0.0
        sure = share >= MATCHES + wanted or (share >= BRIEF + wanted and mine >= OWN * len(content))
        sure = sure and not _another(words, own, register, claim)
        if found is None or (sure, share) > found[:2]:
            found = (sure, share, claim)
    if found is None:
        return None
    sure, share, claim = found
    return ClaimMatch(claim, _state(text, words, own, register, claim), share, sure)


def _another(words: list[Word], own: dict[tuple[int, int], int], register: _Claims, claim: int) -> bool:
    """Return whether a text names another place, number or thing than the claim does."""
    units = register.units[claim]
    missing = [unit for k, unit in enumerate(units) if (claim, k) not in own]
    places = frozenset().union(*(unit.places for unit in units))
    known = any(unit.places and unit not in missing for unit in units)
    mine = {word.key for word in words if any(n == claim for n, _ in register.of(word))}
    others = [word for word in words if word.key not in mine and (word.sure_place or word.like_a_name)]
    if any(unit.places for unit in missing) and any(w.sure_place and w.places.isdisjoint(places) for w in others):
        return True
    if known:
        if any(unit.of_a_place for unit in missing) and any(word.of_a_place or word.sure_place for word in others):
            return True
    elif any(unit.places or unit.name for unit in missing) and others:
        return True
    numbers = {unit.number for unit in units if unit.number is not None}
    if any(unit.number is not None for unit in missing) and any(
        word.number is not None and word.number not in numbers for word in words
    ):
        return True
    said = frozenset().union(*(unit.meanings for unit in units))
    for unit in missing:
        families = {family for meaning in unit.meanings if (family := family_of(meaning))}
        for word in words:
            if any(family_of(m) in families and m not in said for m in word.meanings):
                return True
    return False


def _state(text: str, words: list[Word], own: dict[tuple[int, int], int], register: _Claims, claim: int) -> State:
    said = [word.meanings for word in words]
    claimed = frozenset().union(*(word.meanings for word in register.words[claim]))
    untrue = any("untrue" in meanings for meanings in said) and "untrue" not in claimed
    truth = any("truth" in meanings for meanings in said)
    asking = any("asking" in meanings for meanings in said)
    question = bool(_QUESTION.search(text))
    denied = [n for n, meanings in enumerate(said) if "not" in meanings]
    denied = [n for n in denied if words[n].key != "no" or n + 1 == len(words) or words[n + 1].number is None]
    if (question and (truth or asking) and not (untrue and not asking)) or (
        truth and asking and not untrue and not denied
    ):
        return "asks"
    if untrue or (truth and denied):
        return "denies"
    if denied and "not" not in claimed:
        acts = [place for (n, k), place in own.items() if n == claim and register.units[claim][k].act]
        if any(abs(n - place) <= 3 for n in denied for place in acts):
            return "denies"
    return "carries"
