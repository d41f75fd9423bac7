"""What runs by itself: the jobs of the schedule beside the cases, when each ran, how that ended, when it is due."""

from __future__ import annotations

from typing import Any

from spmc_tools.app.acts.act_form import Act, Done, Ground, ShownTable, command_line
from spmc_tools.app.job_process import SCHEDULE, schedule_file
from spmc_tools.errors import SpmcError
from spmc_tools.report.running.run import known_notebooks

__all__ = ["SCHEDULE_ACTS", "schedule_table"]


def schedule_table(ground: Ground) -> list[ShownTable]:
    """Return the jobs of the schedule as a table; empty where there is none.

    Raises
    ------
    InputError
        Where the file cannot be read as a schedule.
    """
    from spmc_tools.schedule.schedule import due_jobs
    from spmc_tools.schedule.schedule_file import read_schedule

    path, say, words = schedule_file(ground.cases), ground.say, ground.words
    if not path.is_file():
        return []
    rows = []
    for one in due_jobs(read_schedule(path), ground.cases):
        last = one.last
        due = say("app.due_now") if one.due_at else str(words.moment(one.next_at)) if one.next_at else "–"
        rows.append((
            one.job.name, one.job.case,
            say(f"notebook.{one.job.notebook}") if one.job.notebook in known_notebooks() else one.job.notebook,
            one.job.when, due, "–" if last is None else str(words.moment(last.started_at)),
            "–" if last is None else _status(ground, last.status), str((last and last.reason) or one.problem or "–"),
        ))  # fmt: skip
    names = ("job", "case", "notebook", "when", "due", "last_run", "ended_as", "reason")
    return [ShownTable("schedule", say("app.table.schedule"), tuple(say(f"app.field.{n}") for n in names), rows)]


def _status(ground: Ground, status: str) -> str:
    try:
        return ground.say(f"app.ran.{status}")
    except SpmcError:
        return status


def _run(ground: Ground, _values: dict[str, Any]) -> Done:
    ground.begin(SCHEDULE, "")
    return Done((ground.say("app.schedule_begun"),))


def _closed(ground: Ground) -> str:
    from spmc_tools.schedule.schedule import due_jobs
    from spmc_tools.schedule.schedule_file import read_schedule

    path = schedule_file(ground.cases)
    if not path.is_file():
        return ground.say("app.no_schedule")
    due = [one for one in due_jobs(read_schedule(path, whole=False), ground.cases) if one.due_at is not None]
    return "" if due else ground.say("app.none_due")


SCHEDULE_ACTS = (
    Act(
        "schedule_run", (), _run,
        lambda _case, _values: command_line("spmc", "schedule", "run", "schedule.toml"),
        closed=_closed, caseless=True,
    ),
)  # fmt: skip
