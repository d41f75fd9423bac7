"""Let weeks stand that earlier code measured, where the present code gives the same numbers again.

    python -m benchmarks.accuracy --carry-over ba3ef9a923e91ea9 f4bb7d58b6f0a269 --again 3

A change that makes something faster, or words it better, must not change a finding; whether it does is measured, not
believed. Of every row, the first, the last and weeks between are measured again. Where each gives the same numbers to
the last digit (all but seconds and memory), the row's other weeks stand, with the digest that they were measured with,
and ``docs/accuracy.md`` says how many were measured again. A row of which one week differs is measured anew.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.accuracy.measure import measured
from benchmarks.accuracy.results import AGAIN, EARLIER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.accuracy.declare import World
    from benchmarks.accuracy.results import Kept

__all__ = ["carry_over", "differing", "spread"]

_COSTS = frozenset({"simulate_cpu_s", "cpu_s", "assess_cpu_s", "peak_mb"})
_WHERE = frozenset({"code", "declared", "peers", EARLIER, AGAIN})


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the numbers of a week that two measurements give differently; what each cost is not compared."""
    names = (set(one) | set(other)) - _COSTS - _WHERE
    return sorted(name for name in names if _written(one, name) != _written(other, name))


def _written(told: Mapping[str, Any], name: str) -> str | None:
    """Return a number as the file holds it, to its last digit; what is no number is equal to itself."""
    return json.dumps(told[name], sort_keys=True) if name in told else None


def spread(seeds: Sequence[int], n: int) -> list[int]:
    """Return n of some seeds, the first and the last among them, evenly apart; all where there are no more."""
    places = np.unique(np.linspace(0, len(seeds) - 1, min(n, len(seeds))).round().astype(int)) if seeds else []
    return [sorted(seeds)[place] for place in places]


def carry_over(kept: Kept, worlds: Iterable[World], codes: Sequence[str], n: int) -> list[str]:
    """Measure n weeks of every row again, let the rest stand where they agree; return the rows that differ.

    Parameters
    ----------
    kept : Kept
        Weeks of the earlier code and of the present one; weeks are added.
    worlds : iterable of World
        The rows.
    codes : sequence of str
        Digests of the earlier code, as the file's lines have them.
    n : int
        Weeks of each row, at least one.
    """
    odd = []
    for world in worlds:
        have = kept.of(world)
        earlier = {seed: told for seed, told in kept.of(world, codes).items() if seed not in have}
        if not earlier:
            continue
        again = [seed for seed in spread(sorted({*earlier, *have}), n) if seed in earlier]
        if not all(_same_again(kept, world, earlier.pop(seed)) for seed in again):
            odd.append(world.name)
            continue
        for told in earlier.values():
            stands = {key: value for key, value in told.items() if key not in {"code", "declared", AGAIN}}
            kept.add(world, {**stands, EARLIER: told.get(EARLIER, told["code"])})
        print(f"{world.name}: {len(again)} weeks are the same again, {len(earlier)} more stand", flush=True)
    return odd


def _same_again(kept: Kept, world: World, told: Mapping[str, Any]) -> bool:
    now = json.loads(json.dumps(measured(world, int(told["seed"]), peers_too=False)))
    odd = differing(now, told)
    if odd:
        print(f"{world.name} {told['seed']}: {', '.join(odd)} differ; this row is measured anew", flush=True)
        kept.add(world, now)
        return False
    peers = {"peers": told["peers"]} if "peers" in told else {}  # they do not rest on this code
    kept.add(world, {**now, **peers, AGAIN: told.get(EARLIER, told["code"])})
    return True
