"""Occasions: how often two accounts were in step, each time on another source's object and hours apart.

One sweep over the accounts finds everything the chance models need; no pair is kept that was in step only once.

Two occasions lie at least ``GAP_US`` apart (microseconds, inclusive). An action with nobody else on its object within
``OUT_OF_STEP_S`` (or the window, if that is shorter) is out of step. Above ``CROWDED`` coactions, pairs whose occasions
chance would show by their partner degrees with at least the probability ``LIKELY`` are not listed. Up to ``SHORT``
coactions of a pair are looked through one by one for the first of each source.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs.account_pairs import AccountPairs
from spmc_tools.coaction.engines.sweep import window_bounds
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from spmc_tools.schema.arrays import Codes, Flags, Longs

__all__ = [
    "CROWDED", "GAP_US", "LIKELY", "PairCounts", "Timeline", "count_pairs", "first_actions", "met_later", "micros",
    "n_coactions", "out_of_step", "timeline",
]  # fmt: skip

GAP_US = 6 * 3600 * 1_000_000
OUT_OF_STEP_S = 180
CROWDED, LIKELY = 10_000_000, 0.05
SHORT = 32


@dataclass(frozen=True, slots=True)
class Timeline:
    """Actions ordered by object, then time, then account; each (account, object) once.

    Attributes
    ----------
    account, object, source : ndarray of int32, shape (n,)
        Codes; all actions on an object have the same source.
    t_us : ndarray of int64, shape (n,)
        Microseconds since 1970 UTC.
    ptr, pos : ndarray
        ``pos[ptr[i]:ptr[i + 1]]`` are the places of account ``i`` in the arrays above, in order of time.
    n_accounts, n_sources : int
        All codes lie below these.
    """

    account: Codes
    object: Codes
    source: Codes
    t_us: Longs
    ptr: Longs
    pos: Longs
    n_accounts: int
    n_sources: int


@dataclass(frozen=True, slots=True)
class PairCounts(AccountPairs):
    """What one sweep over all pairs of accounts counted, for one window.

    Pairs are listed where they had at least two occasions, or at least three repeats; ``a < b``, ascending. In a crowd
    those are left out and counted that partner degree alone makes likely.

    Attributes
    ----------
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

    n_occasions: Codes
    n_sources: Codes
    n_repeats: Codes
    n_repeats_rest: Codes
    partners: Longs
    n_in_step: int
    in_step_on: Longs
    partners_again: Longs
    n_left_out: int


def micros(seconds: float) -> int:
    """Return seconds as whole microseconds, to the nearest."""
    return math.floor(seconds * 1_000_000 + 0.5)


def first_actions(account: Codes, object_: Codes, t_us: Longs) -> Longs:
    """Return the rows that are the first action of their account on their object, ordered by object, time, account."""
    order = np.lexsort((t_us, account, object_))
    repeated = np.zeros(order.size, bool)
    repeated[1:] = (np.diff(account[order]) == 0) & (np.diff(object_[order]) == 0)
    rows = order[~repeated]
    return rows[np.lexsort((account[rows], t_us[rows], object_[rows]))]


def timeline(  # noqa: PLR0913, PLR0917
    account: Codes,
    object_: Codes,
    source: Codes,
    t_us: Longs,
    n_accounts: int,
    n_sources: int,
) -> Timeline:
    """Return actions with an index by account; they come ordered by object, time and account."""
    pos = np.lexsort((t_us, account))
    ptr = np.zeros(n_accounts + 1, np.int64)
    np.cumsum(np.bincount(account, minlength=n_accounts), out=ptr[1:])
    return Timeline(account, object_, source, t_us, ptr, pos, n_accounts, n_sources)


