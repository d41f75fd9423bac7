r"""Rewritten texts as evidence between accounts, read slowly: what the package finds is held against this by a test.

One loose likeness (:mod:`~benchmarks.accuracy.studies.rewritten_texts`) says nothing. Two accounts whose texts are
alike within ten minutes on one occasion after the other, six hours apart, are compared with chance:

1. *n* of two accounts: occasions with a likeness, six hours apart, each text used once.
2. Chance of a likeness: likenesses over pairs of texts of different accounts within ten minutes, in the same six hours
   and in the whole table, without the pairs of accounts that have two occasions or more; the larger one.
3. Their own: likenesses over pairs of texts of the two that are more than ten minutes apart. Two who write about one
   subject have them at any time. The largest of the three rates, times the pairs of texts within ten minutes, is what
   the two expect, :math:`\lambda`; evidence is :math:`-\log_{10} P(\mathrm{Poisson}(\lambda) \ge n)`, from three on.
4. An account stands by its third strongest partner, as in sessions, paid for by the number of accounts.

The package (:mod:`spmc_tools.chance.sessions.recurring_likeness`) adds the false-discovery rate over all accounts.

Usage: python -m benchmarks.accuracy.studies.recurring_rewrites [--seeds 3] [--table FILE.parquet]
"""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter, defaultdict, deque
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.accuracy.measurement.scoring import average_precision
from benchmarks.accuracy.opponents import OPPONENTS
from benchmarks.accuracy.opponents.parts import Copies
from benchmarks.accuracy.opponents.small_world import made
from benchmarks.accuracy.studies.rewritten_texts import IN_ORDER, LEAST_COSINE, WITHIN_S, longest_ascent
from spmc_tools.chance.sessions.session_pairs import evidence
from spmc_tools.text.match_key import match_key
from spmc_tools.text.near_duplicates import near_duplicates

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["third_partners"]

_GAP_S, _SHORTEST, _PARTNERS, _MOST_TEXTS = 6 * 3600, 30, 3, 100
_RARE_SHARED, _SHARED, _RARE_SHARE, _RARE_TEXTS, _MOST_BEFORE = 3, 4, 1 / 500, 30, 200


