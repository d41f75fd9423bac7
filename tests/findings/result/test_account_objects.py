"""The things behind a finding of each kind: against plain loops over records and tables of the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import pytest

import spmc_tools as spmc
from benchmarks.accuracy.opponents import OPPONENTS, made

if TYPE_CHECKING:
    import pandas as pd


@pytest.fixture(scope="module")
def evening() -> spmc.Findings:
    """One evening of sixty strikes: a group within hours, and no pair over days."""
    return spmc.investigate(made(OPPONENTS["evening of 60"], seed=3).records)


@pytest.fixture(scope="module")
def turns() -> spmc.Findings:
    """A network that posts a form in turn: events, and hardly a pair."""
    return spmc.investigate(made(OPPONENTS["turns"], seed=3).records)


def in_step_by_loops(records: pd.DataFrame, account: str, others: set[str], seconds: float) -> set[str]:
    """Return the reposts of an account that another of a group has within some seconds on the same post."""
    reposts = records[records["kind"] == "repost"]
    mine = reposts[reposts["account_id"] == account]
    found = set()
    for row in mine.itertuples():
        near = reposts[(reposts["ref_record_id"] == row.ref_record_id) & reposts["account_id"].isin(others - {account})]
        if ((near["created_at"] - row.created_at).abs().dt.total_seconds() <= seconds).any():
            found.add(row.record_id)
    return found


def test_the_evidence_of_an_account_that_a_session_shows_are_its_posts_in_step(evening: spmc.Findings) -> None:
    records = evening.read_records().to_pandas()
    row = next(row for row in evening.sessions.itertuples() if row.trace == "co_repost")
    members = set(row.accounts)
    account = sorted(members)[0]
    shown = evening.evidence(account)
    on_things = set(shown.loc[shown["object_id"].isin(row.objects), "record_id"])
    by_hand = in_step_by_loops(records, account, members, row.window_s)
    listed = records[records["record_id"].isin(by_hand)]
    assert set(listed.loc[listed["ref_record_id"].isin(row.objects), "record_id"]) <= on_things
    assert len(on_things) >= 10 and (shown["account_id"] == account).all()


def test_things_behind_a_session_are_those_that_it_lists(evening: spmc.Findings) -> None:
    things = evening.account_objects()
    row = next(row for row in evening.sessions.itertuples() if row.trace == "co_repost")
    of_session = things[(things["by"] == "session") & things["account_id"].isin(row.accounts)]
    assert set(of_session["object_id"]) == set(row.objects)
    records = evening.read_records().to_pandas().set_index("record_id")
    assert (records.loc[of_session["record_id"], "account_id"].to_numpy() == of_session["account_id"].to_numpy()).all()


def test_things_behind_an_event_are_the_signed_records(turns: spmc.Findings) -> None:
    things = turns.account_objects()
    signed = turns.signed.merge(turns.events[["event_id", "object_id"]], on="event_id")
    shown = set(turns.accounts.loc[turns.accounts["tier"].notna(), "account_id"])
    wanted = {(row.account_id, row.object_id, row.record_id) for row in signed.itertuples() if row.account_id in shown}
    of_events = things[things["by"] == "event"]
    assert set(zip(of_events["account_id"], of_events["object_id"], of_events["record_id"], strict=True)) == wanted


@pytest.mark.parametrize(("suffix", "read"), [(".graphml", nx.read_graphml), (".gexf", nx.read_gexf)])
def test_every_named_account_stands_in_the_network_and_every_shown_one_beside_its_things(
    turns: spmc.Findings, tmp_path, suffix, read
) -> None:
    accounts = turns.accounts.set_index("account_id")
    named = set(accounts.index[accounts["tier"].isin(["A", "B"])])
    network = read(turns.export(tmp_path / f"x{suffix}"))
    assert len(named) >= 150 and named <= set(network)
    assert {network.nodes[account]["basis"] for account in named} <= {"event", "several", "few", "one"}
    objects = read(turns.export(tmp_path / f"x.objects{suffix}"))
    kinds = nx.get_node_attributes(objects, "kind")
    assert {node for node, kind in kinds.items() if kind == "account"} == set(accounts.index[accounts["tier"].notna()])
    assert all({kinds[a], kinds[b]} == {"account", "object"} for a, b in objects.edges)
    things = turns.account_objects()
    assert objects.number_of_edges() == len(things.drop_duplicates(["account_id", "trace", "object_id"]))
    for node, kind in kinds.items():
        if kind == "object":
            assert objects.nodes[node]["n_accounts"] == objects.degree[node]
