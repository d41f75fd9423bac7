"""Every account of an investigation in one row: how often it was seen, and its tier; what that rests on, row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.findings import stored_results as stored
from spmc_tools.findings.clusters.benign_pattern import EXPLAINED
from spmc_tools.findings.clusters.evidence import carrying
from spmc_tools.findings.events.events import tier_of
from spmc_tools.findings.tiers.scores import combined, corroborated, tier

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pyarrow as pa

    from spmc_tools.findings.clusters.clusters import Joined
    from spmc_tools.findings.events.bursts import InBursts
    from spmc_tools.findings.events.events import EventAccount, Events
    from spmc_tools.findings.sessions.sessions import Sessions
    from spmc_tools.findings.tiers.scores import Scored

__all__ = [
    "Known", "account_events", "account_patterns", "account_table", "account_traces", "explained_by", "lives_of",
    "tier_by_unexplained_events",
]  # fmt: skip

_TIERS = {"A": 0, "B": 1, "C": 2, None: 3}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the accounts: traces, clusters, registered kinds, traces that were run, events, bursts.

    ``sessions``: groups within hours. ``scores``: account -> score; those left out have none. ``benign``: account ->
    newsroom pattern. ``within``: trace -> trace that reads the same actions more finely. ``same``: account -> traces
    that rest on the same posts of it, in twos. ``ordinary``: account -> traces that an ordinary
    pattern explains.
    """

    rows: Mapping[str, list[Scored]]
    groups: Joined
    context: Mapping[str, str]
    n_traces: int
    events: Events
    bursts: InBursts
    sessions: Sessions
    scores: Mapping[str, float]
    benign: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    within: Mapping[str, str] = field(default_factory=dict)
    same: Mapping[str, Collection[frozenset[str]]] = field(default_factory=dict)
    ordinary: Mapping[str, Collection[str]] = field(default_factory=dict)


def lives_of(records: pa.Table) -> pd.DataFrame:
    """Return ``n_records, first_seen, last_seen`` of every account, by id."""
    whole = records.select(["account_id", "created_at"]).group_by("account_id", use_threads=False)
    counts = whole.aggregate([("created_at", "count"), ("created_at", "min"), ("created_at", "max")])
    names = ["account_id", "n_records", "first_seen", "last_seen"]
    frame: pd.DataFrame = (
        counts.select(["account_id", "created_at_count", "created_at_min", "created_at_max"])
        .rename_columns(names)
        .to_pandas()
    )
    return frame.set_index("account_id").sort_index()


