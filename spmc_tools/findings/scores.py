"""From one assessment per trace to one row per account: tier, basis, q and score over all traces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["BASES", "Scored", "combined", "seen", "tier"]

BASES = ("several", "few", "one")
"""On how many independent sources an account's edges rest, strongest first."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One account in one trace, as its assessment says.

    ``named`` is basis several and no registered context; ``kind`` what several rests on, "pair" or "group".
    """

    trace: str
    basis: str | None
    q: float
    score: float
    named: bool
    n_sources: int = 0
    kind: str | None = None


def tier(rows: Sequence[Scored], is_context: bool, by_events: str | None = None, *, ranked: bool = False) -> str | None:
    """Return the tier of an account: "A", "B", "C" or None.

    A: basis *several* in two traces or more, or in one together with an event, or an event of tier A. B: *several* in
    one trace, or an event of tier B. C: any other basis, or ``ranked``: a list for a person to look at, never named.
    None: nothing, a registered account, or a member of a group at least half of which is registered.

    Parameters
    ----------
    rows : sequence of Scored
        Its traces.
    is_context : bool
        An officer registered the account, or at least half of its cluster.
    by_events : {"A", "B"} or None
        Its tier by events alone.
    ranked : bool
        Something that never names speaks for it: bursts without an object.

    Notes
    -----
    Each trace holds its own false-discovery rate at .05; the q of the account, which counts all traces that were run,
    may lie above. One post can be in several traces, so two traces are not two independent observations.
    """
    if is_context:
        return None
    several = len({row.trace for row in rows if row.basis == "several" and row.named})
    if by_events == "A" or several + (by_events is not None) >= 2:
        return "A"
    if several or by_events:
        return "B"
    return "C" if ranked or any(row.basis in {"few", "one"} for row in rows) else None


def combined(rows: Sequence[Scored], n_traces: int) -> tuple[str | None, float, float]:
    """Return strongest basis, q over all traces (smallest times their number, at most 1) and score (the largest).

    Parameters
    ----------
    rows : sequence of Scored
        The traces of one account; none gives (None, 1, 0).
    n_traces : int
        Traces that were run.

    Notes
    -----
    Traces depend on each other: one post can be in several. So q values are never multiplied, nor scores added.
    """
    bases = {row.basis for row in rows}
    basis = next((name for name in BASES if name in bases), None)
    smallest = min((row.q for row in rows), default=1.0)
    return basis, min(1.0, smallest * n_traces), max((row.score for row in rows), default=0.0)


def seen(known: Collection[str], accounts: Mapping[str, pd.DataFrame]) -> dict[str, list[Scored]]:
    """Return the traces of every account that any assessment gives a basis, a score or a q below 1.

    Parameters
    ----------
    known : collection of str
        All accounts; those of an assessment that are not among them are left out.
    accounts : mapping of trace -> pandas.DataFrame
        ``account_id, basis, q, score, named`` and, where known, ``n_sources`` and ``kind``.
    """
    found: dict[str, list[Scored]] = {}
    for trace, frame in accounts.items():
        if not len(frame):
            continue
        basis = frame["basis"].astype(object).where(frame["basis"].notna(), None)
        said = (basis.notna() | (frame["score"] > 0) | (frame["q"] < 1)).to_numpy(dtype=bool)
        sources = frame["n_sources"] if "n_sources" in frame else pd.Series(0, frame.index)
        kinds = frame["kind"] if "kind" in frame else pd.Series(None, frame.index, dtype=object)
        kinds = kinds.astype(object).where(kinds.notna(), None)
        columns = (frame["account_id"], basis, frame["q"], frame["score"], frame["named"], sources, kinds)
        for account, b, q, score, named, n, kind in zip(*(c[said] for c in columns), strict=True):
            if account in known:
                row = Scored(trace, b, float(q), float(score), bool(named), int(n), kind)
                found.setdefault(str(account), []).append(row)
    return found
