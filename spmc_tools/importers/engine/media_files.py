"""Pictures and films that were handed over beside an export: found by name, hashed; nothing is ever downloaded.

A record names its media by an address or by a path inside the export. Where the folder that came with it holds exactly
one file that fits, the record gets that file's SHA-256 and, of a picture, its perceptual hash. A file fits where its
path ends as the record's does; else where it has the same name, alone or, as in X's archive, behind the id of the post.

Notes
-----
A name is no proof: whoever made the folder named the files. That a file has this hash is certain; that it is what the
post showed rests on the export. The files are not copied into the case: `spmc attach` does that for a post.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from spmc_tools.case.acts.attach import picture_hash
from spmc_tools.case.files.durable import sha256_file
from spmc_tools.errors import InputError, quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.importers.fields.rows import Record

__all__ = ["MediaFiles", "Tally", "seconds_for"]

_MOST_FILES = 1_000_000
_BYTES_A_SECOND = 20 << 20
_FILES_A_SECOND = 4


def seconds_for(folder: Path) -> float:
    """Return how long looking at all files of a folder may take, above what their export takes.

    Raises
    ------
    InputError
        As :class:`MediaFiles`.
    """
    files = MediaFiles(folder).sizes()
    return sum(files) / _BYTES_A_SECOND + len(files) / _FILES_A_SECOND


class Tally:
    """What became of the media of one received file: ``found``, ``absent``, ``unclear``, and the files used."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.used: dict[str, str] = {}

    def facts(self) -> dict[str, Any]:
        """Return what the log keeps: the counts, and the SHA-256 over the lines ``hash  path`` of the files used."""
        lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(self.used.items()))
        listed = hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
        return {**{name: self.counts[name] for name in ("found", "absent", "unclear")}, "list_sha256": listed}

    def remark(self) -> str:
        """Return a line for the person; "" where the records name no media."""
        if not self.counts:
            return ""
        total = self.counts.total()
        said = f"{self.counts['found']:,} of {total:,} pictures and films found among the files handed over"
        unclear = f", {self.counts['unclear']:,} with a name that several files have" if self.counts["unclear"] else ""
        return said + unclear


class MediaFiles:
    """The files of a folder by their names.

    Parameters
    ----------
    folder : pathlib.Path
        It and the folders in it; links are left alone.

    Raises
    ------
    InputError
        Where it is no folder, cannot be read, or holds more than a million files.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InputError(f"--media: {quote(folder)} is no folder; name the folder that came with the export.")
        self._folder = folder
        self._by_name: dict[str, list[str]] = {}
        self._hashes: dict[str, tuple[str, str | None]] = {}
        count = 0
        for place, _, names in os.walk(folder, onerror=self._unreadable):
            for name in names:
                if (count := count + 1) > _MOST_FILES:
                    raise InputError(f"--media: {quote(folder)} holds more than {_MOST_FILES:,} files.")
                path = Path(place, name)
                if not path.is_symlink():
                    self._by_name.setdefault(_plain(name), []).append(path.relative_to(folder).as_posix())

    def _unreadable(self, error: OSError) -> None:
        raise InputError(f"--media: {quote(self._folder)} cannot be read: {error.strerror}.") from error

    def sizes(self) -> list[int]:
        """Return how many bytes each file has that can be looked at."""
        found = []
        for path in (path for paths in self._by_name.values() for path in paths):
            with suppress(OSError):
                found.append((self._folder / path).stat().st_size)
        return found

    def filled(self, records: Sequence[Record], tally: Tally) -> list[Record]:
        """Return the records with the hashes of their media, where a file fits and none was given."""
        return [self._one(record, tally) if record.media else record for record in records]

    def _one(self, record: Record, tally: Tally) -> Record:
        media = []
        for item in record.media or ():
            path = None if item["sha256"] else self._fitting(str(item["url"] or ""), record.record_id, tally)
            if path is not None:
                digest, look = self._hashed(path)
                tally.used[path] = digest
                item = {**item, "sha256": digest, "phash": look}  # noqa: PLW2901
            media.append(item)
        return record._replace(media=media)

    def _fitting(self, address: str, record_id: str, tally: Tally) -> str | None:
        """Return the one file that fits an address or a path of an export; None where none does, or several."""
        place = PurePosixPath(_place(address))
        found = self._by_name.get(place.name) or self._by_name.get(f"{record_id}-{place.name}") or []
        if len(found) > 1:
            whole = str(place).lstrip("/")
            found = [path for path in found if _plain(path) == whole or _plain(path).endswith(f"/{whole}")]
            if len(found) != 1:
                tally.counts["unclear"] += 1
                return None
        tally.counts["found" if found else "absent"] += 1
        return found[0] if found else None

    def _hashed(self, path: str) -> tuple[str, str | None]:
        if path not in self._hashes:
            whole = self._folder / path
            try:
                self._hashes[path] = sha256_file(whole), picture_hash(whole)
            except OSError as error:
                raise InputError(f"--media: {quote(path)} cannot be read: {error.strerror or error}.") from error
        return self._hashes[path]


def _place(address: str) -> str:
    """Return the path of an address, or a path of an export as it is; "" where it is no address."""
    if "://" in address:
        try:
            return _plain(unquote(urlsplit(address).path))
        except ValueError:
            return ""
    return _plain(address.replace("\\", "/"))


def _plain(name: str) -> str:
    """Return a name as it is compared: composed letters; a disk may have taken them apart."""
    return unicodedata.normalize("NFC", name)
