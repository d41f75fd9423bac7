"""Rewritten texts: two words of five exchanged are found within ten minutes, other texts are not."""

from __future__ import annotations

import random

from benchmarks.accuracy.studies.rewritten_texts import WITHIN_S, heads_of, longest_ascent

S = 1_000_000


def test_two_words_of_five_exchanged_join_the_first_within_ten_minutes_only() -> None:
    draw = random.Random(1)
    words = [f"word{n}" for n in range(4_000)]
    used = [(" ".join(draw.sample(words, 20)), n * 30 * S) for n in range(500)]
    base = draw.sample(words, 20)
    far = " ".join(base[:12] + draw.sample(words, 8))
    near = " ".join(base[:16] + draw.sample(words, 4))
    used += [(" ".join(base), 5_000 * S), (near, (5_000 + WITHIN_S) * S), (far, (5_000 + WITHIN_S + 1) * S)]
    heads = heads_of(draw.sample(used, len(used)))
    assert {text: head for text, head in heads.items() if text != head} == {near: " ".join(base)}


def test_longest_ascent_by_hand() -> None:
    assert [longest_ascent(numbers) for numbers in ([], [1, 2, 3], [3, 1, 2], [5, 4, 3])] == [0, 3, 2, 1]
