r"""Texts that are loosely alike: what is left of one text when two words of five were exchanged.

Copies with few edits are found among all texts (:mod:`spmc_tools.text.near_duplicates`). Two rewritings of one text
with 40 % of the words exchanged share a third of their words: more than two texts have by chance that are posted within
ten minutes, and too little to be looked for everywhere.

Words weigh by their rarity, :math:`\ln(D / n)` for a word in *n* of *D* texts; a word is rare in at most one of 500
texts, or in 30. Two texts are loosely alike if they share three rare words and four words in all, four fifths of the
shared words stand in the same order in both, and their weight is at least a quarter of the geometric mean of the
weights of the texts (cosine of the sets of words).

Known errors. Comments on one event that quote the same names in the same order are loosely alike, so that one likeness
says nothing; texts in other words, in another script, or translated, are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int32]
    Longs = NDArray[np.int64]

__all__ = [
    "IN_ORDER", "LEAST_COSINE", "MOST_WORDS", "RARE_SHARED", "SHARED", "Words", "likenesses", "share_alike", "words_of",
]  # fmt: skip

LEAST_COSINE, IN_ORDER = 0.25, 0.8
RARE_SHARED, SHARED = 3, 4

MOST_WORDS = 500
"""So many different words of a text are read, the first ones."""

_RARE_SHARE, _RARE_TEXTS = 1 / 500, 30
_MOST_BEFORE = 200
_MOST_KEPT, _LEAST_KEPT, _MOST_LIKENESSES = 100, 20, 20_000_000
_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Words:
    """The different words of texts.

    Attributes
    ----------
    ptr : ndarray of int64, shape (n_texts + 1,)
        The words of text *i* are ``word[ptr[i]:ptr[i + 1]]``, ascending.
    word : ndarray of int32
        Codes of words.
    place : ndarray of int32
        Place of each among the different words of its text, in the order of the text.
    weight : ndarray of float64
        Of each code, by rarity.
    rare_ptr, rare : ndarray
        The same for the rare words alone.
    total : ndarray of float64, shape (n_texts,)
        Weight of all words of a text.
    """

    ptr: Longs
    word: Codes
    place: Codes
    weight: Floats
    rare_ptr: Longs
    rare: Codes
    total: Floats


def words_of(keys: Sequence[str]) -> Words:
    """Return the words of some match keys.

    Parameters
    ----------
    keys : sequence of str
        One for each text; texts may come again.
    """
    codes, lengths = _coded(keys)
    ptr, word, place = _once_each(codes, lengths)
    n_texts = np.bincount(word, minlength=1)
    weight = np.log(max(len(keys), 1) / np.maximum(n_texts, 1))
    own = np.repeat(np.arange(len(keys)), np.diff(ptr))
    is_rare = (n_texts > 1) & (n_texts <= max(_RARE_TEXTS, _RARE_SHARE * len(keys)))
    kept = is_rare[word]
    rare_ptr = np.concatenate(([0], np.cumsum(np.bincount(own[kept], minlength=len(keys)))))
    total: Floats = np.bincount(own, weight[word], len(keys)).astype(np.float64)
    return Words(ptr, word, place, weight, rare_ptr, word[kept], total)


def _coded(keys: Sequence[str]) -> tuple[Codes, Longs]:
    """Return the code of each word of all texts, and how many words each text has."""
    numbers: dict[str, int] = {}
    codes, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
    for low in range(0, len(keys), _AT_ONCE):
        split = pc.split_pattern(pa.array(keys[low : low + _AT_ONCE], pa.large_string()), " ")
        coded = split.flatten().dictionary_encode()
        here = [numbers.setdefault(word, len(numbers)) for word in coded.dictionary.to_pylist()]
        codes.append(np.array(here, np.int32)[coded.indices.to_numpy()])
        lengths.append(pc.list_value_length(split).to_numpy().astype(np.int64))
    return np.concatenate(codes), np.concatenate(lengths)


def _once_each(codes: Codes, lengths: Longs) -> tuple[Longs, Codes, Codes]:
    """Return the first :data:`MOST_WORDS` different words of each text, ascending, and their places in it."""
    ptr, word, place = _first_words(codes, lengths, int(codes.max(initial=-1)) + 1, MOST_WORDS)
    own = np.repeat(np.arange(lengths.size), np.diff(ptr))
    order = np.lexsort((word, own))
    return ptr, word[order], place[order]


def likenesses(words: Words, account: Codes, copy: Codes, second: Longs, within_s: int) -> tuple[Codes, Codes]:
    """Return the texts of different accounts that are loosely alike and no copies of each other, within some seconds.

    Parameters
    ----------
    words : Words
        Of the texts, in order of time.
    account, copy : ndarray of int32
        Of each text: whose it is, and which copies it is one of.
    second : ndarray of int64
        Ascending.
    within_s : int
        Seconds, inclusive.

    Returns
    -------
    tuple of two ndarray of int32
        Number of the earlier and of the later text, by the later one.

    Notes
    -----
    A word finds the 200 latest texts before at most, and of a text its latest likenesses are kept, at most 100, or so
    many that all texts together have twenty million: cost and memory stay bounded in a storm of posts.
    """
    most = max(_LEAST_KEPT, min(_MOST_KEPT, _MOST_LIKENESSES // max(second.size, 1)))
    n_words = words.weight.size
    found = _likenesses(
        (words.ptr, words.word, words.place, words.weight, words.total),
        (words.rare_ptr, words.rare, n_words),
        (account, copy, second),
        (within_s, _MOST_BEFORE, most),
        (RARE_SHARED, SHARED, IN_ORDER, LEAST_COSINE),
    )  # fmt: skip
    return found[0], found[1]


def share_alike(words: Words, own: Sequence[Longs], copy: Codes, second: Longs, within_s: int) -> float:
    """Return the share of likenesses among the pairs of texts of two accounts that are further apart; 0 without any.

    Parameters
    ----------
    words, copy, second, within_s : Words, ndarray, ndarray, int
        As for :func:`likenesses`; copies are left out.
    own : sequence of two ndarray of int64
        Numbers of the texts of each.
    """
    parts = (words.ptr, words.word, words.place, words.weight, words.total)
    limits = (RARE_SHARED, SHARED, IN_ORDER, LEAST_COSINE)
    share: float = _share_alike(parts, (words.rare_ptr, words.rare), (own[0], own[1], copy, second), within_s, limits)
    return share


@compiled
def _first_words(codes, lengths, n_words, most):  # type: ignore[no-untyped-def]
    seen = np.full(n_words, -1, np.int64)
    ptr = np.zeros(lengths.size + 1, np.int64)
    word = np.empty(codes.size, np.int32)
    place = np.empty(codes.size, np.int32)
    at, m = 0, 0
    for i in range(lengths.size):
        begin = m
        for k in range(at, at + lengths[i]):
            if seen[codes[k]] != i and m - begin < most:
                seen[codes[k]] = i
                word[m], place[m] = codes[k], m - begin
                m += 1
        at += lengths[i]
        ptr[i + 1] = m
    return ptr, word[:m].copy(), place[:m].copy()


@compiled
def _in_order(numbers, n, tails):  # type: ignore[no-untyped-def]
    """Return the length of the longest ascending subsequence of the first n numbers that are no gaps (-1)."""
    length = 0
    for k in range(n):
        number = numbers[k]
        if number < 0:
            continue
        low, high = 0, length
        while low < high:
            middle = (low + high) // 2
            if tails[middle] < number:
                low = middle + 1
            else:
                high = middle
        tails[low] = number
        if low == length:
            length += 1
    return length


@compiled
def _alike(a, b, parts, limits, room):  # type: ignore[no-untyped-def]
    """Return whether two texts that share enough rare words are loosely alike."""
    ptr, word, place, weight, total = parts
    there, tails = room
    _, least_shared, in_order, cosine = limits
    n = ptr[a + 1] - ptr[a]
    there[:n] = -1
    i, j, shared, both = ptr[a], ptr[b], 0, 0.0
    while i < ptr[a + 1] and j < ptr[b + 1]:
        if word[i] < word[j]:
            i += 1
        elif word[i] > word[j]:
            j += 1
        else:
            there[place[i]] = place[j]
            shared += 1
            both += weight[word[i]]
            i += 1
            j += 1
    product = total[a] * total[b]
    if shared < least_shared or product <= 0 or both < cosine * np.sqrt(product):
        return False
    return _in_order(there, n, tails) >= in_order * shared


@compiled
def _likenesses(parts, rare_words, texts, bounds, limits):  # type: ignore[no-untyped-def]
    rare_ptr, rare, n_words = rare_words
    account, copy, second = texts
    within_s, most_before, most_kept = bounds
    n_of = np.zeros(n_words + 1, np.int64)
    for k in range(rare.size):
        n_of[rare[k] + 1] += 1
    begin = np.cumsum(n_of)
    end = begin[:n_words].copy()
    posting = np.empty(rare.size, np.int32)
    n_shared = np.zeros(second.size, np.int32)
    touched = np.empty(max(rare.size, 1), np.int32)
    longest = 1
    for p in range(second.size):
        longest = max(longest, parts[0][p + 1] - parts[0][p])
    there, tails = np.empty(longest, np.int64), np.empty(longest, np.int64)
    earlier, later = np.empty(1024, np.int32), np.empty(1024, np.int32)
    m = 0
    for p in range(second.size):
        n_touched = 0
        for k in range(rare_ptr[p], rare_ptr[p + 1]):
            w = rare[k]
            for place in range(end[w] - 1, max(begin[w], end[w] - most_before) - 1, -1):
                q = posting[place]
                if second[p] - second[q] > within_s:
                    break
                if n_shared[q] == 0:
                    if n_touched == touched.size:
                        grown = np.empty(2 * touched.size, np.int32)
                        grown[:n_touched] = touched
                        touched = grown
                    touched[n_touched] = q
                    n_touched += 1
                n_shared[q] += 1
            posting[end[w]] = p
            end[w] += 1
        kept = 0
        near = np.sort(touched[:n_touched])
        for place in range(n_touched - 1, -1, -1):
            q = near[place]
            enough = n_shared[q] >= limits[0]
            n_shared[q] = 0
            if not enough or kept == most_kept or account[q] == account[p] or copy[q] == copy[p]:
                continue
            if _alike(p, q, parts, limits, (there, tails)):
                if m == earlier.size:
                    more_earlier, more_later = np.empty(2 * m, np.int32), np.empty(2 * m, np.int32)
                    more_earlier[:m], more_later[:m] = earlier, later
                    earlier, later = more_earlier, more_later
                earlier[m], later[m] = q, p
                kept += 1
                m += 1
    return earlier[:m].copy(), later[:m].copy()


@compiled
def _share_alike(parts, rare_words, texts, within_s, limits):  # type: ignore[no-untyped-def]
    rare_ptr, rare = rare_words
    own, other, copy, second = texts
    ptr = parts[0]
    longest = 1
    for x in own:
        longest = max(longest, ptr[x + 1] - ptr[x])
    there, tails = np.empty(longest, np.int64), np.empty(longest, np.int64)
    n, alike = 0, 0
    for x in own:
        for y in other:
            if abs(second[x] - second[y]) <= within_s or copy[x] == copy[y]:
                continue
            n += 1
            i, j, shared = rare_ptr[x], rare_ptr[y], 0
            while i < rare_ptr[x + 1] and j < rare_ptr[y + 1]:
                if rare[i] < rare[j]:
                    i += 1
                elif rare[i] > rare[j]:
                    j += 1
                else:
                    shared += 1
                    i += 1
                    j += 1
            if shared >= limits[0] and _alike(x, y, parts, limits, (there, tails)):
                alike += 1
    return alike / max(n, 1)
