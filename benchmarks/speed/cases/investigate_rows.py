"""``investigate`` on a case of a million records, stage by stage, and again after one more batch of one percent.

    python -m benchmarks.speed.cases.investigate_rows --n 1000000 --kind reposts mixed --peer-python PYTHON

``reposts``: the reposts of ``benchmarks/synthetic/reposts.py``. ``mixed``: seven in ten records are such reposts, three
in ten are posts with a text of ``copied_texts.py`` (one in five a copy). All traces, the chance models, events and
clusters run. Each investigation is a process of its own: the first over 99 % of the records, in time order; the second
after the last hundredth was imported; the third over the same, with the results of the case taken away and its kept
stages left (what a notebook with another question meets); the fourth without kept stages. The peer,
coordination-network-toolkit, is given the reposts alone and does its ``co_retweet`` alone. Nothing is asserted but that
the second and the fourth find the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.synthetic.copied_texts import corpus
from benchmarks.synthetic.reposts import DAY_S, FIRST_S, reposts, write
from spmc_tools.schema import RECORDS

__all__ = ["BATCH", "KINDS", "ROOT", "cost", "cost_of_looks", "main", "peer_cpu_s", "records", "stage_table"]

ROOT = Path(__file__).resolve().parents[3]
KINDS = {"reposts": 0.0, "mixed": 0.3}
"""Share of posts with a text among the records."""

AUTHORS = 2_000
LOOK = """
import json, os, resource, sys
from spmc_tools.case.store.case import open_case
from spmc_tools.findings.pipeline.investigate import investigate
case = open_case(sys.argv[1], cases=sys.argv[2])
found = investigate(case)
entry = [e["payload"] for e in case.ledger.entries() if e["kind"] == "investigate" and "stages" in e["payload"]][-1]
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"cpu_s": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024, "stages": entry["stages"],
    "kept": entry.get("kept_stages"), "derived": str(found.derived), "summary": found.summary()}, default=str))
"""
BATCH = """
import sys
from pathlib import Path
import pyarrow.parquet as pq
from spmc_tools.case.files.durable import sha256_file
from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.schema import RECORDS
import pyarrow as pa
name, cases, source = sys.argv[1:]
try:
    case = open_case(name, cases=cases)
except Exception:
    case = create_case(name, title="t", purpose="p", legal_basis="l", date_from="2023-11-14", date_to="2023-11-16",
                       officer="o", cases=cases)
digest = sha256_file(Path(source))
table = pq.read_table(source)
place = RECORDS.schema.get_field_index("source_sha256")
table = table.set_column(place, "source_sha256", pa.repeat(pa.scalar(digest), len(table)))
with case.new_batch(Path(source), digest) as batch:
    for begin in range(0, len(table), 100_000):
        batch.write(records=table.slice(begin, 100_000))
    batch.commit(format="made-up", read=len(table), duplicates=0)
"""


def records(n: int, seed: int, texts: float) -> pa.Table:
    """Return ``n`` records in time order, schema ``RECORDS``; the share ``texts`` of them are posts with a text."""
    rng = np.random.default_rng(seed)
    n_texts = round(n * texts)
    acted = reposts(n - n_texts, seed)[0]
    author = rng.integers(0, AUTHORS, n)
    number = pc.cast(acted["object_id"], pa.int64()).to_numpy() - 7_000_000_000_000
    reposted = pa.table(
        {
            "record_id": acted["record_id"],
            "account_id": acted["account_id"],
            "second": acted["t"],
            "kind": pa.repeat("repost", len(acted)),
            "text": pa.nulls(len(acted), pa.string()),
            "ref_record_id": acted["object_id"],
            "ref_account_id": pc.cast(pa.array(2_000_000_000 + author[number % n]), pa.string()),
        }
    )
    written = pa.table(
        {
            "record_id": pc.cast(pa.array(8_000_000_000_000 + np.arange(n_texts)), pa.string()),
            "account_id": pc.cast(pa.array(1_000_000_000 + rng.integers(0, max(n // 10, 1), n_texts)), pa.string()),
            "second": pa.array(FIRST_S + rng.integers(0, DAY_S, n_texts)),
            "kind": pa.repeat("post", n_texts),
            "text": pa.array(corpus(n_texts, seed).texts if n_texts else [], pa.string()),
            "ref_record_id": pa.nulls(n_texts, pa.string()),
            "ref_account_id": pa.nulls(n_texts, pa.string()),
        }
    )
    whole = pa.concat_tables([reposted, written]).sort_by([("second", "ascending"), ("record_id", "ascending")])
    when = pc.cast(pc.multiply(whole["second"], 1_000_000), pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    given = {name: whole[name] for name in whole.column_names if name != "second"}
    given |= {
        "platform": pa.repeat("x", n),
        "created_at": when,
        "time_precision_s": pa.repeat(1.0, n),
        "source_sha256": pa.repeat("", n),
        "source_row": pa.array(np.arange(n)),
    }
    columns = [given[f.name] if f.name in given else pa.nulls(n, f.type) for f in RECORDS.schema]
    return pa.table(columns, names=RECORDS.schema.names).cast(RECORDS.schema)


def cost(code: str, *arguments: str) -> dict[str, Any]:
    """Return what a process of its own says in its last line."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}
    return said


