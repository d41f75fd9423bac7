"""The way from a report back to the received files, as SVG: four columns of boxes, lines between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from spmc_tools.show.charts.charts import FINDING, GREY, MUTED, NAVY, style, svg

if TYPE_CHECKING:
    from collections.abc import Callable

    import networkx as nx

__all__ = ["MOST", "draw", "placed"]

MOST = 24
"""Boxes of one column that are drawn; the table beside the picture holds all."""

_STEP, _BOX = 0.7, (1.5, 0.5)
_ACROSS = (0.0, 1.75, 3.85, 6.0)


def placed(tree: nx.DiGraph, most: int = MOST) -> dict[Any, tuple[float, float]]:
    """Return the middle of each box in inches: a column per level, in the order of their first line, evenly apart.

    Parameters
    ----------
    tree : networkx.DiGraph
        Nodes with ``level`` 0 to 3.
    most : int
        Boxes of one column; what comes after is left out.
    """
    columns: dict[int, list[Any]] = {}
    for node, level in tree.nodes(data="level"):
        columns.setdefault(int(level), []).append(node)
    tallest = max(min(len(nodes), most) for nodes in columns.values())
    return {
        node: (_ACROSS[level], (tallest - 1) * _STEP - (k + 0.5) * tallest * _STEP / min(len(nodes), most) + _STEP / 2)
        for level, nodes in columns.items()
        for k, node in enumerate(nodes[:most])
    }


def draw(tree: nx.DiGraph, label: Callable[[Any], str], rows: Callable[[Any], str]) -> str:
    """Return the picture as SVG.

    Parameters
    ----------
    tree : networkx.DiGraph
        Nodes with ``level``; edges into files with ``rows``.
    label : callable
        Node -> its words.
    rows : callable
        Rows of an edge -> their words.
    """
    at = placed(tree)
    wide, high = _BOX
    tall = max(y for _, y in at.values()) - min(y for _, y in at.values()) + 2 * high + 0.2
    with style(7.5):
        figure = Figure(figsize=(_ACROSS[-1] + wide + 0.2, tall))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        for a, b, facts in tree.edges(data=True):
            if a not in at or b not in at:
                continue
            (x, y), (u, v) = at[a], at[b]
            axes.plot([x, u], [y, v], color=GREY, linewidth=1.0, zorder=1)
            if "rows" in facts:
                axes.text(
                    (x + u) / 2, (y + v) / 2, rows(facts["rows"]), ha="center", va="center", fontsize=6.5, color=MUTED,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6}, zorder=2,
                )  # fmt: skip
        for node, (x, y) in at.items():
            color = FINDING if tree.nodes[node]["level"] == 1 else NAVY
            axes.text(
                x, y, label(node), ha="center", va="center", color=color, zorder=3,
                bbox={"facecolor": "white", "edgecolor": color, "boxstyle": "round,pad=0.35", "linewidth": 0.8},
            )  # fmt: skip
        axes.set_xlim(-wide / 2 - 0.1, _ACROSS[-1] + wide / 2 + 0.1)
        low, top = min(y for _, y in at.values()), max(y for _, y in at.values())
        axes.set_ylim(low - high - 0.1, top + high + 0.1)
        return svg(figure)
