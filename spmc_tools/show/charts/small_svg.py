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
        for element in root.findall(f".//{_SVG}{name}"):
            _drop(element)
    root.set("stroke-linejoin", "round")
    root.attrib.pop("version", None)
    _free(root)
    names = _names(root, f"p{zlib.crc32(text.encode()):08x}" if inline else "")
    for element in list(root.iter()):
        _attributes(element, names)
        if inline:
            _undressed(element)
    for element in reversed(list(root.iter())):
        if _shows_nothing(element):
            _drop(element)
        elif _name(element) == "g" and not element.attrib and element.getparent() is not None:
            _unwrap(element)
    if inline:
        _one_size(root)
        for element in list(root.iter()):
            _together(element)
    etree.cleanup_namespaces(root)
    written = str(etree.tostring(root, encoding="unicode"))
    return written.replace(' xmlns="http://www.w3.org/2000/svg"', "") if inline else written


def _name(element: Any) -> str:
    return str(element.tag).removeprefix(_SVG)


def _names(root: Any, before: str) -> dict[str, str]:
    """Return a short name for each part that another one refers to; ``before`` stands before each."""
    references: list[str] = []
    for element in root.iter():
        references += [found for value in element.attrib.values() for found in re.findall(r"url\(#([^)]+)\)", value)]
        if _HREF in element.attrib:
            references.append(element.attrib[_HREF].removeprefix("#"))
    return {name: f"{before}{chr(97 + n % 26)}{n // 26 or ''}" for n, name in enumerate(dict.fromkeys(references))}


def _free(root: Any) -> None:
    """Take the frame off every path that lies in it anyway, and the frames that nothing needs any more."""
    frames = {
        clip_path.get("id"): [float(clip_path[0].get(key)) for key in ("x", "y", "width", "height")]
        for clip_path in root.iter(f"{_SVG}clipPath")
    }
    for element in root.iter(f"{_SVG}path"):
        frame = frames.get(element.get("clip-path", "")[len("url(#") : -1])
        if frame and _inside(element.get("d", ""), frame):
            del element.attrib["clip-path"]
    needed = {part.get("clip-path", "")[len("url(#") : -1] for part in root.iter()}
    for element in list(root.iter(f"{_SVG}clipPath")):
        if element.get("id") not in needed:
            _drop(element)


def _inside(path: str, frame: list[float]) -> bool:
    """Return whether every place of a path lies in a frame (x, y, width, height), its edge included."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    if not numbers:  # a line that lies outside has no place left
        return True
    x, y, width, height = frame
    across, down = numbers[::2], numbers[1::2]
    return x - _EDGE <= min(across) <= max(across) <= x + width + _EDGE and (
        y - _EDGE <= min(down) <= max(down) <= y + height + _EDGE
    )


def _named(element: Any, names: dict[str, str]) -> None:
    """Give a part its short name where another one refers to it, and the short names of what it refers to."""
    name = element.attrib.pop("id", None)
    if name in names:
        element.set("id", names[name])
    elif name is not None and name.startswith(MARKED):
        element.set("class", name)
    if _HREF in element.attrib:
        element.set("href", "#" + names[element.attrib.pop(_HREF).removeprefix("#")])


def _attributes(element: Any, names: dict[str, str]) -> None:
    """Shorten what stands in one tag."""
    _named(element, names)
    for key, value in list(element.attrib.items()):
        if key in {"style", "clip-path"}:
            short = re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{names[found[1]]})", value)
            element.set(key, re.sub(r"\s*([;:])\s*", r"\1", short).strip(" ;").replace("#ffffff", "#fff"))
        elif key in {"x", "y", "width", "height"} and element.getparent() is not None:
            element.set(key, _NUMBER.sub(lambda found: _short(float(found[0])), value))
    if "d" in element.attrib:
        glyph = element.get("transform") == _GLYPH
        if glyph:
            element.set("transform", f"scale({_plain(0.015625 * _COARSE)})")
        element.set("d", _path(element.get("d"), 1 / _COARSE if glyph else 10))
    if _UPRIGHT.fullmatch(element.get("transform", "")):
        del element.attrib["transform"]
    if "transform" in element.attrib:
        element.set("transform", _PLACED.sub(_placed, element.get("transform")))
    shift = _ONLY_SHIFTED.fullmatch(element.get("transform", "")) if _name(element) == "use" else None
    if shift is not None:
        del element.attrib["transform"]
        for key, by in zip("xy", shift.groups(), strict=True):
            if float(by):
                element.set(key, _short(float(by)))


def _undressed(element: Any) -> None:
    """Turn the style of a part into attributes, without the names of fonts."""
    for said in element.attrib.pop("style", "").split(";"):
        key, _, value = said.partition(":")
        if value and key != FAMILY:
            element.set(key, value)


def _one_size(root: Any) -> None:
    """Say the commonest size of letters once, for the whole drawing."""
    sizes = [text.get("font-size") for text in root.iter(f"{_SVG}text")]
    if sizes:
        usual = max(sorted(set(sizes)), key=sizes.count)
        root.set("font-size", usual)
        for element in root.iter(f"{_SVG}text"):
            if element.get("font-size") == usual:
                del element.attrib["font-size"]


def _together(parent: Any) -> None:
    """Put parts that follow one another and look alike into a group that says so once."""
    alike: list[Any] = []
    for element in [*parent, None]:
        if alike and (element is None or _look(element) != _look(alike[0])):
            if len(alike) > _FEW and _look(alike[0]):
                _grouped(parent, alike)
            alike = []
        if element is not None:
            alike.append(element)


def _look(element: Any) -> dict[str, str]:
    return {key: element.get(key) for key in _LOOKS if key in element.attrib}


def _grouped(parent: Any, alike: list[Any]) -> None:
    group = parent.makeelement(f"{_SVG}g", _look(alike[0]))
    parent.insert(parent.index(alike[0]), group)
    for element in alike:
        for key in _LOOKS:
            element.attrib.pop(key, None)
        group.append(element)


def _shows_nothing(element: Any) -> bool:
    """Return whether a part is an empty group, or a line that is neither filled nor drawn."""
    if _name(element) in _BARE:
        return not len(element) and "id" not in element.attrib
    seen = "stroke" in element.attrib or element.get("fill") != "none"
    drawn = element.get("style") != "fill:none" if "style" in element.attrib else seen
    inside = {_name(up) for up in element.iterancestors()} & {"clipPath", "defs", "pattern"}
    return _name(element) == "path" and not drawn and not inside


def _drop(element: Any) -> None:
    element.getparent().remove(element)


def _unwrap(element: Any) -> None:
    """Put what a group without a property holds in its place."""
    parent, place = element.getparent(), element.getparent().index(element)
    parent[place : place + 1] = list(element)


def _path(written: str, scale: float) -> str:
    """Return a path, its places as whole numbers of 1/scale (or of tenths, as decimals), going on from where it is."""
    out: list[str] = []
    here, first, last = (0, 0), (0, 0), ""
    for letter, found in _STEP.findall(written):
        if letter in "zZ":
            out.append("z")
            here, last = first, "z"
            continue
        numbers = [round(float(number) * scale) for number in found.split()]
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
    return letter.lower(), [coordinate for pair in by for coordinate in pair]


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
