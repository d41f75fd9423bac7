"""A day of a schedule, driven by a clock of its own, with everything that can go wrong; and ten cases in a row.

``python -m soak.schedule.scheduled_day`` runs real jobs (a process and a kernel each) at the moments of one day: the
clock jumps from one call to the next. Among the jobs are a notebook that raises, one whose kernel is killed, an unknown
notebook, a job with a wrong key, and a case that is deleted at noon. During the day the process that runs the jobs is
killed once in the middle of one, the clock is set back an hour, two schedulers run at once, the message hook hangs. At
the end: no job ran twice for one moment, the good jobs ran at every moment, every failure has its reason in the log, in
the table of tries and in the list of reports.

``--cases 10`` runs one job on each of ten cases in one process, again and again, and prints memory and open files
after each round: both must stay where they were after the first. ``--disk`` fills a small file system (needs root).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from spmc_tools.case.store.case import create_case, open_case
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import SpmcError
from spmc_tools.importers.import_files import import_files
from spmc_tools.report.page.index import index_rows
from spmc_tools.schedule.schedule import FOLDER, run_due
from spmc_tools.schedule.schedule_file import read_schedule
from spmc_tools.schedule.schedule_state import State

FACTS = {
    "title": "Soak", "purpose": "to be watched", "legal_basis": "none, synthetic data", "date_from": "2025-10-24",
    "date_to": "2025-10-31", "event": "chhath", "officer": "Soak Officer",
}  # fmt: skip
COLUMNS = ("Post No", "Page Id", "Page Name", "Posted On", "Message", "Link", "Reactions", "Shares", "Comments")
MAPPING = Path(__file__).resolve().parents[2] / "data" / "sample" / "page_posts.toml"
SAID = ("छठ की शुभकामनाएं #छठ", "आज मौसम अच्छा है और सड़क खाली है", "Traffic is slow near the old bridge today")
START = datetime(2025, 12, 31, 12, 0, tzinfo=UTC)
"""17:30 in India: the day goes over the change of the year."""


def small_case(name: str, cases: Path, posts: int = 300) -> None:
    """Make a case with posts around Chhath 2025."""
    rng = random.Random(name)
    path = cases / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for number in range(posts):
            at = datetime(2025, 10, 24, tzinfo=UTC) + timedelta(minutes=rng.randrange(10_080))
            row = (f"p{number}", f"acc{rng.randrange(50)}", "Demo Page", at.strftime("%d/%m/%Y %H:%M:%S"))
            table.writerow((*row, rng.choice(SAID), "", "1", "0", "0"))
    case = create_case(name, cases=cases, **FACTS)
    import_files(case, [path], format="mapped_table", mapping=MAPPING, tz="Asia/Kolkata")


def notebook(path: Path, source: str) -> Path:
    """Write a notebook with the cell of parameters and one more."""
    import nbformat

    cells = [nbformat.v4.new_code_cell("case = ''", metadata={"tags": ["parameters"]})]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    node = nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell(source)], metadata={"kernelspec": kernel})
    nbformat.write(node, path)
    return path


def job(name: str, case: str, which: str | Path, when: str, more: str = "") -> str:
    """Return one table of the schedule."""
    return f'[[job]]\nname = "{name}"\ncase = "{case}"\nnotebook = "{which}"\nwhen = "{when}"\nretries = 1\n{more}\n'


def plan_of_the_day(root: Path) -> Path:
    """Write the cases, the notebooks and the schedule."""
    for name in ("gaya", "patna", "ara"):
        small_case(name, root)
    quick = notebook(root / "quick.ipynb", "case")
    jobs = [
        job("watch", "gaya", "festival_watch", "every 6 hours", 'parameters = {power = "none"}\nkeep = 2'),
        job("quick", "patna", quick, "every 2 hours"),
        job("raises", "patna", notebook(root / "raises.ipynb", "1 / 0"), "every 8 hours"),
        job("killed", "gaya", notebook(root / "killed.ipynb", "import os; os.kill(os.getpid(), 9)"), "daily 23:00"),
        job("unknown", "gaya", "no_such_notebook", "daily 01:00"),
        job("leaving", "ara", quick, "every 6 hours"),
        job("wrong-key", "gaya", quick, "every 6 hours", "colour = 1"),
        job("slow", "patna", notebook(root / "slow.ipynb", "import time; time.sleep(8)"), "once 2026-01-01 04:00"),
    ]
    hook = f'[notify]\ncommand = ["{sys.executable}", "-c", "import time; time.sleep(60)"]\n'
    path = root / "day.toml"
    path.write_text(f'cases = "."\n{hook}{"".join(jobs)}', encoding="utf-8")
    return path


CALL = """
import sys
from datetime import datetime
from pathlib import Path
import spmc_tools.schedule.notify as notify
from spmc_tools.schedule.schedule import run_due
from spmc_tools.schedule.schedule_file import read_schedule
notify.WAIT_S = 1
moment = datetime.fromisoformat(sys.argv[2])
made = run_due(read_schedule(Path(sys.argv[1]), whole=False), now=lambda: moment)
sys.exit(1 if made.failed else 0)
"""


def called(plan: Path, moment: datetime) -> subprocess.Popen[bytes]:
    """Start one call of the schedule in a process of its own, at a moment of the day's own clock."""
    return subprocess.Popen(
        [sys.executable, "-c", CALL, str(plan), moment.isoformat()], cwd=MAPPING.parents[2], start_new_session=True
    )


