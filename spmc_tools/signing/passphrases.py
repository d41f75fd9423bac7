"""How much a passphrase is worth: said when a key is made, since nobody but its officer can choose a better one.

The estimate is that of somebody who guesses: the officer's name, common words, runs of the keyboard or the alphabet and
years count as one sign each; words count as words. It can be too high for what is known of a person (a child's name, a
vehicle), never for what is drawn by dice.
"""

from __future__ import annotations

import math
import re
import unicodedata

__all__ = ["FAIR_BITS", "GOOD_BITS", "passphrase_bits", "passphrase_quality"]

FAIR_BITS, GOOD_BITS = 40.0, 64.0
"""Below the first a passphrase is weak, from the second on good; five words drawn by dice reach it, six are safe."""

_WORD_BITS = 12.9
"""Of a word of a list of 7,776, as it is drawn by five dice; a word somebody thinks of is worth less, and counts so."""

_THOUGHT_OF, _KNOWN_BITS = 0.75, 5.0
_COMMON = (
    "password", "passphrase", "pass", "secret", "admin", "administrator", "police", "welcome", "letmein", "qwerty",
    "login", "officer", "station", "master", "monkey", "dragon", "india", "bharat", "jaihind", "bihar", "patna",
    "delhi", "mumbai", "namaste", "krishna", "ganesh", "shiva", "hanuman", "sairam", "kumar", "singh", "devi", "sharma",
    "cricket", "sachin", "dhoni", "iloveyou", "computer", "internet", "hello", "test", "guest", "user", "cyber",
    "पासवर्ड", "पुलिस", "भारत", "जयहिंद", "नमस्ते",
)  # fmt: skip
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb")


def passphrase_quality(passphrase: str, officer: str = "") -> str:
    """Return ``weak``, ``fair`` or ``good``.

    Parameters
    ----------
    passphrase : str
        As typed.
    officer : str
        Whose it is: the own name is guessed first.
    """
    bits = passphrase_bits(passphrase, officer)
    return "weak" if bits < FAIR_BITS else "fair" if bits < GOOD_BITS else "good"


def passphrase_bits(passphrase: str, officer: str = "") -> float:
    """Return how many bits a passphrase is worth to somebody who guesses; the lower of two ways to guess."""
    text = unicodedata.normalize("NFC", passphrase)
    plain = text.casefold()
    name = officer.casefold().strip()
    parts = {part for part in re.split(r"\W+", name) if len(part) > 2}
    for known in sorted({name, *parts, *_COMMON} - {""}, key=len, reverse=True):
        plain = plain.replace(known, "\0")
    plain = re.sub(r"(?:19|20)[0-9]{2}", "\0", _without_runs(plain))
    plain = re.sub(r"(.)\1+", r"\1", plain)
    signs, known_signs = len(plain), plain.count("\0")
    kinds = ((r"[a-z]", 26), (r"[A-Z]", 26), (r"[0-9]", 10), (r"[^\w]|_", 20), (r"[^\x00-\x7f]", 60))
    letters = sum(size for form, size in kinds if re.search(form, text))
    by_signs = (signs - known_signs) * math.log2(max(letters, 2)) * min(1.0, len(set(plain)) / max(signs, 1) + 0.4)
    by_signs += known_signs * _KNOWN_BITS
    words = [word for word in re.split(r"[\W_]+", plain) if word and word != "\0"]
    if len(words) > 1 and all(word.isalpha() for word in words):
        return min(by_signs, len(set(words)) * _WORD_BITS * (1.0 if len(words) > 4 else _THOUGHT_OF))
    return by_signs


def _without_runs(text: str) -> str:
    """Return a text in which each run of three signs or more, of the alphabet or a keyboard, is one sign."""
    for run in _RUNS:
        for way in (run, run[::-1]):
            for length in range(len(way), 2, -1):
                for begin in range(len(way) - length + 1):
                    text = text.replace(way[begin : begin + length], "\0")
    return text
