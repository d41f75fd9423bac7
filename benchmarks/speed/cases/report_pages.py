"""How long a report of twenty groups with 500 accounts takes, how large its page is, and what its scripts cost.

``python -m benchmarks.speed.cases.report_pages [--groups 20] [--members 25] [--bystanders 500]`` makes a synthetic case
in a temporary folder, investigates it, runs ``election_watch`` on it in both languages, and opens the page in Chromium.
``--sample`` does the same with the sample case. Seconds are of the clock and of the processor, kernel included.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

TEXTS = 12
START = datetime(2025, 11, 3, 3, 0, tzinfo=UTC)
WORDS = ["patna", "gaya", "booth", "road", "bridge", "school", "train", "market", "river", "office", "bus"]


def records(groups: int, members: int, bystanders: int, sha256: str) -> list[dict[str, object]]:
    """Return posts: each group posts copies of its own texts in step, twelve times on ten days; others post alone."""
    draw = np.random.default_rng(1)
    rows: list[dict[str, object]] = []

    def add(account: str, at: datetime, text: str) -> None:
        rows.append(
            {
                "record_id": str(len(rows)), "platform": "x", "account_id": account, "created_at": at,
                "time_precision_s": 1.0, "kind": "post", "text": text, "lang": "en", "client": "app",
                "source_sha256": sha256, "source_row": len(rows) + 1,
            }
        )  # fmt: skip

    def words(n: int) -> str:
        return " ".join(draw.choice(WORDS, n)) + f" {draw.integers(1_000_000)}"

    for group in range(groups):
        for turn in range(TEXTS):
            text, at = words(14), START + timedelta(hours=19 * turn + float(draw.uniform(0, 6)))
            for member in range(members):
                if draw.random() < 0.8:
                    add(f"g{group}m{member}", at + timedelta(seconds=int(draw.integers(1, 300))), text)
    for person in range(groups * members + bystanders):
        name = f"g{person // members}m{person % members}" if person < groups * members else f"b{person}"
        for _ in range(8):
            add(name, START + timedelta(seconds=int(draw.integers(9 * 86400))), words(9))
    return rows


def made_case(folder: Path, groups: int, members: int, bystanders: int):
    """Return a case with these posts."""
    from spmc_tools.case.store.case import create_case
    from spmc_tools.schema import ACCOUNTS, RECORDS, REFUSED

    os.environ |= {"SPMC_CASES": str(folder / "cases"), "SPMC_KEYS": str(folder / "keys")}
    case = create_case(
        "large", title="Large", purpose="Speed", legal_basis="None: made-up data", date_from="2025-11-03",
        date_to="2025-11-13", event="bihar-assembly-2025", officer="Officer One",
    )  # fmt: skip
    source = folder / "made.jsonl"
    source.write_text("made up\n", encoding="utf-8")
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    rows = records(groups, members, bystanders, sha256)
    accounts = [
        {"account_id": a, "platform": "x", "handle": f"handle_{a}", "source_sha256": sha256, "source_row": n}
        for n, a in enumerate(sorted({str(row["account_id"]) for row in rows}), start=1)
    ]
    with case.new_batch(source, sha256) as batch:
        batch.write(
            records=pa.Table.from_pylist(rows, schema=RECORDS.schema),
            accounts=pa.Table.from_pylist(accounts, schema=ACCOUNTS.schema),
            refused=pa.Table.from_pylist([], schema=REFUSED.schema),
        )
        batch.commit(format="made_up", read=len(rows), duplicates=0)
    return case


def spent() -> tuple[float, float]:
    """Return seconds of the clock, and of the processor with the kernels that have ended."""
    own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return time.monotonic(), own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


SCRIPTS = {
    "EvaluateScript", "FunctionCall", "RunMicrotasks", "FireAnimationFrame", "EventDispatch", "TimerFire", "v8.compile",
    "v8.evaluateModule",
}  # fmt: skip


def script_seconds(trace: dict) -> float:
    """Return the processor time of all scripts in a trace of Chromium, also of frames in processes of their own."""
    threads: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for one in trace["traceEvents"]:
        if one.get("ph") == "X" and one["name"] in SCRIPTS:
            end = one["ts"] + one.get("dur", 0)
            threads.setdefault((one["pid"], one["tid"]), []).append((one["ts"], -end, one.get("tdur", 0)))
    spent_us = 0
    for events in threads.values():
        until = 0
        for start, end, cost in sorted(events):
            if start >= until:  # what runs inside another one is part of it
                spent_us, until = spent_us + cost, -end
    return spent_us / 1e6


def opened(path: Path) -> str:
    """Return what the page's scripts and its opening cost in Chromium, every frame looked at for four seconds."""
    from playwright.sync_api import sync_playwright

    from spmc_tools.report.page.browser import find_chromium

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        browser.start_tracing(page=tab, categories=["devtools.timeline", "v8", "v8.execute"])
        start = time.monotonic()
        tab.goto(path.as_uri())
        loaded = time.monotonic() - start
        for frame in tab.locator("iframe").all():
            frame.scroll_into_view_if_needed()
            tab.wait_for_timeout(4000)
        scripts = script_seconds(json.loads(browser.stop_tracing()))
        browser.close()
    return f"opened in {loaded:.2f} s by the clock; scripts of page and frames {scripts:.2f} CPU s"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=20)
    parser.add_argument("--members", type=int, default=25)
    parser.add_argument("--bystanders", type=int, default=500)
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--keep", type=Path, help="a new file for the page")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.sample:
            from spmc_tools.demo import sample_case

            os.environ |= {"SPMC_CASES": str(folder / "cases"), "SPMC_KEYS": str(folder / "keys")}
            case, _ = sample_case()
        else:
            case = made_case(folder, asked.groups, asked.members, asked.bystanders)
        from spmc_tools.findings.pipeline.investigate import investigate
        from spmc_tools.report.running.run import run_notebook

        start = spent()
        found = investigate(case)
        done = spent()
        print(
            f"investigate: {done[0] - start[0]:.1f} s, {done[1] - start[1]:.1f} CPU s, {len(found.clusters)} clusters"
        )
        for turn in ("first report", "report again"):
            start = spent()
            run = run_notebook(case, "election_watch", {}, language="both")
            done = spent()
            size = run.report.stat().st_size
            print(f"{turn}: {done[0] - start[0]:.1f} s, {done[1] - start[1]:.1f} CPU s, {run.status}, {size:,} bytes")
        print(opened(run.report))
        if asked.keep:
            asked.keep.write_bytes(run.report.read_bytes())


if __name__ == "__main__":
    main()