class _Texts:
    """Words of texts, and their weights by rarity."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.words = [list(dict.fromkeys(key.split())) for key in keys]
        n = Counter(word for own in self.words for word in own)
        most = max(_RARE_TEXTS, _RARE_SHARE * len(keys))
        self.weight = {word: math.log(len(keys) / count) for word, count in n.items()}
        self.rare = [{word for word in own if 1 < n[word] <= most} for own in self.words]
        self.total = [sum(self.weight[word] for word in own) for own in self.words]

    def alike(self, a: int, b: int) -> bool:
        """Return whether two texts are loosely alike."""
        if len(self.rare[a] & self.rare[b]) < _RARE_SHARED:
            return False
        place = {word: number for number, word in enumerate(self.words[b])}
        shared = [word for word in self.words[a] if word in place]
        if len(shared) < _SHARED or longest_ascent([place[word] for word in shared]) < IN_ORDER * len(shared):
            return False
        both = self.total[a] * self.total[b]
        return both > 0 and sum(self.weight[word] for word in shared) >= LEAST_COSINE * math.sqrt(both)


def third_partners(records: pd.DataFrame) -> pd.Series[float]:
    """Return the evidence of each account with its third strongest partner; 0 where it has none."""
    own = records[~records["kind"].isin(["repost"]) & records["text"].notna()]
    own = own.assign(key=[match_key(text) for text in own["text"]], copy=near_duplicates(own["text"]).to_numpy())
    own = own[own["key"].str.len() >= _SHORTEST].sort_values(["created_at", "account_id"], kind="stable")
    account, codes = pd.factorize(own["account_id"])
    second = own["created_at"].astype("int64").to_numpy() // {"ns": 10**9, "us": 10**6}[own["created_at"].dt.unit]
    copy = own["copy"].where(own["copy"].notna(), own["key"]).tolist()
    texts = _Texts(own["key"].tolist())
    pairs = _within(texts, account, second, copy)
    tested = _tested(texts, account, second, copy, pairs)
    best: defaultdict[int, list[float]] = defaultdict(list)
    for (a, b), value in tested.items():
        best[a].append(value)
        best[b].append(value)
    third = {codes[i]: sorted(own_best)[-_PARTNERS] for i, own_best in best.items() if len(own_best) >= _PARTNERS}
    return pd.Series(third, dtype=float).reindex(sorted(set(records["account_id"]))).fillna(0.0)


def _within(texts: _Texts, account: np.ndarray, second: np.ndarray, copy: list[str]) -> list[tuple[int, int]]:
    """Return the texts of different accounts that are alike and no copies, within ten minutes."""
    latest: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=_MOST_BEFORE))
    found = []
    for p in range(len(copy)):
        shared: Counter[int] = Counter()
        for word in texts.rare[p]:
            near = latest[word]
            while near and second[p] - second[near[0]] > WITHIN_S:
                near.popleft()
            shared.update(near)
            near.append(p)
        found += [
            (q, p)
            for q, n in shared.items()
            if n >= _RARE_SHARED and account[q] != account[p] and copy[q] != copy[p] and texts.alike(p, q)
        ]
    return found


def _tested(
    texts: _Texts, account: np.ndarray, second: np.ndarray, copy: list[str], pairs: list[tuple[int, int]]
) -> dict[tuple[int, int], float]:
    """Return the evidence of each two accounts with three occasions or more."""
    of: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for q, p in sorted(pairs, key=lambda pair: (second[pair[0]], pair)):
        of[tuple(sorted((int(account[q]), int(account[p]))))].append((q, p))  # type: ignore[index]
    n = {both: _occasions(found, second) for both, found in of.items()}
    block = (second - second.min()) // _GAP_S
    ends = np.searchsorted(second, second + WITHIN_S, side="right")
    near = np.bincount(block, ends - np.arange(ends.size) - 1)
    once = [q for both, found in of.items() if n[both] < 2 for q, _ in found]
    alike = np.bincount(block[once], minlength=near.size) if once else np.zeros(near.size)
    rate = np.maximum(alike / np.maximum(near, 1), alike.sum() / max(near.sum(), 1))
    own = pd.Series(np.arange(account.size)).groupby(account).apply(list)
    tested = {}
    for (a, b), occasions in n.items():
        if occasions >= 3:
            own_rate = _apart(texts, second, copy, own[a], own[b])
            together = [x for x in own[a] for y in own[b] if abs(second[x] - second[y]) <= WITHIN_S]
            expected = sum(min(1.0, max(rate[block[x]], own_rate)) for x in together)
            tested[a, b] = float(evidence(occasions, max(expected, 1e-6)))
    return tested


def _occasions(found: list[tuple[int, int]], second: np.ndarray) -> int:
    n, last = 0, -math.inf
    used: set[int] = set()
    for q, p in found:
        if second[q] - last >= _GAP_S and not used & {q, p}:
            n, last = n + 1, second[q]
            used |= {q, p}
    return n


def _apart(texts: _Texts, second: np.ndarray, copy: list[str], a: list[int], b: list[int]) -> float:
    """Return the share of likenesses among pairs of texts of two accounts that are more than ten minutes apart."""
    some = [own[:: max(1, len(own) // _MOST_TEXTS)] for own in (a, b)]
    pairs = [(x, y) for x in some[0] for y in some[1] if abs(second[x] - second[y]) > WITHIN_S and copy[x] != copy[y]]
    return sum(texts.alike(x, y) for x, y in pairs) / max(len(pairs), 1)


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--table", type=Path, help="a table of records in which nobody should stand out")
    chosen = parser.parse_args()
    if chosen.table:
        _told(str(chosen.table.name), third_partners(pd.read_parquet(chosen.table)), frozenset())
        return
    for share, seed in ((share, seed) for share in (0.2, 0.4, 0.7) for seed in range(1, chosen.seeds + 1)):
        row = OPPONENTS[f"rewritten {share:.0%}"]
        world = made(replace(row, parts=(Copies(swapped=share),)), seed)
        members = frozenset(name for name, role in world.roles.items() if role == "member")
        _told(f"{row.name}, seed {seed}", third_partners(world.records), members)


def _told(name: str, third: pd.Series[float], members: frozenset[str]) -> None:
    bound = math.log10(max(len(third), 1) / 0.05)
    right = third.index.isin(members)
    ap = average_precision(third.to_numpy(), right) if members else math.nan
    beyond = third > bound
    print(
        f"{name}: AP {ap:.3f}; beyond the bound {int((beyond & right).sum())} of {len(members)} members, "
        f"{int((beyond & ~right).sum())} of {int((~right).sum())} others (at most {third[~right].max():.1f}, bound "
        f"{bound:.1f}); {time.process_time():.0f} CPU s so far",
        flush=True,
    )


if __name__ == "__main__":
    _main()
