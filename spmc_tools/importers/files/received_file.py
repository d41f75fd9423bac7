"""A received file as bytes on the disk: its name for messages, its size, its hash. Nothing in it is looked at."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from spmc_tools.errors import FormatError, quote

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["BLOCK", "ReceivedFile"]

BLOCK = 1024 * 1024
"""Bytes that are read at once."""


class ReceivedFile:
    """A received file, open from its first look to its last; use it in a ``with`` block.

    Parameters
    ----------
    path : pathlib.Path
        Where it lies.
    sha256 : str, optional
        Its hash, where it was taken already; None: it is taken now.

    Attributes
    ----------
    path : Path
        As it was given.
    name : str
        The file's own name, quoted for messages.
    size : int
        Bytes on disk.
    sha256 : str
        Of the bytes on disk.

    Raises
    ------
    FormatError
        Where the file is missing, no regular file, or empty.
    """

    def __init__(self, path: Path, sha256: str | None = None) -> None:
        self.path = Path(path)
        self.name = quote(self.path.name, 120)
        self._opened: io.FileIO | None = self._open()
        try:
            self.size = os.fstat(self._handle.fileno()).st_size
            if self.size == 0:
                raise FormatError(f"{self.name} is empty.")
            self.sha256 = sha256 or self._digest()
        except BaseException:
            self.rest()
            raise

    @property
    def _handle(self) -> io.FileIO:
        """The file, opened again where it rested."""
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def rest(self) -> None:
        """Close the file until it is read again; :meth:`require_unchanged` says whether it is the same then."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def __enter__(self) -> ReceivedFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rest()

    def _open(self) -> io.FileIO:
        try:
            mode = self.path.stat().st_mode
            if stat.S_ISDIR(mode):
                raise FormatError(f"{self.name} is a folder; name the files in it.")
            if not stat.S_ISREG(mode):
                raise FormatError(f"{self.name} is no regular file.")
            return io.FileIO(self.path, "rb")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "the name cannot be used"
            raise FormatError(f"{self.name} cannot be read: {why}.") from error

    def _digest(self) -> str:
        try:
            self._handle.seek(0)
            return hashlib.file_digest(self._handle, "sha256").hexdigest()
        except OSError as error:
            raise FormatError(f"{self.name} cannot be read: {error.strerror}.") from error

    def require_unchanged(self) -> None:
        """Raise :class:`~spmc_tools.errors.FormatError` where the file's bytes differ from when it was opened."""
        if self._digest() != self.sha256:
            raise FormatError(f"{self.name} changed while it was read; nothing of it was imported.")

    @property
    def position(self) -> int:
        """Bytes of the file on disk that were read by the latest pass, for progress."""
        try:
            return self._handle.tell()
        except (OSError, ValueError):
            return self.size

    def disk(self) -> BinaryIO:
        """Return a new stream over the bytes on disk, from the start; only one stream may be in use at a time."""
        self._handle.seek(0)
        return os.fdopen(os.dup(self._handle.fileno()), "rb", buffering=BLOCK)
