"""What listed pairs shared: their coaction columns, the sources of their occasions, and how fresh the objects were.

The sweep keeps counts only. For the few pairs that are shown, the two accounts' actions are merged once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs.occasions import GAP_US, micros
from spmc_tools.coaction.engines.sweep import with_room
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.schema.arrays import Codes, Flags, Longs


__all__ = ["ByAccount", "PairSources", "by_account", "coaction_columns", "next_common", "pair_sources"]

COLUMNS = ("n_objects", "n_pairs", "n_actions_a", "n_actions_b", "first", "last", "lag_us", "n_a_first")
"""What :func:`coaction_columns` returns: ``first`` and ``last`` are times in microseconds, ``lag_us`` is a sum."""

FRESH_US = 3600 * 1_000_000
"""A coaction is late if it comes at least this long after the first action on its object (microseconds)."""


@dataclass(frozen=True, slots=True)
class ByAccount:
    """Actions ordered by account, object and time, with ``ptr[i]:ptr[i + 1]`` the rows of account ``i``."""

    object: Codes
    t_us: Longs
    ptr: Longs


@dataclass(frozen=True, slots=True)
class PairSources:
    """The sources that listed pairs were in step on.

    Attributes
    ----------
    pair : ndarray of int64, shape (n,)
        Row of the pair in the list, ascending.
    source : ndarray of int32, shape (n,)
        Each source of the pair once.
    occasion : ndarray of bool, shape (n,)
        True where it is the source of one of the pair's occasions.
    late : ndarray of bool, shape (n,)
        True where that occasion came at least an hour after the first action on its object.
    n_coactions, n_late : ndarray of int64, shape (n_pairs,)
        Objects the pair was in step on, and how many of these at least an hour after their first action.
    """

    pair: Longs
    source: Codes
    occasion: Flags
    late: Flags
    n_coactions: Longs
    n_late: Longs


def by_account(account: Codes, object_: Codes, t_us: Longs, n_accounts: int) -> ByAccount:
    """Return all actions ordered by account, object and time."""
    order = np.lexsort((t_us, object_, account))
    ptr = np.zeros(n_accounts + 1, np.int64)
    np.cumsum(np.bincount(account, minlength=n_accounts), out=ptr[1:])
    return ByAccount(object_[order], t_us[order], ptr)


def coaction_columns(actions: ByAccount, a: Codes, b: Codes, window_s: float) -> dict[str, Longs]:
    """Return the coactions of listed pairs, as :func:`spmc_tools.coactions` counts them on the same actions.

    Parameters
    ----------
    actions : ByAccount
        All actions, repeated ones and those on hot objects too.
    a, b : ndarray of int32, shape (n_pairs,)
        Account codes, ``a < b``.
    window_s : float
        Seconds, inclusive.
    """
    rows = _coactions(a, b, actions.object, actions.t_us, actions.ptr, micros(window_s))
    return {name: rows[:, c].copy() for c, name in enumerate(COLUMNS)}


def pair_sources(line: Timeline, born_us: Longs, a: Codes, b: Codes, window_s: float) -> PairSources:
    """Return the sources of listed pairs, counted on the retained actions.

    Parameters
    ----------
    line, born_us : Timeline, ndarray of int64 of shape (n_objects,)
        The retained actions; time of the first action on each object.
    a, b : ndarray of int32, shape (n_pairs,)
        Account codes.
    window_s : float
        Seconds, inclusive.
    """
    order = np.lexsort((line.object, line.account))
    object_, t_us, source = line.object[order], line.t_us[order], line.source[order]
    window_us = micros(window_s)
    pair, found, occasion, late, n, n_late = _sources(
        a, b, object_, t_us, source, line.ptr, born_us, window_us, GAP_US, FRESH_US
    )
    return PairSources(pair, found, occasion, late, n, n_late)


@compiled
def next_common(object_, x, x_end, y, y_end):  # type: ignore[no-untyped-def]
    """Return the next rows from ``x`` and ``y`` on that are on one object; ``(x_end, y_end)`` where there are none.

    The objects ascend in the rows ``x:x_end`` and in ``y:y_end``.
    """
    while x < x_end and y < y_end:
        if object_[x] < object_[y]:
            x += 1
        elif object_[x] > object_[y]:
            y += 1
        else:
            return x, y
    return x_end, y_end


@compiled
def _end_of_object(object_, start, end):  # type: ignore[no-untyped-def]
    """Return the row after the last one on the object at ``start``."""
    k = start
    while k < end and object_[k] == object_[start]:
        k += 1
    return k


@compiled
def _on_one_object(t, x, x_end, y, y_end, window, row):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Add the coactions of two stretches of times on one object to a row; return whether there is any."""
    any_pair = False
    seen_b = y
    start = y
    for p in range(x, x_end):
        while start < y_end and t[p] - t[start] > window:
            start += 1
        q = start
        while q < y_end and t[q] - t[p] <= window:
            early, late = min(t[p], t[q]), max(t[p], t[q])
            if row[1] == 0 or early < row[4]:
                row[4] = early
            if row[1] == 0 or late > row[5]:
                row[5] = late
            row[1] += 1
            row[6] += late - early
            if t[p] < t[q]:
                row[7] += 1
            q += 1
        if q > start:
            any_pair = True
            row[2] += 1
            row[3] += max(q - max(start, seen_b), 0)
            seen_b = max(seen_b, q)
    return any_pair


