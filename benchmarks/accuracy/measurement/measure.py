"""One week, measured: who is named, how accounts rank, what clusters hold, and what it cost; as plain numbers."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import spmc_tools as spmc
from benchmarks.accuracy.measurement import peers, scoring
from benchmarks.accuracy.worlds.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.accuracy.worlds.declare import World
    from benchmarks.accuracy.worlds.simulate import Week
    from spmc_tools.findings.assessment.assess import Assessment

__all__ = ["RECALLS", "TAILS", "TOGETHER", "WINDOWS_S", "measured"]

WINDOWS_S: dict[str, tuple[float, ...]] = {
    "repost": (60, 600),
    "text": (60, 600),
    "tag": (600,),
    "reply": (600,),
    "image": (600,),
}
"""Windows of each action table, as the catalogue of traces has them."""

RECALLS = np.linspace(0.05, 1.0, 20)
"""Recalls at which precision is kept for the plot."""

TAILS = tuple(range(3, 13))
"""Pairs are counted at p ≤ 10 to the minus each of these."""


TOGETHER = ("newsroom", "wire", "volunteer", "volunteer_leader", "office", "office_hq")
"""Roles that act together, openly or by trade: their pairs are no draws from chance."""


@dataclass(frozen=True)
class _Seen:
    """What a run says of every account: ``named``, ``score``, ``cluster`` (-1: none); ``notes`` are further numbers.

    An account in a cluster that is shown with a registered kind has score 0: the result itself sets it aside.
    """

    named: np.ndarray
    score: np.ndarray
    cluster: np.ndarray
    notes: dict[str, Any]


def measured(
    world: World, seed: int, *, peers_too: bool = True, coordinationz: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the numbers of one week, ready for JSON.

    ``peers_too``: the peers run where the world wants them; ``coordinationz`` are the arguments of that peer, if it
    runs.
    """
    began = time.process_time()
    week = simulate(world, seed)
    simulated = time.process_time() - began
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # the peak of memory starts anew
    began = time.process_time()
    if world.records is None:
        seen = _assessed(week)
    else:
        from benchmarks.accuracy.measurement.end_to_end import investigated

        seen = _Seen(*investigated(week))
    spent = time.process_time() - began
    told = {
        "world": world.name,
        "seed": seed,
        "homophily": week.homophily,
        "communities": week.communities,
        "n_accounts": world.n_accounts,
        "n_actions": {trace: len(table) for trace, table in week.tables.items()},
        "simulate_cpu_s": round(simulated, 2),
        "cpu_s": round(spent, 2),
        "peak_mb": _peak_mb(),
        **_counts(week, seen),
        **_ranks(week, seen.score),
        **_clusters(week, seen),
        **seen.notes,
    }
    if world.peers and peers_too:
        told["peers"] = _peers(week, coordinationz)
    return told


def _assessed(week: Week) -> _Seen:
    """Assess every action table and put the accounts together: named by any, the largest score, its cluster."""
    size = week.people.role.size
    named, score, cluster = np.zeros(size, bool), np.zeros(size), np.full(size, -1)
    pairs: Counter[str] = Counter()
    listed: dict[str, Counter[str]] = {"few": Counter(), "one": Counter(), "late": Counter()}
    late = np.zeros(size, bool)
    together = np.isin(week.people.names, TOGETHER) | week.campaign
    names, seconds, tails = week.people.names, {}, {}
    for number, (trace, table) in enumerate(week.tables.items()):
        here = set(table["account_id"].tolist())
        context = {account: kind for account, kind in week.context.items() if account in here}
        began = time.process_time()
        result = spmc.assess(table, windows_s=WINDOWS_S[trace], context=context, seed=week.seed)
        seconds[trace] = round(time.process_time() - began, 2)
        accounts = result.accounts
        ids = accounts["account_id"].to_numpy()
        own, rank = accounts["named"].to_numpy(bool), accounts["score"].to_numpy(copy=True)
        rank[accounts["cluster_id"].isin(_with_kind(result)).to_numpy(bool)] = 0
        label = accounts["cluster_id"].fillna(-1).to_numpy(np.int64)
        better = (rank > score[ids]) | (own & ~named[ids])
        cluster[ids[better & (label >= 0)]] = label[better & (label >= 0)] * 10 + number
        named[ids] |= own
        score[ids] = np.maximum(score[ids], rank)
        pairs.update(names[ids[own & (accounts["kind"] == "pair").to_numpy(bool)]].tolist())
        tails[trace] = _tails(result, together)
        for basis in ("few", "one"):
            listed[basis].update(names[ids[(accounts["basis"] == basis).to_numpy(bool)]].tolist())
        late[result.late_members.loc[result.late_members["found"], "account_id"].to_numpy(np.int64)] = True
    listed["late"].update(names[late].tolist())
    notes = {
        "assess_cpu_s": seconds,
        "tails": tails,
        "named_by_pairs": dict(pairs),
        "listed": {basis: dict(n) for basis, n in listed.items()},
    }
    return _Seen(named, score, cluster, notes)


def _with_kind(result: Assessment) -> set[int]:
    """Return the clusters that are shown with the kind of their registered members."""
    kinds = result.clusters
    return set(kinds.loc[kinds["kind"].notna(), "cluster_id"].tolist())


