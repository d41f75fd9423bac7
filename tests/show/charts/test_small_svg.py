"""A smaller drawing is the same drawing: every place is where it was, to a tenth of a point."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from spmc_tools.show.charts.small_svg import _path, smaller


def places(path: str) -> list[tuple[float, float]]:
    """The points that a path comes to, by a reader of SVG's rules that shares nothing with the writer."""
    here, first, out = (0.0, 0.0), (0.0, 0.0), []
    for letter, rest in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", path):
        numbers = [float(one) for one in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
        size = {"h": 1, "v": 1, "z": 0}.get(letter.lower(), {"q": 4, "c": 6}.get(letter.lower(), 2))
        for start in range(0, len(numbers) or 1, size or 1):
            step = numbers[start : start + size]
            base = here if letter.islower() else (0.0, 0.0)
            if letter in "zZ":
                here = first
                continue
            if letter == "h":
                points = [(here[0] + step[0], here[1])]
            elif letter == "v":
                points = [(here[0], here[1] + step[0])]
            else:
                points = [(base[0] + x, base[1] + y) for x, y in zip(step[::2], step[1::2], strict=True)]
            out += points
            here = points[-1]
            if letter in "mM":
                first = here
    return out


NUMBER = st.floats(-400, 400).map(lambda x: round(x, 2))
STEP = st.one_of(
    st.tuples(st.just("L"), st.lists(NUMBER, min_size=2, max_size=2)),
    st.tuples(st.just("M"), st.lists(NUMBER, min_size=2, max_size=2)),
    st.tuples(st.just("Q"), st.lists(NUMBER, min_size=4, max_size=4)),
    st.tuples(st.just("C"), st.lists(NUMBER, min_size=6, max_size=6)),
    st.tuples(st.just("z"), st.just([])),
)


@settings(deadline=None)
@given(st.lists(STEP, max_size=12), st.lists(NUMBER, min_size=2, max_size=2))
def test_every_place_is_where_it_was(steps, start) -> None:
    written = "".join(letter + " ".join(f"{n}" for n in numbers) for letter, numbers in [("M", start), *steps])
    seen, wanted = places(_path(written, 10)), places(written)
    assert len(seen) == len(wanted)
    for one, other in zip(seen, wanted, strict=True):
        assert one == pytest.approx(other, abs=0.0501)


def drawn(**more: str) -> str:
    with rc_context({"svg.hashsalt": "x", "svg.fonttype": "none", **more}):
        figure = Figure(figsize=(3, 2))
        axes = figure.add_subplot()
        axes.plot([0, 1, 2], [3, 1, 2], "o-")
        axes.axvspan(0.5, 1.0, hatch="//", fill=False)
        axes.set_xlim(0.2, 1.5)
        axes.set_title("a < b & c")
        FigureCanvasSVG(figure)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()


def test_in_a_page_nothing_is_dressed_and_names_are_its_own() -> None:
    one, other = smaller(drawn(), inline=True), smaller(drawn(**{"svg.hashsalt": "y"}), inline=True)
    assert " style=" not in one and "<style" not in one and "xmlns" not in one and "font-family" not in one
    assert "a &lt; b &amp; c" in one
    names = [set(re.findall(r' id="([^"]+)"', text)) for text in (one, other)]
    assert names[0] and names[1] and not names[0] & names[1]
    for text, own in zip((one, other), names, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)|href=\"#([^\"]+)\"", text)) and own
        assert {a or b for a, b in re.findall(r"url\(#([^)]+)\)|href=\"#([^\"]+)\"", text)} == own
    assert len(one) < len(drawn()) / 2


def test_what_is_cut_off_by_its_frame_keeps_it() -> None:
    """A line beyond the axes is still clipped; the title, a text, is where it was."""
    assert "clip-path" in smaller(drawn()) and "<clipPath" in smaller(drawn())


def test_a_line_without_a_place_is_no_error() -> None:
    """Matplotlib writes a path without places for a line that lies outside its axes."""
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><clipPath id="c">'
        '<rect x="0" y="0" width="9" height="9"/></clipPath><path clip-path="url(#c)" style="fill: none"/>'
        '<path d="" clip-path="url(#c)"/></svg>'
    )
    for inline in (False, True):
        assert "clipPath" not in smaller(text, inline=inline)


def test_what_the_calendar_marks_keeps_its_name() -> None:
    path = '<path d="M0 0L1 0" style="stroke: #000"/>'
    text = f'<svg xmlns="http://www.w3.org/2000/svg"><g id="calendar-poll">{path}</g></svg>'
    for inline in (False, True):
        assert '<g class="calendar-poll"><path' in smaller(text, inline=inline)
