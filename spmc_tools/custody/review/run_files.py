"""The files of a run where they lie, in a folder or in a pack; one check reads both."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from spmc_tools.case.files.durable import sha256_file
from spmc_tools.operating_system import open_descriptor
from spmc_tools.signing.manifest import files_below

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MOST_READ", "InFolder", "InPack", "Place", "read_file"]

MOST_READ = 32 << 20
"""Most bytes of a file that is read as a whole: a manifest, a signature, a notice."""


class Place(Protocol):
    """Where the files of a run lie; ``OSError`` where one is not there, is no file, or cannot be read."""

    def names(self) -> list[str]:
        """Return the paths of all files, relative and sorted."""

    def there(self, name: str) -> bool:
        """Whether something of this name is there, whatever it is."""

    def sha256(self, name: str) -> str:
        """Return the hash of a file."""

    def content(self, name: str) -> bytes:
        """Return a small file."""


def read_file(path: Path, most: int = MOST_READ) -> bytes:
    """Return a small regular file.

    Raises
    ------
    OSError
        Where it is not there, is none, or is longer.
    """
    descriptor = open_descriptor(path, os.O_RDONLY)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        content = stream.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is longer than {most >> 20} MB")
    return content


@dataclass
class InFolder:
    """A run in its folder."""

    folder: Path
    hashes: dict[Path, str | None] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Return the paths of all files."""
        return files_below(self.folder)

    def there(self, name: str) -> bool:
        """Whether something is there."""
        return os.path.lexists(self.folder / name)

    def sha256(self, name: str) -> str:
        """Return the hash of a file."""
        path = self.folder / name
        found = self.hashes.get(path)
        if found is None:
            found = self.hashes[path] = sha256_file(path)
        return found

    def content(self, name: str) -> bytes:
        """Return a small file."""
        return read_file(self.folder / name)


@dataclass
class InPack:
    """The files of a pack below one name: their hashes, and the few contents that are read."""

    prefix: str
    hashes: dict[str, str]
    contents: dict[str, bytes]

    def names(self) -> list[str]:
        """Return the paths of all files."""
        return sorted(name.removeprefix(self.prefix) for name in self.hashes if name.startswith(self.prefix))

    def there(self, name: str) -> bool:
        """Whether it is there."""
        return self.prefix + name in self.hashes

    def sha256(self, name: str) -> str:
        """Return the hash of a file."""
        if not self.there(name):
            raise FileNotFoundError(errno.ENOENT, "it is missing")
        return self.hashes[self.prefix + name]

    def content(self, name: str) -> bytes:
        """Return a small file."""
        self.sha256(name)
        content = self.contents.get(self.prefix + name)
        if content is None:
            raise OSError(errno.EFBIG, f"it is longer than {MOST_READ >> 20} MB")
        if hashlib.sha256(content).hexdigest() != self.hashes[self.prefix + name]:
            raise OSError(errno.EIO, "it is damaged")
        return content
