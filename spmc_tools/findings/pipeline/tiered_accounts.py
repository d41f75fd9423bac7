"""Clusters over all traces, the tier of every account, and how many accounts of each cluster and event are named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.findings.clusters.account_rows import Known, account_table
from spmc_tools.findings.clusters.benign_pattern import benign_patterns
from spmc_tools.findings.clusters.cluster_groups import proven_groups
from spmc_tools.findings.clusters.clusters import Ground, joined
from spmc_tools.findings.clusters.same_posts import same_posts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from spmc_tools.findings.clusters.clusters import Joined
    from spmc_tools.findings.events.bursts import InBursts
    from spmc_tools.findings.events.events import Events
    from spmc_tools.findings.pipeline.inputs import Inputs
    from spmc_tools.findings.pipeline.trace_results import TraceResults
    from spmc_tools.findings.pipeline.trace_union import ScoredAccounts, Union

__all__ = ["Clusters", "clustered", "named_clusters", "named_events", "tiered"]

NAMED = frozenset({"A", "B"})
"""Tiers that may be named, after review."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters over all traces and of events, and the newsroom pattern of their members.

    ``benign``: account -> columns of ``accounts.benign``. ``benign_notes``: what was measured of it. ``same``: account
    -> traces that rest on the same posts of it, in twos.
    """

    joined: Joined
    benign: dict[str, dict[str, Any]]
    benign_notes: dict[str, Any]
    same: dict[str, frozenset[frozenset[str]]]


def clustered(inputs: Inputs, traces: TraceResults, union: Union, scored: ScoredAccounts, events: Events) -> Clusters:
    """Return the clusters of all edges and events, and which of their members have the newsroom pattern."""
    actions = traces.actions
    ground = Ground(union.edges, actions, union.excluded, scored.scores, inputs.context, events)
    groups = joined(ground, inputs.request.seed)
    benign, notes = benign_patterns(inputs.received.table, groups.rows, inputs.context, actions)
    return Clusters(groups, benign, notes, same_posts(scored.rows, ground, benign))


def tiered(  # noqa: PLR0913, PLR0917 -- all that a tier rests on, each by its name
    inputs: Inputs,
    traces: TraceResults,
    union: Union,
    scored: ScoredAccounts,
    clusters: Clusters,
    events: Events,
    bursts: InBursts,
) -> pd.DataFrame:
    """Return the table of accounts: every account, with its tier and what that rests on."""
    within = {trace.name: trace.within.name for trace in TRACES.values() if trace.within is not None}
    n_traces, benign = len(traces.assessments), clusters.benign
    known = Known(scored.rows, clusters.joined, inputs.context, n_traces, events, bursts, benign, within, clusters.same)
    return account_table(scored.lives, known, union.edges)


def named_clusters(
    clusters: Clusters, tier_of: Mapping[str, str | None], context: Mapping[str, str], traces: TraceResults
) -> list[dict[str, Any]]:
    """Return the rows of the clusters with the accounts named and registered in each, and its proven groups."""
    groups = {name: assessment.groups for name, assessment in traces.assessments.items()}
    return [
        row
        | {
            "n_named": sum(tier_of[account] in NAMED for account in row["accounts"]),
            "n_context": sum(account in context for account in row["accounts"]),
            "groups": proven_groups(row["accounts"], groups),
        }
        for row in clusters.joined.rows
    ]


def named_events(
    events: Events, clusters: Clusters, tier_of: Mapping[str, str | None], context: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the rows of the events with the cluster of each, and how many accounts it names and are registered."""
    cluster_of = {event: row["cluster_id"] for row in clusters.joined.rows for event in row["events"]}
    named = Counter(
        figures["event_id"]
        for account, facts in events.accounts.items()
        if tier_of[account] in NAMED
        for figures in facts.events
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
