"""Ten million actions, and a hundred million, through the engines on one machine, in a process of its own each.

``python -m soak.scale.ten_million_actions`` runs ten million on the kernel and on DuckDB under 8 GB and compares the
edges in all columns. ``--days 10`` runs ten such days (a hundred million actions, from Parquet) on DuckDB alone, after
the first day alone, and says how the cost grew. It prints CPU seconds (user and system, since others may share the
machine), seconds by the clock, peak memory, the most that lay in the scratch folder, and a line of progress each
minute. Of several days the last line is the same as JSON. ``--most-min M`` ends a run that takes longer and says how
far it came.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COUNT = """
import sys, time
from contextlib import contextmanager
from spmc_tools import progress
from spmc_tools.coaction.engines.coactions import coactions
from spmc_tools.coaction.traces.memory_plan import using
began, told = time.monotonic(), [0.0]
def tell(stage, done, total):
    now = time.monotonic() - began
    if now - told[0] > 60 or done == total:
        told[0] = now
        share = f"{done / total:.1%}" if total else "?"
        print(f"  {now / 60:.1f} min: {share} of the actions looked at", file=sys.stderr, flush=True)
@contextmanager
def lines():
    yield tell
progress.bars = lines
with using(sys.argv[4], None, sys.argv[5]):
    coactions(sys.argv[1], engine=sys.argv[2], out=sys.argv[3])
"""


def measured(actions: Path, engine: str, out: Path, limit: str, most_min: float | None = None) -> dict[str, float]:
    """Run one engine and return what it cost; end this script where it fails or takes too long."""
    with tempfile.TemporaryDirectory() as scratch:
        stop = threading.Event()
        most = [0]

        def watch() -> None:
            while not stop.wait(0.5):
                most[0] = max(most[0], _size(Path(scratch)))

        watcher = threading.Thread(target=watch)
        watcher.start()
        command = [sys.executable, "-c", COUNT, str(actions), engine, str(out), limit, scratch]
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT)
        late = threading.Timer(60 * most_min, process.terminate) if most_min else None
        if late is not None:
            late.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        stop.set()
        watcher.join()
        if late is not None:
            late.cancel()
    cost = {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "wall_s": time.monotonic() - began,
        "peak_mb": usage.ru_maxrss / 1024,
        "scratch_mb": most[0] / 1e6,
    }
    if process.returncode:
        sys.exit(f"{engine} ended with status {process.returncode} after {told(cost)}.")
    return cost


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # gone since it was listed
            continue
    return total


def told(cost: dict[str, float]) -> str:
    """Return what a run cost, in one line."""
    return ", ".join(f"{name} {value:.0f}" for name, value in cost.items())


def main() -> None:
    import pyarrow.parquet as pq

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=10_000_000, help="actions of a day")
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--memory", default="8GB")
    parser.add_argument("--most-min", type=float, help="end a run that takes longer, in minutes")
    parser.add_argument("--first-cpu-s", type=float, help="what the first day took before: it is not run again")
    parser.add_argument("--data", type=Path, help="folder to keep the actions in; default: a temporary one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = asked.data or Path(folder, "actions")
        if not any(data.glob("*.parquet")):
            given = ["--n", str(asked.n), "--out", str(data.resolve()), "--days", str(asked.days)]
            subprocess.run([sys.executable, "-m", "benchmarks.synthetic.reposts", *given], cwd=ROOT, check=True)
        day = next(iter(sorted(data.glob("*.parquet"))))
        runs = [("memory", data), ("duckdb", data)] if asked.days == 1 else [("duckdb", day), ("duckdb", data)]
        costs: list[dict[str, float]] = []
        edges = []
        if asked.first_cpu_s and asked.days > 1:
            costs, runs = [{"cpu_s": asked.first_cpu_s}], runs[1:]
        for number, (engine, source) in enumerate(runs):
            out = Path(folder, f"{number}.parquet")
            costs.append(measured(source, engine, out, asked.memory, asked.most_min))
            edges.append(pq.ParquetFile(out))
            size = out.stat().st_size / 1e6
            n = edges[-1].metadata.num_rows
            print(f"{engine}, {source.name}: {n} edges ({size:.0f} MB); {told(costs[-1])}", flush=True)
        if asked.days > 1:
            growth = costs[-1]["cpu_s"] / costs[0]["cpu_s"]
            print(f"CPU grew {growth:.1f} times for {asked.days} times the actions.")
            facts = {"n": asked.n * asked.days, "edges": edges[-1].metadata.num_rows, "growth": growth}
            print(json.dumps({**facts, "first_cpu_s": costs[0]["cpu_s"], **costs[-1]}))
        elif not edges[0].read().equals(edges[1].read()):
            sys.exit("The two engines differ.")


if __name__ == "__main__":
    main()
