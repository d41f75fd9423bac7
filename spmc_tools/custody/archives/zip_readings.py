"""Whether a ZIP archive reads the same in two ways: by its list at the end, and from its first byte on.

Programs differ in what they take of an archive: some go by the central directory at its end, some by the headers before
each file; some let the last of two files of one name win, some the first; a name can lead out of the folder, or be one
with another where capitals are not told apart. An archive that is anything but the plain sequence header, content,
header, content, list, end is told, and so is every name that two systems take for different things.

Assumption: an archive as :mod:`zipfile` writes it, or another program of files that lie on a disk. Encrypted archives
and those in several parts are refused.
"""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Protocol

    class Bytes(Protocol):
        """What is read: an open file."""

        def seek(self, at: int, /) -> int: ...
        def read(self, size: int, /) -> bytes: ...

    Told = Callable[[str, str], None]

__all__ = ["ARCHIVE", "hazard_of", "tell_collisions", "tell_second_reading"]

ARCHIVE = "the archive"
"""What is named where no file of it is."""

_END, _LISTED, _LOCAL = struct.Struct("<4s4H2LH"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s5H3L2H")
_LOCATOR, _END64 = struct.Struct("<4sLQL"), struct.Struct("<4sQ2H2L4Q")
_FULL, _FULL_COUNT = 0xFFFFFFFF, 0xFFFF
_DESCRIPTOR, _UTF8, _LEVEL = 0x8, 0x800, 0x6
_SIZES64 = 0x0001
_OTHER_NAME = {0x7075: "another name", 0x000D: "a place or a link of its own", 0x756E: "a link of its own"}
_BIDI = re.compile("[\\x00-\\x1f\\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def hazard_of(name: str, mode: int = 0) -> str | None:
    """Say why a name of an archive is none that each system takes for the same place inside of a folder; None: it is.

    Parameters
    ----------
    name : str
        As the archive tells it.
    mode : int
        What Unix says of the file: its kind and rights; 0: nothing.
    """
    kind = stat.S_IFMT(mode)
    if kind not in {0, stat.S_IFREG} and not (name.endswith("/") and kind == stat.S_IFDIR):
        return "it is no plain file, but a link or a device"
    if name.startswith(("/", "\\")):
        return "its name begins at the root of a disk"
    if re.match("[A-Za-z]:", name):
        return "its name begins with a drive"
    if ":" in name:
        return "its name is that of a stream beside a file"
    if "\\" in name:
        return "its name holds a backslash, which is a folder on some systems"
    if _BIDI.search(name):
        return "its name holds characters that are not shown"
    if any(part in {"", ".", ".."} for part in name.removesuffix("/").split("/")):
        return "its name leads out of the folder, or through it"
    return None


def tell_collisions(names: Iterable[str], differs: Told) -> None:
    """Tell of names that are one file where capitals or a dot at the end are not told apart, or file and folder."""
    first: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        if name.endswith("/"):
            continue
        parts = [unicodedata.normalize("NFC", part).casefold().rstrip(". ") for part in name.split("/")]
        key = "/".join(parts)
        if first.setdefault(key, name) != name:
            differs(name, "it is one file with another of the archive where capitals are not told apart")
        for depth in range(1, len(parts)):
            folders.setdefault("/".join(parts[:depth]), name)
    for key, name in first.items():
        if key in folders:
            differs(name, "it is a file, and another of the archive lies in a folder of this name")


@dataclass(frozen=True, slots=True)
class _File:
    """One file as the list at the end tells of it."""

    name: bytes
    flags: int
    method: int
    moment: tuple[int, int]
    crc: int
    packed: int
    size: int
    at: int
    mode: int

    @property
    def shown(self) -> str:
        return self.name.decode("utf-8" if self.flags & _UTF8 else "cp437", "replace")


class _TwoReadingsError(ValueError):
    """What is wrong with the archive as a whole, as a sentence."""


def tell_second_reading(raw: Bytes, size: int, differs: Told) -> None:
    """Tell of everything by which a ZIP archive could be read in another way than by its list.

    Parameters
    ----------
    raw : binary file
        The archive.
    size : int
        Its length.
    differs : callable
        Takes name and sentence.
    """
    listed: list[_File] = []
    try:
        listed, begin = _list_of(raw, size)
        at = 0
        for file in sorted(listed, key=lambda one: one.at):
            if file.at != at:
                how = "lie before" if file.at > at else "are shared with the one before"
                raise _TwoReadingsError(f"bytes that belong to no other file {how} {file.shown!r:.120}")
            at = _end_of(raw, file, differs)
        if at != begin:
            raise _TwoReadingsError("bytes that belong to no file lie before its list")
    except _TwoReadingsError as error:
        differs(ARCHIVE, f"it can be read in two ways: {error}")
    except (struct.error, ValueError, OverflowError):
        differs(ARCHIVE, "it can be read in two ways: its list is damaged")
    for file in listed:
        hazard = hazard_of(file.shown, file.mode)
        if hazard is not None:
            differs(file.shown, hazard)
        elif not file.flags & _UTF8 and not file.name.isascii():
            differs(file.shown, "its name is written in letters that the archive does not tell of")
    tell_collisions([file.shown for file in listed], differs)


def _at(raw: Bytes, place: int, length: int) -> bytes:
    content = b""
    if 0 <= place < 1 << 62:
        raw.seek(place)
        content = raw.read(length)
    if len(content) != length:
        raise _TwoReadingsError("it ends too early")
    return content


def _list_of(raw: Bytes, size: int) -> tuple[list[_File], int]:
    """Return the files of the list, and where it begins; the list ends where the end begins, and that the archive."""
    end = size - _END.size
    mark, disk, of_disk, here, count, length, begin, comment = _END.unpack(_at(raw, end, _END.size))
    if mark != b"PK\x05\x06" or comment:
        raise _TwoReadingsError("a comment or other bytes lie behind its end")
    if _FULL in {length, begin} or count == _FULL_COUNT:
        end -= _LOCATOR.size + _END64.size
        mark, _, place, disks = _LOCATOR.unpack(_at(raw, end + _END64.size, _LOCATOR.size))
        if mark != b"PK\x06\x07" or place != end or disks != 1:
            raise _TwoReadingsError("its end is told twice")
        mark, rest, _, _, disk, of_disk, here, count, length, begin = _END64.unpack(_at(raw, end, _END64.size))
        if mark != b"PK\x06\x06" or rest != _END64.size - 12:
            raise _TwoReadingsError("its end is told twice")
    if (disk, of_disk) != (0, 0) or here != count or begin + length != end:
        raise _TwoReadingsError("its list does not lie where its end says")
    content, found, at = _at(raw, begin, length), [], 0
    while at < length:
        file, at = _listed(content, at)
        found.append(file)
    if len(found) != count:
        raise _TwoReadingsError("its end tells of another number of files")
    return found, begin


def _listed(content: bytes, at: int) -> tuple[_File, int]:
    fields = _LISTED.unpack_from(content, at)
    mark, _, _, flags, method, *moment = fields[:7]
    crc, packed, size, name, extra, comment, disk, _, outer, place = fields[7:]
    if mark != b"PK\x01\x02" or disk:
        raise _TwoReadingsError("its list is damaged")
    at += _LISTED.size
    called, more = content[at : at + name], content[at + name : at + name + extra]
    after = at + name + extra + comment
    if after > len(content):
        raise _TwoReadingsError("its list is damaged")
    size, packed, place = _extended(more, [size, packed, place], called)
    return _File(called, flags, method, (moment[0], moment[1]), crc, packed, size, place, outer >> 16), after


def _extended(extra: bytes, told: list[int], name: bytes) -> list[int]:
    """Return sizes, and place, with those that are too long for their fields; no other extra may tell of a name."""
    at, seen = 0, set()
    while at < len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        part = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if at > len(extra) or kind in seen:
            raise _TwoReadingsError(f"what is added to {name!r:.120} is damaged or told twice")
        seen.add(kind)
        if kind in _OTHER_NAME:
            raise _TwoReadingsError(f"{name!r:.120} has {_OTHER_NAME[kind]} beside the one that is told")
        if kind == _SIZES64:
            for which, value in enumerate(told):
                if value == _FULL and part:
                    told[which], part = struct.unpack_from("<Q", part)[0], part[8:]
    return told


def _end_of(raw: Bytes, file: _File, differs: Told) -> int:
    """Compare what stands before a file with what the list says of it; return where the file ends."""
    head = _LOCAL.unpack(_at(raw, file.at, _LOCAL.size))
    mark, _, flags, method, *moment = head[:6]
    crc, packed, size, name, extra = head[6:]
    if mark != b"PK\x03\x04":
        raise _TwoReadingsError(f"{file.shown!r:.120} does not begin where its list says")
    called = _at(raw, file.at + _LOCAL.size, name)
    size, packed = _extended(_at(raw, file.at + _LOCAL.size + name, extra), [size, packed], called)[:2]
    at = file.at + _LOCAL.size + int(name) + int(extra) + file.packed
    told = (crc, packed, size)
    listed = (file.crc, file.packed, file.size)
    if flags & _DESCRIPTOR and all(one in {0, _FULL, other} for one, other in zip(told, listed, strict=True)):
        at, told = _descriptor(raw, at, file)
    here = (called, flags, method, tuple(moment), *told)
    if here != (file.name, file.flags, file.method, file.moment, file.crc, file.packed, file.size):
        differs(file.shown, "the header before it says something else of it than the list of the archive")
    elif flags & ~(_DESCRIPTOR | _UTF8 | _LEVEL):
        differs(file.shown, "it is packed in a way that programs take for different things")
    elif method == 0 and file.packed != file.size:
        differs(file.shown, "the header before it says something else of it than the list of the archive")
    return at


def _descriptor(raw: Bytes, at: int, file: _File) -> tuple[int, tuple[int, int, int]]:
    """Return where what stands behind a file ends, and what it says of the file."""
    for form in ("<4s3L", "<4sL2Q"):
        content = _at(raw, at, struct.calcsize(form))
        mark, crc, packed, size = struct.unpack(form, content)
        if mark == b"PK\x07\x08" and (crc, packed, size) == (file.crc, file.packed, file.size):
            return at + len(content), (crc, packed, size)
    raise _TwoReadingsError(f"what stands behind {file.shown!r:.120} says something else of it than the list")
