"""Peers as baselines: what each scores every account with, from the same action tables.

Facts and formulas are those of the papers and manuals, the code is ours. Every peer gives one score per account,
higher is more suspicious, in one or more variants; and whom it would name at its published settings. Which variant is
its best is decided with the labels, which no user has: that favours the peers.
"""

from __future__ import annotations

import heapq
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

import spmc_tools as spmc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PEERS", "Scored", "coordinationz"]

Tables = "Mapping[str, pd.DataFrame]"

_LOOKED_AT = ("repost", "text")


@dataclass(frozen=True)
class Scored:
    """``variants``: name -> score of every account; ``named``: whom the published settings name."""

    variants: dict[str, np.ndarray]
    named: np.ndarray


def counting(tables: Mapping[str, pd.DataFrame], n: int) -> Scored:
    """Count coactions of a pair: CooRTweet's rule. Published: 10 s, edges above the median weight.

    The score is the largest weight of an account's edges, over both traces.

    References
    ----------
    Righetti, N. and Balluff, P., CooRTweet 2.1.2, manual of ``detect_groups`` and ``generate_coordinated_network``.
    """
    variants, named = {}, np.zeros(n, bool)
    for window in (10, 60, 600):
        score = np.zeros(n)
        for trace in _LOOKED_AT:
            edges = spmc.coactions(tables[trace], window_s=window, min_objects=1 if window == 10 else 2)
            weight = edges["n_pairs"].to_numpy()
            ends = (edges["account_a"].to_numpy(), edges["account_b"].to_numpy())
            for end in ends:
                np.maximum.at(score, end, weight)
            if window == 10 and weight.size:
                strong = weight > np.quantile(weight, 0.5)
                for end in ends:
                    named[end[strong]] = True
        variants[f"{window} s"] = score
    return Scored(variants, named)


def cosine(tables: Mapping[str, pd.DataFrame], n: int) -> Scored:
    """Cosine of TF-IDF vectors of shared objects. Published: the .5 % of pairs with the largest similarity.

    The score is the largest similarity to anybody, over both traces; variants: accounts with 1, 5 or 10 acts and more.

    References
    ----------
    Pacheco, D. et al. (2021), Uncovering coordinated networks on social media, ICWSM 15, 455.
    """
    variants, named = {}, np.zeros(n, bool)
    for least in (1, 5, 10):
        score = np.zeros(n)
        for trace in _LOOKED_AT:
            largest, cut = _largest_cosine(_tf_idf(tables[trace], n, least))
            score = np.maximum(score, largest)
            if least == 10:
                named |= (largest >= cut) & (largest > 0)
        variants[f"at least {least}"] = score
    return Scored(variants, named)


def fusion(tables: Mapping[str, pd.DataFrame], n: int) -> Scored:
    """Centrality in the fusion of similarity networks: reposts, fast reposts, texts, tags. Published: by centrality.

    Similarities are cosines of TF-IDF vectors, fused by their sum, which needs no network to be written out; the score
    is the eigenvector centrality. The paper prunes by centrality and leaves the cut to the user: named are the .5 %
    most central accounts. Variants: all acts, or accounts with ten and more.

    References
    ----------
    Luceri, L. et al. (2024), Unmasking the web of deceit, WWW '24, 2530.
    """
    variants = {}
    first = tables["repost"].groupby("object_id")["t"].transform("min")  # the export tells no time of the original
    fast = tables["repost"][tables["repost"]["t"] - first <= 10].assign(object_id=lambda x: x["source_id"])
    for least in (1, 10):
        layers = [_tf_idf(tables[trace], n, least) for trace in ("repost", "text", "tag")]
        layers.append(_tf_idf(fast, n, 2))
        own = sum((m.multiply(m)).sum(axis=1) for m in layers)
        centrality = np.full(n, n**-0.5)
        for _ in range(60):
            turned = sum(m @ (m.T @ centrality) for m in layers) - own * centrality
            size = np.linalg.norm(turned)
            if size == 0:
                break
            centrality = np.maximum(turned / size, 0)
        variants[f"at least {least}"] = centrality
    best = variants["at least 10"]
    return Scored(variants, (best >= np.quantile(best, 0.995)) & (best > 0))


