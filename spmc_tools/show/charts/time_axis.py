"""The time axis of every chart: where a moment lies on it, and what the calendar marks there.

Marks differ by form, not by colour, so that they hold on a grey print: a silence period is shaded between two thin
lines, a festival hatched (a strip along the lower edge where it covers most of the chart, a stroke at the upper edge
where its days are too narrow), the days of a poll or count a dark bar at the upper edge. What a mark is called stands
beside the chart, in its caption and table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from matplotlib.axes import Axes

__all__ = ["CALENDAR", "Mark", "mark", "number"]

Mark = tuple[str, str, "datetime", "datetime"]
"""kind (``silence``, ``poll``, ``count``, ``festival``), label (may be empty), start, end (not in it)."""

CALENDAR = "calendar"
"""Begins the ids of what is drawn for the calendar."""

ROW = 0.13
"""Height of a row of labels, as a share of the highest figure."""

HATCHED, LEAST = 3.5, 1.6
"""Points: a festival that is narrower is no longer hatched; no mark is narrower than the second."""

MOST, STRIP = 0.6, 0.09
"""A festival that covers more than this share of a chart is hatched up to this share of its height."""

INK, EDGE = "#1f3a5f", "#9aa4af"


def number(moment: datetime) -> float:
    """Return the place of a moment on a time axis: days since 1970."""
    return moment.timestamp() / 86_400


def mark(
    axes: Axes,
    bands: Sequence[Mark],
    *,
    place: Callable[[datetime], float] = number,
    top: float = 1.0,
    labelled: bool = False,
) -> None:
    """Draw what the calendar marks within the axis, whose limits are set; what lies beside it is not drawn.

    Parameters
    ----------
    place : callable
        Where a moment lies on the axis.
    top : float
        Share of the height up to which bands reach; labels stand above it.
    labelled : bool
        Write each label over the middle of its band, in the lowest row with room, at most three rows.
    """
    first, last = axes.get_xlim()
    figure = axes.get_figure(root=True)
    inches = 0.88 * (figure.get_size_inches()[0] if figure is not None else 6.0)
    canvas = _Canvas(axes, (last - first) / (72 * inches), top)
    for kind, label, start, end in sorted(bands, key=lambda band: (band[2], band[3])):
        left, right = max(place(start), first), min(place(end), last)
        if right > left:
            canvas.draw(kind, left, right)
            if labelled:
                canvas.name(label, (left + right) / 2)


@dataclass
class _Canvas:
    """An axis, how long a point is on it, up to where bands reach, and where the last label of each row ends."""

    axes: Axes
    point: float
    top: float
    taken: list[float] = field(default_factory=list)

    def draw(self, kind: str, left: float, right: float) -> None:
        """Draw one band."""
        axes, top, gid, middle = self.axes, self.top, f"{CALENDAR}-{kind}", (left + right) / 2
        half = max(right - left, LEAST * self.point) / 2
        high: Any = {"transform": axes.get_xaxis_transform(), "zorder": 0.5}
        if kind == "silence":
            axes.axvspan(
                middle - half, middle + half, ymax=top, color=INK, alpha=0.12, linewidth=0, zorder=0.4, gid=gid
            )
            for side in (left, right):
                axes.plot([side, side], [0, top], color=INK, alpha=0.55, linewidth=0.6, **high)
        elif kind == "festival" and right - left >= HATCHED * self.point:
            hatched: Any = {"facecolor": "none", "edgecolor": EDGE, "hatch": "//", "linewidth": 0}
            first, last = axes.get_xlim()
            upto = STRIP if right - left > MOST * (last - first) else top
            axes.axvspan(left, right, ymax=upto, zorder=0.4, gid=gid, **hatched)
        elif kind == "festival":
            axes.plot([middle, middle], [0.93 * top, 0.99 * top], color=EDGE, linewidth=LEAST, gid=gid, **high)
        else:
            over = min(1.02 * top, 0.985)
            bar: Any = {"color": INK, "linewidth": 3, "solid_capstyle": "butt"}
            axes.plot([middle - half, middle + half], [over, over], gid=gid, **bar, **high)

    def name(self, label: str, middle: float) -> None:
        """Write a label over its band."""
        first, last = self.axes.get_xlim()
        length = 4.7 * self.point * len(label)
        middle = min(max(middle, first + length / 2), last - length / 2)
        row = next((n for n, until in enumerate(self.taken) if until < middle - length / 2), len(self.taken))
        self.taken[row : row + 1] = [middle + length / 2]
        if label and row < 3:
            self.axes.text(
                middle, self.top * (1.06 + ROW * row), label, color=INK, fontsize=7.5, va="bottom", ha="center",
                transform=self.axes.get_xaxis_transform(),
            )  # fmt: skip