def _tails(result: Assessment, together: np.ndarray) -> dict[str, Any]:
    """Return the table of a QQ plot: tests, and pairs that reach each power of ten.

    ``crowd``: without pairs of two accounts that do act together, openly or by trade.
    """
    p, ends = result.edges["p"].to_numpy(), result.edges[["account_a", "account_b"]].to_numpy(np.int64)
    crowd = ~together[ends].all(axis=1)
    at = [int((p <= 10.0**-k).sum()) for k in TAILS]
    return {
        "tests": result.notes["n_tests"],
        "at": at,
        "crowd": [int((p[crowd] <= 10.0**-k).sum()) for k in TAILS],
    }


def _counts(week: Week, seen: _Seen) -> dict[str, Any]:
    names, registered = week.people.names, _registered(week)
    campaign, voluntary = week.campaign, week.voluntary
    false = seen.named & ~campaign & ~voluntary
    return {
        "sizes": {str(k): int(v) for k, v in Counter(names.tolist()).items()},
        "named": {str(k): int(v) for k, v in Counter(names[seen.named].tolist()).items()},
        "innocent": int((~campaign & ~voluntary).sum()),
        "false": int(false.sum()),
        "registered": int(registered.sum()),
    }


def _registered(week: Week) -> np.ndarray:
    known = np.zeros(week.people.role.size, bool)
    known[list(week.context)] = True
    return known


def _several(week: Week) -> np.ndarray:
    kinds = [f"campaign:{c.kind}" for c in week.world.campaigns if c.several] + ["network"]
    return np.isin(week.people.names, kinds)


def _judged(week: Week) -> tuple[np.ndarray, np.ndarray]:
    """Return which accounts a ranking is judged on, and which of them are right ones.

    Right are members of campaigns on four sources or more; volunteers, registered accounts and members of other
    campaigns are left out.
    """
    right = _several(week)
    if not right.any():
        right = week.campaign
    return (right | ~(week.campaign | week.voluntary)) & ~_registered(week), right


def _ranks(week: Week, score: np.ndarray) -> dict[str, Any]:
    judged, right = _judged(week)
    if not right.any():
        return {}
    own, truth = score[judged], right[judged]
    names = week.people.names
    innocent = judged & ~right
    told: dict[str, Any] = {
        "auc": scoring.area_under_curve(own, truth),
        "ap": scoring.average_precision(own, truth),
        "precision_at": {k: scoring.precision_at(own, truth, k) for k in (20, 50, int(truth.sum()))},
        "precision_on_grid": scoring.precision_on_grid(own, truth, RECALLS).round(4).tolist(),
        "ap_by_kind": {},
    }
    for campaign in week.world.campaigns:
        of_kind = names == f"campaign:{campaign.kind}"
        both = innocent | of_kind
        told["ap_by_kind"][campaign.kind] = scoring.average_precision(score[both], of_kind[both])
    return told


def _clusters(week: Week, seen: _Seen) -> dict[str, Any]:
    """Return V-measure, ARI and WP of the clusters against the planted cells.

    Taken over members of campaigns on four sources or more and whoever is named; each other account is alone in the
    truth, each account without a cluster alone in what was found.
    """
    right = _several(week)
    both = np.flatnonzero(right | seen.named)
    if not right.any():
        return {}
    alone = 1_000_000 + both
    truth = np.where(week.campaign[both], week.people.cell[both], alone)
    found = np.where(seen.cluster[both] >= 0, seen.cluster[both], alone)
    grouped = np.flatnonzero(seen.cluster >= 0)
    grouped = grouped[seen.named[grouped] | week.campaign[grouped]]
    return {
        "v_measure": scoring.v_measure(truth, found),
        "ari": scoring.adjusted_rand(truth, found),
        "wp": scoring.weighted_purity(week.campaign[grouped], seen.cluster[grouped]),
    }


def _peers(week: Week, coordinationz: Mapping[str, Any] | None) -> dict[str, Any]:
    judged, right = _judged(week)
    size, told = week.people.role.size, {}
    runs: dict[str, Any] = dict(peers.PEERS)
    if coordinationz:
        runs["coordinationz 0.2.2"] = lambda tables, n: peers.coordinationz(tables, n, **coordinationz)
    for name, run in runs.items():
        began = time.process_time()
        found = run(week.tables, size)
        if found is None:
            told[name] = {"ended": False}
            continue
        told[name] = {"ended": True, "cpu_s": round(time.process_time() - began, 2), "variants": {}}
        named = found.named & judged
        told[name]["published"] = {"named": int(named.sum()), "right": int((named & right).sum())}
        for variant, score in found.variants.items():
            hits, taken = scoring.best_f1(score[judged], right[judged])
            told[name]["variants"][variant] = {
                "auc": scoring.area_under_curve(score[judged], right[judged]),
                "ap": scoring.average_precision(score[judged], right[judged]),
                "best": {"named": taken, "right": hits},
                "precision_on_grid": scoring.precision_on_grid(score[judged], right[judged], RECALLS).round(4).tolist(),
            }
        told[name]["members"] = int((right & judged).sum())
    return told


def _peak_mb() -> float | None:
    """Return the most memory that this process held since the peak was set back; None where the system hides it."""
    try:
        return round(int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024, 1)
    except (OSError, IndexError):
        return None
