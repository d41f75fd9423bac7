"""What the peers score, against slow and plain computations on small tables."""

from __future__ import annotations

import itertools
import math
import sys
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy.measurement import peers

N = 14


def drawn(seed: int, rows: int = 160) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    thing = rng.integers(9, size=rows)
    actor, t = rng.integers(N, size=rows), rng.integers(2_000, size=rows)
    return pd.DataFrame({"account_id": actor, "object_id": thing, "source_id": thing % 4, "t": t})


def tables(seed: int) -> dict[str, pd.DataFrame]:
    return {name: drawn(10 * seed + k) for k, name in enumerate(("repost", "text", "tag"))}


def tf_idf(table: pd.DataFrame, least: int) -> np.ndarray:
    counts = np.zeros((N, 9))
    for account, thing in table[["account_id", "object_id"]].itertuples(index=False):
        counts[account, thing] += 1
    counts[counts.sum(1) < least] = 0
    idf = np.log((table.account_id.value_counts() >= least).sum() / np.maximum((counts > 0).sum(0), 1))
    weighted = counts * idf
    return weighted / np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_cosine_is_the_largest_of_all_pairs(seed: int) -> None:
    given = tables(seed)
    expected = np.zeros(N)
    for trace in ("repost", "text"):
        rows = tf_idf(given[trace], 5)
        near = rows @ rows.T
        np.fill_diagonal(near, 0)
        expected = np.maximum(expected, near.max(axis=1))
    assert peers.cosine(given, N).variants["at least 5"] == pytest.approx(expected)


@pytest.mark.parametrize("seed", [1, 2])
def test_fusion_is_the_leading_eigenvector_of_the_summed_similarities(seed: int) -> None:
    given = tables(seed)
    first = given["repost"].groupby("object_id")["t"].transform("min")
    fast = given["repost"][given["repost"].t - first <= 10].assign(object_id=lambda x: x.source_id)
    summed = np.zeros((N, N))
    for table, least in ((given["repost"], 1), (given["text"], 1), (given["tag"], 1), (fast, 2)):
        rows = tf_idf(table, least) if len(table) else np.zeros((N, 9))
        near = rows @ rows.T
        np.fill_diagonal(near, 0)
        summed += near
    vector = np.abs(np.linalg.eigh(summed)[1][:, -1])
    assert peers.fusion(given, N).variants["at least 1"] == pytest.approx(vector, abs=1e-6)


@pytest.mark.parametrize("seed", [1, 2])
def test_decay_sums_every_two_acts_on_one_object(seed: int) -> None:
    given, tau = tables(seed), 60.0
    tie: dict[tuple[int, int], float] = defaultdict(float)
    for trace in ("repost", "text"):
        for _, own in given[trace].groupby("object_id"):
            acts = list(zip(own.account_id, own.t, strict=True))
            for (a, s), (b, t) in itertools.combinations(acts, 2):
                if a != b and abs(s - t) <= 3 * tau:
                    tie[min(a, b), max(a, b)] += math.exp(-abs(s - t) / tau) / (len(acts) - 1)
    strength, strongest = np.zeros(N), np.zeros(N)
    for (a, b), weight in tie.items():
        for end in (a, b):
            strength[end] += weight
            strongest[end] = max(strongest[end], weight)
    found = peers.decay(given, N)
    assert found.variants["τ 60 s, strength"] == pytest.approx(strength)
    assert found.variants["τ 60 s, strongest tie"] == pytest.approx(strongest)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_counting_counts_pairs_of_acts_within_the_window(seed: int) -> None:
    given = tables(seed)
    expected = np.zeros(N)
    for trace in ("repost", "text"):
        tie: dict[tuple[int, int], int] = defaultdict(int)
        for _, own in given[trace].groupby("object_id"):
            for (a, s), (b, t) in itertools.combinations(zip(own.account_id, own.t, strict=True), 2):
                if a != b and abs(s - t) <= 10:
                    tie[min(a, b), max(a, b)] += 1
        for (a, b), n in tie.items():
            expected[[a, b]] = np.maximum(expected[[a, b]], n)
    assert peers.counting(given, N).variants["10 s"].tolist() == expected.tolist()


def test_fraudar_peels_the_lightest_first() -> None:
    given = tables(4)
    expected, block = np.zeros(N), set()
    for trace in ("repost", "text"):
        once = given[trace].drop_duplicates(["account_id", "object_id"])
        crowd = once.object_id.value_counts()
        edges = {
            (("a", a), ("o", o)): 1 / math.log(5 + crowd[o])
            for a, o in zip(once.account_id, once.object_id, strict=True)
        }
        left = {end for edge in edges for end in edge}
        best, densest, stays = -1.0, set(), {}
        highest = 0.0
        while left:
            inside = {edge: w for edge, w in edges.items() if set(edge) <= left}
            density = sum(inside.values()) / len(left)
            highest = max(highest, density)
            if density > best:
                best, densest = density, set(left)
            mass = {node: sum(w for edge, w in inside.items() if node in edge) for node in left}
            lightest = min(left, key=lambda node: (mass[node], node))
            stays[lightest] = highest
            left.discard(lightest)
        for (side, account), reached in stays.items():
            if side == "a":
                expected[account] = max(expected[account], reached)
        block |= {account for side, account in densest if side == "a"}
    found = peers.fraudar(given, N)
    assert set(np.flatnonzero(found.named).tolist()) == block
    assert found.variants["log-weighted"].max() == pytest.approx(expected.max())
    assert found.variants["log-weighted"].min() == pytest.approx(expected.min())


@pytest.mark.parametrize("name", list(peers.PEERS))
def test_an_obvious_group_comes_first_and_scores_are_finite(name: str) -> None:
    rng = np.random.default_rng(5)
    columns = {"account_id": 400, "object_id": 700, "t": 500_000}
    crowd = pd.DataFrame({name: rng.integers(most, size=3_000) for name, most in columns.items()})
    planted = pd.DataFrame(
        [(400 + a, 1_000 + o, 40_000 * o + a) for o in range(12) for a in range(8)],
        columns=["account_id", "object_id", "t"],
    )
    both = pd.concat([crowd, planted], ignore_index=True)
    both["source_id"] = both["object_id"]
    found = peers.PEERS[name](dict.fromkeys(("repost", "text", "tag"), both), 408)
    best = max(found.variants.values(), key=lambda score: score[400:].mean() - score[:400].max())
    assert best[400:].min() > best[:400].max()
    assert all(np.isfinite(score).all() for score in found.variants.values())
    assert found.named.dtype == bool


def test_coordinationz_that_cannot_run_is_told_apart() -> None:
    assert peers.coordinationz(tables(1), N, python=sys.executable, realizations=1, timeout_s=60) is None
