"""A backup of a case in one file, and what is read out of one: every file with its hash, within limits.

The first member, ``backup.json``, lists path, size and SHA-256 of all others; they follow as ``case/<path>``. What is
copied is what a copy of the custody log names at one moment: settings, received files, tables, finished reports, kept
results. The log's copy is taken whole, so a backup can be made while the case is worked with. The key of the
pseudonyms is not in it.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import stat
import tarfile
import zipfile
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from tarfile import HeaderError
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

from spmc_tools.cage.answer_frames import Frame
from spmc_tools.cage.cage import caged, limits_for
from spmc_tools.case.files.durable import os_errors, sha256_file, sync_dir, sync_file
from spmc_tools.case.files.scratch import scratch_in
from spmc_tools.case.files.strict_json import read_json
from spmc_tools.case.log.ledger import Ledger
from spmc_tools.case.log.logged_results import results_of
from spmc_tools.case.store.batches import STORED, batches_of
from spmc_tools.custody.archives.packed_files import DAMAGES, BoundedFile
from spmc_tools.custody.archives.zip_readings import hazard_of, tell_collisions, tell_second_reading
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, FormatError, IntegrityError, ParameterError, SpmcError, quote
from spmc_tools.importers.files.unpack import RATIO_FROM, RATIO_LIMIT, zst_module
from spmc_tools.signing.manifest import files_below
from spmc_tools.signing.report_disposal import disposed_runs
from spmc_tools.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spmc_tools.case.store.case import Case

    Take = Callable[[str, Iterator[bytes]], None]

__all__ = ["SUFFIXES", "Contents", "back_up", "backup_pieces", "pieces_of", "read_backup", "received_backup"]

SUFFIXES = (".zip", ".tar.zst")
LIST = "backup.json"
_VERSION = 1
_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG, errno.EEXIST}
_LIST_BYTES = 16 << 20
_CHUNK = 1 << 20
_NAME = r"(?!\.\.?(?:/|$))[^/\\\x00-\x1f\x7f]{1,255}"
_PLACE = re.compile(
    rf"case\.toml|ledger\.sqlite|original/[0-9a-f]{{64}}/{_NAME}|tables/(?:{'|'.join(STORED)})/[0-9]{{6,}}\.parquet"
    rf"|derived/[0-9a-f]{{32}}/[a-z][a-z0-9_-]{{0,40}}/{_NAME}|reports/[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}(?:/{_NAME}){{1,8}}"
)
_LOG_BYTES, _LOG_RATIO = 64 << 20, 20
"""A log may be longer than the first where the whole backup is; it is read into memory, and half of it are hashes."""
_HEADERS, _BLOCK = 1 << 20, 512
"""Most bytes between two members of a tar: names and headers; they are read as a whole."""
_WINDOW_LOG = 27
"""Backups are packed with windows of 8 MB at most; whoever asks for more asks for that much memory."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds: the case, when it was made, the log's length and head, each file's size and SHA-256."""

    case_id: str
    made_at: str
    length: int
    head: str
    files: dict[str, tuple[int, str]]


def back_up(case: Case, out: Path) -> tuple[Path, str, int]:
    """Write a backup, read it back, compare every hash and the chain, log it; then it appears under its name.

    Parameters
    ----------
    case : Case
        Of which.
    out : pathlib.Path
        A new file that ends in ``.zip`` or ``.tar.zst``, outside the case.

    Returns
    -------
    tuple
        Path, SHA-256 and number of files.

    Raises
    ------
    ParameterError, CaseError
        Where the name cannot be used.
    IntegrityError
        Where something in the case differs from its log: nothing is written.
    SpmcError
        Where the disk refuses.
    """
    kind = next((suffix for suffix in SUFFIXES if out.name.lower().endswith(suffix)), None)
    if kind is None:
        raise ParameterError(f"--out: {quote(out.name)} ends in neither of {', '.join(SUFFIXES)}; give such a name.")
    if os.path.lexists(out):
        raise ParameterError(f"--out: {quote(out.name)} exists already; give a new name.")
    if not out.parent.is_dir():
        raise ParameterError(f"--out: there is no folder {quote(out.parent)}; make it first.")
    if out.resolve().is_relative_to(case.path.resolve()):
        raise CaseError(f"{quote(out.name)} would lie inside the case; give a place outside of it.")
    state = verify(case.path, log=False)
    if not state.whole:
        raise IntegrityError(f"Case {case.id} differs from its custody log ({state.first_difference}); no backup made.")
    part = out.with_name(f".{out.name[:100]}.{os.getpid()}.part")
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_in(case.path))
        stack.callback(part.unlink, missing_ok=True)
        with os_errors(f"{quote(out.name)} cannot be written"):
            contents, sources = _listed(case, scratch / "ledger.sqlite")
            (_write_zip if kind == ".zip" else _write_tar)(part, _list_bytes(contents), sources)
            sync_file(part)
            read_back = _check(part, out.name, scratch / "read-back.sqlite")
            if read_back != contents:
                raise IntegrityError(f"{quote(out.name)}: what was read back is not what was written; no backup made.")
            digest, size = sha256_file(part), part.stat().st_size
            payload = {"file": out.name, "sha256": digest, "bytes": size, "files": len(contents.files)}
            case.log("backup", payload | {"length": contents.length, "head": contents.head})
            part.replace(out)
            sync_dir(out.parent)
    return out, digest, len(contents.files)


