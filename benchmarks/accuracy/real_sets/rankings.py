"""Every ranking of a table's accounts: the program's score, simple peers, shadows of how it was collected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

import spmc_tools as spmc
from benchmarks.accuracy.measurement.peers import cosine
from benchmarks.accuracy.real_sets.acts import acts_of
from benchmarks.accuracy.real_sets.common_bins import bin_rankings
from benchmarks.accuracy.real_sets.in_step import pair_rankings
from benchmarks.accuracy.real_sets.shadows import shadows

if TYPE_CHECKING:
    import numpy as np

    from benchmarks.accuracy.real_sets.real_tables import RealTable

__all__ = ["CHANCE", "OURS", "Kind", "Tiers", "peer_rankings", "program", "shadow_rankings"]

Kind = Literal["ours", "peer", "shadow", "chance"]
OURS = "**this package, `score`**"
CHANCE = "everybody alike"


@dataclass(frozen=True, slots=True)
class Tiers:
    """How many labelled accounts, and how many others, are in tier A or B (named) and in tier C."""

    named_right: int
    named_others: int
    listed_right: int
    listed_others: int


def program(table: RealTable) -> tuple[pd.DataFrame, Tiers]:
    """Return the score of every account, and the tiers, with every setting as it comes."""
    found = spmc.investigate(table.records).accounts.set_index("account_id")
    score = pd.to_numeric(found["score"]).reindex(table.labelled.index).fillna(0.0)
    tier = found["tier"].astype(object).reindex(table.labelled.index)
    right = table.labelled.to_numpy(bool)
    named, listed = tier.isin(["A", "B"]).to_numpy(bool), (tier == "C").to_numpy(bool)
    counts = (named & right, named & ~right, listed & right, listed & ~right)
    return score.to_frame(OURS), Tiers(*(int(kind.sum()) for kind in counts))


def peer_rankings(table: RealTable) -> pd.DataFrame:
    """Return what simple methods score every account with, a column each."""
    n, acts = len(table.labelled), acts_of(table)
    account = table.labelled.index.get_indexer(pd.Index(table.records["account_id"]))
    t_us = table.records["created_at"].astype("datetime64[us, UTC]").astype("int64").to_numpy()
    columns = pair_rankings(acts, n) | bin_rankings(account, t_us, table.bin_s, n) | _cosines(acts, n)
    return pd.DataFrame(columns, index=table.labelled.index)


def shadow_rankings(table: RealTable) -> pd.DataFrame:
    """Return :func:`~benchmarks.accuracy.real_sets.shadows.shadows`, a column each."""
    return pd.DataFrame(shadows(table), index=table.labelled.index)


def _cosines(acts: pd.DataFrame, n: int) -> dict[str, np.ndarray]:
    """Return the peer of simulated weeks on reposts and texts; nothing where neither was read."""
    named = acts.rename(columns={"account": "account_id", "thing": "object_id"})
    tables = {"repost": named[named["trace"] == "co_repost"], "text": named[named["trace"] == "copypasta"]}
    if not any(map(len, tables.values())):
        return {}
    return {f"TF-IDF cosine, {variant} acts": score for variant, score in cosine(tables, n).variants.items()}
