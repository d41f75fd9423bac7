"""A folder that is watched: each settled file in it is brought into the case once, as an import with its custody.

A file counts as *settled* when it was the same size and age at two looks, or was last written at least
:data:`SETTLED_S` ago: a program that still writes is waited for. The file stays where it is; the case takes its own
copy, byte for byte, and the log says how it was obtained and from whom. What is refused is told, and looked at again
only when the file changes. Nothing is ever deleted or moved.

Not taken: folders in it, links, hidden files, and names that programs give to files they have not finished
(:data:`UNFINISHED`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from spmc_tools.errors import ParameterError, SpmcError, quote

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.case.store.case import Case
    from spmc_tools.importers.import_files import FileResult

__all__ = ["SETTLED_S", "UNFINISHED", "InboxFolder", "Taken"]

SETTLED_S = 5.0
"""A file that was last written so long ago is taken at the first look."""

UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".download", ".filepart", "~")
"""Endings of files that somebody still writes."""

MOST = 500
"""Files that are taken at one look; the others at the next."""


class _StoppedError(Exception):
    """The officer stopped while a file was read: nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: ``imported``, ``known`` (the case holds it), ``refused`` or ``stopped``.

    ``result`` are the counts of an import; ``said`` is why it was refused, or the import's remark.
    """

    name: str
    outcome: str
    result: FileResult | None = None
    said: str = ""


@dataclass
class InboxFolder:
    """A watched folder and what is known of its files.

    Parameters
    ----------
    path : Path
        The folder.
    obtained : str
        How its files are obtained, one of :data:`~spmc_tools.case.acts.provenance.OBTAINED`; stands in the log of each
        import.
    received_from : str, optional
        Who they come from.
    mapping, tz, date_order : optional
        As for :func:`~spmc_tools.importers.import_files.import_files`; the same for every file of the folder.

    Raises
    ------
    ParameterError
        Where there is no such folder, or ``obtained`` is none of the ways.
    """

    path: Path
    obtained: str
    received_from: str | None = None
    mapping: Path | None = None
    tz: str | None = None
    date_order: str | None = None
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)
    _done: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        from spmc_tools.case.acts.provenance import obtained_facts

        self.path = Path(self.path).expanduser()
        obtained_facts(self.obtained, self.received_from)
        self._require_there()

    def _require_there(self) -> None:
        try:
            there = self.path.is_dir()
        except (OSError, ValueError):
            there = False
        if not there:
            raise ParameterError(f"folder: {quote(str(self.path))} is no folder that can be opened; name one that is.")

    def settled(self) -> list[Path]:
        """Return the files that are to be taken now, the oldest first.

        Raises
        ------
        ParameterError
            Where the folder is gone.
        """
        self._require_there()
        found, now, seen = [], time.time(), {}
        try:
            entries = sorted(self.path.iterdir())
        except OSError as error:
            raise ParameterError(f"folder: {quote(str(self.path))} cannot be read: {error.strerror}.") from None
        for path in entries:
            if path.name.startswith(".") or path.name.lower().endswith(UNFINISHED):
                continue
            try:
                facts = path.lstat()
                mark = (facts.st_size, facts.st_mtime_ns)
                if path.is_symlink() or not path.is_file() or not facts.st_size:
                    continue
            except OSError:
                continue  # gone between two calls
            seen[path.name] = mark
            if self._done.get(path.name) == mark:
                continue
            if self._seen.get(path.name) == mark or now - facts.st_mtime >= SETTLED_S:
                found.append((facts.st_mtime_ns, path))
        self._seen = seen
        return [path for _, path in sorted(found)][:MOST]

    def take(self, case: Case, path: Path, keep_on: Callable[[], bool] = lambda: True) -> Taken:
        """Bring one file into the case, and return what became of it.

        Parameters
        ----------
        case : Case
            Where it goes.
        path : Path
            Of :meth:`settled`.
        keep_on : callable
            Asked between two pieces of the file; where it says no, nothing of the file is kept.
        """
        from spmc_tools.case.files.durable import sha256_file
        from spmc_tools.importers.import_files import import_files

        def progress(_stage: str, _done: int, _total: int) -> None:
            if not keep_on():
                raise _StoppedError

        mark = self._seen.get(path.name)
        try:
            if case.has_source(sha256_file(path)) is not None:
                taken = Taken(path.name, "known")
            else:
                [result] = import_files(
                    case, [path], mapping=self.mapping, tz=self.tz, date_order=self.date_order, obtained=self.obtained,
                    received_from=self.received_from, progress=progress,
                )  # fmt: skip
                taken = Taken(path.name, "imported", result, result.note)
        except _StoppedError:
            return Taken(path.name, "stopped")
        except SpmcError as error:
            taken = Taken(path.name, "refused", said=str(error))
        except OSError as error:
            return Taken(path.name, "refused", said=f"{quote(path.name)} cannot be read: {error.strerror}.")
        if mark is not None:
            self._done[path.name] = mark
        return taken
