"""What a schedule has done: one SQLite file beside the cases, so that nothing runs twice and nothing is forgotten."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from spmc_tools.errors import RunError
from spmc_tools.operating_system import move

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["PAUSE", "State", "Tried"]

PAUSE = timedelta(minutes=1)
"""Pause after the first failed try; it doubles with each further one."""

LOG_BYTES = 1 << 20

_TABLE = """
create table if not exists tries (
    id integer primary key, job text not null, due_at text not null, try integer not null, started_at text not null,
    ended_at text, status text not null, run_id text, report text, reason text, missed integer not null,
    pid integer not null, pid_started real not null, unique (job, due_at, try)
)
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """One try of a job: ``status`` is running, complete, partial, failed, refused or killed; times are UTC."""

    id: int
    job: str
    due_at: datetime
    try_: int
    started_at: datetime
    ended_at: datetime | None
    status: str
    run_id: str | None
    report: str | None
    reason: str | None
    missed: int
    pid: int
    pid_started: float

    @property
    def ended(self) -> bool:
        """Whether the job is through with this moment of being due: it ran, or its input was refused."""
        return self.status in {"complete", "partial", "refused"}

    def again_at(self, retries: int) -> datetime | None:
        """Return when it is tried again; None where it is not."""
        if self.status not in {"failed", "killed"} or self.try_ > retries:
            return None
        pause = PAUSE * 2 ** (self.try_ - 1) if self.status == "failed" else timedelta()
        return (self.ended_at or self.started_at) + pause


class State:
    """The tries of all jobs of one schedule file; safe with several schedulers at once."""

    def __init__(self, folder: Path, schedule: Path) -> None:
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", schedule.stem)[:40] or "schedule"
        mark = hashlib.sha256(str(schedule).encode("utf-8", "surrogateescape")).hexdigest()[:8]
        self.folder = folder
        self.path = folder / f"{name}-{mark}.sqlite"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._open() as connection:
                connection.execute(_TABLE)
        except (OSError, sqlite3.Error) as error:
            raise RunError(f"The log of the schedule cannot be kept in {folder}: {error}.") from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside one transaction that nobody else can write beside."""
        try:
            with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as connection:
                connection.execute("pragma busy_timeout = 30000")
                connection.execute("begin immediate")
                try:
                    yield connection
                except BaseException:
                    with suppress(sqlite3.Error):
                        connection.execute("rollback")
                    raise
                connection.execute("commit")
        except sqlite3.Error as error:
            raise RunError(f"The log of the schedule, {self.path}, cannot be written: {error}.") from None

    def write_line(self, text: str, now: datetime) -> None:
        """Add a line to the log in words, which lies beside the table; where it cannot be written, nothing happens.

        Of two files of :data:`LOG_BYTES` at most, the older one is overwritten.
        """
        path = self.path.with_suffix(".log")
        with suppress(OSError):
            if path.exists() and path.stat().st_size > LOG_BYTES:
                move(path, path.with_suffix(".log.1"))
            with path.open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as log:
                log.write(f"{now:%Y-%m-%dT%H:%M:%SZ} {' '.join(text.split())}\n")

    def tries(self, job: str | None = None) -> list[Tried]:
        """Return all tries, oldest first."""
        with self._open() as connection:
            return _tries(connection, job)

    def last(self, job: str) -> Tried | None:
        """Return the latest try of a job; None where it never ran."""
        found = self.tries(job)
        return found[-1] if found else None

    def claim(self, job: str, due_at: datetime, try_: int, missed: int, now: datetime) -> Tried | None:
        """Take a try for this process; None where another one has it, or the job runs already."""
        with self._open() as connection:
            if any(attempt.status == "running" for attempt in _tries(connection, job)):
                return None
            try:
                connection.execute(
                    "insert into tries (job, due_at, try, started_at, status, missed, pid, pid_started) "
                    "values (?, ?, ?, ?, 'running', ?, ?, ?)",
                    (job, due_at.isoformat(), try_, now.isoformat(), missed, os.getpid(), _started(os.getpid())),
                )
            except sqlite3.IntegrityError:
                return None
            return _tries(connection, job)[-1]

    def end(  # noqa: PLR0913 -- the columns of one row
        self, attempt: Tried, status: str, now: datetime, *, run_id: str | None, report: str | None, reason: str | None
    ) -> None:
        """Write down how a try ended."""
        with self._open() as connection:
            connection.execute(
                "update tries set status = ?, ended_at = ?, run_id = ?, report = ?, reason = ? where id = ?",
                (status, now.isoformat(), run_id, report, reason, attempt.id),
            )

    def bury(self, now: datetime) -> list[Tried]:
        """Mark the tries whose process is gone as killed, and return them: a reboot, or kill -9."""
        with self._open() as connection:
            dead = [tried for tried in _tries(connection) if tried.status == "running" and not _alive(tried)]
            for attempt in dead:
                connection.execute(
                    "update tries set status = 'killed', ended_at = ?, reason = ? where id = ?",
                    (now.isoformat(), "the process was gone before the run had ended", attempt.id),
                )
        return dead


def _tries(connection: sqlite3.Connection, job: str | None = None) -> list[Tried]:
    columns = "id, job, due_at, try, started_at, ended_at, status, run_id, report, reason, missed, pid, pid_started"
    where, values = ("where job = ?", (job,)) if job is not None else ("", ())
    rows = connection.execute(f"select {columns} from tries {where} order by id", values)
    found = []
    for row in rows:
        due, started = datetime.fromisoformat(row[2]), datetime.fromisoformat(row[4])
        ended = datetime.fromisoformat(row[5]) if row[5] else None
        found.append(Tried(row[0], row[1], due, row[3], started, ended, *row[6:]))
    return found


def _started(pid: int) -> float:
    import psutil

    return float(psutil.Process(pid).create_time())


def _alive(attempt: Tried) -> bool:
    """Tell whether the process of a try still runs: the same number may belong to another one after a reboot."""
    import psutil

    try:
        return abs(_started(attempt.pid) - attempt.pid_started) < 1
    except psutil.Error:
        return False


def now_utc() -> datetime:
    """Return the time of this machine's clock."""
    return datetime.now(UTC)
