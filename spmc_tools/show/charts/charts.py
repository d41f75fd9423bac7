"""Charts of a report as SVG: drawn from values, in the words that are given, letters as shapes.

One dark blue for structure, one orange for the finding, grey for everything else; position or shape says the same.
Every chart comes with a table of the same figures on its page.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from matplotlib import font_manager, rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spmc_tools.show.charts.small_svg import smaller
from spmc_tools.show.charts.time_axis import mark, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from matplotlib.axes import Axes

    from spmc_tools.show.charts.time_axis import Mark

__all__ = [
    "MUTED", "NARROW", "NAVY", "WIDE", "course", "curve", "frontier", "network", "pairs", "quantiles", "shares",
    "style", "svg", "volume",
]  # fmt: skip

FINDING, NAVY, GREY, MUTED, RULE = "#D55E00", "#1f3a5f", "#c9d1da", "#5b6470", "#e3e7eb"
TOP = 1.42
"""Height of the chart of posts over time above its highest bar: room for the names of what the calendar marks."""

WIDE, NARROW = 7.6, 3.7
"""Widths in inches: a page, and a telephone."""

HIGHEST = 60.0
"""Of a chart of -log10 p; the largest that a score counts is no larger either."""

MOST_LINES = 1500
"""More lines than this make a blot, not a picture."""

IST = ZoneInfo("Asia/Kolkata")
FAMILIES = ("Noto Sans", "Noto Sans Devanagari")


@lru_cache(maxsize=1)
def _fonts() -> tuple[str, ...]:
    """Make the fonts known to matplotlib, once; return the names to ask for, in order."""
    from fontpkg import path

    for name in FAMILIES:
        font_manager.fontManager.addfont(str(path(name)))
    return FAMILIES


@contextmanager
def style(size: float) -> Iterator[None]:
    """Draw what stands inside in the fonts and colours of a report, letters of this size."""
    settings: Any = {
        "font.family": list(_fonts()),
        "font.size": size,
        "text.parse_math": False,
        "svg.hashsalt": "spmc",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.edgecolor": MUTED,
        "axes.linewidth": 0.8,
        "text.color": MUTED,
        "axes.labelcolor": MUTED,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.major.size": 3,
        "ytick.major.size": 0,
        "path.simplify": True,
    }
    with rc_context(settings):
        yield


def svg(figure: Figure, *, inline: bool = False) -> str:
    """Return the drawing without comments and metadata, in few bytes (:mod:`spmc_tools.show.charts.small_svg`).

    ``inline``: to stand in a page, its letters those of the page; else letters are shapes, and it stands for itself.
    """
    FigureCanvasSVG(figure)
    written = io.StringIO()
    with rc_context({"svg.fonttype": "none" if inline else "path"}):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return smaller(written.getvalue(), inline=inline)


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _levels(axes: Axes) -> None:
    """Draw level lines behind everything else."""
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)


def _named_lines(figure: Figure, axes: Axes, words: Mapping[str, str]) -> str:
    """Return a chart of several lines as SVG, with ``x`` and ``y`` at its axes and the names of the lines above it."""
    axes.set_xlabel(words["x"])
    axes.set_ylabel(words["y"])
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=7.5, labelcolor=MUTED)
    return svg(figure)


def volume(  # noqa: PLR0913, PLR0917 -- a chart takes its figures, words and size apart
    values: Mapping[str, Any],
    finding: list[int],
    bands: list[Mark],
    words: Mapping[str, str],
    day: Callable[[datetime], str],
    width: float = WIDE,
    *,
    inline: bool = False,
) -> str:
    """Return posts per hour or day as SVG: all in grey; below, on an own scale, those of the finding; the calendar.

    Parameters
    ----------
    values : mapping
        As the section *volume* holds them: ``start`` (ISO, UTC), ``step_s``, ``counts``.
    finding : list of int
        Posts of the finding in each of the same bins.
    bands : list of (kind, label, start, end)
        What the calendar marks; a label stands in the chart over the middle of its band, and may be empty.
    words : mapping
        ``all`` and ``finding``: the titles of the two parts; ``zone``, where given, stands below the days.
    day : callable
        Says a day, for the ticks.
    width : float
        Inches.
    inline : bool
        As :func:`svg`.
    """
    start = datetime.fromisoformat(values["start"]).astimezone(IST)
    step = timedelta(seconds=values["step_s"])
    counts = values["counts"]
    edges = [number(start + n * step) for n in range(len(counts) + 1)]
    with style(8.5):
        figure = Figure(figsize=(width, 3.0), layout="constrained")
        parts = figure.subplots(
            2 if any(finding) else 1, sharex=True, squeeze=False, height_ratios=_HEIGHTS[any(finding)]
        )
        axes = parts[0, 0]
        high = max([1, *counts])
        _bars(axes, counts, edges, GREY, words["all"])
        axes.set_ylim(0, high * TOP)
        axes.set_xlim(edges[0], edges[-1])
        mark(axes, bands, top=1 / TOP, labelled=True)
        if any(finding):
            finding_axes = parts[1, 0]
            _bars(finding_axes, finding, edges, FINDING, words["finding"])
            mark(finding_axes, [band for band in bands if band[0] == "silence"])
        _days(parts[-1, 0], start, start + len(counts) * step, day, width)
        parts[-1, 0].set_xlabel(words.get("zone", ""), fontsize=7.5)
        return svg(figure, inline=inline)


def course(
    values: Mapping[str, Any],
    bands: list[Mark],
    titles: Mapping[str, str],
    tick: Callable[[datetime], str],
    *,
    inline: bool = False,
) -> str:
    """Return a group over time as SVG: posts in each stretch, below the accounts that made them; the calendar shaded.

    Parameters
    ----------
    values : mapping
        ``start`` (ISO), ``step_s``, ``counts`` of posts, ``makers``; not empty.
    bands : list of (kind, label, start, end)
        What the calendar marks; the page says what which form means.
    titles : mapping
        Of the axes: ``posts``, ``accounts``, and ``zone`` of the times.
    tick : callable
        Says a moment on the axis.
    inline : bool
        As :func:`svg`.
    """
    start = datetime.fromisoformat(values["start"]).astimezone(IST)
    step = timedelta(seconds=values["step_s"])
    edges = [number(start + n * step) for n in range(len(values["counts"]) + 1)]
    with style(8.5):
        figure = Figure(figsize=(_CARD, 2.2), layout="constrained")
        upper, lower = figure.subplots(2, sharex=True)
        for axes, counts, color in ((upper, values["counts"], FINDING), (lower, values["makers"], NAVY)):
            _bars(axes, counts, edges, color, "")
            high = max([1, *counts])
            axes.set_ylim(0, high * 1.15)
            axes.set_xlim(edges[0], edges[-1])
            mark(axes, bands)
        for axes, name in ((upper, "posts"), (lower, "accounts")):
            axes.set_ylabel(titles[name], fontsize=7)
        lower.set_xlabel(titles["zone"], fontsize=7, loc="right")
        upper.tick_params(axis="x", bottom=False)
        every = max(1, -(-len(edges) // max(2, int(_CARD * 1.5))))
        places = [start + n * step for n in range(0, len(edges), every)]
        lower.set_xticks([number(moment) for moment in places], [tick(moment) for moment in places])
        return svg(figure, inline=inline)


_CARD = 4.6
_HEIGHTS = {True: (2.2, 1), False: (1,)}


def _bars(axes: Axes, counts: list[int], edges: list[float], color: str, title: str) -> None:
    axes.stairs(counts, edges, fill=True, color=color)
    high = max([1, *counts])
    axes.set_yticks([n for n in MaxNLocator(3, integer=True).tick_values(0, high) if 0 <= n <= high])
    _levels(axes)
    axes.set_title(title, loc="left", fontsize=8.5, color=MUTED)


def _days(axes: Axes, start: datetime, end: datetime, day: Callable[[datetime], str], width: float) -> None:
    first = start.replace(hour=0, minute=0, second=0, microsecond=0)
    whole = [first + timedelta(days=n) for n in range((end - first).days + 1)]
    whole = [moment for moment in whole if start <= moment <= end]
    every = max(1, -(-len(whole) // max(2, int(width * 1.5))))
    axes.set_xticks([number(moment) for moment in whole[::every]], [day(moment) for moment in whole[::every]])


def pairs(rows: list[Mapping[str, Any]], width: float = 4.6, *, inline: bool = False) -> str:
    """Return observed against expected as SVG, a line per pair or account: range by chance in grey, seen in orange.

    What the lengths count stands beside the picture, in the words of its page.

    Parameters
    ----------
    rows : list of mapping
        ``label`` (numbers of the accounts), ``seen``, ``expected``, ``low``, ``high`` (inclusive range of chance).
    width : float
        Inches.
    inline : bool
        As :func:`svg`.
    """
    with style(8.5):
        figure, axes = _axes(width, 0.45 + 0.25 * len(rows))
        for place, row in enumerate(rows):
            wide = 0.06 if row["low"] == row["high"] else 0
            ends = [row["low"] - wide, row["high"] + wide]
            axes.plot(ends, [place, place], color=GREY, linewidth=6, solid_capstyle="butt")
            axes.plot(row["expected"], place, "|", color=MUTED, markersize=7, markeredgewidth=1.4)
            axes.plot(row["seen"], place, "o", color=FINDING, markersize=6.5, clip_on=False)
            axes.annotate(
                str(row["seen"]), (row["seen"], place), (7, 0), textcoords="offset points", va="center", color="#1b1f24"
            )
        axes.set_yticks(range(len(rows)), [row["label"] for row in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(-0.25, max([2, *(row["seen"] for row in rows), *(row["high"] for row in rows)]) * 1.08 + 0.4)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        return svg(figure, inline=inline)


def curve(  # noqa: PLR0913 -- a chart takes its figures, words and size apart
    points: list[tuple[float, float]],
    marks: list[tuple[float, str]],
    title: str,
    axis: str,
    *,
    percent: bool,
    most: float | None = None,
    width: float = WIDE,
    start: datetime | None = None,
    bands: Sequence[Mark] = (),
) -> str:
    """Return one step curve as SVG, with named moments as upright lines.

    Parameters
    ----------
    points : list of (x, y)
        Ascending; y holds until the next x.
    marks : list of (x, label)
        Upright lines, the label beside each.
    title, axis : str
        What is shown, and the unit of x.
    percent : bool
        Whether y is a share of one.
    most : float, optional
        End of the axis; None: the last point.
    width : float
        Inches.
    start : datetime, optional
        The moment at which x is 0, where x counts hours of a calendar; None: x is no moment.
    bands : sequence of (kind, label, start, end)
        What the calendar marks, where there is a start.
    """
    with style(8.5):
        figure, axes = _axes(width, 2.4)
        xs, ys = [x for x, _ in points], [y * (100 if percent else 1) for _, y in points]
        end = most if most is not None else max([*xs, *(x for x, _ in marks), 1])
        axes.step([*xs, end], [*ys, ys[-1] if ys else 0], where="post", color=FINDING, linewidth=1.8)
        high = 100 if percent else max([1, *ys])
        axes.set_ylim(0, high * 1.12)
        axes.set_xlim(min([0, *xs]), end)
        if start is not None:
            mark(axes, bands, place=lambda moment: (moment - start).total_seconds() / 3600)
        for place, label in marks:
            axes.axvline(place, color=NAVY, linewidth=1, linestyle=(0, (4, 3)))
            right = place < (axes.get_xlim()[0] + end) / 2
            shift = (4, 0) if right else (-4, 0)
            axes.annotate(
                label, (place, high * 1.05), shift, textcoords="offset points", color=NAVY, fontsize=7.5, va="center",
                ha="left" if right else "right",
            )  # fmt: skip
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        _levels(axes)
        axes.set_title(title, loc="left", fontsize=8.5, color=MUTED)
        axes.set_xlabel(axis, fontsize=8)
        return svg(figure)


def network(values: Mapping[str, Any], width: float = 2.7, *, inline: bool = False) -> str:
    """Return who was in step with whom as SVG: accounts that may be named with their number, others as grey points.

    Parameters
    ----------
    values : mapping
        ``nodes`` (``x, y`` from 0 to 1, ``n`` or None), ``lines`` (pairs of places in ``nodes``).
    width : float
        Inches; the picture is square.
    inline : bool
        As :func:`svg`.
    """
    nodes, crowd = values["nodes"], len(values["nodes"])
    size = 200 if crowd <= 30 else 90 if crowd <= 80 else 30
    with style(7):
        figure, axes = _axes(width, width)
        axes.set_axis_off()
        axes.set_aspect("equal")
        axes.margins(0.08)
        trail = _trail(values["lines"][:MOST_LINES], nodes)
        if trail:
            axes.plot(*zip(*trail, strict=True), color="#d9b08c", linewidth=0.7, zorder=1)
        for named, color in ((True, FINDING), (False, "#9aa4af")):
            drawn_nodes = [node for node in nodes if (node["n"] is not None) == named]
            if drawn_nodes:
                xs, ys = zip(*map(_at, drawn_nodes), strict=True)
                axes.scatter(
                    xs,
                    ys,
                    s=size if named else size * 0.4,
                    c=color,
                    edgecolors="white",
                    zorder=2,
                )
        if crowd <= 80:
            for node in nodes:
                if node["n"] is not None:
                    axes.text(
                        *_at(node), str(node["n"]), color="white", ha="center", va="center", fontsize=6.5, zorder=3
                    )
        return svg(figure, inline=inline)


def _trail(lines: list[list[int]], nodes: list[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """Return all lines as one pencil draws them, which lifts where no line leads on: half the places to say."""
    left: dict[int, list[int]] = {}
    for a, b in lines:
        left.setdefault(a, []).append(b)
        left.setdefault(b, []).append(a)
    trail: list[tuple[float, float]] = []
    for start in sorted(left):
        while left[start]:
            here = start
            trail.append(_at(nodes[here]))
            while left[here]:
                there = left[here].pop()
                left[there].remove(here)
                trail.append(_at(nodes[there]))
                here = there
            trail.append((float("nan"), float("nan")))
    return trail


def _at(node: Mapping[str, Any]) -> tuple[float, float]:
    return float(node["x"]), float(node["y"])


def quantiles(lines: list[tuple[str, str, list[tuple[float, float]]]], words: Mapping[str, str], width: float) -> str:
    """Return observed against expected probabilities of pairs as SVG; on the diagonal they are as chance has them.

    What lies above :data:`HIGHEST` is drawn there.

    Parameters
    ----------
    lines : list of (name, label, points)
        ``points`` are (expected, observed) -log10 p, of one line at least; ``case`` is drawn in orange, ``rest`` in
        blue, others in grey.
    words : mapping
        ``x``, ``y`` and ``diagonal``: labels of the axes and of the diagonal.
    width : float
        Inches.
    """
    high = max([3.0, *(x for _, _, points in lines for x, _ in points)])
    top = min(max([high, *(y for _, _, points in lines for _, y in points)]), HIGHEST)
    with style(8.5):
        figure, axes = _axes(width, min(3.6, width * 0.95))
        axes.plot([0, high], [0, high], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            words["diagonal"], (high, high), (0, -4), textcoords="offset points", ha="right", va="top", fontsize=7.5
        )
        axes.fill_between([0, high], [0, high], color=RULE, linewidth=0, zorder=0)
        for name, label, points in lines:
            if points:
                color, mark = _LINES.get(name, (MUTED, "."))
                xs, ys = [x for x, _ in points], [min(y, top) for _, y in points]
                axes.plot(xs, ys, mark, color=color, markersize=3.5, linestyle="-", linewidth=0.9, label=label)
        axes.set_xlim(0, high * 1.04)
        axes.set_ylim(0, top * 1.06)
        _levels(axes)
        return _named_lines(figure, axes, words)


_LINES = {"case": (FINDING, "o"), "rest": (NAVY, "s"), "days": ("#9aa4af", "^"), "swaps": (MUTED, "v")}


def shares(rows: list[tuple[str, float, float, float, bool]], whole: float, words: Mapping[str, str], w: float) -> str:
    """Return shares with their intervals as SVG, one line each, and the share of all as an upright line.

    Parameters
    ----------
    rows : list of (label, share, low, high, differs)
        What ``differs`` from the whole is drawn in orange with a larger point, everything else in blue.
    whole : float
        The share of all.
    words : mapping
        ``x`` and ``all``: labels of the axis and of the upright line.
    w : float
        Width in inches.
    """
    with style(8.5):
        figure, axes = _axes(w, 0.75 + 0.27 * len(rows))
        axes.axvline(100 * whole, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        for place, (_, share, low, high, differs) in enumerate(rows):
            axes.plot([100 * low, 100 * high], [place, place], color=GREY, linewidth=5, solid_capstyle="butt")
            color, size = (FINDING, 7) if differs else (NAVY, 5)
            axes.plot(100 * share, place, "D" if differs else "o", color=color, markersize=size)
        axes.set_yticks(range(len(rows)), [label for label, *_ in rows])
        axes.set_ylim(len(rows) - 0.4, -1.1)
        axes.annotate(words["all"], (100 * whole, -1.0), (4, 0), textcoords="offset points", fontsize=7.5, va="top")
        axes.set_xlim(0, 108 * max([whole, 0.01, *(high for _, _, _, high, _ in rows)]))
        axes.set_xlabel(words["x"])
        return svg(figure)


def frontier(lines: list[tuple[str, list[tuple[int, int]]]], words: Mapping[str, str], width: float) -> str:
    """Return how many common objects groups of each size needed as SVG, one line for each kind of activity.

    Parameters
    ----------
    lines : list of (label, points)
        ``points`` are (accounts, objects).
    words : mapping
        ``x`` and ``y``: labels of the axes.
    width : float
        Inches.
    """
    with style(8.5):
        figure, axes = _axes(width, 2.4)
        for number, (label, points) in enumerate(lines):
            color, mark = _KINDS[number % len(_KINDS)]
            xs, ys = zip(*points, strict=True)
            axes.plot(xs, ys, mark, color=color, linestyle="-", linewidth=1.2, markersize=6, label=label)
        axes.set_xlim(0, 1.08 * max(x for _, points in lines for x, _ in points))
        axes.set_ylim(0, 1.12 * max(y for _, points in lines for _, y in points))
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        _levels(axes)
        return _named_lines(figure, axes, words)


_KINDS = ((NAVY, "o"), ("#009E73", "s"), ("#CC79A7", "^"), ("#56B4E9", "v"), (MUTED, "D"))