def a_day(root: Path, step: timedelta, hours: int) -> None:
    """Run the day and look at what is left."""
    plan = plan_of_the_day(root)
    schedule = read_schedule(plan, whole=False)
    state = State(root / FOLDER, schedule.path)
    codes: Counter[int] = Counter()
    moments = [START + step * n for n in range(int(timedelta(hours=hours) / step) + 1)]
    for n, moment in enumerate(moments):
        hour = (moment - START) / timedelta(hours=1)
        if hour == 12.5:
            shutil.rmtree(root / "ara")
        if moment == datetime(2025, 12, 31, 22, 30, tzinfo=UTC):  # the slow job is due: its scheduler is killed
            process = called(plan, moment)
            waits = time.monotonic() + 120
            while not any(one.job == "slow" and not one.ended_at for one in state.tries()) and time.monotonic() < waits:
                time.sleep(0.2)
            time.sleep(3)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            codes[-9] += 1
        if hour == 14:  # the clock is set back an hour: nothing may run
            before = len(state.tries())
            assert called(plan, moment - timedelta(hours=1)).wait() in {0, 1}
            assert len(state.tries()) == before, "something ran on a clock that was set back"
        both = [called(plan, moment) for _ in range(2 if n % 4 == 3 else 1)]
        codes.update(process.wait() for process in both)
    tries = state.tries()
    once = Counter((one.job, one.due_at) for one in tries if one.status in {"complete", "partial"})
    assert max(once.values()) == 1, "a job ran twice for one moment"
    assert not [one for one in tries if one.status == "running"]
    by_job = {name: Counter(one.status for one in tries if one.job == name) for name in {one.job for one in tries}}
    print(json.dumps({name: dict(counts) for name, counts in sorted(by_job.items())}), flush=True)
    print(*(f"{one.job} {one.due_at:%d %H:%M} {one.status}: {one.reason}" for one in tries), sep="\n", flush=True)
    whole_day = hours >= 24
    for name in ("watch", "quick"):
        wanted = {schedule.jobs[[j.name for j in schedule.jobs].index(name)].moments.latest(m) for m in moments}
        got = {one.due_at for one in tries if one.job == name and one.ended}
        assert {moment for moment in wanted if moment is not None} == got, name
    assert not whole_day or by_job["slow"] == {"killed": 1, "complete": 2}, by_job["slow"]  # once as it had never run
    assert by_job["wrong-key"] == {"refused": 1} and (not whole_day or by_job["leaving"]["refused"] >= 2)
    assert set(by_job["raises"]) == set(by_job["killed"]) == {"failed"} and set(by_job["unknown"]) == {"refused"}
    assert all(one.reason for one in tries if one.status in {"failed", "refused", "killed"})
    log = state.path.with_suffix(".log").read_text(encoding="utf-8")
    of_the_whole = ("no case ara", "broken off") if whole_day else ()
    for said in ("ZeroDivisionError", "no_such_notebook", "colour", "took longer than", *of_the_whole):
        assert said in log, said
    rows = {name: index_rows(open_case(name, root)) for name in ("gaya", "patna")}
    assert any(row["run"] == "unknown" and "no_such_notebook" in row["reason"] for row in rows["gaya"])
    assert any((row["outcome"]["stopped"] or {}).get("name") == "ZeroDivisionError" for row in rows["patna"])
    assert all(verify(root / name).ok for name in rows)
    print(json.dumps({"calls": len(moments), "exit codes": dict(codes)}))


