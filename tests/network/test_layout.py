"""Positions: the same for the same graph and seed, inside the picture, groups apart."""

from __future__ import annotations

import math
import random

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.network.layout import SIDE, layout


def shuffled(graph: nx.Graph, seed: int) -> nx.Graph:
    rng = random.Random(seed)
    nodes, edges = list(graph.nodes()), [tuple(rng.sample(e, 2)) for e in graph.edges()]
    rng.shuffle(nodes)
    rng.shuffle(edges)
    other = nx.Graph()
    other.add_nodes_from(nodes)
    other.add_edges_from(edges)
    return other


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.floats(0, 0.3), st.integers(0, 5))
def test_positions_depend_on_graph_and_seed_only(n: int, density: float, seed: int) -> None:
    graph = nx.gnp_random_graph(n, density, seed=seed)
    places = layout(graph, seed)
    assert set(places) == set(graph)
    assert layout(shuffled(graph, 1), seed) == places
    assert all(0 <= value <= SIDE and isinstance(value, int) for place in places.values() for value in place)


def test_another_seed_gives_another_picture() -> None:
    graph = nx.karate_club_graph()
    assert layout(graph, 0) != layout(graph, 1)


def test_nodes_do_not_fall_on_each_other() -> None:
    graph = nx.disjoint_union_all([nx.complete_graph(10), nx.path_graph(6), nx.empty_graph(5), nx.star_graph(8)])
    assert len(set(layout(graph).values())) == len(graph)


def test_separate_groups_do_not_overlap() -> None:
    parts = [nx.relabel_nodes(nx.complete_graph(n), {k: f"{n}-{k}" for k in range(n)}) for n in (20, 12, 7, 3)]
    places = layout(nx.compose_all(parts))
    boxes = [[f(places[node][axis] for node in part) for axis in (0, 1) for f in (min, max)] for part in parts]
    for i, (left, right, low, high) in enumerate(boxes):
        for other_left, other_right, other_low, other_high in boxes[:i]:
            assert right < other_left or other_right < left or high < other_low or other_high < low


def test_linked_nodes_lie_nearer() -> None:
    graph = nx.disjoint_union(nx.complete_graph(12), nx.complete_graph(12))
    graph.add_edge(0, 12)
    places = layout(graph)

    def mean(pairs: list[tuple[int, int]]) -> float:
        return sum(math.dist(places[a], places[b]) for a, b in pairs) / len(pairs)

    inside = [(a, b) for a in range(12) for b in range(a)]
    across = [(a, b) for a in range(12) for b in range(12, 24)]
    assert mean(inside) * 1.5 < mean(across)


@pytest.mark.parametrize("graph", [nx.Graph(), nx.empty_graph(1)])
def test_smallest_graphs(graph: nx.Graph) -> None:
    assert set(layout(graph)) == set(graph)
