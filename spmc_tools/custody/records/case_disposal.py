"""Dispose of a whole case: what was destroyed, when, by whom and why stands in a certificate outside of it.

The order, so that a kill at any moment leaves the case whole or the certificate telling of it: an entry in the case's
own log; a certificate, begun, beside the cases; the folder gets another name (that is the moment); it is deleted; the
key of its pseudonyms goes; the certificate is finished. The next call for the same case finishes what was broken off.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.clock import clock_state
from spmc_tools.case.files.durable import os_errors, sha256_file, sync_dir, write_file
from spmc_tools.case.files.typed_text import typed_line
from spmc_tools.case.log.outside_log import append
from spmc_tools.case.log.pseudonyms import key_file
from spmc_tools.case.store.batches import import_lock
from spmc_tools.case.store.case import Case, open_case
from spmc_tools.case.store.case_folder import cases_dir, checked_id
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError, SpmcError, quote
from spmc_tools.operating_system import WINDOWS, move, remove_tree
from spmc_tools.signing.manifest import files_below

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from spmc_tools.case.log.ledger import Entry

__all__ = ["CERTIFICATES", "LEAVING", "dispose_of_case", "left_over"]

CERTIFICATES = ".disposed"
"""Folder of the certificates, in the folder of cases."""

LEAVING = ".disposing-"
"""What the name of a case's folder begins with while it is deleted."""

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}-[0-9a-f]{16}\.key")
_COPIES = ("export", "backup", "handover", "report")


def left_over(root: Path) -> list[str]:
    """Return the names of folders whose deletion was broken off."""
    return sorted(p.name for p in root.glob(f"{LEAVING}*") if p.is_dir() and not p.is_symlink())


def dispose_of_case(
    case_id: str, reason: str, confirm: str, cases: Path | str | None = None, language: str | None = None
) -> Path:
    """Delete a case and return the path of its certificate (JSON; a page for people lies beside it).

    Parameters
    ----------
    case_id : str
        Its name.
    reason : str
        Why; on the certificate.
    confirm : str
        The name of the case once more.
    cases : path, optional
        As :func:`~spmc_tools.case.store.case_folder.cases_dir`.
    language : {"en", "hi"}, optional
        Of the page; None: that of the case.

    Raises
    ------
    CaseError
        Where there is no such case, its name is not repeated, or no reason is given.
    SpmcError
        Where the disk refuses; what was begun is finished by the next call.

    Notes
    -----
    Files are deleted, not overwritten: on a disk without encryption parts of them can be brought back for a while.
    Copies that left the case (exports, backups, hand-overs) are listed, not destroyed.
    """
    root = cases_dir(cases)
    why = typed_line(reason, "The reason")
    if confirm != checked_id(case_id):
        raise CaseError(f"--confirm: found {quote(confirm)}, wanted the name of the case once more: {case_id}.")
    if not (root / case_id).exists() and (begun := _begun(root, case_id)):
        return _finish(root, *begun, language)
    case = open_case(case_id, cases=cases)
    with import_lock(case.path):
        certificate = _certificate(case, why)
        path = root / CERTIFICATES / f"{case_id}-{certificate['case_uid']}-{certificate['ledger']['length']}.json"
        leaving = root / f"{LEAVING}{path.stem}"
        with os_errors(f"Case {case_id} cannot be disposed of"):
            path.parent.mkdir(exist_ok=True, mode=0o700)
            write_file(path, _json(certificate))
            append(root, "disposal_begun", {"case": case_id, "reason": why, "certificate": path.name}, case.officer)
            if not WINDOWS:
                move(case.path, leaving)
                sync_dir(root)
    if WINDOWS:  # a folder in which a lock is held cannot be moved there
        with os_errors(f"Case {case_id} cannot be disposed of"):
            move(case.path, leaving)
    return _finish(root, path, leaving, language)


def _begun(root: Path, case_id: str) -> tuple[Path, Path] | None:
    """Return certificate and folder of a disposal that was broken off after the case was gone from its place."""
    for name in left_over(root):
        path = root / CERTIFICATES / f"{name.removeprefix(LEAVING)}.json"
        with suppress(OSError, ValueError, TypeError):
            if json.loads(path.read_bytes())["case"] == case_id:
                return path, root / name
    return None


