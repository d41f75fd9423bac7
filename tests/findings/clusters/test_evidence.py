"""Evidence against a brute-force join in pandas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.coaction.traces.objects import UNKNOWN
from spmc_tools.errors import ParameterError
from spmc_tools.findings.clusters.evidence import carrying, in_step, objects_in_step, records_in_step, widest
from spmc_tools.schema import ACTIONS

if TYPE_CHECKING:
    import pyarrow as pa

T0 = datetime(2025, 11, 5, tzinfo=UTC)
NO_HOT = pd.DataFrame({"object_id": [], "bin_start": [], "bin_s": []})


def actions(rows: list[tuple[str, str, float]]) -> pa.Table:
    made = [
        {
            "trace": "t", "account_id": a, "object_id": o, "source_id": None if o == "o0" else f"s{o}",
            "t": T0 + timedelta(seconds=s), "record_id": f"r{n}",
        }
        for n, (a, o, s) in enumerate(rows)
    ]  # fmt: skip
    return ACTIONS.from_rows(made)


def pairs(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["account_a", "account_b", "window_s"])


def brute(table: pa.Table, edges: pd.DataFrame) -> list[tuple[int, str, str]]:
    """Every record with one of the other account on its object within the window: loops only."""
    rows = table.to_pylist()
    found = set()
    for number, edge in enumerate(edges.itertuples()):
        for one in rows:
            for other in rows:
                if {one["account_id"], other["account_id"]} == {edge.account_a, edge.account_b} and (
                    one["object_id"] == other["object_id"]
                    and abs((one["t"] - other["t"]).total_seconds()) <= edge.window_s
                ):
                    found.add((number, one["record_id"], one["object_id"]))
    return sorted(found)


ROWS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["o0", "o1", "o'2"]), st.integers(0, 300).map(lambda s: s / 2)),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(ROWS, st.sampled_from([0.5, 30, 60]))
def test_in_step_is_the_brute_force(rows: list[tuple[str, str, float]], window: float) -> None:
    table = actions(rows)
    edges = pairs(("a", "b", window), ("a", "c", window / 2), ("b", "d", window))
    step = in_step(table, edges, NO_HOT)
    assert [(r["edge"], r["record_id"], r["object_id"]) for r in step.to_pylist()] == brute(table, edges)
    assert all(step["counted"].to_pylist())
    objects = objects_in_step(table, edges, NO_HOT).to_pylist()
    assert sorted((r["edge"], r["object_id"]) for r in objects) == sorted({(e, o) for e, _, o in brute(table, edges)})
    assert {r["source_id"] for r in objects} <= {UNKNOWN, "so1", "so'2"}


@settings(max_examples=25, deadline=None)
@given(ROWS, st.sampled_from([0.5, 30, 60]), st.tuples(*[st.sampled_from([0, 7])] * 3))
def test_records_of_groups_are_those_of_their_edges(
    rows: list[tuple[str, str, float]], window: float, groups: tuple[int, ...]
) -> None:
    table = actions(rows)
    edges = pairs(("a", "b", window), ("a", "c", window / 2), ("b", "d", window))
    hot = pd.DataFrame({"object_id": ["o1"], "bin_start": [T0], "bin_s": [60]})
    wanted = {
        (groups[row["edge"]], row["record_id"]) for row in in_step(table, edges, hot).to_pylist() if row["counted"]
    }
    found = records_in_step(table, edges, hot, np.array(groups)).to_pylist()
    assert [(row["group"], row["record_id"]) for row in found] == sorted(wanted)


def test_the_window_is_inclusive_and_hot_bins_are_marked() -> None:
    seconds = {"o1": (0, 60), "o2": (0, 60.5), "o3": (5, 6), "o4": (600, 601), "o5": (600, 599.999999)}
    table = actions([(account, o, pair[n]) for o, pair in seconds.items() for n, account in enumerate("ab")])
    bins = {"o3": T0, "o1": T0 - timedelta(hours=1), "o4": T0, "o5": T0}
    hot = pd.DataFrame({"object_id": list(bins), "bin_start": list(bins.values()), "bin_s": [600] * 4})
    step = in_step(table, pairs(("a", "b", 60)), hot).to_pylist()
    counted = {"r0": True, "r1": True, "r4": False, "r5": False, "r6": True, "r7": True, "r8": False, "r9": False}
    assert {r["record_id"]: r["counted"] for r in step} == counted and len(step) == 8
    assert [r["object_id"] for r in objects_in_step(table, pairs(("a", "b", 60)), hot).to_pylist()] == ["o1", "o4"]


def test_what_carries_a_finding_is_strong_or_of_a_proven_group_and_has_a_window() -> None:
    """q from 5 % on carries none, nor does an edge of no group, whose p is 1; without a window nothing does."""
    edges = pd.DataFrame({"q": [0.049, 0.05, 0.05, 0.05], "p_group": [1.0, 0.999, 1.0, 0.0]})
    assert carrying(edges).tolist() == [True, True, False, True]
    assert carrying(edges[["q"]]).tolist() == [True, False, False, False]
    assert carrying(edges.assign(window_s=[60.0, None, 60.0, 60.0])).tolist() == [True, False, False, True]


def test_widest_takes_the_widest_significant_window() -> None:
    edges = pd.DataFrame(
        {
            "trace": ["t", "t", "t", "t", "u"],
            "account_a": ["a", "a", "a", "b", "a"],
            "account_b": ["b", "b", "b", "c", "b"],
            "window_s": [60.0, 600.0, 3600.0, 60.0, 60.0],
            "q": [0.01, 0.02, 0.5, 0.9, 0.001],
        }
    )
    wide = widest(edges)
    assert wide[["trace", "account_a", "window_s", "significant"]].values.tolist() == [
        ["t", "a", 600.0, True], ["t", "b", 60.0, False], ["u", "a", 60.0, True],
    ]  # fmt: skip


def brute_pair(world: pd.DataFrame, a: str, b: str, window: float) -> set[str]:
    """Reposts in step of two accounts, by a join in pandas."""
    reposts = world[world["kind"] == "repost"]
    both = reposts[reposts.account_id == a].merge(reposts[reposts.account_id == b], on="ref_record_id")
    near = both[(both.created_at_x - both.created_at_y).abs() <= pd.Timedelta(seconds=window)]
    return {*near.record_id_x, *near.record_id_y}


def test_pair_is_exactly_its_records_in_step(world: pd.DataFrame, found: Any) -> None:
    edge = found.edges[(found.edges["trace"] == "co_repost") & (found.edges["q"] < 0.05)].iloc[0]
    evidence = found.evidence((edge.account_b, edge.account_a))
    own = evidence[evidence["kind"] == "repost"]
    assert set(own["record_id"]) == brute_pair(world, edge.account_a, edge.account_b, 600)
    assert evidence["record_id"].is_unique
    assert evidence["created_at"].is_monotonic_increasing
    assert set(evidence["account_id"]) == {edge.account_a, edge.account_b}
    rows = world.set_index("record_id")
    for row in evidence.itertuples():
        assert (row.source_sha256, row.source_row) == tuple(rows.loc[row.record_id, ["source_sha256", "source_row"]])
        assert row.trace == ("co_repost" if row.kind == "repost" else "copypasta")
        assert row.object_id in (rows.loc[row.record_id, "ref_record_id"], row.object_id)
    assert set(own["object_id"]) <= set(world["ref_record_id"].dropna())


def test_cluster_and_account(found: Any, members: list[str]) -> None:
    cluster = int(found.clusters["cluster_id"].iloc[0])
    whole = found.evidence(cluster)
    assert set(whole["account_id"]) == set(members)
    assert len(whole) == found.clusters["n_records"].iloc[0]
    assert whole["counted"].all()
    assert whole["significant"].all()
    strong = found.edges[found.edges["q"] < 0.05]
    pieces = {
        record
        for a, b in set(zip(strong["account_a"], strong["account_b"], strict=True))
        for record in found.evidence((a, b)).query("significant")["record_id"]
    }
    assert set(whole["record_id"]) == pieces
    one = found.evidence(members[0])
    assert members[0] in set(one["account_id"])
    assert set(one["record_id"]) <= pieces


def test_account_without_links_has_no_evidence(found: Any) -> None:
    linked = {*found.edges["account_a"], *found.edges["account_b"]}
    alone = next(a for a in found.accounts["account_id"] if a not in linked)
    evidence = found.evidence(alone)
    assert len(evidence) == 0
    assert {"record_id", "source_sha256", "source_row", "trace", "object_id", "window_s"} <= set(evidence.columns)


@pytest.mark.parametrize("of", [99, "nobody", ("c0000", "nobody"), ("c0000",), ("c0000", "c0000"), True, 1.5, None])
def test_what_is_not_there_is_refused(found: Any, of: Any) -> None:
    with pytest.raises(ParameterError):
        found.evidence(of)
