"""Communities and cores: planted groups, networkx as the second route, no dependence on order."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.errors import ParameterError
from spmc_tools.network.communities import core_numbers, leiden


def table(pairs, weight=None):
    edges = pd.DataFrame(pairs, columns=["account_a", "account_b"])
    return edges if weight is None else edges.assign(weight=weight)


def clique(names):
    return list(itertools.combinations(names, 2))


edges_of = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=60)


def test_two_cliques_with_one_bridge_are_two_communities_and_the_larger_is_0():
    found = leiden(table([*clique("abcd"), *clique("vwxyz"), ("d", "v")]))
    assert {n for n, c in found.items() if c == 0} == set("vwxyz")
    assert {n for n, c in found.items() if c == 1} == set("abcd")


def test_of_equal_communities_the_one_with_the_smallest_id_comes_first():
    assert leiden(table([("x", "y"), ("a", "z")])) == {"a": 0, "z": 0, "x": 1, "y": 1}


def test_weights_decide_where_a_member_belongs():
    pairs = [*clique("abc"), *clique("xyz"), ("m", "a"), ("m", "b"), ("m", "x"), ("m", "y")]
    heavy = np.array([9.0 if pair in {("m", "x"), ("m", "y")} else 1.0 for pair in pairs])
    found = leiden(table(pairs, heavy))
    assert found["m"] == found["x"]
    light = np.array([9.0 if pair in {("m", "a"), ("m", "b")} else 1.0 for pair in pairs])
    found = leiden(table(pairs, light))
    assert found["m"] == found["a"]


@settings(max_examples=60, deadline=None)
@given(pairs=edges_of, seed=st.integers(0, 100))
def test_order_of_rows_and_ends_changes_nothing(pairs, seed):
    rng = np.random.default_rng(seed)
    turned = [tuple(pair)[::-1] if rng.random() < 0.5 else pair for pair in pairs]
    rng.shuffle(turned)
    assert leiden(table(pairs), seed=seed) == leiden(table(turned), seed=seed)


@settings(max_examples=100, deadline=None)
@given(pairs=edges_of)
def test_communities_never_join_separate_components(pairs):
    found = leiden(table(pairs))
    graph = nx.Graph([pair for pair in pairs if pair[0] != pair[1]])
    of = {node: k for k, part in enumerate(nx.connected_components(graph)) for node in part}
    for community in set(found.values()):
        members = [node for node, c in found.items() if c == community]
        assert len({of.get(node, node + 1000) for node in members}) == 1
    sizes = pd.Series(found).value_counts()
    assert sizes.sort_index().is_monotonic_decreasing


@settings(max_examples=100, deadline=None)
@given(pairs=edges_of)
def test_core_numbers_are_those_of_networkx(pairs):
    graph = nx.Graph()
    graph.add_nodes_from({node for pair in pairs for node in pair})
    graph.add_edges_from(pair for pair in pairs if pair[0] != pair[1])
    assert core_numbers(table(pairs)) == nx.core_number(graph)


def test_no_edges_give_no_communities():
    assert leiden(table([])) == {}
    assert core_numbers(table([])) == {}


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_a_weight_that_is_no_positive_number_is_refused(weight):
    with pytest.raises(ParameterError, match="row 1"):
        leiden(table([("a", "b"), ("b", "c")], [1.0, weight]))
