"""The colours of the things in a picture of posts: the same in every picture of a page, and in its legend."""

from __future__ import annotations

__all__ = ["COLOURS", "OTHER", "colour_of"]

COLOURS = ("#b3410e", "#1d3c6b", "#0b6e4f", "#7a3b8f", "#8a6d00", "#0a7f8f", "#9c1f5b", "#4a5a00")
"""Of the things, by their place; what comes after shares :data:`OTHER`."""

OTHER = "#3d4650"


def colour_of(place: int) -> str:
    """Return the colour of the thing at a place, from 1.

    >>> colour_of(1), colour_of(9)
    ('#b3410e', '#3d4650')
    """
    return COLOURS[place - 1] if place <= len(COLOURS) else OTHER
