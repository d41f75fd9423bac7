"""What the words of a claim or a post mean: meanings, places and numbers, the same in every script.

The table ``equal_words.yaml`` lists words of Hindi, Bhojpuri, Maithili, Urdu and English that say the same; other
scripts and spellings of a word are found by its sound (:mod:`spmc_tools.text.skeleton`). Meanings of one family under
``subjects`` rule each other out: a post of a bus does not carry a claim of a train.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

import yaml

from spmc_tools.resources import resource
from spmc_tools.text.match_key import match_key
from spmc_tools.text.skeleton import agree, letters_spelt, sound_keys

__all__ = ["Word", "family_of", "is_act", "read_words"]

_ENDINGS = (
    "ियों", "ियां", "ाओं", "ों", "ें", "ां", "वा", "वन", "सभ", "ही", "के", "मे", "में", "सं", "क", "ल", "े", "ी", "ा",
    "ing", "ed", "es", "s", "wa", "on", "ن", "وں", "یں",
)  # fmt: skip
_LEAST_STEM, _LEAST_SOUND = 3, 3
_THOUSANDS = re.compile(r"(?<=\d),(?=\d\d)")
_FEW = {match_key(word): n for n, words in {1: "एक ek one ایک", 2: "दो दू do two دو"}.items() for word in words.split()}
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_AS_WRITTEN = ("not", "asking")
_AFTER_A_PLACE = frozenset(
    match_key(word)
    for word in [
        "में",
        "मे",
        "के",
        "का",
        "की",
        "से",
        "जिला",
        "जिले",
        "शहर",
        "जी",
        "me",
        "mein",
        "m",
        "ke",
        "ka",
        "ki",
        "se",
        "jila",
        "zila",
        "jile",
        "district",
        "میں",
        "کے",
        "کا",
        "کی",
        "سے",
        "ضلع",
    ]
)
_BEFORE_A_PLACE = frozenset(("in", "at", "of", "near", "from", "to"))
_NUMBERS = {
    match_key(word): number
    for number, words in {
        3: "तीन three", 4: "चार four", 5: "पांच five panch paanch پانچ", 6: "छह छः छै छे six", 7: "सात seven saat",
        8: "आठ eight aath آٹھ", 9: "नौ नव nine nau", 10: "दस दश ten das دس", 11: "ग्यारह eleven",
        12: "बारह twelve barah",
        14: "चौदह fourteen", 15: "पंद्रह पन्द्रह fifteen pandrah", 16: "सोलह sixteen", 18: "अठारह eighteen",
        20: "बीस twenty bees", 25: "पच्चीस pachis", 30: "तीस thirty tees", 40: "चालीस forty chalis",
        50: "पचास fifty pachas",
        60: "साठ sixty", 70: "सत्तर seventy", 80: "अस्सी eighty", 90: "नब्बे ninety",
    }.items()
    for word in words.split()
}  # fmt: skip
_TIMES = {
    match_key(word): factor
    for factor, words in {
        100: "सौ sau hundred سو", 1_000: "हजार हज़ार hazar hajar hazaar thousand ہزار k",
        100_000: "लाख lakh lac lakhs لاکھ", 10_000_000: "करोड़ crore crores karod کروڑ",
    }.items()
    for word in words.split()
}  # fmt: skip


class Word(NamedTuple):
    """A word of a text: its match key and what it is; numbers written in several words are one."""

    key: str
    meanings: frozenset[str]
    places: frozenset[str]
    sure_place: bool
    number: float | None
    function: bool
    like_a_name: bool = False
    """Of no known meaning, and where names of places stand: before "में", "ke" or a bridge, after "in"."""
    of_a_place: bool = False
    """Like a name, and before a bridge, village, road and the like."""


class _Table(NamedTuple):
    by_key: dict[str, frozenset[str]]
    by_sound: dict[str, tuple[tuple[bytes, str], ...]]


def _table_of(rows: list[tuple[str, str]]) -> _Table:
    by_key: dict[str, set[str]] = {}
    by_sound: dict[str, dict[tuple[bytes, str], None]] = {}
    for word, meaning in rows:
        by_key.setdefault(match_key(word), set()).add(meaning)
        for sound in sound_keys(word):
            if len(sound.key) > 1:
                by_sound.setdefault(sound.key, {})[sound.form, meaning] = None
    return _Table({k: frozenset(v) for k, v in by_key.items()}, {k: tuple(v) for k, v in by_sound.items()})


@functools.cache
def _meanings() -> tuple[_Table, dict[str, str], frozenset[str]]:
    """Return the table of words, the family of each meaning that rules out its like, and the acts."""
    told = yaml.safe_load(resource("templates", "claims", "equal_words.yaml").read_text(encoding="utf-8"))
    rows = [
        (word, meaning)
        for families in told.values()
        for meanings in families.values()
        for meaning, words in meanings.items()
        for word in str(words).split()
    ]
    ruled = {"opposites", "exam"} | (told["subjects"].keys() - {"near_days"})
    family = {
        meaning: name
        for part in ("acts", "subjects")
        for name, meanings in told[part].items()
        if name in ruled
        for meaning in meanings
    }
    return _table_of(rows), family, frozenset(m for meanings in told["acts"].values() for m in meanings)


@functools.cache
def _function_words() -> frozenset[str]:
    return frozenset(match_key(word) for line in _lines("function_words.txt") for word in line.split())


def _lines(file: str) -> list[str]:
    """Return the lines of a table that are no remark."""
    text = resource("templates", "claims", file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and line[0] != "#"]


@functools.cache
def _places() -> tuple[_Table, frozenset[str]]:
    lines = _lines("places.txt")
    doubtful = frozenset(word for line in lines if line[0] == "~" for word in line[1:].split())
    return _table_of([(word, word) for line in lines for word in line.lstrip("~").split()]), doubtful


@functools.cache
def _doubtful_towns() -> _Table:
    return _table_of([("गया", "गया")])


def family_of(meaning: str) -> str | None:
    """Return the family of meanings that rule each other out, or None."""
    return _meanings()[1].get(meaning)


def is_act(meaning: str) -> bool:
    """Return whether a meaning is something that is done or happens, which can be denied."""
    return meaning in _meanings()[2]


def _found(table: _Table, key: str) -> frozenset[str]:
    """Return what the table has of a word as it is written, else by its sound: in Devanagari by three consonants."""
    if exact := table.by_key.get(key):
        return exact
    least = _LEAST_SOUND if _DEVANAGARI.search(key) else 2
    return frozenset(
        meaning
        for sound in sound_keys(key)
        if len(sound.key) >= least
        for form, meaning in table.by_sound.get(sound.key, ())
        if agree(sound.key, sound.form, form) and meaning not in _AS_WRITTEN
    )


@functools.lru_cache(maxsize=1 << 18)
def _word(key: str) -> Word:
    if key.isdecimal():
        return Word(key, frozenset(), frozenset(), False, float(key), False)
    if key in _function_words():
        cue = frozenset(m for m in _meanings()[0].by_key.get(key, ()) if m in ("asking", "not"))
        town = _places()[0].by_key.get(key) or _found(_doubtful_towns(), key)
        return Word(key, cue, town, False, None, True)
    if key in _NUMBERS:
        return Word(key, frozenset(), frozenset(), False, float(_NUMBERS[key]), False)
    table, (places, doubtful) = _meanings()[0], _places()
    meanings, found = _found(table, key), _found(places, key)
    for ending in _ENDINGS:
        if meanings or found:
            break
        if key.endswith(ending) and len(key) - len(ending) >= _LEAST_STEM:
            stem = key.removesuffix(ending)
            meanings, found = _found(table, stem), _found(places, stem)
    if key in found:
        meanings, found = frozenset(), frozenset((key,))
    return Word(key, meanings, found, bool(found) and found.isdisjoint(doubtful) and not meanings, None, False)


@functools.lru_cache(maxsize=1 << 16)
def _is_letter(part: str) -> bool:
    """Return whether a part of a text is the name of one Latin letter."""
    return len(part) <= len("डब्ल्यू") and letters_spelt(f"{part} {part}") is not None


@functools.lru_cache(maxsize=1 << 18)
def _is_place_in_two(*parts: str) -> bool:
    words = [_word(part) for part in parts]
    if len(words) < len("ab") or any(len(word.key) < _LEAST_STEM or word.function or word.places for word in words):
        return False
    known = _meanings()[0].by_key
    return not any(word.key.isdecimal() or word.key in known for word in words) and bool(
        _found(_places()[0], "".join(parts))
    )


def read_words(text: str | None) -> list[Word]:
    """Return the words of a text in order, letters that are spelt one by one as one, numbers worked out."""
    parts = match_key(_THOUSANDS.sub("", text or "")).split()
    found: list[Word] = []
    n = 0
    while n < len(parts):
        for length in (4, 3, 2) if _is_letter(parts[n]) else ():
            spelt = parts[n : n + length]
            letters = letters_spelt(" ".join(spelt)) if len(spelt) == length and all(map(_is_letter, spelt)) else None
            if letters is not None:
                found.append(_word(letters))
                n += length
                break
        else:
            pair = "".join(parts[n : n + 2])
            if _is_place_in_two(*parts[n : n + 2]):  # مظفر پور
                found.append(_word(pair))
                n += 2
                continue
            factor = _TIMES.get(parts[n])
            before = (found[-1].number or _FEW.get(found[-1].key)) if found else None
            if factor and before is not None:
                found[-1] = found[-1]._replace(number=before * factor, function=False)
            else:
                found.append(_word(parts[n]))
                if found[-1].function and found[-1].places:  # गया: a town, or "went"
                    around = parts[n - 1] if n else "", parts[n + 1] if n + 1 < len(parts) else ""
                    if around[0] not in _BEFORE_A_PLACE and around[1] not in _AFTER_A_PLACE:
                        found[-1] = found[-1]._replace(places=frozenset())
            n += 1
    return [
        word._replace(
            like_a_name=True, of_a_place=bool(n + 1 < len(found) and found[n + 1].meanings & _kinds_of_places())
        )
        if _is_like_a_name(found, n)
        else word
        for n, word in enumerate(found)
    ]


def _is_like_a_name(words: list[Word], n: int) -> bool:
    word = words[n]
    if word.function or word.meanings or word.places or word.number is not None:
        return False
    after = words[n + 1] if n + 1 < len(words) else None
    before = words[n - 1] if n else None
    return (
        (after is not None and (after.key in _AFTER_A_PLACE or bool(after.meanings & _kinds_of_places())))
        or (before is not None and before.key in _BEFORE_A_PLACE)
        or (word.key[-2:] in ("मे", "में") or word.key[-1:] == "क")
    )


@functools.cache
def _kinds_of_places() -> frozenset[str]:
    family = _meanings()[1]
    others = ("village", "town", "block", "thana", "river", "road", "booth")
    return frozenset((*(meaning for meaning in family if family[meaning] == "structures"), *others))
