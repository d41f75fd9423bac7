"""Clusters over all traces: which accounts hang together, what that rests on, and whether it is stable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spmc_tools.findings.basis import CAP
from spmc_tools.findings.evidence import carrying, objects_in_step, records_in_step, widest
from spmc_tools.network.communities import leiden
from spmc_tools.network.stability import RESOLUTION, stability

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

__all__ = ["STABLE", "Ground", "Joined", "joined"]

STABLE = 0.8
"""Below this stability the members of a cluster have no cluster_id."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Clusters over all traces.

    ``rows``: one dictionary per cluster, ranked, numbered from 1. ``cluster_of``: account -> cluster id, of stable
    clusters. ``in_context``: members of a cluster at least half of which is registered. ``n_sources``: account ->
    distinct sources that its significant edges rest on.
    """

    rows: list[dict[str, Any]]
    cluster_of: dict[str, int]
    in_context: frozenset[str]
    n_sources: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Shared:
    """The objects of all significant pairs: parallel arrays of pair, object and source numbers over all traces."""

    pair: np.ndarray[Any, np.dtype[np.int64]]
    object: np.ndarray[Any, np.dtype[np.int64]]
    source: np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What clusters are made of.

    Attributes
    ----------
    edges : pandas.DataFrame
        ``trace, account_a, account_b, window_s, p, q, n_occasions, expected, first_t, last_t``.
    actions : mapping of trace -> pyarrow.Table
        Schema ``ACTIONS``.
    excluded : pandas.DataFrame
        ``trace, object_id, bin_start, bin_s``.
    scores : mapping of account -> float
        A cluster's score is their mean.
    context : mapping of account -> kind
        Registered accounts.
    """

    edges: pd.DataFrame
    actions: Mapping[str, pa.Table]
    excluded: pd.DataFrame
    scores: Mapping[str, float]
    context: Mapping[str, str]


def joined(ground: Ground, seed: int) -> Joined:
    """Return the clusters of the significant edges of all traces together.

    Leiden at resolution .5 on the union of the edges with q < .05 and the weak edges inside proven groups; a pair
    weighs the sum over traces of its largest -ln of the smaller of p and p° (each at most 60).

    Parameters
    ----------
    ground : Ground
        Edges, actions and what is known of the accounts.
    seed : int
        Of Leiden and of the resamples.
    """
    strong = ground.edges[carrying(ground.edges)]
    if not len(strong):
        return Joined([], {}, frozenset(), {})
    wide = widest(strong)
    pairs = _weighted(strong)
    place = {pair: number for number, pair in enumerate(zip(pairs["account_a"], pairs["account_b"], strict=True))}
    shared = _shared(wide, ground, place)
    communities: dict[int, list[str]] = {}
    for account, number in leiden(pairs, RESOLUTION, seed).items():
        communities.setdefault(number, []).append(account)
    ids = {account: number for number, account in enumerate(sorted({*pairs["account_a"], *pairs["account_b"]}))}
    ends = np.array([[ids[a], ids[b]] for a, b in place], dtype=np.int64).reshape(-1, 2)
    members = [sorted(accounts) for accounts in communities.values()]
    weight = pairs["weight"].to_numpy(dtype=np.float64)
    kept = stability(ends, weight, (shared.pair, shared.object), [frozenset(ids[a] for a in m) for m in members], seed)
    inside = _Inside(strong, wide, shared, {account: n for n, own in enumerate(members) for account in own}, place)
    n_records = _n_records(inside, ground)
    rows = [
        _row(number, accounts, ground, inside) | {"stability": share, "n_records": n_records.get(number, 0)}
        for number, (accounts, share) in enumerate(zip(members, kept, strict=True))
    ]
    rows.sort(key=lambda row: (-row["score"], -row["size"], row["accounts"][0]))
    for number, row in enumerate(rows, start=1):
        row["cluster_id"] = number
    return Joined(
        rows,
        {a: row["cluster_id"] for row in rows if row["stability"] >= STABLE for a in row["accounts"]},
        frozenset(a for row in rows if row["context"] is not None for a in row["accounts"]),
        _sources_of(shared, list(place)),
    )


def _weighted(strong: pd.DataFrame) -> pd.DataFrame:
    """Return one row per pair, ordered by ids, with its weight: of p and p°, the smaller."""
    p = strong["p"].to_numpy(dtype=np.float64)
    if "p_group" in strong:
        p = np.minimum(p, strong["p_group"].to_numpy(dtype=np.float64))
    strength = np.minimum(-np.log(np.maximum(p, 1e-300)), CAP)
    each = strong.assign(weight=np.maximum(strength, 1e-9))
    by_trace = each.groupby(["account_a", "account_b", "trace"], sort=True)["weight"].max()
    found: pd.DataFrame = by_trace.groupby(["account_a", "account_b"], sort=True).sum().reset_index()
    return found


def _of_trace(frame: pd.DataFrame, trace: str) -> pd.DataFrame:
    return frame[frame["trace"] == trace].reset_index(drop=True)


