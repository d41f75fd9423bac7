"""Clusters over all traces: what a pair weighs, by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from spmc_tools.findings.clusters.clusters import _row, _weighted
from spmc_tools.findings.clusters.joined_events import Part


def edges(*rows):
    return pd.DataFrame(rows, columns=["trace", "account_a", "account_b", "p", "p_group"])


def test_a_pair_weighs_the_smaller_of_both_probabilities_once_per_trace():
    found = _weighted(
        edges(
            ("co_repost", "a", "b", 1e-9, 1.0),  # a significant pair outside any group
            ("co_repost", "a", "c", 0.02, 1e-4),  # a weak edge inside a proven group
            ("co_repost", "a", "c", 0.01, 1e-3),  # the same pair in another window
            ("copypasta", "a", "c", 1e-5, 1.0),
            ("copypasta", "b", "c", 1e-200, 1.0),
        )
    )
    assert list(zip(found["account_a"], found["account_b"], strict=True)) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found["weight"].tolist() == pytest.approx([9 * math.log(10), 9 * math.log(10), 60.0])


def test_where_no_groups_were_looked_for_p_alone_speaks():
    found = _weighted(edges(("co_repost", "a", "b", 1e-3, 1.0)).drop(columns="p_group"))
    assert found["weight"].tolist() == pytest.approx([3 * math.log(10)])


def at(hour):
    return pd.Timestamp("2025-11-03", tz="UTC") + pd.Timedelta(hours=hour)


@pytest.fixture
def ground():
    """Five scored accounts, two of them registered, and records that sign the events 1 and 2."""
    signed = [(1, "a", "r1", 2, "copypasta"), (1, "b", "r2", 9, "copypasta"), (1, "c", "r2", 9, "co_url"),
              (2, "a", "r3", 99, "co_reply"), (1, "z", "r4", 0, "co_tag")]  # fmt: skip
    frame = pd.DataFrame(signed, columns=["event_id", "account_id", "record_id", "created_at", "trace"])
    return SimpleNamespace(
        scores={"a": 4.0, "b": 2.0},
        context={"c": "newsroom", "d": "official"},
        events=SimpleNamespace(signed=frame.assign(created_at=frame["created_at"].map(at))),
    )


def inside():
    rows = [
        ("co_repost", "a", "b", 1e-5, 60.0, 0.01, 4, 0.5, 3, 7),
        ("co_repost", "a", "b", 1e-6, 600.0, 0.02, 6, 1.5, 3, 8),
        ("co_url", "a", "c", 1e-4, 60.0, 0.03, 3, 0.1, 5, 6),
    ]
    names = ["trace", "account_a", "account_b", "p", "window_s", "q", "n_occasions", "expected", "first_t", "last_t"]
    frame = pd.DataFrame(rows, columns=names)
    frame[["first_t", "last_t"]] = frame[["first_t", "last_t"]].map(at)
    return SimpleNamespace(edges={0: frame}, n_objects={0: 11}, n_sources={0: 5})


def test_a_cluster_of_edges_and_events_by_hand(ground):
    found = _row(0, Part(("a", "b", "c"), 0.9, (1,)), ground, inside())
    assert found == {
        "size": 3, "accounts": ["a", "b", "c"], "kind": "both", "traces": ["co_repost", "co_url", "copypasta"],
        "score": 2.0, "stability": 0.9, "context": None, "first_t": at(2), "last_t": at(9), "n_objects": 11,
        "n_sources": 5, "events": [1], "n_signed": 2, "n_edges": 2, "max_occasions": 6, "median_occasions": 4.5,
        "median_expected": 0.8, "max_q": 0.03,
    }  # fmt: skip


def test_a_cluster_of_edges_alone_and_one_of_events_alone(ground):
    edges_alone = _row(0, Part(("a", "b", "c"), 0.9, ()), ground, inside())
    assert (edges_alone["kind"], edges_alone["n_signed"], edges_alone["events"]) == ("edges", 0, [])
    assert (edges_alone["first_t"], edges_alone["last_t"]) == (at(3), at(8))
    assert edges_alone["traces"] == ["co_repost", "co_url"]
    events_alone = _row(1, Part(("a", "c", "d"), None, (1, 2)), ground, inside())
    assert (events_alone["kind"], events_alone["n_signed"], events_alone["traces"]) == (
        "events", 3, ["copypasta", "co_url", "co_reply"],
    )  # fmt: skip
    assert (events_alone["first_t"], events_alone["last_t"]) == (at(2), at(99))
    assert (events_alone["n_objects"], events_alone["n_sources"], events_alone["n_edges"]) == (0, 0, 0)
    assert events_alone["context"] == "newsroom"  # two of three are registered; of equal kinds the first by name
