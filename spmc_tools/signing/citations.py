"""Reviews as a report cites them: who signed, with which key, and whether what was reviewed still stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.review_entries import standing
from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.signing.cites import cited_by, taken_back
from spmc_tools.signing.manifest import MANIFEST, read_manifest, results_of_run
from spmc_tools.signing.officer_keys import fingerprint, signed_by

if TYPE_CHECKING:
    from spmc_tools.case.acts.review_entries import Review
    from spmc_tools.case.store.case import Case

__all__ = ["authenticated", "citations", "cited"]


def authenticated(one: Review) -> bool:
    """Tell whether a review carries a sound signature over all that it says."""
    told = {key: value for key, value in one.payload.items() if key != "signature"}
    key = told.get("key")
    return isinstance(key, dict) and signed_by(
        key.get("public_key"), one.payload.get("signature"), canonical_json(told).encode()
    )


def cited(one: Review) -> dict[str, Any]:
    """Return a review as a report shows it; ``fingerprint`` is None where the reviewer is not authenticated."""
    key = one.payload.get("key")
    sound = authenticated(one) and isinstance(key, dict)
    return {
        "run": one.run_id,
        "at": one.at,
        "reviewer": one.reviewer,
        "verdict": one.verdict,
        "counter_case": one.counter_case,
        "fingerprint": fingerprint(str(key["public_key"])) if sound and isinstance(key, dict) else None,
    }


def citations(case: Case, run_id: str) -> list[dict[str, Any]]:
    """Return the standing reviews of the results that a run under way rests on, as a report shows them.

    ``withdrawn``: the reports, withdrawn since, that the reviewed report cites.
    """
    results = {one["path"]: one["sha256"] for one in results_of_run(case, run_id)}
    entries = case.ledger.entries()
    return [{**cited(one), "withdrawn": _behind(case, one.run_id)} for one in standing(entries, results)]


def _behind(case: Case, run_id: str) -> list[dict[str, str]]:
    """Return the withdrawn reports that a report cites; none where its manifest is not there any more."""
    try:
        manifest = read_manifest((case.path / "reports" / run_id / MANIFEST).read_bytes())
    except OSError:
        return []
    entries = case.ledger.entries()
    return [] if manifest is None else taken_back(entries, cited_by(manifest, entries))
