"""Positions of a network for charts: the same graph and seed give the same picture."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

__all__ = ["SIDE", "layout"]

SIDE = 10_000
"""Positions are whole numbers from 0 to this."""

_GAP = 0.08


def layout(graph: nx.Graph[Any], seed: int = 0) -> dict[Any, tuple[int, int]]:
    """Return a position for each node: whole numbers from 0 to 10,000, linked nodes near each other.

    Fruchterman and Reingold's forces within each connected part; the parts stand in rows, the largest first, so that
    separate groups do not overlap.

    Parameters
    ----------
    graph : networkx.Graph
        Edges are pulled together alike; nodes must be sortable.
    seed : int
        Of the positions from which the forces start.

    Returns
    -------
    dict
        Node -> (x, y), the same whatever the order of nodes and edges.

    Notes
    -----
    Distance in the picture is no measure: two groups that stand side by side need not have anything in common.

    References
    ----------
    Fruchterman, Reingold (1991), Graph drawing by force-directed placement, Software: Practice and Experience 21(11).
    """
    import networkx as nx

    parts = sorted((sorted(part) for part in nx.connected_components(graph)), key=lambda part: (-len(part), part[0]))
    if not parts:
        return {}
    placed = _rows([(part, _forces(graph, part, seed + number)) for number, part in enumerate(parts)])
    points = np.array([point for _, point in placed])
    low, span = points.min(axis=0), float(np.ptp(points, axis=0).max()) or 1.0
    offset = (span - np.ptp(points, axis=0)) / 2
    scaled = np.rint((points - low + offset) / span * SIDE).astype(int)
    return {node: (int(x), int(y)) for (node, _), (x, y) in zip(placed, scaled, strict=True)}


def _forces(graph: nx.Graph[Any], part: list[Any], seed: int) -> NDArray[np.float64]:
    """Return positions within the unit square for one connected part."""
    import igraph as ig

    place = {node: number for number, node in enumerate(part)}
    if len(part) == 1:
        return np.full((1, 2), 0.5)
    links = sorted(tuple(sorted((place[a], place[b]))) for a, b in graph.subgraph(part).edges() if a != b)
    start = np.random.default_rng(seed).uniform(size=(len(part), 2)) * math.sqrt(len(part))
    ig.set_random_number_generator(random.Random(seed))  # noqa: S311
    try:
        found = ig.Graph(n=len(part), edges=links).layout_fruchterman_reingold(
            seed=start.tolist(), niter=300, start_temp=math.sqrt(len(part)) / 4, grid=len(part) > 1000
        )
    finally:
        ig.set_random_number_generator(random)
    points = np.array(found.coords)
    span = float(np.ptp(points, axis=0).max()) or 1.0
    unit: NDArray[np.float64] = (points - points.min(axis=0)) / span
    return unit


def _rows(parts: list[tuple[list[Any], NDArray[np.float64]]]) -> list[tuple[Any, tuple[float, float]]]:
    """Put squares with sides like the root of their numbers of nodes into rows; return all nodes with positions."""
    sides = [math.sqrt(len(part)) for part, _ in parts]
    width = max(sides[0], math.sqrt(sum((side * (1 + _GAP)) ** 2 for side in sides)))
    x = y = height = 0.0
    placed: list[tuple[Any, tuple[float, float]]] = []
    for (part, points), side in zip(parts, sides, strict=True):
        if x and x + side > width * 1.001:
            x, y, height = 0.0, y + height * (1 + _GAP), 0.0
        placed.extend(
            (node, (x + px * side, y + py * side)) for node, (px, py) in zip(part, points.tolist(), strict=True)
        )
        x, height = x + side * (1 + _GAP), max(height, side)
    return placed
