"""The log beside the cases, ``.attempts.jsonl``: files that were received and refused, cases that were disposed of.

A case cannot tell of what never entered it, nor of its own end. Each line is one JSON object with ``seq, at, officer,
kind, payload, prev, hash``, hashed as the entries of a custody log are, so the same ten lines recompute it. It is
appended to under a lock, and what a broken-off write left is kept as a line of its own and reported by :func:`check`.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.clock import clock_state
from spmc_tools.case.files.durable import os_errors, sha256_file
from spmc_tools.case.files.officer_names import logged_in_name
from spmc_tools.case.log.ledger import EMPTY_HEAD, canonical_json, entry_hash
from spmc_tools.errors import IntegrityError, SpmcError
from spmc_tools.operating_system import open_descriptor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["OUTSIDE_LOG", "append", "check", "ends_of", "entries", "note_refused", "refusals_noted", "sound_hashes"]

OUTSIDE_LOG = ".attempts.jsonl"
"""Its name, in the folder of cases."""

_FIELDS = ("seq", "at", "officer", "kind", "payload", "prev")
_REASON = 1000
_LONGEST = 1 << 20


def append(root: Path, kind: str, payload: Mapping[str, Any], officer: str) -> dict[str, Any]:
    """Add one entry and return it; it is on the disk when this returns.

    Raises
    ------
    SpmcError
        Where the disk refuses; the log is then as it was.
    IntegrityError
        Where the last line is not what its hash says: nothing is added.
    """
    from filelock import FileLock

    path = root / OUTSIDE_LOG
    lock = FileLock(root / f"{OUTSIDE_LOG}.lock", timeout=60, mode=0o600)
    with os_errors(f"{OUTSIDE_LOG} cannot be written"), lock:
        seq, prev, whole = _last(path)
        at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        text = canonical_json(dict(payload))
        who = officer.encode("utf-8", "replace").decode("utf-8")
        row = (seq + 1, at, who, kind, text, prev)
        entry = dict(zip(_FIELDS, row, strict=True)) | {"hash": entry_hash(row)}
        _write(path, ("" if whole else "\n") + canonical_json(entry) + "\n")
    return entry


def _write(path: Path, text: str) -> None:
    """Append in one piece, or not at all."""
    descriptor = open_descriptor(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        before = os.fstat(descriptor).st_size
        content = text.encode()
        try:
            written = os.write(descriptor, content)
            if written != len(content):
                raise OSError(28, "No space left on device")
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)


def _last(path: Path) -> tuple[int, str, bool]:
    """Return number and hash of the last sound line, and whether the file ends with a line's end."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return 0, EMPTY_HEAD, True
    for line in reversed(content.splitlines()):
        if (entry := _entry(line)) is not None:
            if entry_hash([entry[name] for name in _FIELDS]) != entry["hash"]:
                raise IntegrityError(f"{OUTSIDE_LOG}: entry {entry['seq']} was changed; nothing was added.")
            return int(entry["seq"]), str(entry["hash"]), content.endswith(b"\n")
    return 0, EMPTY_HEAD, not content or content.endswith(b"\n")


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(entry, dict) and set(entry) == {*_FIELDS, "hash"}
    return entry if whole and isinstance(entry["seq"], int) else None


def entries(root: Path) -> list[dict[str, Any]]:
    """Return every whole entry, oldest first, ``payload`` read from its JSON; none where there is no log."""
    try:
        lines = (root / OUTSIDE_LOG).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found = [entry for line in lines if (entry := _entry(line)) is not None]
    return [entry | {"payload": json.loads(entry["payload"])} for entry in found]


def ends_of(root: Path) -> tuple[str, int, str] | None:
    """Return the hash of the first entry, number and hash of the last one; None where there is none, or it differs."""
    with suppress(OSError, SpmcError):
        path = root / OUTSIDE_LOG
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            first = next((found for line in stream if (found := _entry(line)) is not None), None)
        seq, head, _ = _last(path)
        return None if first is None or not seq else (str(first["hash"]), seq, head)
    return None


