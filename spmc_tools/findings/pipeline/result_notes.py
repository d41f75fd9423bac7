"""The notes of an investigation: what its findings rest on, in numbers and text that JSON holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

if TYPE_CHECKING:
    from spmc_tools.findings.events.bursts import InBursts
    from spmc_tools.findings.events.events import Events
    from spmc_tools.findings.pipeline.inputs import Inputs
    from spmc_tools.findings.pipeline.tiered_accounts import Clusters
    from spmc_tools.findings.pipeline.trace_results import TraceResult, TraceResults
    from spmc_tools.findings.result.received_records import Received
    from spmc_tools.findings.sessions.sessions import Sessions

__all__ = ["result_notes"]


def result_notes(
    inputs: Inputs, traces: TraceResults, at_once: tuple[Events, InBursts, Sessions], clusters: Clusters
) -> dict[str, Any]:
    """Return what records, traces, the register and the newsroom pattern have to say, and events, bursts, sessions."""
    events, bursts, sessions = at_once
    of_traces = {result.trace.name: _of_trace(result) for result in traces.results if result.actions is not None}
    plain: dict[str, Any] = json.loads(
        json.dumps({"records": _of_records(inputs.received), "traces": of_traces}, default=_plain)
    )
    return plain | {
        "context": inputs.context_notes,
        "benign_pattern": clusters.benign.notes,
        "ordinary_patterns": clusters.ordinary.notes,
        "events": events.notes,
        "bursts": bursts.notes,
        "sessions": {"n_groups": len(sessions.rows), "n_accounts": len(sessions.of), "moment_s": sessions.bin_s},
        "rewritten": sessions.rewritten,
    }


def _of_records(received: Received) -> dict[str, Any]:
    times = pc.min_max(received.table["created_at"]).as_py()
    return {
        **received.notes,
        "n_records": len(received.table),
        "first_t": times["min"].isoformat() if times["min"] else None,
        "last_t": times["max"].isoformat() if times["max"] else None,
    }


def _of_trace(result: TraceResult) -> dict[str, Any]:
    assert result.actions is not None  # noqa: S101 -- asked of traces that were run
    skipped = json.loads(result.actions.schema.metadata.get(b"skipped", b"{}"))
    notes: dict[str, Any] = {"n_actions": len(result.actions), "skipped": skipped}
    if result.assessment is not None:
        notes |= result.assessment.notes
    if result.untimed is not None:
        notes["untimed"] = result.untimed.notes
    return notes


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
