"""Reviews and withdrawals of reports, as the custody log tells of them; nothing of a report is ever edited."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.officer_names import name_key
from spmc_tools.case.log.logged_results import results_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from spmc_tools.case.log.ledger import Entry

__all__ = ["REVIEW", "VERDICTS", "WITHDRAWN", "Review", "results_at", "reviews_of", "standing", "upheld", "withdrawn"]

REVIEW, WITHDRAWN = "review", "withdrawn"
"""Kinds of entries in the custody log."""

VERDICTS = ("upheld", "not_upheld", "needs_more")
"""What a reviewer can say."""


@dataclass(frozen=True, slots=True)
class Review:
    """One review.

    Attributes
    ----------
    run_id, manifest_sha256 : str
        The report that was read.
    reviewer, verdict, counter_case, at : str
        Who, one of :data:`VERDICTS`, in the reviewer's words, ISO in UTC.
    results : dict
        The files of the results that the report rests on, with their SHA-256.
    payload : dict
        As it was logged, with the signature where the reviewer has a key.
    """

    run_id: str
    manifest_sha256: str
    reviewer: str
    verdict: str
    counter_case: str
    at: str
    results: dict[str, str]
    payload: dict[str, Any] = field(repr=False)


def reviews_of(entries: Sequence[Entry], run_id: str | None = None) -> list[Review]:
    """Return the reviews that these entries tell of, oldest first; of one run where it is named."""
    found = []
    for entry in entries:
        payload = entry["payload"]
        if entry["kind"] != REVIEW or run_id not in {None, payload.get("run_id")}:
            continue
        results = payload.get("results")
        kept = {str(k): str(v) for k, v in results.items()} if isinstance(results, dict) else {}
        found.append(
            Review(
                run_id=str(payload.get("run_id")),
                manifest_sha256=str(payload.get("manifest_sha256")),
                reviewer=str(payload.get("reviewer")),
                verdict=str(payload.get("verdict")),
                counter_case=str(payload.get("counter_case")),
                at=entry["at"],
                results=kept,
                payload=payload,
            )
        )
    return found


def withdrawn(entries: Sequence[Entry]) -> dict[str, Entry]:
    """Return the entries that withdraw a report, by the id of its run."""
    return {str(entry["payload"].get("run_id")): entry for entry in entries if entry["kind"] == WITHDRAWN}


def results_at(entries: Sequence[Entry], folder: Path) -> dict[str, str]:
    """Return the files of one folder of results with their SHA-256, as :class:`Review` names them."""
    place = f"derived/{folder.parent.name}/{folder.name}"
    return {f"{place}/{name}": digest for name, digest in results_of(entries).get(place, {}).items()}


def standing(entries: Sequence[Entry], results: Mapping[str, str]) -> list[Review]:
    """Return what each reviewer said last of reports that rest on these very results.

    Reviews of withdrawn reports do not count, nor those of another manifest than the log tells of for their run.
    """
    if not results:
        return []
    gone = withdrawn(entries)
    manifests = {
        str(entry["payload"].get("run_id")): str(entry["payload"].get("manifest_sha256"))
        for entry in entries
        if entry["kind"] == "report"
    }
    last: dict[str, Review] = {}
    for review in reviews_of(entries):
        if manifests.get(review.run_id, review.manifest_sha256) != review.manifest_sha256:
            continue
        if review.run_id not in gone and results.items() <= review.results.items():
            last.pop(name_key(review.reviewer), None)
            last[name_key(review.reviewer)] = review
    return list(last.values())


def upheld(reviews: Sequence[Review]) -> bool:
    """Tell whether somebody reviewed, and nobody's last word is other than *upheld*."""
    return bool(reviews) and all(review.verdict == "upheld" for review in reviews)
