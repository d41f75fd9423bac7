"""Set an import aside, and take it back: its rows leave every table and count, its file stays.

Nothing is deleted. One log entry is the moment; the next look at the case no longer sees the rows, and the same file
can be imported again, with another mapping.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.case.files.typed_text import typed_line
from spmc_tools.case.store.batches import batches_of, import_lock, set_aside_of
from spmc_tools.errors import CaseError, quote

if TYPE_CHECKING:
    from spmc_tools.case.store.batches import Batch
    from spmc_tools.case.store.case import Case

__all__ = ["set_aside", "take_back"]


def set_aside(case: Case, batch_id: str, reason: str) -> Batch:
    """Set an import aside and return it.

    Raises
    ------
    CaseError
        Where the case has no such import, it is set aside already, or no reason is given.
    IntegrityError
        Where the custody log is broken.

    Notes
    -----
    Posts that a later file holds too stay in the tables, as that file gives them.
    """
    why = typed_line(reason, "The reason")
    with import_lock(case.path):
        entries = case.ledger.entries()
        batch = _named(case, batches_of(entries), batch_id)
        if batch.batch_id in set_aside_of(entries):
            raise CaseError(f"Batch {batch.batch_id} of case {case.id} is set aside already.")
        case.log("set_aside", {"batch": batch.batch_id, "source_sha256": batch.source_sha256, "reason": why})
    return batch


def take_back(case: Case, batch_id: str, reason: str) -> Batch:
    """Use an import again that was set aside, and return it.

    Raises
    ------
    CaseError
        Where the case has no such import, it is in use, no reason is given, or its file was imported again meanwhile.
    IntegrityError
        Where the custody log is broken.
    """
    why = typed_line(reason, "The reason")
    with import_lock(case.path):
        entries = case.ledger.entries()
        aside = set_aside_of(entries)
        batches = batches_of(entries)
        batch = _named(case, batches, batch_id)
        if batch.batch_id not in aside:
            raise CaseError(f"Batch {batch.batch_id} of case {case.id} is in use; there is nothing to undo.")
        for other in batches:
            if other.batch_id not in aside and _same(other, batch):
                raise CaseError(
                    f"The file of batch {batch.batch_id} was imported again as batch {other.batch_id}; "
                    f"set that one aside first: spmc set-aside {case.id} {other.batch_id} --reason …"
                )
        case.log("set_aside_undone", {"batch": batch.batch_id, "source_sha256": batch.source_sha256, "reason": why})
    return batch


def _same(other: Batch, batch: Batch) -> bool:
    """Whether two imports would hold the same rows twice; one file can be attached to several posts."""
    key = "record_id"
    apart = other.format == batch.format == "attachment" and other.details.get(key) != batch.details.get(key)
    return other.source_sha256 == batch.source_sha256 and not apart


def _named(case: Case, batches: list[Batch], batch_id: str) -> Batch:
    wanted = batch_id.strip()
    wanted = wanted.zfill(6) if wanted.isascii() and wanted.isdigit() else wanted
    for batch in batches:
        if batch.batch_id == wanted:
            return batch
    there = f"it has {batches[0].batch_id} to {batches[-1].batch_id}" if batches else "it has none"
    raise CaseError(f"Case {case.id} has no batch {quote(batch_id)}; {there} (spmc custody lists them).")
