"""Clusters over all traces, the tier of every account, and how many accounts of each cluster and event are named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.findings.clusters import account_rows
from spmc_tools.findings.clusters.benign_pattern import benign_patterns
from spmc_tools.findings.clusters.clusters import Ground, joined
from spmc_tools.findings.clusters.ordinary_patterns import ordinary_patterns
from spmc_tools.findings.clusters.same_posts import same_posts
from spmc_tools.findings.clusters.second_marks import in_other_sessions, made_together, ready_made_alone
from spmc_tools.findings.stacked_rows import in_form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from spmc_tools.findings.clusters.benign_pattern import Patterns
    from spmc_tools.findings.clusters.clusters import Joined
    from spmc_tools.findings.clusters.ordinary_patterns import OrdinaryPatterns
    from spmc_tools.findings.detectors.run_detectors import Detected
    from spmc_tools.findings.events.bursts import InBursts
    from spmc_tools.findings.events.events import Events
    from spmc_tools.findings.pipeline.inputs import Inputs
    from spmc_tools.findings.pipeline.trace_results import TraceResults
    from spmc_tools.findings.pipeline.trace_union import ScoredAccounts, Union
    from spmc_tools.findings.sessions.sessions import Sessions

__all__ = ["AccountTables", "Clusters", "clustered", "named_clusters", "named_events", "tiered"]

NAMED = frozenset({"A", "B"})
"""Tiers that may be named, after review."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters over all traces and of events, and the newsroom pattern in them and of their members.

    ``same``: account -> traces that rest on the same posts of it, in twos. ``ordinary``: traces that an ordinary
    pattern explains, or that rest on ready-made posts alone: they show an account and do not name it.
    """

    joined: Joined
    benign: Patterns
    same: dict[str, frozenset[frozenset[str]]]
    ordinary: OrdinaryPatterns

    @property
    def patterns(self) -> pd.DataFrame:
        """The table ``cluster_patterns``, in the order of the clusters."""
        numbers = [row["cluster_id"] for row in self.joined.rows]
        rows = [{"cluster_id": number, **found} for number, found in zip(numbers, self.benign.clusters, strict=False)]
        return in_form(rows, "cluster_patterns")


@dataclass(frozen=True, slots=True)
class AccountTables:
    """The table ``accounts``, and what its tiers rest on: ``account_traces, account_events, account_patterns``."""

    accounts: pd.DataFrame
    traces: pd.DataFrame
    events: pd.DataFrame
    patterns: pd.DataFrame


def clustered(  # noqa: PLR0913, PLR0917 -- all that a group and its ordinary patterns rest on, each by its name
    inputs: Inputs,
    traces: TraceResults,
    union: Union,
    scored: ScoredAccounts,
    events: Events,
    sessions: Sessions,
    detections: Sequence[Detected],
) -> Clusters:
    """Return the clusters of all edges and events, and which patterns their members have."""
    actions = traces.actions
    ground = Ground(union.edges, actions, union.excluded, scored.scores, inputs.context, events)
    groups = joined(ground, inputs.request.seed)
    members = [row["accounts"] for row in groups.rows]
    benign = benign_patterns(inputs.received.table, members, inputs.context, actions)
    same = same_posts(scored.rows, ground, benign.accounts)
    ordinary = ordinary_patterns(inputs.received.table, scored.rows, ground, benign.accounts, groups.cluster_of)
    signals = [detection.signals for detection in detections if detection.signals is not None]
    marked = in_other_sessions(sessions.rows) | made_together(signals, groups.cluster_of)
    alone = ready_made_alone(
        scored.rows, benign.accounts, ordinary.traces, events.accounts, groups.cluster_of, marked, same
    )
    return Clusters(groups, benign, same, ordinary.with_alone(alone))


def tiered(  # noqa: PLR0913, PLR0917 -- all that a tier rests on, each by its name
    inputs: Inputs,
    traces: TraceResults,
    union: Union,
    scored: ScoredAccounts,
    clusters: Clusters,
    at_once: tuple[Events, InBursts, Sessions],
) -> AccountTables:
    """Return every account with its tier, and what that rests on.

    ``at_once``: what events, bursts and sessions say.
    """
    within = {trace.name: trace.within.name for trace in TRACES.values() if trace.within is not None}
    n_traces, benign = len(traces.assessments), clusters.benign.accounts
    known = account_rows.Known(
        scored.rows,
        clusters.joined,
        inputs.context,
        n_traces,
        *at_once,
        scored.scores,
        benign,
        within,
        clusters.same,
        clusters.ordinary.traces,
    )
    return AccountTables(
        accounts=account_rows.account_table(scored.lives, known),
        traces=account_rows.account_traces(scored.lives, known, union.edges),
        events=account_rows.account_events(at_once[0]),
        patterns=account_rows.account_patterns(benign),
    )


def named_clusters(
    clusters: Clusters, tier_of: Mapping[str, str | None], context: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the rows of the clusters with the number of accounts named and registered in each."""
    return [
        row
        | {
            "n_named": sum(tier_of[account] in NAMED for account in row["accounts"]),
            "n_context": sum(account in context for account in row["accounts"]),
        }
        for row in clusters.joined.rows
    ]


def named_events(
    events: Events, clusters: Clusters, tier_of: Mapping[str, str | None], context: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the rows of the events with the cluster of each, and how many accounts it names and are registered."""
    cluster_of = {event: row["cluster_id"] for row in clusters.joined.rows for event in row["events"]}
    named = Counter(
        in_event.event_id
        for account, facts in events.accounts.items()
        if tier_of[account] in NAMED
        for in_event in facts.events
    )
    authors = events.signed.groupby("event_id")["account_id"].unique()
    return [
        row
        | {
            "cluster_id": cluster_of.get(row["event_id"]),
            "n_named": named[row["event_id"]],
            "n_context": sum(account in context for account in authors.get(row["event_id"], ())),
        }
        for row in events.rows
    ]
