"""The tables of an assessment by hand: whom a cluster holds, what is shown of an account."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spmc_tools.findings.assessment.account_tests import AccountTests
from spmc_tools.findings.assessment.assessment_tables import account_table, cluster_table, kind_of, times_of

IDS = pd.Series(["a", "b", "c", "d", "x", "y", "z"])


@pytest.fixture
def tests():
    """Six accounts of two clusters and one of none; a is in group 1, b in group 2."""
    return AccountTests(
        p=np.array([0.01, 0.02, 0.03, 0.5, 0.04, 0.05, 1.0]),
        q=np.array([0.02, 0.03, 0.04, 0.6, 0.05, 0.06, 1.0]),
        score=np.array([5.0, 7.0, 3.0, 1.0, 7.0, 2.0, 0.0]),
        basis=np.array(["several", "several", "few", None, "several", "several", None], dtype=object),
        kind=np.array(["group", "pair", None, None, "pair", "pair", None], dtype=object),
        n_sources=np.arange(7),
        group=np.array([0, 1, -1, -1, -1, -1, -1]),
        session=np.zeros(7),
    )


def edges():
    """a, b, c and d hang together, d by a proven group alone; x and y do; the edge to z says nothing."""
    rows = [
        ("a", "b", 0.01, 0.04, 1.0, 5, 9),
        ("a", "b", 0.01, 0.04, 1.0, 4, 20),  # the same pair in another window
        ("a", "c", 0.02, 0.049, 1.0, 3, 8),
        ("b", "c", 0.02, 0.049, 1.0, 7, 12),
        ("a", "d", 0.9, 0.9, 0.001, 6, 11),
        ("b", "d", 0.9, 0.9, 0.001, 6, 11),
        ("x", "y", 0.001, 0.01, 1.0, 30, 31),
        ("a", "z", 0.01, 0.05, 1.0, 0, 99),
    ]
    return pd.DataFrame(rows, columns=["account_a", "account_b", "p", "q", "p_group", "first_t", "last_t"])


def test_clusters_of_the_edges_that_speak(tests):
    found = cluster_table(edges(), IDS, tests, {"c": "newsroom", "x": "wire"}, 0)
    found["kind"] = found["kind"].fillna("")
    assert found.to_dict("records") == [
        {"cluster_id": 1, "accounts": ["a", "b", "c", "d"], "size": 4, "n_edges": 5, "score": 4.0, "first_t": 3,
         "last_t": 20, "n_named": 2, "n_context": 1, "kind": ""},
        {"cluster_id": 2, "accounts": ["x", "y"], "size": 2, "n_edges": 1, "score": 4.5, "first_t": 30,
         "last_t": 31, "n_named": 0, "n_context": 1, "kind": "wire"},
    ]  # fmt: skip
    none = cluster_table(edges().iloc[-1:], IDS, tests, {}, 0)
    assert len(none) == 0 and str(none["size"].dtype) == "int64"


def test_accounts_by_score_with_their_cluster_and_group(tests):
    clusters = cluster_table(edges(), IDS, tests, {"x": "wire"}, 0)
    groups = pd.DataFrame({"accounts": [["b", "d"]], "kind": ["official"]})
    found = account_table(IDS, tests, {"x": "wire"}, clusters, groups).set_index("account_id")
    assert found.index.tolist() == ["b", "x", "a", "c", "y", "d", "z"]  # of equal scores the first code
    assert found["group_id"].dropna().to_dict() == {"a": 1, "b": 2}
    assert found["cluster_id"].dropna().to_dict() == {"a": 1, "b": 1, "c": 1, "d": 1, "x": 2, "y": 2}
    # b's group, and the cluster of x and y, are of registered accounts; c has few sources
    assert found.index[found["named"]].tolist() == ["a"]
    assert found["context"].dropna().to_dict() == {"x": "wire"}
    assert found.loc["c", ["p", "q", "n_sources"]].tolist() == [0.03, 0.04, 2]


@pytest.mark.parametrize(
    ("kinds", "size", "expected"),
    [
        ([], 2, None),
        (["wire"], 2, "wire"),
        (["wire"], 3, None),
        (["wire", "desk"], 4, "desk"),
        (["wire", "desk", "wire"], 4, "wire"),
    ],
)
def test_half_of_a_cluster_gives_it_its_kind(kinds, size, expected):
    assert kind_of(kinds, size) == expected


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        ("int", [1, 3]),
        ("float", [1.5, 3.0]),
        ("time", [pd.Timestamp(1_500, unit="ms", tz="UTC"), pd.Timestamp(3, unit="s", tz="UTC")]),
    ],
)
def test_times_are_told_as_they_were_given(kind, times):
    assert times_of(np.array([1_500_000, 3_000_000]), kind).tolist() == times
