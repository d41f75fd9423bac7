"""The letters of a page, cut out of Noto Sans, Noto Sans Devanagari and Noto Sans Arabic, as data URIs.

A report carries the glyphs that it uses and no others, so it looks the same on a closed network. All of them are
under the SIL Open Font License, which allows it. Urdu stands in upright letters (Naskh): no kept package has Nastaliq.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Face", "faces"]

DEVANAGARI = frozenset([*range(0x0900, 0x0980), *range(0x1CD0, 0x1D00), *range(0xA8E0, 0xA900)])
ARABIC = frozenset([*range(0x0600, 0x0700), *range(0x0750, 0x0780), *range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFF)])

FAMILIES: tuple[tuple[str, str, frozenset[int] | None], ...] = (
    ("Noto Sans", "noto-sans", None),
    ("Noto Sans Devanagari", "noto-sans-devanagari", DEVANAGARI),
    ("Noto Sans Arabic", "noto-sans-arabic", ARABIC),
)
"""Family, its package, and the script without a letter of which it is left out.

HarfBuzz keeps the rules that browsers apply by themselves, with those for both scripts. Noto Sans has letters of
Devanagari, too; they are left to the face that keeps the rules for joining them.
"""

ALWAYS = " \u00a0\u200c\u200d\u25cc0123456789"
"""Space, joiners, the dotted circle that carries a lone vowel sign, and digits are in every face."""


@dataclass(frozen=True, slots=True)
class Face:
    """One ``@font-face``: the family, and the font as base64 of WOFF2."""

    family: str
    woff2: str


@lru_cache(maxsize=64)
def _cut(name: str, letters: frozenset[int], boldest: int) -> bytes:
    """Return a font with these letters, the rules for joining them, and weights from 400 up, as WOFF2."""
    import uharfbuzz as hb
    from fontpkg import path
    from fontTools.ttLib import TTFont

    whole = hb.Face(hb.Blob.from_file_path(str(path(name))))
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(letters)
    wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NOTDEF_OUTLINE
    wanted.pin_axis_location(whole, "wdth", 100)
    if boldest > 400:
        wanted.set_axis_range(whole, "wght", 400, boldest, 400)
    else:
        wanted.pin_axis_location(whole, "wght", 400)
    with TTFont(io.BytesIO(hb.subset(whole, wanted).blob.data)) as font:
        font.flavor = "woff2"
        written = io.BytesIO()
        font.save(written, reorderTables=True)
        return written.getvalue()


@lru_cache(maxsize=4)
def _known(name: str) -> frozenset[int]:
    """Return the letters that a family has."""
    from fontpkg import path
    from fontTools.ttLib import TTFont

    with TTFont(path(name), lazy=True) as font:
        return frozenset(font.getBestCmap())


def faces(text: str, boldest: int = 700) -> list[Face]:
    """Return the faces that a page with this text needs; a family none of whose letters occur is left out.

    Parameters
    ----------
    text : str
        Everything that is set on the page, markup included or not.
    boldest : int
        The largest weight, 400 for one weight alone: nearly half the size. A browser draws what is bold a little
        thicker then.

    Notes
    -----
    Scripts other than Latin, Greek, Cyrillic, Devanagari and Arabic (with Urdu's letters) and some signs of mathematics
    are set in a font of the reader's machine; emoji are written as their names.
    """
    found = []
    always, asked = {ord(c) for c in ALWAYS}, {ord(c) for c in text}
    for family, name, script in FAMILIES:
        letters = asked & _known(name) - (DEVANAGARI if script is None else frozenset())
        if letters & script if script is not None else letters - always:
            cut = _cut(name, frozenset(letters | always & _known(name)), boldest)
            found.append(Face(family, base64.b64encode(cut).decode("ascii")))
    return found
