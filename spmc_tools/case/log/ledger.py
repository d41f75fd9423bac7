"""The custody log of a case: one append-only SQLite table, each entry holding the hash of the one before.

An entry is ``seq, at, officer, kind, payload, prev, hash``; ``hash`` is the SHA-256 of the canonical JSON of the
other six (keys sorted, no spaces, ASCII; ``payload`` is itself canonical JSON, taken as the text it is). Anyone
can recompute the chain with ten lines of any language.

The chain shows that an entry was changed, removed from the middle or put in. It cannot show that the last
entries were cut off, nor that somebody rewrote an entry and every hash after it: the manifests of the reports
hold the length and head of the chain for that.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from spmc_tools.case.files.clock import clock_state
from spmc_tools.case.files.lock_wait import patiently
from spmc_tools.errors import BusyError, CaseError, IntegrityError, SpmcError, quote
from spmc_tools.operating_system import open_descriptor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

_Made = TypeVar("_Made")

__all__ = ["EMPTY_HEAD", "Entry", "Ledger", "canonical_json", "entry_hash"]

EMPTY_HEAD = "0" * 64
"""``prev`` of the first entry."""

_COLUMNS = "seq, at, officer, kind, payload, prev, hash"
_BUSY_S = 60.0
_LEAST_FREE = 1 << 20
_TABLE = (
    "CREATE TABLE entries (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, officer TEXT NOT NULL, kind TEXT NOT NULL, "
    "payload TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL UNIQUE) STRICT"
)
_NO_UPDATE = (
    "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries "
    "BEGIN SELECT RAISE(ABORT, 'the custody log is append-only'); END"
)
_NO_DELETE = (
    "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries "
    "BEGIN SELECT RAISE(ABORT, 'the custody log is append-only'); END"
)
_SCHEMA = {"entries": _TABLE, "entries_no_update": _NO_UPDATE, "entries_no_delete": _NO_DELETE}
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Entry(TypedDict):
    """One entry of the log; ``payload`` is read back from its JSON."""

    seq: int
    at: str
    officer: str
    kind: str
    payload: dict[str, Any]
    prev: str
    hash: str


def canonical_json(value: object) -> str:
    """Return the one JSON text of a value: keys sorted, no spaces, ASCII, no NaN.

    Raises
    ------
    TypeError, ValueError
        Where the value has no JSON form.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def entry_hash(row: Sequence[object]) -> str:
    """Return the hash of an entry from its first six stored values; the payload is taken as the text it is."""
    content = dict(zip(("seq", "at", "officer", "kind", "payload", "prev"), row, strict=False))
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


