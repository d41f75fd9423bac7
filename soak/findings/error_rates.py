"""The checks of the short accuracy benchmark over more weeks: error rates of one run stay inside their intervals.

The checks are those of the tests (``tests/benchmarks/accuracy/test_error_rates.py``), which take two weeks of each
kind. A rule *at* its target would fail one of them with about one chance in a thousand.

    python -m soak.findings.error_rates --weeks 8 --seed 201
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from benchmarks.accuracy.measurement.measure import measured
from benchmarks.accuracy.measurement.summary import Summary
from benchmarks.accuracy.worlds.catalogue import WORLDS
from tests.benchmarks.accuracy import test_error_rates as checks

if TYPE_CHECKING:
    from collections.abc import Callable

MIXED = "mixed-h80", "mixed-h95"


def run(name: str, check: Callable[..., None], *arguments: object) -> None:
    check(*arguments)
    print(f"holds: {name}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weeks", type=int, default=4, help="of each kind")
    parser.add_argument("--seed", type=int, default=101, help="of the first week; the others follow it")
    arguments = parser.parse_args()
    start = time.perf_counter()
    seeds = range(arguments.seed, arguments.seed + arguments.weeks)
    organic = Summary([measured(WORLDS["organic-20k"], seed) for seed in seeds])
    mixed = Summary([measured(WORLDS[MIXED[seed % 2]], seed, peers_too=False) for seed in seeds])
    run("organic weeks", checks.test_hardly_anybody_is_falsely_named_in_organic_weeks, organic)
    run("tails of pairs", checks.test_pairs_are_no_more_unlikely_than_chance_allows, organic)
    run("false discoveries", checks.test_false_discoveries_stay_few_beside_campaigns, mixed)
    for kind, target in checks.FOUND.items():
        run(f"found: {kind}", checks.test_campaigns_are_found, mixed, kind, target)
    run("few sources", checks.test_campaigns_on_few_sources_are_not_named, mixed)
    run("ranking", checks.test_campaigns_lead_the_ranking, mixed)
    print(
        f"{2 * arguments.weeks} weeks, seeds {seeds[0]} to {seeds[-1]}; {time.perf_counter() - start:,.0f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