def cost_of_looks(table: pa.Table, scratch: Path, compare: bool = True) -> dict[str, dict[str, Any]]:
    """Return what each of the looks cost, by its name; without ``compare`` there is no fourth."""
    last = len(table) - max(len(table) // 100, 1)
    cases = str(scratch / "cases")
    os.environ["SPMC_KEYS"] = str(scratch / "keys")
    for number, part in enumerate((table.slice(0, last), table.slice(last))):
        pq.write_table(part, scratch / f"{number}.parquet")
    pq.write_table(table.slice(0, min(len(table), 10_000)), scratch / "warm.parquet")
    cost(BATCH, "warm", cases, str(scratch / "warm.parquet"))
    cost(LOOK, "warm", cases)  # compiles what this machine has not compiled yet
    cost(BATCH, "bench", cases, str(scratch / "0.parquet"))
    looks = {"first": cost(LOOK, "bench", cases)}
    cost(BATCH, "bench", cases, str(scratch / "1.parquet"))
    looks["after one more batch"] = cost(LOOK, "bench", cases)
    found = digest(Path(looks["after one more batch"]["derived"]))
    shutil.rmtree(looks["after one more batch"]["derived"])
    looks["the same again"] = cost(LOOK, "bench", cases)
    if not compare:
        return looks
    shutil.rmtree(Path(cases, "bench", "derived"))
    looks["without kept stages"] = cost(LOOK, "bench", cases)
    if digest(Path(looks["without kept stages"]["derived"])) != found:
        sys.exit("With and without kept stages differ.")
    return looks


def digest(folder: Path) -> str:
    """Return one hash over the files of a folder."""
    parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def peer_cpu_s(n: int, seed: int, texts: float, python: str, scratch: Path) -> float:
    """Return the CPU seconds of the toolkit's co_retweet on the reposts."""
    write(*reposts(n - round(n * texts), seed), scratch / "peer")
    before = os.times()
    command = [python, "-m", "benchmarks.speed.kernel.toolkit_edges"]
    command += [str(scratch / "peer" / "actions.csv"), str(scratch / "p.csv")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def stage_table(looks: dict[str, dict[str, Any]]) -> str:
    """Return CPU seconds and peak memory of the stages of all looks as a Markdown table; without those of no cost."""
    names = list(dict.fromkeys(stage["stage"] for look in looks.values() for stage in look["stages"]))
    lines = ["| stage | " + " | ".join(f"{name}: CPU s | peak MB" for name in looks) + " |"]
    lines.append("|---" * (1 + 2 * len(looks)) + "|")
    for name in names:
        cells = []
        if not any(s["cpu_s"] >= 0.05 for look in looks.values() for s in look["stages"] if s["stage"] == name):
            continue
        for look in looks.values():
            own = [stage for stage in look["stages"] if stage["stage"] == name]
            cells += [f"{sum(s['cpu_s'] for s in own):.1f}", f"{max((s['peak_mb'] for s in own), default=0):,}"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    whole = [c for look in looks.values() for c in (f"{look['cpu_s']:.1f}", f"{look['peak_mb']:,.0f}")]
    lines.append("| **whole process** | " + " | ".join(whole) + " |")
    return "\n".join(lines)


def main() -> None:
    """Make the records, look four times, print one table each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--kind", nargs="+", choices=tuple(KINDS), default=list(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--three", action="store_true", help="leave the fourth look out")
    parser.add_argument("--peer-python", help="an interpreter with coordination-network-toolkit==1.5.2")
    given = parser.parse_args()
    for kind in given.kind:
        with tempfile.TemporaryDirectory() as folder:
            looks = cost_of_looks(records(given.n, given.seed, KINDS[kind]), Path(folder), not given.three)
            first, second = (looks[name]["cpu_s"] for name in ("first", "after one more batch"))
            print(f"{kind}, {given.n:,} records, seed {given.seed}\n\n{stage_table(looks)}\n")
            print(f"the second look took {second / first:.0%} of the first")
            if given.peer_python:
                alone = peer_cpu_s(given.n, given.seed, KINDS[kind], given.peer_python, Path(folder))
                print(
                    f"the toolkit's co_retweet alone: {alone:.1f} CPU s; the first look {first / alone:.2f} times that"
                )


if __name__ == "__main__":
    main()
