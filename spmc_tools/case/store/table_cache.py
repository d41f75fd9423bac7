"""Tables that a case keeps by the hash of what they were made of: made once, read as long as that stays.

A file is read only where its SHA-256 is the one that the custody log tells of. What is gone, spoilt or put there by
somebody else is made anew; nothing rests on what is kept, and the folder may be taken away at any time.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.errors import SpmcError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

    from spmc_tools.case.store.case import Case

__all__ = ["KIND", "MOST_BYTES", "MOST_FILES", "KeptTables"]

KIND = "kept_tables"
"""Kind of the entry in the custody log that tells of the files."""

MOST_FILES, MOST_BYTES = 1000, 1 << 30
"""A folder holds no more than this; what was not used for longest goes first."""

_STAGE = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_LOG = logging.getLogger(__name__)


class KeptTables:
    """The tables that a case keeps of one stage.

    Parameters
    ----------
    case : Case
        Where they are kept. Where its custody log is broken, nothing is kept and nothing is read.
    stage : str
        Lower-case word.

    Attributes
    ----------
    read, made : int
        How many tables were read, and how many were made anew.
    """

    def __init__(self, case: Case, stage: str) -> None:
        if not _STAGE.fullmatch(stage):
            raise ValueError(f"{stage!r} is no name of a stage")
        self._case = case
        self._sound = case.chain_problem is None
        self._place = f"derived/{hashlib.sha256(f'kept {stage}'.encode()).hexdigest()[:32]}/{stage}"
        self._folder = case.path / self._place
        self._told = case.results_logged().get(self._place, {}) if self._sound else {}
        self._new: dict[str, str] = {}
        self.read, self.made = 0, 0

    def of(self, digest: str, anew: Callable[[], pa.Table]) -> pa.Table:
        """Return the table that was made of inputs with this hash: as it is kept, else made anew.

        Parameters
        ----------
        digest : str
            Hex, at least 40 digits: of all that the table depends on.
        anew : callable
            Makes it.
        """
        name = f"t{digest[:40]}.arrow"
        kept = self._kept(name) if self._sound else None
        if kept is not None:
            self.read += 1
            return kept
        table = anew()
        self.made += 1
        if self._sound:
            self._write(name, table)
        return table

    def settle(self) -> None:
        """Hold the folder to its bounds and tell the custody log of what is new; without anything new do nothing."""
        if not self._new:
            return
        there: dict[str, str] = {}
        held = 0
        for number, (path, size) in enumerate(self._by_use()):
            held += size
            if number >= MOST_FILES or held > MOST_BYTES:
                with suppress(OSError):
                    path.unlink()
            elif path.name in self._told:
                there[path.name] = self._told[path.name]
        payload = {"derived": self._place, "results": dict(sorted(there.items())), "read": self.read, "made": self.made}
        self._case.log(KIND, {**payload, "run": os.environ.get("SPMC_RUN") or None})
        self._new = {}

    def _by_use(self) -> list[tuple[Path, int]]:
        """Return the files of the folder and their sizes, what was used last first."""
        found = []
        for path in self._folder.glob("t*.arrow"):
            with suppress(OSError):
                state = path.stat()
                found.append((state.st_mtime_ns, path, state.st_size))
        return [(path, size) for _, path, size in sorted(found, reverse=True)]

    def _kept(self, name: str) -> pa.Table | None:
        import pyarrow as pa

        path = self._folder / name
        try:
            content = path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest() != self._told.get(name):
            _LOG.warning("The kept table %s is not the one that the custody log tells of. It is made anew.", name)
            return None
        try:
            with pa.ipc.open_file(pa.BufferReader(content)) as file:
                table = file.read_all()
        except (pa.ArrowException, OSError):
            return None
        with suppress(OSError):
            os.utime(path)
        return table

    def _write(self, name: str, table: pa.Table) -> None:
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
            writer.write_table(table)
        content = sink.getvalue().to_pybytes()
        try:
            with os_errors(f"What the watch of case {self._case.id} has read cannot be kept"):
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                write_file(self._folder / name, content)
        except SpmcError as error:
            _LOG.warning("%s", error)  # a full disk: the page is made all the same
            return
        self._told[name] = self._new[name] = hashlib.sha256(content).hexdigest()
