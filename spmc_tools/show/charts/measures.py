"""Charts of the desks that measure: figures side by side, and figures over time with their breaks.

As in :mod:`spmc_tools.show.charts.charts`, orange is what the page is about, everything else blue or grey, and a table
of the same figures stands on the page.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from spmc_tools.show.charts.charts import FINDING, GREY, IST, MUTED, NAVY, RULE, style, svg
from spmc_tools.show.charts.time_axis import mark as mark_calendar
from spmc_tools.show.charts.time_axis import number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from spmc_tools.show.charts.time_axis import Mark

__all__ = ["bars", "intervals", "lines"]

HALF_A_DAY = timedelta(hours=12)
"""So far beyond its last point a chart is marked: what follows is room for the names of its lines."""

LINES = ((NAVY, "o"), ("#009E73", "s"), ("#CC79A7", "^"), ("#56B4E9", "v"), (MUTED, "D"))


def bars(parts: Sequence[tuple[str, Sequence[tuple[str, float, str, bool]]]], width: float, columns: int = 2) -> str:
    """Return bars from zero as SVG, one panel for each part; what is ``own`` is orange and has a mark at its name.

    Parameters
    ----------
    parts : sequence of (title, rows)
        ``rows``: label, value, value in words, whether it is one's own.
    width : float
        Inches.
    columns : int
        Panels beside each other.
    """
    lines_of = -(-len(parts) // columns)
    tallest = max(len(rows) for _, rows in parts)
    with style(8):
        figure = Figure(figsize=(width, lines_of * (0.5 + 0.19 * tallest)), layout="constrained")
        panels = figure.subplots(lines_of, columns, squeeze=False)
        for place, axes in enumerate(panels.flat):
            if place >= len(parts):
                axes.set_axis_off()
                continue
            title, rows = parts[place]
            high = max([1.0, *(value for _, value, _, _ in rows)])
            for n, (_, value, said, is_own) in enumerate(rows):
                axes.barh(n, value, height=0.66, color=FINDING if is_own else GREY)
                axes.annotate(said, (value, n), (3, 0), textcoords="offset points", va="center", fontsize=7.5)
            names = [f"» {label}" if marked else label for label, _, _, marked in rows]
            axes.set_yticks(range(len(rows)), names)
            axes.set_ylim(tallest - 0.4, -0.6)
            axes.set_xlim(0, high * 1.34)
            axes.set_xticks([])
            axes.spines["bottom"].set_visible(False)
            axes.set_title(title, loc="left", fontsize=8.5, color=MUTED)
        return svg(figure)


def lines(  # noqa: PLR0913, PLR0917 -- a chart takes its figures, words and size apart
    series: Sequence[tuple[str, Sequence[tuple[datetime, float | None]]]],
    breaks: Sequence[tuple[datetime, str]],
    title: str,
    said: Callable[[float], str],
    day: Callable[[datetime], str],
    width: float,
    *,
    holes: Sequence[tuple[datetime, datetime]] = (),
    rings: Sequence[tuple[datetime, float]] = (),
    ends: Sequence[tuple[datetime, float]] = (),
    bands: Sequence[Mark] = (),
) -> str:
    """Return figures over time as SVG, each line named at its end; where the count changed it is cut and marked.

    Parameters
    ----------
    series : sequence of (label, points)
        A point without a value is a gap in the line, never joined.
    breaks : sequence of (moment, label)
        Where the platform changed what it counts.
    title : str
        Above the chart.
    said, day : callable
        Say a figure and a day.
    width : float
        Inches.
    holes : sequence of (first, end)
        Stretches without a figure, grey; the end is not in it.
    rings : sequence of (moment, value)
        Figures that contradict each other, ringed in orange.
    ends : sequence of (moment, value)
        Where a line ends because nobody could see the page any more, crossed in orange.
    bands : sequence of (kind, label, start, end)
        What the calendar marks.
    """
    with style(8.5):
        figure = Figure(figsize=(width, 2.6), layout="constrained")
        axes = figure.subplots()
        for start, end in holes:
            axes.axvspan(number(start), number(end), color=GREY, alpha=0.55, linewidth=0)
        for marks, mark in ((rings, "o"), (ends, "x")):
            axes.plot(
                [number(moment) for moment, _ in marks], [value for _, value in marks], mark,
                color=FINDING, markersize=9, markerfacecolor="none", markeredgewidth=1.6, linestyle="none", zorder=5,
            )  # fmt: skip
        moments = [moment for _, points in series for moment, _ in points]
        high = max([1.0, *(value for _, points in series for _, value in points if value is not None)])
        for place, (label, points) in enumerate(series):
            color, mark = LINES[place % len(LINES)]
            xs = [number(moment) for moment, _ in points]
            ys = [float("nan") if value is None else value for _, value in points]
            axes.plot(xs, ys, mark, color=color, linestyle="-", linewidth=1.4, markersize=4 if len(xs) < 30 else 0)
            alone = [n for n in range(len(ys)) if ys[n] == ys[n] and _lonely(ys, n)]
            axes.plot([xs[n] for n in alone], [ys[n] for n in alone], mark, color=color, linestyle="none", markersize=3)
            last = next((n for n in range(len(ys) - 1, -1, -1) if ys[n] == ys[n]), None)
            if last is not None:
                low = ys[last] < 0.05 * high
                spot: dict[str, Any] = {"xytext": (5, 6 if low else 0), "ha": "left", "va": "center"}
                if breaks and place < len(series) - 1:
                    spot = {"xytext": (-4, 12), "ha": "right", "va": "bottom"}
                axes.annotate(
                    label, (xs[last], ys[last]), textcoords="offset points", color=color, fontsize=7.5, **spot
                )
        for moment, label in breaks:
            axes.axvline(number(moment), color=FINDING, linewidth=1.2, linestyle=(0, (4, 3)))
            axes.annotate(
                label,
                (number(moment), high * 1.2),
                (4, 0),
                textcoords="offset points",
                color=FINDING,
                fontsize=7.5,
                va="top",
            )
        first, last_day = min(moments), max(moments)
        span = max((last_day - first).total_seconds() / 86_400, 1)
        left = number(first)
        axes.set_xlim(
            left - span * 0.02,
            left + span * (1 + (0.95 if width < 5 else 0.42) * (not breaks or len(series) > 1) / 1.4),
        )
        ticks = max(2, int(width * 0.7))
        picked = [first + (last_day - first) * n / ticks for n in range(ticks + 1)]
        axes.set_xticks([number(tick) for tick in picked], [day(tick.astimezone(IST)) for tick in picked])
        axes.set_ylim(0, high * 1.25)
        mark_calendar(axes, [(*band[:3], min(band[3], last_day + HALF_A_DAY)) for band in bands])
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: said(float(value))))
        axes.grid(axis="y", color=RULE, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.set_title(title, loc="left", fontsize=8.5, color=MUTED)
        return svg(figure)


def _lonely(values: Sequence[float], place: int) -> bool:
    """Say whether a figure has none before and none after it: a line alone would not show it."""
    beside = [values[n] for n in (place - 1, place + 1) if 0 <= n < len(values)]
    return all(value != value for value in beside)  # noqa: PLR0124 -- NaN differs from itself


def intervals(
    rows: Sequence[tuple[str, float, float, float, bool]],
    whole: float,
    words: tuple[str, str],
    width: float,
    *,
    log: bool,
) -> str:
    """Return figures with their intervals as SVG, one line each, and an upright line for what they are compared with.

    Parameters
    ----------
    rows : sequence of (label, value, low, high, differs)
        What ``differs`` is drawn in orange with another mark.
    whole : float
        Place of the upright line.
    words : (axis, line)
        Labels of the axis and the upright line.
    width : float
        Inches.
    log : bool
        Draw ratios: half and double lie equally far from 1.
    """
    with style(8.5):
        figure = Figure(figsize=(width, 0.8 + 0.27 * len(rows)), layout="constrained")
        axes = figure.subplots()
        if log:
            axes.set_xscale("log", base=2)
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"× {value:g}"))
        axes.axvline(whole, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        for place, (_, value, low, high, differs) in enumerate(rows):
            axes.plot([low, high], [place, place], color=GREY, linewidth=5, solid_capstyle="butt")
            axes.plot(value, place, "D" if differs else "o", color=FINDING if differs else NAVY, markersize=6)
        axes.set_yticks(range(len(rows)), [label for label, *_ in rows])
        axes.set_ylim(len(rows) - 0.4, -1.1)
        axes.annotate(words[1], (whole, -1.0), (4, 0), textcoords="offset points", fontsize=7.5, va="top")
        axes.set_xlabel(words[0], loc="right")  # centred it would leave a narrow picture
        if not log:
            axes.set_xlim(0, 1.08 * max([whole, *(high for _, _, _, high, _ in rows)]))
        return svg(figure)