def sound_hashes(root: Path) -> list[str]:
    """Return the hash of each entry up to the first that does not follow, recomputed; that of entry 1 stands first.

    None where there is no such file. What a broken-off write left is passed over, as :func:`append` does.

    Raises
    ------
    OSError
        Where it cannot be read.
    """
    found: list[str] = []
    if not (root / OUTSIDE_LOG).is_file():
        return found
    with (root / OUTSIDE_LOG).open("rb") as stream:
        for line in iter(lambda: stream.readline(_LONGEST), b""):
            entry = _entry(line)
            if entry is None:
                continue
            told = (entry["seq"], entry["prev"]) == (len(found) + 1, found[-1] if found else EMPTY_HEAD)
            if not told or entry_hash([entry[name] for name in _FIELDS]) != entry["hash"]:
                break
            found.append(str(entry["hash"]))
    return found


def check(root: Path) -> str | None:
    """Return the first thing that differs in the log beside the cases; None where nothing does."""
    try:
        lines = (root / OUTSIDE_LOG).read_bytes().splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{OUTSIDE_LOG} cannot be read: {(error.strerror or 'the system refused').lower()}"
    prev = EMPTY_HEAD
    for number, line in enumerate(lines, start=1):
        entry = _entry(line)
        if entry is None:
            return f"{OUTSIDE_LOG}: line {number} is no whole entry: a write broke off there, or it was changed"
        if entry["seq"] != number or entry["prev"] != prev:
            return f"{OUTSIDE_LOG}: line {number} does not follow the line before it"
        if entry_hash([entry[name] for name in _FIELDS]) != entry["hash"]:
            return f"{OUTSIDE_LOG}: line {number} was changed"
        prev = str(entry["hash"])
    return None


def note_refused(  # noqa: PLR0913, PLR0917 -- the facts of one line
    case_dir: Path, officer: str, path: Path, sha256: str | None, error: SpmcError, what: str = "import"
) -> str:
    """Log that a file was received for a case and refused; return "" or why that could not be logged.

    Parameters
    ----------
    case_dir : pathlib.Path
        The case it was meant for.
    officer : str
        Who tried.
    path : pathlib.Path
        The file; its name is logged, not its folder.
    sha256 : str or None
        Its hash, where it is known; else it is taken now, where the file can be read.
    error : SpmcError
        Why it was refused.
    what : str
        What was asked: import, preview, restore, verify.
    """
    return _noted(case_dir.parent, case_dir.name, officer, path, sha256, error, what)


@contextmanager
def refusals_noted(root: Path, path: Path, what: str, of: tuple[type[SpmcError], ...] = (SpmcError,)) -> Iterator[None]:
    """Log that a file which belongs to no case was looked at in the block and refused; the error goes on.

    Parameters
    ----------
    root : pathlib.Path
        Where cases live; where there is no such folder, nothing is logged.
    path : pathlib.Path
        The file.
    what : str
        What was asked: preview, restore, verify.
    of : tuple of types
        Which errors are a refusal of the file.
    """
    try:
        yield
    except of as error:
        problem = _noted(root, None, logged_in_name(), path, None, error, what) if root.is_dir() else ""
        if problem:
            raise type(error)(f"{error}{problem}") from error
        raise


def _noted(  # noqa: PLR0913, PLR0917 -- the facts of one line
    root: Path, case: str | None, officer: str, path: Path, sha256: str | None, error: SpmcError, what: str
) -> str:
    size = None
    with suppress(OSError, ValueError):
        sha256 = sha256 or sha256_file(path)
        size = path.stat().st_size
    facts = {
        "case": case,
        "what": what,
        "name": path.name.encode("utf-8", "replace").decode("utf-8"),
        "sha256": sha256,
        "bytes": size,
        "reason": str(error).strip().splitlines()[0][:_REASON] if str(error).strip() else type(error).__name__,
        "error": type(error).__name__,
        "clock": clock_state(),
    }
    try:
        append(root, "refused", facts, officer)
    except SpmcError as problem:
        return f" (This attempt could not be logged: {str(problem).rstrip('.')}.)"
    return ""
