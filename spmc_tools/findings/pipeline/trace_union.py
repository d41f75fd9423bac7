"""All traces together: their edges, the objects that were set aside, and the rows and scores of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.findings.clusters.account_rows import lives_of
from spmc_tools.findings.stacked_rows import in_form, stacked, with_trace
from spmc_tools.findings.tiers.scores import combined, seen, with_ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyarrow as pa

    from spmc_tools.findings.detectors.run_detectors import Detected
    from spmc_tools.findings.events.events import Events
    from spmc_tools.findings.pipeline.trace_results import TraceResults
    from spmc_tools.findings.sessions.sessions import Sessions
    from spmc_tools.findings.tiers.scores import Scored

__all__ = ["ScoredAccounts", "Union", "scored_accounts", "union_of"]


@dataclass(frozen=True, slots=True)
class Union:
    """Edges of all traces, and the objects that were set aside: two tables of results."""

    edges: pd.DataFrame
    excluded: pd.DataFrame


@dataclass(frozen=True, slots=True)
class ScoredAccounts:
    """Accounts over all traces.

    Attributes
    ----------
    lives : pandas.DataFrame
        ``n_records, first_seen, last_seen`` of every account, by id.
    rows : dict of account -> list of Scored
        What each trace and each layer that ranks says of it; accounts of which none says anything are left out.
    scores : dict of account -> float
        The larger of the score over all traces and that of its events, and what sessions by time alone and
        rewritten texts add.
    """

    lives: pd.DataFrame
    rows: dict[str, list[Scored]]
    scores: dict[str, float]


def union_of(traces: TraceResults) -> Union:
    """Return the edges and the objects set aside of all assessments and untimed layers."""
    layers = (traces.assessments, traces.untimed)
    aside = [with_trace({name: trace_layer.excluded for name, trace_layer in layer.items()}) for layer in layers]
    return Union(edges=_edges(traces), excluded=in_form(stacked(aside), "excluded"))


def _edges(traces: TraceResults) -> pd.DataFrame:
    """Return all edges by trace: its windows ascending, then without a window.

    Two accounts with fewer objects than the trace wants have none.
    """
    parts: dict[str, list[pd.DataFrame]] = {}
    for layer in (traces.assessments, traces.untimed):
        for name, trace_layer in layer.items():
            parts.setdefault(name, []).append(trace_layer.edges)
    whole = {name: stacked(parts[name]) for name in TRACES if name in parts}
    enough = {name: rows[rows["n_objects"] >= TRACES[name].min_objects] for name, rows in whole.items() if len(rows)}
    return in_form(with_trace(enough), "edges")


def scored_accounts(
    records: pa.Table, traces: TraceResults, detections: Sequence[Detected], events: Events, sessions: Sessions
) -> ScoredAccounts:
    """Return what traces, layers that rank, events and sessions say of each account, and its score."""
    lives = lives_of(records)
    ranking = [layer.scored for layer in traces.untimed.values()] + [detection.scored for detection in detections]
    assessed = seen(lives.index, {name: assessment.accounts for name, assessment in traces.assessments.items()})
    rows = with_ranking(assessed, set(lives.index), ranking)
    scores = {account: combined(listed, len(traces.assessments))[2] for account, listed in rows.items()}
    for account, event in events.accounts.items():
        scores[account] = max(scores.get(account, 0.0), event.score)
    for beside in (sessions.by_time, sessions.by_rewriting):
        for account, more in beside.items():
            scores[account] = scores.get(account, 0.0) + more
    return ScoredAccounts(lives, rows, scores)