def _certificate(case: Case, why: str) -> dict[str, Any]:
    """Log the disposal, and return what is about to be destroyed."""
    state = verify(case.path, log=False)
    with suppress(SpmcError):  # a broken or read-only log is on the certificate, and goes as the rest does
        case.log("disposal", {"reason": why})
    try:
        entries = case.ledger.entries()
        length, head = case.ledger.head()
    except SpmcError:
        entries, length, head = [], 0, ""
    made = entries[0]["payload"] if entries else {}
    files = [_file(case.path, name) for name in files_below(case.path)]
    settings = case.settings
    return {
        "certificate_version": 1,
        "state": "begun",
        "case": case.id,
        "case_uid": _plain_uid(made.get("case_uid")),
        "title": settings.title,
        "purpose": settings.purpose,
        "legal_basis": settings.legal_basis,
        "language": settings.language,
        "opened_at": entries[0]["at"] if entries else None,
        "expires": settings.expires.isoformat() if settings.expires else None,
        "disposed_by": case.officer,
        "reason": why,
        "begun_at": _now(),
        "disposed_at": None,
        "clock": clock_state(),
        "verified": {"ok": state.whole, "first_difference": state.first_difference},
        "ledger": {"length": length, "head": head, "kinds": dict(Counter(e["kind"] for e in entries))},
        "rows": _rows(case),
        "n_files": len(files),
        "n_bytes": sum(file["bytes"] or 0 for file in files),
        "files": files,
        "copies_elsewhere": _copies(entries),
        "key": _key_name(case),
        "key_destroyed": None,
    }


def _key_name(case: Case) -> str | None:
    try:
        return case.key_path().name
    except SpmcError:
        return None


def _plain_uid(value: object) -> str:
    text = str(value)
    return text if len(text) == 16 and set(text) <= set("0123456789abcdef") else "0" * 16


def _rows(case: Case) -> dict[str, int] | None:
    try:
        batches = case.batches(set_aside=True)
    except SpmcError:
        return None
    names = ("read", "kept", "duplicates", "refused", "accounts")
    return {"imports": len(batches), **{name: sum(getattr(b, name) for b in batches) for name in names}}


def _file(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    try:
        return {"path": name, "bytes": path.stat().st_size, "sha256": sha256_file(path)}
    except OSError:
        return {"path": name, "bytes": None, "sha256": None}


def _copies(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return what the log says has left the case, or may have: it is not destroyed with it."""
    payload_keys = ("file", "sha256", "to", "run_id", "manifest_sha256", "reason")
    return [
        {"kind": e["kind"], "at": e["at"], **{k: e["payload"].get(k) for k in payload_keys}}
        for e in entries
        if e["kind"] in _COPIES
    ]


def _finish(root: Path, path: Path, leaving: Path, language: str | None) -> Path:
    """Delete, and finish the certificate; may be called again."""
    from spmc_tools.report.page.render import bare_page

    with os_errors(f"The certificate {path.name} cannot be finished"):
        certificate = json.loads(path.read_bytes())
        if leaving.exists():
            remove_tree(leaving)
            sync_dir(root)
        destroyed = _destroy_key(root, certificate["key"])
        certificate |= {"state": "done", "disposed_at": _now(), "key_destroyed": destroyed}
        content = _json(certificate)
        digest = hashlib.sha256(content).hexdigest()
        spoken = language or certificate.get("language", "en")
        page = bare_page("disposal.html.j2", certificate | {"sha256": digest}, spoken, "certificate.title")
        write_file(path.with_suffix(".html"), page.encode("utf-8", "backslashreplace"))
        write_file(path, content)
        facts = {"case": certificate["case"], "certificate": path.name, "sha256": digest}
        append(root, "disposed", facts, certificate["disposed_by"])
    return path


def _destroy_key(root: Path, name: str | None) -> bool:
    """Delete the key of the case, unless another case here, as a restored copy, has the same."""
    if name is None or not _KEY.fullmatch(name):
        return False
    for folder in root.iterdir():
        if (folder / "case.toml").is_file():
            with suppress(SpmcError):
                if Case(folder).key_path().name == name:
                    return False
    key_file(*name.removesuffix(".key").rsplit("-", 1)).unlink(missing_ok=True)
    return True


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8", "backslashreplace")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
