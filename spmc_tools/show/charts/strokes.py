"""Who acted when: a line for each account, an upright stroke for each of its actions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from spmc_tools.show.charts.charts import FINDING, IST, RULE, style, svg
from spmc_tools.show.charts.time_axis import mark, number
from spmc_tools.show.charts.time_ticks import ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from spmc_tools.show.charts.time_axis import Mark

__all__ = ["strokes"]

_WIDTH, _LINE, _REST = 4.6, 0.09, 0.62
_LEAST_LINES = 6


def strokes(
    actions: Sequence[tuple[int, datetime]],
    bands: Sequence[Mark],
    titles: Mapping[str, str],
    tick: Callable[[datetime], str],
) -> str:
    """Return actions over time as SVG that stands in a page.

    Parameters
    ----------
    actions : sequence of (line, moment)
        Lines from 0, which is drawn at the top; not empty.
    bands : sequence of (kind, label, start, end)
        What the calendar marks; the page says what which form means.
    titles : mapping
        ``accounts`` for the upright axis, and ``zone`` of the times.
    tick : callable
        Says a moment on the axis.
    """
    lines = 1 + max(line for line, _ in actions)
    moments = [moment.astimezone(IST) for _, moment in actions]
    first, last = min(moments), max(moments)
    margin = max((last - first) / 40, timedelta(seconds=30))
    with style(8.5):
        figure = Figure(figsize=(_WIDTH, _REST + _LINE * max(lines, _LEAST_LINES)), layout="constrained")
        axes = figure.add_subplot()
        axes.hlines(range(lines), number(first - margin), number(last + margin), color=RULE, linewidth=0.6, zorder=0.3)
        across = [place for moment in moments for place in (number(moment), number(moment), float("nan"))]
        upright = [place for line, _ in actions for place in (line - 0.38, line + 0.38, float("nan"))]
        axes.plot(across, upright, color=FINDING, linewidth=1.1, solid_capstyle="butt")
        axes.set_xlim(number(first - margin), number(last + margin))
        axes.set_ylim(lines - 0.4, -0.6)
        mark(axes, bands)
        axes.set_yticks([])
        axes.set_ylabel(titles["accounts"], fontsize=7)
        axes.set_xlabel(titles["zone"], fontsize=7, loc="right")
        places = ticks(first - margin, last + margin)
        axes.set_xticks([number(moment) for moment in places], [tick(moment) for moment in places])
        return svg(figure, inline=True)
