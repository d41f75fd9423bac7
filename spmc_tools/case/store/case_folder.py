"""Where cases live, what a case may be called, and how a new one comes on the disk: whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from spmc_tools.case.files.durable import os_errors, sync_dir, write_file
from spmc_tools.case.files.officer_names import logged_in_name
from spmc_tools.case.log.ledger import Ledger
from spmc_tools.case.log.pseudonyms import fingerprint, key_file, make_key
from spmc_tools.case.log.settings import settings_toml
from spmc_tools.case.log.settings_changes import LOCK
from spmc_tools.case.store.batches import RECEIVED
from spmc_tools.errors import CaseError, IntegrityError, quote
from spmc_tools.operating_system import move, remove_tree
from spmc_tools.schema import SCHEMA_VERSION
from spmc_tools.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.log.settings import CaseSettings

__all__ = ["case_key_file", "cases_dir", "checked_id", "existing_folder", "make_folder", "new_folder"]

_CASE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
"""Names of devices in Windows: no folder of this name can be copied there."""
_UID = re.compile(r"[0-9a-f]{16}")
_ABANDONED_S = 3600.0


def cases_dir(cases: Path | str | None = None) -> Path:
    """Return the folder cases live in: the argument, else ``SPMC_CASES``, else ``data/cases`` below here."""
    return Path(cases or os.environ.get("SPMC_CASES") or Path("data") / "cases")


def checked_id(case_id: str) -> str:
    """Return a case's name, or raise a :class:`~spmc_tools.errors.CaseError` where it cannot be one."""
    if not isinstance(case_id, str) or not _CASE_ID.fullmatch(case_id):
        raise CaseError(
            f"{quote(case_id)} is no case id: wanted small letters, digits, - and _, "
            "at most 64, beginning with a letter or digit, as bihar-2025.",
            key="case_id" if case_id else "case_no_id", field="id", found=quote(case_id),
        )  # fmt: skip
    return case_id


def new_folder(case_id: str, cases: Path | str | None = None) -> Path:
    """Return where the folder of a new case would lie.

    Raises
    ------
    CaseError
        Where the id is bad, or what should be the folder of the cases is none.
    """
    root = cases_dir(cases)
    target = root / checked_id(case_id)
    if root.exists() and not root.is_dir():
        raise CaseError(f"{quote(root)} is not a folder, so no case can be made in it; give a folder.")
    if _RESERVED.fullmatch(case_id):
        raise CaseError(
            f"{quote(case_id)} is the name of a device in Windows, where no folder can have it; choose another id."
        )
    return target


def existing_folder(case_id: str, cases: Path | str | None = None) -> Path:
    """Return the folder of a case that exists.

    Raises
    ------
    CaseError
        Where the id is bad or no such case is there; the sentence names some that are.
    """
    root = cases_dir(cases)
    path = root / checked_id(case_id)
    if root.exists() and not root.is_dir():
        raise CaseError(f"{quote(root)} is not a folder, so there is no case in it; give a folder.")
    if not path.is_dir():
        known = sorted(p.parent.name for p in root.glob("*/case.toml") if _CASE_ID.fullmatch(p.parent.name))
        there = (
            f"cases there: {', '.join(known[:8])}{', …' if len(known) > 8 else ''}" if known else "none is there yet"
        )
        raise CaseError(f"There is no case {case_id} in {quote(root)}; {there}.")
    return path


def make_folder(target: Path, settings: CaseSettings) -> None:
    """Make the folder of a new case, with its first log entry, and the key of its pseudonyms outside of it.

    Parameters
    ----------
    target : pathlib.Path
        Where it will lie; its name is the id of the case.
    settings : CaseSettings
        What ``case.toml`` holds.

    Raises
    ------
    CaseError
        Where something lies there already.
    SpmcError
        Where the folder cannot be written; nothing is left then.
    """
    case_id, root = target.name, target.parent
    if os.path.lexists(target):
        raise CaseError(
            f"Case {case_id} exists already in {quote(root)}; choose another id.",
            key="case_exists",
            field="id",
            found=case_id,
        )
    uid = secrets.token_hex(8)
    key_path = key_file(case_id, uid)
    key = make_key(key_path, target)
    building = root / f".new-{case_id}-{os.getpid()}-{uid}"
    try:
        with os_errors(f"Case {case_id} cannot be made in {quote(root)}"):
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            _clear_broken_off(root)
            _build(building, case_id, uid, settings, fingerprint(key))
            _put_in_place(building, target)
    except BaseException:
        remove_tree(building, ignore_errors=True)
        key_path.unlink(missing_ok=True)
        raise


def case_key_file(case_id: str, entries: Sequence[Entry]) -> Path:
    """Return where the key of a case's pseudonyms lies, as the first entry of its log names it; it may be missing.

    Raises
    ------
    IntegrityError
        Where the first entry does not name it.
    """
    made: Mapping[str, Any] = entries[0]["payload"] if entries else {}
    named, uid = str(made.get("case_id")), str(made.get("case_uid"))
    if not _CASE_ID.fullmatch(named) or not _UID.fullmatch(uid):
        raise IntegrityError(f"ledger.sqlite of case {case_id}: entry 1 (created) does not name the case's key.")
    return key_file(named, uid)


def _clear_broken_off(root: Path) -> None:
    """Take away cases whose making was killed: they never were cases, and hold settings only."""
    for path in root.glob(".new-*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _ABANDONED_S:
                remove_tree(path, ignore_errors=True)


def _build(folder: Path, case_id: str, uid: str, settings: CaseSettings, key_mark: str) -> None:
    folder.mkdir(mode=0o700)
    for part in ("original", "tables", *(f"tables/{name}" for name in RECEIVED), "derived", "reports"):
        (folder / part).mkdir(mode=0o700)
    content = settings_toml(settings)
    write_file(folder / "case.toml", content)
    for lock in (".lock", LOCK):
        write_file(folder / lock, b"")
    payload = {
        "case_id": case_id,
        "case_uid": uid,
        "schema_version": SCHEMA_VERSION,
        "package_version": __version__,
        "settings": settings.model_dump(mode="json"),
        "case_toml_sha256": hashlib.sha256(content).hexdigest(),
        "key_fingerprint": key_mark,
    }
    try:
        Ledger.create(folder / "ledger.sqlite").append("created", payload, settings.officer or logged_in_name())
    except sqlite3.Error as error:
        raise OSError(errno.ENOSPC if "full" in str(error) else errno.EIO, str(error)) from None
    for changed in (folder / "tables", folder):
        sync_dir(changed)


def _put_in_place(building: Path, target: Path) -> None:
    try:
        move(building, target)
    except OSError:
        if os.path.lexists(target):
            raise CaseError(f"Case {target.name} exists already; choose another id.") from None
        raise
    try:
        sync_dir(target.parent)
    except OSError:
        remove_tree(target, ignore_errors=True)
        raise
