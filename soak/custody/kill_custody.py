"""Kill what changes a case or its copies at random moments, and look at what is left.

Attach, set aside and back, import, backup, restore, dispose, a line in the log beside the cases, a search, a mark, an
account registered, a setting changed, a look at the accounts, a review, a report, a scheduled report: each is killed
(SIGKILL) at a random moment, again and again. After every kill the case verifies, its chain and the log beside the
cases are whole, a record is there once, a backup, a report or a restored case is there whole or not at all, a
scheduled report that was broken off is made once by the next call, and a disposal is finished by the same command.
Every second round a set-aside runs beside the one that is killed.

    python -m soak.custody.kill_custody --rounds 60 --seed 1 [--only report schedule settings]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from soak.schedule.scheduled_day import notebook
from soak.scratch import options_or_work, scratch, worker_command
from spmc_tools.case.acts.attach import attach
from spmc_tools.case.acts.marks import mark
from spmc_tools.case.log.outside_log import check
from spmc_tools.case.log.settings_changes import COMING
from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.case.store.set_aside import set_aside, take_back
from spmc_tools.custody.records.backup import back_up
from spmc_tools.custody.records.case_disposal import CERTIFICATES, dispose_of_case, left_over
from spmc_tools.custody.records.restore import restore
from spmc_tools.custody.review.review import review
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import SpmcError
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.importers.import_files import import_files
from spmc_tools.report.running.run import run_notebook
from spmc_tools.report.running.run_folder import clear_broken_off
from spmc_tools.schedule.schedule import FOLDER, run_due
from spmc_tools.schedule.schedule_file import read_schedule
from spmc_tools.schedule.schedule_state import State
from spmc_tools.signing.manifest import write_manifest

if TYPE_CHECKING:
    from pathlib import Path

FACTS = {
    "title": "Soak", "purpose": "to be killed", "legal_basis": "none, synthetic data",
    "date_from": "2025-10-06", "date_to": "2025-11-16",
}  # fmt: skip
RUN = "soak-run"
ACTIONS = (
    "attach",
    "set-aside",
    "import",
    "backup",
    "restore",
    "dispose",
    "refused",
    "search",
    "register",
    "mark",
    "investigate",
    "review",
    "settings",
    "report",
    "schedule",
)
AGAIN = timedelta(minutes=30)
"""How much later the next call of a schedule is: a job that was broken off waits some minutes for its second try."""


def posts(path: Path, first: int, count: int) -> Path:
    post = {"text": "मतदान केंद्र", "author_id": "7", "created_at": "2025-11-06T10:00:00.000Z"}
    lines = (json.dumps(post | {"id": str(n), "text": f"मतदान केंद्र {n}"}) for n in range(first, first + count))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def toggle(batch: str) -> None:
    case = open_case("soak")
    (take_back if batch in case.set_aside() else set_aside)(case, batch, "soak")


def act(what: str, path: Path) -> None:
    """What a worker does: get everything ready, say so, and do it."""
    case = open_case("soak") if what != "dispose" else None
    print("ready", flush=True)
    if what == "attach":
        attach(case, "1", [path], method="screenshot", tool="soak")
    elif what == "set-aside":
        toggle("000001")
    elif what == "import":
        import_files(case, [path])
    elif what == "backup":
        back_up(case, path)
    elif what == "restore":
        restore(path, "copy")
    elif what == "dispose":
        dispose_of_case("copy", "soak", "copy")
    elif what == "refused":
        import_files(case, [path])
    elif what == "search":
        case.search("मतदान")
    elif what == "register":
        case.add_context(path.stem, "newsroom", "soak")
    elif what == "mark":
        mark(case, "7", "lead", path.stem)
    elif what == "investigate":
        investigate(case, traces=("co_repost", "co_url"), seed=int(path.stem))
    elif what == "review":
        review(case, RUN, reviewer="Soak Reviewer", verdict="upheld", counter_case=f"none found in turn {path.stem}")
    elif what == "settings":
        case.change_settings("soak", title=f"Soak {path.stem}")
    elif what == "report":
        run_notebook(case, str(path), {})
    elif what == "schedule":
        run_due(read_schedule(path))
    print("done", flush=True)


def start(what: str, path: Path | str) -> subprocess.Popen[str]:
    command = worker_command(__spec__.name, what, path)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def killed(what: str, path: Path, after_s: float) -> bool:
    """Kill a worker some time after it is ready; return whether it had ended by itself before."""
    worker = start(what, path)
    assert worker.stdout is not None
    for said in worker.stdout:
        if said.strip() == "ready":
            break
    time.sleep(after_s)
    worker.send_signal(signal.SIGKILL)
    return "done" in worker.communicate()[0]


def reports(run: str) -> list[str]:
    """Runs of one notebook that the log tells of."""
    entries = [e for e in open_case("soak").ledger.entries() if e["kind"] == "report"]
    return [str(e["payload"]["run_id"]) for e in entries if f"-{run}-" in str(e["payload"]["run_id"])]


def after_a_report(what: str, path: Path, ended: bool) -> None:
    """Look at what a killed report or scheduler left, once its children are gone and it is no longer young."""
    time.sleep(2)
    case = open_case("soak")
    for left in (case.path / "reports").glob(".new-*"):
        os.utime(left, (time.time() - 120,) * 2)
    clear_broken_off(case)
    made = reports(f"n{path.stem[1:]}")
    assert len(made) in ({1} if ended else {0, 1}), made
    if what == "schedule":
        schedule = read_schedule(path)
        run_due(schedule, now=lambda: datetime.now(UTC) + AGAIN)
        tries = State(case.path.parent / FOLDER, schedule.path).tries(f"turn-{path.stem[1:]}")
        complete = [one for one in tries if one.status == "complete"]
        assert len(complete) == 1 and not any(one.status == "running" for one in tries), tries
        for left in (case.path / "reports").glob(".new-*"):
            raise AssertionError(f"left behind: {left}")


def examine(folder: Path) -> None:
    case = open_case("soak")
    assert case.chain_problem is None, case.chain_problem
    found = verify(case.path, log=False)
    assert found.ok, found.differences
    ids = case.records(["record_id"])["record_id"].tolist()
    assert len(ids) == len(set(ids)), "a record is there twice"
    left = [path.name for place in (case.path, case.path / "reports") for path in place.glob(".new-*")]
    assert not left, f"left behind: {left}"
    root = folder / "cases"
    assert check(root) is None, check(root)
    if (root / "copy").exists():
        copy = verify(root / "copy", log=False)
        assert copy.ok, copy.differences


def one(what: str, turn: int, folder: Path, longest: dict[str, float], chance: random.Random) -> str:
    path = folder / f"{turn}.dat"
    if what == "attach":
        path.write_bytes(os.urandom(200_000))
    elif what == "import":
        posts(path, turn * 500, 1500)
    elif what == "refused":
        path.write_text("<!doctype html><html>")
    elif what == "backup":
        path = folder / f"{turn}.zip"
    elif what in {"report", "schedule"}:
        path = notebook(folder / f"n{turn}.ipynb", "print('made')")
        if what == "schedule":
            path = folder / f"s{turn}.toml"
            # due once: a daily job is due again where the later call is on the next day
            when, run = "once 2025-10-06 00:00", f"{folder}/n{turn}.ipynb"
            job = {"name": f"turn-{turn}", "case": "soak", "notebook": run, "when": when}
            path.write_text("[[job]]\n" + "".join(f'{key} = "{value}"\n' for key, value in job.items()))
    elif what in {"restore", "dispose"}:
        path = folder / "whole.tar.zst"
        if what == "dispose" and not (folder / "cases" / "copy").exists():
            restore(path, "copy")
        if what == "restore" and (folder / "cases" / "copy").exists():
            dispose_of_case("copy", "soak", "copy")
    before = len(open_case("soak").set_aside())
    ended = killed(what, path, chance.uniform(0, longest.get(what, 0.6)))
    if what in {"report", "schedule"}:
        after_a_report(what, path, ended)
    examine(folder)
    if what == "settings" and ended:
        assert open_case("soak").settings.title == f"Soak {path.stem}"
    if what == "register":
        registered = [entry.account_id for entry in open_case("soak").settings.context]
        assert not ended or path.stem in registered, "a registered account is lost"
        assert len(registered) == len(set(registered))
        assert not (open_case("soak").path / COMING).exists()
    if what == "mark" and ended:
        reasons = [e["payload"].get("reason") for e in open_case("soak").ledger.entries() if e["kind"] == "mark"]
        assert reasons.count(path.stem) == 1
    if what == "review":
        said = [e["payload"].get("counter_case") for e in open_case("soak").ledger.entries() if e["kind"] == "review"]
        assert said.count(f"none found in turn {path.stem}") in ({1} if ended else {0, 1})
    if what == "backup" and path.exists():  # then it is whole
        restore(path, "back")
        assert verify(folder / "cases" / "back", log=False).ok
        dispose_of_case("back", "soak", "back")
    if what == "dispose" and not ended:
        root = folder / "cases"
        there = (root / "copy").exists()
        assert there or any((root / CERTIFICATES).iterdir()), "gone without a certificate"
        try:
            dispose_of_case("copy", "soak", "copy")
        except SpmcError as error:
            assert "no case" in str(error) and not there, error
        assert not (root / "copy").exists() and not left_over(root)
    done = ended or (what == "set-aside" and len(open_case("soak").set_aside()) != before)
    return "ended before the kill" if done else "killed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=ACTIONS, default=ACTIONS, help="what is killed; else everything")
    given = options_or_work(parser, ACTIONS, act)
    if given is None:
        return
    with scratch() as folder:
        chance = random.Random(given.seed)
        case = create_case("soak", **FACTS)
        import_files(case, [posts(folder / "a.jsonl", 0, 1500)])
        import_files(case, [posts(folder / "b.jsonl", 1000, 1500)])
        made = case.run_dir(RUN)
        (made / "report.html").write_text("<!doctype html><title>soak</title>")
        (made / "notebook.ipynb").write_text("{}")
        write_manifest(case, made, parameters={}, seed=1, edition="full")
        back_up(case, folder / "whole.tar.zst")
        seen: Counter[str] = Counter()
        longest = {
            "backup": 1.2,
            "restore": 0.8,
            "dispose": 1.5,
            "refused": 0.2,
            "set-aside": 0.2,
            "register": 0.1,
            "mark": 0.1,
            "investigate": 1.5,
            "review": 0.2,
            "settings": 0.1,
            "report": 6.0,
            "schedule": 12.0,
        }
        for turn in range(given.rounds):
            what = given.only[turn % len(given.only)]
            beside = start("set-aside", "-") if turn % 2 and what != "set-aside" else None
            seen[f"{what}: {one(what, turn, folder, longest, chance)}"] += 1
            if beside is not None:
                out, err = beside.communicate(timeout=300)
                assert out.endswith("done\n"), err
            examine(folder)
            if turn % 10 == 9:
                print(f"{turn + 1} rounds: all whole", flush=True)
        for what, count in sorted(seen.items()):
            print(f"  {what}: {count}")
        digest = hashlib.sha256(open_case("soak").ledger.head()[1].encode()).hexdigest()[:8]
        print(f"{given.rounds} rounds, seed {given.seed}: every case, copy and log was whole ({digest})")


if __name__ == "__main__":
    main()
