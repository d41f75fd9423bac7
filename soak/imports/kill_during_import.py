"""Kill imports (and the making of cases) at random moments, for minutes, and look at what is left.

After every kill the case must verify, hold each file whole or not at all, and take the next import. Half of the
kills fall anywhere in the import, half in the few milliseconds of its commit; in every third round a second import
runs beside the one that is killed and must not notice.

    python -m soak.imports.kill_during_import --rounds 200 --seed 1
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from soak.imports import import_ids
from soak.scratch import scratch
from spmc_tools.case.store.batches import leftovers
from spmc_tools.case.store.case import Case, create_case, open_case
from spmc_tools.custody.review.verify import verify, write_manifest

FACTS = {
    "title": "Soak",
    "purpose": "to be killed at random moments",
    "legal_basis": "none, synthetic data",
    "date_from": "2025-10-06",
    "date_to": "2025-11-16",
}


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_one(case_id: str) -> None:
    print("ready", flush=True)
    create_case(case_id, **FACTS)


def start(module: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_at(worker: subprocess.Popen[str], line: str, after_s: float) -> str:
    assert worker.stdout is not None
    for said in worker.stdout:
        if said.strip() == line:
            break
    time.sleep(after_s)
    worker.send_signal(signal.SIGKILL)
    return worker.communicate()[0]


def examine(case: Case, sources: dict[str, tuple[Path, set[str]]], seen: Counter[str]) -> None:
    """Fail where the case is not what its log says, or a source is in it by half."""
    seen["staging folders left"] += len(list(case.path.glob(".incoming-*")))
    seen["plans left"] += bool(leftovers(case.path))
    found = verify(case.path, log=False)
    assert found.ok, found.differences
    opened = open_case("soak")
    assert opened.chain_problem is None
    wanted: set[str] = set()
    for batch in opened.batches():
        wanted |= sources[batch.source_sha256][1]
    ids = opened.records(["record_id"])["record_id"].tolist()
    assert len(ids) == len(set(ids)), "a record is in the case twice"
    assert set(ids) == wanted, "a file is in the case by half"


def imports(rounds: int, chance: random.Random, folder: Path) -> Counter[str]:
    case = create_case("soak", **FACTS)
    run = case.run_dir("first")
    (run / "report.html").write_text("soak")
    write_manifest(case, run)
    seen: Counter[str] = Counter()
    sources: dict[str, tuple[Path, set[str]]] = {}
    for turn in range(rounds):
        names = ["killed", "beside"] if turn % 3 == 2 else ["killed"]
        made = []
        for name in names:
            first = turn * 3000 + (1500 if name == "beside" else 0)  # half of it is in both
            path = folder / f"{turn}-{name}.txt"
            path.write_text("\n".join(str(i) for i in range(first, first + 3000)))
            sources[sha(path)] = (path, set(path.read_text().split()))
            made.append(path)
        beside = start(import_ids.__name__, "soak", str(made[1])) if len(made) == 2 else None
        worker = start(import_ids.__name__, "soak", str(made[0]))
        aimed = turn % 2 == 0
        kill_at(worker, "commit" if aimed else "ready", chance.uniform(0, 0.025 if aimed else 0.6))
        if beside is not None:
            out, err = beside.communicate(timeout=300)
            assert out.endswith("done\n"), err
        seen["killed after it was logged" if case.has_source(sha(made[0])) else "killed before it was logged"] += 1
        examine(case, sources, seen)
    last = folder / "last.txt"
    last.write_text("last")
    sources[sha(last)] = (last, {"last"})
    out, err = start(import_ids.__name__, "soak", str(last)).communicate(timeout=300)
    assert out.endswith("done\n"), err
    examine(case, sources, Counter())
    assert not list(case.path.glob(".incoming-*")), "the next import did not clear what was left"
    return seen


def cases_killed(rounds: int, chance: random.Random) -> Counter[str]:
    seen: Counter[str] = Counter()
    for turn in range(rounds):
        name = f"made-{turn}"
        kill_at(start(__spec__.name, "--make", name), "ready", chance.uniform(0, 0.15))
        path = Path(os.environ["SPMC_CASES"]) / name
        seen["case there" if path.exists() else "case not there"] += 1
        if path.exists():
            found = verify(path, log=False)
            assert found.ok, found.differences
        else:
            create_case(name, **FACTS)
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--make", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make:
        make_one(given.make)
        return
    with scratch() as folder:
        chance = random.Random(given.seed)
        print(f"imports killed: {given.rounds} rounds, seed {given.seed}", flush=True)
        for what, count in sorted(imports(given.rounds, chance, folder).items()):
            print(f"  {what}: {count}")
        print(f"cases killed while they were made: {given.rounds // 4} rounds", flush=True)
        for what, count in sorted(cases_killed(given.rounds // 4, chance).items()):
            print(f"  {what}: {count}")
        print("every case was whole")


if __name__ == "__main__":
    main()
