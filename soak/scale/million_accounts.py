"""Ten million reposts of a million accounts, assessed: what they cost, and whether anybody is named.

``python -m soak.scale.million_accounts`` makes a week of organic activity with a five-day tournament (``organic-100k``
of ``benchmarks/accuracy`` with 1,130,000 accounts, 5 GB of memory, some minutes), keeps its reposts, and runs
``spmc.assess`` on them with windows of 60 and 600 s in a process of its own. It prints actions, accounts, CPU seconds,
peak memory (the table included) and how many accounts are named: of these weeks everybody is innocent. About twenty
minutes of one quiet processor; ``--accounts 100000`` is a short form, ``--seed`` another week.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ASSESS = """
import resource, sys, time
import pandas as pd
import spmc_tools as spmc
actions = pd.read_parquet(sys.argv[1])
began = time.process_time()
found = spmc.assess(actions, windows_s=(60, 600), seed=int(sys.argv[2]))
cpu_s = time.process_time() - began
peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
notes, named = found.notes, int(found.accounts["named"].sum())
print(f"{notes['n_actions']:,} actions of {notes['n_accounts']:,} accounts: {cpu_s:.0f} CPU s, {peak_gb:.1f} GB, "
      f"{named} accounts named (nobody acted together), {notes['n_pairs_left_out']:,} likely pairs left out")
"""


def main() -> None:
    """Make the week, and assess it in a process of its own."""
    from benchmarks.accuracy.worlds.catalogue import WORLDS
    from benchmarks.accuracy.worlds.simulate import simulate

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--accounts", type=int, default=1_130_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "reposts.parquet")
        week = simulate(replace(WORLDS["organic-100k"], n_accounts=asked.accounts), asked.seed)
        week.tables["repost"].to_parquet(path)
        del week
        command = [sys.executable, "-c", ASSESS, str(path), str(asked.seed)]
        sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


if __name__ == "__main__":
    main()
