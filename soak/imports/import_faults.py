"""Import where the machine fails: a full disk, a read-only folder, two imports at once, `kill -9` at random moments.

After every fault the case is byte for byte what it was, or the file is in it whole; after a re-run nothing is lost,
nothing is doubled, and the chain of the log holds. The kills fall anywhere from the start of the process to its end;
the file comes through the whole of the import: recognised, read, mapped, written.

    python -m soak.imports.import_faults --kills 50 --seed 1
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from soak.scratch import scratch
from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import SpmcError
from spmc_tools.importers.import_files import import_files

FACTS = {
    "title": "Soak", "purpose": "to fail", "legal_basis": "none, synthetic data",
    "date_from": "2025-10-06", "date_to": "2025-11-16",
}  # fmt: skip


def posts(path: Path, first: int, count: int) -> set[str]:
    lines = (
        json.dumps(
            {"id": str(n), "author_id": str(n % 97), "created_at": "2025-11-06T10:00:00.000Z", "text": f"बूथ {n} खुला है"}
        )
        for n in range(first, first + count)
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {str(n) for n in range(first, first + count)}


def snapshot(folder: Path) -> dict[str, str]:
    """Every file of a case with its hash; what a broken-off import left to be cleared is no part of it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def ids(name: str) -> list[str]:
    return list(open_case(name).records(["record_id"])["record_id"])


def sound(name: str, wanted: set[str]) -> None:
    case = open_case(name)
    assert case.chain_problem is None, case.chain_problem
    found = verify(case.path, log=False)
    assert found.ok, found.differences
    held = ids(name)
    assert len(held) == len(set(held)), "a post is there twice"
    assert set(held) == wanted, f"{len(wanted - set(held))} lost, {len(set(held) - wanted)} too many"


