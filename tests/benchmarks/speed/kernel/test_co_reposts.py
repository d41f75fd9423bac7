"""The benchmark runs, finds its ways equal, and prints its table; no time is asserted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]


def test_the_short_form_compares_all_ways_and_prints_a_table(tmp_path: Path) -> None:
    asked = ["--n", "20000", "--repeats", "1", "--short", "--data", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed.kernel.co_reposts", *asked],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "all columns equal in 3 runs" in done.stdout
    rows = [line.split("|")[1].strip() for line in done.stdout.splitlines() if line.startswith("| kernel")]
    assert len(rows) == 4
