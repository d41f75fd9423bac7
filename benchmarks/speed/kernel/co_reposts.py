"""Co-reposts within 60 s against coordination-network-toolkit: the same edges, and what each costs.

``python -m benchmarks.speed.kernel.co_reposts --n 1000000 --peer-python PYTHON`` makes the actions (or takes those of
an earlier run), runs every tool as a process of its own, checks that edges are equal one by one, and prints one table.
All numbers of a table come from one run on one machine; only their ratios mean something elsewhere.

PYTHON is an interpreter of an environment of its own: ``python -m venv peer`` and
``peer/bin/pip install coordination-network-toolkit==1.5.2``.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from benchmarks.synthetic.reposts import reposts, write

ROOT = Path(__file__).resolve().parents[3]
OUR_EDGES = "benchmarks.speed.kernel.coaction_edges"
TOOLKIT_EDGES = "benchmarks.speed.kernel.toolkit_edges"
PEER = "coordination-network-toolkit"
PEER_VERSION = "1.5.2"
WEIGHT = 2


@dataclass
class Run:
    """One way to the edges: its command, and wall seconds, CPU seconds and peak memory of each repeat."""

    name: str
    command: list[str]
    edges: Path
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)

    def measure(self, environment: dict[str, str] | None = None) -> Run:
        """Run the command once more; its CPU is that of the process and all its children."""
        start = time.perf_counter()
        given = os.environ | {"PYTHONPATH": str(ROOT)} | (environment or {})
        process = subprocess.Popen(self.command, env=given, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{self.name} ended with status {process.returncode}.")
        self.wall_s.append(time.perf_counter() - start)
        self.cpu_s.append(usage.ru_utime + usage.ru_stime)
        self.peak_mb.append(usage.ru_maxrss / 1024)
        return self


def runs(data: Path, scratch: Path, peer_python: str | None) -> list[Run]:
    """Return the ways to the edges; the first is what the others are compared with."""
    parquet, table = data / "actions.parquet", data / "actions.csv"
    ours = [sys.executable, "-m", OUR_EDGES]
    found: list[Run] = []

    def way(name: str, command: list[str], source: Path, suffix: str, *options: str) -> None:
        edges = scratch / f"{len(found)}{suffix}"
        found.append(Run(name, [*command, str(source), str(edges), *options], edges))

    if peer_python:
        command = [peer_python, "-m", TOOLKIT_EDGES]
        way(f"{PEER} {PEER_VERSION}, CSV", command, table, ".csv", "--min-weight", str(WEIGHT))
    way("kernel, same edges, CSV", ours, table, ".parquet", "--min-weight", str(WEIGHT))
    way("kernel, same edges, Parquet", ours, parquet, ".parquet", "--min-weight", str(WEIGHT))
    way("coactions then filter, same edges, CSV", ours, table, ".parquet", "--min-weight", str(WEIGHT), "--from-frame")
    way("kernel, two objects, CSV", ours, table, ".parquet")
    way("kernel, two objects, Parquet", ours, parquet, ".parquet")
    way("DuckDB, two objects, Parquet", ours, parquet, ".parquet", "--engine", "duckdb")
    return found


def directed(path: Path) -> pd.DataFrame:
    """Return w(a -> b) >= WEIGHT of an edge file of either kind, ordered."""
    if path.suffix == ".csv":
        edges = pd.read_csv(path, dtype={"a": str, "b": str})
    else:
        both = pd.read_parquet(path, columns=["account_a", "account_b", "n_actions_a", "n_actions_b"])
        there = both.set_axis(["a", "b", "w", "back"], axis=1).drop(columns="back")
        back = both.set_axis(["b", "a", "there", "w"], axis=1)[["a", "b", "w"]]
        edges = pd.concat([there, back])
    edges = edges[edges.w >= WEIGHT].astype({"w": "int64"})
    return edges.sort_values(["a", "b"], ignore_index=True)[["a", "b", "w"]]


def check(measured: list[Run]) -> None:
    """Stop with a sentence where two ways that should give the same edges do not."""
    same = [run for run in measured if "two objects" not in run.name]
    for run in same[1:]:
        if not directed(run.edges).equals(directed(same[0].edges)):
            sys.exit(f"{run.name} and {same[0].name} differ.")
    two = [run for run in measured if "two objects" in run.name]
    for run in two[1:]:
        if not pd.read_parquet(run.edges).equals(pd.read_parquet(two[0].edges)):
            sys.exit(f"{run.name} and {two[0].name} differ.")
    print(
        f"\n{len(directed(same[0].edges))} directed edges, equal in {len(same)} runs: "
        + "; ".join(r.name for r in same)
    )
    print(f"{len(pd.read_parquet(two[0].edges))} edges of two objects, all columns equal in {len(two)} runs")


def compile_s(data: Path, scratch: Path) -> float:
    """Return the CPU seconds that compiling the kernel adds to the first run on a machine."""
    command = [sys.executable, "-m", OUR_EDGES, str(data / "actions.parquet"), str(scratch / "c.parquet")]
    environment = {"NUMBA_CACHE_DIR": str(scratch / "compiled")}
    run = Run("compile", command, scratch / "c.parquet")
    run.measure(environment).measure(environment)
    return run.cpu_s[0] - run.cpu_s[1]


def table(measured: list[Run]) -> str:
    """Return the measurements as a Markdown table: medians with their spread, and ratios to the first run."""

    def spread(values: list[float], digits: int) -> str:
        text = f"{statistics.median(values):.{digits}f}"
        return text if len(values) == 1 else f"{text} ({min(values):.{digits}f}–{max(values):.{digits}f})"

    def ratio(values: list[float], first: list[float]) -> str:
        return f"{statistics.median(first) / statistics.median(values):.1f} ×"

    lines = ["| run | CPU s | wall s | peak MB | less CPU | less wall |", "|---|---|---|---|---|---|"]
    first = measured[0]
    for run in measured:
        cells = [spread(run.cpu_s, 2), spread(run.wall_s, 2), spread(run.peak_mb, 0)]
        cells += [ratio(run.cpu_s, first.cpu_s), ratio(run.wall_s, first.wall_s)]
        lines.append("| " + " | ".join([run.name, *cells]) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=1_000_000, help="number of actions")
    parser.add_argument("--repeats", type=int, default=3, help="of each of our runs; the toolkit runs once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="folder to keep the actions in; default: a temporary one")
    parser.add_argument("--short", action="store_true", help="leave out what compiling costs")
    parser.add_argument("--peer-python", help=f"interpreter with {PEER}=={PEER_VERSION}")
    asked = parser.parse_args()
    if not asked.peer_python:
        print(f"Without --peer-python the toolkit is left out. {__doc__.rpartition('PYTHON is')[2].strip()}")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        data = asked.data or scratch / "data"
        if not (data / "actions.csv").exists():
            write(*reposts(asked.n, asked.seed), data)
        compiled = None if asked.short else compile_s(data, scratch)
        measured = runs(data, scratch, asked.peer_python)
        for run in measured:
            for _ in range(1 if PEER in run.name else asked.repeats):
                run.measure()
        check(measured)
        print(f"{asked.n} actions, seed {asked.seed}, {os.cpu_count()} processors, Python {platform.python_version()}")
        if compiled is not None:
            print(f"compiling the kernel, once per machine: {compiled:.1f} CPU s\n")
        print(table(measured))


if __name__ == "__main__":
    main()
