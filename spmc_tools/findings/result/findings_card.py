"""Findings as a notebook shows them: how much was found, what it does not say, and what to read next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spmc_tools.case.files.html_cards import card

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Counts", "findings_card"]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many edges, events and groups within hours there are, and how many traces and windows were not run."""

    edges: int
    events: int
    sessions: int
    not_run: int


def findings_card(accounts: pd.DataFrame, clusters: pd.DataFrame, counts: Counts) -> str:
    """Return findings as HTML in plain words; no account is named.

    Parameters
    ----------
    accounts, clusters : pandas.DataFrame
        As in the findings: ``tier`` of the accounts, ``cluster_id`` of the clusters, which are ranked.
    counts : Counts
        Of the other tables.
    """
    named = int(accounts["tier"].isin(["A", "B"]).sum())
    lines = [
        f"{_many(len(accounts), 'account')} looked at: {_many(counts.edges, 'edge')}, "
        f"{_many(len(clusters), 'cluster')}, {_many(counts.events, 'event')}; "
        f"{_many(named, 'account')} in tier A or B.",
    ]
    if counts.sessions:
        lines.append(
            f"{_many(counts.sessions, 'group')} together within hours: found.sessions. "
            "They rank (tier C) and name nobody."
        )
    if counts.not_run:
        lines.append(f"{counts.not_run:,} not run; found.not_run says why.")
    if not len(clusters):
        lines.append("No group acted together more than chance expects.")
        return card("Findings", lines, "found.power()")
    lines.append("Acting together is not evidence of automation, payment, falsity, intent or unlawful conduct.")
    return card("Findings", lines, f"found.evidence({int(clusters['cluster_id'].iloc[0])})")


def _many(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
