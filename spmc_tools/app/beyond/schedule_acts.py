"""What runs by itself: the jobs of the schedule beside the cases, when each ran, how that ended, when it is due.

A job is entered by menus: how often, at which hour, near which days of the calendar. What they give is one line in the
words of :mod:`spmc_tools.schedule.when`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable, Values, command_line
from spmc_tools.app.job_process import SCHEDULE, schedule_file
from spmc_tools.case.log.settings import read_settings
from spmc_tools.errors import SpmcError
from spmc_tools.report.running.run import known_notebooks

if TYPE_CHECKING:
    from spmc_tools.schedule.schedule_file import Schedule

__all__ = ["SCHEDULE_ACTS", "schedule_table"]

OFTEN = (
    "every 30 minutes", "every 1 hours", "every 6 hours", "daily",
    "weekly monday", "weekly tuesday", "weekly wednesday", "weekly thursday", "weekly friday", "weekly saturday",
    "weekly sunday",
)  # fmt: skip
AROUND = ("poll", "count", "festival", "season", "code")
_AROUND = "from 7 days before to 2 days after"
_FULL = re.compile(rf"({'|'.join(OFTEN)})(?: (\d\d:\d\d))?(?: {_AROUND} ({'|'.join(AROUND)}))?")


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
            _when_in_words(ground, one.job.when), due, "–" if last is None else str(words.moment(last.started_at)),
            "–" if last is None else _status(ground, last.status), str((last and last.reason) or one.problem or "–"),
        ))  # fmt: skip
    names = ("job", "case", "notebook", "when", "due", "last_run", "ended_as", "reason")
    return [ShownTable("schedule", say("app.table.schedule"), tuple(say(f"app.field.{n}") for n in names), rows)]


def _status(ground: Ground, status: str) -> str:
    try:
        return ground.say(f"app.ran.{status}")
    except SpmcError:
        return status


def _when_in_words(ground: Ground, when: str) -> str:
    """Return when a job is due as the menus say it; as it is written where they cannot."""
    known = _FULL.fullmatch(when)
    if known is None:
        return when
    often, at, around = known.groups()
    parts = [_often(ground, often), at and ground.say("app.at_hour", hour=at), around and _near(ground, around)]
    return ", ".join(part for part in parts if part)


def _often(ground: Ground, often: str) -> str:
    return ground.say(f"app.often.{often.replace(' ', '_')}")


def _near(ground: Ground, around: str) -> str:
    return ground.say(f"app.near.{around}")


def _cases(ground: Ground) -> list[tuple[str, str]]:
    found = []
    for path in sorted(ground.cases.glob("*/case.toml")):
        with suppress(SpmcError):
            found.append((path.parent.name, f"{read_settings(path.parent).title} ({path.parent.name})"))
    return found


def _notebooks(ground: Ground) -> list[tuple[str, str]]:
    return [(name, ground.say(f"notebook.{name}")) for name in known_notebooks()]


def _pages(ground: Ground) -> list[tuple[str, str]]:
    return [("hi", "हिन्दी"), ("en", "English"), ("both", ground.say("app.pages.both"))]


def _planned(ground: Ground) -> Schedule | None:
    from spmc_tools.schedule.schedule_file import read_schedule

    path = schedule_file(ground.cases)
    return read_schedule(path, whole=False) if path.is_file() else None


def _jobs(ground: Ground) -> list[tuple[str, str]]:
    plan = _planned(ground)
    return [] if plan is None else [(name, name) for name in (*(one.name for one in plan.jobs), *plan.broken)]


def _line(values: Values) -> str:
    """Return the menus as one line, as a schedule says it."""
    at = values["hour"] if values["often"] and values["often"].partition(" ")[0] in {"daily", "weekly"} else None
    around = f"{_AROUND} {values['near']}" if values["near"] else None
    return " ".join(part for part in (values["often"], at, around) if part)


def _wrong(ground: Ground, values: Values) -> dict[str, str]:
    wrong = {}
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", values["hour"]):
        wrong["hour"] = ground.say("app.no_hour")
    if values["keep"] is not None and not re.fullmatch(r"[1-9]\d{0,3}", values["keep"]):
        wrong["keep"] = ground.say("app.no_keep")
    if values["near"] and not read_settings(ground.cases / values["job_case"]).event:
        wrong["near"] = ground.say("app.case_without_event")
    return wrong


def _add(ground: Ground, values: Values) -> Done:
    from spmc_tools.schedule.schedule_edit import add_job

    taken = {name for name, _words in _jobs(ground)}
    stem = f"{values['notebook'].replace('_', '-')}-{values['job_case']}"[:58]
    name = next(one for number in count(1) if (one := stem if number == 1 else f"{stem}-{number}") not in taken)
    job = {
        "name": name, "case": values["job_case"], "notebook": values["notebook"], "when": _line(values),
        "lang": values["lang"], "keep": None if values["keep"] is None else int(values["keep"]),
    }  # fmt: skip
    add_job(schedule_file(ground.cases), job, ground.cases)
    return Done((ground.say("app.job_added", job=name), ground.say("app.job_timer")))


def _add_command(_case: str, values: Values) -> str:
    return command_line(
        "spmc", "schedule", "add", "schedule.toml", "NAME",
        "--case", values["job_case"], "--notebook", values["notebook"],
        "--when", _line(values), values["lang"] and ["--lang", values["lang"]],
        values["keep"] and ["--keep", values["keep"]],
    )  # fmt: skip


def _remove(ground: Ground, values: Values) -> Done:
    from spmc_tools.schedule.schedule_edit import remove_job

    left = remove_job(schedule_file(ground.cases), values["job"])
    return Done((ground.say("app.job_removed", job=values["job"], n=left),))


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
        "schedule_add",
        (
            ActField(  # "case" is the case of the page
                "job_case", "choice", options=_cases, label="app.field.case",
                start=lambda ground: ground.case.id if ground.case else "",
            ),
            ActField("notebook", "choice", options=_notebooks),
            ActField("often", "choice", options=lambda ground: [(one, _often(ground, one)) for one in OFTEN]),
            ActField("hour", start=lambda _ground: "06:00"),
            ActField("near", "choice", needed=False, options=lambda g: [(one, _near(g, one)) for one in AROUND]),
            ActField("lang", "choice", needed=False, options=_pages),
            ActField("keep", needed=False),
        ),
        _add, _add_command, check=_wrong, caseless=True,
    ),
    Act(
        "schedule_remove", (ActField("job", "choice", options=_jobs),), _remove,
        lambda _case, values: command_line("spmc", "schedule", "remove", "schedule.toml", values["job"]),
        closed=lambda ground: "" if _jobs(ground) else ground.say("app.no_schedule"), caseless=True,
    ),
    Act(
        "schedule_run", (), _run,
        lambda _case, _values: command_line("spmc", "schedule", "run", "schedule.toml"),
        closed=_closed, caseless=True,
    ),
)  # fmt: skip
