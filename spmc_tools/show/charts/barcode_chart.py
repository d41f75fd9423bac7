"""Posts of accounts over time: a row for each account, a mark for each post, the same thing in the same colour.

Below, in grey, rows of other accounts; at the foot how many seconds after the first post on a thing the others came.
Colour is never alone: what is shared stands in columns, and the page lists the things with their numbers.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from spmc_tools.show.charts.charts import GREY, IST, MUTED, NAVY, RULE, WIDE, style, svg
from spmc_tools.show.charts.picture_colours import OTHER, colour_of
from spmc_tools.show.charts.time_axis import mark, number
from spmc_tools.show.charts.time_ticks import ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from matplotlib.axes import Axes

    from spmc_tools.show.charts.time_axis import Mark

__all__ = ["LAG_ENDS_S", "barcode", "lag_counts"]

OWN_POSTS = "#b9c2cc"

LAG_ENDS_S = (10, 30, 60, 120, 300, 600, 1800, 3600, 21_600)
"""Ends of the bins of the foot, inclusive; one more holds what comes later."""

_ROW, _MOST, _GAP, _FOOT, _REST = 0.085, 1.6, 1.6, 0.34, 0.3
_MOST_NARROW = 1.1
"""A telephone shows the picture with what is said and asked of it on a screen and a half."""


def barcode(  # noqa: PLR0913 -- a chart takes its figures, words and size apart
    own: Sequence[tuple[int, datetime, int]],
    beside: Sequence[tuple[int, datetime, int]],
    labels: Sequence[str],
    *,
    beside_rows: int,
    lags_s: Sequence[float],
    bands: Sequence[Mark],
    answers: Sequence[datetime],
    titles: Mapping[str, str],
    lag_names: Sequence[str],
    tick: Callable[[datetime], str],
    width: float = WIDE,
    ends: tuple[datetime, datetime] | None = None,
) -> str:
    """Return the picture as SVG that stands in a page.

    Parameters
    ----------
    own, beside : sequence of (row, moment, thing)
        Rows from 0, drawn from the top; things from 1, 0 is none. ``own`` is not empty.
    labels : sequence of str
        What each row is called; of more than thirty every second is written.
    beside_rows : int
        Rows below.
    lags_s : sequence of float
        Seconds after the first post; without any there is no foot.
    bands : sequence of (kind, label, start, end)
        What the calendar marks.
    answers : sequence of datetime
        Upright lines: when a claim was answered.
    titles : mapping
        ``beside`` at the rows below, ``lags`` at the foot.
    lag_names : sequence of str
        One for each bin of :data:`LAG_ENDS_S`, and one for what comes later.
    tick : callable
        Says a moment on the axis.
    width : float
        Inches.
    ends : (datetime, datetime), optional
        Of the axis; None: the first and the last post of ``own``.
    """
    rows = len(labels)
    whole = rows + (_GAP + beside_rows if beside_rows else 0)
    tall = min(_ROW * max(whole, 10), _MOST if width > 5 else _MOST_NARROW)
    times = [moment.astimezone(IST) for _, moment, _ in own]
    first, last = (end.astimezone(IST) for end in ends) if ends else (min(times), max(times))
    margin = max((last - first) / 60, timedelta(seconds=5))
    with style(7.5):
        parts = 2 if lags_s else 1
        height = tall + _REST + (_FOOT + 0.28 if lags_s else 0)
        figure = Figure(figsize=(width, height), layout="constrained")
        heights = [tall, _FOOT] if lags_s else [tall]
        drawn = figure.subplots(parts, squeeze=False, height_ratios=heights)
        axes = drawn[0, 0]
        axes.set_xlim(number(first - margin), number(last + margin))
        axes.set_ylim(whole - 0.4, -0.6)
        mark(axes, bands)
        for moment in answers:
            axes.axvline(number(moment), color=NAVY, linewidth=0.9, linestyle=(0, (3, 2)), zorder=0.8)
        _strokes(axes, own, 0.0, grey=False, thick=1.3)
        if beside_rows:
            below = rows + _GAP
            axes.axhline(rows + _GAP / 2 - 0.5, color=RULE, linewidth=0.8)
            _strokes(axes, beside, below, grey=True, thick=1.1)
        step = max(1, -(-rows * 7 // int(72 * tall * rows / whole)))
        axes.set_yticks(range(0, rows, step), labels[::step], fontsize=5.5)
        axes.set_ylabel(titles["beside"], fontsize=6.5, loc="bottom") if beside_rows else None
        places = ticks(first - margin, last + margin, 9 if width > 5 else 4)
        axes.set_xticks([number(moment) for moment in places], [tick(moment) for moment in places])
        if lags_s:
            _foot(drawn[1, 0], lags_s, titles["lags"], lag_names, width)
        return svg(figure, inline=True)


def _strokes(axes: Axes, posts: Sequence[tuple[int, datetime, int]], top: float, *, grey: bool, thick: float) -> None:
    """Draw posts as upright strokes, one line for each colour; what is about nothing shared lies behind."""
    by_thing: dict[int, list[tuple[int, datetime]]] = {}
    for row, moment, thing in posts:
        by_thing.setdefault(thing, []).append((row, moment))
    for thing, listed in sorted(by_thing.items()):
        across: list[float] = []
        upright: list[float] = []
        half = 0.42 if thing else 0.3
        for row, moment in listed:
            across += [number(moment)] * 2 + [float("nan")]
            upright += [top + row - half, top + row + half, float("nan")]
        shade: Any = {"linewidth": thick if thing else 0.8, "solid_capstyle": "butt", "zorder": 2 if thing else 1}
        axes.plot(across, upright, color=_colour(thing, grey=grey), **shade)


def _colour(thing: int, *, grey: bool) -> str:
    if grey:
        return OTHER if thing else OWN_POSTS
    if not thing:
        return GREY
    return colour_of(thing)


def _foot(axes: Axes, lags_s: Sequence[float], title: str, names: Sequence[str], width: float) -> None:
    """Draw how many posts came how long after the first on their thing, with the count over each bar."""
    counts = lag_counts(lags_s)
    axes.bar(range(len(counts)), counts, width=0.8, color=MUTED)
    axes.set_yticks([])
    axes.set_ylim(0, max(counts) * 1.5)
    for place, count in enumerate(counts):
        if count:
            axes.text(place, count, str(count), ha="center", va="bottom", fontsize=6)
    step = 1 if width > 5 else 2
    axes.set_xticks(range(0, len(counts), step), names[::step], fontsize=6)
    axes.set_title(title, fontsize=6.5, loc="left", color=MUTED, pad=1)


def lag_counts(lags_s: Sequence[float]) -> list[int]:
    """Return how many of these seconds lie in each bin: beyond the end before it, up to its own."""
    counts = [0] * (len(LAG_ENDS_S) + 1)
    for lag in lags_s:
        counts[bisect_left(LAG_ENDS_S, lag)] += 1
    return counts
