"""Measure simulated weeks and write the tables and pictures of ``docs/measured/accuracy.md``.

    python -m benchmarks.accuracy --rows all --write
    python -m benchmarks.accuracy --real --write
    python -m benchmarks.accuracy --opponents --structures --seeds 5 --write

Every week is kept in ``benchmarks/out/accuracy`` under its seed and a digest of the code: a run that is cut off goes on
where it stopped, several short runs add up, and a change of the package or the simulator starts anew; of the package's
alone, ``--carry-over`` measures some weeks of each row again and lets the rest stand where all are the same.
``--estimate`` says how long the rest takes and measures nothing. Weeks are taken seed by seed over all rows, so that a
part of a run is a fair part of everything.

``--real`` measures real tables that lie outside the project instead (``SPMC_SHARED_DATA``, else ``../shared/data``),
prints one table and keeps nothing; with ``--write`` that table alone is written. ``--opponents`` and ``--structures``
measure the small worlds of :mod:`benchmarks.accuracy.opponents`, ``--seeds`` of each (1 where not given), keep one file
for each world and seed in ``small_worlds`` beneath ``--kept``, and print and write their tables alone. ``--ablation``
leaves out each part of the evidence in turn on all of these, and keeps what it measured in ``ablation``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.measurement.measure import measured
from benchmarks.accuracy.measurement.results import ROOT, Kept
from benchmarks.accuracy.worlds.catalogue import WORLDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.accuracy.worlds.declare import World

_USUAL_S = {"actions": 4.0, "large": 40.0, "records": 30.0, "peers": 18.0, "coordinationz": 75.0}
"""CPU seconds of a week that nothing is known of yet."""


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", default=["all"], metavar="NAME", help=f"all, or of: {', '.join(WORLDS)}")
    parser.add_argument("--seeds", type=int, help="weeks of each row; as many as the row wants where not given")
    parser.add_argument("--peer-seeds", type=int, default=8, help="weeks on which the peers run too")
    parser.add_argument("--coordinationz-python", help="an interpreter with coordinationz and pyarrow")
    parser.add_argument("--coordinationz-seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, help="measure no further week after this time")
    parser.add_argument("--kept", type=Path, default=ROOT / "benchmarks" / "out" / "accuracy")
    parser.add_argument("--write", action="store_true", help="write docs/measured/accuracy.md and its pictures")
    parser.add_argument("--carry-over", nargs="+", metavar="CODE", help="let weeks of this code stand where some agree")
    parser.add_argument("--again", type=int, default=3, help="weeks of each row that are measured again for that")
    parser.add_argument("--estimate", action="store_true", help="say how long the rest takes, and stop")
    parser.add_argument("--real", action="store_true", help="measure the real tables, and no simulated week")
    parser.add_argument("--opponents", action="store_true", help="measure the opponents who have read the method")
    parser.add_argument("--structures", action="store_true", help="measure the ordinary structures")
    parser.add_argument("--ablation", action="store_true", help="measure each part of the evidence alone and left out")
    asked = parser.parse_args(given)
    unknown = [name for name in asked.rows if name not in WORLDS and name != "all"]
    if unknown:
        parser.error(f"unknown rows: {', '.join(unknown)}; known are all, {', '.join(WORLDS)}")
    return asked


def missing(asked: argparse.Namespace, kept: Kept) -> Iterator[tuple[World, int]]:
    """Yield the weeks still to be measured: the first seed of every row, then the second, and so on."""
    chosen = list(WORLDS.values()) if "all" in asked.rows else [WORLDS[name] for name in asked.rows]
    have = {world.name: kept.of(world) for world in chosen}
    wanted = {world.name: asked.seeds or world.seeds for world in chosen}
    for seed in range(1, max(wanted.values()) + 1):
        for world in chosen:
            if seed <= wanted[world.name] and not _complete(asked, world, have[world.name].get(seed)):
                yield world, seed


def _complete(asked: argparse.Namespace, world: World, told: dict[str, Any] | None) -> bool:
    if told is None:
        return False
    if not world.peers or told["seed"] > asked.peer_seeds:
        return True
    runs = told.get("peers", {})
    third = asked.coordinationz_python and told["seed"] <= asked.coordinationz_seeds
    return bool(runs) and (not third or "coordinationz 0.2.2" in runs)


def expected_s(asked: argparse.Namespace, world: World, seed: int, kept: Kept) -> float:
    """Return the CPU seconds that a week will take: the mean of those kept, or a usual value."""
    have = kept.of(world).values()
    kind = "records" if world.records else "large" if world.n_accounts > 50_000 else "actions"
    own = sum(x["cpu_s"] + x["simulate_cpu_s"] for x in have) / len(have) if have else _USUAL_S[kind]
    if world.peers and seed <= asked.peer_seeds:
        own += _USUAL_S["peers"]
        if asked.coordinationz_python and seed <= asked.coordinationz_seeds:
            own += _USUAL_S["coordinationz"]
    return own


def run(asked: argparse.Namespace, kept: Kept) -> None:
    """Measure what is missing, one line on the screen for each week."""
    todo = list(missing(asked, kept))
    left = [expected_s(asked, world, seed, kept) for world, seed in todo]
    print(f"{len(todo)} weeks to measure, about {sum(left) / 60:.0f} CPU minutes", flush=True)
    began = time.monotonic()
    if asked.estimate:
        return
    for world, seed in todo:
        if asked.minutes is not None and time.monotonic() - began > 60 * asked.minutes:
            print("The time is over; the same command goes on from here.")
            break
        third = None
        if asked.coordinationz_python and seed <= asked.coordinationz_seeds:
            third = {"python": asked.coordinationz_python, "realizations": 100, "timeout_s": 600}
        told = measured(world, seed, peers_too=seed <= asked.peer_seeds, coordinationz=third)
        kept.add(world, told)
        ap = f", AP {told['ap']:.3f}" if "ap" in told else ""
        print(f"{world.name} {seed}: {told['cpu_s']:.1f} CPU s, {told['false']} falsely named{ap}", flush=True)


def run_real(*, write: bool) -> None:
    """Measure the real tables and print one table; exit 2 with a sentence where they are not on this machine."""
    from benchmarks.accuracy.real_sets import real_page
    from benchmarks.accuracy.real_sets.measure import measured as measured_real
    from benchmarks.accuracy.real_sets.real_tables import RealDataMissing, real_folder, real_tables

    found = []
    try:
        for table in real_tables(real_folder()):
            began = time.monotonic()
            found.append(measured_real(table))
            print(f"{table.name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    except RealDataMissing as missing_files:
        print(missing_files, file=sys.stderr)
        sys.exit(2)
    print("\n".join(real_page.page_lines(found)))
    if write:
        real_page.write(ROOT / "docs" / "measured" / "accuracy.md", found)
        print("The real data's part of docs/measured/accuracy.md is written.", file=sys.stderr)


def run_small_worlds(asked: argparse.Namespace) -> None:
    """Measure the small worlds that were asked for, and print their tables."""
    from benchmarks.accuracy.small_worlds import command

    command.run(
        [kind for kind in ("opponents", "structures") if getattr(asked, kind)],
        seeds=asked.seeds or 1,
        minutes=asked.minutes,
        folder=asked.kept / "small_worlds",
        write=asked.write,
        estimate=asked.estimate,
    )


def main(given: Sequence[str] | None = None) -> None:
    """Measure, and write where asked."""
    asked = arguments(given)
    if asked.real:
        run_real(write=asked.write)
        return
    if asked.ablation:
        from benchmarks.accuracy.ablation import command

        command.run(seeds=asked.seeds or 1, minutes=asked.minutes, folder=asked.kept / "ablation", write=asked.write)
        return
    if asked.opponents or asked.structures:
        run_small_worlds(asked)
        return
    kept = Kept(asked.kept)
    if asked.carry_over:
        from benchmarks.accuracy.measurement.carry_over import carry_over

        chosen = [world for name, world in WORLDS.items() if name in asked.rows or "all" in asked.rows]
        carry_over(kept, chosen, asked.carry_over, max(asked.again, 1))
    run(asked, kept)
    if asked.write:
        from benchmarks.accuracy.page import pictures, tables

        results = {name: list(kept.of(world).values()) for name, world in WORLDS.items()}
        tables.write(ROOT / "docs" / "measured" / "accuracy.md", results)
        pictures.write(ROOT / "docs" / "images" / "accuracy", results)
        print("docs/measured/accuracy.md and docs/images/accuracy are written.")


if __name__ == "__main__":
    main()
