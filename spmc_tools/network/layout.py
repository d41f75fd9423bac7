"""Positions of a network for charts: the same graph and seed give the same picture."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import networkx as nx

    from spmc_tools.schema.arrays import Floats

__all__ = ["SIDE", "layout"]

SIDE = 10_000
"""Positions are whole numbers from 0 to this."""

_GAP = 0.08
_MANY = 3000
_APART = 2.0


def layout(graph: nx.Graph[Any], seed: int = 0) -> dict[Any, tuple[int, int]]:
    """Return a position for each node: whole numbers from 0 to 10,000, linked nodes near each other.

    Fruchterman and Reingold's forces within each connected part; the parts stand in rows, the largest first, so that
    separate groups do not overlap. A part of more than 3,000 is laid out in two levels: its communities, and each one's
    members around its place.

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


def _forces(graph: nx.Graph[Any], part: list[Any], seed: int) -> Floats:
    """Return positions within the unit square for one connected part."""
    place = {node: number for number, node in enumerate(part)}
    links = sorted(
        (min(place[a], place[b]), max(place[a], place[b])) for a, b in graph.subgraph(part).edges() if a != b
    )
    return _two_levels(len(part), links, seed) if len(part) > _MANY else _one_level(len(part), links, seed)


def _two_levels(size: int, links: list[tuple[int, int]], seed: int) -> Floats:
    """Return positions for many nodes: communities by their links with each other, members around their middle."""
    import igraph as ig

    ig.set_random_number_generator(random.Random(seed))  # noqa: S311
    try:
        community_of = np.array(ig.Graph(n=size, edges=links).community_leiden("modularity", n_iterations=4).membership)
    finally:
        ig.set_random_number_generator(random)
    inside: list[list[tuple[int, int]]] = [[] for _ in range(int(community_of.max()) + 1)]
    between = set()
    for a, b in links:
        if community_of[a] == community_of[b]:
            inside[community_of[a]].append((a, b))
        else:
            between.add(
                (min(int(community_of[a]), int(community_of[b])), max(int(community_of[a]), int(community_of[b])))
            )
    middles = _one_level(len(inside), sorted(between), seed) * math.sqrt(size) * _APART
    points = np.zeros((size, 2))
    for community, edges in enumerate(inside):
        members = np.flatnonzero(community_of == community)
        place = {int(node): number for number, node in enumerate(members)}
        within = _one_level(len(members), [(place[a], place[b]) for a, b in edges], seed + community)
        points[members] = middles[community] + (within - 0.5) * math.sqrt(len(members))
    return _unit(points)


def _one_level(size: int, links: list[tuple[int, int]], seed: int) -> Floats:
    import igraph as ig

    if size == 1:
        return np.full((1, 2), 0.5)
    steps = 300 if size <= _MANY else 30
    start = np.random.default_rng(seed).uniform(size=(size, 2)) * math.sqrt(size)
    ig.set_random_number_generator(random.Random(seed))  # noqa: S311
    try:
        found = ig.Graph(n=size, edges=links).layout_fruchterman_reingold(
            seed=start.tolist(), niter=steps, start_temp=math.sqrt(size) / 4, grid=size > 1000
        )
    finally:
        ig.set_random_number_generator(random)
    return _unit(np.array(found.coords))


def _unit(points: Floats) -> Floats:
    span = float(np.ptp(points, axis=0).max()) or 1.0
    unit: Floats = (points - points.min(axis=0)) / span
    return unit


def _rows(parts: list[tuple[list[Any], Floats]]) -> list[tuple[Any, tuple[float, float]]]:
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
