"""Run what is due of a schedule: each job in a process of its own, one at a time, told and written down.

A job that never ran is due at once. One that was missed while the machine was off is caught up with once, however
many moments went by. A failed run is tried again after a pause; one whose input is refused is not, since it would be
refused again. A clock that was set back makes nothing run twice: what was done for a moment is done.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.case.log.anchors import send_heads
from spmc_tools.case.store.case import open_case
from spmc_tools.case.store.case_folder import cases_dir
from spmc_tools.errors import SpmcError
from spmc_tools.operating_system import end_group, end_own_group, ends_with_parent, group_of_its_own
from spmc_tools.schedule.notify import told
from spmc_tools.schedule.schedule_state import State, now_utc
from spmc_tools.signing.automatic_stamps import stamp_heads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spmc_tools.schedule.schedule_file import Job, Schedule
    from spmc_tools.schedule.schedule_state import Tried

__all__ = ["Due", "Round", "due_jobs", "end_with_parent", "run_due"]

FOLDER = ".schedule"
"""Where the log lies, in the folder of the cases."""

_COMMAND = (
    "from spmc_tools.schedule.schedule import end_with_parent; end_with_parent(); "
    "from spmc_tools.cli import main; main()"
)
_SAID = 600


@dataclass(frozen=True, slots=True)
class Due:
    """One job, as it is written, and how it stands at one moment.

    ``due_at``: the moment it is due for; None: nothing is due. ``try_``: the try this would be, from 1. ``missed``:
    moments that went by without a run since the last one, beside this. ``next_at``: when it is due next; None: never
    again. ``last``: its latest try. ``problem``: why nothing can be said of it, as its case is gone or its event is not
    known; else None.
    """

    job: Job
    due_at: datetime | None
    try_: int = 1
    missed: int = 0
    next_at: datetime | None = None
    last: Tried | None = None
    problem: str | None = None


@dataclass(slots=True)
class Round:
    """What one call did: names of jobs; ``failed`` with the reason; ``hooks``: messages that did not get through."""

    due: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    reports: dict[str, str] = field(default_factory=dict)
    hooks: list[str] = field(default_factory=list)


def _state(schedule: Schedule, cases: Path) -> State:
    return State(cases / FOLDER, schedule.path)


def due_jobs(schedule: Schedule, cases: Path | None = None, now: datetime | None = None) -> list[Due]:
    """Return every job of a schedule and how it stands, in the order of the file.

    Parameters
    ----------
    schedule : Schedule
        As it was read.
    cases : path, optional
        Where cases live; else what the schedule says, else as :func:`~spmc_tools.case.store.case_folder.cases_dir`.
    now : datetime, optional
        The moment; None: the clock of this machine.
    """
    root = cases_dir(cases or schedule.cases)
    state, moment = _state(schedule, root), now or now_utc()
    return [_standing(job, state.last(job.name), root, moment) for job in schedule.jobs]


def _standing(job: Job, last: Tried | None, cases: Path, now: datetime) -> Due:
    when, event, problem = job.moments, None, None
    latest = following = None
    try:
        event = open_case(job.case, cases).settings.event
    except SpmcError as error:
        problem = str(error)
    try:
        latest, following = when.latest(now, event), when.next(now, event)
    except SpmcError as error:
        problem = problem or str(error)
    if last is None:
        return Due(job, latest or now, next_at=following, problem=problem)
    if last.status == "running":
        return Due(job, None, next_at=following, last=last, problem=problem)
    fresh = latest is not None and latest > last.due_at and latest > last.started_at
    if fresh and latest is not None:
        missed = when.missed(max(last.due_at, last.started_at), now, event) - 1
        return Due(job, latest, missed=max(0, missed), next_at=following, last=last, problem=problem)
    again = last.again_at(job.retries)
    if again is not None:
        due = last.due_at if again <= now else None
        return Due(job, due, last.try_ + 1, next_at=again, last=last, problem=problem)
    return Due(job, None, next_at=following, last=last, problem=problem)


def run_due(
    schedule: Schedule,
    cases: Path | None = None,
    now: Callable[[], datetime] = now_utc,
    say: Callable[[str], None] | None = None,
) -> Round:
    """Run what is due, one job after the other, and return what came of it.

    Parameters
    ----------
    schedule : Schedule
        As it was read.
    cases : path, optional
        As :func:`due_jobs`.
    now : callable
        The clock.
    say : callable, optional
        Called with one line per job.

    Notes
    -----
    Several schedulers may run at once: each try is taken by one of them. Two jobs of one case wait for each other.
    """
    root = cases_dir(cases or schedule.cases)
    state, made = _state(schedule, root), Round()

    def speak(line: str) -> None:
        state.write_line(line, now())
        if say is not None:
            say(line)

    with suppress(SpmcError, OSError):
        for problem in [*send_heads(root), *stamp_heads(root)]:
            made.hooks.append(problem)
            speak(f"anchors: {problem}")
    _tell_of_broken(schedule, state, made, speak, now)
    _tell_of_dead(schedule, state, made, speak, now)
    for job in schedule.jobs:
        standing = _standing(job, state.last(job.name), root, now())
        if standing.due_at is None:
            continue
        made.due.append(job.name)
        claimed = state.claim(job.name, standing.due_at, standing.try_, standing.missed, now())
        if claimed is None:
            made.elsewhere.append(job.name)
            continue
        speak(f"{job.name}: {job.notebook} on {job.case} begins" + _late(standing))
        begun = time.monotonic()
        outcome = _carried_out(job, root)
        took = f" after {time.monotonic() - begun:.0f} s" if outcome.run_id is not None else ""
        state.end(claimed, outcome.status, now(), run_id=outcome.run_id, report=outcome.report, reason=outcome.reason)
        if outcome.report:
            made.reports[job.name] = outcome.report
        speak(f"{job.name}: {outcome.status}{took}" + (f" – {outcome.reason}" if outcome.reason else ""))
        if outcome.status in {"complete", "partial"}:
            made.done.append(job.name)
        else:
            made.failed[job.name] = outcome.reason or outcome.status
        try:
            if outcome.run_id is None and outcome.status not in {"complete", "partial"}:
                _note(root / job.case, job.name, job.notebook, outcome.reason or outcome.status)
            _keep(job, root, state, speak)
        except (SpmcError, OSError) as error:
            speak(f"{job.name}: afterwards: {error}")
        facts = {"job": job.name, "case": job.case, "notebook": job.notebook, **outcome.facts()}
        _told(schedule, facts, made, speak)
    return made


def _told(schedule: Schedule, facts: dict[str, str | None], made: Round, speak: Callable[[str], None]) -> None:
    problems = told(schedule.notify, facts)
    made.hooks += problems
    for problem in problems:
        speak(f"{facts['job']}: {problem}")


def _tell_of_broken(
    schedule: Schedule, state: State, made: Round, speak: Callable[[str], None], now: Callable[[], datetime]
) -> None:
    """Count the jobs that cannot be read as failed at each call; say and tell it once for each state of the file."""
    for name, job in schedule.broken.items():
        made.failed[name] = job.reason
        with suppress(OSError, SpmcError):
            written = datetime.fromtimestamp(schedule.path.stat().st_mtime, UTC)
            claimed = state.claim(name, written, 1, 0, now())
            if claimed is not None:
                state.end(claimed, "refused", now(), run_id=None, report=None, reason=job.reason)
                speak(f"{name}: refused – {job.reason}")
                facts = {"job": name, "case": job.case, "notebook": job.notebook, "status": "refused", "run_id": None,
                         "report": None, "reason": job.reason}  # fmt: skip
                _told(schedule, facts, made, speak)
                if job.case is not None:
                    _note(state.folder.parent / job.case, name, job.notebook, job.reason)


def _tell_of_dead(
    schedule: Schedule, state: State, made: Round, speak: Callable[[str], None], now: Callable[[], datetime]
) -> None:
    """Say which runs were broken off; one that is not tried again has failed, and is told as such."""
    jobs = {job.name: job for job in schedule.jobs}
    for dead in state.bury(now()):
        begun, job = f"{dead.job}: its run of {dead.started_at:%Y-%m-%d %H:%M} UTC was broken off", jobs.get(dead.job)
        if job is None or dead.try_ <= job.retries:
            speak(f"{begun}; it is {'no job of this schedule any more' if job is None else 'tried again'}.")
            continue
        speak(f"{begun}; it is not tried again before the next moment.")
        reason = "the process was gone before the run had ended"
        made.failed[job.name] = reason
        with suppress(OSError, SpmcError):
            _note(state.folder.parent / job.case, job.name, job.notebook, reason)
        facts = {
            "job": job.name,
            "case": job.case,
            "notebook": job.notebook,
            **_Outcome("failed", reason=reason).facts(),
        }
        _told(schedule, facts, made, speak)


def _note(folder: Path, name: str, notebook: str | None, reason: str) -> None:
    """Write a failure that left no report into the case's log and its list of reports, where there is such a case."""
    from spmc_tools.report.page.index import JOB_FAILED, write_index

    if not (folder / "case.toml").is_file():
        return
    case = open_case(folder.name, folder.parent)
    case.log(JOB_FAILED, {"job": name, "notebook": notebook, "reason": reason})
    write_index(case)


