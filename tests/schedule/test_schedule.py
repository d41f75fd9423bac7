"""Schedules: what is due, what happens when things break, and that nothing runs twice."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from spmc_tools.case.store.case import create_case
from spmc_tools.case.store.case_folder import cases_dir
from spmc_tools.errors import CaseError, InputError, ParameterError, RunError
from spmc_tools.schedule import schedule as subject
from spmc_tools.schedule.notify import told
from spmc_tools.schedule.schedule import _Outcome, due_jobs, run_due
from spmc_tools.schedule.schedule_file import Mail, Notify, read_schedule
from spmc_tools.schedule.schedule_state import State
from spmc_tools.schedule.timers import timer_files
from spmc_tools.signing.report_disposal import dispose_of_run
from tests.mail_server import MailServer

if TYPE_CHECKING:
    from spmc_tools.schedule.schedule_file import Job

T0 = datetime(2025, 11, 6, 1, 0, tzinfo=UTC)
JOB = '[[job]]\nname = "{name}"\ncase = "{case}"\nnotebook = "election_watch"\nwhen = "{when}"\n'
FACTS = {
    "title": "Exercise",
    "purpose": "to exercise schedules",
    "legal_basis": "none, synthetic data",
    "date_from": "2025-10-06",
    "date_to": "2025-11-16",
    "event": "bihar-assembly-2025",
    "officer": "Officer One",
}


@pytest.fixture
def write(tmp_path: Path):
    def do(*jobs: str, extra: str = ""):
        path = tmp_path / "week.toml"
        path.write_text(extra + "".join(jobs), encoding="utf-8")
        return read_schedule(path)

    return do


def job(name: str = "morning", case: str = "one", when: str = "every 6 hours", more: str = "") -> str:
    return JOB.format(name=name, case=case, when=when) + more


@pytest.fixture
def one():
    return create_case("one", **FACTS)


@pytest.fixture
def outcomes(monkeypatch):
    """Runs that end as told, in order; the calls that were made."""
    told_to: list[_Outcome] = []
    calls: list[str] = []

    def carried(job: Job, cases: Path) -> _Outcome:
        calls.append(job.name)
        return told_to.pop(0) if told_to else _Outcome("complete", "run", "/report.html")

    monkeypatch.setattr(subject, "_carried_out", carried)
    return told_to, calls


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


def test_a_job_that_never_ran_is_due_at_once_and_then_when_it_says(write, one, outcomes):
    plan, clock = write(job()), Clock(T0)
    assert [row.due_at for row in due_jobs(plan, now=T0)] == [datetime(2025, 11, 6, 0, 30, tzinfo=UTC)]
    first = run_due(plan, now=clock)
    assert (first.due, first.done, first.failed) == (["morning"], ["morning"], {})
    for hours, due in ((1, False), (4, False), (0.6, True), (0.1, False), (6, True)):
        clock.on(hours=hours)
        assert (run_due(plan, now=clock).due == ["morning"]) == due, clock.now
    assert len(outcomes[1]) == 3


def test_after_days_off_a_job_runs_once_and_says_what_was_missed(write, one, outcomes):
    plan, clock = write(job()), Clock(T0)
    run_due(plan, now=clock)
    clock.on(days=3)
    (standing,) = due_jobs(plan, now=clock.now)
    assert standing.missed == 11
    said: list[str] = []
    run_due(plan, now=clock, say=said.append)
    assert "11 earlier moments" in said[0] and run_due(plan, now=clock).due == []


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=2), timedelta(days=400)])
def test_a_clock_set_back_makes_nothing_run_twice(write, one, outcomes, back):
    plan, clock = write(job()), Clock(T0)
    run_due(plan, now=clock)
    clock.now -= back
    assert run_due(plan, now=clock).due == []
    clock.now = T0 + timedelta(minutes=1)
    assert run_due(plan, now=clock).due == [] and outcomes[1] == ["morning"]


def test_a_failed_run_is_tried_again_after_longer_and_longer_pauses(write, one, outcomes):
    plan, clock = write(job(more="retries = 2\n")), Clock(T0)
    outcomes[0][:] = [_Outcome("failed", reason="a cell raised")] * 3
    assert run_due(plan, now=clock).failed == {"morning": "a cell raised"}
    assert run_due(plan, now=clock).due == []
    clock.on(minutes=1)
    assert run_due(plan, now=clock).due == ["morning"]
    clock.on(minutes=1.9)
    assert run_due(plan, now=clock).due == []
    clock.on(minutes=0.2)
    assert run_due(plan, now=clock).failed
    clock.on(hours=1)
    assert run_due(plan, now=clock).due == []  # three tries are through; the next moment is 06:30 UTC
    clock.on(hours=5)
    assert run_due(plan, now=clock).done == ["morning"]


def test_refused_input_is_not_tried_again_and_the_others_still_run(write, one, outcomes):
    plan, clock = write(job("bad"), job("good")), Clock(T0)
    outcomes[0][:] = [_Outcome("refused", reason="there is no such parameter")]
    made = run_due(plan, now=clock)
    assert (made.done, list(made.failed)) == (["good"], ["bad"])
    clock.on(hours=2)
    assert run_due(plan, now=clock).due == []


def test_a_case_that_is_gone_fails_once_a_moment(write, one, outcomes):
    plan, clock = write(job(case="gone")), Clock(T0)
    outcomes[0][:] = [_Outcome("refused", reason="There is no case gone")] * 2
    assert run_due(plan, now=clock).failed and run_due(plan, now=clock).due == []
    assert "no case gone" in due_jobs(plan, now=clock.now)[0].problem
    clock.on(hours=6)
    assert run_due(plan, now=clock).failed


def test_a_killed_run_is_found_and_tried_again(write, one, outcomes):
    plan, clock = write(job()), Clock(T0)
    state = State(cases_dir() / subject.FOLDER, plan.path)
    claimed = state.claim("morning", T0, 1, 0, T0)
    assert claimed is not None and state.claim("morning", T0, 1, 0, T0) is None
    assert run_due(plan, now=clock).due == []  # this very process is alive, so the run counts as running
    import sqlite3

    with sqlite3.connect(state.path) as connection:
        connection.execute("update tries set pid_started = 1")
    connection.close()
    said: list[str] = []
    assert run_due(plan, now=clock, say=said.append).done == ["morning"]
    assert "broken off" in said[0]
    assert [(one.status, one.try_) for one in state.tries()] == [("killed", 1), ("complete", 2)]


def test_a_killed_run_without_a_further_try_has_failed_and_is_told(write, one, outcomes, tmp_path):
    import sqlite3
    from contextlib import closing

    from spmc_tools.report.page.index import index_rows

    mark = tmp_path / "told"
    script = f"import os; open({str(mark)!r}, 'w').write(os.environ['SPMC_STATUS'])"
    hook = f'[notify]\ncommand = ["{sys.executable}", "-c", "{script}"]\n'
    plan, clock = write(job(more="retries = 0\n"), extra=hook), Clock(T0)
    state = State(cases_dir() / subject.FOLDER, plan.path)
    state.claim("morning", T0, 1, 0, T0)
    state.claim("no-longer", T0, 1, 0, T0)
    with closing(sqlite3.connect(state.path)) as connection, connection:
        connection.execute("update tries set pid_started = 1")
    said: list[str] = []
    made = run_due(plan, now=clock, say=said.append)
    assert "not tried again" in said[0] and "no job of this schedule" in said[1] and outcomes[1] == []
    assert list(made.failed) == ["morning"] and mark.read_text() == "failed"
    (row,) = index_rows(one)
    assert (row["run"], row["status"], row["there"]) == ("morning", "failed", False) and "gone" in row["reason"]
    assert run_due(plan, now=clock).failed == {}  # told once


def test_two_schedulers_at_once_run_each_job_once(write, one, outcomes):
    plan = write(*(job(f"job{n}") for n in range(6)))
    made = []
    threads = [threading.Thread(target=lambda: made.append(run_due(plan, now=Clock(T0)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert sorted(outcomes[1]) == sorted(name for one_ in made for name in one_.done) == [f"job{n}" for n in range(6)]


def test_around_the_event_of_the_case(write, one, outcomes):
    plan = write(job(when="every 6 hours from 1 day before to 1 day after count"))
    clock = Clock(datetime(2025, 9, 1, tzinfo=UTC))
    assert run_due(plan, now=clock).due == ["morning"]  # never ran: once at once
    clock.on(days=1)
    assert run_due(plan, now=clock).due == []
    clock.now = datetime(2025, 11, 13, 1, 0, tzinfo=UTC)  # 13 November 06:30 IST: one day before the count
    assert run_due(plan, now=clock).due == ["morning"]
    clock.now = datetime(2025, 12, 1, tzinfo=UTC)
    assert run_due(plan, now=clock).due == ["morning"] and run_due(plan, now=clock).due == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "holds no job"),
        ("[[job]]\n", "name is missing"),
        (job(more="colour = 1\n"), 'unknown key "colour"'),
        (job(when="now and then"), "wanted one of"),
        (job(name="A B"), "is no name"),
        (job() + job(), "there twice"),
        (job(more="retries = 99\n"), "retries"),
        (job(more='lang = "fr"\n'), "lang"),
        (job(more="parameters = {seed = [1]}\n"), "parameters"),
        ("x = ", "is no TOML"),
        ("speed = 1\n" + job(), 'unknown key "speed"'),
        ('[notify.mail]\nhost = "h"\nsender = "a@b"\nto = ["x y"]\n' + job(), "is no address"),
        ("cases = 3\n" + job(), "wanted the path"),
        ("job = 3\n", "holds no job"),
    ],
)
def test_a_wrong_schedule_is_refused_in_one_sentence(tmp_path, text, wanted):
    path = tmp_path / "s.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=wanted) as caught:
        read_schedule(path)
    assert "\n" not in str(caught.value) and "s.toml" in str(caught.value)


def test_a_missing_schedule_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_schedule(tmp_path / "no.toml")


def spmc(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from spmc_tools.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)


@pytest.mark.slow
def test_a_broken_job_shows_and_the_other_one_runs(tmp_path, small_case):
    """Real processes: one notebook that raises, one that runs, one unknown."""
    import nbformat

    for name, source in (("raises", "1 / 0"), ("runs", "case")):
        node = nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_code_cell("case = ''", metadata={"tags": ["parameters"]}),
                nbformat.v4.new_code_cell(source),
            ],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(node, tmp_path / f"{name}.ipynb")
    plan = tmp_path / "plan.toml"
    plan.write_text(
        "".join(
            f'[[job]]\nname = "{n}"\ncase = "small"\nnotebook = "{where}"\nwhen = "daily 06:00"\nretries = 0\n'
            for n, where in (
                ("raises", tmp_path / "raises.ipynb"),
                ("runs", tmp_path / "runs.ipynb"),
                ("unknown", "no_such_notebook"),
            )
        ),
        encoding="utf-8",
    )
    done = spmc("schedule", "run", plan, "--json")
    result = json.loads(done.stdout)
    assert done.returncode == 1
    assert (result["due"], result["done"], result["failed"]) == (
        ["raises", "runs", "unknown"], ["runs"], ["raises", "unknown"],
    )  # fmt: skip
    assert Path(result["reports"]["raises"]).is_file() and Path(result["reports"]["runs"]).is_file()
    assert "no_such_notebook" in result["reasons"]["unknown"]
    again = spmc("schedule", "run", plan, "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["due"] == []
    listed = json.loads(spmc("schedule", "list", plan, "--json").stdout)
    assert (listed["done"], listed["failed"], listed["due"]) == (["runs"], ["raises", "unknown"], [])


def test_only_so_many_reports_are_kept_and_the_log_says_which_went(write, small_case, monkeypatch):
    from spmc_tools.custody.review.verify import verify, write_manifest

    plan, clock = write(job(case="small", more="keep = 2\n")), Clock(T0)

    def carried(one, cases):
        run_id = f"run-{clock.now:%d%H}"
        folder = small_case.run_dir(run_id)
        (folder / "report.html").write_text("made up", encoding="utf-8")
        notebook = folder / "notebook.ipynb"
        notebook.write_text("{}", encoding="utf-8")
        write_manifest(small_case, folder, notebook=notebook, parameters={}, status="complete")
        return _Outcome("complete", run_id, str(folder / "report.html"))

    monkeypatch.setattr(subject, "_carried_out", carried)
    for _ in range(4):
        assert run_due(plan, now=clock).done
        clock.on(days=1)
    there = sorted(path.name for path in (small_case.path / "reports").iterdir())
    assert there == ["run-0801", "run-0901"]
    gone = [e["payload"]["run_id"] for e in small_case.ledger.entries() if e["kind"] == "run_disposed"]
    assert gone == ["run-0601", "run-0701"]
    assert verify(small_case.path).ok


def test_disposal_wants_a_run_and_a_reason(small_case):
    with pytest.raises(CaseError, match="has no report"):
        dispose_of_run(small_case, "../original", "tidy")
    small_case.run_dir("r1")
    with pytest.raises(CaseError, match="needs a reason"):
        dispose_of_run(small_case, "r1", "  ")


OUTCOME = {
    "job": "morning", "case": "one", "notebook": "election_watch", "status": "failed", "run_id": None, "report": None,
    "reason": "a cell; $(touch x) `id`",
}  # fmt: skip


def test_a_command_is_told_in_its_environment_and_not_on_its_line(tmp_path):
    out = tmp_path / "told.json"
    script = (
        "import os, sys, json, pathlib; "
        f"pathlib.Path({str(out)!r}).write_text(json.dumps([os.environ['SPMC_REASON'], json.load(sys.stdin)]))"
    )
    notify = Notify(command=[sys.executable, "-c", script])
    assert told(notify, OUTCOME) == []
    reason, facts = json.loads(out.read_text())
    assert reason == OUTCOME["reason"] and facts == OUTCOME
    out.unlink()
    assert told(notify, OUTCOME | {"status": "complete"}) == [] and not out.exists()
    assert told(None, OUTCOME) == []


def test_a_command_that_fails_or_hangs_is_named(monkeypatch):
    monkeypatch.setattr("spmc_tools.schedule.notify.WAIT_S", 0.5)
    assert "exit code 3" in told(Notify(command=[sys.executable, "-c", "raise SystemExit(3)"]), OUTCOME)[0]
    assert "longer than" in told(Notify(command=[sys.executable, "-c", "import time; time.sleep(60)"]), OUTCOME)[0]
    assert "could not be started" in told(Notify(command=["/no/such/program"]), OUTCOME)[0]


def test_a_mail_goes_through_a_local_server():
    server = MailServer()
    server.start()
    mail = Mail(host="127.0.0.1", port=server.port, sender="spmc@example.org", to=["duty@example.org"])
    assert told(Notify(mail=mail), OUTCOME) == []
    server.close()
    (message,) = server.mails
    assert message["Subject"] == "SPMC failed: morning (one)" and "a cell; $(touch x)" in message.get_content()
    assert "was not sent" in told(Notify(mail=mail), OUTCOME)[0]


def test_a_systemd_timer_cron_line_and_windows_task(tmp_path):
    import shlex

    plan, cases = tmp_path / 'we%ek "1".toml', tmp_path / "ca ses"
    program = ["/opt/p y/python", "-c", "import $x"]
    wanted = [*program, "--cases", str(cases), "schedule", "run", str(plan)]
    made = timer_files("systemd", program, plan, cases)
    service = made["spmc-we-ek--1-.service"]
    line = next(line for line in service.splitlines() if line.startswith("ExecStart="))
    read = [part.replace("%%", "%").replace("$$", "$") for part in shlex.split(line.removeprefix("ExecStart="))]
    assert read == wanted
    assert "Persistent=true" in made["spmc-we-ek--1-.timer"]
    (cron,) = timer_files("cron", program, plan, cases).values()
    *times, command = cron.split(None, 5)
    assert times == ["*/5", "*", "*", "*", "*"]
    assert shlex.split(command.replace("\\%", "%")) == wanted and "%" not in command.replace("\\%", "")
    (task,) = timer_files("windows", program, plan, cases).values()
    root = ElementTree.fromstring(task)
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert root.find(".//t:Command", space).text == program[0]
    assert root.find(".//t:Repetition/t:Interval", space).text == "PT5M"
    assert f'"{cases}"' in root.find(".//t:Arguments", space).text
    with pytest.raises(ParameterError, match="wanted one of systemd, cron, windows"):
        timer_files("at", program, plan, cases)
    with pytest.raises(ParameterError, match="line end"):
        timer_files("cron", program, tmp_path / "a\nb.toml", cases)


def test_systemd_itself_finds_nothing_wrong(tmp_path):
    import shutil

    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    for name, text in timer_files("systemd", ["/bin/true"], tmp_path / "w.toml", tmp_path).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", *map(str, tmp_path.glob("spmc-w.*"))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "spmc-w" not in done.stderr, done.stderr


def test_install_writes_the_files_and_says_what_is_next(tmp_path):
    plan = tmp_path / "week.toml"
    plan.write_text(job(), encoding="utf-8")
    done = spmc("schedule", "install", plan, "--kind", "cron", "--out", tmp_path / "out", "--json")
    result = json.loads(done.stdout)
    assert result["written"] == [str(tmp_path / "out" / "spmc-week.cron")]
    assert Path(result["written"][0]).read_text(encoding="utf-8").startswith("*/5 ")
    assert {"due", "done", "failed"} <= result.keys()
    assert spmc("schedule", "install", plan, "--kind", "at").returncode == 2


def test_the_example_is_a_schedule():
    plan = read_schedule(Path(__file__).parents[2] / "templates" / "schedule.toml")
    names = [one.name for one in plan.jobs]
    assert names[:2] == ["election-watch", "election-watch-morning"] and len(names) == len(set(names)) > 6
    assert {one.notebook for one in plan.jobs} >= {"response_desk", "watch_board", "page_standing"}
    assert plan.cases == Path(__file__).parents[2] / "data" / "cases"


def test_a_job_that_cannot_be_read_fails_and_the_others_run(write, one, outcomes, tmp_path):
    path = tmp_path / "week.toml"
    told_to = tmp_path / "told"
    script = f"import os; open({str(told_to)!r}, 'a').write(os.environ['SPMC_JOB'] + chr(10))"
    hook = f'[notify]\ncommand = ["{sys.executable}", "-c", "{script}"]\n'
    path.write_text(hook + job("bad", more="colour = 1\n") + job("good") + job("B A D"), encoding="utf-8")
    with pytest.raises(InputError, match="colour"):
        read_schedule(path)
    plan, clock = read_schedule(path, whole=False), Clock(T0)
    made = run_due(plan, now=clock)
    assert made.done == ["good"] and sorted(made.failed) == ["bad", "job-3"]
    assert 'unknown key "colour"' in made.failed["bad"] and "is no name" in made.failed["job-3"]
    again = run_due(plan, now=clock)
    assert again.due == [] and sorted(again.failed) == ["bad", "job-3"]  # the exit code stays 1
    entries = [e["payload"] for e in one.ledger.entries() if e["kind"] == "job_failed"]
    assert [(e["job"], e["notebook"]) for e in entries] == [("bad", "election_watch"), ("job-3", "election_watch")]
    assert "unknown key" in (one.path / "reports" / "index.html").read_text(encoding="utf-8")
    assert told_to.read_text().split() == ["bad", "job-3"]  # told once


def test_a_failure_without_a_report_stands_in_the_list_of_reports_and_in_the_log(write, one, outcomes):
    from spmc_tools.custody.review.verify import verify
    from spmc_tools.report.page.index import INDEX, index_rows

    plan = write(job("broken"), job("gone", case="elsewhere"))
    reason = "There is no notebook <b>x</b>"
    outcomes[0][:] = [_Outcome("refused", reason=reason), _Outcome("refused", reason="There is no case elsewhere")]
    assert sorted(run_due(plan, now=Clock(T0)).failed) == ["broken", "gone"]
    (row,) = index_rows(one)
    assert (row["run"], row["status"], row["reason"], row["there"]) == ("broken", "failed", reason, False)
    page = (one.path / "reports" / INDEX).read_text(encoding="utf-8")
    assert "There is no notebook &lt;b&gt;x&lt;/b&gt;" in page and "<b>x</b>" not in page
    log = State(cases_dir() / subject.FOLDER, plan.path).path.with_suffix(".log").read_text(encoding="utf-8")
    assert "2025-11-06T01:00:00Z broken: refused – There is no notebook" in log and "no case elsewhere" in log
    assert verify(one.path).ok


def test_what_goes_wrong_after_a_run_stops_nobody_else(write, one, outcomes, monkeypatch):
    monkeypatch.setattr(subject, "_keep", lambda *_: (_ for _ in ()).throw(CaseError("The case is gone.")))
    said: list[str] = []
    made = run_due(write(job("first"), job("second")), now=Clock(T0), say=said.append)
    assert made.done == ["first", "second"] and sum("The case is gone." in line for line in said) == 2


def test_a_log_that_cannot_be_written_is_one_sentence(write, one, outcomes):
    """A disk that is full, by SQLite's own limit on pages."""
    import sqlite3

    plan = write(job())
    state = State(cases_dir() / subject.FOLDER, plan.path)
    real = sqlite3.connect

    def small(*args, **more):
        connection = real(*args, **more)
        pages = connection.execute("pragma page_count").fetchone()[0]
        connection.execute(f"pragma max_page_count = {pages}")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", small)
        with pytest.raises(RunError, match=r"log of the schedule.*full") as caught:
            for hour in range(2000):
                state.claim(f"job-{hour}" + "x" * 200, T0 + timedelta(hours=hour), 1, 0, T0)
    assert "\n" not in str(caught.value)
    assert len(state.tries()) < 2000 and run_due(plan, now=Clock(T0)).done == ["morning"]


