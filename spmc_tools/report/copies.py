"""What differs between copies of one text, word by word."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["marked_copies"]

_WORDS = re.compile(r"\s+|\S+")
_MOST_WORDS = 400


def marked_copies(texts: Sequence[str | None]) -> list[list[tuple[str, bool]] | None]:
    """Return each text as pieces (text, differs): what the first text does not have at that place *differs*.

    Parameters
    ----------
    texts : sequence of str or None
        Copies in the order in which they are shown; None stays None.

    Notes
    -----
    Joined, the pieces give the text back, character for character. Of very long texts, beyond 400 words, nothing is
    marked.
    """
    first = next((text for text in texts if text is not None), None)
    if first is None:
        return [None for _ in texts]
    base = _WORDS.findall(first)
    return [None if text is None else _marked(base, _WORDS.findall(text)) for text in texts]


def _marked(base: list[str], words: list[str]) -> list[tuple[str, bool]]:
    if base == words or max(len(base), len(words)) > _MOST_WORDS:
        return [("".join(words), False)] if words else []
    pieces: list[tuple[str, bool]] = []
    for what, _, _, start, end in difflib.SequenceMatcher(None, base, words, autojunk=False).get_opcodes():
        piece = "".join(words[start:end])
        if piece:
            pieces.append((piece, what != "equal" and not piece.isspace()))
    return pieces
