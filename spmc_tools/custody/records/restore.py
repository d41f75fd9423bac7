"""A case out of its backup: checked whole beside the cases, and there at one moment."""

from __future__ import annotations

import os
import secrets
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from spmc_tools.case.files.durable import os_errors, sha256_file, sync_dir, write_file
from spmc_tools.case.log.outside_log import append, refusals_noted
from spmc_tools.case.log.settings_changes import LOCK
from spmc_tools.case.store.batches import RECEIVED
from spmc_tools.case.store.case import Case
from spmc_tools.case.store.case_folder import cases_dir, checked_id, new_folder
from spmc_tools.custody.records.backup import free_bytes, received_backup
from spmc_tools.custody.review.anchor_check import RESTORED, check_anchors
from spmc_tools.custody.review.tally import Tally
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, InputError, IntegrityError, quote
from spmc_tools.operating_system import move, open_descriptor, remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.case.log.ledger import Entry

__all__ = ["has_key", "restore"]

_STAGING = ".restoring-"
_ABANDONED_S = 86_400.0


def restore(path: Path, name: str | None = None, cases: Path | str | None = None) -> Case:
    """Return the case of a backup; it is there whole, with every hash and the chain compared, or not at all.

    Parameters
    ----------
    path : pathlib.Path
        The backup; it may come from anybody.
    name : str, optional
        What the case is to be called; None: as it was.
    cases : path, optional
        As :func:`~spmc_tools.case.store.case_folder.cases_dir`.

    Raises
    ------
    CaseError
        Where a case of this name is there, or the folder cannot be written.
    FormatError
        Where the file is no sound backup.
    IntegrityError
        Where a file in it is not what it lists, or the case in it differs from its own log.

    Notes
    -----
    The chain shows that the case is what its log says. That it is the log as it once was, only its head shows: compare
    it with a printed report, or with the hash that ``spmc backup`` printed.
    """
    root = cases_dir(cases)
    if name is not None and os.path.lexists(new_folder(name, root)):
        raise _there(name, root)
    staging = root / f"{_STAGING}{os.getpid()}-{secrets.token_hex(8)}"
    try:
        with os_errors(f"{quote(path.name)} cannot be restored into {quote(root)}"):
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            _clear_broken_off(root)
            _folders(staging)
            with refusals_noted(root, path, "restore", (InputError, IntegrityError)):
                contents = received_backup(path, lambda place, pieces: _keep(staging / place, pieces), free_bytes(root))
                _require_sound(staging, (contents.length, contents.head), path.name)
            target = root / checked_id(name or contents.case_id)
            if os.path.lexists(target):
                raise _there(target.name, root)
            facts: dict[str, Any] = {"file": path.name, "sha256": sha256_file(path), "as": target.name}
            facts |= {"made_at": contents.made_at, "length": contents.length, "head": contents.head}
            entry = Case(staging).log(RESTORED, facts)
            for folder, _, _ in os.walk(staging, topdown=False):
                sync_dir(Path(folder))
            append(root, "restored", facts, entry["officer"])
            move(staging, target)
            sync_dir(root)
    finally:
        remove_tree(staging, ignore_errors=True)
    return Case(target)


def _there(name: str, root: Path) -> CaseError:
    said = f"Case {name} exists already in {quote(root)}; give another name with --as."
    return CaseError(said, key="restore_there", case=name)


def _clear_broken_off(root: Path) -> None:
    """Take away what killed restores left: it never was a case, and the backup is still there."""
    for left in root.glob(f"{_STAGING}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED_S:
                remove_tree(left, ignore_errors=True)


def _folders(staging: Path) -> None:
    staging.mkdir(mode=0o700)
    for part in ("original", "tables", *(f"tables/{table}" for table in RECEIVED), "derived", "reports"):
        (staging / part).mkdir(mode=0o700)
    for lock in (".lock", LOCK):
        write_file(staging / lock, b"")


def _keep(target: Path, pieces: Iterator[bytes]) -> None:
    """Write one file, durable; what was received is read-only as it was."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = target.parts[-3:-1] if len(target.parts) > 2 else ()
    mode = 0o444 if {"original", "tables"} & set(kept) else 0o600
    descriptor = open_descriptor(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        os.fsync(descriptor)


def _require_sound(staging: Path, listed_head: tuple[int, str], name: str) -> None:
    found = verify(staging, log=False, anchored=False)
    if not found.whole:
        raise IntegrityError(f"{quote(name)}: {found.first_difference}; nothing was restored.")
    entries = Case(staging).ledger.entries()
    if (len(entries), entries[-1]["hash"]) != listed_head:
        raise IntegrityError(
            f"{quote(name)}: the custody log in it is not the one that it lists; nothing was restored."
        )
    # what was noted elsewhere of entries after the backup is lost by it; what was noted of those in it must fit
    tally, now = Tally(), datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    coming = {**entries[-1], "seq": len(entries) + 1, "kind": RESTORED, "at": now, "hash": ""}
    coming["payload"] = {"length": len(entries)}
    check_anchors(tally, "ledger.sqlite", [*entries, cast("Entry", coming)], None, "")
    if tally.differences:
        raise IntegrityError(f"{quote(name)}: {tally.differences[0]}; nothing was restored.")


def has_key(case: Case) -> bool:
    """Whether the key of a case's pseudonyms is on this machine; it is never in a backup."""
    return case.key_path().is_file()
