"""Files of a case, each compared with its SHA-256 in the custody log since it last changed on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import sha256_file
from spmc_tools.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spmc_tools.case.store.batches import Batch

__all__ = ["SoundFiles"]


class SoundFiles:
    """The files of one case; what was compared is remembered by hash, times and place on the disk.

    Parameters
    ----------
    folder : pathlib.Path
        Of the case; its name is the case's id.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._compared: set[tuple[str, int, int, int]] = set()

    def path(self, described: Mapping[str, Any]) -> Path:
        """Return where a file lies that is described by ``path``, relative to the case, and ``sha256``.

        Raises
        ------
        IntegrityError
            Where it is missing, unreadable or another file.
        """
        path = self.folder / str(described["path"])
        try:
            state = path.stat()
            mark = (str(described["sha256"]), state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
            same = mark in self._compared or sha256_file(path) == described["sha256"]
        except OSError:
            raise IntegrityError(f"{described['path']} of case {self.folder.name} is missing or unreadable.") from None
        if not same:
            raise IntegrityError(
                f"{described['path']} of case {self.folder.name} is not the file that was imported: "
                "its SHA-256 differs."
            )
        self._compared.add(mark)
        return path

    def received(self, batch: Batch) -> Path:
        """Return where the received file of an import lies.

        Raises
        ------
        IntegrityError
            Where it is not the file that came in.
        """
        return self.path({"path": batch.source_path, "sha256": batch.source_sha256})

    def require_received(self, batch: Batch) -> None:
        """Raise an IntegrityError, which says what to do, where the received file is not the one that came in."""
        try:
            self.received(batch)
        except IntegrityError as error:
            raise IntegrityError(
                f"{error} Bring the case back from its backup (spmc restore), or set batch {batch.batch_id} aside "
                f"(spmc set-aside {self.folder.name} {batch.batch_id}): nothing is computed from its rows meanwhile."
            ) from error
