"""Ten million actions, and a hundred million, through both engines on one machine, in a process of its own each.

``python soak/ten_million_actions.py`` runs ten million on the kernel and on DuckDB under 8 GB and compares the edges in
all columns; ``--days 10`` runs ten such days (a hundred million actions) on DuckDB alone. It prints CPU seconds (user
and system, since others may share the machine), peak memory, and the most that lay in the scratch folder.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GENERATE = ROOT / "benchmarks" / "generate_actions.py"
COUNT = """
import sys
from spmc_tools.coaction.coactions import coactions
from spmc_tools.coaction.memory_plan import using
with using(sys.argv[4], None, sys.argv[5]):
    coactions(sys.argv[1], engine=sys.argv[2], out=sys.argv[3])
"""


def measured(actions: Path, engine: str, out: Path, limit: str) -> dict[str, float]:
    """Run one engine and return what it cost."""
    with tempfile.TemporaryDirectory() as scratch:
        stop = threading.Event()
        most = [0]

        def watch() -> None:
            while not stop.wait(0.5):
                sizes = [p.stat().st_size for p in Path(scratch).rglob("*") if p.is_file() and "tmp" in p.suffix]
                most[0] = max(most[0], sum(sizes))

        watcher = threading.Thread(target=watch)
        watcher.start()
        command = [sys.executable, "-c", COUNT, str(actions), engine, str(out), limit, scratch]
        process = subprocess.Popen(command, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        stop.set()
        watcher.join()
    if process.returncode:
        sys.exit(f"{engine} ended with status {process.returncode}.")
    return {"cpu_s": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024, "spilled_mb": most[0] / 1e6}


def main() -> None:
    import pyarrow.parquet as pq

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=10_000_000, help="actions of a day")
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--memory", default="8GB")
    parser.add_argument("--data", type=Path, help="folder to keep the actions in; default: a temporary one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = asked.data or Path(folder, "actions")
        if not any(data.glob("*.parquet")):
            given = ["--n", str(asked.n), "--out", str(data), "--days", str(asked.days)]
            subprocess.run([sys.executable, GENERATE, *given], check=True)
        edges = {}
        for engine in ("memory", "duckdb") if asked.days == 1 else ("duckdb",):
            out = Path(folder, f"{engine}.parquet")
            cost = measured(data, engine, out, asked.memory)
            edges[engine] = pq.ParquetFile(out)
            n_edges = edges[engine].metadata.num_rows
            print(f"{engine}: {n_edges} edges; " + ", ".join(f"{name} {value:.0f}" for name, value in cost.items()))
        if len(edges) == 2 and not edges["memory"].read().equals(edges["duckdb"].read()):
            sys.exit("The two engines differ.")


if __name__ == "__main__":
    main()
