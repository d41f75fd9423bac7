"""Files of an archive that may come from anybody, read in pieces: what it declares of itself is not believed."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spmc_tools.custody.archives.zip_readings import tell_second_reading
from spmc_tools.errors import CaseError, quote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["DAMAGES", "BoundedFile", "Held", "Limits", "held_in_zip"]

CHUNK = 1 << 20
MOST_AT_ONCE = 4 << 20
"""No list of an archive's members is longer; a member is read in pieces that are shorter."""

DAMAGES = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, IndexError, OverflowError, RuntimeError,
    NotImplementedError, struct.error,
)  # fmt: skip
"""What reading a damaged archive raises."""

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class BoundedFile(io.FileIO):
    """A file of which no piece is read that is longer than an archive's list of members may be."""

    def __init__(self, path: Path, most: int = MOST_AT_ONCE, name: str | None = None) -> None:
        super().__init__(path, "rb")
        self._most, self._shown = most, quote(name or path.name, 120)

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes.

        Raises
        ------
        CaseError
            Where more are asked for than a list of members may have.
        """
        most = self._most + 1 if size is None or size < 0 else size
        if most > self._most + 1 or len(content := super().read(most) or b"") > self._most:
            raise CaseError(f"{self._shown} holds a list of more files than a case or a pack has; it is another file.")
        return content


@dataclass
class Held:
    """What an archive or a folder holds: hash and size of each file, and the content of the few that are read.

    A file that is damaged has the hash ``""``.
    """

    hashes: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """Most files, most bytes of all together, and most bytes for each byte of the archive."""

    files: int
    bytes: int
    ratio: int


def held_in_zip(path: Path, keep: Callable[[str], int], differs: Callable[[str, str], None], limits: Limits) -> Held:
    """Return what a zip archive holds, read in pieces.

    Parameters
    ----------
    path : pathlib.Path
        The archive.
    keep : callable
        Says of a name how many bytes of it are kept; 0: none. A longer file is not kept.
    differs : callable
        Takes name and sentence of what is damaged, there twice, or to be read in two ways.
    limits : Limits
        Beyond them it is no pack.

    Raises
    ------
    CaseError
        Where it is no archive, or larger than that.
    """
    held = Held()
    too_large = CaseError(f"{quote(path.name)} is too large for an evidence pack; is it another file?")
    try:
        with BoundedFile(path) as raw, zipfile.ZipFile(raw) as packed:
            left = min(limits.bytes, max(path.stat().st_size, CHUNK) * limits.ratio)
            infos = packed.infolist()
            if len(infos) > limits.files:
                raise too_large
            tell_second_reading(raw, path.stat().st_size, differs)
            for info in infos:
                name = info.filename
                if name in held.hashes:
                    differs(name, "it is in the pack twice: it was added afterwards")
                    continue
                if name.endswith("/"):
                    continue
                try:
                    left = _read(packed, info, left, keep(name), held)
                except DAMAGES:
                    held.hashes[name] = ""
                    differs(name, "its content is not what was recorded (it is damaged)")
                if left < 0:
                    raise too_large
    except DAMAGES:
        raise CaseError(
            f"{quote(path.name)} is no ZIP file that can be read; give the file of an evidence pack."
        ) from None
    return held


def _read(packed: zipfile.ZipFile, info: zipfile.ZipInfo, left: int, most_kept: int, held: Held) -> int:
    """Read one file and return how many bytes may still come; below 0: too many came."""
    if info.compress_type not in _METHODS or info.flag_bits & 1:
        raise zipfile.BadZipFile("no pack is packed like that")
    digest, pieces, size = hashlib.sha256(), io.BytesIO(), 0
    with packed.open(info) as stream:
        while piece := stream.read(CHUNK):
            size += len(piece)
            if size > left:
                return -1
            digest.update(piece)
            if size <= most_kept:
                pieces.write(piece)
    if size != info.file_size:
        raise zipfile.BadZipFile("it has not the size that the archive tells of")
    held.hashes[info.filename], held.sizes[info.filename] = digest.hexdigest(), size
    if size <= most_kept:
        held.contents[info.filename] = pieces.getvalue()
    return left - size