def out_of_step(line: Timeline, window_s: float) -> Flags:
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
    with :math:`\lambda^1` of :func:`~spmc_tools.chance.pairs.null_models.partner_degree`. Its p is at least that, so
    that it could not be significant. A third look at each coaction.
    """
    lo, hi = window_bounds(line.object, line.t_us, micros(window_s))
    order, account, ptr, pos = _few_first(line)
    known = np.empty(0, np.int64)
    if (int(hi.sum(dtype=np.int64)) - int(lo.sum(dtype=np.int64)) - lo.size) // 2 > CROWDED:
        known = _partners(account, lo, hi, ptr, pos)
    rows, partners, in_step_on, again, n_left_out = _sweep(
        account, line.source, line.t_us, lo, hi, ptr, pos, line.n_sources, GAP_US, known, LIKELY, repeats_level
    )
    n_in_step = int(partners.sum()) // 2
    ends = np.sort(order[rows[:, :2]], axis=1)
    rows = np.column_stack((ends, rows[:, 2:]))[np.lexsort((ends[:, 1], ends[:, 0]))]
    a, b, occasions, sources, repeats, rest = (np.ascontiguousarray(rows[:, c]) for c in range(6))
    place = np.argsort(order)
    return PairCounts(
        a, b, occasions, sources, repeats, rest, partners[place], n_in_step, in_step_on, again[place], int(n_left_out)
    )


def _few_first(line: Timeline) -> tuple[Codes, Codes, Longs, Longs]:
    """Return the accounts by how much they did, their codes in this order, and the index by account for it.

    Most coactions are those of the busiest; what the sweep counts of them then lies close together in memory.
    """
    many = np.diff(line.ptr)
    order = np.argsort(many, kind="stable").astype(np.int32)
    code = np.empty(line.n_accounts, np.int32)
    code[order] = np.arange(line.n_accounts, dtype=np.int32)
    ptr = np.zeros(line.n_accounts + 1, np.int64)
    np.cumsum(many[order], out=ptr[1:])
    pos = line.pos[np.repeat(line.ptr[:-1][order] - ptr[:-1], many[order]) + np.arange(line.pos.size)]
    return order, code[line.account], ptr, pos


@compiled
def met_later(i, account, lo, hi, ptr, pos, count, touched):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
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
def _first_of_source(sources, start, end, first, place):  # type: ignore[no-untyped-def]
    """Write for each coaction of a pair which of them is the first on its source; ``place`` is left at zero."""
    if end - start <= SHORT:
        for x in range(start, end):
            y = start
            while sources[y] != sources[x]:
                y += 1
            first[x - start] = y - start
        return
    for x in range(start, end):
        if place[sources[x]] == 0:
            place[sources[x]] = x - start + 1
        first[x - start] = place[sources[x]] - 1
    for x in range(start, end):
        place[sources[x]] = 0


@compiled
def _occasions(times, sources, start, end, gap, first, tally, counted, in_step_on):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Count occasions, distinct sources and the most frequent source of one pair, and the pair on each source."""
    n, distinct, last, top = 0, 0, 0, 0
    tally[: end - start] = 0
    counted[: end - start] = False
    for x in range(start, end):
        at = first[x - start]
        if tally[at] == 0:
            distinct += 1
            in_step_on[sources[x]] += 1
        tally[at] += 1
        if tally[at] > tally[top] or (tally[at] == tally[top] and sources[x] < sources[start + top]):
            top = at
        if not counted[at] and (n == 0 or times[x] - last >= gap):
            n += 1
            last = times[x]
            counted[at] = True
    return n, distinct, sources[start + top]


@compiled
def _occasions_of_two(times, sources, start, gap, in_step_on):  # type: ignore[no-untyped-def]
    """Do the same for a pair in step twice, and count its repeats: most pairs of a crowd are such."""
    source, other = sources[start], sources[start + 1]
    apart = abs(times[start + 1] - times[start]) >= gap
    in_step_on[source] += 1
    if source == other:
        return 1, 1, source, 1 + apart
    in_step_on[other] += 1
    return 1 + apart, 2, min(source, other), 1 + apart


@compiled
def _of_pair(times, sources, start, end, gap, first, place, tally, counted, in_step_on):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Return occasions, distinct sources, the most frequent source and the repeats of one pair."""
    if end - start == 2:
        return _occasions_of_two(times, sources, start, gap, in_step_on)
    sort_by_time(times, sources, start, end)
    _first_of_source(sources, start, end, first, place)
    n, distinct, top = _occasions(times, sources, start, end, gap, first, tally, counted, in_step_on)
    return n, distinct, top, _repeats(times, sources, start, end, gap, -1)


@compiled
def _gather(i, account, source, t, lo, hi, ptr, pos, slot, times, sources, in_step_on):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Write the coactions of account i into the stretch of each later account met twice; settle those met once."""
    for k in range(ptr[i], ptr[i + 1]):
        p = pos[k]
        once = 0
        for q in range(lo[p], hi[p]):
            j = account[q]
            if j <= i:
                continue
            at = slot[j]
            if at < 0:
                once += 1
            else:
                times[at] = min(t[p], t[q])
                sources[at] = source[p]
                slot[j] = at + 1
        in_step_on[source[p]] += once