def _shared(wide: pd.DataFrame, ground: Ground, place: Mapping[tuple[str, str], int]) -> _Shared:
    parts = []
    for trace in dict.fromkeys(wide["trace"]):
        own = _of_trace(wide, trace)
        step: Any = objects_in_step(ground.actions[trace], own, _of_trace(ground.excluded, trace)).to_pandas()
        number = np.array(
            [place[pair] for pair in zip(own["account_a"], own["account_b"], strict=True)], dtype=np.int64
        )
        parts.append(
            pd.DataFrame(
                {
                    "pair": number[step["edge"].to_numpy(dtype=np.int64)],
                    "object": [f"{trace}\x1f{value}" for value in step["object_id"]],
                    "source": [f"{trace}\x1f{value}" for value in step["source_id"]],
                }
            )
        )
    whole = pd.concat(parts, ignore_index=True)
    codes = {name: pd.factorize(whole[name], sort=True)[0].astype(np.int64) for name in ("object", "source")}
    return _Shared(whole["pair"].to_numpy(dtype=np.int64), codes["object"], codes["source"])


def _sources_of(shared: _Shared, pairs: list[tuple[str, str]]) -> dict[str, int]:
    """Return how many sources the significant edges of each account rest on."""
    sources: dict[str, set[int]] = {}
    for pair, source in set(zip(shared.pair.tolist(), shared.source.tolist(), strict=True)):
        for account in pairs[pair]:
            sources.setdefault(account, set()).add(source)
    return {account: len(found) for account, found in sources.items()}


def _kind(accounts: list[str], context: Mapping[str, str]) -> str | None:
    """Return the commonest registered kind where at least half of the accounts are registered."""
    kinds = [context[account] for account in accounts if account in context]
    return min(kinds, key=lambda kind: (-kinds.count(kind), kind)) if 2 * len(kinds) >= len(accounts) else None


class _Inside:
    """What lies within each cluster, split once for all of them: edges, pairs, objects and sources, by its number."""

    def __init__(
        self,
        strong: pd.DataFrame,
        wide: pd.DataFrame,
        shared: _Shared,
        number_of: Mapping[str, int],
        place: Mapping[tuple[str, str], int],
    ) -> None:
        numbers = pd.Series(number_of, dtype="int64")
        split: Any = strong.groupby(_both(strong, numbers), sort=False)
        self.edges: dict[int, pd.DataFrame] = {number: own for number, own in split if number >= 0}
        group = _both(wide, numbers)
        self.wide = wide[group >= 0].reset_index(drop=True)
        self.group = group[group >= 0]
        pairs = np.array([number_of[a] if number_of[a] == number_of[b] else -1 for a, b in place], dtype=np.int64)
        at = pairs[shared.pair]
        self.n_objects = _n_distinct(at, shared.object)
        self.n_sources = _n_distinct(at, shared.source)


def _both(edges: pd.DataFrame, numbers: pd.Series[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the cluster that both ends of each edge are in; -1 where they are in two."""
    a, b = (numbers.reindex(edges[name]).to_numpy(dtype=np.int64) for name in ("account_a", "account_b"))
    return np.where(a == b, a, -1)


def _n_distinct(
    group: np.ndarray[Any, np.dtype[np.int64]], value: np.ndarray[Any, np.dtype[np.int64]]
) -> dict[int, int]:
    """Return how many distinct values each group has."""
    found: Any = pd.DataFrame({"group": group, "value": value}).groupby("group")["value"].nunique().to_dict()
    return dict(found)


def _row(number: int, accounts: list[str], ground: Ground, inside: _Inside) -> dict[str, Any]:
    own = inside.edges[number]
    best = own.sort_values(["account_a", "account_b", "p", "window_s"], kind="stable").drop_duplicates(
        ["account_a", "account_b"]
    )
    return {
        "size": len(accounts),
        "accounts": accounts,
        "traces": list(dict.fromkeys(own["trace"])),
        "score": float(np.mean([ground.scores.get(account, 0.0) for account in accounts])),
        "context": _kind(accounts, ground.context),
        "first_t": own["first_t"].min(),
        "last_t": own["last_t"].max(),
        "n_edges": len(best),
        "n_objects": inside.n_objects.get(number, 0),
        "n_sources": inside.n_sources.get(number, 0),
        "max_occasions": int(own["n_occasions"].max()),
        "median_occasions": float(best["n_occasions"].median()),
        "median_expected": float(best["expected"].median()),
        "max_q": float(best["q"].max()),
    }


def _n_records(inside: _Inside, ground: Ground) -> dict[int, int]:
    """Return how many records carry the significant edges within each cluster."""
    parts = []
    for trace in dict.fromkeys(inside.wide["trace"]):
        mine = (inside.wide["trace"] == trace).to_numpy()
        own, hot = inside.wide[mine].reset_index(drop=True), _of_trace(ground.excluded, trace)
        parts.append(records_in_step(ground.actions[trace], own, hot, inside.group[mine]).to_pandas())
    if not parts:
        return {}
    each = pd.concat(parts, ignore_index=True)
    found: Any = each.groupby("group")["record_id"].nunique().to_dict()
    return dict(found)