def _listed(case: Case, ledger_copy: Path) -> tuple[Contents, dict[str, Path]]:
    """Copy the log and return what it names, with where each file lies."""
    try:
        with closing(sqlite3.connect(case.ledger.path)) as log, closing(sqlite3.connect(ledger_copy)) as copy:
            log.backup(copy)
    except sqlite3.Error as error:
        raise SpmcError(f"ledger.sqlite of case {case.id} cannot be copied: {quote(error, 120)}.") from None
    ledger = Ledger(ledger_copy)
    if (problem := ledger.check()) is not None:
        raise IntegrityError(f"The custody log of case {case.id} is broken: {problem}.")
    entries = ledger.entries()
    batches = batches_of(entries)
    named = {b.source_path: b.source_sha256 for b in batches}
    named |= {str(t["path"]): str(t["sha256"]) for b in batches for t in b.tables.values()}
    settings = [e["payload"].get("case_toml_sha256") for e in entries if e["kind"] in {"created", "settings_changed"}]
    named["case.toml"] = str(settings[-1])
    runs = {str(e["payload"].get("run_id")) for e in entries if e["kind"] == "report"} - disposed_runs(entries)
    paths = [*named, *(f"reports/{run}/{p}" for run in sorted(runs) for p in files_below(case.path / "reports" / run))]
    results = results_of(entries)
    paths += [
        f"{place}/{name}"
        for place, files in sorted(results.items())
        for name in files
        if not place.endswith("/search") and (case.path / place / name).is_file()
    ]
    sources = {"ledger.sqlite": ledger_copy, **{path: case.path / path for path in dict.fromkeys(paths)}}
    files = {}
    for path, source in sources.items():
        if not _PLACE.fullmatch(path):
            raise IntegrityError(f"{quote(path, 120)} has no place in a backup; no backup made.")
        files[path] = (source.stat().st_size, sha256_file(source))
        if path in named and files[path][1] != named[path]:
            raise IntegrityError(f"{quote(path, 120)} changed meanwhile; no backup made, type the command again.")
    length, head = ledger.head()
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return Contents(str(entries[0]["payload"].get("case_id")), made, length, head, files), sources


def _list_bytes(contents: Contents) -> bytes:
    files = [{"path": p, "bytes": size, "sha256": digest} for p, (size, digest) in contents.files.items()]
    listed = {
        "backup_version": _VERSION,
        "case_id": contents.case_id,
        "made_at": contents.made_at,
        "ledger": {"length": contents.length, "head": contents.head},
        "program": __version__,
        "files": files,
    }
    return (json.dumps(listed, indent=1, ensure_ascii=True) + "\n").encode()


def _write_zip(part: Path, listed: bytes, sources: dict[str, Path]) -> None:
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr(LIST, listed)
        for path, source in sources.items():
            archive.write(source, f"case/{path}")
    part.chmod(0o600)


def _write_tar(part: Path, listed: bytes, sources: dict[str, Path]) -> None:
    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        info.mode = 0o600
        return info

    packed = zst_module().ZstdFile(part, "wb")
    with packed, tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        first = plain(tarfile.TarInfo(LIST))
        first.size = len(listed)
        archive.addfile(first, io.BytesIO(listed))
        for path, source in sources.items():
            archive.add(source, f"case/{path}", recursive=False, filter=plain)
    part.chmod(0o600)


