"""The letters of a page, cut out of Noto Sans and Noto Sans Devanagari, as data URIs.

A report carries the glyphs that it uses and no others, so it looks the same on a closed network. Both families are
under the SIL Open Font License, which allows it.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

__all__ = ["Face", "faces"]

FAMILIES = (
    ("Noto Sans", "noto-sans", ("ccmp", "kern", "locl", "mark", "mkmk")),
    ("Noto Sans Devanagari", "noto-sans-devanagari", ("*",)),
)
"""Family, its package, and the layout features that are kept: Devanagari needs all of them."""

DEVANAGARI = frozenset([*range(0x0900, 0x0980), *range(0x1CD0, 0x1D00), *range(0xA8E0, 0xA900)])
"""Noto Sans has these letters, too; they are left to the face that keeps the rules for joining them."""

ALWAYS = " \u00a0\u200c\u200d\u25cc0123456789"
"""Space, joiners, the dotted circle that carries a lone vowel sign, and digits are in every face."""


@dataclass(frozen=True, slots=True)
class Face:
    """One ``@font-face``: the family, and the font as base64 of WOFF2; weights 400 to 700."""

    family: str
    woff2: str


def _cut(name: str, features: tuple[str, ...], text: str) -> bytes | None:
    from fontpkg import path
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    with TTFont(path(name), lazy=True) as font:
        wanted = {ord(c) for c in text} & set(font.getBestCmap())
        if "*" not in features:
            wanted -= DEVANAGARI
        if not wanted - {ord(c) for c in ALWAYS}:
            return None
        options = Options()
        options.layout_features = list(features)
        options.hinting = False
        options.notdef_outline = True
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=wanted | {ord(c) for c in ALWAYS})
        subsetter.subset(font)
        cut = instancer.instantiateVariableFont(font, {"wdth": 100, "wght": (400, 700)}, inplace=True)
        cut.flavor = "woff2"
        written = io.BytesIO()
        cut.save(written, reorderTables=True)
        return written.getvalue()


def faces(text: str) -> list[Face]:
    """Return the faces that a page with this text needs; a family none of whose letters occur is left out.

    Parameters
    ----------
    text : str
        Everything that is set on the page, markup included or not.

    Notes
    -----
    Scripts other than Latin, Greek, Cyrillic and Devanagari and some signs of mathematics are set in a font of the
    reader's machine; emoji are written as their names.
    """
    found = []
    for family, name, features in FAMILIES:
        woff2 = _cut(name, features, text)
        if woff2 is not None:
            found.append(Face(family, base64.b64encode(woff2).decode("ascii")))
    return found
