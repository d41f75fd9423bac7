"""A job is added to a schedule, or taken out of it; whatever else stands in the file, comments too, stays as it is."""

from __future__ import annotations

import os
import tomllib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import tomlkit
from tomlkit.exceptions import TOMLKitError

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.errors import InputError, ParameterError, quote
from spmc_tools.schedule.schedule_file import Job, checked_job, read_schedule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["add_job", "remove_job"]

_WAIT_S = 20


def add_job(path: Path, values: Mapping[str, object], cases: Path | None = None) -> Job:
    """Add a job to a schedule; a file that is not there is made.

    Parameters
    ----------
    path : path
        Of the schedule.
    values : mapping
        Keys and values of the ``[[job]]`` table, as :class:`spmc_tools.schedule.schedule_file.Job` has them; None: left
        out.
    cases : path, optional
        Where cases live: a new file says so, relative to itself.

    Raises
    ------
    InputError
        Where the file is no schedule, or a value does not fit.
    ParameterError
        Where a job of that name is there.
    CaseError
        Where the file cannot be written; it is then as it was.
    """
    told = {key: value for key, value in values.items() if value is not None}
    job = checked_job(told, path.name)
    with _alone(path):
        if path.exists():
            plan = read_schedule(path, whole=False)
            if job.name in {one.name for one in plan.jobs} | set(plan.broken):
                raise ParameterError(f"{path.name} has a job {quote(job.name)} already; give another name.")
            text = path.read_text(encoding="utf-8")
            gap = "\n" if text.endswith("\n") else "\n\n"
        else:
            home = None if cases is None else os.path.relpath(cases.resolve(), path.parent.resolve())
            text, gap = ("" if home is None else tomlkit.dumps({"cases": home})), "\n"
        table = tomlkit.dumps({"job": [dict(told)]})
        longer = f"{text}{gap if text else ''}{table}"
        try:
            tomllib.loads(longer)
        except tomllib.TOMLDecodeError:
            raise InputError(f"{quote(path.name)}: its jobs are no [[job]] tables; write them as such.") from None
        _written(path, longer)
    return job


def remove_job(path: Path, name: str) -> int:
    """Take a job out of a schedule and return how many are left; without any the file goes, since it would be none.

    Raises
    ------
    InputError
        Where the file is no schedule.
    ParameterError
        Where it has no such job.
    CaseError
        Where the file cannot be written; it is then as it was.
    """
    with _alone(path):
        read_schedule(path, whole=False)
        try:
            content = tomlkit.parse(path.read_text(encoding="utf-8"))
        except TOMLKitError as error:
            raise InputError(f"{quote(path.name)} is no TOML: {error}.") from None
        jobs = content["job"]
        places = [place for place, one in enumerate(jobs) if one.get("name") == name]
        if not places:
            raise ParameterError(f"{path.name} has no job {quote(name)}.")
        for place in reversed(places):
            del jobs[place]
        if len(jobs):
            _written(path, tomlkit.dumps(content))
        else:
            with os_errors(f"{quote(path.name)} cannot be taken away"):
                path.unlink()
        return len(jobs)


def _written(path: Path, text: str) -> None:
    with os_errors(f"{quote(path.name)} cannot be written"):
        write_file(path, text.encode())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one program at a time change the file."""
    from filelock import FileLock, Timeout

    try:
        with os_errors(f"{quote(path.name)} cannot be written"):
            path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=_WAIT_S, mode=0o600):
            yield
    except Timeout:
        raise ParameterError(f"Another program is changing {quote(path.name)}; try again.") from None
