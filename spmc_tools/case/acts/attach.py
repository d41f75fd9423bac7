"""Attach what was captured of a post, before it is deleted: screenshot, print, web archive, film.

Each file is an import of its own: copied byte for byte, hashed, one row of ``attachments``, one entry of the custody
log, all at one moment; ``spmc verify`` checks it as it checks every received file.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import os_errors, sha256_file
from spmc_tools.case.files.perceptual_hashes import looks_of, picture_hash
from spmc_tools.case.files.typed_text import typed_line
from spmc_tools.case.log.outside_log import note_refused
from spmc_tools.errors import CaseError, InputError, ParameterError, SpmcError, quote
from spmc_tools.schema import ATTACHMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from spmc_tools.case.store.batches import Batch
    from spmc_tools.case.store.case import Case

__all__ = ["FORMAT", "METHODS", "attach", "find_record", "picture_hash"]

FORMAT = "attachment"
"""``format`` of the imports that these are."""

METHODS = ("screenshot", "print", "archive", "download")
"""How a post can have been captured."""


def find_record(case: Case, named: str) -> tuple[str, str]:
    """Return platform and id of the one post that is named by its id or as ``platform:id``.

    Raises
    ------
    CaseError
        Where no post of the case is meant, or several.
    """
    ids = case.table("records", ["platform", "record_id"])
    platform, colon, rest = named.partition(":")
    found = [
        (p, i)
        for p, i in zip(ids["platform"].to_pylist(), ids["record_id"].to_pylist(), strict=True)
        if i == named or (colon and p == platform and i == rest)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CaseError(
            f"Case {case.id} has no post {quote(named)}; give its id as in the records, or platform:id "
            f"(spmc search {case.id} WORDS shows them)."
        )
    shown = ", ".join(quote(f"{p}:{i}") for p, i in found[:5])
    raise CaseError(f"{quote(named)} names {len(found)} posts of case {case.id}: {shown}; type one of these.")


def attach(  # noqa: PLR0913 -- what is asked of a capture
    case: Case,
    record: str,
    files: Sequence[Path],
    *,
    method: str,
    tool: str,
    captured_at: str | datetime | None = None,
    note: str | None = None,
) -> list[Batch]:
    """Attach files to a post, and return the import that each is, in order.

    Parameters
    ----------
    case : Case
        With the post in it.
    record : str
        Its id, or ``platform:id``.
    files : sequence of path
        As they were captured. Each becomes part of the case by itself: where the second is refused, the first stays.
    method : str
        One of :data:`METHODS`.
    tool : str
        The program they were captured with.
    captured_at : str or datetime, optional
        When, with its zone; None: now.
    note : str, optional
        A remark.

    Raises
    ------
    CaseError, ParameterError, InputError
        Where the post, a value or a file is not as wanted.
    IntegrityError
        Where the custody log is broken.
    """
    if method not in METHODS:
        raise ParameterError(f"--method: found {quote(method)}, wanted one of {', '.join(METHODS)}.")
    now = datetime.now(UTC)
    at = now if captured_at is None else _moment(captured_at, now)
    platform, record_id = find_record(case, record)
    row: dict[str, Any] = {
        "platform": platform,
        "record_id": record_id,
        "method": method,
        "tool": typed_line(tool, "--tool", 300),
        "officer": case.officer,
        "captured_at": at,
        "note": typed_line(note, "--note") if note is not None else None,
    }
    made: list[Batch] = []
    for path in files:
        sha256 = None
        try:
            sha256 = _hash(path)
            made.append(_one(case, path, sha256, row, told=captured_at is not None))
        except SpmcError as error:
            problem = note_refused(case.path, case.officer, path, sha256, error)
            before = f" (Attached before it: {', '.join(quote(b.source_name) for b in made)}.)" if made else ""
            raise type(error)(f"{error}{before}{problem}") from error
    return made


def _hash(path: Path) -> str:
    if path.is_dir():
        raise InputError(f"{quote(path.name)} is a folder; name the files in it.")
    try:
        size = path.stat().st_size
        found = sha256_file(path)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "its name cannot be used").lower()
        raise InputError(f"{quote(path.name)} cannot be read: {reason}.") from None
    if not size:
        raise InputError(f"{quote(path.name)} is empty; capture it again.")
    return found


def _one(case: Case, path: Path, sha256: str, row: dict[str, Any], told: bool) -> Batch:
    with case.new_batch(path, sha256, again=True) as batch:
        there = case.table("attachments", ["attachment_sha256", "platform", "record_id"]).to_pylist()
        if any(a == {"attachment_sha256": sha256, **{k: row[k] for k in ("platform", "record_id")}} for a in there):
            raise CaseError(f"{quote(path.name)} is attached to this post already; nothing was added.")
        with os_errors(f"{quote(path.name)} cannot be read"):
            limits = case.settings.limits_of(batch.original.stat().st_size)
            look, pdq = looks_of(batch.original, quote(path.name), limits)
        name = path.name.encode("utf-8", "replace").decode("utf-8")
        full = row | {"attachment_sha256": sha256, "name": name, "phash": look, "source_sha256": sha256}
        batch.write(attachments=ATTACHMENTS.from_rows([full | {"source_row": 1}]))
        moment = {"captured_at": row["captured_at"].isoformat(), "captured_at_told": told}
        details = row | moment | {"phash": look, "pdq": pdq}
        return batch.commit(format=FORMAT, read=1, duplicates=0, kept_accounts=1, details=details)


def _moment(value: str | datetime, now: datetime) -> datetime:
    """Return a time with a zone, as UTC."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ParameterError(f"--captured-at: found {quote(value)}, wanted a time as 2025-11-06T10:00+05:30.") from None
    if at.tzinfo is None:
        raise ParameterError(f"--captured-at: {quote(value)} names no zone; type for example {value}+05:30.")
    if at > now:
        raise ParameterError(f"--captured-at: {quote(value)} lies in the future of this machine's clock.")
    return at.astimezone(UTC)
