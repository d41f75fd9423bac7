"""Pictures of the desks: when complaints come, where referrals stand, and what the calendar brings.

Every number of a picture stands in a table of its page, too.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from spmc_tools.show.charts.charts import GREY, MUTED, NAVY, RULE, WIDE, style, svg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes

__all__ = ["calendar_strip", "hours_of_week", "state_flow"]

_SHADES = LinearSegmentedColormap.from_list("shades", ["#ffffff", "#9fb3cc", NAVY])
_FIRST_ENDS = frozenset({"removed", "fir", "cleared"})
_KINDS = {"poll": NAVY, "count": NAVY, "silence": "#8a939d", "festival": "#8a5300", "case": GREY}


def hours_of_week(counts: Sequence[Sequence[int | None]], days: Sequence[str], hours: str, width: float = WIDE) -> str:
    """Return how many complaints came in each hour of each weekday, as shaded fields with their numbers.

    Parameters
    ----------
    counts : sequence of sequences
        For each weekday 24 numbers; None: too few to be shown.
    days : sequence of str
        Names of the weekdays.
    hours : str
        Title of the hours.
    width : float
        Inches.
    """
    table = np.array([[0 if n is None else n for n in row] for row in counts], dtype="float64")
    with style(7.5 if width > 5 else 6.5):
        figure = Figure(figsize=(width, 0.235 * len(days) + 0.5), layout="constrained")
        axes = figure.subplots()
        most = max(1.0, float(table.max()))
        for day, row in enumerate(counts):
            for hour, n in enumerate(row):
                if n:  # a field each: a page allows no picture of dots
                    axes.add_patch(Rectangle((hour - 0.5, day - 0.5), 1, 1, facecolor=_SHADES(n / most), linewidth=0))
                if n is None or (n and width > 5):
                    dark = n is not None and n > 0.6 * most
                    said = "·" if n is None else str(n)
                    axes.text(
                        hour, day, said, ha="center", va="center", fontsize=6, color="#fff" if dark else "#1b1f24"
                    )
        axes.set_xlim(-0.5, 23.5)
        axes.set_ylim(len(days) - 0.5, -0.5)
        axes.set_yticks(range(len(days)), days)
        step = 2 if width > 5 else 4
        axes.set_xticks(range(0, 24, step), [f"{hour:02d}" for hour in range(0, 24, step)])
        axes.set_xlabel(hours)
        axes.set_xticks(np.arange(-0.5, 24), minor=True)
        axes.set_yticks(np.arange(-0.5, len(days)), minor=True)
        axes.grid(which="minor", color=RULE, linewidth=0.6)
        axes.tick_params(which="both", length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        return svg(figure, inline=True)


def state_flow(  # noqa: PLR0913, PLR0917 -- a chart takes its figures and words apart
    reached: Mapping[str, int],
    moves: Sequence[tuple[str, str, int]],
    stand: Mapping[str, int],
    names: Mapping[str, str],
    standing: Mapping[str, str],
    width: float = WIDE,
) -> str:
    """Return how things went from state to state: columns of states, and bands as wide as what went between them.

    Parameters
    ----------
    reached : mapping
        State -> how many came so far, in order; the ends (removed, FIR, cleared) share the last column.
    moves : sequence of (from, to, how many)
        Between two states.
    stand : mapping
        State -> how many stand there now.
    names : mapping
        State -> its name.
    standing : mapping
        State -> how many stand there now, in words.
    width : float
        Inches; a narrow picture has bars instead of bands.
    """
    if width < 5:
        return _bars(reached, stand, names, standing, width)
    line = [name for name in reached if name not in _FIRST_ENDS]
    ends = [name for name in reached if name in _FIRST_ENDS]
    total = max(1, *reached.values(), sum(reached[name] for name in ends))
    gap = 0.2 * total
    foot: dict[str, float] = dict.fromkeys(line, 0.0)
    place = {name: float(column) for column, name in enumerate(line)} | dict.fromkeys(ends, float(len(line)))
    below = 0.0
    for name in ends:
        foot[name] = below
        below += reached[name] + gap
    with style(7.5):
        figure = Figure(figsize=(width, 2.3), layout="constrained")
        axes = figure.subplots()
        out = {name: foot[name] + reached[name] for name in place}
        into = dict(out)
        for start, end, n in moves:
            if n and start in place and end in place:
                _band(axes, (place[start] + 0.06, out[start]), (place[end] - 0.06, into[end]), n)
                out[start] -= n
                into[end] -= n
        for name, column in place.items():
            axes.bar(column, reached[name], width=0.12, bottom=foot[name], color=NAVY, zorder=3)
            said = f"{names[name]} {reached[name]:,}"
            if stand.get(name) and name not in ends:
                said += "\n" + standing[name]
            if name in ends:
                axes.text(column + 0.1, foot[name] + reached[name] / 2, said, ha="left", va="center")
            else:
                axes.text(column, foot[name] - 0.04 * total, said, ha="center", va="top", linespacing=1.3)
        axes.set_xlim(-0.35, len(line) + 0.95)
        axes.set_ylim(-0.32 * total, max(below, total) * 1.02)
        axes.set_axis_off()
        return svg(figure, inline=True)


def _band(axes: Axes, start: tuple[float, float], end: tuple[float, float], n: int) -> None:
    """Draw a band from the top of one column to that of another, as wide as what goes along it."""
    along = np.linspace(0, 1, 40)
    bend = along * along * (3 - 2 * along)
    across = start[0] + (end[0] - start[0]) * along
    top = start[1] + (end[1] - start[1]) * bend
    axes.fill_between(across, top - n, top, color=GREY, alpha=0.75, linewidth=0, zorder=1)


def _beside(axes: Axes, place: tuple[float, float], said: str, *, before: bool = False) -> None:
    """Write beside a bar, a little apart from it."""
    axes.annotate(
        said, place, xytext=(-3 if before else 3, 0), textcoords="offset points", va="center",
        ha="right" if before else "left",
    )  # fmt: skip


def _bars(
    reached: Mapping[str, int],
    stand: Mapping[str, int],
    names: Mapping[str, str],
    standing: Mapping[str, str],
    width: float,
) -> str:
    with style(7):
        figure = Figure(figsize=(width, 0.3 * len(reached) + 0.15), layout="constrained")
        axes = figure.subplots()
        places = range(len(reached))
        axes.barh(places, list(reached.values()), color=GREY, height=0.7)
        axes.barh(places, [stand.get(name, 0) for name in reached], color=NAVY, height=0.7)
        for place, (name, n) in enumerate(reached.items()):
            said = f"{n:,}"
            if stand.get(name) and name not in _FIRST_ENDS:
                said += " · " + standing[name]
            _beside(axes, (n, place), said)
        axes.set_yticks(places, [names[name] for name in reached])
        axes.set_xlim(0, max(1, *reached.values()) * 1.75)
        axes.set_ylim(len(reached) - 0.4, -0.6)
        axes.set_xticks([])
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        return svg(figure, inline=True)


def calendar_strip(  # noqa: PLR0913, PLR0917 -- as above
    rows: Sequence[tuple[str, str, date, date]],
    today: date,
    ends: tuple[date, date],
    tick: Callable[[date], str],
    now: str,
    width: float = WIDE,
) -> str:
    """Return days of the calendar and of cases as bars on one axis, with a line at today.

    Parameters
    ----------
    rows : sequence of (kind, name, first day, last day)
        Kinds: poll, count, silence, festival, case; both days inclusive.
    today : date
        Where the line stands.
    ends : (date, date)
        First and last day of the axis, inclusive; what reaches beyond is cut.
    tick : callable
        Says a day on the axis.
    now : str
        At the line.
    width : float
        Inches.
    """
    first, last = ends
    days = (last - first).days + 1
    with style(7.5 if width > 5 else 6.5):
        figure = Figure(figsize=(width, 0.26 * max(1, len(rows)) + 0.5), layout="constrained")
        axes = figure.subplots()
        for place, (kind, name, start, end) in enumerate(rows):
            left, right = max(0, (start - first).days), min(days, (end - first).days + 1)
            axes.barh(place, right - left, left=left, height=0.62, color=_KINDS.get(kind, MUTED), zorder=2)
            at_end = left > 0.6 * days
            _beside(axes, (left if at_end else right, place), name, before=at_end)
        place_now = (today - first).days + 0.5
        axes.axvline(place_now, color="#a11212", linewidth=1, zorder=1)
        axes.text(place_now, -0.75, now, ha="center", va="bottom", color="#a11212")
        step = 7 if width > 5 else 14
        marks = [n for n in range(days) if (first + timedelta(days=n)).weekday() == 0][:: step // 7]
        axes.set_xticks(marks, [tick(first + timedelta(days=n)) for n in marks])
        axes.set_yticks([])
        axes.set_xlim(0, days)
        axes.set_ylim(len(rows) - 0.4, -0.7)
        axes.grid(axis="x", color=RULE, linewidth=0.6, zorder=0)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        return svg(figure, inline=True)
