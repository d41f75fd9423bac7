"""One real table, measured: its figures where accounts are labelled, and who was named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from benchmarks.accuracy.measurement.scoring import FEWEST_POSTS
from benchmarks.accuracy.real_sets.figures import Figures, figures_of, on_common_days
from benchmarks.accuracy.real_sets.rankings import CHANCE, OURS, Kind, Tiers, peer_rankings, program, shadow_rankings

if TYPE_CHECKING:
    from benchmarks.accuracy.real_sets.real_tables import RealTable

__all__ = ["Counted", "Measured", "Row", "best_peer", "measured"]


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one ranking, and what kind of ranking it is."""

    kind: Kind
    figures: Figures


@dataclass(frozen=True, slots=True)
class Counted:
    """How many accounts, and how many of them have the three posts or more that the bins begin with."""

    n: int
    n_judged: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on one table.

    Attributes
    ----------
    name : str
        Of the table.
    n_records : int
    labelled, others : Counted
    n_days, n_common_days : int
        Days (UTC) with records, and those of them that count as common.
    tiers : Tiers
        With every record; of a crowd all are others.
    rows : tuple of Row
        Ours first; none for a crowd.
    """

    name: str
    n_records: int
    labelled: Counted
    others: Counted
    n_days: int
    n_common_days: int
    tiers: Tiers
    rows: tuple[Row, ...]


def measured(table: RealTable) -> Measured:
    """Return the figures of every ranking on a table; of a crowd the tiers alone."""
    score, tiers = program(table)
    judged = table.n_posts >= FEWEST_POSTS
    return Measured(
        name=table.name,
        n_records=len(table.records),
        labelled=Counted(int(table.labelled.sum()), int((table.labelled & judged).sum())),
        others=Counted(int((~table.labelled).sum()), int((~table.labelled & judged).sum())),
        n_days=table.records["created_at"].dt.floor("D").nunique(),
        n_common_days=len(table.common_days()) if table.labelled.any() else 0,
        tiers=tiers,
        rows=_rows(table, score) if table.labelled.any() else (),
    )


def _rows(table: RealTable, score: pd.DataFrame) -> tuple[Row, ...]:
    kinds, columns = _columns(table, score)
    common = on_common_days(table, columns, lambda part: _columns(part, program(part)[0])[1])
    figures = figures_of(table, columns, baseline=OURS, common=common)
    return tuple(Row(kind, x) for kind, x in zip(kinds, figures, strict=True))


def _columns(table: RealTable, score: pd.DataFrame) -> tuple[list[Kind], pd.DataFrame]:
    parts: list[tuple[Kind, pd.DataFrame]] = [
        ("ours", score),
        ("peer", peer_rankings(table)),
        ("chance", pd.DataFrame({CHANCE: 0.0}, index=table.labelled.index)),
        ("shadow", shadow_rankings(table)),
    ]
    kinds = [kind for kind, part in parts for _ in part.columns]
    return kinds, pd.concat([part for _, part in parts], axis=1)


def best_peer(found: Measured) -> Row | None:
    """Return the peer with the largest figure in bins of post count, the first of equals; None without any.

    The labels choose it, which favours the peers.
    """
    peers = [row for row in found.rows if row.kind == "peer" and row.figures.matched == row.figures.matched]
    return max(peers, key=lambda row: row.figures.matched, default=None)
