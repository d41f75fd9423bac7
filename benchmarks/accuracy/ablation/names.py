"""Tiers of an investigation without some of the rules that name, or that keep from naming."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.coaction.traces.trace_catalogue import TRACES
from spmc_tools.findings.clusters.account_rows import explained_by, tier_by_unexplained_events
from spmc_tools.findings.clusters.benign_pattern import benign_patterns
from spmc_tools.findings.clusters.clusters import Ground, joined
from spmc_tools.findings.clusters.ordinary_patterns import PATTERNS, OrdinaryPatterns, ordinary_patterns
from spmc_tools.findings.clusters.same_posts import same_posts
from spmc_tools.findings.clusters.second_marks import in_other_sessions, made_together, ready_made_alone
from spmc_tools.findings.events.events import Events
from spmc_tools.findings.tiers.scores import tier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.accuracy.ablation.steps import Steps
    from spmc_tools.findings.clusters.clusters import Joined
    from spmc_tools.findings.tiers.scores import Scored

__all__ = ["AS_IT_IS", "NAMES", "RULES", "Rules", "tiers_of"]

_MEASURED = frozenset(PATTERNS[:-1])
_FINER = {trace.name: trace.within.name for trace in TRACES.values() if trace.within is not None}


@dataclass(frozen=True, slots=True)
class Rules:
    """Which rules hold. The first three may name, the next four only list, and the others keep from naming.

    ``patterns``: the ordinary patterns that are measured. ``marks``: what counts as a second mark beside other traces
    and events.
    """

    pairs: bool = True
    groups: bool = True
    events: bool = True
    any_days: bool = True
    detectors: bool = True
    bursts: bool = True
    sessions: bool = True
    newsrooms: bool = True
    patterns: frozenset[str] = field(default=_MEASURED)
    second_mark: bool = True
    marks: frozenset[str] = field(default=frozenset({"sessions", "made together"}))


AS_IT_IS = "as it is"

RULES: dict[str, Rules] = {
    AS_IT_IS: Rules(),
    "without pairs": Rules(pairs=False),
    "without groups": Rules(groups=False),
    "without events": Rules(events=False),
    "pairs alone": Rules(groups=False, events=False),
    "groups alone": Rules(pairs=False, events=False),
    "events alone": Rules(pairs=False, groups=False),
    "without any days": Rules(any_days=False),
    "without detectors": Rules(detectors=False),
    "without bursts": Rules(bursts=False),
    "without groups within hours": Rules(sessions=False),
    "without newsroom pattern": Rules(newsrooms=False),
    **{f"without {name.replace('_', ' ')}": Rules(patterns=_MEASURED - {name}) for name in PATTERNS[:-1]},
    "without ordinary patterns": Rules(patterns=frozenset()),
    "without second mark": Rules(second_mark=False),
    "second mark without sessions": Rules(marks=frozenset({"made together"})),
    "second mark without accounts made together": Rules(marks=frozenset({"sessions"})),
    "together alone, nothing explains": Rules(newsrooms=False, patterns=frozenset(), second_mark=False),
}
"""Sets of rules by what is said of them."""

NAMES = tuple(RULES)


def tiers_of(steps: Steps) -> dict[str, pd.Series]:
    """Return the tier of every account ("A", "B", "C" or None) under each of :data:`RULES`, by account id.

    What is not measured again for a set of rules is what it cannot change: groups of accounts are made anew where what
    names is left out, and nothing before them is.
    """
    made: dict[tuple[bool, ...], _Named] = {}
    found = {}
    for name, rules in RULES.items():
        which = (rules.pairs, rules.groups, rules.events, rules.newsrooms)
        if which not in made:
            made[which] = _named(steps, rules)
        found[name] = _tiers(steps, made[which], rules)
    return found


@dataclass(frozen=True, slots=True)
class _Named:
    """What names, the clusters that it makes, and the patterns in them."""

    rows: dict[str, list[Scored]]
    events: Events
    clusters: Joined
    benign: Mapping[str, Mapping[str, Any]]
    same: dict[str, frozenset[frozenset[str]]]
    ordinary: OrdinaryPatterns


def _named(steps: Steps, rules: Rules) -> _Named:
    held = {
        (trace, account)
        for trace, assessment in steps.traces.assessments.items()
        for account, found in zip(
            assessment.group_members["account_id"], assessment.group_members["found"], strict=True
        )
        if found
    }
    rows = {
        account: [_row(row, rules, (row.trace, account) in held) for row in listed]
        for account, listed in steps.scored.rows.items()
    }
    edges = steps.union.edges
    if not rules.pairs:
        edges = edges.assign(q=1.0).astype(edges.dtypes.to_dict())
    if not rules.groups:
        edges = edges.assign(p_group=1.0).astype(edges.dtypes.to_dict())
    events = steps.events
    if not rules.events:
        events = Events([], events.signed.iloc[:0], {}, [], events.notes, events.not_run)
    ground = Ground(edges, steps.traces.actions, steps.union.excluded, steps.scored.scores, {}, events)
    clusters = joined(ground, steps.inputs.request.seed)
    members = [row["accounts"] for row in clusters.rows]
    records = steps.inputs.received.table
    benign: Mapping[str, Mapping[str, Any]] = {}
    if rules.newsrooms:
        benign = benign_patterns(records, members, {}, steps.traces.actions).accounts
    ordinary = ordinary_patterns(records, rows, ground, benign, clusters.cluster_of)
    return _Named(rows, events, clusters, benign, same_posts(rows, ground, benign), ordinary)


def _row(row: Scored, rules: Rules, in_group: bool) -> Scored:
    """Return what a trace says of an account without its pairs, or without its groups."""
    if row.rank_only or row.kind == "late":
        return row
    by_pair, by_group = rules.pairs and row.kind != "group", rules.groups and in_group
    if by_pair or (by_group and row.basis == "several"):
        return row if by_pair else replace(row, kind="group")
    return replace(row, basis=None, named=False, kind=None)


def _tiers(steps: Steps, named: _Named, rules: Rules) -> pd.Series:
    untimed = {"untimed": rules.any_days, "detector": rules.detectors}
    rows = {
        account: [row for row in listed if not row.rank_only or untimed.get(str(row.kind), True)]
        for account, listed in named.rows.items()
    }
    ordinary = _ordinary(steps, named, rules).traces
    shown = {account for account in steps.bursts.accounts if rules.bursts and steps.bursts.ranks(account)}
    shown |= set(steps.sessions.of) if rules.sessions else set()
    tiers = {}
    for account in steps.scored.lives.index:
        explained = explained_by(named.benign.get(account))
        tiers[account] = tier(
            rows.get(account, []),
            account in named.clusters.in_context,
            tier_by_unexplained_events(named.events.accounts.get(account), explained),
            explained,
            ranked=account in shown,
            within=_FINER,
            same=named.same.get(account, ()),
            ordinary=ordinary.get(account, ()),
        )
    return pd.Series(tiers, dtype=object)


def _ordinary(steps: Steps, named: _Named, rules: Rules) -> OrdinaryPatterns:
    kept = OrdinaryPatterns([row for row in named.ordinary.rows if row["pattern"] in rules.patterns])
    if not rules.second_mark:
        return kept
    cluster_of = named.clusters.cluster_of
    signals = [one.signals for one in steps.detections if one.signals is not None]
    marked = in_other_sessions(steps.sessions.rows) if rules.sessions and "sessions" in rules.marks else set()
    marked = marked | (made_together(signals, cluster_of) if "made together" in rules.marks else set())
    alone = ready_made_alone(
        named.rows, named.benign, kept.traces, named.events.accounts, cluster_of, marked, named.same
    )
    return kept.with_alone(alone)
