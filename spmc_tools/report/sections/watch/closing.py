"""Values of the last sections: what was set aside, what the data could not show, the method, provenance, sign-off."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.clock import clock_state
from spmc_tools.report.scope.received import gaps, precision, span
from spmc_tools.report.sections.groups.cards import CLEAR_Q, FEW_LINKS, LEVEL, carried, of_named
from spmc_tools.report.sections.groups.shown_groups import groups, numbers, set_aside
from spmc_tools.report.sections.story.pattern_states import pattern_states
from spmc_tools.report.sections.watch import closing_values
from spmc_tools.report.values.declaration import Declaration
from spmc_tools.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.scope.scope import Scope

__all__ = ["SECTIONS", "aside", "limits", "method", "provenance", "signoff"]

HOT = 12
SHORT_H = 18
FEW_ACCOUNTS = 100
PREVALENCE, FALSE_POSITIVE, RECALL = 0.005, 0.01, 0.8
"""The base-rate example of every report: 0.5 % of accounts, a false-positive rate of 1 %, recall 0.8."""


ELSEWHERE = frozenset({"context", "seed"})
"""Parameters that other sections show."""


def aside(found: Findings) -> closing_values.Aside:
    """Return the traces that were not run, the groups that are not named, and the hot objects set aside."""
    excluded = found.excluded[found.excluded["bin_start"].notna()]  # the others concern what only ranks
    keys = [name for name in ("trace", "object_id") if name in excluded]
    top = excluded.sort_values("n_actions", ascending=False, kind="stable")[:HOT] if len(excluded) else excluded
    return closing_values.Aside(
        not_run=not_run_of(found),
        too_few=_too_few(found),
        together=len(found.sessions),
        groups=set_aside(found),
        decided=pattern_states(found),
        hot=tuple(_hot(row) for row in top.to_dict("records")),
        benign_missing=tuple(found.notes.get("benign_pattern", {}).get("missing", [])),
        cleared={name: len(ids) for name, ids in found.notes.get("cleared", {}).items()},
        unmatched=tuple(found.notes.get("context", {}).get("not_in_records", [])),
        hot_objects=len(excluded.drop_duplicates(keys)) if len(excluded) else 0,
        hot_blocks=len(excluded),
        hot_actions=int(excluded["n_actions"].sum()) if len(excluded) else 0,
    )


def _too_few(found: Findings) -> tuple[closing_values.TooFew, ...]:
    """Return the kinds of activity that were looked at, and in which too few accounts are active to say anything."""
    notes = found.notes.get("traces", {})
    return tuple(
        closing_values.TooFew(trace=trace, n=facts.get("n_accounts") or 0)
        for trace, facts in sorted(notes.items())
        if str(facts.get("evidence", "sufficient")) != "sufficient"
    )


def _hot(row: Mapping[Any, Any]) -> closing_values.HotObject:
    return closing_values.HotObject(
        trace=row["trace"],
        object_id=None if row.get("object_id") is None else str(row["object_id"]),
        bin_start=row["bin_start"],
        bin_s=row.get("bin_s"),
        n_actions=row["n_actions"],
        share=row.get("share"),
    )


def not_run_of(found: Findings) -> tuple[closing_values.NotRun, ...]:
    """Return what was not run and why; without any account, posts to compare are what is lacking, and no column."""
    if len(found.accounts):
        return tuple(_not_run(row) for row in found.not_run)
    reason = "There is no post that could be compared with others."
    traces = dict.fromkeys(row["trace"] for row in found.not_run)
    return tuple(closing_values.NotRun(trace=trace, window_s=None, reason=reason, code="no_posts") for trace in traces)


def _not_run(row: Mapping[str, Any]) -> closing_values.NotRun:
    """Return what findings say of a trace that was not run; a fact that the page does not know is an error."""
    return closing_values.NotRun(**{**row, "columns": tuple(row.get("columns", ()))})


def limits(case: Case, scope: Scope, found: Findings) -> closing_values.Limits:
    """Return what this data could not have shown, as keys of the wording with their numbers."""
    first, last = span(scope.searched)
    hours = (last - first).total_seconds() / 3600 if first and last else 0.0
    coarse = sum(step.n for step in precision(scope.records) if (step.step_s or 0) >= 60)
    rows: list[tuple[str, dict[str, int | float]]] = [("slow", {}), ("small", {}), ("collection", {}), ("deleted", {})]
    if scope.look is not None:
        rows.append(("last_look", {"since": scope.look.of - scope.look.records}))
    if hours < SHORT_H:
        rows.append(("short", {"hours": round(hours, 1)}))
    if len(found.accounts) < FEW_ACCOUNTS:
        rows.append(("few_accounts", {"n": len(found.accounts)}))
    if coarse:
        rows.append(("coarse", {"n": coarse}))
    if gaps(scope.records):
        rows.append(("gaps", {"n": len(gaps(scope.records))}))
    if found.not_run:
        rows.append(("not_run", {"n": len(found.not_run)}))
    refused = sum(batch.refused for batch in case.batches())
    if refused:
        rows.append(("refused", {"n": refused}))
    return closing_values.Limits(limits=tuple(closing_values.Limit(what=what, values=values) for what, values in rows))


def method(found: Findings) -> closing_values.Method:
    """Return parameters, counts of tests and the base-rate arithmetic."""
    return closing_values.Method(
        parameters=tuple(
            closing_values.Parameter(name=name, value=_short(value))
            for name, value in sorted(found.parameters.items())
            if name not in ELSEWHERE and value is not None
        ),
        level=LEVEL,
        clear_q=CLEAR_Q,
        few_links=FEW_LINKS,
        preliminary=True,
        accounts=len(found.accounts),
        traces=_tests(found.notes.get("traces", {}), found.parameters.get("traces")),
        base=_base_rate(),
    )


def _base_rate() -> closing_values.BaseRate:
    flagged = PREVALENCE * RECALL + (1 - PREVALENCE) * FALSE_POSITIVE
    return closing_values.BaseRate(
        prevalence=PREVALENCE,
        false_positive=FALSE_POSITIVE,
        recall=RECALL,
        right=PREVALENCE * RECALL / flagged,
        in_10000=round(10_000 * PREVALENCE),
        caught=round(10_000 * PREVALENCE * RECALL),
        wrong=round(10_000 * (1 - PREVALENCE) * FALSE_POSITIVE),
    )


def _tests(per_trace: object, asked: object) -> tuple[closing_values.TraceTests, ...]:
    """Return per trace how many accounts, actions and tests there were, where the notes say so, in the order asked for.

    Notes of a stored result come back in another order than those of a fresh one.
    """
    if not isinstance(per_trace, dict):
        return ()
    place = {name: n for n, name in enumerate(asked)} if isinstance(asked, (list, tuple)) else {}
    names = sorted(per_trace, key=lambda name: (place.get(name, len(place)), name))
    return tuple(_tested(name, per_trace[name]) for name in names if isinstance(per_trace[name], dict))


def _tested(trace: str, notes: Mapping[str, Any]) -> closing_values.TraceTests:
    windows = notes.get("windows_s")
    return closing_values.TraceTests(
        trace=trace,
        n_accounts=notes.get("n_accounts"),
        n_actions=notes.get("n_actions"),
        n_tests=notes.get("n_tests"),
        sources_known=notes.get("sources_known"),
        windows_s=None if windows is None else tuple(windows),
    )


def _short(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return f"{len(value)}"
    return "–" if value is None else str(value)


def provenance(case: Case, found: Findings) -> closing_values.Provenance:
    """Return hashes of every received file, the head of the custody log, and versions."""
    length, head = case.ledger.head()
    posts = _carrying(found)
    return closing_values.Provenance(
        case=case.id,
        files=tuple(
            closing_values.SourceFile(
                name=batch.source_name,
                sha256=batch.source_sha256,
                batch=batch.batch_id,
                rows=batch.read,
                format=batch.format,
            )
            for batch in case.batches()
        ),
        inputs=case.inputs_hash(),
        ledger_length=length,
        ledger_head=head,
        chain_sound=case.chain_problem is None,
        version=__version__,
        python=platform.python_version(),
        seed=found.parameters.get("seed"),
        derived=found.derived.parent.name if found.derived is not None else None,
        clock=clock_state()["synchronised"],
        carried=len(posts),
        posts=posts,
    )


def _carrying(found: Findings) -> tuple[closing_values.CarryingPost, ...]:
    """Return all posts in step of the accounts that may be named, group by group and by time."""
    number = numbers(found)
    return tuple(
        closing_values.CarryingPost(
            group=place,
            n=number[row["account_id"]],
            at=row["created_at"],
            record=row["record_id"],
            platform=row.get("platform"),
            trace=row["trace"],
            sha256=row["source_sha256"],
            row=row["source_row"],
        )
        for place, group in enumerate(groups(found), start=1)
        for row in of_named(carried(found, group), group).to_dict("records")
    )


def signoff(case: Case) -> closing_values.Signoff:
    """Return who prepared the report; the other lines stay empty for pen and ink."""
    return closing_values.Signoff(officer=case.officer, expires=case.settings.expires)


SECTIONS = (
    Declaration("aside", ("found",), aside, closing_values.Aside),
    Declaration("limits", ("case", "scope", "found"), limits, closing_values.Limits),
    Declaration("method", ("found",), method, closing_values.Method),
    Declaration("provenance", ("case", "found"), provenance, closing_values.Provenance),
    Declaration("signoff", ("case",), signoff, closing_values.Signoff),
)
"""The sections that stand in this module."""
