"""Where the words that a search found stand in a text, as it was received and in its own script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

from spmc_tools.text.match_key import match_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["excerpt", "in_marks", "places_of"]

_WORD = regex.compile(r"[\p{L}\p{N}\p{Sc}\p{M}][\p{L}\p{N}\p{Sc}\p{M}\p{Cf}\u00ad]*")


def places_of(text: str | None, phrases: Collection[str], beginnings: Collection[str] = ()) -> list[tuple[int, int]]:
    """Return where phrases stand in a text, as pairs of code points from (inclusive) and to (exclusive), in order.

    Parameters
    ----------
    text : str or None
        As received.
    phrases : collection of str
        Match keys of one word or of several that follow each other.
    beginnings : collection of str
        Match keys whose last word may go on.

    Notes
    -----
    Words are found by their own match key. What the key of a whole text leaves out (a mention, an address, a word cut
    off with "…") can be marked although it was not what the search found.
    """
    if not text:
        return []
    words = [(found.start(), found.end(), match_key(found.group())) for found in _WORD.finditer(text)]
    words = [word for word in words if word[2]]
    keys = [" ".join(key.split()) for _, _, key in words]
    found: set[tuple[int, int]] = set()
    for phrase, goes_on in (*((p, False) for p in phrases), *((p, True) for p in beginnings)):
        parts = phrase.split()
        for n in range(len(keys) - len(parts) + 1) if parts else ():
            here = keys[n : n + len(parts)]
            if here[:-1] == parts[:-1] and (here[-1].startswith(parts[-1]) if goes_on else here[-1] == parts[-1]):
                found.add((words[n][0], words[n + len(parts) - 1][1]))
    return _apart(found)


def in_marks(text: str, places: Iterable[tuple[int, int]], before: str = "«", after: str = "»") -> str:
    """Return the text with marks around these places, which do not overlap."""
    parts, at = [], 0
    for start, end in places:
        parts += [text[at:start], before, text[start:end], after]
        at = end
    return "".join([*parts, text[at:]])


def excerpt(text: str, places: list[tuple[int, int]], length: int = 300) -> tuple[str, list[tuple[int, int]]]:
    """Return a piece of a text with the first place in it, and the places in that piece; "…" is what is left out.

    Parameters
    ----------
    length : int
        At most so many code points of the text.
    """
    if len(text) <= length:
        return text, places
    first = places[0][0] if places else 0
    start = 0 if first < length // 2 else min(first - length // 4, len(text) - length)
    piece = text[start : start + length]
    lead = "…" if start else ""
    kept = [
        (one - start + len(lead), two - start + len(lead))
        for one, two in places
        if one >= start and two <= start + length
    ]
    return f"{lead}{piece}{'…' if start + length < len(text) else ''}", kept


def _apart(places: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the places in order; those that overlap become one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
