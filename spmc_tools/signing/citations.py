"""Reviews as a report cites them: who signed, with which key, and whether what was reviewed still stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.line_up_entries import line_ups_of
from spmc_tools.case.acts.review_entries import standing
from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.signing.cited_reports import cited_by, taken_back
from spmc_tools.signing.manifest import MANIFEST, read_manifest, results_of_run
from spmc_tools.signing.officer_keys import fingerprint, signed_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.case.acts.review_entries import Review
    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.store.case import Case

__all__ = ["authenticated", "citations", "cited"]


def authenticated(review: Review) -> bool:
    """Tell whether a review carries a sound signature over all that it says."""
    signed_content = {key: value for key, value in review.payload.items() if key != "signature"}
    key = signed_content.get("key")
    return isinstance(key, dict) and signed_by(
        key.get("public_key"), review.payload.get("signature"), canonical_json(signed_content).encode()
    )


def cited(review: Review) -> dict[str, Any]:
    """Return a review as a report shows it; ``fingerprint`` is None where the reviewer is not authenticated."""
    key = review.payload.get("key")
    sound = authenticated(review) and isinstance(key, dict)
    return {
        "run": review.run_id,
        "at": review.at,
        "reviewer": review.reviewer,
        "verdict": review.verdict,
        "counter_case": review.counter_case,
        "fingerprint": fingerprint(str(key["public_key"])) if sound and isinstance(key, dict) else None,
    }


def citations(case: Case, run_id: str) -> list[dict[str, Any]]:
    """Return the standing reviews of the results that a run under way rests on, as a report shows them.

    ``withdrawn``: the reports, withdrawn since, that the reviewed report cites. ``line_up``: how many groups were lined
    up before the verdict, in how many of these the group was chosen, for how many none could be drawn, and why the
    line-up was skipped; None where the review does not tell.
    """
    results = {file["path"]: file["sha256"] for file in results_of_run(case, run_id)}
    entries = case.ledger.entries()
    return [
        {**cited(review), "withdrawn": _behind(case, review.run_id), "line_up": _line_up(review, entries)}
        for review in standing(entries, results)
    ]


def _line_up(review: Review, entries: Sequence[Entry]) -> dict[str, Any] | None:
    """Return what the line-ups of a review were, as a report shows it."""
    told = review.payload.get("line_up")
    if not isinstance(told, dict) or not isinstance(told.get("done"), dict):
        return None
    ended = set(told["done"].values())
    mine = [one for one in line_ups_of(entries, review.run_id, review.reviewer) if one.done in ended]
    answered = [one for one in mine if one.answer is not None]
    return {
        "n": len(answered),
        "right": sum(one.chose == "finding" for one in answered),
        "none": len(mine) - len(answered),
        "skipped": told.get("skipped"),
    }


def _behind(case: Case, run_id: str) -> list[dict[str, str]]:
    """Return the withdrawn reports that a report cites; none where its manifest is not there any more."""
    try:
        manifest = read_manifest((case.path / "reports" / run_id / MANIFEST).read_bytes())
    except OSError:
        return []
    entries = case.ledger.entries()
    return [] if manifest is None else taken_back(entries, cited_by(manifest, entries))