def account_table(lives: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Return every account, by tier, then score, then id, as the table ``accounts``.

    Parameters
    ----------
    lives : pandas.DataFrame
        As :func:`lives_of` gives them.
    known : Known
        What the assessments and the clusters say.
    """
    groups = known.groups
    table: list[dict[str, Any]] = []
    for life in lives.itertuples():
        account = str(life.Index)
        rows = known.rows.get(account, [])
        basis, q, _ = combined(rows, known.n_traces)
        benign = known.benign.get(account)
        explained = explained_by(benign)
        is_known = account in known.context or account in groups.in_context
        event = known.events.accounts.get(account)
        table.append(
            {
                "account_id": account,
                "tier": tier(
                    rows,
                    is_known,
                    tier_by_unexplained_events(event, explained),
                    explained,
                    ranked=known.bursts.ranks(account) or known.sessions.ranks(account),
                    within=known.within,
                    same=known.same.get(account, ()),
                    ordinary=known.ordinary.get(account, ()),
                ),
                "basis": basis,
                "score": known.scores.get(account, 0.0),
                "q": q,
                "traces": _traces(rows, event),
                "cluster_id": groups.cluster_of.get(account),
                "n_records": life.n_records,
                "first_seen": life.first_seen,
                "last_seen": life.last_seen,
                "context": known.context.get(account),
                "n_sources": groups.n_sources.get(account, 0),
                "q_corroborated": corroborated(rows, known.n_traces, known.within),
                **_by_events(event),
                **_by_bursts(account, known.bursts),
                "sessions": known.sessions.of.get(account, []),
            }
        )
    table.sort(key=lambda row: (_TIERS[row["tier"]], -row["score"], row["account_id"]))
    return stored.framed(stored.table_of(table, "accounts"))


def account_traces(lives: pd.DataFrame, known: Known, edges: pd.DataFrame) -> pd.DataFrame:
    """Return what speaks for each account in each trace, by id, as the table ``account_traces``.

    Partners, occasions and what was expected are read from the edges that carry a finding; where an account has none in
    a trace (*one*, *few*), from all its edges there.

    Parameters
    ----------
    lives : pandas.DataFrame
        As :func:`lives_of` gives them.
    known : Known
        What the assessments say.
    edges : pandas.DataFrame
        Edges of all traces.
    """
    facts = _of_best_pairs(edges, known.rows)
    rows: list[dict[str, Any]] = []
    for account in lives.index:
        for row in known.rows.get(account, []):
            if _speaks(row):
                partners, occasions, expected = row.facts or facts.get((account, row.trace)) or (0, 0, None)
                rows.append(
                    {
                        "account_id": account,
                        "trace": row.trace,
                        "basis": row.basis,
                        "q": row.q,
                        "n_sources": row.n_sources,
                        "kind": row.kind,
                        "n_partners": partners,
                        "max_occasions": occasions,
                        "expected": expected,
                    }
                )
    return stored.framed(stored.table_of(rows, "account_traces"))


def account_events(events: Events) -> pd.DataFrame:
    """Return the events that speak for each account, by id and number, as the table ``account_events``."""
    rows = [
        {"account_id": account, **entry.row()}
        for account, facts in sorted(events.accounts.items())
        for entry in facts.events
    ]
    return stored.framed(stored.table_of(rows, "account_events"))


def account_patterns(benign: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the newsroom pattern of each account that was measured, by id, as the table ``account_patterns``."""
    rows = [{"account_id": account, **numbers} for account, numbers in sorted(benign.items())]
    return stored.framed(stored.table_of(rows, "account_patterns"))


def explained_by(benign: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the traces that the newsroom pattern of an account explains."""
    return EXPLAINED if benign is not None and benign["decides"] else frozenset()


def _speaks(row: Scored) -> bool:
    return row.basis is not None or row.rank_only


def tier_by_unexplained_events(event: EventAccount | None, explained: Collection[str]) -> str | None:
    """Return the tier of an account by those of its events that no benign pattern explains."""
    if event is None or not explained:
        return None if event is None else event.tier
    return tier_of([entry for entry in event.events if entry.trace not in explained])


def _traces(rows: Sequence[Scored], event: EventAccount | None) -> list[str]:
    """Return the traces in which an account has a basis or a rank, then those in which it has an event only."""
    speaking = [row.trace for row in rows if _speaks(row)]
    return list(dict.fromkeys([*speaking, *(entry.trace for entry in (event.events if event is not None else ()))]))


def _by_events(event: EventAccount | None) -> dict[str, Any]:
    if event is None:
        return {"event_tier": None, "n_signed": 0, "fdp": None}
    return {"event_tier": event.tier, "n_signed": event.n_signed, "fdp": event.fdp}


def _by_bursts(account: str, bursts: InBursts) -> dict[str, Any]:
    n, q = bursts.accounts.get(account, (0, 1.0))
    return {"n_bursts": n, "burst_q": q if bursts.notes else None}


def _of_best_pairs(
    edges: pd.DataFrame, rows: Mapping[str, list[Scored]]
) -> dict[tuple[str, str], tuple[int, int, float | None]]:
    """Return partners, and occasions and expectation of the best pair, by account and trace that speaks."""
    speaking = {account for account, scored in rows.items() if any(_speaks(row) for row in scored)}
    names = {"account_a": "account", "account_b": "partner"}
    marked = edges[["trace", "account_a", "account_b", "n_occasions", "expected", "p"]].assign(
        significant=carrying(edges)
    )
    turned = marked.rename(columns={"account_a": "account_b", "account_b": "account_a"})
    ends = pd.concat([marked, turned]).rename(columns=names)
    ends = ends[ends["account"].isin(speaking)]
    best = ends.groupby(["account", "trace"])["significant"].transform("max")
    ends = ends[ends["significant"] == best].sort_values(
        ["account", "trace", "n_occasions", "p"], ascending=[True, True, False, True], kind="stable"
    )
    parts: Any = ends.groupby(["account", "trace"], sort=False)
    return {
        key: (part["partner"].nunique(), int(part["n_occasions"].iloc[0]), float(part["expected"].iloc[0]))
        for key, part in parts
    }
