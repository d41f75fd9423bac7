"""Let weeks stand that earlier code measured, where the present code gives the same numbers again.

    python -m benchmarks.accuracy --carry-over ba3ef9a923e91ea9 f4bb7d58b6f0a269 --again 3

A change that makes something faster, or words it better, must not change a finding; whether it does is measured, not
believed. Of every row, and of each code that measured weeks of it, the first, the last and weeks between are measured
again. Where each gives the same numbers to the last digit (all but seconds and memory), the row's other weeks stand,
with the digest that they were measured with, and ``docs/measured/accuracy.md`` says how many were measured again. A row
of which one week differs is measured anew, however often this is run: weeks that both codes measured are compared each
time. The peers do not run again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.accuracy.measurement.measure import measured
from benchmarks.accuracy.measurement.results import AGAIN, DIFFERS, EARLIER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.accuracy.measurement.results import Kept
    from benchmarks.accuracy.worlds.declare import World

__all__ = ["carry_over", "differing", "spread"]

_COSTS = frozenset({"simulate_cpu_s", "cpu_s", "assess_cpu_s", "peak_mb"})
_WHERE = frozenset({"code", "declared", "peers", EARLIER, AGAIN, DIFFERS})


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
        Weeks of each row and each code that measured some of it, at least one; those that the present code measured
        already count, and are compared as they are.
    """
    odd, worlds = [], list(worlds)
    for code in codes:
        if not any(kept.of(world, [code]) for world in worlds):
            print(f"no week of these rows was measured with {code}", flush=True)
    for world in worlds:
        have, earlier = kept.of(world), kept.of(world, codes)
        left = [seed for seed in earlier if seed not in have]
        measured_twice = {seed for seed, told in have.items() if seed in earlier and EARLIER not in told}
        if not left and all(have[seed].keys() & {AGAIN, DIFFERS} for seed in measured_twice):
            continue
        wanted = {seed: told for seed, told in earlier.items() if seed in measured_twice or seed in left}
        again = sorted(measured_twice.union(*(spread(own, n) for own in _by_code(wanted).values())))
        if not all(_same_again(kept, world, earlier[seed], have.get(seed)) for seed in again):
            odd.append(world.name)
            continue
        stand = [seed for seed in left if seed not in again]
        for seed in stand:
            told = earlier[seed]
            stands = {key: value for key, value in told.items() if key not in {"code", "declared", AGAIN, DIFFERS}}
            kept.add(world, {**stands, EARLIER: _measured_with(told)})
        print(f"{world.name}: {len(again)} weeks are the same again, {len(stand)} more stand", flush=True)
    return odd


def _measured_with(told: Mapping[str, Any]) -> str:
    return str(told.get(EARLIER, told["code"]))


def _by_code(weeks: Mapping[int, Mapping[str, Any]]) -> dict[str, list[int]]:
    """Return the seeds by the code that measured them; a week that was the same again belongs to the code before."""
    seeds: dict[str, list[int]] = {}
    for seed, told in sorted(weeks.items()):
        seeds.setdefault(str(told.get(AGAIN, _measured_with(told))), []).append(seed)
    return seeds


def _same_again(kept: Kept, world: World, told: Mapping[str, Any], have: Mapping[str, Any] | None) -> bool:
    """Say whether the present code gives a week the same numbers, measured now or before (``have``); keep it so."""
    now = have or json.loads(json.dumps(measured(world, int(told["seed"]), peers_too=False)))
    odd = differing(now, told)
    if odd:
        print(f"{world.name} {told['seed']}: {', '.join(odd)} differ; this row is measured anew", flush=True)
    code = _measured_with(told)
    mark, wrong = (DIFFERS, AGAIN) if odd else (AGAIN, DIFFERS)
    if now.get(mark) != code or now.get(wrong) == code:
        peers = {"peers": told["peers"]} if "peers" in told and not odd else {}
        own = {key: now[key] for key in now if key not in {"code", "declared"} and (key, now[key]) != (wrong, code)}
        kept.add(world, {**peers, **own, mark: code})
    return not odd
