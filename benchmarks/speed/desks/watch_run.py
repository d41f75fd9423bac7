"""Measure an election watch from `spmc report` to the HTML, on a day of 500 posts a minute and after one more hour.

``python -m benchmarks.speed.desks.watch_run --folder FOLDER`` makes the case there once: 24 batches of an hour with
30,000 posts each (720,000; words of the simulator, ``watch_day.py``), a first report, one more batch of an hour, a
second report; then the look for groups that a schedule makes beside the watch, one more hour, and a third report with
its groups. It prints for each report seconds by the clock and of the processor (the kernel included) and the largest
memory of a process of the run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.case.store.case import Case

PER_HOUR, HOURS = 30_000, 24


def keep(case: Case, folder: Path, number: int, posts: pd.DataFrame) -> None:
    """Import an hour as one batch."""
    from benchmarks.speed.desks.desks_on_cases import with_file
    from spmc_tools.case.files.durable import sha256_file

    source = folder / f"hour-{number:02d}.txt"
    source.write_text(str(number), encoding="utf-8")
    digest = sha256_file(source)
    posts = posts.assign(created_at=posts["created_at"].dt.floor("s"))
    table = pa.Table.from_pandas(posts.drop(columns="metrics"), preserve_index=False)
    shape = pa.struct([(name, pa.int64()) for name in ("likes", "reposts", "replies", "views")])
    views = [None if one is None else {"views": one["views"]} for one in posts["metrics"]]
    more: dict[str, Any] = {
        "platform": pa.array(["x"] * len(posts)),
        "time_precision_s": pa.array([1.0] * len(posts)),
        "metrics": pa.array(views, shape),
    }
    for name, values in more.items():
        table = table.append_column(name, values)
    with case.new_batch(source, digest) as batch:
        batch.write(records=with_file("records", table, digest))
        batch.commit(format="made-up", read=len(posts), duplicates=0)


def make(folder: Path, hours: range, seed: int) -> None:
    """Import these hours."""
    from benchmarks.speed.desks.watch_day import day
    from spmc_tools.case.store.case import create_case, open_case

    posts = day(PER_HOUR * (HOURS + 2), seed, 3600 * (HOURS + 2))
    if hours.start == 0:
        create_case(
            "day", title="A day", purpose="to be measured", legal_basis="none, synthetic data", officer="Officer",
            date_from="2025-11-14", date_to="2025-11-15", event="bihar-assembly-2025", cases=folder,
        )  # fmt: skip
    case = open_case("day", cases=folder)
    for hour in hours:
        keep(case, folder, hour, posts.iloc[hour * PER_HOUR : (hour + 1) * PER_HOUR])


def report(folder: Path, parameters: list[str], notebook: str = "election_watch") -> dict[str, Any]:
    """Make a report in processes of its own, and return what it cost."""
    command = [sys.executable, "-m", "spmc_tools", "--cases", str(folder), "report", "day", notebook]
    command += [word for one in parameters for word in ("-p", one)]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([*command, "--json"], check=False, stdout=subprocess.PIPE, text=True)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    told = json.loads(done.stdout)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size = Path(told["report"]).stat().st_size / 1e6
    return {"status": told["status"], "s": round(seconds, 1), "cpu_s": round(spent, 1),
            "peak_mb": round(after.ru_maxrss / 1024), "html_mb": round(size, 2), "report": told["report"]}  # fmt: skip


def main() -> None:
    """Make the case where it is not there, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parameters", nargs="*", default=[], help="name=value, as `spmc report -p` takes them")
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("SPMC_KEYS", str(folder / "keys"))
    if not (folder / "day").exists():
        make(folder, range(HOURS), given.seed)
    print("first:", json.dumps(report(folder, given.parameters)), flush=True)
    make(folder, range(HOURS, HOURS + 1), given.seed)
    print("after one more hour:", json.dumps(report(folder, given.parameters)), flush=True)
    print("the look beside it:", json.dumps(report(folder, [], "group_look")), flush=True)
    make(folder, range(HOURS + 1, HOURS + 2), given.seed)
    print("the hour after the look:", json.dumps(report(folder, given.parameters)), flush=True)


if __name__ == "__main__":
    main()
