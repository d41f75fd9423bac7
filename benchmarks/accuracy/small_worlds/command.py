"""``python -m benchmarks.accuracy --opponents`` and ``--structures``: measure what is missing, print, and write."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from benchmarks.accuracy.measurement.results import ROOT
from benchmarks.accuracy.opponents import OPPONENTS, STRUCTURES
from benchmarks.accuracy.small_worlds import small_page
from benchmarks.accuracy.small_worlds.kept_outcomes import KeptOutcomes
from benchmarks.accuracy.small_worlds.outcome import measured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.accuracy.opponents.parts import Declaration

__all__ = ["missing", "run"]


def missing(chosen: Sequence[Declaration], seeds: int, kept: KeptOutcomes) -> Iterator[tuple[Declaration, int]]:
    """Yield the worlds still to be measured: the first seed of each in their order, then the second, and so on."""
    have = {declaration.name: kept.of(declaration.name) for declaration in chosen}
    for seed in range(1, seeds + 1):
        for declaration in chosen:
            if seed not in have[declaration.name]:
                yield declaration, seed


def in_fair_order(structures: Sequence[Declaration]) -> list[Declaration]:
    """Return every structure as declared, then every one of the next size and tempo: a part is a fair part of all."""
    return sorted(structures, key=lambda declaration: small_page.VARIANTS.index(small_page.variant(declaration.name)))


def run(
    kinds: Sequence[str], *, seeds: int, minutes: float | None, folder: Path, write: bool, estimate: bool = False
) -> None:
    """Measure what is missing of "opponents", "structures" or both, in this order; print their tables, write if asked.

    Parameters
    ----------
    kinds : sequence of str
    seeds : int
        Of each world, from 1.
    minutes : float or None
        No further world after this time.
    folder : pathlib.Path
        Where the outcomes are kept.
    write : bool
        Whether their tables in docs/measured/accuracy.md are written.
    estimate : bool
        Say how many are missing, and measure nothing.
    """
    kept = KeptOutcomes(folder)
    worlds = {"opponents": list(OPPONENTS.values()), "structures": in_fair_order(list(STRUCTURES.values()))}
    todo = [(kind, *left) for kind in kinds for left in missing(worlds[kind], seeds, kept)]
    print(f"{len(todo)} small worlds to measure, about half a minute each", file=sys.stderr, flush=True)
    began = time.monotonic()
    for kind, declaration, seed in [] if estimate else todo:
        if minutes is not None and time.monotonic() - began > 60 * minutes:
            print("The time is over; the same command goes on from here.", file=sys.stderr)
            break
        outcome = measured(declaration, seed, ranked=kind == "opponents")
        kept.add(outcome)
        print(f"{outcome.world} {seed}: {outcome.wall_s:.0f} s, {outcome.members}", file=sys.stderr, flush=True)
    if estimate:
        return
    for kind in kinds:
        outcomes = [outcome for world in worlds[kind] for outcome in kept.of(world.name).values()]
        lines = small_page.page_lines(kind, outcomes, seeds)
        print("\n".join(lines))
        if write:
            small_page.write(ROOT / "docs" / "measured" / "accuracy.md", kind, lines)
