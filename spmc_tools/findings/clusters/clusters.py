"""Clusters over all traces: which accounts hang together, what that rests on, and whether it is stable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spmc_tools.findings.clusters.evidence import carrying, objects_in_step, records_in_step, widest
from spmc_tools.findings.clusters.joined_events import Part, parts
from spmc_tools.findings.tiers.basis import CAP
from spmc_tools.network.communities import leiden
from spmc_tools.network.stability import RESOLUTION, stability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from spmc_tools.findings.events.events import Events

__all__ = ["STABLE", "Ground", "Joined", "joined"]

STABLE = 0.8
"""Below this stability the members of a cluster have no cluster_id."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Clusters over all traces.

    ``rows``: one dictionary per cluster, ranked, numbered from 1. ``cluster_of``: account -> cluster id, of stable
    clusters and of those with events. ``in_context``: members of a cluster at least half of which is registered.
    ``n_sources``: account -> distinct sources that its edges which carry a finding rest on.
    """

    rows: list[dict[str, Any]]
    cluster_of: dict[str, int]
    in_context: frozenset[str]
    n_sources: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Shared:
    """The objects of all pairs that carry a finding: parallel arrays of pair, object and source numbers, all traces."""

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
    events : Events
        Clusters of events, and the records that sign them.
    """

    edges: pd.DataFrame
    actions: Mapping[str, pa.Table]
    excluded: pd.DataFrame
    scores: Mapping[str, float]
    context: Mapping[str, str]
    events: Events


def joined(ground: Ground, seed: int) -> Joined:
    """Return the clusters of the edges of all traces together that carry a finding, and of the events.

    Leiden at resolution .5 on the union of the edges with q < .05 and the weak edges inside proven groups; a pair
    weighs the sum over traces of its largest -ln of the smaller of p and p° (each at most 60). Clusters of events join
    those that they share their accounts with (:mod:`spmc_tools.findings.clusters.joined_events`), or stand beside them.

    Parameters
    ----------
    ground : Ground
        Edges, actions, events and what is known of the accounts.
    seed : int
        Of Leiden and of the resamples.
    """
    strong = ground.edges[carrying(ground.edges)]
    wide = widest(strong)
    pairs = _weighted(strong)
    place = {pair: number for number, pair in enumerate(zip(pairs["account_a"], pairs["account_b"], strict=True))}
    shared = _shared(wide, ground, place)
    members, kept = _communities(pairs, shared, seed) if len(strong) else ([], [])
    whole = parts(members, kept, ground.events.clusters, STABLE)
    number_of = {account: n for n, part in enumerate(whole) for account in part.accounts}
    inside = _Inside(strong, wide, shared, number_of, place)
    n_records = _n_records(inside, ground, whole)
    rows = [
        _row(number, part, ground, inside) | {"n_records": n_records.get(number, 0)}
        for number, part in enumerate(whole)
    ]
    rows.sort(key=lambda row: (-row["score"], -row["size"], row["accounts"][0]))
    for number, row in enumerate(rows, start=1):
        row["cluster_id"] = number
    return Joined(
        rows,
        {a: row["cluster_id"] for row in rows if row["events"] or row["stability"] >= STABLE for a in row["accounts"]},
        frozenset(a for row in rows if row["context"] is not None for a in row["accounts"]),
        _sources_of(shared, list(place)),
    )


def _communities(pairs: pd.DataFrame, shared: _Shared, seed: int) -> tuple[list[list[str]], list[float]]:
    """Return the communities of the pairs, each in the order of the ids, and the stability of each."""
    communities: dict[int, list[str]] = {}
    for account, number in leiden(pairs, RESOLUTION, seed).items():
        communities.setdefault(number, []).append(account)
    ids = {account: number for number, account in enumerate(sorted({*pairs["account_a"], *pairs["account_b"]}))}
    ends = np.array(
        [[ids[a], ids[b]] for a, b in zip(pairs["account_a"], pairs["account_b"], strict=True)], dtype=np.int64
    )
    members = [sorted(accounts) for accounts in communities.values()]
    weight = pairs["weight"].to_numpy(dtype=np.float64)
    kept = stability(
        ends.reshape(-1, 2), weight, (shared.pair, shared.object), [frozenset(ids[a] for a in m) for m in members], seed
    )
    return members, kept


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
    found = [
        pd.DataFrame({"pair": np.empty(0, np.int64), "object": [], "source": []}).astype({"object": str, "source": str})
    ]
    for trace in dict.fromkeys(wide["trace"]):
        trace_edges = _of_trace(wide, trace)
        step: Any = objects_in_step(ground.actions[trace], trace_edges, _of_trace(ground.excluded, trace)).to_pandas()
        number = np.array(
            [place[pair] for pair in zip(trace_edges["account_a"], trace_edges["account_b"], strict=True)],
            dtype=np.int64,
        )
        found.append(
            pd.DataFrame(
                {
                    "pair": number[step["edge"].to_numpy(dtype=np.int64)],
                    "object": [f"{trace}\x1f{value}" for value in step["object_id"]],
                    "source": [f"{trace}\x1f{value}" for value in step["source_id"]],
                }
            )
        )
    whole = pd.concat([frame for frame in found if len(frame)] or found, ignore_index=True)
    codes = {name: pd.factorize(whole[name], sort=True)[0].astype(np.int64) for name in ("object", "source")}
    return _Shared(whole["pair"].to_numpy(dtype=np.int64), codes["object"], codes["source"])


