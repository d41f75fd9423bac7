"""The graph of some edges."""

from __future__ import annotations

import networkx as nx
import pandas as pd

from spmc_tools.network.build import build, one_row_per_pair

EDGES = pd.DataFrame(
    [
        ("co_repost", "a", "b", 60.0, 5, 0.5, 1e-4, 0.01),
        ("co_repost", "a", "b", 600.0, 6, 0.7, 1e-6, 0.001),
        ("copypasta", "a", "b", 60.0, 3, 0.2, 1e-3, 0.04),
        ("co_repost", "b", "c", 60.0, 4, 0.4, 1e-3, 0.02),
    ],
    columns=["trace", "account_a", "account_b", "window_s", "n_occasions", "expected", "p", "q"],
)
ACCOUNTS = pd.DataFrame(
    {
        "account_id": ["a", "b", "c", "d"],
        "tier": pd.Series(["A", "B", None, None], dtype="str"),
        "cluster_id": pd.array([1, 1, None, 2], dtype="Int64"),
    }
)


def test_one_edge_per_pair_with_its_least_probable_row() -> None:
    graph = build(EDGES, ACCOUNTS)
    assert list(graph.nodes(data=True)) == [
        ("a", {"tier": "A", "cluster": 1}), ("b", {"tier": "B", "cluster": 1}), ("c", {"tier": "", "cluster": 0}),
    ]  # fmt: skip
    assert graph.edges["a", "b"] == {
        "n_occasions": 6, "expected": 0.7, "p": 1e-6, "q": 0.001, "window_s": 600.0, "traces": "co_repost,copypasta",
        "carried_by": "q",
    }  # fmt: skip
    assert graph.edges["b", "c"]["traces"] == "co_repost"
    assert graph.number_of_edges() == 2


def test_an_edge_says_whether_its_own_q_or_its_group_carries_it() -> None:
    rows = [
        ("co_repost", "a", "b", 60.0, 2, 0.1, 1e-5, 0.05),  # the limit itself is not below it
        ("co_repost", "a", "c", 60.0, 3, 0.1, 1e-6, 0.2),  # the least probable row is of a trace with more tests:
        ("copypasta", "a", "c", 60.0, 3, 0.1, 1e-5, 0.049),  # another row of the pair carries it by itself
        ("co_repost", "b", "c", 60.0, 2, 0.1, 1e-4, 1.0),
    ]
    graph = build(pd.DataFrame(rows, columns=EDGES.columns), ACCOUNTS)
    carried = {a + b: how for a, b, how in graph.edges(data="carried_by")}
    assert carried == {"ab": "proven group", "ac": "q", "bc": "proven group"}


def test_order_of_rows_changes_nothing() -> None:
    other = build(EDGES.iloc[::-1], ACCOUNTS.iloc[::-1])
    assert list(other.nodes(data=True)) == list(build(EDGES, ACCOUNTS).nodes(data=True))
    assert list(other.edges(data=True)) == list(build(EDGES, ACCOUNTS).edges(data=True))


def test_no_edges_give_an_empty_graph() -> None:
    assert nx.number_of_nodes(build(EDGES.iloc[:0], ACCOUNTS)) == 0
    assert len(one_row_per_pair(EDGES.iloc[:0])) == 0