def test_the_words_log_does_not_grow_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("spmc_tools.schedule.schedule_state.LOG_BYTES", 200)
    state = State(tmp_path, tmp_path / "w.toml")
    for number in range(40):
        state.write_line(f"line {number}\nof two", T0)
    log = state.path.with_suffix(".log")
    older = log.with_suffix(".log.1")
    assert log.stat().st_size < 300 and older.stat().st_size < 300
    assert log.read_text().splitlines()[-1] == "2025-11-06T01:00:00Z line 39 of two"


def test_a_hook_that_hangs_is_stopped_with_what_it_started(tmp_path, monkeypatch):
    import time

    import psutil

    monkeypatch.setattr("spmc_tools.schedule.notify.WAIT_S", 2)
    mark = tmp_path / "child"
    script = (
        "import subprocess, time; p = subprocess.Popen(['sleep', '60']); "
        f"open({str(mark)!r}, 'w').write(str(p.pid)); time.sleep(60)"
    )
    assert "longer than" in told(Notify(command=[sys.executable, "-c", script]), OUTCOME)[0]
    child = int(mark.read_text())
    for _ in range(50):
        if not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.1)
    else:
        pytest.fail("what the hook started still runs")


def test_a_mail_server_that_never_comes_to_an_end_is_left(monkeypatch):
    """It says one more line of its greeting every tenth of a second, so that no single wait is long."""
    import time

    monkeypatch.setattr("spmc_tools.schedule.notify.WAIT_S", 1)
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def dribble() -> None:
        connection, _ = server.accept()
        with connection:
            while not stop.is_set():
                try:
                    connection.sendall(b"220-wait\r\n")
                except OSError:
                    return
                time.sleep(0.1)

    thread = threading.Thread(target=dribble, daemon=True)
    thread.start()
    mail = Mail(host="127.0.0.1", port=server.getsockname()[1], sender="spmc@example.org", to=["duty@example.org"])
    began = time.monotonic()
    assert "took longer than 1 s" in told(Notify(mail=mail), OUTCOME)[0] and time.monotonic() - began < 10
    stop.set()
    thread.join(timeout=10)
    server.close()


