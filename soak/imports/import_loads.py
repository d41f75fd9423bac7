"""Import what is large: 5 million rows, a gzip of a gigabyte, 10,000 files, lines of 10 MB; measure time and memory.

Each load runs in a process of its own, whose greatest resident memory the system tells; rows are compared with what was
written. The 5 million rows must stay within 2 GB.

    python -m soak.imports.import_loads --only rows files lines gzip --scale 1
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import time
from typing import TYPE_CHECKING

from soak.scratch import options_or_work, scratch, worker_command
from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.custody.review.verify import verify
from spmc_tools.importers.import_files import import_files

if TYPE_CHECKING:
    from pathlib import Path

FACTS = {
    "title": "Soak", "purpose": "to import what is large", "legal_basis": "none, synthetic data",
    "date_from": "2025-10-06", "date_to": "2025-11-16",
}  # fmt: skip
LIMIT_MB = 2048
LOADS = ("rows", "csv", "files", "lines", "gzip")
WORDS = "मतदान केंद्र पर सुबह से शांति है और लोग कतार में खड़े हैं"


def post(number: int, text: str = WORDS) -> str:
    at = f"2025-11-{6 + number % 5:02}T{number % 24:02}:{number % 60:02}:{number % 59:02}.000Z"
    return json.dumps(
        {"id": str(10**15 + number), "author_id": str(number % 90_000), "created_at": at, "text": f"{text} {number}"},
        ensure_ascii=False,
    )


def write_rows(folder: Path, scale: float) -> tuple[list[Path], int]:
    path, count = folder / "rows.jsonl", int(5_000_000 * scale)
    with path.open("w", encoding="utf-8") as out:
        for start in range(0, count, 10_000):
            out.write("".join(post(n) + "\n" for n in range(start, min(start + 10_000, count))))
    return [path], count


def write_csv(folder: Path, scale: float) -> tuple[list[Path], int]:
    path, count = folder / "rows.csv", int(5_000_000 * scale)
    with path.open("w", encoding="utf-8") as out:
        out.write("id,user_id,date,text\n")
        for n in range(count):
            out.write(f'{10**15 + n},{n % 90_000},2025-11-{6 + n % 5:02}T10:00:{n % 60:02}Z,"{WORDS}, {n}"\n')
    return [path], count


def write_files(folder: Path, scale: float) -> tuple[list[Path], int]:
    paths = []
    for n in range(int(10_000 * scale)):
        paths.append(folder / f"{n:05}.jsonl")
        paths[-1].write_text("".join(post(10 * n + k) + "\n" for k in range(10)), encoding="utf-8")
    return paths, 10 * len(paths)


def write_lines(folder: Path, scale: float) -> tuple[list[Path], int]:
    path, count = folder / "lines.jsonl", max(int(100 * scale), 2)
    with path.open("w", encoding="utf-8") as out:
        for n in range(count):
            out.write(post(n, "ab " * 3_400_000) + "\n")
    return [path], count


def write_gzip(folder: Path, scale: float) -> tuple[list[Path], int]:
    """Text that hardly packs, so that the packed file itself has a gigabyte."""
    path, count, size = folder / "rows.jsonl.gz", 0, int(1024**3 * scale)
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as out:
        while path.stat().st_size < size:
            for _ in range(1000):
                out.write(post(count, os.urandom(1500).hex()) + "\n")
                count += 1
            out.flush()
    return [path], count


def work(load: str, folder: Path) -> None:
    """What the measured process does: import every file that lies there."""
    case = open_case(load)
    results = import_files(case, sorted((folder / load).iterdir()), accept_guess=True)
    print(
        json.dumps(
            {
                "kept": sum(one.kept for one in results),
                "read": sum(one.read for one in results),
                "refused": sum(one.refused for one in results),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "notes": sorted({one.note for one in results})[:3],
            }
        )
    )


def measure(load: str, folder: Path, scale: float) -> None:
    (folder / load).mkdir()
    paths, rows = globals()[f"write_{load}"](folder / load, scale)
    size = sum(path.stat().st_size for path in paths)
    create_case(load, **FACTS)
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = worker_command(__spec__.name, load, folder)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["read"] == found["kept"] == rows and found["refused"] == 0, found
    case = open_case(load)
    assert case.chain_problem is None
    assert verify(case.path, log=False).ok
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{load}: {len(paths):,} files, {size / 2**20:,.0f} MB, {rows:,} rows: {wall:,.0f} s by the clock, {cpu:,.0f} "
        f"s of processor, {found['peak_mb']:,} MB at most",
        flush=True,
    )
    if load in {"rows", "csv"}:
        assert found["peak_mb"] <= LIMIT_MB, "more than 2 GB"
    for path in paths:
        path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=LOADS, default=LOADS)
    parser.add_argument("--scale", type=float, default=1.0)
    given = options_or_work(parser, LOADS, work)
    if given is None:
        return
    with scratch() as folder:
        for load in given.only:
            measure(load, folder, given.scale)


if __name__ == "__main__":
    main()
