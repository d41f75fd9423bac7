"""The same drawing in fewer bytes: a page carries three pictures for each group, and each byte is sent and kept.

What matplotlib writes names every part, wraps it in groups, and gives places to a millionth of a point. Here names that
nothing refers to go, empty and bare groups go, places are rounded to a tenth of a point (a thirtieth of a millimetre),
outlines of letters to a sixteenth of theirs, and lines go on from where they are (``l``, ``h``, ``v``, ``q``, ``c``).

A drawing that stands in a page, not beside it, has no ``style``: the page's policy would refuse it.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["smaller"]

FAMILY = "font-family"

MARKED = "calendar-"
"""Parts whose name begins so keep it, as a class: what the calendar marks (:mod:`spmc_tools.show.charts.time_axis`)."""

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_ONLY_SHIFTED = re.compile(r"translate\((-?[\d.]+) (-?[\d.]+)\)")
_GLYPH, _COARSE = "scale(0.015625)", 16
_UPRIGHT = re.compile(r"rotate\(-?0 [^)]*\)")
_PLACED = re.compile(r"(?<=translate\()(-?[\d.]+) (-?[\d.]+)(?=\))|(?<=scale\()(-?[\d.]+) (-?[\d.]+)(?=\))")
_NUMBER = re.compile(r"-?\d+\.\d+")
_STEP = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_PAIRS = {"M": 1, "L": 1, "Q": 2, "C": 3}
_LOOKS = ("fill", "stroke", "stroke-width", "text-anchor", "font-size", "clip-path")
_FEW = 2
_EDGE = 0.05
_BARE = frozenset({"defs", "g"})


def smaller(text: str, *, inline: bool = False) -> str:
    """Return an SVG of matplotlib's, its places rounded to a tenth of a point, without what shows nothing.

    Parameters
    ----------
    text : str
        As matplotlib writes it.
    inline : bool
        Whether it is to stand in a page: properties are attributes then, letters take the page's fonts, and no name
        is another drawing's.
    """
    from lxml import etree

    root = etree.fromstring(text.encode(), etree.XMLParser(remove_blank_text=True, remove_comments=True))
    for name in ("style", "metadata"):  # the style is "*{stroke-linejoin: round; stroke-linecap: butt}"
        for one in root.findall(f".//{_SVG}{name}"):
            _drop(one)
    root.set("stroke-linejoin", "round")
    root.attrib.pop("version", None)
    _free(root)
    names = _names(root, f"p{zlib.crc32(text.encode()):08x}" if inline else "")
    for one in list(root.iter()):
        _attributes(one, names)
        if inline:
            _undressed(one)
    for one in reversed(list(root.iter())):
        if _shows_nothing(one):
            _drop(one)
        elif _name(one) == "g" and not one.attrib and one.getparent() is not None:
            _unwrap(one)
    if inline:
        _one_size(root)
        for one in list(root.iter()):
            _together(one)
    etree.cleanup_namespaces(root)
    written = str(etree.tostring(root, encoding="unicode"))
    return written.replace(' xmlns="http://www.w3.org/2000/svg"', "") if inline else written


def _name(one: Any) -> str:
    return str(one.tag).removeprefix(_SVG)


def _names(root: Any, before: str) -> dict[str, str]:
    """Return a short name for each part that another one refers to; ``before`` stands before each."""
    told: list[str] = []
    for one in root.iter():
        told += [found for value in one.attrib.values() for found in re.findall(r"url\(#([^)]+)\)", value)]
        if _HREF in one.attrib:
            told.append(one.attrib[_HREF].removeprefix("#"))
    return {name: f"{before}{chr(97 + n % 26)}{n // 26 or ''}" for n, name in enumerate(dict.fromkeys(told))}


def _free(root: Any) -> None:
    """Take the frame off every path that lies in it anyway, and the frames that nothing needs any more."""
    frames = {
        one.get("id"): [float(one[0].get(key)) for key in ("x", "y", "width", "height")]
        for one in root.iter(f"{_SVG}clipPath")
    }
    for one in root.iter(f"{_SVG}path"):
        frame = frames.get(one.get("clip-path", "")[len("url(#") : -1])
        if frame and _inside(one.get("d", ""), frame):
            del one.attrib["clip-path"]
    needed = {one.get("clip-path", "")[len("url(#") : -1] for one in root.iter()}
    for one in list(root.iter(f"{_SVG}clipPath")):
        if one.get("id") not in needed:
            _drop(one)


def _inside(path: str, frame: list[float]) -> bool:
    """Return whether every place of a path lies in a frame (x, y, width, height), its edge included."""
    numbers = [float(one) for one in re.findall(r"-?[\d.]+", path)]
    if not numbers:  # a line that lies outside has no place left
        return True
    x, y, width, height = frame
    across, down = numbers[::2], numbers[1::2]
    return x - _EDGE <= min(across) <= max(across) <= x + width + _EDGE and (
        y - _EDGE <= min(down) <= max(down) <= y + height + _EDGE
    )


def _named(one: Any, names: dict[str, str]) -> None:
    """Give a part its short name where another one refers to it, and the short names of what it refers to."""
    name = one.attrib.pop("id", None)
    if name in names:
        one.set("id", names[name])
    elif name is not None and name.startswith(MARKED):
        one.set("class", name)
    if _HREF in one.attrib:
        one.set("href", "#" + names[one.attrib.pop(_HREF).removeprefix("#")])


def _attributes(one: Any, names: dict[str, str]) -> None:
    """Shorten what stands in one tag."""
    _named(one, names)
    for key, value in list(one.attrib.items()):
        if key in {"style", "clip-path"}:
            short = re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{names[found[1]]})", value)
            one.set(key, re.sub(r"\s*([;:])\s*", r"\1", short).strip(" ;").replace("#ffffff", "#fff"))
        elif key in {"x", "y", "width", "height"} and one.getparent() is not None:
            one.set(key, _NUMBER.sub(lambda found: _short(float(found[0])), value))
    if "d" in one.attrib:
        glyph = one.get("transform") == _GLYPH
        if glyph:
            one.set("transform", f"scale({_plain(0.015625 * _COARSE)})")
        one.set("d", _path(one.get("d"), 1 / _COARSE if glyph else 10))
    if _UPRIGHT.fullmatch(one.get("transform", "")):
        del one.attrib["transform"]
    if "transform" in one.attrib:
        one.set("transform", _PLACED.sub(_placed, one.get("transform")))
    shift = _ONLY_SHIFTED.fullmatch(one.get("transform", "")) if _name(one) == "use" else None
    if shift is not None:
        del one.attrib["transform"]
        for key, by in zip("xy", shift.groups(), strict=True):
            if float(by):
                one.set(key, _short(float(by)))


def _undressed(one: Any) -> None:
    """Turn the style of a part into attributes, without the names of fonts."""
    for said in one.attrib.pop("style", "").split(";"):
        key, _, value = said.partition(":")
        if value and key != FAMILY:
            one.set(key, value)


def _one_size(root: Any) -> None:
    """Say the commonest size of letters once, for the whole drawing."""
    sizes = [one.get("font-size") for one in root.iter(f"{_SVG}text")]
    if sizes:
        usual = max(sorted(set(sizes)), key=sizes.count)
        root.set("font-size", usual)
        for one in root.iter(f"{_SVG}text"):
            if one.get("font-size") == usual:
                del one.attrib["font-size"]


def _together(parent: Any) -> None:
    """Put parts that follow one another and look alike into a group that says so once."""
    alike: list[Any] = []
    for one in [*parent, None]:
        if alike and (one is None or _look(one) != _look(alike[0])):
            if len(alike) > _FEW and _look(alike[0]):
                _grouped(parent, alike)
            alike = []
        if one is not None:
            alike.append(one)


def _look(one: Any) -> dict[str, str]:
    return {key: one.get(key) for key in _LOOKS if key in one.attrib}


def _grouped(parent: Any, alike: list[Any]) -> None:
    group = parent.makeelement(f"{_SVG}g", _look(alike[0]))
    parent.insert(parent.index(alike[0]), group)
    for one in alike:
        for key in _LOOKS:
            one.attrib.pop(key, None)
        group.append(one)


def _shows_nothing(one: Any) -> bool:
    """Return whether a part is an empty group, or a line that is neither filled nor drawn."""
    if _name(one) in _BARE:
        return not len(one) and "id" not in one.attrib
    seen = "stroke" in one.attrib or one.get("fill") != "none"
    drawn = one.get("style") != "fill:none" if "style" in one.attrib else seen
    inside = {_name(up) for up in one.iterancestors()} & {"clipPath", "defs", "pattern"}
    return _name(one) == "path" and not drawn and not inside


def _drop(one: Any) -> None:
    one.getparent().remove(one)


def _unwrap(one: Any) -> None:
    """Put what a group without a property holds in its place."""
    parent, place = one.getparent(), one.getparent().index(one)
    parent[place : place + 1] = list(one)


def _path(written: str, scale: float) -> str:
    """Return a path, its places as whole numbers of 1/scale (or of tenths, as decimals), going on from where it is."""
    out: list[str] = []
    here, first, last = (0, 0), (0, 0), ""
    for letter, found in _STEP.findall(written):
        if letter in "zZ":
            out.append("z")
            here, last = first, "z"
            continue
        numbers = [round(float(one) * scale) for one in found.split()]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        for start in range(0, len(points), _PAIRS[letter]):
            step = points[start : start + _PAIRS[letter]]
            said, moved = _moved(letter, here, step)
            if letter == "M":
                first = step[-1]
            out += _said(said, moved, last, scale)
            here, last = step[-1], said
    return "".join(out)


def _moved(letter: str, here: tuple[int, int], step: list[tuple[int, int]]) -> tuple[str, list[int]]:
    by = [(x - here[0], y - here[1]) for x, y in step]
    if letter == "L" and by[0][1] == 0:
        return "h", [by[0][0]]
    if letter == "L" and by[0][0] == 0:
        return "v", [by[0][1]]
    return letter.lower(), [one for pair in by for one in pair]


def _said(letter: str, moved: Iterable[int], last: str, scale: float) -> Iterator[str]:
    """Yield a step as text: its letter where it is another one, and no space where a sign or a point parts."""
    again = letter == last and letter != "m"
    before = "" if not again else "0"
    if not again:
        yield letter
    for number in moved:
        text = _plain(number / 10) if scale > 1 else str(number)
        joined = not before or text[0] == "-" or (text[0] == "." and "." in before)
        yield text if joined else f" {text}"
        before = text


def _placed(found: re.Match[str]) -> str:
    """Return the two numbers of a shift to a tenth of a point, those of a scale as they are."""
    if found[1] is not None:
        return f"{_short(float(found[1]))} {_short(float(found[2]))}"
    return f"{float(found[3]):.6g} {float(found[4]):.6g}".replace("0.", ".")


def _short(number: float) -> str:
    return _plain(round(number, 1))


def _plain(number: float) -> str:
    """Return a number without zeros that say nothing: .5, -3, 0."""
    text = f"{number:.3f}".rstrip("0").rstrip(".")
    return re.sub(r"^(-?)0(?=\.)", r"\1", text) if text not in {"-0", ""} else "0"
