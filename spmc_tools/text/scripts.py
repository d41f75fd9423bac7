"""The script that a text is written in, from Unicode alone: nothing is guessed about its writer or its language."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache

from spmc_tools.text.match_key import URL

__all__ = ["SCRIPTS", "script_of"]

SCRIPTS = (
    "devanagari", "latin", "arabic", "bengali", "gurmukhi", "gujarati", "oriya", "tamil", "telugu", "kannada",
    "malayalam", "other", "mixed", "none",
)  # fmt: skip
"""What :func:`script_of` returns: "mixed" where no script has four fifths of the letters, "none" without a letter."""

MAIN = 0.8
_MENTION = "@"


def script_of(text: str | None) -> str:
    """Return the script of at least four fifths of a text's letters; addresses and @names do not count.

    Parameters
    ----------
    text : str or None
        Any text; None and texts without a letter have the script "none".
    """
    if not text:
        return "none"
    plain = " ".join(word for word in URL.sub(" ", text).split() if not word.startswith(_MENTION))
    counts = Counter(script for char in plain if (script := _script(char)))
    total = sum(counts.values())
    if not total:
        return "none"
    name, most = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return name if most >= MAIN * total else "mixed"


@lru_cache(maxsize=4096)
def _script(char: str) -> str | None:
    """Return the script of a letter or vowel sign: the first word of its Unicode name, where that is told apart.

    Vowel signs count, since a Hindi word has as many of them as letters; marks without a script do not.
    """
    kind = unicodedata.category(char)[0]
    name = unicodedata.name(char, "").partition(" ")[0].lower()
    if kind in "LM" and name in SCRIPTS[:11]:
        return name
    return "other" if kind == "L" else None
