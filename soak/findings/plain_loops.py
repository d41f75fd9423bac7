"""Draw thousands of small worlds: every number of an edge that ``assess`` gives equals that of a plain loop.

The worlds and the loops are those of the tests (``tests/findings/assessment/test_assess.py``), which draw a few.

    python -m soak.findings.plain_loops --draws 2000 --seed 1
"""

from __future__ import annotations

import argparse
import secrets
import time

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.findings.assessment import test_assess as checks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    arguments = parser.parse_args()
    edges = 0

    @seed(arguments.seed)
    @settings(max_examples=arguments.draws, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(checks.worlds(), st.integers(1, 3))
    def run(rows: list[tuple[str, str, str, int]], split: int) -> None:
        nonlocal edges
        edges += checks.check_every_number(rows, split)

    start = time.perf_counter()
    run()
    print(f"seed {arguments.seed}: {edges:,} edges equal; {time.perf_counter() - start:,.0f} s", flush=True)
    assert edges > arguments.draws, "most worlds hold no edge"


if __name__ == "__main__":
    main()
