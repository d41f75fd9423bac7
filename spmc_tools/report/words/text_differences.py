"""What differs between copies of one text, word by word."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["commonest", "marked_copies"]

_WORDS = re.compile(r"\s+|\S+")
_MOST_WORDS = 400


def marked_copies(texts: Sequence[str | None]) -> list[list[tuple[str, bool]] | None]:
    """Return each text as pieces (text, differs): what the commonest wording does not have at that place *differs*.

    Parameters
    ----------
    texts : sequence of str or None
        Copies in the order in which they are shown; None stays None.

    Notes
    -----
    Joined, the pieces give the text back, character for character. Words compare without regard to capitals. Of very
    long texts, beyond 400 words, nothing is marked.
    """
    base = _WORDS.findall(commonest(texts) or "")
    return [None if text is None else _marked(base, _WORDS.findall(text)) for text in texts]


def commonest(texts: Sequence[str | None]) -> str | None:
    """Return the text with the most words that most texts have at all; of equal ones the first. None without any."""
    there = [text for text in texts if text is not None]
    if not there:
        return None
    bags = [set(text.casefold().split()) for text in there]
    spread = Counter(word for bag in bags for word in bag)
    majority = {word for word, n in spread.items() if 2 * n > len(there)}
    weight = [len(bag & majority) - len(bag - majority) for bag in bags]
    return there[max(range(len(there)), key=lambda place: (weight[place], -place))]


def _marked(base: list[str], words: list[str]) -> list[tuple[str, bool]]:
    if base == words or max(len(base), len(words)) > _MOST_WORDS:
        return [("".join(words), False)] if words else []
    pieces: list[tuple[str, bool]] = []
    same, folded_words = [word.casefold() for word in base], [word.casefold() for word in words]
    for what, _, _, start, end in difflib.SequenceMatcher(None, same, folded_words, autojunk=False).get_opcodes():
        piece = "".join(words[start:end])
        if piece:
            pieces.append((piece, what != "equal" and not piece.isspace()))
    return pieces
