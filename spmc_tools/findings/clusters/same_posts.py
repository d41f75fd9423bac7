"""Traces of an account that rest on the same posts: one act, not two.

A text and its tags, its address or its picture are posted by one press of a button. Two traces, or a trace and an
event, count as two only where they rest on different posts: of the account's own records behind each, fewer than
:data:`SAME_SHARE` of the smaller number are behind both.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from spmc_tools.findings.clusters.account_rows import explained_by
from spmc_tools.findings.clusters.evidence import carrying, own_records_in_step, widest
from spmc_tools.findings.tiers.scores import EVENT, naming

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    import pandas as pd

    from spmc_tools.findings.clusters.clusters import Ground
    from spmc_tools.findings.tiers.scores import Scored

__all__ = ["SAME_SHARE", "records_in_step", "same_posts"]

SAME_SHARE = 0.5
"""From this share of the smaller number on, inclusive, two traces rest on the same posts."""


def same_posts(
    rows: Mapping[str, Sequence[Scored]], ground: Ground, benign: Mapping[str, Mapping[str, Any]]
) -> dict[str, frozenset[frozenset[str]]]:
    """Return for each account that two traces, or a trace and an event, may name which of them rest on the same posts.

    Parameters
    ----------
    rows : mapping of account -> sequence of Scored
        What each trace says of it.
    ground : Ground
        Edges, actions, objects set aside and events.
    benign : mapping of account -> mapping
        Newsroom patterns; traces that one explains are not looked at.

    Returns
    -------
    dict of account -> frozenset of frozenset
        Two traces each, or a trace and :data:`~spmc_tools.findings.tiers.scores.EVENT`. A trace without any record of
        the account rests on nothing of its own, and goes with every other.
    """
    speaking: dict[str, list[str]] = {}
    for account, scored in rows.items():
        traces = naming(scored, explained_by(benign.get(account)))
        with_event = [*traces, EVENT] if account in ground.events.accounts else traces
        if traces and len(with_event) >= 2:
            speaking[account] = with_event
    posts = records_in_step(speaking, ground) | _signed(speaking, ground, benign)
    return {
        account: frozenset(
            frozenset(pair)
            for pair in combinations(names, 2)
            if _are_same(*(posts.get((account, name), frozenset()) for name in pair))
        )
        for account, names in speaking.items()
    }


def _are_same(one: Collection[str], other: Collection[str]) -> bool:
    return len(set(one) & set(other)) >= SAME_SHARE * min(len(one), len(other))


def records_in_step(speaking: Mapping[str, Sequence[str]], ground: Ground) -> dict[tuple[str, str], set[str]]:
    """Return the records of each account behind its edges in each trace that speaks, by account and trace."""
    found: dict[tuple[str, str], set[str]] = {}
    edges, excluded = ground.edges, ground.excluded
    for trace in sorted({name for names in speaking.values() for name in names} - {EVENT}):
        who = {account for account, names in speaking.items() if trace in names}
        of_trace = edges[(edges["trace"] == trace) & carrying(edges)]
        mine = widest(of_trace[of_trace["account_a"].isin(who) | of_trace["account_b"].isin(who)])
        hot = excluded[excluded["trace"] == trace].reset_index(drop=True)
        step = own_records_in_step(ground.actions[trace], mine, hot, who)
        for account, record in zip(step["account_id"].to_pylist(), step["record_id"].to_pylist(), strict=True):
            found.setdefault((account, trace), set()).add(record)
    return found


def _signed(
    speaking: Mapping[str, Sequence[str]], ground: Ground, benign: Mapping[str, Mapping[str, Any]]
) -> dict[tuple[str, str], set[str]]:
    """Return the records with which each account signs the events that speak for it, beside a trace."""
    found: dict[tuple[str, str], set[str]] = {}
    signed: pd.DataFrame = ground.events.signed
    for account, event, trace, record in zip(
        *(signed[name].tolist() for name in ("account_id", "event_id", "trace", "record_id")), strict=True
    ):
        if EVENT not in speaking.get(account, ()) or trace in explained_by(benign.get(account)):
            continue
        if any(entry.event_id == event for entry in ground.events.accounts[account].events):
            found.setdefault((account, EVENT), set()).add(record)
    return found