class Ledger:
    """The custody log in one SQLite file.

    Every call opens and closes the file, so that it works across processes, threads and forks, and everything
    that was appended lies in the file itself when the call returns.

    Parameters
    ----------
    path : pathlib.Path
        The file; :meth:`create` makes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parsed: list[Entry] = []

    @classmethod
    def create(cls, path: Path) -> Ledger:
        """Make an empty log, mode 0600.

        Raises
        ------
        OSError, sqlite3.Error
            Where it cannot be made or exists already.
        """
        os.close(open_descriptor(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            for statement in _SCHEMA.values():
                connection.execute(statement)
        return cls(path)

    @contextmanager
    def _errors(self, doing: str = "read") -> Iterator[None]:
        """Turn what SQLite raises into one sentence: a disk that refuses is no broken log."""
        try:
            yield
        except sqlite3.OperationalError as error:
            text = str(error)
            end = "; nothing was logged." if doing == "written" else " now; nothing was compared with it."
            if _is_busy(error):
                raise BusyError(
                    f"{self.path.name} is in use by another program for more than {_BUSY_S:.0f} s; nothing was logged, "
                    "and nothing is lost. Close the other program that works on this case, or wait until it is done; "
                    "then try again.",
                    key="busy", seconds=round(_BUSY_S),
                ) from None  # fmt: skip
            if "readonly" in text or (doing == "written" and "unable to open" in text and not self._writable()):
                raise CaseError(f"{self.path.name} cannot be {doing}: the disk or folder is read-only{end}") from None
            if "full" in text or "disk I/O" in text:
                reason = "the disk is full" if "full" in text or self._disk_is_full() else "the disk reports an error"
                raise SpmcError(f"{self.path.name} cannot be {doing}: {reason}{end}") from None
            raise IntegrityError(f"{self.path.name} cannot be read: {quote(text, 120)}.") from None
        except OSError as error:
            reason = (error.strerror or "the system refused").lower()
            raise IntegrityError(f"{self.path.name} cannot be read: {reason}.") from None
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise IntegrityError(f"{self.path.name} cannot be read: {quote(error, 120)}.") from None

    def _writable(self) -> bool:
        return all(os.access(place, os.W_OK, effective_ids=True) for place in (self.path, self.path.parent))

    def _disk_is_full(self) -> bool:
        with suppress(OSError):
            return shutil.disk_usage(self.path.parent).free < _LEAST_FREE
        return False

    def _patiently(self, attempt: Callable[[float], _Made]) -> _Made:
        """Return what an attempt gives that is told how many seconds it may wait; another program may hold the log."""
        return patiently(attempt, _is_busy, _BUSY_S)

    def _connect(self, wait_s: float = _BUSY_S) -> sqlite3.Connection:
        """Open the log; the last one to close it leaves one file, without SQLite's side files."""
        if not self.path.is_file():
            raise IntegrityError(f"{self.path.name} is missing: the custody log of this case is gone.")
        uri = f"{self.path.resolve().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=wait_s, isolation_level=None)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:  # a stop by the officer, too
            connection.close()
            raise
        return connection

    def _read(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query; a log on a read-only or full disk is read as the unchanging file it is."""

        def attempt(wait_s: float) -> list[tuple[Any, ...]]:
            connection = self._connect(wait_s)
            try:
                connection.execute("PRAGMA query_only = ON")
                return connection.execute(sql).fetchall()
            finally:
                connection.close()

        with self._errors():
            try:
                return self._patiently(attempt)
            except sqlite3.OperationalError as error:
                wal = self.path.with_name(self.path.name + "-wal")
                locked_away = any(word in str(error) for word in ("unable to open", "readonly", "disk I/O", "full"))
                if not locked_away or (wal.exists() and wal.stat().st_size):
                    raise
                uri = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
                with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
                    return connection.execute(sql).fetchall()

    def rows(self, since: int | None = None) -> list[tuple[Any, ...]]:
        """Every entry as stored: (seq, at, officer, kind, payload text, prev, hash), in order of seq.

        Parameters
        ----------
        since : int or None
            The first ``seq`` that is read; None: every row there is, of whatever number.

        Raises
        ------
        IntegrityError
            Where the file is missing or no readable log.
        """
        newer = "" if since is None else f"WHERE seq >= {int(since)} "
        return self._read(f"SELECT {_COLUMNS} FROM entries {newer}ORDER BY seq")

    def entries(self) -> list[Entry]:
        """Every entry, oldest first; what they hold is as trustworthy as :meth:`check` says.

        Entries that this object has read before are not read again while the last of them stands where it stood: what
        was changed further back meanwhile only :meth:`check` sees. They are not to be changed.

        Raises
        ------
        IntegrityError
            Where the file is missing or no readable log.
        """
        last = self._parsed[-1] if self._parsed else None
        rows = self.rows(since=last["seq"] if last is not None else None)
        if last is not None and rows and (rows[0][0], rows[0][6]) == (last["seq"], last["hash"]):
            self._parsed += [_entry(row) for row in rows[1:]]
        else:
            self._parsed = [_entry(row) for row in (rows if last is None else self.rows())]
        return list(self._parsed)

    def head(self) -> tuple[int, str]:
        """Return the number of entries and the hash of the last one; ``(0, "000…")`` where there is none."""
        rows = self._read("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1")
        return (int(rows[0][0]), str(rows[0][1])) if rows else (0, EMPTY_HEAD)

    def append(self, kind: str, payload: Mapping[str, Any], officer: str) -> Entry:
        """Add an entry and return it; it is on the disk when this returns.

        Parameters
        ----------
        kind : str
            Lower-case word, as ``import``, ``report``, ``view``.
        payload : mapping
            Anything that JSON can hold. What this machine says of its own clock is kept with it as ``clock``
            (:func:`~spmc_tools.case.files.clock.clock_state`), where it does not hold that already.
        officer : str
            Who did it.

        Raises
        ------
        IntegrityError
            Where the last entry is not what its hash says, or the file is no readable log: nothing is added.
        CaseError
            Where the disk or folder is read-only.
        BusyError
            Where another program holds the log for longer than a minute.
        SpmcError
            Where the file cannot be written for another reason, as a full disk.
        """
        if not _KIND.fullmatch(kind):
            raise ValueError(f"{kind!r} is no kind of entry")
        text = canonical_json({"clock": clock_state(), **payload})
        who = officer.encode("utf-8", "replace").decode("utf-8")
        with self._errors("written"):
            return self._patiently(lambda wait_s: self._append(kind, text, who, wait_s))

    def _append(self, kind: str, text: str, who: str, wait_s: float) -> Entry:
        # not ``closing``: a stop that came while SQLite waited is heard where a function begins, before it closes
        connection = self._connect(wait_s)
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                last = connection.execute("SELECT * FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
                if last is not None and (problem := _row_problem(last, int(last[0]), str(last[5]))):
                    raise IntegrityError(f"{self.path.name}: {problem}; nothing was added.")
                seq, prev = (int(last[0]) + 1, str(last[6])) if last is not None else (1, EMPTY_HEAD)
                at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
                digest = entry_hash((seq, at, who, kind, text, prev))
                connection.execute(
                    "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", (seq, at, who, kind, text, prev, digest)
                )
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        finally:
            connection.close()
        return Entry(seq=seq, at=at, officer=who, kind=kind, payload=json.loads(text), prev=prev, hash=digest)

    def check(self) -> str | None:
        """Recompute the whole chain and say the first difference in words; None where there is none.

        Raises
        ------
        SpmcError
            Where the disk does not let it be read now (full, an error, another program): that is no difference.

        Notes
        -----
        None does not mean that no entry was cut off at the end, nor that nobody rewrote an entry and all hashes
        after it; compare :meth:`head` with a manifest, a printed report or a copy.
        """
        try:
            rows = self.rows()
            if (problem := _chain_problem(rows)) is not None:
                return f"{self.path.name}: {problem}"
            shape = dict(self._read("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
            if shape != _SCHEMA:  # a damaged page can hold a name of any type
                name = next(n for n in sorted(shape.keys() | _SCHEMA, key=str) if shape.get(n) != _SCHEMA.get(n))
                return f"{self.path.name}: its rule or table {quote(name)} is not as it was made"
            sound = self._read("PRAGMA integrity_check(1)")
            if sound != [("ok",)]:
                return f"{self.path.name}: the file is damaged: {quote(sound[0][0], 120)}"
        except IntegrityError as error:
            return str(error).rstrip(".")
        except (TypeError, ValueError):  # a damaged page can hold a value of any type in any place
            return f"{self.path.name}: the file is damaged: a value of the wrong type stands in it"
        return None


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and ("locked" in str(error) or "busy" in str(error))


def _entry(row: Sequence[Any]) -> Entry:
    """Return a stored row with its payload read; one that is no object counts as empty."""
    seq, at, officer, kind, payload, prev, digest = row
    try:
        value = json.loads(payload)
    except (TypeError, ValueError, RecursionError):
        value = None
    return Entry(
        seq=seq,
        at=str(at),
        officer=str(officer),
        kind=str(kind),
        payload=value if isinstance(value, dict) else {},
        prev=str(prev),
        hash=str(digest),
    )


def _row_problem(row: tuple[Any, ...], seq: int, prev: str) -> str | None:
    """Say what is wrong with one stored row that should have this number and this predecessor."""
    name = f"entry {seq} ({row[3] if isinstance(row[3], str) and _KIND.fullmatch(row[3]) else quote(row[3])})"
    if row[0] != seq:
        return f"entry {seq} is missing, entry {row[0]} stands in its place"
    if not isinstance(row[0], int) or not all(isinstance(value, str) for value in row[1:]):
        return f"{name} holds a value of the wrong type"
    if entry_hash(row[:6]) != row[6]:
        return f"{name} is not what its hash says: it was changed"
    if row[5] != prev:
        return f"{name} does not follow the entry before it: one of the two was changed"
    return None


def _chain_problem(rows: list[tuple[Any, ...]]) -> str | None:
    prev = EMPTY_HEAD
    if not rows:
        return "it holds no entry"
    for seq, row in enumerate(rows, start=1):
        if (problem := _row_problem(row, seq, prev)) is not None:
            return problem
        prev = str(row[6])
    return None