def _sources_of(shared: _Shared, pairs: list[tuple[str, str]]) -> dict[str, int]:
    """Return how many sources the edges of each account that carry a finding rest on."""
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
        self.edges: dict[int, pd.DataFrame] = {number: cluster_edges for number, cluster_edges in split if number >= 0}
        group = _both(wide, numbers)
        self.wide = wide[group >= 0].reset_index(drop=True)
        self.group = group[group >= 0]
        of_pair = ((number_of.get(a, -1), number_of.get(b, -1)) for a, b in place)
        pairs = np.array([a if a == b else -1 for a, b in of_pair], dtype=np.int64)
        at = pairs[shared.pair]
        self.n_objects = _n_distinct(at, shared.object)
        self.n_sources = _n_distinct(at, shared.source)


def _both(edges: pd.DataFrame, numbers: pd.Series[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the cluster that both ends of each edge are in; -1 where they are in two, or one is in none."""
    a, b = (numbers.reindex(edges[name]).fillna(-1).to_numpy(dtype=np.int64) for name in ("account_a", "account_b"))
    return np.where(a == b, a, -1)


def _n_distinct(
    group: np.ndarray[Any, np.dtype[np.int64]], value: np.ndarray[Any, np.dtype[np.int64]]
) -> dict[int, int]:
    """Return how many distinct values each group has."""
    found: Any = pd.DataFrame({"group": group, "value": value}).groupby("group")["value"].nunique().to_dict()
    return dict(found)


def _row(number: int, part: Part, ground: Ground, inside: _Inside) -> dict[str, Any]:
    edges = inside.edges.get(number)
    signed = _signed(part, ground)
    numbers = _of_edges(edges) if edges is not None else dict(_NO_EDGES)
    first, last = (
        [] if edges is None else [edges["first_t"].min()],
        [] if edges is None else [edges["last_t"].max()],
    )
    traces = [] if edges is None else list(dict.fromkeys(edges["trace"]))
    if len(signed):
        first, last = [*first, signed["created_at"].min()], [*last, signed["created_at"].max()]
    return {
        "size": len(part.accounts),
        "accounts": list(part.accounts),
        "kind": "both" if part.events and edges is not None else "events" if part.events else "edges",
        "traces": list(dict.fromkeys([*traces, *signed["trace"]])),
        "score": float(np.mean([ground.scores.get(account, 0.0) for account in part.accounts])),
        "stability": part.stability,
        "context": _kind(list(part.accounts), ground.context),
        "first_t": min(first),
        "last_t": max(last),
        "n_objects": inside.n_objects.get(number, 0),
        "n_sources": inside.n_sources.get(number, 0),
        "events": list(part.events),
        "n_signed": int(signed["record_id"].nunique()),
        **numbers,
    }


_NO_EDGES = {"n_edges": 0, "max_occasions": 0, "median_occasions": None, "median_expected": None, "max_q": None}


def _of_edges(edges: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of the edges that carry a finding within a cluster."""
    best = edges.sort_values(["account_a", "account_b", "p", "window_s"], kind="stable").drop_duplicates(
        ["account_a", "account_b"]
    )
    return {
        "n_edges": len(best),
        "max_occasions": int(edges["n_occasions"].max()),
        "median_occasions": float(best["n_occasions"].median()),
        "median_expected": float(best["expected"].median()),
        "max_q": float(best["q"].max()),
    }


def _signed(part: Part, ground: Ground) -> pd.DataFrame:
    """Return the records of a cluster's accounts that sign its events."""
    signed = ground.events.signed
    return signed[signed["event_id"].isin(part.events) & signed["account_id"].isin(part.accounts)]


def _n_records(inside: _Inside, ground: Ground, whole: Sequence[Part]) -> dict[int, int]:
    """Return how many records are of the edges that carry each cluster, or sign its events."""
    found = [
        _signed(part, ground)[["record_id"]].assign(group=number) for number, part in enumerate(whole) if part.events
    ]
    for trace in dict.fromkeys(inside.wide["trace"]):
        mine = (inside.wide["trace"] == trace).to_numpy()
        trace_edges, hot = inside.wide[mine].reset_index(drop=True), _of_trace(ground.excluded, trace)
        found.append(records_in_step(ground.actions[trace], trace_edges, hot, inside.group[mine]).to_pandas())
    if not found:
        return {}
    each = pd.concat(found, ignore_index=True)
    counts: Any = each.groupby("group")["record_id"].nunique().to_dict()
    return dict(counts)
