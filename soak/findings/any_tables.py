"""Draw thousands of tables that fit the schema: ``investigate`` and ``assess`` return, or refuse in a sentence.

The tables and what must hold are those of the tests (``tests/findings/any_tables.py``), but each run draws others; one
that fails is shown as small as it can be made. The seed is printed, and ``--seed`` draws the same ones again.

    python -m soak.findings.any_tables --only records actions --draws 5000 --seed 1
"""

from __future__ import annotations

import argparse
import secrets
import time
from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, seed, settings

from tests.findings import any_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

LOADS: dict[str, tuple[Callable[[], SearchStrategy[any_tables.AnyTable]], Callable[[any_tables.AnyTable], str]]] = {
    "records": (any_tables.records, any_tables.check_records),
    "actions": (any_tables.actions, any_tables.check_actions),
}


def draw(load: str, draws: int, number: int) -> None:
    strategy, check = LOADS[load]
    came_of: Counter[str] = Counter()

    @seed(number)
    @settings(max_examples=draws, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy())
    def run(drawn: any_tables.AnyTable) -> None:
        came_of[check(drawn)] += 1

    start = time.perf_counter()
    run()
    counts = ", ".join(f"{name} {count:,}" for name, count in came_of.most_common())
    print(f"{load}, seed {number}: {counts}; {time.perf_counter() - start:,.0f} s", flush=True)
    assert came_of["looked at"] + came_of["named"] > came_of["refused"], "most tables are refused"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=LOADS, default=list(LOADS))
    parser.add_argument("--draws", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    arguments = parser.parse_args()
    for load in arguments.only:
        draw(load, arguments.draws, arguments.seed)


if __name__ == "__main__":
    main()
