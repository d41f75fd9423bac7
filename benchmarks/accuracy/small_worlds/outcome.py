"""One small world through ``spmc.investigate``: who was named and shown, and how well the members are ranked."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import spmc_tools as spmc
from benchmarks.accuracy.measurement.scoring import average_precision
from benchmarks.accuracy.opponents import SmallWorld, made
from benchmarks.accuracy.real_sets.acts import acts_of
from benchmarks.accuracy.real_sets.in_step import in_step
from benchmarks.accuracy.real_sets.real_tables import RealTable
from benchmarks.accuracy.small_worlds.world_roles import left_out_roles, member_roles

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from benchmarks.accuracy.opponents.parts import Declaration

__all__ = ["COUNT", "DRAWS", "SCORE", "Outcome", "Ranking", "Tally", "measured", "pairs_in_step", "ranking_of", "tally"]

SCORE, COUNT = "score", "pairs in step"
"""The rankings: the accounts table's ``score``, and the best simple count."""

DRAWS, _WINDOW_S, _COUNTED = 500, 60.0, ("co_repost", "copypasta")


@dataclass(frozen=True, slots=True)
class Tally:
    """Accounts with a record, those in tier A or B (named), and those in tier C or better (shown)."""

    accounts: int
    named: int
    shown: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """Average precision of a ranking for the members, and that of each draw of accounts; equal scores are one step."""

    ap: float
    drawn: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found in one small world.

    Attributes
    ----------
    world, seed : str, int
        Name of the declaration, and of everything's seed.
    n_records : int
    members, others : Tally
        Others are all who are no members: stars, leaders and sources too.
    rankings : dict of str -> Ranking
        By name; empty where nothing was ranked.
    wall_s : float
        Seconds by the clock, with making the world.
    """

    world: str
    seed: int
    n_records: int
    members: Tally
    others: Tally
    rankings: dict[str, Ranking]
    wall_s: float


def measured(declaration: Declaration, seed: int, *, ranked: bool) -> Outcome:
    """Return what the package finds in this world, with every setting as it comes.

    Parameters
    ----------
    declaration : Declaration
    seed : int
    ranked : bool
        Whether the rankings are measured: those of an opponent.
    """
    began = time.monotonic()
    world = made(declaration, seed)
    accounts = spmc.investigate(world.records).accounts.set_index("account_id")
    role = pd.Series(world.roles).reindex(sorted(set(world.records["account_id"])))
    is_member = role.isin(member_roles(declaration))
    tier = accounts["tier"].reindex(role.index)
    rankings = {}
    if ranked:
        score = pd.to_numeric(accounts["score"])
        rankings = _rankings(world, is_member, left_out_roles(declaration), score)
    return Outcome(
        world=declaration.name,
        seed=seed,
        n_records=len(world.records),
        members=tally(tier[is_member]),
        others=tally(tier[~is_member]),
        rankings=rankings,
        wall_s=time.monotonic() - began,
    )


def tally(tier: pd.Series[str]) -> Tally:
    """Return how many accounts there are, are named and are shown, from the tier of each ("A", "B", "C" or null)."""
    known = tier.astype(object)
    return Tally(len(known), int(known.isin(["A", "B"]).sum()), int(known.isin(["A", "B", "C"]).sum()))


def _rankings(
    world: SmallWorld, is_member: pd.Series[bool], left_out: AbstractSet[str], score: pd.Series[float]
) -> dict[str, Ranking]:
    judged = [account for account in is_member.index if world.roles[account] not in left_out]
    right = is_member[judged].to_numpy(bool)
    columns = {SCORE: score, COUNT: pairs_in_step(world.records)}
    return {
        name: ranking_of(column.reindex(judged).fillna(0.0).to_numpy(float), right) for name, column in columns.items()
    }


def pairs_in_step(records: pd.DataFrame) -> pd.Series[float]:
    """Return by account the pairs of acts in step with its best partner: reposts and copied texts, 60 s, inclusive."""
    accounts = pd.Index(sorted(set(records["account_id"])))
    acts = acts_of(RealTable("small world", records, pd.Series(data=False, index=accounts)))
    pairs = in_step(acts[acts["trace"].isin(_COUNTED)], _WINDOW_S)
    best = np.zeros(len(accounts))
    for end in ("a", "b"):
        np.maximum.at(best, pairs[end].to_numpy("int64"), pairs["n_pairs"].to_numpy(float))
    return pd.Series(best, index=accounts)


def ranking_of(score: np.ndarray, right: np.ndarray, draws: int = DRAWS) -> Ranking:
    """Return the average precision, and that of draws of as many members and as many others, with replacement.

    The draws take the same accounts whatever the score, so that two rankings of the same accounts can be compared.

    Parameters
    ----------
    score : array of shape (n,)
        Higher is more suspicious.
    right : bool array of shape (n,)
    draws : int
    """
    rng = np.random.default_rng(1)
    kinds = [np.flatnonzero(right), np.flatnonzero(~right)]
    drawn = []
    for _ in range(draws):
        taken = np.concatenate([rng.choice(kind, kind.size) for kind in kinds if kind.size])
        drawn.append(round(average_precision(score[taken], right[taken]), 6))
    return Ranking(average_precision(score, right), tuple(drawn))