def ten_cases(root: Path, count: int, rounds: int) -> None:
    """Run one job on each case in one process, and print memory, files and children after each round."""
    quick = notebook(root / "quick.ipynb", "case")
    names = [f"case-{n}" for n in range(count)]
    for name in names:
        small_case(name, root, posts=60)
    path = root / "ten.toml"
    path.write_text(
        'cases = "."\n' + "".join(job(f"job-{n}", name, quick, "every 1 hour") for n, name in enumerate(names)),
        encoding="utf-8",
    )
    schedule, own, seen = read_schedule(path), psutil.Process(), []
    for number in range(rounds):
        moment = START + timedelta(hours=number)
        made = run_due(schedule, now=lambda moment=moment: moment)
        assert len(made.done) == count, made.failed
        seen.append((own.memory_info().rss / 1e6, own.num_fds(), len(own.children(recursive=True))))
        print(f"round {number + 1}: {seen[-1][0]:.1f} MB, {seen[-1][1]} open files, {seen[-1][2]} children", flush=True)
    assert seen[-1][0] - seen[0][0] < 10, "memory grows"
    assert seen[-1][1] == seen[0][1] and seen[-1][2] == 0, "files or children are left over"


def full_disk(root: Path) -> None:
    """Fill the file system that the cases lie on, and see that the call says so, and that the job runs afterwards."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", str(root)], check=True)
    try:
        small_case("gaya", root)
        path = root / "day.toml"
        text = 'cases = "."\n' + job("quick", "gaya", notebook(root / "quick.ipynb", "case"), "every 1 hour")
        path.write_text(text, encoding="utf-8")
        schedule = read_schedule(path)
        State(root / FOLDER, schedule.path)
        fill = root / "fill"
        with fill.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        try:
            made = run_due(schedule, now=lambda: START)
            said = str(made.failed)
        except SpmcError as error:
            said = str(error)
        assert "full" in said or "space" in said, said
        print(f"full disk: {said}")
        fill.unlink()
        later = START + timedelta(hours=1)
        assert run_due(schedule, now=lambda: later).done == ["quick"] and verify(root / "gaya").ok
    finally:
        subprocess.run(["umount", str(root)], check=True)


def main() -> None:
    """Run what was asked for, in a folder that is deleted afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=24, help="under 24: without the kill and the deleted case")
    parser.add_argument("--minutes", type=int, default=30, help="between two calls")
    parser.add_argument("--cases", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--disk", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        os.environ["SPMC_KEYS"] = str(root / "keys")
        if given.disk:
            full_disk(root)
        elif given.cases:
            ten_cases(root, given.cases, given.rounds)
        else:
            a_day(root, timedelta(minutes=given.minutes), given.hours)
    print("ok")


if __name__ == "__main__":
    main()