def _late(standing: Due) -> str:
    parts = [f", try {standing.try_}" if standing.try_ > 1 else ""]
    parts.append(f"; {standing.missed} earlier moments went by without a run" if standing.missed else "")
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class _Outcome:
    status: str
    run_id: str | None = None
    report: str | None = None
    reason: str | None = None

    def facts(self) -> dict[str, str | None]:
        """Return what a message says of it."""
        return {"status": self.status, "run_id": self.run_id, "report": self.report, "reason": self.reason}


def _carried_out(job: Job, cases: Path) -> _Outcome:
    """Run one job in a process of its own, under the lock of its case."""
    from filelock import FileLock, Timeout

    lock = FileLock(cases / FOLDER / f"{job.case}.lock", timeout=job.timeout_minutes * 60, mode=0o600)
    try:
        with lock:
            return _reported(job, cases)
    except Timeout:
        return _Outcome("failed", reason=f"another job was at work on case {job.case} all the time")
    except OSError as error:
        return _Outcome("failed", reason=f"the run could not be started: {error.strerror or error}")


def _arguments(job: Job, cases: Path) -> list[str]:
    pairs = [f"{name}={_typed(value)}" for name, value in job.parameters.items()]
    return [
        "report", job.case, job.notebook, *(part for pair in pairs for part in ("-p", pair)),
        *(["--lang", job.lang] if job.lang else []), "--edition", job.edition, *(["--pdf"] if job.pdf else []),
        "--cases", str(cases), "--json",
    ]  # fmt: skip


