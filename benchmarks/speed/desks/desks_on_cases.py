"""How long the desks take from a case on disk to the HTML of all their sections, and the memory of the process.

``python -m benchmarks.speed.desks.desks_on_cases --folder FOLDER`` makes two cases there once (a day of 500 messages a
minute with as many posts; five years of daily snapshots of 160 pages and 300,000 posts with four figures each), then
runs each desk in a process of its own and prints seconds by the clock and of the processor, and its largest memory.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

DESKS = ("response_desk", "rumour_desk", "page_standing", "awareness_reach")
ROWS = 720_000
POSTS, PAGES, DAYS = 300_000, 160, 1826
START = datetime(2020, 11, 11, 5, 30, tzinfo=UTC)


def keep(case: Case, folder: Path, **tables: pa.Table) -> None:
    """Keep whole tables as one import."""
    import hashlib

    name = "-".join(tables)
    path = folder / f"{name}.txt"
    path.write_text(name, encoding="utf-8")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    n = max(table.num_rows for table in tables.values())
    records = tables["records"].num_rows if "records" in tables else 0
    with case.new_batch(path, sha256) as batch:
        batch.write(**{key: with_file(key, table, sha256) for key, table in tables.items()})
        batch.commit(format="entered", read=n, duplicates=0, kept_accounts=n - records)


def with_file(name: str, table: pa.Table, sha256: str) -> pa.Table:
    """Return a table in its schema: the file and row of each line, nulls where nothing is said."""
    from spmc_tools.schema import DESK_TABLES, RECORDS

    schema = (RECORDS if name == "records" else DESK_TABLES[name]).schema
    given = {
        **{key: table.column(key) for key in table.column_names},
        "source_sha256": pa.array([sha256] * table.num_rows),
        "source_row": pa.array(np.arange(1, table.num_rows + 1)),
    }
    columns = [
        given[field.name].cast(field.type) if field.name in given else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def make(folder: Path) -> None:
    """Make both cases."""
    from benchmarks.sample_case.election_week.texts import crowd_text, organic
    from benchmarks.speed.desks.desk_refresh import inbox
    from spmc_tools.case.store.case import create_case
    from spmc_tools.desks.rumours.rumour import enter_claim

    facts: dict[str, Any] = {"title": "t", "purpose": "p", "legal_basis": "none", "cases": folder}
    rng = np.random.default_rng(0)
    day = create_case("day", date_from="2025-11-05", date_to="2025-11-06", officer="o", **facts)
    messages, records = inbox(ROWS, rng)
    kind = pa.array(["message"] * records.num_rows)
    keep(day, folder, messages=messages, records=records.append_column("kind", kind))
    claims = [crowd_text("copy", number, 0)[0] for number in range(20)]
    texts = np.array([organic(rng, 0)[0] for _ in range(60_000)] + [f"{claims[n % 20]} {n}" for n in range(2_000)])
    at = np.sort(rng.integers(0, 86_400_000_000, ROWS)) + 1762300800 * 1_000_000
    posts = pa.table(
        {
            "record_id": np.arange(ROWS).astype(str), "platform": pa.array(["telegram"] * ROWS),
            "account_id": rng.integers(0, 90_000, ROWS).astype(str),
            "created_at": pa.array(at).cast(pa.timestamp("us", "UTC")), "kind": pa.array(["post"] * ROWS),
            "text": texts[rng.integers(0, len(texts), ROWS)],
        }
    )  # fmt: skip
    keep(day, folder, records=posts)
    for number, text in enumerate(claims):
        look = f"{(0x5555AAAA3333CCCC + number * 0x0F0F1E1E2D2D3C3C) % 2**64:016x}"
        enter_claim(day, f"R{number}", "open", text=text, media_phash=look, entered_at=START)
    years = create_case("years", date_from="2020-11-10", date_to="2025-11-10", officer="o", **facts)
    measured(years, folder, rng)


def measured(case: Case, folder: Path, rng: np.random.Generator) -> None:
    """Keep five years of snapshots, of daily figures of forty pages, and of posts."""
    platforms = np.array(["facebook", "x", "instagram", "youtube"])
    page = np.repeat(np.arange(PAGES), DAYS)
    days = np.tile(np.arange(DAYS), PAGES)
    moments = pa.array([START + timedelta(days=n) for n in range(DAYS)], pa.timestamp("us", "UTC"))
    start = rng.integers(10_000, 900_000, PAGES)
    followers = (start[page] * (1 + days / 4000) + rng.integers(-50, 50, len(page))).astype("int64")
    source = np.where(page // 4 == 0, "own statistics", "seen")
    snapshots = pa.table(
        {
            "platform": platforms[page % 4], "page": np.char.add("page", (page // 4).astype(str)),
            "state": np.char.add("State ", (page // 4).astype(str)), "followers": followers,
            "observed_at": moments.take(pa.array(days)), "source": source,
        }
    )  # fmt: skip
    own = page < 40
    midnight = pa.array([START - timedelta(hours=11) + timedelta(days=n) for n in range(DAYS)], moments.type)
    gone = rng.random(int(own.sum())) < 0.02
    metrics = pa.table(
        {
            "platform": platforms[page[own] % 4], "page": np.char.add("page", (page[own] // 4).astype(str)),
            "metric": np.where(days[own] < 900, "impressions", "views"), "unit": pa.array(["views"] * int(own.sum())),
            "value": rng.lognormal(9, 1, int(own.sum())), "day": midnight.take(pa.array(days[own])),
            "days": np.ones(int(own.sum()), dtype="int64"),
        }
    ).filter(pa.array(~gone))  # fmt: skip
    keep(case, folder, page_snapshots=snapshots)
    keep(case, folder, page_metrics=metrics)
    post = np.repeat(np.arange(POSTS), 4)
    posted = pa.array((START.timestamp() * 1e6 + rng.integers(0, DAYS * 86_400_000_000, POSTS)).astype("int64"))
    names = np.tile(np.array(["reach", "reactions", "comments", "shares"]), POSTS)
    value = rng.lognormal(np.where(names == "reach", 8, 4), 1).round()
    figures = pa.table(
        {
            "platform": pa.array(["facebook"] * len(post)), "page": np.char.add("page", (post % 40).astype(str)),
            "record_id": post.astype(str), "metric": names, "unit": pa.array(["actions"] * len(post)), "value": value,
            "posted_at": posted.cast(pa.timestamp("us", "UTC")).take(pa.array(post)),
            "form": np.array(["reels", "photos", "links"])[post % 3], "language": np.array(["hi", "en"])[post % 2],
        }
    )  # fmt: skip
    keep(case, folder, post_metrics=figures)
    tagged = np.arange(0, POSTS, 12)
    campaigns = np.char.add("c", (tagged // 12 % 8).astype(str))
    keep(case, folder, campaigns=pa.table(
        {"campaign_id": campaigns, "name": campaigns, "theme": campaigns,
         "platform": pa.array(["facebook"] * len(tagged)), "record_id": tagged.astype(str)}
    ))  # fmt: skip


def one(name: str, folder: Path) -> None:
    """Run one desk and print what it took."""
    from spmc_tools.case.store.case import open_case
    from spmc_tools.report.page.drawing import fragment
    from spmc_tools.report.page.sections import section

    began, used = time.perf_counter(), time.process_time()
    case = open_case("years" if name in {"page_standing", "awareness_reach"} else "day", cases=folder)
    given = made(name, case)
    parts = {
        "response_desk": ("response", "response_queue"),
        "rumour_desk": ("rumour", "rumour_limits"),
        "page_standing": ("standing", "standing_ranks", "standing_growth", "standing_figures", "standing_limits"),
        "awareness_reach": ("awareness", "awareness_by", "awareness_best", "awareness_limits"),
    }[name]
    desk, desk_cpu = time.perf_counter() - began, time.process_time() - used
    for part in parts:
        own = {"case": case, **given} if part in {"response_queue", "rumour"} else given
        fragment(section(part, **own).payload(), "hi")
    print(f"{name}: desk {desk:.1f} s ({desk_cpu:.1f} s of processor), with its sections "
          f"{time.perf_counter() - began:.1f} s ({time.process_time() - used:.1f} s), "
          f"largest memory {largest_mb():,.0f} MB")  # fmt: skip


def largest_mb() -> float:
    """Return the largest memory of this process so far; that of the process it was started from does not enter."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def made(name: str, case: Case) -> dict[str, Any]:
    """Return what a desk's sections need."""
    if name == "response_desk":
        from spmc_tools.desks.complaints.response import response_desk

        return {"desk": response_desk(case)}
    if name == "rumour_desk":
        from spmc_tools.desks.rumours.rumour import COLUMNS, rumour_desk

        return {"desk": rumour_desk(case, case.records([*COLUMNS, "media"], posts_only=True))}
    if name == "page_standing":
        from spmc_tools.desks.reach.standing import standing

        return {"ranking": standing(case)}
    from spmc_tools.desks.reach.awareness import awareness

    return {"reached": awareness(case)}


def main() -> None:
    """Make the cases where they are not there, and run each desk by itself."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--desk", choices=DESKS)
    given = parser.parse_args()
    if given.desk:
        one(given.desk, given.folder)
        return
    if not (given.folder / "years").exists():
        given.folder.mkdir(parents=True, exist_ok=True)
        make(given.folder)
    for name in DESKS:
        subprocess.run([sys.executable, "-m", __spec__.name, "--folder", str(given.folder), "--desk", name], check=True)


if __name__ == "__main__":
    main()
