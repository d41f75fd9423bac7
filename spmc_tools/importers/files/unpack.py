"""What a compressed file expands to, within limits: gz, bz2, xz, zst, and the one data file of a zip archive.

Nothing is written to disk, and no name out of an archive is ever used as a path.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import stat
import sys
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

from spmc_tools.errors import FormatError, quote
from spmc_tools.importers.files.other_files import OtherFileError
from spmc_tools.importers.files.x_archive_files import members_with_posts

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = [
    "ENDINGS",
    "EXPANDED_LIMIT",
    "RATIO_FROM",
    "RATIO_LIMIT",
    "XZ_MEMORY",
    "CutShortError",
    "damages",
    "expanded",
    "members_of",
    "packing",
    "zst_module",
]

EXPANDED_LIMIT = 64 * 1024**3
"""Most bytes that a compressed file may expand to."""

RATIO_LIMIT = 250
"""Most bytes per compressed byte, once :data:`RATIO_FROM` bytes came out; exports lie between 5 and 40."""

RATIO_FROM = 64 * 1024 * 1024

ENDINGS = {"gz": ".gz", "bz2": ".bz2", "xz": ".xz", "zst": ".zst", "zip": ".zip"}
"""What a packed file's name ends in, by packing."""

_MAGIC = ((b"\x1f\x8b", "gz"), (b"BZh", "bz2"), (b"\xfd7zXZ\x00", "xz"), (b"\x28\xb5\x2f\xfd", "zst"))
_WINDOW_LOG = 31
"""Reddit's monthly archives are packed with windows of 2 GB."""

XZ_MEMORY = 512 * 1024 * 1024
"""Most bytes of memory that unpacking an xz file may take; its own default settings need 65 MB at most."""

_MOST_MEMBERS = 100_000
_DATA = re.compile(r"\.(json|jsonl|ndjson|jsonlines|csv|tsv|tab|txt|js|html?)(\.gz)?$", re.IGNORECASE)
_ARCHIVES = re.compile(r"\.(?:zip|7z|rar|tar|tgz|tar\.gz)$", re.IGNORECASE)
_KNOWN_MAIN = (
    re.compile(r"(?:.*/)?_chat\.txt"),
    re.compile(r"(?:.*/)?WhatsApp[^/]*\.txt"),
    re.compile(r"(?:.*/)?result\.json"),
)
"""The one file of an archive that holds the posts, where others stand beside it."""

_OWN_POSTS = re.compile(
    r"(?:.*/)?(?:your_posts(?:__check_ins__photos_and_videos)?_\d{1,3}|comments|posts_\d{1,3}|post_comments_\d{1,3}"
    r"|outbox|user_data(?:_tiktok)?)\.json"
)
"""The files with posts and comments of what a platform hands to an account; messages and friends are not among them."""


class CutShortError(FormatError):
    """A compressed file ends early or is damaged."""


class _BoundedXz:
    """What comes out of an xz file, unpacked within :data:`XZ_MEMORY`, which ``lzma.LZMAFile`` cannot be told."""

    def __init__(self, raw: BinaryIO, name: str) -> None:
        self._raw, self._name = raw, name
        self._stream = lzma.LZMADecompressor(memlimit=XZ_MEMORY)

    def read1(self, size: int) -> bytes:
        while True:
            packed = b""
            if self._stream.eof:  # zeros fill up a stream, another one may follow
                packed = self._stream.unused_data.lstrip(b"\0")
                while not packed:
                    more = self._raw.read(io.DEFAULT_BUFFER_SIZE)
                    if not more:
                        return b""
                    packed = more.lstrip(b"\0")
                self._stream = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
            elif self._stream.needs_input:
                packed = self._raw.read(io.DEFAULT_BUFFER_SIZE)
                if not packed:
                    raise EOFError
            try:
                piece = self._stream.decompress(packed, size)
            except lzma.LZMAError as error:
                if "Memory usage limit" not in str(error):
                    raise
                raise FormatError(
                    f"{self._name}: unpacking this xz file takes more than {XZ_MEMORY // 2**20} MB of memory; "
                    "unpack it yourself if you trust it."
                ) from error
            if piece:
                return piece

    def close(self) -> None:
        self._raw.close()


class _Expanded(io.RawIOBase):
    """What comes out of a packed file, within limits; every damage is a :class:`CutShortError`."""

    def __init__(self, inner: Any, holders: tuple[Any, ...], what: str, name: str, size: int) -> None:
        self._inner, self._holders, self._what, self._name = inner, holders, what, name
        self._size = max(size, 1)
        self._out = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        try:
            piece = self._inner.read1(len(view))
        except damages() as error:
            raise CutShortError(f"{self._name}: the {self._what} stream is cut short or damaged") from error
        self._out += len(piece)
        if self._out > EXPANDED_LIMIT or (self._out > RATIO_FROM and self._out > RATIO_LIMIT * self._size):
            raise FormatError(
                f"{self._name}: expands to more than {self._out // 2**20:,} MB from {self._size:,} bytes; "
                f"a {self._what} file may expand {RATIO_LIMIT} times and to {EXPANDED_LIMIT // 2**30} GB; "
                "unpack it yourself if you trust it."
            )
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            for held in (self._inner, *self._holders):
                held.close()
        super().close()


