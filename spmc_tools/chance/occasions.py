"""Occasions: how often two accounts were in step, each time on another source's object and hours apart.

One sweep over the accounts finds everything the chance models need; no pair is kept that was in step only once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.coaction.sweep import window_bounds
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CROWDED", "GAP_US", "LIKELY", "PairCounts", "Timeline", "count_pairs", "first_actions", "micros", "n_coactions",
    "out_of_step", "timeline",
]  # fmt: skip

GAP_US = 6 * 3600 * 1_000_000
"""Two occasions lie at least six hours apart (microseconds, inclusive)."""

OUT_OF_STEP_S = 180
"""An action with nobody else on its object within this time (or the window, if that is shorter) is out of step."""

CROWDED = 10_000_000
"""Above this many coactions, pairs whose occasions are likely by their partner degrees are not listed:"""

LIKELY = 0.05
"""... those that chance would show with at least this probability."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Actions ordered by object, then time, then account; each (account, object) once.

    Attributes
    ----------
    account, object, source : ndarray of int32, shape (n,)
        Codes.
    t_us : ndarray of int64, shape (n,)
        Microseconds since 1970 UTC.
    ptr, pos : ndarray
        ``pos[ptr[i]:ptr[i + 1]]`` are the places of account ``i`` in the arrays above, in order of time.
    n_accounts, n_sources : int
        All codes lie below these.
    """

    account: NDArray[np.int32]
    object: NDArray[np.int32]
    source: NDArray[np.int32]
    t_us: NDArray[np.int64]
    ptr: NDArray[np.int64]
    pos: NDArray[np.int64]
    n_accounts: int
    n_sources: int


@dataclass(frozen=True, slots=True)
class PairCounts:
    """What one sweep over all pairs of accounts counted, for one window.

    Pairs are listed where they had at least two occasions, or at least three repeats; ``a < b``, ascending. In a crowd
    those are left out and counted that partner degree alone makes likely.

    Attributes
    ----------
    a, b : ndarray of int32, shape (n_pairs,)
        Account codes.
    n_occasions : ndarray of int32
        Separate occasions: at least six hours after the one before, and each on another source.
    n_sources : ndarray of int32
        Distinct sources among all objects that the two were in step on.
    n_repeats : ndarray of int32
        Separate times in step, whatever the source.
    n_repeats_rest : ndarray of int32
        The same without the source that the two were most often in step on.
    partners : ndarray of int64, shape (n_accounts,)
        How many different accounts were ever in step with this one.
    n_in_step : int
        How many pairs were ever in step.
    in_step_on : ndarray of int64, shape (n_sources,)
        How many pairs were ever in step on this source.
    partners_again : ndarray of int64, shape (n_accounts,)
        With how many accounts this one had at least two occasions, listed or not.
    n_left_out : int
        Pairs with at least two occasions that are not listed.
    """

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    n_occasions: NDArray[np.int32]
    n_sources: NDArray[np.int32]
    n_repeats: NDArray[np.int32]
    n_repeats_rest: NDArray[np.int32]
    partners: NDArray[np.int64]
    n_in_step: int
    in_step_on: NDArray[np.int64]
    partners_again: NDArray[np.int64]
    n_left_out: int


def micros(seconds: float) -> int:
    """Return seconds as whole microseconds, to the nearest."""
    return math.floor(seconds * 1_000_000 + 0.5)


def first_actions(account: NDArray[np.int32], object_: NDArray[np.int32], t_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows that are the first action of their account on their object, ordered by object, time, account."""
    order = np.lexsort((t_us, account, object_))
    repeated = np.zeros(order.size, bool)
    repeated[1:] = (np.diff(account[order]) == 0) & (np.diff(object_[order]) == 0)
    rows = order[~repeated]
    return rows[np.lexsort((account[rows], t_us[rows], object_[rows]))]


def timeline(  # noqa: PLR0913, PLR0917
    account: NDArray[np.int32],
    object_: NDArray[np.int32],
    source: NDArray[np.int32],
    t_us: NDArray[np.int64],
    n_accounts: int,
    n_sources: int,
) -> Timeline:
    """Return actions with an index by account; they come ordered by object, time and account."""
    pos = np.lexsort((t_us, account))
    ptr = np.zeros(n_accounts + 1, np.int64)
    np.cumsum(np.bincount(account, minlength=n_accounts), out=ptr[1:])
    return Timeline(account, object_, source, t_us, ptr, pos, n_accounts, n_sources)


def out_of_step(line: Timeline, window_s: float) -> NDArray[np.bool_]:
    """Return which actions have nobody else on their object within ``min(window_s, 180)`` seconds, inclusive."""
    limit = micros(min(window_s, OUT_OF_STEP_S))
    near = np.zeros(line.t_us.size, bool)
    close = (np.diff(line.object) == 0) & (np.diff(line.t_us) <= limit)
    near[1:] |= close
    near[:-1] |= close
    return ~near


