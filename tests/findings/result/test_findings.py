"""What a report begins with, and which records sign the events of whom, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from spmc_tools.errors import ParameterError
from spmc_tools.findings.result.findings import Findings


def test_the_numbers_of_a_report_by_hand():
    """Of two traces; nobody is in tier B, and one cluster of three is unstable and has no event."""
    edges = [("co_repost", 0.01, 1.0), ("co_repost", 0.2, 0.001), ("co_repost", 0.2, 1.0), ("co_url", 0.5, 1.0)]
    accounts = [
        ("A", ["co_repost", "co_url"], None),
        ("A", ["co_repost"], None),
        ("C", [], "newsroom"),
        (None, [], None),
    ]
    found = SimpleNamespace(
        edges=pd.DataFrame(edges, columns=["trace", "q", "p_group"]),
        accounts=pd.DataFrame(accounts, columns=["tier", "traces", "context"]),
        account_patterns=pd.DataFrame({"account_id": ["b", "c"], "decides": [False, True]}),
        clusters=pd.DataFrame({"stability": [0.8, 0.79, None], "events": [[], [], [1]]}),
        events=pd.DataFrame({"event_id": [1]}),
        bursts=pd.DataFrame({"bin_start": [1, 2]}),
        sessions=pd.DataFrame({"session_id": [1, 2, 3, 4]}),
        excluded=pd.DataFrame({"bin_start": [5.0, None], "n_actions": [60, 7]}),
        not_run=[{"trace": "co_tag"}],
        notes={
            "records": {"n_records": 9, "first_t": 1, "last_t": 2},
            "traces": {"co_repost": {"n_actions": 30}, "co_url": {"n_actions": 4}},
        },
    )
    assert Findings.summary(found) == {
        "n_records": 9, "n_accounts": 4, "n_duplicates": 0, "first_t": 1, "last_t": 2,
        "traces": {
            "co_repost": {"n_actions": 30, "n_edges": 3, "n_significant": 2, "n_accounts": 2},
            "co_url": {"n_actions": 4, "n_edges": 1, "n_significant": 0, "n_accounts": 1},
        },
        "not_run": 1, "tiers": {"A": 2, "B": 0, "C": 1}, "n_context": 1, "n_newsroom_pattern": 1, "n_clusters": 3,
        "n_stable_clusters": 2, "n_events": 1, "n_bursts": 2, "n_sessions": 4, "n_excluded": 60,
    }  # fmt: skip


def test_records_that_sign_the_events_of_an_account_of_two_and_of_a_cluster():
    signed = [("a", 1, "r1"), ("b", 1, "r2"), ("a", 2, "r3"), ("c", 2, "r4"), ("b", 3, "r5"), ("a", 3, "r6")]
    found = SimpleNamespace(
        signed=pd.DataFrame(signed, columns=["account_id", "event_id", "record_id"]),
        account_events=pd.DataFrame({"account_id": ["a", "b"], "event_id": [1, 3]}),
        clusters=pd.DataFrame({"cluster_id": [4, 7], "events": [[2], [1, 3]]}),
        events=pd.DataFrame({"event_id": [1, 2, 3], "object_id": ["o1", "o2", "o3"]}),
        _members=lambda number: {4: {"a", "c"}, 7: {"b"}}[number],
    )

    def records(of):
        rows = Findings._signed_of(found, of)
        return list(zip(rows["record_id"], rows["object_id"], strict=True))

    assert records("a") == [("r1", "o1")] and records("b") == [("r5", "o3")]  # events that speak for the account
    assert records(("a", "b")) == [("r1", "o1"), ("r2", "o1"), ("r5", "o3"), ("r6", "o3")]  # events of both
    assert records(4) == [("r3", "o2"), ("r4", "o2")] and records(7) == [("r2", "o1"), ("r5", "o3")]


def two_edges() -> SimpleNamespace:
    """Of four accounts: a with b, a with c, in any findings."""
    edges = pd.DataFrame({"account_a": ["a", "a"], "account_b": ["b", "c"], "trace": "co_repost", "q": 0.01})
    edges = edges.assign(window_s=60.0, p_group=1.0, n_occasions=4)
    found = SimpleNamespace(edges=edges, accounts=pd.DataFrame({"account_id": list("abcd")}))
    found._pair = lambda of: Findings._pair(found, of)
    return found


@pytest.mark.parametrize(("of", "rows"), [(("a", "b"), ["b"]), (("c", "a"), ["c"]), (("b", "c"), [])])
def test_the_edges_of_a_pair_are_those_of_both_accounts(of, rows):
    assert Findings._edges_of(two_edges(), of)["account_b"].tolist() == rows


@pytest.mark.parametrize("of", [("a",), ("a", "b", "c"), ("a", "a"), ("a", 1)])
def test_a_pair_is_two_different_accounts(of):
    with pytest.raises(ParameterError, match="wanted two different accounts"):
        Findings._pair(two_edges(), of)