def zst_module() -> Any:
    """Return the module that reads zst: part of Python from 3.14, before that its backport."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def damages() -> tuple[type[Exception], ...]:
    """Return what the libraries raise where a packed stream is damaged."""
    return (
        EOFError,
        OSError,
        ValueError,
        zlib.error,
        lzma.LZMAError,
        zipfile.BadZipFile,
        zst_module().ZstdError,
        RuntimeError,
        NotImplementedError,
    )


def packing(head: bytes) -> str | None:
    """Return how bytes are packed, told by the first of them; only :func:`members_of` tells a zip from a workbook."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def expanded(raw: BinaryIO, kind: str, member: str | None, name: str, size: int) -> BinaryIO:
    """Return a stream over what a packed file holds.

    Parameters
    ----------
    raw : binary stream
        The file on disk, at its start; closed with what is returned.
    kind : str
        A key of :data:`ENDINGS`.
    member : str or None
        Of a zip: which file of it.
    name, size : str, int
        For messages and limits.
    """
    holders: tuple[Any, ...] = (raw,)
    inner: Any
    if kind == "gz":
        inner, what = gzip.GzipFile(fileobj=raw, mode="rb"), "gzip"
    elif kind == "bz2":
        inner, what = bz2.BZ2File(raw), "bz2"
    elif kind == "xz":
        inner, what = _BoundedXz(raw, name), "xz"
    elif kind == "zst":
        zstd = zst_module()
        inner, what = zstd.ZstdFile(raw, options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}), "zst"
    else:
        what = "zip"
        try:
            archive = zipfile.ZipFile(raw)
            inner = archive.open(member or "")
            holders = (archive, raw)
        except RuntimeError as error:
            raw.close()
            raise OtherFileError(name, "locked") from error
        except (zipfile.BadZipFile, OSError, KeyError, ValueError, NotImplementedError) as error:
            raw.close()
            raise CutShortError(f"{name}: the zip archive is damaged or packed in a way that is not read") from error
    return io.BufferedReader(_Expanded(inner, holders, what, name, size), 1024 * 1024)


def members_of(raw: BinaryIO, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the data files of a zip archive that are read one after the other, and the names of all files in it.

    It is one, but for the archives that X hands out.

    Raises
    ------
    FormatError
        Where it holds none or several, a name that leads out of the archive, or a link.
    """
    try:
        with zipfile.ZipFile(raw) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FormatError(f"{name} is a broken zip archive; ask for the file again.") from error
    if len(members) > _MOST_MEMBERS:
        raise FormatError(f"{name} is a zip archive of {len(members):,} files; unpack it and name the files in it.")
    for member in members:
        if (
            member.filename.startswith(("/", "\\"))
            or ".." in re.split(r"[/\\]", member.filename)
            or ":" in member.filename[:3]
        ):
            raise FormatError(
                f"{name} is a zip archive that names a place outside of itself ({quote(member.filename, 80)}), as no "
                "export does; do not unpack it, ask where it comes from."
            )
        if stat.S_ISLNK(member.external_attr >> 16):
            raise FormatError(
                f"{name} is a zip archive with a link in it ({quote(member.filename, 80)}), not a data file."
            )
    data = [
        candidate.filename
        for candidate in members
        if _DATA.search(candidate.filename) and "__MACOSX" not in candidate.filename and candidate.file_size
    ]
    every = tuple(member.filename for member in members)
    if any(member.flag_bits & 1 for member in members if member.filename in data or not data):
        raise OtherFileError(name, "locked")
    if not data and any(filename.lower().endswith(".kml") for filename in every):
        raise OtherFileError(name, "map")
    if of_x := members_with_posts(data):
        return of_x, every
    main = [found for shape in _KNOWN_MAIN for found in data if shape.fullmatch(found)]
    if len(data) == 1 or len(main) == 1:
        return ((main or data)[0],), every
    if own := sorted(found for found in data if _OWN_POSTS.fullmatch(found)):
        return tuple(own), every
    shown = ", ".join(quote(filename, 60) for filename in (main or data)[:5]) + (", …" if len(main or data) > 5 else "")
    packed = [name_ for name_ in every if _ARCHIVES.search(name_)]
    if not data and packed:
        raise OtherFileError(name, "nested", names=", ".join(quote(filename, 60) for filename in packed[:5]))
    if not data:
        raise OtherFileError(name, "no_data")
    raise OtherFileError(name, "several", count=f"{len(main or data):,}", names=shown)
