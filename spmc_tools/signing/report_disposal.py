"""Dispose of a report: the custody log says which, why and by whom, before anything goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.case.files.durable import os_errors, sha256_file
from spmc_tools.errors import CaseError, quote
from spmc_tools.operating_system import remove_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.store.case import Case

__all__ = ["dispose_of_run", "disposed_runs"]

KIND = "run_disposed"


def dispose_of_run(case: Case, run_id: str, reason: str) -> None:
    """Log that a report is disposed of, with the hash of its manifest, and take its folder away.

    A call that is broken off after the entry is finished by the next one for the same run.

    Raises
    ------
    CaseError
        Where there is no such run, or no reason is given.
    """
    folder = case.path / "reports" / run_id
    if "/" in run_id or run_id.startswith(".") or not folder.is_dir() or folder.is_symlink():
        raise CaseError(f"Case {case.id} has no report {quote(run_id)}.")
    if not reason.strip():
        raise CaseError("Disposing of a report needs a reason.")
    if run_id not in disposed_runs(case.ledger.entries()):
        manifest = folder / "manifest.json"
        digest = sha256_file(manifest) if manifest.is_file() else None
        case.log(KIND, {"run_id": run_id, "reason": reason.strip(), "manifest_sha256": digest})
    with os_errors(f"The report {run_id} of case {case.id} cannot be taken away"):
        remove_tree(folder)


def disposed_runs(entries: Sequence[Entry]) -> set[str]:
    """Return the ids of the runs that these ledger entries say were disposed of."""
    return {str(entry["payload"].get("run_id")) for entry in entries if entry["kind"] == KIND}
