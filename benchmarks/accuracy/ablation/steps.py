"""The steps of an investigation with all that they gave, so that parts can be left out without doing them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pandas as pd

from spmc_tools.chance.sessions import session_groups
from spmc_tools.chance.sessions.hot_circles import HotCircle
from spmc_tools.coaction.traces.actions import encode
from spmc_tools.findings.assessment.assessment_tables import ids_of
from spmc_tools.findings.events.bursts import found_bursts
from spmc_tools.findings.events.events import found_events
from spmc_tools.findings.pipeline.detector_results import detector_results
from spmc_tools.findings.pipeline.inputs import inputs_of
from spmc_tools.findings.pipeline.memory_budget import in_order
from spmc_tools.findings.pipeline.stage_cache import KeptStages
from spmc_tools.findings.pipeline.trace_results import trace_results
from spmc_tools.findings.pipeline.trace_union import scored_accounts, union_of
from spmc_tools.findings.request import checked_request
from spmc_tools.findings.sessions.sessions import found_sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.chance.sessions.rare_meetings import RareGroup
    from spmc_tools.chance.sessions.session_pairs import SessionPairs
    from spmc_tools.findings.detectors.run_detectors import Detected
    from spmc_tools.findings.events.bursts import InBursts
    from spmc_tools.findings.events.events import Events
    from spmc_tools.findings.pipeline.inputs import Inputs
    from spmc_tools.findings.pipeline.trace_results import TraceResults
    from spmc_tools.findings.pipeline.trace_union import ScoredAccounts, Union
    from spmc_tools.findings.sessions.sessions import Sessions

__all__ = ["STRENGTH", "Steps", "steps_of"]

STRENGTH = ("pairs within hours", "own repeats", "rare meetings", "hot circles")
"""Parts of the strength within sessions. The larger of the last two counts, and the others are added to it."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What each step gave; ``strength``: trace -> parts of the strength within sessions, by account id."""

    inputs: Inputs
    traces: TraceResults
    detections: Sequence[Detected]
    events: Events
    bursts: InBursts
    union: Union
    sessions: Sessions
    scored: ScoredAccounts
    strength: dict[str, pd.DataFrame]


def steps_of(records: pd.DataFrame) -> Steps:
    """Return what the steps of an investigation of these records give, with every setting as it comes.

    The parts of the strength within sessions are seen where the package adds them up; the sum is the package's own.
    """
    request = checked_request("all", None, None, 0)
    inputs = inputs_of(request, in_order([records]), None, KeptStages(None, ""), _silent)
    seen: list[pd.DataFrame] = []
    whole = session_groups._strength  # wrapped below, not replaced

    def watched(shown: Sequence[SessionPairs], found: Sequence[RareGroup | HotCircle]) -> Any:
        seen.append(_parts(shown, found))
        return whole(shown, found)

    with mock.patch.object(session_groups, "_strength", watched):
        traces = trace_results(inputs)
    strength = {
        name: parts.set_index(_account_ids(traces.actions[name]))
        for name, parts in zip(traces.assessments, seen, strict=True)
    }
    received = inputs.received.table
    detections = detector_results(inputs, traces.actions)
    events = found_events(received, traces.actions, request.traces)
    sessions = found_sessions(received, traces.assessments, inputs.context, traces.actions)
    return Steps(
        inputs=inputs,
        traces=traces,
        detections=detections,
        events=events,
        bursts=found_bursts(received),
        union=union_of(traces),
        sessions=sessions,
        scored=scored_accounts(received, traces, detections, events, sessions),
        strength=strength,
    )


def _silent(_stage: str, _done: int, _total: int) -> None:
    return


def _account_ids(actions: Any) -> pd.Index[str]:
    accounts = encode(actions).accounts
    ids: pd.Index[str] = pd.Index(ids_of(accounts, np.arange(len(accounts))))
    return ids


def _parts(shown: Sequence[SessionPairs], found: Sequence[RareGroup | HotCircle]) -> pd.DataFrame:
    """Return the parts of the strength of each account, in order of the codes."""
    third = session_groups.PARTNERS - 1
    pairs = np.mean([np.minimum(one.strongest, session_groups.CAP).sum(axis=1) for one in shown], axis=0)
    # the largest that repeated evidence counts for, as the package has it
    repeats = np.mean([np.minimum(one.repeated[:, third], 100.0) for one in shown], axis=0)
    standing = {kind: np.zeros(pairs.size) for kind in STRENGTH[2:]}
    for group in found:
        of = standing["hot circles" if isinstance(group, HotCircle) else "rare meetings"]
        of[group.members] = np.maximum(of[group.members], group.standing)
    columns = (pairs, session_groups.REPEATED * repeats, *(session_groups.OF_GROUP * x for x in standing.values()))
    return pd.DataFrame(dict(zip(STRENGTH, columns, strict=True)))
