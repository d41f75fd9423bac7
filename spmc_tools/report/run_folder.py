"""Where a finished run of a case lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import CaseError, quote
from spmc_tools.report.manifest import MANIFEST

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store import Case

__all__ = ["run_folder"]


def run_folder(case: Case, run_id: str) -> Path:
    """Return the folder of a finished run.

    Raises
    ------
    CaseError
        Where the case has no such report.
    """
    folder = case.path / "reports" / run_id
    plain = not ({"/", "\\", "\0"} & set(run_id)) and not run_id.startswith(".")
    if not plain or folder.is_symlink() or not (folder / MANIFEST).is_file():
        known = [str(e["payload"].get("run_id")) for e in case.ledger.entries() if e["kind"] == "report"]
        there = f"the last one is {known[-1]}" if known else "it has none yet"
        raise CaseError(f"Case {case.id} has no report {quote(run_id)}; {there}.")
    return folder
