"""Real tables, whole: ``investigate`` and ``assess`` return, count every record, and name nobody in a crowd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import spmc_tools as spmc
from spmc_tools.coaction.traces.trace import lacking
from spmc_tools.coaction.traces.trace_catalogue import TRACES, actions_of

if TYPE_CHECKING:
    from pathlib import Path

# records and accounts as the folder's own description has them
REAL = {
    "attributed_2015": (31_970, 13_989), "deleting_bots_300": (16_137, 3_041), "crowd_demonetisation": (8_000, 5_937),
    "crowd_airline": (14_640, 7_701), "crowd_hk": (7_919, 2_741),
}  # fmt: skip
CROWDS = ("crowd_demonetisation", "crowd_airline", "crowd_hk")


def named(found: Any) -> list[str]:
    """Accounts in tier A or B."""
    return found.accounts.loc[found.accounts["tier"].isin(["A", "B"]), "account_id"].tolist()


def in_years(table: pa.Table) -> pa.Table:
    """Attributed posts of 2015 as records."""
    frame = table.to_pandas()
    return pa.table(
        {
            "record_id": [f"r{n}" for n in range(len(frame))], "account_id": frame["pid"],
            "created_at": table["publish_date"],
            "kind": ["repost" if retweet else "post" for retweet in frame["retweet"]],
            "text": frame["content"], "time_precision_s": [60.0] * len(frame),
        }
    )  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_a_real_table_is_looked_at_whole(name: str, shared_data: Path) -> None:
    path = shared_data / "real" / f"{name}.parquet"
    if not path.is_file():
        pytest.skip(f"{path.name} is not on this machine")
    table = pq.read_table(path)
    found = spmc.investigate(table)
    left_out = found.notes["records"].get("duplicate_records_left_out", 0)
    assert (len(table), found.accounts["n_records"].sum() + left_out) == (REAL[name][0],) * 2
    assert len(found.accounts) == REAL[name][1]
    if name in CROWDS:
        assert named(found) == []
    for trace in (trace for trace in TRACES.values() if trace.table == "records" and not lacking(table, trace)):
        actions = actions_of(table, trace)
        if len(actions):
            assessed = spmc.assess(actions)
            assert len(assessed.accounts) == len(actions["account_id"].unique())


def test_posts_of_attributed_accounts_are_looked_at_whole(shared_data: Path) -> None:
    path = shared_data / "posts" / "ira_2015-11_pseudonymised.parquet"
    if not path.is_file():
        pytest.skip(f"{path.name} is not on this machine")
    found = spmc.investigate(in_years(pq.read_table(path)))
    assert (found.accounts["n_records"].sum(), len(found.accounts)) == (26_589, 481)


def test_real_reposts_are_looked_at_whole(shared_data: Path) -> None:
    """Reposts whose authors nobody knows: within 60 s, 32 pairs share two posts, three pairs three; nobody is named."""
    path = shared_data / "posts" / "russian_coord_tweets.parquet"
    if not path.is_file():
        pytest.skip(f"{path.name} is not on this machine")
    raw = pd.read_parquet(path)
    table = pa.table(
        {
            "record_id": [f"r{n}" for n in range(len(raw))], "account_id": raw["account_id"].astype(str),
            "created_at": pd.to_datetime(raw["timestamp_share"], unit="s", utc=True), "kind": ["repost"] * len(raw),
            "ref_record_id": raw["object_id"].astype(str),
        }
    )  # fmt: skip
    found = spmc.investigate(table)
    assert found.accounts["n_records"].sum() == len(raw) == 35_125
    assert named(found) == []