def _check(path: Path, name: str, ledger_copy: Path) -> Contents:
    """Read a backup to its end, and check the chain of the log in it."""

    def take(place: str, pieces: Iterator[bytes]) -> None:
        if place == "ledger.sqlite":
            with ledger_copy.open("wb") as copy:
                for piece in pieces:
                    copy.write(piece)
        else:
            for _ in pieces:
                pass

    contents = read_backup(path, take, name)
    ledger = Ledger(ledger_copy)
    if (problem := ledger.check()) is not None:
        raise IntegrityError(f"{quote(name)}: {problem}.")
    if ledger.head() != (contents.length, contents.head):
        raise IntegrityError(f"{quote(name)}: the custody log in it is not the one that it lists.")
    return contents


def read_backup(path: Path, take: Take, name: str | None = None) -> Contents:
    """Read a backup to its end, in this process; see :func:`pieces_of`.

    Parameters
    ----------
    path : pathlib.Path
        The backup.
    take : callable
        Called for each file with its place in the case and its content in pieces; it takes all of them.
    name : str, optional
        How messages call it.
    """
    pieces = pieces_of(path, name)
    contents = next(pieces)
    for place, group in groupby(pieces, key=lambda piece: piece[0]):  # type: ignore[index]
        take(place, (piece for _, piece in group))  # type: ignore[misc]
    return cast("Contents", contents)


def pieces_of(path: Path, name: str | None = None, room: int | None = None) -> Iterator[Contents | tuple[str, bytes]]:
    """Give what a backup holds, then each file in pieces with its place in the case, an empty piece first.

    Every file must be listed, once, with its size and SHA-256, at a place of a case.

    Parameters
    ----------
    path : pathlib.Path
        The backup. It may come from anybody.
    name : str, optional
        How messages call it.
    room : int, optional
        Most bytes that all files may have together.

    Raises
    ------
    FormatError
        Where it is no backup, names a place outside a case, holds a link, more than it lists, or expands too far.
    IntegrityError
        Where a file is not what the list says, or lacking.
    """
    shown = quote(name or path.name, 120)
    seen: set[str] = set()
    contents: Contents | None = None
    try:
        for member, size, stream in _members(path, shown, name or path.name):
            if contents is None:
                contents = _contents(member, size, stream, shown, room)
                yield contents
                continue
            place = member.removeprefix("case/")
            if not member.startswith("case/") or place not in contents.files or place in seen:
                raise FormatError(f"{shown} holds {quote(member, 120)}, which it does not list; it is no sound backup.")
            if size != contents.files[place][0]:
                raise IntegrityError(f"{shown}: {quote(place, 120)} has not the size that is listed.")
            if place == "ledger.sqlite" and size > max(_LOG_BYTES, _LOG_RATIO * path.stat().st_size):
                raise FormatError(f"{shown} holds a custody log that is too long for a backup of this size.")
            seen.add(place)
            yield place, b""
            for piece in _hashed(stream, *contents.files[place], f"{shown}: {quote(place, 120)}"):
                yield place, piece
    except (*DAMAGES, tarfile.TarError, zst_module().ZstdError) as error:
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            raise
        raise FormatError(f"{shown} is damaged or no backup ({quote(error, 80)}); nothing was restored.") from None
    if contents is None:
        raise FormatError(f"{shown} is empty, no backup of a case.")
    if missing := sorted(contents.files.keys() - seen):
        raise IntegrityError(f"{shown} lacks {quote(missing[0], 120)}, which it lists; nothing was restored.")


def backup_pieces(path: str, room: int | None) -> Iterator[Frame]:
    """Give :func:`pieces_of` as frames; done in the cage."""
    for found in pieces_of(Path(path), room=room):
        if isinstance(found, Contents):
            yield Frame({"contents": asdict(found)})
        else:
            yield Frame({"place": found[0]}, content=found[1])


