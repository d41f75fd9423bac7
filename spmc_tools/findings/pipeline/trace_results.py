"""Traces, one after the other: the actions that each reads, their assessment, their untimed layer, what was not run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from spmc_tools.coaction.traces.trace import lacking
from spmc_tools.coaction.traces.trace_catalogue import actions_of
from spmc_tools.findings.assessment.assess import assess
from spmc_tools.findings.assessment.assessment_context import in_context
from spmc_tools.findings.assessment.untimed_pairs import untimed_layer
from spmc_tools.findings.pipeline.memory_budget import no_room_for_actions, no_room_for_texts
from spmc_tools.findings.pipeline.unknown_sources import naming_nobody

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from spmc_tools.coaction.traces.trace import Trace
    from spmc_tools.findings.assessment.assess import Assessment
    from spmc_tools.findings.assessment.untimed_pairs import UntimedLayer
    from spmc_tools.findings.pipeline.inputs import Inputs
    from spmc_tools.findings.pipeline.stage_cache import KeptStages

__all__ = ["TraceResult", "TraceResults", "read_actions", "trace_results"]


_NO_AUTHORS = (
    "The records do not say whose the posts are (ref_account_id is empty): ten posts of one author look like ten "
    "sources, so that accounts are ranked and listed, and nobody is named."
)


@dataclass(frozen=True, slots=True)
class TraceResult:
    """What one trace gave.

    Attributes
    ----------
    trace : Trace
        Of the catalogue.
    actions : pyarrow.Table or None
        Schema ``ACTIONS``; None where the trace was not run.
    assessment : Assessment or None
        None where no window could be assessed.
    untimed : UntimedLayer or None
        None where the trace has no untimed layer, or was not run.
    not_run : tuple of dict
        Rows of ``Findings.not_run``.
    """

    trace: Trace
    actions: pa.Table | None = None
    assessment: Assessment | None = None
    untimed: UntimedLayer | None = None
    not_run: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class TraceResults:
    """What all traces of an investigation gave, in the order of the catalogue."""

    results: tuple[TraceResult, ...]

    @property
    def actions(self) -> dict[str, pa.Table]:
        """Actions by trace, of those that were run."""
        return {result.trace.name: result.actions for result in self.results if result.actions is not None}

    @property
    def assessments(self) -> dict[str, Assessment]:
        """Assessments by trace, of those that have one."""
        return {result.trace.name: result.assessment for result in self.results if result.assessment is not None}

    @property
    def untimed(self) -> dict[str, UntimedLayer]:
        """Untimed layers by trace, of those that have one."""
        return {result.trace.name: result.untimed for result in self.results if result.untimed is not None}

    @property
    def not_run(self) -> list[dict[str, Any]]:
        """What was not run and why, trace by trace."""
        return [row for result in self.results for row in result.not_run]


def trace_results(inputs: Inputs) -> TraceResults:
    """Return what every trace that is asked for gives; one that cannot be run says why."""
    results: list[TraceResult] = []
    for number, trace in enumerate(inputs.request.traces, start=1):
        inputs.progress(trace.name, number, inputs.request.n_stages)
        results.append(_result(inputs, trace, results))
    return TraceResults(tuple(results))


def read_actions(records: pa.Table, trace: Trace, stages: KeptStages) -> pa.Table:
    """Return the actions that a trace reads from these records."""
    work = partial(actions_of, records, trace)
    return stages.of(f"{trace.name}: actions", [stages.hash_of(records), asdict(trace)], work)


def _result(inputs: Inputs, trace: Trace, before: Sequence[TraceResult]) -> TraceResult:
    """Return what a trace gives, beside the actions of those before it."""
    records = inputs.accounts if trace.table == "accounts" else inputs.received.table
    cannot = _why_not_read(inputs, trace, records)
    if cannot is not None:
        return TraceResult(trace, not_run=(cannot,))
    actions = read_actions(records, trace, inputs.stages)
    cannot = _why_not_assessed(trace, actions)
    if cannot is not None:
        return TraceResult(trace, not_run=(cannot,))
    coarsest = _coarsest(records, actions)
    windows = inputs.request.windows_of(trace)
    fitting = [window for window in windows if coarsest is None or window >= 2 * coarsest]
    not_run = [_too_coarse(trace, window, coarsest) for window in windows if window not in fitting]
    no_room = no_room_for_actions(inputs.received, _held(before, trace, actions), trace) if fitting else None
    if fitting and _without_authors(trace, actions):
        not_run.append(_not_run(trace, "no_authors", _NO_AUTHORS))
    return TraceResult(
        trace,
        actions,
        _assessment(inputs, trace, actions, fitting) if fitting and no_room is None else None,
        _untimed(inputs, trace, actions) if trace.untimed else None,
        tuple(not_run if no_room is None else [*not_run, no_room]),
    )


def _held(before: Sequence[TraceResult], trace: Trace, actions: pa.Table) -> dict[str, pa.Table]:
    """Return the actions that lie in memory when a trace is assessed, by trace."""
    return TraceResults(tuple(before)).actions | {trace.name: actions}


def _assessment(inputs: Inputs, trace: Trace, actions: pa.Table, windows_s: list[float]) -> Assessment:
    """Return the assessment of a trace; what is kept of it knows no register, which may change from look to look."""
    seed, stages = inputs.request.seed, inputs.stages
    work = partial(assess, actions, windows_s=windows_s, seed=seed)
    settings = {"windows_s": windows_s, "seed": seed}
    assessment = stages.of(f"{trace.name}: assessment", [stages.hash_of(actions), settings], work)
    if _without_authors(trace, actions):
        assessment = naming_nobody(assessment)
    acting = set(actions["account_id"].unique().to_pylist()) if inputs.context else set()
    return in_context(assessment, {account: kind for account, kind in inputs.context.items() if account in acting})


def _untimed(inputs: Inputs, trace: Trace, actions: pa.Table) -> UntimedLayer:
    content = [inputs.stages.hash_of(actions), trace.name]
    return inputs.stages.of(f"{trace.name}: untimed", content, partial(untimed_layer, actions, trace.name))


def _why_not_read(inputs: Inputs, trace: Trace, records: pa.Table | None) -> dict[str, Any] | None:
    """Return why a trace cannot read these records; None where it can."""
    if records is None or (trace.table == "accounts" and not len(records)):
        reason = "There is no table of accounts; only a case with imported accounts has one."
        return _not_run(trace, "needs_accounts", reason)
    missing = [name.replace("|", " or ") for name in lacking(records, trace)]
    if missing:
        return _not_run(trace, "lacks_column", f"The records lack {', '.join(missing)}.") | {"columns": missing}
    return no_room_for_texts(inputs.received, trace)


def _why_not_assessed(trace: Trace, actions: pa.Table) -> dict[str, Any] | None:
    """Return why there is nothing to compare in these actions; None where there is."""
    if not len(actions):
        return _not_run(trace, "nothing_to_look_at", "No record holds what this trace looks at.")
    if len(actions["account_id"].unique()) < 2:
        return _not_run(trace, "one_account", "Only one account holds what this trace looks at.")
    return None


def _without_authors(trace: Trace, actions: pa.Table) -> bool:
    """Return whether the source of a trace is the author, and no record names any."""
    return trace.source == "author" and actions["source_id"].null_count == len(actions)


def _too_coarse(trace: Trace, window_s: float, coarsest: float | None) -> dict[str, Any]:
    reason = f"Times are known to {coarsest:g} s only, and a window of {window_s:g} s is less than twice that."
    return _not_run(trace, "clock_too_coarse", reason, window_s) | {"time_precision_s": coarsest}


def _not_run(trace: Trace, code: str, reason: str, window_s: float | None = None) -> dict[str, Any]:
    """Return a row of ``Findings.not_run``; without a window it is the whole trace."""
    return {"trace": trace.name, "window_s": window_s, "reason": reason, "code": code}


def _coarsest(records: pa.Table, actions: pa.Table) -> float | None:
    """Return the coarsest step of the clocks behind some actions, in seconds; None where no record tells it."""
    if "time_precision_s" not in records.column_names or "record_id" not in records.column_names:
        return None
    acting = pc.is_in(records["record_id"], value_set=actions["record_id"].combine_chunks())
    coarsest: float | None = pc.max(records["time_precision_s"].filter(acting)).as_py()
    return coarsest