def n_coactions(line: Timeline, window_s: float) -> int:
    """Return how many pairs of actions on one object lie within the window; none of them is looked at."""
    lo, hi = window_bounds(line.object, line.t_us, micros(window_s))
    return (int(hi.sum(dtype=np.int64)) - int(lo.sum(dtype=np.int64)) - lo.size) // 2


def count_pairs(line: Timeline, window_s: float, repeats_level: float = 1.0) -> PairCounts:
    r"""Return the occasions of every pair in step at least twice, and the sums over all pairs.

    Parameters
    ----------
    line : Timeline
        The retained actions.
    window_s : float
        Two actions on one object are in step if at most this far apart, seconds, inclusive.
    repeats_level : float
        In a crowd, pairs with fewer than two occasions are listed only where their repeats have a smaller probability.

    Notes
    -----
    A coaction has the time of the earlier of its two actions. Occasions are counted in order of time (ties by source
    code): a coaction counts if it comes six hours or more after the last one counted and its source was not counted
    for this pair. Cost: two looks at each coaction; memory does not grow with the number of pairs in step once.

    Viewers of a tournament meet by the million, and no pair of them says anything. Where there are more than ten
    million coactions, a pair with *n* occasions is listed only if :math:`P(\mathrm{Poisson}(\lambda^1) \ge n) < .05`,
    with :math:`\lambda^1` of :func:`~spmc_tools.chance.null_models.partner_degree`. Its p is at least that, so that it
    could not be significant. A third look at each coaction.
    """
    lo, hi = window_bounds(line.object, line.t_us, micros(window_s))
    known = np.empty(0, np.int64)
    if (int(hi.sum(dtype=np.int64)) - int(lo.sum(dtype=np.int64)) - lo.size) // 2 > CROWDED:
        known = _partners(line.account, lo, hi, line.ptr, line.pos)
    rows, partners, n_in_step, in_step_on, again, n_left_out = _sweep(
        line.account, line.source, line.t_us, lo, hi, line.ptr, line.pos, line.n_sources, GAP_US,
        known, LIKELY, repeats_level,
    )  # fmt: skip
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    a, b, occasions, sources, repeats, rest = (np.ascontiguousarray(rows[:, c]) for c in range(6))
    return PairCounts(
        a, b, occasions, sources, repeats, rest, partners, int(n_in_step), in_step_on, again, int(n_left_out)
    )


@compiled
def _collect(i, account, lo, hi, ptr, pos, count, touched, partners):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Count the coactions of account i with every later account; return how many of these it met."""
    met = 0
    for k in range(ptr[i], ptr[i + 1]):
        p = pos[k]
        for q in range(lo[p], hi[p]):
            j = account[q]
            if j > i:
                if count[j] == 0:
                    touched[met] = j
                    met += 1
                    partners[i] += 1
                    partners[j] += 1
                count[j] += 1
    return met


@compiled
def sort_by_time(times, sources, start, end):  # type: ignore[no-untyped-def]
    """Order a short, nearly ordered stretch by time, then source."""
    for x in range(start + 1, end):
        time, src = times[x], sources[x]
        y = x - 1
        while y >= start and (times[y] > time or (times[y] == time and sources[y] > src)):
            times[y + 1], sources[y + 1] = times[y], sources[y]
            y -= 1
        times[y + 1], sources[y + 1] = time, src


@compiled
def _repeats(times, sources, start, end, gap, without):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Count the coactions at least ``gap`` apart, leaving one source out (-1: none)."""
    n, last = 0, 0
    for x in range(start, end):
        if sources[x] != without and (n == 0 or times[x] - last >= gap):
            n += 1
            last = times[x]
    return n


@compiled
def _occasions(times, sources, start, end, gap, tally, counted):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Count occasions, distinct sources and the most frequent source of one pair; ``tally`` is left at zero."""
    n, distinct, last, top = 0, 0, 0, -1
    for x in range(start, end):
        src = sources[x]
        if tally[src] == 0:
            distinct += 1
        tally[src] += 1
        if top < 0 or tally[src] > tally[top] or (tally[src] == tally[top] and src < top):
            top = src
        if not counted[src] and (n == 0 or times[x] - last >= gap):
            n += 1
            last = times[x]
            counted[src] = True
    for x in range(start, end):
        tally[sources[x]] = 0
        counted[sources[x]] = False
    return n, distinct, top


@compiled
def _gather(i, account, source, t, lo, hi, ptr, pos, count, slot, times, sources, in_step_on):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Write the coactions of account i into the stretch of each later account met twice; settle those met once."""
    for k in range(ptr[i], ptr[i + 1]):
        p = pos[k]
        for q in range(lo[p], hi[p]):
            j = account[q]
            if j <= i:
                continue
            if count[j] == 1:
                in_step_on[source[p]] += 1
            else:
                times[slot[j]] = min(t[p], t[q])
                sources[slot[j]] = source[p]
                slot[j] += 1


