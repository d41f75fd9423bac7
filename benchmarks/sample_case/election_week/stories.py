"""Texts of newsrooms' own: made-up words of sixty subjects and of running speech. Nothing was taken from any post."""

from __future__ import annotations

from functools import cache

import numpy as np

__all__ = ["SLOGAN", "SUBJECTS", "headline", "rubric", "story"]

SLOGAN = "demobadlo demogaya demoabhi"
"""Three words that a campaign with a slogan puts into every text."""

SUBJECTS = 60
_SYLLABLES = {
    "hi": [c + v for c in "कखगचजटडतदनपबमयरलवसह" for v in ("", "ा", "ि", "ी", "ु", "े", "ो")],
    "en": [c + v for c in "bcdfghjklmnprstvwy" for v in ("a", "e", "i", "o", "u", "an")],
}
_COMMON, _OWN = 1_500, 40


@cache
def _words(lang: str) -> tuple[list[str], np.ndarray]:
    """Return common words with their cumulated frequencies (Zipf), and after them the words of each subject."""
    rng = np.random.default_rng(20251103)
    syllables = _SYLLABLES[lang]
    lengths = np.concatenate([rng.integers(1, 5, _COMMON), rng.integers(2, 5, SUBJECTS * _OWN)])
    words = ["".join(syllables[int(k)] for k in rng.integers(len(syllables), size=int(n))) for n in lengths]
    weight = 1 / (np.arange(_COMMON) + 3.0)
    return words, np.cumsum(weight / weight.sum())


def story(number: int, subject: int | None = None, own: float = 0.45) -> tuple[str, str]:
    """Return story ``number`` and its language; ``own`` is the share of words of its subject (None: drawn)."""
    rng = np.random.default_rng([7, number])
    drawn = int(rng.integers(SUBJECTS))
    about = drawn if subject is None else subject
    lang = "hi" if rng.random() < 0.7 else "en"
    words, edges = _words(lang)
    spoken = []
    for _ in range(int(rng.integers(8, 15))):
        if rng.random() < own:
            spoken.append(words[_COMMON + about * _OWN + int(rng.integers(_OWN))])
        else:
            spoken.append(words[min(int(np.searchsorted(edges, rng.random())), _COMMON - 1)])
    return " ".join(spoken) + ("।" if lang == "hi" else "."), lang


def headline(number: int) -> tuple[str, str]:
    """Return headline ``number`` of the wires, of subjects as various as stories'."""
    return story(10_000_000 + number)


def rubric(number: int) -> str:
    """Return the name under which newsroom ``number`` prints what others wrote."""
    words, _ = _words("en")
    return f"{words[_COMMON + number]} {words[_COMMON + 500 + number]}: "
