"""Rewritten texts through the whole investigation: shown with their posts, never named, no second mark."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import spmc_tools as spmc
from spmc_tools.findings.clusters.rewritten_patterns import with_patterns
from spmc_tools.findings.clusters.second_marks import in_other_sessions
from spmc_tools.findings.result.received_records import received
from spmc_tools.findings.sessions.rewritten import REWRITTEN

DAY = pd.Timestamp("2025-11-03", tz="UTC")
MEMBERS = [f"m{number}" for number in range(6)]
OCCASIONS = [7 * n + 2 for n in range(10)]  # hours, seven apart: no hour of the day comes again on two days


def word(*of: object) -> str:
    """Return a made-up word of seven letters, the same for the same things."""
    digest = hashlib.blake2b(repr(of).encode(), digest_size=7).digest()
    return "".join(chr(97 + byte % 26) for byte in digest)


def records(seed: int = 1, occasions: list[int] = OCCASIONS, lead: str | None = None) -> pd.DataFrame:
    """Return four days of posts by two hundred accounts, and six that reword one text within ten minutes now and then.

    Each version keeps seven of twelve words. ``lead``: who posts first each time, the others two minutes later.
    """
    rng = np.random.default_rng(seed)
    rows = [
        (f"a{n % 200:03}", rng.integers(0, 3 * 86_400), " ".join(word("crowd", n, i) for i in range(10)))
        for n in range(800)
    ]
    for hour in occasions:
        order = [lead, *(one for one in MEMBERS if one != lead)] if lead else list(rng.permutation(MEMBERS))
        for k, member in enumerate(order):
            own = [word(hour, i) if i < 7 else word(member, hour, i) for i in range(12)]
            rows.append((member, hour * 3_600 + (120 * (k > 0) + 7 * k if lead else 61 * k + 13), " ".join(own)))
    frame = pd.DataFrame(rows, columns=["account_id", "second", "text"])
    return pd.DataFrame(
        {
            "record_id": [f"r{n}" for n in range(len(frame))], "account_id": frame["account_id"], "kind": "post",
            "created_at": DAY + pd.to_timedelta(frame["second"], unit="s"), "text": frame["text"], "platform": "x",
            "time_precision_s": 1.0,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Any:
    return spmc.investigate(records())


def test_accounts_that_reword_one_text_again_and_again_are_a_group_with_its_posts(found: Any) -> None:
    [row] = found.sessions[found.sessions["trace"] == REWRITTEN].to_dict("records")
    assert row["accounts"] == MEMBERS and row["size"] == 6
    assert (row["n_ties"], row["n_met"], row["n_objects"], row["n_sources"]) == (15, 150, 10, 10)
    assert (row["n_stretches"], row["window_s"]) == (10, 600.0) and pd.isna(row["kind"])
    assert 0 < row["expected_met"] < 1 and 0 < row["p"] < 1e-6
    table = records()
    own = table[table["account_id"].isin(MEMBERS)].sort_values("created_at")
    told = sorted(record for thing in row["objects"] for record in json.loads(thing))
    assert told == sorted(own["record_id"])
    assert (row["first_t"], row["last_t"]) == (own["created_at"].min(), own["created_at"].max())
    evidence = found.evidence(MEMBERS[0])
    assert set(evidence["trace"]) == {REWRITTEN} and not evidence["significant"].any()
    assert evidence["record_id"].tolist() == own[own["account_id"] == MEMBERS[0]]["record_id"].tolist()


def test_they_rank_and_show_and_nobody_is_named(found: Any) -> None:
    accounts = found.accounts.set_index("account_id")
    assert set(accounts.loc[MEMBERS, "tier"]) == {"C"}
    assert not accounts["tier"].isin(["A", "B"]).any() and accounts["tier"].notna().sum() == 6
    assert set(found.accounts["account_id"][:6]) == set(MEMBERS)
    assert found.notes["rewritten"]["n_texts"] == 860 and found.notes["rewritten"]["n_alike"] == 150


def test_they_are_no_second_mark_and_no_pattern_that_officers_name_against(found: Any) -> None:
    assert not in_other_sessions(found.sessions[found.sessions["trace"] == REWRITTEN])
    assert not (found.ordinary_patterns["trace"] == REWRITTEN).any()


def test_a_registered_group_gives_its_members_no_session() -> None:
    told = spmc.investigate(records(), context=dict.fromkeys(MEMBERS[:4], "newsroom"))
    [row] = told.sessions[told.sessions["trace"] == REWRITTEN].to_dict("records")
    assert (row["kind"], row["n_context"], row["patterns"]) == ("newsroom", 4, None)
    assert not told.accounts["sessions"].map(len).any()


@pytest.mark.parametrize("traces", [["co_repost"], ["co_hashtag_sequence"]])
def test_without_the_trace_of_copies_nothing_is_looked_for(traces: list[str]) -> None:
    told = spmc.investigate(records(), traces=traces)
    assert told.notes["rewritten"] == {} and not len(told.sessions)


def test_clocks_coarser_than_half_of_the_window_are_left_out() -> None:
    for step, n in ((300.0, 860), (301.0, 0)):
        table = records().assign(time_precision_s=step)
        told = spmc.investigate(table, traces=["copypasta"], windows_s=[900])
        assert told.notes["rewritten"]["n_texts"] == n


def test_the_order_of_the_rows_changes_nothing(found: Any) -> None:
    told = spmc.investigate(records().sample(frac=1.0, random_state=3))
    pd.testing.assert_frame_equal(told.sessions, found.sessions)
    pd.testing.assert_frame_equal(told.accounts, found.accounts)


@pytest.mark.parametrize(
    ("occasions", "lead", "wanted"),
    [
        (OCCASIONS, None, []),
        (OCCASIONS, "m3", ["one_origin"]),
        ([24 * n + 9 for n in range(6)], None, ["daily_round"]),
    ],
)
def test_ordinary_patterns_are_told_of_the_group(occasions: list[int], lead: str | None, wanted: list[str]) -> None:
    told = spmc.investigate(records(occasions=occasions, lead=lead))
    [row] = told.sessions[told.sessions["trace"] == REWRITTEN].to_dict("records")
    assert row["accounts"] == MEMBERS and row["patterns"] == wanted
    assert told.accounts["tier"].dropna().unique().tolist() == ["C"]


def test_posts_on_the_same_full_minute_of_other_days_are_an_appointment(found: Any) -> None:
    """Every text moved to its full minute, and the hour to ten o'clock of its own day, six days."""
    table = records(occasions=[24 * n + 10 for n in range(6)])
    own = table["account_id"].isin(MEMBERS)
    table.loc[own, "created_at"] = table.loc[own, "created_at"].dt.floor("10min")
    told = spmc.investigate(table)
    [row] = told.sessions[told.sessions["trace"] == REWRITTEN].to_dict("records")
    assert row["patterns"] == ["appointment", "daily_round"]
    other = told.sessions.assign(trace="copypasta")
    assert with_patterns(other, received(table).table)["patterns"].tolist() == [None] * len(other)
