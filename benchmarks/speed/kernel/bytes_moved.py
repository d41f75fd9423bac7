"""What each stage of the kernel moves through memory, beside the speed at which this machine copies.

``python -m benchmarks.speed.kernel.bytes_moved actions.parquet`` prints one line of JSON: for each stage its CPU
seconds and the bytes that it reads and writes at least (each array once per pass; the sweep: 8 bytes of the neighbour
and a line of 64 bytes of its accumulator, read and written, per pair looked at), and ``copy_gb_s``: bytes read and
written per second by one thread that copies an array larger than every cache.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from spmc_tools.coaction.engines import sweep
from spmc_tools.coaction.traces.actions import encode

__all__ = ["copy_speed", "main"]

WINDOW_US = 60_000_000


def copy_speed(megabytes: int = 256, repeats: int = 5) -> float:
    """Return the best of some copies, in GB read and written per CPU second."""
    source = np.ones(megabytes * 125_000)
    target = np.zeros_like(source)
    best = 0.0
    for _ in range(repeats):
        began = time.process_time()
        np.copyto(target, source)
        best = max(best, 2 * source.nbytes / (time.process_time() - began) / 1e9)
    return best


def main(path: str) -> None:
    """Run each stage twice (the first may compile) and print the second."""
    stages: dict[str, tuple[float, int]] = {}

    def timed(name: str, moved, work):  # type: ignore[no-untyped-def]
        work()
        began = time.process_time()
        found = work()
        stages[name] = (time.process_time() - began, int(moved(found)))
        return found

    size = Path(path).stat().st_size
    table = timed(
        "reading Parquet",
        lambda t: size + t.nbytes,
        lambda: pq.read_table(path, columns=["account_id", "object_id", "t"]),
    )
    encoded = timed("numbering ids, times in µs", lambda e: table.nbytes + 16 * e.n, lambda: encode(table, optional=()))
    account, obj, t = encoded.account, encoded.object, encoded.t_us
    passes = max(1, -(-int(np.ptp(t)).bit_length() // 11))
    order = timed(  # each pass: keys twice at random, positions read and written; then codes twice, positions once
        "sort by object and time", lambda o: o.size * (passes * (8 + 8 + 8 + 8) + 4 + 4 + 8 + 8),
        lambda: sweep.sort_by_object_time(obj, t),
    )  # fmt: skip
    ordered = timed(
        "columns in order", lambda c: 2 * sum(one.nbytes for one in c) + 3 * order.nbytes,
        lambda: (account[order], obj[order], t[order]),
    )  # fmt: skip
    bounds = timed(
        "windows", lambda b: 2 * (ordered[1].nbytes + ordered[2].nbytes) + sum(one.nbytes for one in b),
        lambda: sweep.window_bounds(ordered[1], ordered[2], WINDOW_US),
    )  # fmt: skip
    looked_at = int((bounds[1].astype(np.int64) - bounds[0]).sum())
    timed(
        "sort, windows and sweep, every edge", lambda _: looked_at * (8 + 128),
        lambda: sum(len(b) for b in sweep.blocks(account, obj, t, WINDOW_US, 1, threads=1)),
    )  # fmt: skip
    print(json.dumps({"copy_gb_s": copy_speed(), **stages}))


if __name__ == "__main__":
    main(sys.argv[1])
