"""``python -m benchmarks.accuracy --ablation``: measure what is missing, print two tables, write them if asked."""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.accuracy.ablation import ablation_page
from benchmarks.accuracy.ablation.outcomes import Ablation, KeptAblations, of_table, of_world
from benchmarks.accuracy.measurement.results import ROOT
from benchmarks.accuracy.opponents import OPPONENTS, STRUCTURES
from benchmarks.accuracy.real_sets.real_tables import RealDataMissing, real_folder, real_tables
from benchmarks.accuracy.small_worlds.command import in_fair_order
from benchmarks.accuracy.small_worlds.small_page import filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["missing", "run"]


def missing(seeds: int, have: set[tuple[str, str, int]]) -> Iterator[tuple[str, Callable[[], Ablation]]]:
    """Yield what is still to be measured: real tables, then the first seed of every world, then the second, and so on.

    Of structures each as declared comes before any other size and tempo.
    """
    for table in real_tables(real_folder()):
        if ("real", table.name, 0) not in have:
            yield table.name, partial(of_table, table)
    worlds = [("opponents", world) for world in OPPONENTS.values()]
    worlds += [("structures", world) for world in in_fair_order(list(STRUCTURES.values()))]
    for seed in range(1, seeds + 1):
        for kind, world in worlds:
            if (kind, world.name, seed) not in have:
                yield f"{world.name} {seed}", partial(of_world, kind, world, seed)


def run(*, seeds: int, minutes: float | None, folder: Path, write: bool) -> None:
    """Measure what is missing, print the tables, and write them into docs/measured/accuracy.md if asked.

    Parameters
    ----------
    seeds : int
        Of each small world, from 1.
    minutes : float or None
        Nothing further after this time.
    folder : pathlib.Path
        Where the outcomes are kept.
    write : bool
    """
    kept = KeptAblations(folder)
    began = time.monotonic()
    try:
        for name, measure in missing(seeds, {(one.kind, one.name, one.seed) for one in kept.all()}):
            if minutes is not None and time.monotonic() - began > 60 * minutes:
                print("The time is over; the same command goes on from here.", file=sys.stderr)
                break
            at = time.process_time()
            kept.add(measure())
            print(f"{name}: {time.process_time() - at:.0f} CPU s", file=sys.stderr, flush=True)
    except RealDataMissing as missing_files:
        print(missing_files, file=sys.stderr)
        sys.exit(2)
    lines = ablation_page.page_lines([one for one in kept.all() if one.seed <= seeds])
    print("\n".join(lines))
    if write:
        path = ROOT / "docs" / "measured" / "accuracy.md"
        path.write_text(filled(path.read_text(encoding="utf-8"), "ablation", lines), encoding="utf-8")
