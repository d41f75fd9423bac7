"""Try a seeded sample of mutants and write which of them no test found.

    python -m benchmarks.mutation --mutants 400 --seed 0

Trials are kept in ``benchmarks/out/mutation``: a run that is cut off goes on where it stopped, and one after new tests
tries only those again that lived.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.mutation.sample import PARTS, ROOT, drawn
from benchmarks.mutation.table import tables
from benchmarks.mutation.trial import tried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.mutation.trial import Trial

_OUT = ROOT / "benchmarks" / "out" / "mutation"


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=400, help="how many are drawn, the same number of each part")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--minutes", type=float, default=180, help="start no further trial after this time")
    parser.add_argument(
        "--first-tests", action="store_true", help="only the file of a module's name; a run without it tries the rest"
    )
    parser.add_argument("--workers", type=int, default=2, help="how many are tried at once")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> None:
    """Draw, try, write."""
    asked = arguments(given)
    mutants, started, n_ended = drawn(asked.mutants, asked.seed, parts=asked.parts), time.monotonic(), 0

    def tell(trial: Trial) -> None:
        nonlocal n_ended
        n_ended += 1
        one = trial.mutant
        ended = f"[{time.monotonic() - started:6.0f} s] {n_ended:3} {trial.outcome:8} {one.path}:{one.line}"
        print(f"{ended}  {one.before} -> {one.after}  {trial.by}")
        sys.stdout.flush()

    trials = tried(
        mutants,
        _OUT / "trials.jsonl",
        workers=asked.workers,
        until=started + 60 * asked.minutes,
        tell=tell,
        whole_folder=not asked.first_tests,
    )
    place = _OUT / f"survivors-{asked.seed}-{asked.mutants}.md"
    place.write_text(tables(trials, len(mutants)), encoding="utf-8")
    print(place.read_text(encoding="utf-8"))
    print(place.relative_to(ROOT))


if __name__ == "__main__":
    main()