def test_a_run_ends_with_the_scheduler_that_started_it(tmp_path):
    """The scheduler is killed; what it started is gone within seconds."""
    import signal
    import time

    import psutil

    mark = tmp_path / "run"
    run = (
        "from spmc_tools.schedule.schedule import end_with_parent; end_with_parent(); import os, time; "
        f"open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {run!r}], start_new_session=True)"
    scheduler = subprocess.Popen([sys.executable, "-c", start])
    for _ in range(300):
        if mark.exists() and mark.read_text():
            break
        time.sleep(0.1)
    started = int(mark.read_text())
    assert psutil.pid_exists(started)
    scheduler.send_signal(signal.SIGKILL)
    scheduler.wait()
    for _ in range(100):
        if not psutil.pid_exists(started) or psutil.Process(started).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    pytest.fail("the run went on without its scheduler")


def test_the_change_of_the_year_is_a_moment_like_others(write, one, outcomes):
    """31 December 23:30 IST to 1 January 00:30 IST, every hour; the clock is set back over the change."""
    plan, clock = write(job(when="every 1 hour")), Clock(datetime(2025, 12, 31, 18, 0, tzinfo=UTC))
    assert run_due(plan, now=clock).done
    clock.on(hours=1)
    assert run_due(plan, now=clock).done
    clock.on(hours=-1)
    assert run_due(plan, now=clock).due == []
    clock.on(hours=2)
    assert run_due(plan, now=clock).done == ["morning"] and len(outcomes[1]) == 3


@pytest.fixture
def slot(write, one):
    """One job that may take a third of a second, and the folder of its case."""
    (the_job,) = write(job()).jobs
    folder = cases_dir()
    (folder / subject.FOLDER).mkdir(exist_ok=True)
    return the_job.model_copy(update={"timeout_minutes": 0.3 / 60}), folder


def test_a_run_that_is_killed_is_a_failed_one_and_says_by_what(slot, monkeypatch):
    monkeypatch.setattr(subject, "_COMMAND", "import os; os.kill(os.getpid(), 9)")
    the_job, folder = slot
    found = subject._carried_out(the_job.model_copy(update={"timeout_minutes": 5}), folder)
    assert (found.status, found.reason) == ("failed", "it was killed by signal 9")


def test_a_run_that_takes_too_long_is_stopped_with_what_it_started(slot, monkeypatch, tmp_path):
    import time

    import psutil

    mark = tmp_path / "child"
    monkeypatch.setattr(
        subject, "_COMMAND",
        "import subprocess, time; p = subprocess.Popen(['sleep', '60']); "
        f"open({str(mark)!r}, 'w').write(str(p.pid)); time.sleep(60)",
    )  # fmt: skip
    the_job, folder = slot
    found = subject._carried_out(the_job.model_copy(update={"timeout_minutes": 3 / 60}), folder)
    assert found.status == "failed" and "took longer than" in (found.reason or "")
    child = int(mark.read_text())
    for _ in range(50):
        if not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    pytest.fail("what the run started still runs")


def test_a_run_that_is_due_during_another_one_of_its_case_waits_its_turn(slot, monkeypatch):
    import time

    from filelock import FileLock

    ran: list[str] = []
    monkeypatch.setattr(subject, "_reported", lambda *_: ran.append("second") or _Outcome("complete", "run"))
    the_job, folder = slot
    with FileLock(folder / subject.FOLDER / "one.lock"):
        found = subject._carried_out(the_job, folder)
        assert (found.status, ran) == ("failed", []) and "at work on case one" in (found.reason or "")
        waiting = threading.Thread(
            target=subject._carried_out, args=(the_job.model_copy(update={"timeout_minutes": 1}), folder)
        )
        waiting.start()
        time.sleep(0.3)
        assert ran == []
        ran.append("first")
    waiting.join(timeout=30)
    assert ran == ["first", "second"]


def test_a_case_that_was_deleted_between_two_runs_is_refused_in_one_sentence(slot):
    import shutil

    the_job, folder = slot
    shutil.rmtree(folder / "one")
    found = subject._carried_out(the_job.model_copy(update={"timeout_minutes": 5}), folder)
    assert (found.status, found.run_id) == ("refused", None)
    assert "one" in (found.reason or "") and "Traceback" not in (found.reason or "")
    assert not (folder / "one").exists()  # nothing makes it again