@compiled
def _stretches(touched, met, count, slot):  # type: ignore[no-untyped-def]
    """Give each account met at least twice its stretch, those met once none; return how long all are, and the most."""
    total, most = 0, 0
    for x in range(met):
        j = touched[x]
        slot[j] = -1
        if count[j] >= 2:
            slot[j] = total
            total += count[j]
            most = max(most, count[j])
    return total, most


@compiled
def _partners(account, lo, hi, ptr, pos):  # type: ignore[no-untyped-def]
    """Count the different accounts that each account is ever in step with."""
    n_accounts = ptr.size - 1
    count, partners = np.zeros(n_accounts, np.int32), np.zeros(n_accounts, np.int64)
    touched = np.empty(n_accounts, np.int32)
    for i in range(n_accounts):
        met = met_later(i, account, lo, hi, ptr, pos, count, touched)
        _settle(i, touched, met, count, partners)
    return partners


@compiled
def _settle(i, touched, met, count, partners):  # type: ignore[no-untyped-def]
    """Count the accounts met as partners, and forget how often each was."""
    partners[i] += met
    for x in range(met):
        partners[touched[x]] += 1
        count[touched[x]] = 0


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
def _worth_listing(n, repeats, meeting, level, repeats_level, likely):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Say whether a pair is listed; without a crowd ``meeting`` is 0. From ``likely`` on two occasions are not."""
    if n == 2 and repeats == 2:
        return meeting < likely
    if n >= 2 and (meeting == 0.0 or _likelihood(n, meeting) < level):
        return True
    return repeats >= 3 and (meeting == 0.0 or _likelihood(repeats, meeting) < repeats_level)


@compiled
def _likely_from(n, level):  # type: ignore[no-untyped-def]
    """Return the least meeting, to the last digit, at which n occasions have at least this probability."""
    below, above = 0.0, 1.0
    while True:
        middle = (below + above) / 2
        if middle in (below, above):
            return above
        if _likelihood(n, middle) < level:
            below = middle
        else:
            above = middle


@compiled
def _sweep(  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    account, source, t, lo, hi, ptr, pos, n_sources, gap, known, level, repeats_level
):
    """Go through the accounts; for each, gather its coactions with later accounts and count them pair by pair."""
    n_accounts = ptr.size - 1
    count, slot = np.zeros(n_accounts, np.int32), np.zeros(n_accounts, np.int64)
    touched, partners = np.empty(n_accounts, np.int32), np.zeros(n_accounts, np.int64)
    in_step_on, place = np.zeros(n_sources, np.int64), np.zeros(n_sources, np.int32)
    times, sources = np.empty(1024, np.int64), np.empty(1024, np.int32)
    first, tally, counted = np.empty(1024, np.int32), np.empty(1024, np.int32), np.empty(1024, np.bool_)
    out = np.empty((1024, 6), np.int32)
    m, n_left_out = 0, 0
    again, meeting, total_known = np.zeros(n_accounts, np.int64), 0.0, max(float(known.sum()), 1.0)
    likely = _likely_from(2, level)
    for i in range(n_accounts):
        met = met_later(i, account, lo, hi, ptr, pos, count, touched)
        total, most = _stretches(touched, met, count, slot)
        if total > times.size:
            times, sources = np.empty(2 * total, np.int64), np.empty(2 * total, np.int32)
        if most > first.size:
            first, tally, counted = (
                np.empty(2 * most, np.int32),
                np.empty(2 * most, np.int32),
                np.empty(2 * most, np.bool_),
            )
        _gather(i, account, source, t, lo, hi, ptr, pos, slot, times, sources, in_step_on)
        if m + met > out.shape[0]:
            grown = np.empty((max(2 * out.shape[0], m + met), 6), np.int32)
            grown[:m] = out[:m]
            out = grown
        for x in range(met):
            j = touched[x]
            end = slot[j]
            if end < 0:
                continue
            start = end - count[j]
            n, distinct, top, repeats = _of_pair(
                times, sources, start, end, gap, first, place, tally, counted, in_step_on
            )
            if n >= 2:
                again[i] += 1
                again[j] += 1
            elif repeats < 3:
                continue
            if known.size:
                meeting = (known[i] + 1.0) * (known[j] + 1.0) / total_known
            if not _worth_listing(n, repeats, meeting, level, repeats_level, likely):
                n_left_out += n >= 2
            else:
                rest = _repeats(times, sources, start, end, gap, top) if distinct > 1 else 0
                out[m, 0], out[m, 1], out[m, 2] = i, j, n
                out[m, 3], out[m, 4], out[m, 5] = distinct, repeats, rest
                m += 1
        _settle(i, touched, met, count, partners)
    return out[:m].copy(), partners, in_step_on, again, n_left_out
