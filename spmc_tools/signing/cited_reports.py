"""Which reports a report cites, and which of these were withdrawn since.

A report cites the report whose review it shows, and the report that it is compared with. Where one of these is
withdrawn afterwards, the page itself is not changed: a notice lies beside it, the list of reports says it, and a page
that shows a review of such a report says it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.review_entries import standing, withdrawn
from spmc_tools.signing.manifest import NOTICE, NOTICE_OF_CITED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from spmc_tools.case.log.ledger import Entry

__all__ = ["CITES_WITHDRAWN", "cited_by", "cited_in", "noticed", "notices_of", "taken_back"]

CITES_WITHDRAWN = "cites_withdrawn"
"""Kind of the entry in the custody log that holds the notice beside a report that cites a withdrawn one."""


def cited_in(reviews: Iterable[Mapping[str, Any]], compared_with: Iterable[str]) -> list[str]:
    """Return the runs that a page cites, each once: of the reviews that it shows, and those it is compared with."""
    return list(dict.fromkeys([*(str(review["run"]) for review in reviews), *compared_with]))


def cited_by(manifest: Mapping[str, Any], entries: Sequence[Entry]) -> list[str]:
    """Return the runs that a report cites, as its manifest tells; of an older manifest those whose reviews it shows."""
    facts = manifest.get("facts")
    cited_runs = facts.get("cites") if isinstance(facts, dict) else None
    if isinstance(cited_runs, list):
        return [str(run) for run in cited_runs]
    before: list[Entry] = []
    for entry in entries:
        if entry["kind"] == "report" and entry["payload"].get("run_id") == manifest.get("run_id"):
            break
        before.append(entry)
    results = {str(file["path"]): str(file["sha256"]) for file in manifest.get("results", [])}
    return [review.run_id for review in standing(before, results)]


def taken_back(entries: Sequence[Entry], runs: Iterable[str]) -> list[dict[str, str]]:
    """Return those of some runs that were withdrawn: ``run, at`` (UTC), ``officer, reason``."""
    gone = withdrawn(entries)
    return [
        {
            "run": run,
            "at": gone[run]["at"],
            "officer": gone[run]["officer"],
            "reason": str(gone[run]["payload"].get("reason")),
        }
        for run in runs
        if run in gone
    ]


def noticed(entries: Sequence[Entry], run_id: str) -> Entry | None:
    """Return the last entry that tells of a notice beside this report for a withdrawn one that it cites."""
    notices = [
        entry for entry in entries if entry["kind"] == CITES_WITHDRAWN and entry["payload"].get("run_id") == run_id
    ]
    return notices[-1] if notices else None


def notices_of(entries: Sequence[Entry], run_id: str) -> tuple[tuple[str, Entry | None, str], ...]:
    """Return the notices that may lie beside a report: name, the entry that tells of it (None: none), what it says."""
    return (
        (NOTICE, withdrawn(entries).get(run_id), "was withdrawn"),
        (NOTICE_OF_CITED, noticed(entries, run_id), "cites a report that was withdrawn"),
    )
