"""Files that are whole or absent: hashing, names that are safe to keep, atomic and durable writes."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spmc_tools.errors import CaseError, InputError, SpmcError, quote
from spmc_tools.operating_system import WINDOWS, flush_folder, move, open_descriptor, set_mode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "copy_hashed",
    "os_errors",
    "safe_name",
    "sha256_file",
    "sync_dir",
    "sync_file",
    "whole_or_absent",
    "write_file",
]

_CHUNK = 1 << 20
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "writing there is not allowed",
    errno.EPERM: "writing there is not allowed",
    errno.EFBIG: "the file would be too large for this disk",
    errno.EIO: "the disk reports an error",
}


_GIVEN_WRONGLY = {
    errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.EISDIR,
    errno.ENAMETOOLONG, errno.ELOOP,
}  # fmt: skip


@contextmanager
def os_errors(doing: str) -> Iterator[None]:
    """Turn an :class:`OSError` of the block into one sentence that begins with ``doing``.

    Raises
    ------
    CaseError
        Where the folder may not be written (read-only, no permission) or is none (not there, a file).
    SpmcError
        For everything else the operating system refuses, as a full disk.
    """
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, (error.strerror or "the system refused").lower())
        kind = CaseError if error.errno in _GIVEN_WRONGLY else SpmcError
        raise kind(f"{doing}: {reason}; nothing was changed.") from None


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a regular file in hex.

    Raises
    ------
    OSError
        Where it cannot be read, or is a link, a folder or a device.
    """
    descriptor = open_descriptor(path, os.O_RDONLY)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        return hashlib.file_digest(stream, "sha256").hexdigest()


def safe_name(name: str, limit: int = 150) -> str:
    """Return a file name that is safe on any disk and in any listing, at most ``limit`` bytes of UTF-8.

    Separators, control, bidirectional and other invisible characters become ``_``; the suffix is kept where
    it fits; a name that is nothing else ("", ".", "..") becomes ``file``.
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    text = "".join("_" if c in '/\\:*?"<>|' or unicodedata.category(c) in _UNSAFE else c for c in text)
    text = text.strip(" .")
    if not text:
        return "file"
    stem, dot, suffix = text.rpartition(".")
    tail = f".{suffix}" if dot and stem and len(suffix.encode()) <= 20 else ""
    head = stem if tail else text
    room = limit - len(tail.encode())
    return head.encode()[:room].decode("utf-8", "ignore") + tail


def sync_dir(path: Path) -> None:
    """Make the names in a folder durable."""
    flush_folder(path)


def sync_file(path: Path) -> None:
    """Make the content of a file durable."""
    descriptor = open_descriptor(path, os.O_RDWR if WINDOWS else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def whole_or_absent(path: Path) -> Iterator[Path]:
    """Give the place of a part beside a new file, which becomes the file when the block ends without an error.

    The block writes it, makes it durable (:func:`sync_file`) and logs it. The part has the suffix of the file, and the
    file has mode 0600.

    Raises
    ------
    CaseError, SpmcError
        Where the file cannot be written; an older one is then as it was.
    """
    with os_errors(f"{quote(path.name)} cannot be written"):
        part = path.with_name(f".{path.stem[:100]}.{os.getpid()}.part{path.suffix.lower()}")
        try:
            part.unlink(missing_ok=True)
            os.close(open_descriptor(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL))  # from its first byte
            yield part
            part.chmod(0o600)
            move(part, path)
        finally:
            part.unlink(missing_ok=True)
        sync_dir(path.parent)


def write_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file so that a reader, or a machine after a power cut, sees the old one or the new one, whole.

    Raises
    ------
    OSError
        Where it cannot be written; the old file is then as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = open_descriptor(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
        move(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_dir(path.parent)


def copy_hashed(source: Path, target: Path) -> tuple[str, int]:
    """Copy a file byte for byte, read-only and durable, and return the SHA-256 and size of what was copied.

    Raises
    ------
    InputError
        Where the source is gone, cannot be read or is not a regular file.
    OSError
        Where the copy cannot be written.
    """
    try:
        stream = source.open("rb")
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, (error.strerror or "the system refused").lower())
        raise InputError(f"{quote(source.name)} cannot be read: {reason.replace('writing', 'reading')}.") from None
    with stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise InputError(f"{quote(source.name)} is not a regular file; give an exported file.")
        digest = hashlib.sha256()
        size = 0
        with target.open("xb") as copy:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                copy.write(chunk)
                size += len(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        set_mode(target, 0o444)
    return digest.hexdigest(), size
