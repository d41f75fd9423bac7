"""Synthetic texts with known copies: made-up words in four scripts' worth of syllables, slots, and five kinds of noise.

Words are drawn from a vocabulary with the frequencies of running text (Zipf), so texts share their small words, as
real ones do. Nothing was taken from any real post.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

__all__ = ["Corpus", "corpus", "edited", "surface"]

_SYLLABLES = {
    "devanagari": [c + v for c in "कखगघचछजझटठडढतथदधनपफबभमयरलवशसह" for v in ("", "ा", "ि", "ी", "ु", "े", "ो", "ं")],
    "urdu": [c + v for c in "بپتٹجچحخدڈرزسشصعغفقکگلمنوہی" for v in ("", "ا", "و", "ی")],
    "latin": [c + v for c in "bcdfghjklmnprstvwyz" for v in ("a", "e", "i", "o", "u", "aa", "an")],
}
_MIX = (("devanagari", 0.55), ("latin", 0.35), ("urdu", 0.10))
_DIGITS = {"devanagari": str.maketrans("0123456789", "०१२३४५६७८९"), "urdu": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")}
_PICTURES = ("🙏", "⚠️", "😡", "📢📢", "🇮🇳", "👍🏽")


@dataclass(frozen=True)
class Corpus:
    """``texts`` in mixed order; ``groups``: which original each is a copy of (its own number where it is alone)."""

    texts: list[str]
    groups: np.ndarray


def corpus(size: int, seed: int, *, copied: float = 0.2, edits: float = 0.05, per_text: float = 8.0) -> Corpus:
    """Return ``size`` texts, of which the share ``copied`` are copies of earlier ones.

    Parameters
    ----------
    size : int
        Texts in all.
    seed : int
        Equal seeds give equal texts.
    copied : float
        Share of copies.
    edits : float
        Each second copy has this share of its characters changed; the others differ by :func:`surface` only.
    per_text : float
        Mean number of copies of a text that is copied at all.
    """
    rng = np.random.default_rng(seed)
    words, rng.bit_generator.state = _vocabularies(seed)
    originals = size - round(copied * size)
    scripts = rng.choice(len(_MIX), originals, p=[share for _, share in _MIX])
    texts = [_text(rng, words[_MIX[script][0]]) for script in scripts.tolist()]
    sources = rng.integers(max(1, round((size - originals) / per_text)), size=size - originals)
    for source in sources.tolist():
        script = _MIX[scripts[source]][0]
        text = edited(rng, texts[source], edits) if rng.random() < 0.5 else texts[source]
        texts.append(surface(rng, text, script))
    order = rng.permutation(size)
    groups = np.concatenate((np.arange(originals), sources))
    return Corpus([texts[i] for i in order.tolist()], groups[order])


def edited(rng: np.random.Generator, text: str, share: float) -> str:
    """Return the text with this share of its characters replaced, left away or doubled by one of its own."""
    characters = list(text)
    for place in rng.choice(len(characters), round(share * len(characters)), replace=False).tolist():
        other = text[int(rng.integers(len(text)))]
        characters[place] = ("", other, characters[place] + other)[int(rng.integers(3))]
    return "".join(characters)


def surface(rng: np.random.Generator, text: str, script: str) -> str:
    """Return the text as another platform, keyboard or app writes it: nothing that a reader would call an edit."""
    change = int(rng.integers(7))
    if change == 0:
        return text + " " + _PICTURES[int(rng.integers(len(_PICTURES)))]
    if change == 1:
        return f"@demo_{int(rng.integers(99))} {text}"
    if change == 2:
        return f"{text} https://demo-short.example/{int(rng.integers(9999))}"
    if change == 3:
        return text.translate(_DIGITS.get(script, {})).upper()
    if change == 4:
        return text.replace(".", "।" if script == "devanagari" else "!")
    if change == 5:
        return text.replace(" ", " \u200b", 2).replace("क", "क\u093c", 1).replace("ي", "ی")
    return "\ufeff" + text.replace(",", " -")


@lru_cache(maxsize=2)
def _vocabularies(seed: int) -> tuple[dict[str, tuple[list[str], np.ndarray]], dict[str, Any]]:
    """Return the words of each script, and where the random numbers stand after them."""
    rng = np.random.default_rng(seed)
    return {script: _vocabulary(rng, syllables) for script, syllables in _SYLLABLES.items()}, rng.bit_generator.state


def _vocabulary(rng: np.random.Generator, syllables: list[str]) -> tuple[list[str], np.ndarray]:
    lengths = rng.integers(1, 5, 30_000)
    drawn = [syllables[n] for n in rng.integers(len(syllables), size=int(lengths.sum())).tolist()]
    ends = np.cumsum(lengths)
    words = ["".join(drawn[begin:end]) for begin, end in zip((ends - lengths).tolist(), ends.tolist(), strict=True)]
    weights = 1 / (np.arange(len(words)) + 5.0)
    return words, np.cumsum(weights / weights.sum())


def _text(rng: np.random.Generator, words: tuple[list[str], np.ndarray]) -> str:
    spoken, edges = words
    count = min(int(rng.geometric(1 / 14)) + 7, 60)
    drawn = np.searchsorted(edges, rng.random(count)).tolist()
    parts = [spoken[min(i, len(spoken) - 1)] for i in drawn]
    parts[count // 2] += ","
    parts[count // 3] = str(int(rng.integers(2, 9999)))
    return " ".join(parts) + "."