def _typed(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _reported(job: Job, cases: Path) -> _Outcome:
    command = [sys.executable, "-c", _COMMAND, *_arguments(job, cases)]
    with subprocess.Popen(  # noqa: S603 -- this program, with arguments that were checked
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **group_of_its_own()
    ) as process:
        try:
            out, err = process.communicate(timeout=job.timeout_minutes * 60)
        except subprocess.TimeoutExpired:
            _stop(process)
            return _Outcome("failed", reason=f"it took longer than {job.timeout_minutes} minutes and was stopped")
        except BaseException:
            _stop(process)
            raise
    said = _last_object(out.decode("utf-8", "replace"))
    why = " ".join(err.decode("utf-8", "replace").split())[-_SAID:] or None
    run = {"run_id": said.get("run_id"), "report": said.get("report")}
    reason = _why(cases / job.case, run["run_id"])
    if process.returncode == 0:
        return _Outcome(str(said.get("status", "complete")), reason=reason, **run)
    if process.returncode == 2:
        return _Outcome("refused", reason=why, **run)
    ended = f"it was killed by signal {-process.returncode}" if process.returncode < 0 else "it ended without a word"
    return _Outcome("failed", reason=reason or why or ended, **run)


def _why(case: Path, run_id: str | None) -> str | None:
    """Return in one line why a run is not complete, as its manifest has it; None where that says nothing."""
    from spmc_tools.signing.manifest import MANIFEST, read_manifest

    try:
        manifest = read_manifest((case / "reports" / str(run_id) / MANIFEST).read_bytes()) or {}
    except (OSError, ValueError, SpmcError):
        return None
    outcome = (manifest.get("facts") or {}).get("outcome") or {}
    if outcome.get("stopped"):
        return f"it stopped in code cell {outcome['stopped']['cell']}: {outcome['stopped']['name']}"
    return f"not computed: {', '.join(outcome['lacks'])}" if outcome.get("lacks") else None


def end_with_parent() -> None:
    """End this process and what it started a second after the process that started it is gone.

    A scheduler that is killed leaves no run behind that would go on beside its own second try.
    """
    gone = ends_with_parent()

    def watch() -> None:
        while not gone():
            time.sleep(1)
        end_own_group()

    threading.Thread(target=watch, daemon=True).start()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a run with everything it started: it leads a session of its own."""
    for kindly in (True, False):
        end_group(process, kindly)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=10)
            return


def _last_object(text: str) -> dict[str, Any]:
    for line in reversed(text.splitlines()):
        with suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, dict):
                return found
    return {}


def _keep(job: Job, cases: Path, state: State, speak: Callable[[str], None]) -> None:
    """Dispose of the oldest reports of a job beyond the number that is kept."""
    if job.keep is None:
        return
    from spmc_tools.signing.report_disposal import dispose_of_run

    case = open_case(job.case, cases)
    made = [attempt.run_id for attempt in state.tries(job.name) if attempt.run_id is not None]
    there = [run for run in made if (case.path / "reports" / run).is_dir()]
    for run in there[: -job.keep]:
        dispose_of_run(case, run, f"the schedule keeps {job.keep} reports of {job.name}")
        speak(f"{job.name}: the report {run} was disposed of; {job.keep} are kept.")
