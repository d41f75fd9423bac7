"""Sessions by time alone, and groups of all traces in one table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import spmc_tools as spmc
from spmc_tools.findings.sessions.moments import MOMENT, moments_of

DAY = pd.Timestamp("2025-11-03", tz="UTC")
MEMBERS = [f"m{number}" for number in range(6)]


def records(seed: int = 1, moments: int = 14, precision_s: float = 1.0) -> pd.DataFrame:
    """Return a week of posts by two hundred accounts, and six that write in the same second now and then."""
    rng = np.random.default_rng(seed)
    account = np.repeat([f"a{n:03}" for n in range(200)], 20)
    at = rng.integers(0, 6 * 86_400, account.size)
    together = rng.choice(6 * 144, moments, replace=False) * 600 + 37
    frame = pd.DataFrame(
        {
            "account_id": np.concatenate([account, np.tile(MEMBERS, moments)]),
            "created_at": DAY + pd.to_timedelta(np.concatenate([at, np.repeat(together, 6)]), unit="s"),
            "kind": "post",
            "time_precision_s": precision_s,
        }
    )
    frame["created_at"] = frame["created_at"].dt.floor(f"{int(precision_s)}s")
    return frame.assign(record_id=[f"r{n}" for n in range(len(frame))], platform="x")


def test_accounts_that_write_in_the_same_seconds_are_one_group_by_time_alone() -> None:
    table = records()
    found = spmc.investigate(table)
    [row] = found.sessions[found.sessions["trace"] == MOMENT].to_dict("records")
    assert row["accounts"] == MEMBERS
    assert (row["n_sources"], row["n_objects"], row["window_s"]) == (14, 14, 2.0)
    own = table[table["account_id"].isin(MEMBERS)]
    assert row["objects"] == sorted({at.floor("2s").isoformat() for at in own["created_at"]}, key=row["objects"].index)
    tiers = found.accounts.set_index("account_id")["tier"]
    assert set(tiers[MEMBERS]) == {"C"} and not found.accounts["tier"].isin(["A", "B"]).any()
    assert found.accounts.set_index("account_id")["sessions"][MEMBERS].tolist() == [[row["session_id"]]] * 6
    assert set(found.accounts["account_id"][:6]) == set(MEMBERS)
    assert found.notes["sessions"] == {"n_groups": 1, "n_accounts": 6, "moment_s": 2}


def test_where_clocks_go_by_the_minute_a_moment_is_a_minute() -> None:
    moments = moments_of(pa.Table.from_pandas(records(precision_s=60.0)))
    assert moments.bin_s == 60
    [row] = moments.groups.to_dict("records")
    assert row["accounts"] == MEMBERS and row["window_s"] == 60.0


def test_records_of_a_coarser_clock_have_no_moment() -> None:
    moments = moments_of(pa.Table.from_pandas(records().assign(time_precision_s=86_400.0)))
    assert moments.groups.empty and moments.scores == {} and moments.bin_s is None


def test_without_repetition_an_account_is_ordered_by_how_many_it_shared_a_moment_with() -> None:
    at = DAY + pd.to_timedelta([0, 0, 0, 5_000, 5_000, 9_000], unit="s")
    table = pa.table(
        {
            "account_id": ["a", "b", "c", "a", "d", "e"],
            "created_at": pa.array(at).cast(pa.timestamp("us", tz="UTC")),
            "time_precision_s": [1.0] * 6,
        }
    )
    scores = moments_of(table).scores
    assert scores == pytest.approx(
        {"a": 0.05 * np.log10(4), "b": 0.05 * np.log10(3), "c": 0.05 * np.log10(3), "d": 0.05 * np.log10(2)}
    )


def test_a_registered_group_gives_its_members_no_session() -> None:
    found = spmc.investigate(records(), context=dict.fromkeys(MEMBERS[:4], "official"))
    [row] = found.sessions.to_dict("records")
    assert (row["kind"], row["n_context"]) == ("official", 4)
    assert not any(found.accounts["sessions"])