def decay(tables: Mapping[str, pd.DataFrame], n: int) -> Scored:
    """Collaboration with an exponential kernel: Σ over shared objects of exp(−|Δt|/τ) / (n_o − 1), layers added.

    The score is an account's strongest tie or its strength; variants: τ = 60 s and 300 s. Pairs more than three τ
    apart add less than .05 and are left out. The paper leaves the cut to the data: named are the endpoints of the
    .5 % heaviest ties.

    References
    ----------
    Iannucci, L. et al. (2025), Detecting coordinated activities through temporal, multiplex, and collaborative
    analysis, arXiv 2512.19677; Newman, M. E. J. (2001), Physical Review E 64, 016132 (node-normalised collaboration).
    """
    variants, named = {}, np.zeros(n, bool)
    for tau in (60.0, 300.0):
        keys, weights = [np.empty(0, np.int64)], [np.empty(0)]
        for trace in _LOOKED_AT:
            key, weight = _decayed(tables[trace], n, tau)
            keys.append(key)
            weights.append(weight)
        tie, place = np.unique(np.concatenate(keys), return_inverse=True)
        heavy = np.bincount(place, weights=np.concatenate(weights), minlength=tie.size)
        strongest, strength = np.zeros(n), np.zeros(n)
        for end in (tie // n, tie % n):
            np.maximum.at(strongest, end, heavy)
            np.add.at(strength, end, heavy)
        variants[f"τ {tau:g} s, strongest tie"] = strongest
        variants[f"τ {tau:g} s, strength"] = strength
        if tau == 60 and heavy.size:
            cut = np.quantile(heavy, 0.995)
            named = strongest >= cut
    return Scored(variants, named)


def fraudar(tables: Mapping[str, pd.DataFrame], n: int) -> Scored:
    """Density of the densest block of accounts and objects that an account stays in while the lightest are peeled off.

    Edges weigh 1/ln(5 + acts on the object); density is the weight of a block over its accounts and objects. Published:
    the densest block is named, in each trace.

    References
    ----------
    Hooi, B. et al. (2016), FRAUDAR: bounding graph fraud in the face of camouflage, KDD, 895.
    """
    score, named = np.zeros(n), np.zeros(n, bool)
    for trace in _LOOKED_AT:
        stays, densest = _peeled(tables[trace], n)
        score = np.maximum(score, stays)
        named |= densest
    return Scored({"log-weighted": score}, named)


PEERS: dict[str, Callable[[Mapping[str, pd.DataFrame], int], Scored]] = {
    "counting (CooRTweet)": counting,
    "TF-IDF cosine (Pacheco 2021)": cosine,
    "fusion, centrality (Luceri 2024)": fusion,
    "decay kernel (Iannucci 2025)": decay,
    "FRAUDAR (Hooi 2016)": fraudar,
}
"""Peers by name."""


def _tf_idf(table: pd.DataFrame, n: int, least: int) -> csr_array:
    """Return unit rows of TF-IDF weights, accounts by objects; accounts with fewer than ``least`` acts are empty."""
    thing = pd.factorize(table["object_id"])[0]
    actor = table["account_id"].to_numpy()
    acts = np.bincount(actor, minlength=n)
    keep = acts[actor] >= least
    shape = (n, int(thing.max(initial=-1)) + 1)
    counts = csr_array((np.ones(int(keep.sum())), (actor[keep], thing[keep])), shape=shape)
    counts.sum_duplicates()
    seen = np.bincount(counts.indices, minlength=shape[1])
    idf = np.log(max(int((acts >= least).sum()), 1) / np.maximum(seen, 1))
    weighted = counts.multiply(idf[None, :]).tocsr()
    length = np.sqrt(weighted.multiply(weighted).sum(axis=1))
    return csr_array(weighted.multiply((1 / np.maximum(length, 1e-12))[:, None]))


def _largest_cosine(rows: csr_array) -> tuple[np.ndarray, float]:
    """Return each account's largest similarity to another, and the 99.5 % quantile of all similarities above zero."""
    largest, bins = np.zeros(rows.shape[0]), np.zeros(2_001)
    shared = np.flatnonzero(np.bincount(rows.indices, minlength=rows.shape[1]) > 1)
    rows = rows[:, shared]
    turned = csr_array(rows.T)
    active = np.flatnonzero(np.diff(rows.indptr))
    for start in range(0, active.size, 500):
        here = active[start : start + 500]
        near = csr_array(rows[here] @ turned).toarray()
        near[np.arange(here.size), here] = 0
        largest[here] = near.max(axis=1, initial=0)
        bins += np.bincount((near[near > 0] * 2_000).astype(np.int64).clip(0, 2_000), minlength=2_001)
    above = np.cumsum(bins[::-1])[::-1]
    cut = np.flatnonzero(above <= 0.005 * max(above[0], 1))
    return largest, float(cut[0] / 2_000) if cut.size else 1.0


def _decayed(table: pd.DataFrame, n: int, tau: float) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs (a·n + b, a < b) with their decayed weight, one row for each two acts on one object within 3 τ."""
    thing = pd.factorize(table["object_id"])[0]
    order = np.lexsort((table["t"].to_numpy(), thing))
    thing, actor, t = thing[order], table["account_id"].to_numpy()[order], table["t"].to_numpy()[order]
    crowd = np.bincount(thing)
    line = thing * (int(np.ptp(t)) + 10 * int(tau) + 1 if t.size else 1) + (t - (t.min() if t.size else 0))
    until = np.searchsorted(line, line + 3 * int(tau), side="right")
    keys, weights = [np.empty(0, np.int64)], [np.empty(0)]
    for start in range(0, t.size, 20_000):
        here = np.arange(start, min(start + 20_000, t.size))
        partners = until[here] - here - 1
        a = np.repeat(here, partners)
        b = a + 1 + np.arange(a.size) - np.repeat(np.cumsum(partners) - partners, partners)
        other = actor[a] != actor[b]
        a, b = a[other], b[other]
        low, high = np.minimum(actor[a], actor[b]), np.maximum(actor[a], actor[b])
        weight = np.exp(-(t[b] - t[a]) / tau) / (crowd[thing[a]] - 1)
        tie, place = np.unique(low * n + high, return_inverse=True)
        keys.append(tie)
        weights.append(np.bincount(place, weights=weight, minlength=tie.size))
    return np.concatenate(keys), np.concatenate(weights)


def _peeled(table: pd.DataFrame, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest density while each account is still there, and who is in the densest block."""
    once = table.drop_duplicates(["account_id", "object_id"])
    actor, thing = once["account_id"].to_numpy(), pd.factorize(once["object_id"])[0] + n
    nodes = n + int(thing.max(initial=n - 1)) + 1 - n
    weight = 1 / np.log(5 + np.bincount(thing, minlength=nodes))[thing]
    ends = np.concatenate((actor, thing))
    order = np.argsort(ends, kind="stable")
    others = np.concatenate((thing, actor))[order].tolist()
    heavy = np.concatenate((weight, weight))[order].tolist()
    first = np.searchsorted(ends[order], np.arange(nodes + 1)).tolist()
    mass = np.bincount(ends, weights=np.concatenate((weight, weight)), minlength=nodes).tolist()
    there = [first[k + 1] > first[k] for k in range(nodes)]
    left, total = sum(there), float(weight.sum())
    heap = [(mass[k], k) for k in range(nodes) if there[k]]
    heapq.heapify(heap)
    gone, density = [], []
    while heap:
        own, node = heapq.heappop(heap)
        if not there[node] or own > mass[node] + 1e-12:
            continue
        density.append(total / left)
        gone.append(node)
        there[node] = False
        left, total = left - 1, total - mass[node]
        for k in range(first[node], first[node + 1]):
            other = others[k]
            if there[other]:
                mass[other] -= heavy[k]
                heapq.heappush(heap, (mass[other], other))
    reached = np.maximum.accumulate(np.array(density)) if density else np.empty(0)
    stays, block = np.zeros(nodes), np.zeros(nodes, bool)
    stays[gone] = reached
    block[gone[int(np.argmax(density)) :] if density else []] = True
    return stays[:n], block[:n]


_COORDINATIONZ = """
import json, sys
import numpy as np, pandas as pd
import coordinationz.nullmodel as nm
table = pd.read_parquet(sys.argv[1])
edges = list(zip(table["account_id"].astype(str), table["object_id"].astype(str)))
drawn = int(sys.argv[2])
kinds = ["pvalue", "zscore"] if drawn else ["pvalue"]
out = nm.bipartiteNullModelSimilarity(edges, scoreType=kinds, realizations=drawn,
    idf="smoothlog", minSimilarity=0.1, batchSize=100, workers=1, showProgress=False)
wanted = ("indexedEdges", "similarities", "pvalues", "zscores", "labels")
json.dump({key: np.asarray(value).tolist() for key, value in out.items() if key in wanted}, open(sys.argv[3], "w"))
"""


def coordinationz(
    tables: Mapping[str, pd.DataFrame], n: int, python: str, realizations: int, timeout_s: float
) -> Scored | None:
    """Return what the package coordinationz scores; None where it does not come to an end in time.

    Cosine of IDF-weighted vectors against random bipartite graphs of the same degrees. Published settings: accounts
    with ten acts and more on an indicator, p < .01, 10,000 realisations; ``realizations`` is how many are drawn here.

    References
    ----------
    Silva, F. N. et al., coordinationz 0.2.2, ``config_template.toml``.
    """
    largest = {name: np.zeros(n) for name in ("similarity", "z")}
    named = np.zeros(n, bool)
    for trace in _LOOKED_AT:
        table = tables[trace]
        acts = table["account_id"].map(table["account_id"].value_counts())
        with tempfile.TemporaryDirectory() as folder:
            given, told = Path(folder) / "acts.parquet", Path(folder) / "told.json"
            table.loc[acts >= 10, ["account_id", "object_id"]].to_parquet(given)
            try:
                subprocess.run(
                    [python, "-c", _COORDINATIONZ, str(given), str(realizations), str(told)],
                    check=True,
                    capture_output=True,
                    timeout=timeout_s,
                )
            except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
                return None
            out = json.loads(told.read_text())
        pairs = np.array(out["indexedEdges"], dtype=np.int64).reshape(-1, 2)
        ids = np.array(out["labels"], dtype=np.int64) if "labels" in out else np.arange(n)
        for end in pairs.T:
            np.maximum.at(largest["similarity"], ids[end], np.array(out["similarities"]))
            np.maximum.at(largest["z"], ids[end], np.nan_to_num(np.array(out["zscores"], dtype=float)))
            named[ids[end[np.array(out["pvalues"]) < 0.01]]] = True
    return Scored(largest, named)
