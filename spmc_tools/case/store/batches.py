"""One import into a case: everything of it becomes part of the case at one moment, or nothing does.

The received file and its tables are written into a staging folder (``.incoming-…``), moved to their places, and
then named by one ledger entry: that entry is the moment. Files that no entry names are not part of the case. What a
killed import leaves behind is listed in its staging folder, and the next import takes it away; anything else that
lies in the case without an entry is left where it is and shows in ``spmc verify``.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import (
    copy_hashed,
    os_errors,
    safe_name,
    sha256_file,
    sync_dir,
    sync_file,
    write_file,
)
from spmc_tools.case.files.lock_wait import patiently
from spmc_tools.errors import CaseError, InputError, IntegrityError, SpmcError, TableError, quote
from spmc_tools.operating_system import move, remove_tree, set_mode
from spmc_tools.schema import DESK_TABLES, TABLES, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from spmc_tools.case.log.ledger import Entry, Ledger

__all__ = [
    "RECEIVED",
    "STORED",
    "Batch",
    "BatchWriter",
    "RowsOfFile",
    "already_imported",
    "batches_of",
    "duplicates_differ",
    "import_lock",
    "leftovers",
    "set_aside_of",
]

RECEIVED = ("records", "accounts", "refused")
"""The tables that every case has a folder for; those of the desks are made with their first rows."""

STORED = (*RECEIVED, "observations", *DESK_TABLES, "group_events")
"""The tables that an import writes."""

_STAGING = ".incoming-"
_PLAN = "plan.json"
_WAIT_S = 900.0
_ROWS_PER_GROUP = 65_536
_BYTES_PER_GROUP = 128 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RowsOfFile:
    """In which format a file was read, and what became of its rows: ``read == kept + duplicates + refused``."""

    format: str
    read: int
    kept: int
    duplicates: int
    refused: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Batch(RowsOfFile):
    """One committed import.

    Attributes
    ----------
    batch_id : str
        ``000001``, ``000002``, … in the order of import.
    source_name, source_path : str
        The name the file came with, and where its copy lies, relative to the case.
    source_sha256, source_bytes
        Of that file.
    read, kept, duplicates, refused, accounts : int
        Rows.
    imported_at : datetime.datetime
        UTC.
    tables : dict
        Per table written: ``{"path": relative to the case, "sha256": hex, "rows": int}``.
    details : dict
        What the importer noted.
    """

    batch_id: str
    source_name: str
    source_path: str
    source_sha256: str
    source_bytes: int
    imported_at: datetime
    officer: str
    tables: dict[str, dict[str, Any]]
    details: dict[str, Any] = field(default_factory=dict)


def batches_of(entries: Sequence[Entry]) -> list[Batch]:
    """Return the imports that these ledger entries tell of, in order.

    Raises
    ------
    IntegrityError
        Where an import entry lacks what it must hold, or names a file outside the case.
    """
    found = []
    for entry in entries:
        if entry["kind"] != "import":
            continue
        payload = entry["payload"]
        try:
            batch = Batch(
                **{name: payload[name] for name in _PAYLOAD},
                imported_at=datetime.fromisoformat(entry["at"]),
                officer=entry["officer"],
            )
            paths = [batch.source_path, *(str(table["path"]) for table in batch.tables.values())]
            sound = all(_SHA256.fullmatch(table["sha256"]) for table in batch.tables.values())
        except (KeyError, TypeError, ValueError, AttributeError):
            raise IntegrityError(f"ledger.sqlite: entry {entry['seq']} (import) lacks what an import holds.") from None
        if not sound or set(batch.tables) - set(STORED) or any(".." in p.split("/") or p[:1] == "/" for p in paths):
            raise IntegrityError(f"ledger.sqlite: entry {entry['seq']} (import) names no file of this case.")
        found.append(batch)
    return found


def set_aside_of(entries: Sequence[Entry]) -> dict[str, Entry]:
    """Return the entry that sets it aside for each batch that is set aside now, by ``batch_id``."""
    found: dict[str, Entry] = {}
    for entry in entries:
        batch_id = str(entry["payload"].get("batch"))
        if entry["kind"] == "set_aside":
            found[batch_id] = entry
        elif entry["kind"] == "set_aside_undone":
            found.pop(batch_id, None)
    return found


def already_imported(name: str, batch: Batch) -> CaseError:
    """Return the error that says which import in use brought a file of this name already."""
    return CaseError(
        f"{quote(name)} was imported already on {batch.imported_at:%Y-%m-%d} (batch {batch.batch_id}); "
        "nothing was added."
    )


def duplicates_differ(batch: Batch) -> dict[str, int]:
    """Return how many duplicates of an import name another account, hold another text, than the post received first.

    0 where the import, by an older version of the program, does not say.
    """
    raw_counts = batch.details.get("duplicates_differ")
    counts = raw_counts if isinstance(raw_counts, dict) else {}
    found = {f"other_{name}": counts.get(name) for name in ("account", "text")}
    return {name: n if isinstance(n, int) else 0 for name, n in found.items()}


_PAYLOAD = (
    "batch_id",
    "source_name",
    "source_path",
    "source_sha256",
    "source_bytes",
    "format",
    "read",
    "kept",
    "duplicates",
    "refused",
    "accounts",
    "tables",
    "details",
)


@contextmanager
def import_lock(case_dir: Path, wait_s: float = _WAIT_S) -> Iterator[None]:
    """Hold the case's one import lock; a second import waits, and a dead one never keeps it.

    Raises
    ------
    CaseError
        Where another import still runs after ``wait_s`` seconds.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(case_dir / ".lock", mode=0o600, thread_local=False)
    with os_errors(f"Case {case_dir.name} cannot be written"):
        try:
            patiently(lambda try_s: lock.acquire(timeout=try_s), lambda error: isinstance(error, Timeout), wait_s)
        except Timeout:
            raise CaseError(f"Another import into case {case_dir.name} is running; wait until it has ended.") from None
    try:
        yield
    finally:
        lock.release()


