"""A report of findings with hundreds of accounts: seconds from ``spmc report`` to the HTML, and its size.

    python -m benchmarks.speed.cases.report_of_many --accounts 500

Groups of 20 accounts repost 30 posts each within 45 seconds, among four times as many ordinary accounts that repost
anything. The case is investigated first, as it is before a report is asked for; the report is the election watch, as
``spmc report CASE election_watch`` makes it, and a second one of the same results. One line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.speed.cases.investigate_rows import BATCH, ROOT, cost
from benchmarks.synthetic.reposts import FIRST_S
from spmc_tools.schema import RECORDS

__all__ = ["main", "many"]

GROUP, POSTS, DAYS = 20, 30, 3


def many(n_accounts: int, seed: int) -> pa.Table:
    """Return records in time order, schema ``RECORDS``: ``n_accounts`` in groups, four times as many ordinary ones."""
    rng = np.random.default_rng(seed)
    groups = max(n_accounts // GROUP, 1)
    group, post, member = np.nonzero(rng.random((groups, POSTS, GROUP)) < 0.9)
    start = rng.integers(0, DAYS * 86_400 - 60, (groups, POSTS))
    n = 60 * n_accounts
    account = np.concatenate([group * GROUP + member, groups * GROUP + rng.integers(0, 4 * n_accounts, n)])
    posts = np.concatenate([group * POSTS + post, groups * POSTS + rng.zipf(1.3, n) % (8 * n_accounts)])
    second = np.concatenate([start[group, post] + rng.integers(0, 45, group.size), rng.integers(0, DAYS * 86_400, n)])
    order = np.argsort(second, kind="stable")
    account, posts, second = account[order], posts[order], second[order]
    size = second.size

    def ids(numbers: Any) -> pa.Array:
        return pc.cast(pa.array(numbers), pa.string())

    given = {
        "record_id": ids(9_000_000_000 + np.arange(size)),
        "account_id": ids(1_000_000 + account),
        "created_at": pa.array((FIRST_S + second) * 1_000_000, pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
        "kind": pa.repeat("repost", size),
        "platform": pa.repeat("x", size),
        "time_precision_s": pa.repeat(1.0, size),
        "ref_record_id": ids(7_000_000 + posts),
        "ref_account_id": ids(2_000_000 + posts % 900),
        "source_sha256": pa.repeat("", size),
        "source_row": pa.array(np.arange(size)),
    }
    columns = [given[f.name] if f.name in given else pa.nulls(size, f.type) for f in RECORDS.schema]
    return pa.table(columns, names=RECORDS.schema.names).cast(RECORDS.schema)


def spmc(cases: Path, *arguments: str) -> dict[str, Any]:
    """Return what a command says with ``--json``."""
    command = [sys.executable, "-m", "spmc_tools", *arguments, "--cases", str(cases), "--json"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if not done.stdout.strip():
        sys.exit(f"spmc {arguments[0]}: {done.stderr[-300:]}")
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def main() -> None:
    """Make the case, look, report twice, print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--notebook", default="election_watch")
    parser.add_argument("--scratch", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.scratch) as folder:
        cases = Path(folder, "cases")
        os.environ["SPMC_KEYS"] = str(Path(folder, "keys"))
        source = Path(folder, "many.parquet")
        pq.write_table(many(given.accounts, given.seed), source)
        cost(BATCH, "bench", str(cases), str(source))
        looked = spmc(cases, "investigate", "bench")
        members = pq.read_table(Path(looked["derived"], "clusters.parquet"), columns=["accounts"])["accounts"]
        told: dict[str, Any] = {"accounts": len(pc.unique(pc.list_flatten(members.combine_chunks())))}
        for time_of in ("seconds", "seconds_again"):
            began, before = time.monotonic(), os.times()
            made = spmc(cases, "report", "bench", given.notebook)
            told[time_of] = round(time.monotonic() - began, 1)
            after = os.times()
            if "cpu_s" not in told:
                spent = after.children_user + after.children_system - before.children_user - before.children_system
                told |= {"cpu_s": round(spent, 1), "status": made["status"]}
                told["mb"] = round(Path(made["report"]).stat().st_size / 1e6, 3)
        print(json.dumps(told))


if __name__ == "__main__":
    main()