def received_backup(path: Path, take: Take, room: int) -> Contents:
    """Read a backup that came from anybody, in the cage, to its end; as :func:`read_backup`.

    What comes out is believed no more than the backup: places are those of a case, each once, and no more than there
    is room for.
    """
    shown = quote(path.name, 120)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FormatError(f"{shown} cannot be read: {(error.strerror or 'the system refused').lower()}.") from None
    arguments = {"path": str(path.absolute()), "room": room}
    frames = caged(f"{__name__}:backup_pieces", arguments, limits_for(size), shown, "nothing was restored.")
    told: dict[str, Any] = next(frames).head["contents"]
    files = {str(place): (int(of[0]), str(of[1])) for place, of in told["files"].items()}
    contents = Contents(**(told | {"files": files}))
    left, seen = room, set()

    def bounded(frame: Frame) -> bytes:
        nonlocal left
        left -= len(frame.content)
        if left < 0:
            raise FormatError(f"{shown} holds more than it lists; nothing was restored.")
        return frame.content

    for place, group in groupby(frames, key=lambda frame: str(frame.head["place"])):
        if place in seen or not _PLACE.fullmatch(place):
            raise FormatError(f"{shown} names {quote(place, 120)}, which is no place of a case; nothing was restored.")
        seen.add(place)
        take(place, map(bounded, group))
    return contents


def _hashed(stream: BinaryIO, size: int, sha256: str, what: str) -> Iterator[bytes]:
    digest, left = hashlib.sha256(), size
    while piece := stream.read(min(_CHUNK, left + 1)):
        left -= len(piece)
        if left < 0:
            break
        digest.update(piece)
        yield piece
    if left or digest.hexdigest() != sha256:
        raise IntegrityError(f"{what} is not what the backup lists (SHA-256 differs); nothing was restored.")


def _members(path: Path, shown: str, name: str) -> Iterator[tuple[str, int, BinaryIO]]:
    """Give name, size and content of each file of an archive; what is no plain file is refused."""
    try:
        size = path.stat().st_size
        raw = path.open("rb")
    except OSError as error:
        raise FormatError(f"{shown} cannot be read: {(error.strerror or 'the system refused').lower()}.") from None
    with raw:
        head = raw.read(4)
        if head == b"PK\x03\x04":
            with BoundedFile(path, _LIST_BYTES, name) as bounded:
                yield from _zip_members(bounded, size, shown)
        elif head == b"\x28\xb5\x2f\xfd":
            raw.seek(0)
            yield from _tar_members(raw, size, shown)
        else:
            raise FormatError(f"{shown} is neither a zip archive nor a tar.zst, so no backup of a case.")


def _zip_members(raw: BoundedFile, size: int, shown: str) -> Iterator[tuple[str, int, BinaryIO]]:
    with zipfile.ZipFile(raw) as archive:
        found: list[str] = []
        tell_second_reading(raw, size, lambda name, how: found.append(f"{quote(name, 120)}: {how}"))
        if found:
            raise FormatError(f"{shown} is no sound backup: {found[0]}; nothing was restored.")
        members = archive.infolist()
        whole = sum(info.file_size for info in members)
        if whole > RATIO_FROM and whole > RATIO_LIMIT * size:
            raise FormatError(
                f"{shown} expands more than {RATIO_LIMIT} times, as no backup does; nothing was restored."
            )
        for member in members:
            mode = member.external_attr >> 16
            if member.is_dir() or stat.S_ISLNK(mode) or (mode and stat.S_IFMT(mode) and not stat.S_ISREG(mode)):
                raise FormatError(f"{shown} holds {quote(member.filename, 120)}, which is no plain file.")
            if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise FormatError(f"{shown} is packed in a way that no backup is; nothing was restored.")
            if member.flag_bits & 1:
                raise FormatError(f"{shown} is encrypted; unpack it with its password and pack it again without one.")
            with archive.open(member) as stream:
                yield member.orig_filename, member.file_size, cast("BinaryIO", stream)


class _Metered:
    """What comes out of a packed tar: so much in all, and so much between two members as headers and names have."""

    def __init__(self, inner: BinaryIO, shown: str, size: int) -> None:
        self._inner, self._shown, self._size = inner, shown, max(size, 1)
        self._out = 0
        self.left: int | None = _HEADERS

    def read(self, size: int) -> bytes:
        piece = self._inner.read(size)
        self._out += len(piece)
        if self._out > RATIO_FROM and self._out > RATIO_LIMIT * self._size:
            raise FormatError(
                f"{self._shown} expands more than {RATIO_LIMIT} times, as no backup does; nothing was restored."
            )
        if self.left is not None:
            self.left -= len(piece)
            if self.left < 0:
                raise FormatError(
                    f"{self._shown} holds a name or header of more than {_HEADERS >> 20} MB; nothing was restored."
                )
        return piece


