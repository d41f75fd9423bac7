"""Loose likeness against a slow second reading of its rule, and where it ends."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from spmc_tools.text import loose_likeness
from spmc_tools.text.loose_likeness import MOST_WORDS, likenesses, share_alike, words_of

WORDS = [f"w{n}" for n in range(40)]


def slowly(keys: list[str], a: int, b: int) -> bool:
    """Tell whether two texts are loosely alike, word by word as the rule is written; lists of words are short."""
    sets = [list(dict.fromkeys(key.split())) for key in keys]
    n = Counter(word for own in sets for word in own)
    rare = {word for word in n if 1 < n[word] <= max(30, len(keys) / 500)}
    shared = [word for word in sets[a] if word in sets[b]]
    if len(rare.intersection(shared)) < 3 or len(shared) < 4:
        return False
    in_order = max(
        size
        for size in range(1, len(shared) + 1)
        for chosen in itertools.combinations(shared, size)
        if [word for word in sets[b] if word in chosen] == list(chosen)
    )
    weight = {word: math.log(len(keys) / n[word]) for word in n}
    cosine = sum(weight[w] for w in shared) / math.sqrt(
        sum(weight[w] for w in sets[a]) * sum(weight[w] for w in sets[b]) or math.inf
    )
    return in_order >= 0.8 * len(shared) and cosine >= 0.25


@pytest.mark.parametrize("seed", range(4))
def test_likenesses_are_those_that_the_rule_gives_word_by_word(seed: int) -> None:
    rng = np.random.default_rng(seed)
    forms = [list(rng.permutation(WORDS)[:9]) for _ in range(4)]
    keys = []
    for _ in range(60):
        own = list(forms[rng.integers(4)])
        for place in rng.choice(9, rng.integers(0, 7), replace=False):
            own[place] = rng.choice(WORDS)
        if rng.random() < 0.4:
            own[1], own[6] = own[6], own[1]
        keys.append(" ".join(own))
    second = np.sort(rng.integers(0, 3_000, 60))
    account = rng.integers(0, 12, 60).astype(np.int32)
    copy = rng.integers(0, 25, 60).astype(np.int32)
    earlier, later = likenesses(words_of(keys), account, copy, second, 600)
    wanted = {
        (a, b)
        for a, b in itertools.combinations(range(60), 2)
        if second[b] - second[a] <= 600 and account[a] != account[b] and copy[a] != copy[b] and slowly(keys, a, b)
    }
    assert set(zip(earlier.tolist(), later.tolist(), strict=True)) == wanted
    assert 10 < len(wanted) < 1_000
    own = [np.flatnonzero(account == n) for n in (1, 2)]
    apart = [
        slowly(keys, int(x), int(y))
        for x in own[0]
        for y in own[1]
        if abs(second[x] - second[y]) > 600 and copy[x] != copy[y]
    ]
    assert share_alike(words_of(keys), own, copy, second, 600) == pytest.approx(np.mean(apart))


def test_the_window_is_inclusive_and_ends_after_it() -> None:
    keys = ["red lorry went over the old bridge", "red lorry came over the old bridge"] + [
        f"filler{n}a filler{n}b filler{n}c" for n in range(30)
    ]
    account, copy = np.arange(32, dtype=np.int32), np.arange(32, dtype=np.int32)
    for gap, wanted in ((600, 1), (601, 0)):
        second = np.concatenate(([0, gap], np.arange(30) * 10_000 + 50_000))
        assert likenesses(words_of(keys), account, copy, second, 600)[0].size == wanted


def test_a_storm_of_texts_keeps_the_latest_likenesses_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty texts of one form in one minute: each finds all before it, and keeps four where that is the limit."""
    keys = [f"old bridge over red river own{n}" for n in range(30)]
    texts = np.arange(30, dtype=np.int32), np.arange(30, dtype=np.int32), np.arange(30)
    words = words_of([*keys, *(f"x{n} y{n}" for n in range(70))])
    assert likenesses(words, *texts, 600)[0].size == 30 * 29 // 2
    monkeypatch.setattr(loose_likeness, "_MOST_LIKENESSES", 0)
    monkeypatch.setattr(loose_likeness, "_LEAST_KEPT", 4)
    earlier, later = likenesses(words, *texts, 600)
    assert earlier[later == 20].tolist() == [19, 18, 17, 16]
    assert np.bincount(later).max() == 4


def test_of_a_text_the_first_words_are_read_each_once_and_nothing_is_no_word() -> None:
    words = words_of([" ".join(f"w{n % 700}" for n in range(2_000)), "", "w3 w1 w3"])
    assert np.diff(words.ptr).tolist() == [MOST_WORDS, 1, 2]
    last = slice(words.ptr[2], words.ptr[3])
    assert sorted(words.place[last]) == [0, 1] and np.all(np.diff(words.word[last]) > 0)
    assert words_of([]).total.size == 0
