"""The words of a search index by their sound: which words of the posts may be the one that was typed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from spmc_tools.text.match_key import match_key
from spmc_tools.text.search.search_query import Words
from spmc_tools.text.skeleton import agree, in_letters, letters_spelt, sound_keys

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator

    from spmc_tools.text.skeleton import Sound

__all__ = ["TABLE", "SoundVocabulary", "rows_of"]

TABLE = (
    "CREATE TABLE sounds (key TEXT NOT NULL, word TEXT NOT NULL, form BLOB NOT NULL, posts INTEGER NOT NULL, "
    "PRIMARY KEY (key, word, form)) WITHOUT ROWID"
)
"""Where the sound keys of each word of the posts lie, with how many posts hold the word."""

_MOST_VARIANTS = 64
_MOST_PHRASES = 256
_MOST_IN_A_PHRASE = 16
_SHORTEST_HALF = 3
_SHORTEST_BEGINNING = 2


def rows_of(words: Iterable[tuple[str, int]]) -> Iterator[tuple[str, str, bytes, int]]:
    """Give the rows of :data:`TABLE` for words (match keys) and the number of posts that hold each."""
    for word, posts in words:
        if not word.isdecimal():
            for key, form in sound_keys(word):
                yield key, word, form, posts


class SoundVocabulary:
    """Finds the ways of writing a word among the words of the posts.

    Parameters
    ----------
    database : sqlite3.Connection
        Of an index that holds :data:`TABLE`.

    Attributes
    ----------
    left_out : dict
        By what was typed: how many further ways of writing it were not searched for.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._known: dict[tuple[str, bool], tuple[str, ...]] = {}
        self.left_out: dict[str, int] = {}

    def variants(self, words: Words) -> tuple[str, ...]:
        """Return the ways of writing some words, as match keys: the typed one first, then those in most posts."""
        asked = (words.key, words.begins)
        if asked not in self._known:
            self._known[asked] = tuple(dict.fromkeys(self._found(words))) if words.key else ()
        return self._known[asked]

    def _found(self, words: Words) -> Iterator[str]:
        key = words.key
        yield key
        if words.begins:
            if " " not in key:
                yield from self._most(key, self._going_on(key))
            return
        letters = letters_spelt(key)
        if letters is not None:
            yield from in_letters(letters)
        if " " not in key:
            yield from self._most(key, self._alike(key))
            yield from self._halves(key)
            return
        if letters is None:
            each = [self.variants(Words(word))[:_MOST_IN_A_PHRASE] for word in key.split()]
            yield from map(" ".join, itertools.islice(itertools.product(*each), _MOST_PHRASES))
        yield from self._most(key, self._alike(key))

    def _alike(self, key: str) -> dict[str, int]:
        """Return the words that may be this one by their sound, with the number of posts that hold each."""
        return self._agreeing(key, "key = ?", lambda sound: (sound.key,), agree)

    def _going_on(self, key: str) -> dict[str, int]:
        """Return the words that may begin with this one by their sound: its vowels must agree, too."""

        def begins(key: str, form: bytes, other: bytes) -> bool:
            return all(one & two for one, two in zip(form[:-1], other[: len(key) * 2], strict=True))

        return self._agreeing(
            key, "key >= ? AND key < ?", lambda sound: (sound.key, f"{sound.key}\U0010ffff"), begins,
            lambda sound: len(sound.key) >= _SHORTEST_BEGINNING and not sound.key.startswith("="),
        )  # fmt: skip

    def _agreeing(
        self,
        key: str,
        condition: str,
        values: Callable[[Sound], tuple[str, ...]],
        agreed: Callable[[str, bytes, bytes], bool],
        counts: Callable[[Sound], bool] = lambda _: True,
    ) -> dict[str, int]:
        found: dict[str, int] = {}
        if key.isdecimal():
            return found
        for sound in filter(counts, sound_keys(key)):
            rows = self._database.execute(f"SELECT word, form, posts FROM sounds WHERE {condition}", values(sound))
            found.update((word, posts) for word, form, posts in rows if agreed(sound.key, sound.form, form))
        return found

    def _halves(self, key: str) -> Iterator[str]:
        """Give two words that stand in posts and are together this one (लॉक डाउन for lockdown)."""
        for n in range(_SHORTEST_HALF, len(key) - _SHORTEST_HALF + 1):
            one, two = key[:n], key[n:]
            if match_key(one) == one and match_key(two) == two and _says_enough(one) and _says_enough(two):
                halves = [sorted(self._alike(half), key=len)[:8] for half in (one, two)]
                yield from map(" ".join, itertools.product(*halves))

    def _most(self, typed: str, found: dict[str, int]) -> list[str]:
        """Return the words that most posts hold; how many more there are is kept."""
        words = sorted(found, key=lambda word: (-found[word], word))
        if len(words) > _MOST_VARIANTS:
            self.left_out[typed] = len(words) - _MOST_VARIANTS
        return words[:_MOST_VARIANTS]


def _says_enough(half: str) -> bool:
    sounds = sound_keys(half)
    return bool(sounds) and len(sounds[0].key) > 1