@compiled
def _coactions(a, b, object_, t, ptr, window):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    out = np.zeros((a.size, 8), np.int64)
    for e in range(a.size):
        x, x_end, y, y_end = ptr[a[e]], ptr[a[e] + 1], ptr[b[e]], ptr[b[e] + 1]
        x, y = next_common(object_, x, x_end, y, y_end)
        while x < x_end:
            nx, ny = _end_of_object(object_, x, x_end), _end_of_object(object_, y, y_end)
            if _on_one_object(t, x, nx, y, ny, window, out[e]):
                out[e, 0] += 1
            x, y = next_common(object_, nx, x_end, ny, y_end)
    return out


@compiled
def _sources(a, b, object_, t, source, ptr, born, window, gap, fresh):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    pair, found = np.empty(1024, np.int64), np.empty(1024, np.int32)
    occasion, late = np.empty(1024, np.bool_), np.empty(1024, np.bool_)
    n, n_late = np.zeros(a.size, np.int64), np.zeros(a.size, np.int64)
    times, sources = np.empty(1024, np.int64), np.empty(1024, np.int32)
    old = np.empty(1024, np.bool_)
    m = 0
    for e in range(a.size):
        x, x_end, y, y_end = ptr[a[e]], ptr[a[e] + 1], ptr[b[e]], ptr[b[e] + 1]
        most = min(x_end - x, y_end - y)
        if most > times.size:
            times, sources = np.empty(2 * most, np.int64), np.empty(2 * most, np.int32)
            old = np.empty(2 * most, np.bool_)
        c = 0
        x, y = next_common(object_, x, x_end, y, y_end)
        while x < x_end:
            if abs(t[x] - t[y]) <= window:
                times[c], sources[c] = min(t[x], t[y]), source[x]
                old[c] = times[c] - born[object_[x]] >= fresh
                n_late[e] += old[c]
                c += 1
            x, y = next_common(object_, x + 1, x_end, y + 1, y_end)
        n[e] = c
        pair, found = with_room(pair, m + c), with_room(found, m + c)
        occasion, late = with_room(occasion, m + c), with_room(late, m + c)
        m = _list_sources(times[:c], sources[:c], old[:c], gap, pair, found, occasion, late, m, e)
    return pair[:m].copy(), found[:m].copy(), occasion[:m].copy(), late[:m].copy(), n, n_late


@compiled
def _list_sources(times, sources, old, gap, pair, found, occasion, late, m, e):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """List the distinct sources of one pair, and mark those of its occasions (in order of time, then source)."""
    by_source = np.argsort(sources, kind="mergesort")
    order = by_source[np.argsort(times[by_source], kind="mergesort")]
    first = m
    counted, last = 0, 0
    for k in order:
        place = first
        while place < m and found[place] != sources[k]:
            place += 1
        if place == m:
            pair[m], found[m], occasion[m], late[m] = e, sources[k], False, False
            m += 1
        if not occasion[place] and (counted == 0 or times[k] - last >= gap):
            occasion[place], late[place] = True, old[k]
            counted += 1
            last = times[k]
    return m
