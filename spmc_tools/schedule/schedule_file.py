"""A schedule as it is written: one TOML file with ``[[job]]`` tables and, where wanted, ``[notify]``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from spmc_tools.errors import InputError, ParameterError, quote
from spmc_tools.mail import Mail
from spmc_tools.schedule.when import When, parse_when

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Broken", "Job", "Mail", "Notify", "Schedule", "checked_job", "read_schedule"]

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_MOST_BYTES = 1 << 20
_Model = TypeVar("_Model", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Notify(_Strict):
    """Who is told after a job: a command, a mail, or both; ``on`` is "failure" or "always"."""

    on: Literal["failure", "always"] = "failure"
    command: list[str] | None = Field(default=None, min_length=1)
    mail: Mail | None = None


class Job(_Strict):
    """One line of the schedule.

    Attributes
    ----------
    name : str
        Small letters, digits, - and _; each once.
    case, notebook : str
        What is run on what.
    when : str
        See :mod:`spmc_tools.schedule.when`.
    parameters : dict
        Of the notebook.
    lang, edition
        Of the report; lang None: the language of the case.
    pdf : bool
        Whether a PDF is printed, too.
    retries : int
        Further tries after a failed run, each after twice the pause of the one before, from one minute on.
    timeout_minutes : int
        A run that takes longer is stopped and counts as failed.
    keep : int or None
        How many reports of this job are kept; older ones are disposed of, logged. None: all.
    """

    name: str
    case: str
    notebook: str = Field(min_length=1)
    when: str
    parameters: dict[str, str | int | float | bool] = Field(default_factory=dict)
    lang: Literal["en", "hi", "both"] | None = None
    edition: Literal["full", "redacted"] = "full"
    pdf: bool = False
    retries: int = Field(default=2, ge=0, le=10)
    timeout_minutes: int = Field(default=120, ge=1, le=1440)
    keep: int | None = Field(default=None, ge=1)

    @field_validator("name", "case")
    @classmethod
    def _plain(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError(f"{quote(value)} is no name: small letters, digits, - and _")
        return value

    @field_validator("when")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            parse_when(value)
        except ParameterError as error:
            raise ValueError(str(error)) from None
        return value

    @property
    def moments(self) -> When:
        """The moments at which it is due."""
        return parse_when(self.when)


@dataclass(frozen=True, slots=True)
class Broken:
    """A job that cannot be read: the sentence that says why, and its case and notebook where they are names."""

    reason: str
    case: str | None
    notebook: str | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule file that was read: its path, its jobs in order, whom it tells, and where its cases live.

    ``broken``: jobs that cannot be read, by name.
    """

    path: Path
    jobs: tuple[Job, ...]
    notify: Notify | None
    cases: Path | None
    broken: Mapping[str, Broken] = field(default_factory=dict)


def read_schedule(path: Path, *, whole: bool = True) -> Schedule:
    """Return the schedule of a file.

    Parameters
    ----------
    path : path
        Of the file.
    whole : bool
        True: one job that cannot be read refuses the file. False: it stands in ``broken`` and the others can run.

    Raises
    ------
    InputError
        Where it is missing, is no TOML, has an unknown key or a value that does not fit: which job, what was found
        and what was wanted.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{quote(path.name)} is larger than a schedule can be (1 MB).")
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{quote(path)} cannot be read: {error.strerror or error}; give a schedule file.") from None
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number of thousands of digits
        raise InputError(f"{quote(path.name)} is no TOML: {error}.") from None
    unknown = sorted(set(content) - {"job", "notify", "cases"})
    if unknown:
        raise InputError(f"{path.name}: unknown key {quote(unknown[0])}; known keys: cases, job, notify.")
    rows = content.get("job")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{path.name} holds no job; wanted one [[job]] table for each.")
    jobs, broken = _jobs(rows, path.name, whole=whole)
    names = [job.name for job in jobs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{path.name}: the job {quote(twice)} is there twice; give each its own name.")
    notify = content.get("notify")
    cases = content.get("cases")
    if cases is not None and (not isinstance(cases, str) or "\0" in cases):
        raise InputError(f"{path.name}: cases is {quote(cases)}, wanted the path of a folder.")
    return Schedule(
        path.resolve(),
        jobs,
        _made(Notify, notify, f"{path.name}, [notify]") if notify is not None else None,
        (path.parent / cases).resolve() if cases is not None else None,
        broken,
    )


def _jobs(rows: list[dict[str, Any]], file: str, *, whole: bool) -> tuple[tuple[Job, ...], dict[str, Broken]]:
    jobs: list[Job] = []
    broken: dict[str, Broken] = {}
    for number, row in enumerate(rows, start=1):
        try:
            jobs.append(_made(Job, row, f"{file}, job {_called(row, number)}"))
        except InputError as error:
            if whole:
                raise
            name = row.get("name")
            fits = isinstance(name, str) and _NAME.fullmatch(name) and name not in broken
            case, notebook = row.get("case"), row.get("notebook")
            broken[str(name) if fits else f"job-{number}"] = Broken(
                str(error),
                case if isinstance(case, str) and _NAME.fullmatch(case) else None,
                notebook if isinstance(notebook, str) else None,
            )
    return tuple(jobs), broken


def checked_job(values: Mapping[str, Any], where: str) -> Job:
    """Return the job that the values of one ``[[job]]`` table tell of.

    Raises
    ------
    InputError
        Where a value does not fit: the job, what was found and what was wanted; ``where`` begins the sentence.
    """
    return _made(Job, dict(values), f"{where}, job {_called(values, 1)}")


def _called(row: Mapping[str, Any], number: int) -> str:
    return quote(row["name"]) if isinstance(row.get("name"), str) else str(number)


def _made(model: type[_Model], values: object, where: str) -> _Model:
    if not isinstance(values, dict):
        raise InputError(f"{where}: found {quote(values)}, wanted a table.")
    try:
        return model.model_validate(values, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "a value"
        if first["type"] == "extra_forbidden":
            raise InputError(
                f"{where}: unknown key {quote(key)}; known keys: {', '.join(model.model_fields)}."
            ) from None
        if first["type"] == "missing":
            raise InputError(f"{where}: {key} is missing.") from None
        said = str(first["msg"]).removeprefix("Value error, ")
        raise InputError(f"{where}: {key} is {quote(first['input'])}: {said.rstrip('.')}.") from None