@compiled
def _add_sources(sources, start, end, tally, in_step_on):  # type: ignore[no-untyped-def]
    """Count one pair once on each of its sources."""
    for y in range(start, end):
        if tally[sources[y]] == 0:
            in_step_on[sources[y]] += 1
            tally[sources[y]] = 1
    for y in range(start, end):
        tally[sources[y]] = 0


@compiled
def _stretches(touched, met, count, slot):  # type: ignore[no-untyped-def]
    """Give each account met at least twice its stretch; return how long all of them are."""
    total = 0
    for x in range(met):
        j = touched[x]
        if count[j] >= 2:
            slot[j] = total
            total += count[j]
    return total


@compiled
def _partners(account, lo, hi, ptr, pos):  # type: ignore[no-untyped-def]
    """Count the different accounts that each account is ever in step with."""
    n_accounts = ptr.size - 1
    count, partners = np.zeros(n_accounts, np.int32), np.zeros(n_accounts, np.int64)
    touched = np.empty(n_accounts, np.int32)
    for i in range(n_accounts):
        met = _collect(i, account, lo, hi, ptr, pos, count, touched, partners)
        for x in range(met):
            count[touched[x]] = 0
    return partners


@compiled
def _likelihood(n, meeting):  # type: ignore[no-untyped-def]
    """Return P(Poisson(-ln(1 - meeting)) >= n)."""
    expected = -np.log1p(-min(meeting, 0.95))
    term, left = np.exp(-expected), 1.0
    for k in range(n):
        left -= term
        term *= expected / (k + 1)
    return left


@compiled
def _worth_listing(n, repeats, meeting, level, repeats_level):  # type: ignore[no-untyped-def]
    """Say whether a pair is listed; without a crowd ``meeting`` is 0."""
    if n >= 2 and (meeting == 0.0 or _likelihood(n, meeting) < level):
        return True
    return repeats >= 3 and (meeting == 0.0 or _likelihood(repeats, meeting) < repeats_level)


@compiled
def _sweep(  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    account, source, t, lo, hi, ptr, pos, n_sources, gap, known, level, repeats_level
):
    """Go through the accounts; for each, gather its coactions with later accounts and count them pair by pair."""
    n_accounts = ptr.size - 1
    count, slot = np.zeros(n_accounts, np.int32), np.zeros(n_accounts, np.int64)
    touched, partners = np.empty(n_accounts, np.int32), np.zeros(n_accounts, np.int64)
    in_step_on, tally = np.zeros(n_sources, np.int64), np.zeros(n_sources, np.int32)
    counted = np.zeros(n_sources, np.bool_)
    times, sources = np.empty(1024, np.int64), np.empty(1024, np.int32)
    out = np.empty((1024, 6), np.int32)
    m, n_in_step, n_left_out = 0, 0, 0
    again, meeting, total_known = np.zeros(n_accounts, np.int64), 0.0, max(float(known.sum()), 1.0)
    for i in range(n_accounts):
        met = _collect(i, account, lo, hi, ptr, pos, count, touched, partners)
        n_in_step += met
        total = _stretches(touched, met, count, slot)
        if total > times.size:
            times, sources = np.empty(2 * total, np.int64), np.empty(2 * total, np.int32)
        _gather(i, account, source, t, lo, hi, ptr, pos, count, slot, times, sources, in_step_on)
        if m + met > out.shape[0]:
            grown = np.empty((max(2 * out.shape[0], m + met), 6), np.int32)
            grown[:m] = out[:m]
            out = grown
        for x in range(met):
            j = touched[x]
            start, end = slot[j] - count[j], slot[j]
            single = count[j] < 2
            count[j] = 0
            if single:
                continue
            sort_by_time(times, sources, start, end)
            n, distinct, top = _occasions(times, sources, start, end, gap, tally, counted)
            _add_sources(sources, start, end, tally, in_step_on)
            repeats = _repeats(times, sources, start, end, gap, -1)
            if n >= 2:
                again[i] += 1
                again[j] += 1
            if known.size:
                meeting = (known[i] + 1.0) * (known[j] + 1.0) / total_known
            if not _worth_listing(n, repeats, meeting, level, repeats_level):
                n_left_out += n >= 2
            else:
                rest = _repeats(times, sources, start, end, gap, top) if distinct > 1 else 0
                out[m, 0], out[m, 1], out[m, 2] = i, j, n
                out[m, 3], out[m, 4], out[m, 5] = distinct, repeats, rest
                m += 1
    return out[:m].copy(), partners, n_in_step, in_step_on, again, n_left_out
