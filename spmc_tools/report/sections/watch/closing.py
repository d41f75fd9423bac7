"""Values of the last sections: what was set aside, what the data could not show, the method, provenance, sign-off."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from spmc_tools import __version__
from spmc_tools.report.scope.received import gaps, precision, span
from spmc_tools.report.sections.groups.cards import CLEAR_Q, FEW_LINKS, LEVEL
from spmc_tools.report.sections.groups.shown_groups import set_aside

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case
    from spmc_tools.report.scope.scope import Scope

__all__ = ["aside", "limits", "method", "provenance", "signoff"]

HOT = 12
SHORT_H = 18
FEW_ACCOUNTS = 100
PREVALENCE, FALSE_POSITIVE, RECALL = 0.005, 0.01, 0.8
"""The base-rate example of every report: 0.5 % of accounts, a false-positive rate of 1 %, recall 0.8."""


ELSEWHERE = frozenset({"context", "seed"})
"""Parameters that other sections show."""


def aside(found: Any) -> dict[str, Any]:
    """Return the traces that were not run, the groups that are not named, and the hot objects set aside."""
    excluded = found.excluded[found.excluded["bin_start"].notna()]  # the others concern what only ranks
    rows: list[dict[str, Any]] = []
    objects = 0
    if len(excluded):
        keys = [name for name in ("trace", "object_id") if name in excluded]
        objects = len(excluded.drop_duplicates(keys))
        top = excluded.sort_values("n_actions", ascending=False, kind="stable")[:HOT]
        rows = [
            {key: row.get(key) for key in ("trace", "object_id", "bin_start", "bin_s", "n_actions", "share")}
            for row in top.to_dict("records")
        ]
    return {
        "not_run": not_run_of(found),
        "groups": set_aside(found),
        "hot": rows,
        "benign_missing": list(found.notes.get("benign_pattern", {}).get("missing", [])),
        "cleared": {name: len(ids) for name, ids in found.notes.get("cleared", {}).items()},
        "unmatched": list(found.notes.get("context", {}).get("not_in_records", [])),
        "hot_objects": objects,
        "hot_actions": int(excluded["n_actions"].sum()) if len(excluded) else 0,
    }


def not_run_of(found: Any) -> list[dict[str, Any]]:
    """Return what was not run and why; without any account, posts to compare are what is lacking, and no column."""
    if len(found.accounts):
        return [dict(one) for one in found.not_run]
    reason = "There is no post that could be compared with others."
    traces = dict.fromkeys(one["trace"] for one in found.not_run)
    return [{"trace": trace, "window_s": None, "reason": reason, "code": "no_posts"} for trace in traces]


def limits(case: Case, scope: Scope, found: Any) -> dict[str, Any]:
    """Return what this data could not have shown, as keys of the wording with their numbers."""
    first, last = span(scope.searched)
    hours = (last - first).total_seconds() / 3600 if first and last else 0.0
    coarse = sum(one.n for one in precision(scope.records) if (one.step_s or 0) >= 60)
    told: list[tuple[str, dict[str, Any]]] = [("slow", {}), ("small", {}), ("collection", {}), ("deleted", {})]
    if scope.look is not None:
        told.append(("last_look", {"since": scope.look.of - scope.look.records}))
    if hours < SHORT_H:
        told.append(("short", {"hours": round(hours, 1)}))
    if len(found.accounts) < FEW_ACCOUNTS:
        told.append(("few_accounts", {"n": len(found.accounts)}))
    if coarse:
        told.append(("coarse", {"n": coarse}))
    if gaps(scope.records):
        told.append(("gaps", {"n": len(gaps(scope.records))}))
    if found.not_run:
        told.append(("not_run", {"n": len(found.not_run)}))
    refused = sum(one.refused for one in case.batches())
    if refused:
        told.append(("refused", {"n": refused}))
    return {"limits": [{"what": what, "values": values} for what, values in told]}


def method(found: Any) -> dict[str, Any]:
    """Return parameters, counts of tests and the base-rate arithmetic."""
    flagged = PREVALENCE * RECALL + (1 - PREVALENCE) * FALSE_POSITIVE
    notes = found.notes
    return {
        "parameters": [
            {"name": name, "value": _short(value)}
            for name, value in sorted(found.parameters.items())
            if name not in ELSEWHERE and value is not None
        ],
        "level": LEVEL,
        "clear_q": CLEAR_Q,
        "few_links": FEW_LINKS,
        "preliminary": True,
        "accounts": len(found.accounts),
        "traces": _tests(notes, found.parameters.get("traces")),
        "base": {
            "prevalence": PREVALENCE,
            "false_positive": FALSE_POSITIVE,
            "recall": RECALL,
            "right": PREVALENCE * RECALL / flagged,
            "in_10000": round(10_000 * PREVALENCE),
            "caught": round(10_000 * PREVALENCE * RECALL),
            "wrong": round(10_000 * (1 - PREVALENCE) * FALSE_POSITIVE),
        },
    }


def _tests(notes: dict[str, Any], asked: Any) -> list[dict[str, Any]]:
    """Return per trace how many accounts, actions and tests there were, where the notes say so, in the order asked for.

    Notes of a stored result come back in another order than those of a fresh one.
    """
    per_trace = notes.get("traces", {})
    if not isinstance(per_trace, dict):
        return []
    keys = ("n_accounts", "n_actions", "n_tests", "sources_known", "windows_s")
    place = {name: n for n, name in enumerate(asked)} if isinstance(asked, (list, tuple)) else {}
    names = sorted(per_trace, key=lambda name: (place.get(name, len(place)), name))
    told = ((name, per_trace[name]) for name in names)
    return [{"trace": name, **{k: one.get(k) for k in keys}} for name, one in told if isinstance(one, dict)]


def _short(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return f"{len(value)}"
    return "–" if value is None else str(value)


def provenance(case: Case, found: Any) -> dict[str, Any]:
    """Return hashes of every received file, the head of the custody log, and versions."""
    length, head = case.ledger.head()
    return {
        "case": case.id,
        "files": [
            {
                "name": one.source_name,
                "sha256": one.source_sha256,
                "batch": one.batch_id,
                "rows": one.read,
                "format": one.format,
            }
            for one in case.batches()
        ],
        "inputs": case.inputs_hash(),
        "ledger_length": length,
        "ledger_head": head,
        "chain_sound": case.chain_problem is None,
        "version": __version__,
        "python": platform.python_version(),
        "seed": found.parameters.get("seed"),
        "derived": found.derived.parent.name if found.derived is not None else None,
    }


def signoff(case: Case) -> dict[str, Any]:
    """Return who prepared the report; the other lines stay empty for pen and ink."""
    return {"officer": case.officer, "expires": case.settings.expires}