def start(case: str, *paths: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", __spec__.name, "--work", case, *map(str, paths)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def work(case: str, paths: list[Path], limit: int | None) -> None:
    if limit is not None:  # as a disk that is full: a file cannot grow beyond it
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        print(json.dumps([one.kept for one in import_files(open_case(case), paths)]))
    except SpmcError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def kills(folder: Path, count: int, chance: random.Random) -> Counter[str]:
    """Kill an import of the same file again and again, each time a little later in it; then let it end."""
    seen: Counter[str] = Counter()
    wanted = posts(folder / "whole.jsonl", 0, 20_000)
    create_case("whole", **FACTS)
    begun = time.perf_counter()
    assert start("whole", folder / "whole.jsonl").wait() == 0
    longest = time.perf_counter() - begun
    for turn in range(count):
        case = create_case(f"kill-{turn}", **FACTS)
        had = posts(folder / "first.jsonl", 19_000, 2_000)  # a thousand of them come again
        import_files(case, [folder / "first.jsonl"])
        before = snapshot(case.path)
        worker = start(case.id, folder / "whole.jsonl")
        time.sleep(chance.uniform(0, 1.02 * longest))
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        inside = set(ids(case.id)) != had
        seen["whole in the case" if inside else "no part of the case"] += 1
        seen["left-overs to clear"] += any(case.path.glob(".incoming-*"))
        if not inside:
            assert snapshot(case.path) == before, "the case is not what it was"
        sound(case.id, wanted | had if inside else had)
        import_files(open_case(case.id), [folder / "whole.jsonl"])
        sound(case.id, wanted | had)
        assert not any(case.path.glob(".incoming-*"))
        shutil.rmtree(case.path)
    return seen


def two_at_once(folder: Path, turns: int) -> int:
    """Two processes import files that overlap by half into one case."""
    for turn in range(turns):
        name = f"two-{turn}"
        create_case(name, **FACTS)
        wanted = posts(folder / "a.jsonl", 0, 6_000) | posts(folder / "b.jsonl", 3_000, 6_000)
        both = [start(name, folder / "a.jsonl"), start(name, folder / "b.jsonl")]
        kept = [json.loads(worker.communicate()[0])[0] for worker in both]
        assert sum(kept) == len(wanted), kept
        sound(name, wanted)
        same = [start(name, folder / "c.jsonl") for _ in range(2)] if posts(folder / "c.jsonl", 9_000, 500) else []
        assert sorted(json.loads(worker.communicate()[0])[0] for worker in same) == [0, 500]
        sound(name, wanted | {str(n) for n in range(9_000, 9_500)})
    return turns


def full_disk(folder: Path, chance: random.Random, turns: int) -> Counter[str]:
    """No file may grow beyond a size that is drawn: the copy, a table or the log meets it."""
    seen: Counter[str] = Counter()
    wanted = posts(folder / "big.jsonl", 0, 20_000)
    size = (folder / "big.jsonl").stat().st_size
    create_case("full", **FACTS)
    before = snapshot(open_case("full").path)
    for limit in [0, 1, 4096, *(chance.randrange(size) for _ in range(turns))]:
        command = [
            sys.executable,
            "-m",
            __spec__.name,
            "--work",
            "full",
            str(folder / "big.jsonl"),
            "--limit",
            str(limit),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
        seen[done.stderr.split(":")[-1].split(";")[0].strip()] += 1
        assert snapshot(open_case("full").path) == before, "the case is not what it was"
    import_files(open_case("full"), [folder / "big.jsonl"])
    sound("full", wanted)
    return seen


def full_tmpfs(folder: Path) -> str:
    """A file system of 8 MB that is really full, where one may be mounted."""
    place = folder / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        return "not tried: no file system may be mounted here"
    try:
        old, os.environ["SPMC_CASES"] = os.environ["SPMC_CASES"], str(place / "cases")
        wanted = posts(folder / "ok.jsonl", 0, 3_000)
        posts(folder / "large.jsonl", 3_000, 60_000)
        import_files(create_case("tiny", **FACTS), [folder / "ok.jsonl"])
        before = snapshot(open_case("tiny").path)
        done = start("tiny", folder / "large.jsonl")
        said = done.communicate()[1]
        assert done.returncode == 2 and "the disk is full" in said, said
        assert snapshot(open_case("tiny").path) == before
        sound("tiny", wanted)
        return said.strip()
    finally:
        os.environ["SPMC_CASES"] = old
        subprocess.run(["umount", str(place)], check=True)


def read_only(folder: Path) -> str:
    """A case on a file system that nobody may write: root is let through by modes, so it is mounted so."""
    case = create_case("readonly", **FACTS)
    wanted = posts(folder / "ro.jsonl", 0, 1_000)
    import_files(case, [folder / "ro.jsonl"])
    posts(folder / "more.jsonl", 1_000, 1_000)
    before = snapshot(case.path)
    bind = ["mount", "--bind", str(case.path), str(case.path)]
    mounted = subprocess.run(bind, capture_output=True, check=False).returncode == 0
    if mounted:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(case.path)], check=True)
    elif os.geteuid() == 0:
        return "not tried: root writes in spite of modes, and nothing may be mounted here"
    else:
        case.path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        worker = start("readonly", folder / "more.jsonl")
        said = worker.communicate()[1]
        assert worker.returncode == 2 and said.count("\n") == 1, said
        sound("readonly", wanted)
        assert snapshot(case.path) == before
        return said.strip()
    finally:
        if mounted:
            subprocess.run(["umount", str(case.path)], check=True)
        else:
            case.path.chmod(0o700)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--only", nargs="*", choices=("sizes", "disk", "read-only", "two", "kills"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(given.work[0], list(map(Path, given.work[1:])), given.limit)
        return
    with scratch() as folder:
        chance = random.Random(given.seed)
        tried = {
            "sizes": lambda: f"disk full (a file may not grow), 11 sizes: {dict(full_disk(folder, chance, 8))}",
            "disk": lambda: f"disk full (a file system of 8 MB): {full_tmpfs(folder)}",
            "read-only": lambda: f"read-only: {read_only(folder)}",
            "two": lambda: f"two imports at once, {two_at_once(folder, 5)} turns: each post once",
            "kills": lambda: f"{given.kills} kills, seed {given.seed}: {dict(kills(folder, given.kills, chance))}",
        }
        for name in given.only or tried:
            print(tried[name](), flush=True)


if __name__ == "__main__":
    main()
