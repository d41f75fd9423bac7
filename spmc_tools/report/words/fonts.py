"""The letters of a page, cut out of Noto Sans, Noto Sans Devanagari, Noto Sans Arabic and Noto Nastaliq Urdu.

A report carries the glyphs that it uses and no others, as data URIs, so it looks the same on a closed network. All of
them are under the SIL Open Font License, which allows it. Nastaliq comes with the network view's build (``js/``): no
package of Python's has it. Posts in Urdu stand in it; names in tables keep upright letters (Naskh), which fit a line.
Where it was not built, so do the posts.
"""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from functools import lru_cache

from spmc_tools.errors import SpmcError
from spmc_tools.resources import resource

__all__ = ["Face", "faces", "in_urdu"]

_URDU_SAID = re.compile(r' lang="ur(?:-[A-Za-z]+)?"')

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

NASTALIQ = "Noto Nastaliq Urdu"
"""Urdu's hand: a hundred kilobytes even for one sentence, since each letter has many forms; one weight."""

URDU = frozenset("ٹڈڑںےۓھہۂۃ")
"""Letters that Urdu has and neither Arabic nor Persian."""

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
    from fontTools.ttLib import TTFont

    whole = hb.Face(hb.Blob(_whole(name)))
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(letters)
    wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NOTDEF_OUTLINE
    if name != NASTALIQ:
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
def _whole(name: str) -> bytes:
    """Return a whole font as it is cut from, unpacked."""
    from fontpkg import path
    from fontTools.ttLib import TTFont

    if name != NASTALIQ:
        return bytes(path(name).read_bytes())
    with TTFont(resource("js", "dist", "noto_nastaliq_urdu.woff2")) as font:
        font.flavor = None
        written = io.BytesIO()
        font.save(written, reorderTables=False)
        return written.getvalue()


@lru_cache(maxsize=4)
def _known(name: str) -> frozenset[int]:
    """Return the letters that a family has."""
    from fontTools.ttLib import TTFont

    with TTFont(io.BytesIO(_whole(name)), lazy=True) as font:
        return frozenset(font.getBestCmap())


def in_urdu(text: str) -> bool:
    """Return whether a text without a language of its own is set as Urdu: it has a letter that Urdu alone has."""
    return not URDU.isdisjoint(text)


def has_nastaliq() -> bool:
    """Return whether the font of Urdu was built."""
    try:
        resource("js", "dist", "noto_nastaliq_urdu.woff2")
    except SpmcError:
        return False
    return True


def faces(text: str, boldest: int = 700) -> list[Face]:
    """Return the faces that a page with this text needs; a family none of whose letters occur is left out.

    Parameters
    ----------
    text : str
        Everything that is set on the page, markup included or not. Nastaliq is among them where markup says that a
        part of it is Urdu.
    boldest : int
        The largest weight, 400 for one weight alone: nearly half the size. A browser draws what is bold a little
        thicker then.

    Notes
    -----
    Scripts other than Latin, Greek, Cyrillic, Devanagari and Arabic (with Urdu's letters) and some signs of mathematics
    are set in a font of the reader's machine; emoji are written as their names.
    """
    found: list[Face] = []
    always, asked = {ord(c) for c in ALWAYS}, {ord(c) for c in text}
    for family, name, script in FAMILIES:
        letters = asked & _known(name) - (DEVANAGARI if script is None else frozenset())
        if letters & script if script is not None else letters - always:
            cut = _cut(name, frozenset(letters | always & _known(name)), boldest)
            found.append(Face(family, base64.b64encode(cut).decode("ascii")))
    letters = asked & ARABIC
    if letters and _URDU_SAID.search(text) and has_nastaliq():
        cut = _cut(NASTALIQ, frozenset((letters | {ord(c) for c in " \u200c\u200d"}) & _known(NASTALIQ)), 400)
        found.append(Face(NASTALIQ, base64.b64encode(cut).decode("ascii")))
    return found
