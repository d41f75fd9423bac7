"""From one assessment per trace to one row per account: tier, basis, q and score over all traces."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["BASES", "EVENT", "Scored", "combined", "corroborated", "naming", "seen", "tier", "with_ranking"]

BASES = ("several", "few", "one")
"""On how many independent sources an account's edges rest, strongest first."""


EVENT = "event"
"""Stands for the events of an account where its traces are compared with them."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One account in one trace, as its assessment says.

    ``named`` is basis several and no registered context; ``kind`` what several rests on, "pair" or "group".
    ``rank_only``: an untimed layer or a detector of accounts (``kind`` says which): it orders and lists, and neither
    its q nor its basis ever names. ``facts``: partners, occasions of the best pair and what chance expects of it,
    where they do not come from the edges.
    """

    trace: str
    basis: str | None
    q: float
    score: float
    named: bool
    n_sources: int = 0
    kind: str | None = None
    rank_only: bool = False
    facts: tuple[int, int, float | None] | None = None
    session: float = 0.0


def tier(  # noqa: PLR0913 -- what speaks and what speaks against, each by its name
    rows: Sequence[Scored],
    is_context: bool,
    by_events: str | None = None,
    explained: Collection[str] = (),
    *,
    ranked: bool = False,
    within: Mapping[str, str] | None = None,
    same: Collection[frozenset[str]] = (),
    ordinary: Collection[str] = (),
) -> str | None:
    """Return the tier of an account: "A", "B", "C" or None.

    A: basis *several* in two traces or more that rest on different posts, or in one together with an event of tier B on
    other posts, or an event of tier A. B: *several* in one trace, or an event of tier B. C: any other basis, an event
    of tier C, or something that only ranks: a list for a person to look at, never named. None: nothing, a registered
    account, or a member of a group at least half of which is registered.

    Parameters
    ----------
    rows : sequence of Scored
        Its traces.
    is_context : bool
        An officer registered the account, or at least half of its cluster.
    by_events : {"A", "B", "C"} or None
        Its tier by events alone, without those that a benign pattern explains.
    explained : collection of str
        Traces that a measured benign pattern of the account explains: they give it no tier.
    ranked : bool
        Something that never names speaks for it: bursts without an object.
    within : mapping, optional
        Trace -> trace that reads the same actions more finely: the two count as one.
    same : collection of frozenset
        Two traces each, or a trace and :data:`EVENT`, that rest on the same posts of the account: the two count as one
        (:mod:`spmc_tools.findings.clusters.same_posts`).
    ordinary : collection of str
        Traces that an ordinary pattern explains: they show the account and do not name it
        (:mod:`spmc_tools.findings.clusters.ordinary_patterns`).

    Notes
    -----
    Each trace holds its own false-discovery rate at .05; the q of the account, which counts all traces that were run,
    may lie above.
    """
    if is_context:
        return None
    rows = [row for row in rows if row.trace not in explained]
    finer = within or {}
    speaking = [*naming(rows, {*explained, *ordinary}), *([EVENT] if by_events in {"A", "B"} else [])]
    apart = any(
        finer.get(one, one) != finer.get(other, other) and frozenset((one, other)) not in same
        for one, other in combinations(speaking, 2)
    )
    if by_events == "A" or apart:
        return "A"
    if speaking:
        return "B"
    shown = any(row.basis in {"few", "one"} or row.rank_only or row.trace in ordinary for row in rows)
    return "C" if ranked or by_events or shown else None


def naming(rows: Sequence[Scored], explained: Collection[str] = ()) -> list[str]:
    """Return the traces in which an account may be named, each once; ``explained`` as in :func:`tier`."""
    chosen = [row for row in rows if row.basis == "several" and row.named and not row.rank_only]
    return list(dict.fromkeys(row.trace for row in chosen if row.trace not in explained))


def combined(rows: Sequence[Scored], n_traces: int) -> tuple[str | None, float, float]:
    r"""Return strongest basis, q over all traces (smallest times their number, at most 1) and score.

    The q is Bonferroni-min over traces, :math:`\min(1, k \min_t q_t)`; windows are corrected for inside each trace.
    Rows that only rank have no part in it. The score is the largest of the traces without their sessions, and all
    their sessions together.

    Parameters
    ----------
    rows : sequence of Scored
        The traces of one account; none gives (None, 1, 0).
    n_traces : int
        Traces that were run.

    Notes
    -----
    Traces depend on each other: one post can be in several. So q values are never multiplied. Evidence within sessions
    is added all the same, as an order and no probability: on real attributed networks the sum ranks better than the
    largest (``docs/measured/accuracy.md``).
    """
    bases = {row.basis for row in rows}
    basis = next((name for name in BASES if name in bases), None)
    smallest = min((row.q for row in rows if not row.rank_only), default=1.0)
    score = max((row.score - row.session for row in rows), default=0.0) + sum(row.session for row in rows)
    return basis, min(1.0, smallest * max(n_traces, 1)), score


def corroborated(rows: Sequence[Scored], n_traces: int, within: Mapping[str, str] | None = None) -> float:
    r"""Return the q of "at least two traces speak": partial conjunction, :math:`\min(1, (k - 1)\, q_{(2)})`.

    Parameters
    ----------
    rows : sequence of Scored
        The traces of one account. Rows that only rank have no part; of traces that read the same actions the smaller
        q stands for both.
    n_traces : int
        Traces that were run, *k*; with fewer than two it is 1.
    within : mapping, optional
        As in :func:`tier`.

    References
    ----------
    Benjamini, Heller (2008), Screening for partial conjunction hypotheses, Biometrics 64.
    """
    finer = within or {}
    best: dict[str, float] = {}
    for row in rows:
        if not row.rank_only:
            trace = finer.get(row.trace, row.trace)
            best[trace] = min(row.q, best.get(trace, 1.0))
    second = sorted(best.values())[1:2]
    return min(1.0, second[0] * (n_traces - 1)) if second else 1.0


def with_ranking(
    rows: Mapping[str, list[Scored]], known: Collection[str], layers: Sequence[Mapping[str, Scored]]
) -> dict[str, list[Scored]]:
    """Return the rows with those of layers that only rank.

    That of an untimed layer comes where the account has no basis in the same trace; that of a detector, which has no
    basis, where it has none at all: what a detector saw of the others stands in the table of signals.

    Parameters
    ----------
    rows : mapping of account -> list of Scored
        As :func:`seen` gives them.
    known : collection of str
        All accounts; others are left out.
    layers : sequence of mappings of account -> Scored
        Untimed layers and detectors of accounts.
    """
    found = {account: list(scored) for account, scored in rows.items()}
    for layer in layers:
        for account in sorted(layer):
            row = layer[account]
            earlier = found.get(account, [])
            same = [
                other
                for other in earlier
                if other.basis is not None and (other.trace == row.trace or row.basis is None)
            ]
            if account in known and not same:
                found[account] = [*earlier, row]
    return found


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
        session = frame["session"] if "session" in frame else pd.Series(0.0, frame.index)
        columns = (frame["account_id"], basis, frame["q"], frame["score"], frame["named"], sources, kinds, session)
        for account, b, q, score, named, n, kind, within in zip(*(c[said] for c in columns), strict=True):
            if account in known:
                row = Scored(trace, b, float(q), float(score), bool(named), int(n), kind, session=float(within))
                found.setdefault(str(account), []).append(row)
    return found