def _staging_dirs(case_dir: Path) -> list[Path]:
    return sorted(p for p in case_dir.glob(f"{_STAGING}*") if p.is_dir() and not p.is_symlink())


def _planned(staging: Path) -> list[str]:
    """Paths, relative to the case, that a staging folder says it was about to fill."""
    try:
        plan = json.loads((staging / _PLAN).read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    place = re.compile(rf"original/[0-9a-f]{{64}}|tables/({'|'.join(STORED)})/[0-9]{{6,}}\.parquet")
    return [p for p in plan if isinstance(p, str) and place.fullmatch(p)] if isinstance(plan, list) else []


def leftovers(case_dir: Path) -> set[str]:
    """Return the places, relative to the case, that running or broken-off imports say are theirs."""
    return {path for staging in _staging_dirs(case_dir) for path in _planned(staging)}


def clear_leftovers(case_dir: Path, batches: Sequence[Batch]) -> int:
    """Take away what killed imports left, and return how many there were; the caller holds the import lock."""
    dead = _staging_dirs(case_dir)
    if not dead:
        return 0
    named = {f"original/{b.source_sha256}" for b in batches}
    named |= {table["path"] for b in batches for table in b.tables.values()}
    for staging in dead:
        _remove(case_dir, [path for path in _planned(staging) if path not in named])
        remove_tree(staging)
    return len(dead)


def _remove(case_dir: Path, paths: Sequence[str]) -> None:
    for path in paths:
        target = case_dir / path
        if path.startswith("original/"):
            remove_tree(target, ignore_errors=True)
        else:
            target.unlink(missing_ok=True)


class BatchWriter:
    """An import that is under way; :meth:`commit` makes it part of the case.

    Attributes
    ----------
    batch_id : str
        The number it will have.
    original : pathlib.Path
        The case's own copy of the received file: read this one, so that what is kept is what was read.
    """

    def __init__(self, case_dir: Path, ledger: Ledger, officer: str, batch_id: str) -> None:
        self.batch_id = batch_id
        self._case_dir = case_dir
        self._ledger = ledger
        self._officer = officer
        self._staging = case_dir / f"{_STAGING}{os.getpid()}-{secrets.token_hex(4)}"
        self._writers: dict[str, Any] = {}
        self._waiting: dict[str, list[pa.Table]] = {name: [] for name in STORED}
        self._rows = dict.fromkeys(STORED, 0)
        self._committed: Batch | None = None

    def take(self, source: Path, sha256: str, held: str | None = None) -> None:
        """Copy the received file into the staging folder.

        Parameters
        ----------
        source : pathlib.Path
            The received file.
        sha256 : str
            Its hash.
        held : str, optional
            Where this very file lies in the case already, relative to it: it is not placed a second time.

        Raises
        ------
        InputError
            Where it cannot be read or is not the file that ``sha256`` was taken of.
        """
        self._source = source
        self._sha256 = sha256
        self._held = held
        self.original = self._staging / "original" / safe_name(source.name)
        with os_errors(f"{quote(source.name)} cannot be copied into case {self._case_dir.name}"):
            self._staging.mkdir(mode=0o700)
            self.original.parent.mkdir(mode=0o700)
            copied, self._bytes = copy_hashed(source, self.original)
            sync_dir(self.original.parent)
        if copied != sha256:
            raise InputError(f"{quote(source.name)} changed while it was read; nothing was added, import it again.")

    def write(self, **tables: pa.Table | None) -> None:
        """Add rows; may be called any number of times.

        Parameters
        ----------
        **tables : pyarrow.Table or None
            By name, one of :data:`STORED`, in the schemas of :mod:`spmc_tools.schema`; ``source_sha256`` is that of
            the file in every row.

        Raises
        ------
        TableError
            Where a table does not fit its schema.
        SpmcError
            Where the disk refuses.
        """
        for name, table in tables.items():
            if name not in STORED:
                raise TableError(f"Unknown table {quote(name)}; an import writes {', '.join(STORED)}.")
            if table is not None and table.num_rows:
                self._check(name, table)
                self._waiting[name].append(table)
                self._rows[name] += table.num_rows
                self._flush(name, at_least=_ROWS_PER_GROUP)

    def _check(self, name: str, table: pa.Table) -> None:
        import pyarrow.compute as pc

        require(table, name)
        if pc.unique(table["source_sha256"]).to_pylist() != [self._sha256]:
            raise IntegrityError(
                f"{name}: a row names another source file than {quote(self._source.name)}; nothing was added."
            )

    def _flush(self, name: str, at_least: int) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        waiting = self._waiting[name]
        if not waiting or (
            sum(t.num_rows for t in waiting) < at_least and sum(t.nbytes for t in waiting) < _BYTES_PER_GROUP
        ):
            return
        schema = TABLES[name].schema
        joined = pa.concat_tables([t.select(schema.names).cast(schema) for t in waiting])
        self._waiting[name] = []
        with os_errors(f"The table {name} cannot be written into case {self._case_dir.name}"):
            if name not in self._writers:
                self._writers[name] = pq.ParquetWriter(self._staged(name), schema, compression="zstd")
            self._writers[name].write_table(joined, row_group_size=1 << 20)

    def _staged(self, name: str) -> Path:
        return self._staging / f"{name}.parquet"

    def commit(
        self,
        format: str,
        read: int,
        duplicates: int,
        details: Mapping[str, Any] | None = None,
        kept_accounts: int = 0,
    ) -> Batch:
        """Make everything written part of the case, and return the batch.

        Parameters
        ----------
        format : str
            Name of the importer.
        read, duplicates : int
            Rows of the file; kept and refused are the rows written.
        details : mapping, optional
            Anything JSON can hold, kept in the log.
        kept_accounts : int
            Rows of the file that are kept, but hold no record: an account alone, rows of a desk, an event of
            a group. An account that stands beside a post is no row of its own.

        Raises
        ------
        IntegrityError
            Where ``read`` is not kept + duplicates + refused, or a file stands where one of this import goes:
            nothing is added.
        SpmcError
            Where the disk refuses: nothing is added.
        """
        if self._committed is not None:
            raise IntegrityError(f"Batch {self.batch_id} is part of the case already.")
        kept, refused = self._rows["records"] + kept_accounts, self._rows["refused"]
        if read != kept + duplicates + refused or duplicates < 0:
            raise IntegrityError(
                f"{quote(self._source.name)}: {read} rows were read, but {kept} kept + {duplicates} duplicates + "
                f"{refused} refused are {kept + duplicates + refused}; nothing was added."
            )
        tables = self._finish_tables()
        payload = {
            "batch_id": self.batch_id,
            "source_name": self._source.name,
            "source_path": self._held or f"original/{self._sha256}/{self.original.name}",
            "source_sha256": self._sha256,
            "source_bytes": self._bytes,
            "format": format,
            "read": read,
            "kept": kept,
            "duplicates": duplicates,
            "refused": refused,
            "accounts": self._rows["accounts"],
            "tables": tables,
            "details": dict(details or {}),
        }
        moves = [] if self._held else [(self.original.parent, f"original/{self._sha256}")]
        moves += [(self._staged(name), table["path"]) for name, table in tables.items()]
        self._committed = self._place(moves, payload)
        return self._committed

    def _finish_tables(self) -> dict[str, dict[str, Any]]:
        """Close the tables, make them durable, and describe them."""
        found = {}
        for name in STORED:
            self._flush(name, at_least=0)
            if name not in self._writers:
                continue
            with os_errors(f"The table {name} cannot be written into case {self._case_dir.name}"):
                self._writers.pop(name).close()
                staged = self._staged(name)
                sync_file(staged)
                set_mode(staged, 0o444)
                found[name] = {
                    "path": f"tables/{name}/{self.batch_id}.parquet",
                    "sha256": sha256_file(staged),
                    "rows": self._rows[name],
                }
        return found

    def _place(self, moves: list[tuple[Path, str]], payload: dict[str, Any]) -> Batch:
        """Move the staged files to their places and name them in the ledger, or undo all of it."""
        for _, place in moves:
            if os.path.lexists(self._case_dir / place):
                raise IntegrityError(
                    f"{place} lies in the case, but the custody log does not know it: run spmc verify."
                )
        placed: list[str] = []
        try:
            with os_errors(f"{quote(self._source.name)} cannot be added to case {self._case_dir.name}"):
                write_file(self._staging / _PLAN, json.dumps([place for _, place in moves]).encode())
                for staged, place in moves:
                    target = self._case_dir / place
                    if not target.parent.is_dir():
                        target.parent.mkdir(mode=0o700)
                        sync_dir(target.parent.parent)
                    move(staged, target)
                    placed.append(place)
                for parent in sorted({(self._case_dir / place).parent for place in placed}):
                    sync_dir(parent)
            entry = self._ledger.append("import", payload, self._officer)
        except BaseException:
            if not self._named():
                _remove(self._case_dir, placed)
            raise
        return batches_of([entry])[0]

    def _named(self) -> bool:
        """Whether the ledger names this batch: asked after an append that failed half-way."""
        with suppress(SpmcError):
            return any(b.batch_id == self.batch_id for b in batches_of(self._ledger.entries()))
        return True  # unknown: leave the files, the plan in the staging folder tells the next import

    def close(self) -> None:
        """Take the staging folder away; without :meth:`commit` the case is then as it was."""
        for writer in self._writers.values():
            with suppress(Exception):  # its file goes away with the folder
                writer.close()
        self._writers.clear()
        remove_tree(self._staging, ignore_errors=True)