def _tar_members(raw: BinaryIO, size: int, shown: str) -> Iterator[tuple[str, int, BinaryIO]]:
    zstd = zst_module()
    with zstd.ZstdFile(raw, options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}) as plain:
        meter = _Metered(cast("BinaryIO", plain), shown, size)
        with tarfile.open(fileobj=cast("BinaryIO", meter), mode="r|", tarinfo=_Member) as archive:
            while (member := archive.next()) is not None:
                stream = archive.extractfile(member) if member.isreg() else None
                if stream is None or member.issparse():
                    raise FormatError(
                        f"{shown} holds {quote(member.name, 120)}, which is no plain file (a link or a folder)."
                    )
                if archive.pax_headers or member.offset_data - member.offset != _header_bytes(member):
                    raise FormatError(
                        f"{shown}: what stands before {quote(member.name, 120)} can be read in two ways; it is no "
                        "backup that spmc made."
                    )
                meter.left = None
                yield member.name, member.size, cast("BinaryIO", stream)
                meter.left = _HEADERS
                archive.members.clear()  # type: ignore[attr-defined]
            behind = cast("BinaryIO", archive.fileobj)
            while piece := behind.read(_BLOCK * 128):
                if piece.strip(b"\0"):
                    raise FormatError(f"{shown} holds something behind its end, which some programs would unpack.")


class _Member(tarfile.TarInfo):
    """A member whose header is sound: one that is not would else count as the end of the archive."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        """Return the next member; the end is two blocks of zeros and nothing else."""
        try:
            return super().fromtarfile(tarfile)
        except HeaderError as error:
            if type(error).__name__ == "EOFHeaderError":
                raise
            raise ValueError("a header is damaged, or the end is missing") from None


def _header_bytes(member: tarfile.TarInfo) -> int:
    """Return how long what stands before a member's content is where everything in it is said once."""
    if not member.pax_headers:
        return _BLOCK
    length = 0
    for key, value in member.pax_headers.items():
        rest = len(f" {key}={value}\n".encode("utf-8", "surrogateescape"))
        digits = len(str(rest))
        length += rest + len(str(rest + digits))
    return 2 * _BLOCK + -(-length // _BLOCK) * _BLOCK


def _contents(member: str, size: int, stream: BinaryIO, shown: str, room: int | None) -> Contents:
    """Read the list, and refuse whatever in it cannot be of a case."""
    if member != LIST or size > _LIST_BYTES:
        raise FormatError(f"{shown} does not begin with {LIST}; it is no backup that spmc made.")
    try:
        listed: Any = read_json(stream.read(_LIST_BYTES + 1))
        files = {str(f["path"]): (_whole(f["bytes"]), str(f["sha256"])) for f in listed["files"]}
        found = Contents(
            str(listed["case_id"]),
            str(listed["made_at"]),
            _whole(listed["ledger"]["length"]),
            str(listed["ledger"]["head"]),
            files,
        )
        sound = listed["backup_version"] == _VERSION and len(files) == len(listed["files"])
    except (ValueError, KeyError, TypeError):
        raise FormatError(f"{shown}: its {LIST} cannot be read; it is no backup that spmc made.") from None
    if not sound:
        raise FormatError(f"{shown}: its {LIST} is of another version or names a file twice.")
    for place, (_, digest) in files.items():
        if not _PLACE.fullmatch(place) or not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise FormatError(f"{shown} names {quote(place, 120)}, which is no place of a case; nothing was restored.")
    for place in files:
        if (hazard := hazard_of(place)) is not None:
            raise FormatError(f"{shown} names {quote(place, 120)}: {hazard}; nothing was restored.")
    alike: list[str] = []
    tell_collisions(files, lambda place, how: alike.append(f"{quote(place, 120)}: {how}"))
    if alike:
        raise FormatError(f"{shown} is no sound backup: {alike[0]}; nothing was restored.")
    if not {"case.toml", "ledger.sqlite"} <= files.keys():
        raise FormatError(f"{shown} holds no case.toml or no ledger.sqlite; it is no backup of a case.")
    whole = sum(each for each, _ in files.values())
    if room is not None and whole > room:
        raise FormatError(f"{shown} needs {whole / 1e9:.1f} GB, and {max(room, 0) / 1e9:.1f} GB are free; make room.")
    return found


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("no whole number")
    return value


def free_bytes(folder: Path, kept: int = 256 << 20) -> int:
    """Return how many bytes a restore may take on the disk of a folder."""
    return shutil.disk_usage(folder).free - kept
