"""The in-memory kernel: every pair of actions in a window is looked at once, and no pair is stored.

Actions are sorted by object and time; the window of an action is then a run of neighbours, found for all by
two pointers. Each account in turn collects its partners of higher code in one accumulator of fixed size.
Blocks of accounts, cut so that each holds the same work, run in plain threads on functions that release the
interpreter lock; the result does not depend on the number of threads or on the order of the rows.

Notes
-----
``prange`` with a buffer per thread lost edges silently in a trial; the threads here share nothing they write.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice, pairwise
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from spmc_tools.compiled import compiled
from spmc_tools.operating_system import usable_processors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["EDGE", "blocks", "sort_by_object_time", "window_bounds", "with_room"]

Ints: TypeAlias = npt.NDArray[np.int32]
Longs: TypeAlias = npt.NDArray[np.int64]

_DIGIT_BITS = 11
_BLOCKS_PER_THREAD = 8
_WORK_PER_BLOCK = 100_000_000
_CARRY = 1 << 62

EDGE = np.dtype(
    [
        *((name, np.int64) for name in ("n_pairs", "n_a_first", "first_us", "last_us")),
        ("mean_lag_s", np.float64),
        *((name, np.int32) for name in ("a", "b", "n_objects", "n_actions_a", "n_actions_b")),
    ],
    align=True,
)
"""One edge as the kernel writes it: account codes with a < b, then the columns of the Contract."""

_PARTNER = np.dtype(
    [
        *((name, np.int32) for name in ("n_objects", "n_actions_a", "n_actions_b", "object", "last_a", "last_b")),
        *((name, np.int64) for name in ("n_pairs", "n_a_first", "first_us", "last_us", "lag_us")),
    ]
)
"""What one account knows of one partner: counts so far, and the object and positions counted last (64 bytes)."""


def sort_by_object_time(object: Ints, t_us: Longs) -> Longs:
    """Return the order of the rows by object, then time; equal rows keep the order they came in.

    Parameters
    ----------
    object : int32 array of shape (n,)
        Codes from 0.
    t_us : int64 array of shape (n,)
        Times in any whole unit.

    Returns
    -------
    int64 array of shape (n,)
        Positions: ``object[order]`` ascends, ``t_us[order]`` ascends within each object.
    """
    order = np.arange(len(t_us), dtype=np.int64)
    if not len(t_us):
        return order
    start = t_us.min()
    spare = np.empty_like(order)
    by_time = _radix_sort(t_us, start, int(t_us.max() - start).bit_length(), order, spare)
    by_object: Longs = _counting_sort(object, int(object.max()) + 1, by_time)[0]
    return by_object


def window_bounds(object_sorted: Ints, t_sorted: Longs, window_us: int) -> tuple[Ints, Ints]:
    """Return, for each action, the run of actions on its object within the window, both ends inclusive in time.

    Parameters
    ----------
    object_sorted, t_sorted : arrays of shape (n,)
        Ordered by :func:`sort_by_object_time`.
    window_us : int
        The window in the unit of ``t_sorted``; not negative.

    Returns
    -------
    lo, hi : int32 arrays of shape (n,)
        Actions ``lo[i]:hi[i]`` are those with ``|t - t[i]| <= window_us``, the action itself among them.
    """
    lo = np.empty(len(t_sorted), np.int32)
    hi = np.empty(len(t_sorted), np.int32)
    _bounds(object_sorted, t_sorted, np.int64(min(window_us, 2**63 - 1)), lo, hi)
    return lo, hi


def blocks(  # noqa: PLR0913, PLR0917 (three columns, three numbers, a callable)
    account: Ints,
    object: Ints,
    t_us: Longs,
    window_us: int,
    min_objects: int,
    threads: int | None = None,
    tell: Callable[[int, int], None] | None = None,
    min_actions: int = 1,
) -> Iterator[npt.NDArray[Any]]:
    """Yield all edges, ordered by (a, b), as arrays of :data:`EDGE`; at least one array, which may be empty.

    Parameters
    ----------
    account, object : int32 arrays of shape (n,)
        Codes from 0, in any order of rows.
    t_us : int64 array of shape (n,)
        Times in µs within ± 2^61.
    window_us : int
        Largest distance in time of a pair, inclusive.
    min_objects : int
        Fewest distinct shared objects of an edge, at least 1.
    threads : int, optional
        None: as many as this process may use.
    tell : callable, optional
        Called with the accounts done and all of them, from the thread that takes the blocks.
    min_actions : int
        Fewest actions that one of the two accounts (either) has with one of the other in the window: the threshold of
        the directed weights of the literature. 1: every edge.
    """
    swept = _prepared(account, object, t_us, window_us, min_objects)._replace(fewest_actions=min_actions)
    return _in_threads(swept, threads or usable_processors(), tell)


class _Swept(NamedTuple):
    """Actions in kernel order with what the kernel needs to know of them; an edge needs ``fewest`` objects.

    One of its accounts needs ``fewest_actions`` with the other.
    """

    account: Ints
    object: Ints
    t: Longs
    lo: Ints
    hi: Ints
    position: Longs
    start: Longs
    fewest: int
    wide: bool
    fewest_actions: int = 1


class _Accumulator(NamedTuple):
    """What one thread knows of the partners of the account it is at; ``carry`` is empty unless sums are wide."""

    partners: npt.NDArray[Any]
    carry: Longs
    touched: Ints


def _prepared(account: Ints, obj: Ints, t_us: Longs, window_us: int, fewest: int) -> _Swept:
    """Sort the actions and leave out accounts that are in step with anybody on fewer objects than an edge needs."""
    order = sort_by_object_time(obj, t_us)
    swept = _indexed(account[order], obj[order], t_us[order], window_us, fewest)
    if fewest > 1:
        keep = _meets_enough(swept)[swept.account]
        if not keep.all():
            swept = _indexed(swept.account[keep], swept.object[keep], swept.t[keep], window_us, fewest)
    return swept


def _indexed(account: Ints, obj: Ints, t: Longs, window_us: int, fewest: int) -> _Swept:
    lo, hi = window_bounds(obj, t, window_us)
    n_accounts = int(account.max()) + 1 if account.size else 0
    position, start = _counting_sort(account, n_accounts, np.arange(account.size, dtype=np.int64))
    longest = min(window_us, int(np.ptp(t)) if t.size else 0)
    wide = longest * int((hi - lo).sum(dtype=np.int64)) >= _CARRY
    return _Swept(account, obj, t, lo, hi, position, start, fewest, wide)


def _cuts(swept: _Swept, threads: int) -> list[int]:
    """Return account codes that cut the accounts into blocks of about the same number of neighbours to look at."""
    work = _work_before(swept)
    n_blocks = max(threads * _BLOCKS_PER_THREAD, int(work[-1]) // _WORK_PER_BLOCK)
    inner = np.searchsorted(work, np.linspace(0, work[-1], n_blocks + 1)[1:-1])
    cuts: list[int] = np.unique(np.concatenate([[0], inner, [work.size - 1]])).tolist()
    return cuts


def _in_threads(
    swept: _Swept, threads: int, tell: Callable[[int, int], None] | None = None
) -> Iterator[npt.NDArray[Any]]:
    """Yield the edges of blocks of accounts in order; at most a few blocks wait to be taken."""
    n_accounts = swept.start.size - 1
    idle: SimpleQueue[_Accumulator] = SimpleQueue()
    for _ in range(threads):
        carry = np.zeros(n_accounts if swept.wide else 0, np.int64)
        idle.put(_Accumulator(np.zeros(n_accounts, _PARTNER), carry, np.empty(n_accounts, np.int32)))

    def block(first: int, last: int) -> npt.NDArray[Any]:
        accumulator = idle.get()
        found: npt.NDArray[Any] = _edges_of(swept, accumulator, first, last, np.empty(1 << 10, EDGE))
        idle.put(accumulator)
        return found

    yield np.empty(0, EDGE)
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[tuple[int, Future[npt.NDArray[Any]]]] = deque()
        ranges = pairwise(_cuts(swept, threads))
        while True:
            for first, last in islice(ranges, 2 * threads + 1 - len(waiting)):
                waiting.append((last, pool.submit(block, first, last)))
            if not waiting:
                return
            last, found = waiting.popleft()
            yield found.result()
            if tell is not None:
                tell(last, n_accounts)


@compiled
def _radix_sort(keys, start, bits, order, spare):  # type: ignore[no-untyped-def]
    """Sort ``order`` by ``keys - start``, eleven bits at a time, lowest first; stable."""
    n = order.size
    already = True
    for i in range(1, n):
        if keys[order[i]] < keys[order[i - 1]]:
            already = False
            break
    if already:
        return order
    count = np.empty((1 << _DIGIT_BITS) + 1, np.int64)
    mask = (1 << _DIGIT_BITS) - 1
    for shift in range(0, bits, _DIGIT_BITS):
        count[:] = 0
        for i in range(n):
            count[(((keys[i] - start) >> shift) & mask) + 1] += 1
        for d in range(mask + 1):
            count[d + 1] += count[d]
        for i in range(n):
            d = ((keys[order[i]] - start) >> shift) & mask
            spare[count[d]] = order[i]
            count[d] += 1
        order, spare = spare, order
    return order


@compiled
def _counting_sort(codes, n_codes, order):  # type: ignore[no-untyped-def]
    """Return ``order`` sorted by code, stable, and where the run of each code starts (one longer than codes)."""
    start = np.zeros(n_codes + 1, np.int64)
    for i in range(codes.size):
        start[codes[i] + 1] += 1
    for c in range(n_codes):
        start[c + 1] += start[c]
    free = start.copy()
    result = np.empty_like(order)
    for i in range(order.size):
        c = codes[order[i]]
        result[free[c]] = order[i]
        free[c] += 1
    return result, start


@compiled
def _bounds(obj, t, window, lo, hi):  # type: ignore[no-untyped-def]
    n = t.size
    low = 0
    for i in range(n):
        if obj[low] != obj[i]:
            low = i
        while t[i] - t[low] > window:
            low += 1
        lo[i] = low
    high = n - 1
    for i in range(n - 1, -1, -1):
        if obj[high] != obj[i]:
            high = i
        while t[high] - t[i] > window:
            high -= 1
        hi[i] = high + 1


@compiled
def _meets_enough(swept):  # type: ignore[no-untyped-def]
    """Say of each account whether some other account is in its windows on as many objects as an edge needs."""
    n_accounts = swept.start.size - 1
    enough = np.zeros(n_accounts, np.bool_)
    for a in range(n_accounts):
        met = 0
        last = -1
        for i in swept.position[swept.start[a] : swept.start[a + 1]]:
            if swept.object[i] == last:
                continue
            for j in range(swept.lo[i], swept.hi[i]):
                if swept.account[j] != a:
                    met += 1
                    last = swept.object[i]
                    break
            if met >= swept.fewest:
                enough[a] = True
                break
    return enough


@compiled
def _work_before(swept):  # type: ignore[no-untyped-def]
    """Return how many neighbours the accounts before each code have in their windows; one longer than codes."""
    work = np.zeros(swept.start.size, np.int64)
    for a in range(swept.start.size - 1):
        total = 1
        for i in swept.position[swept.start[a] : swept.start[a + 1]]:
            total += swept.hi[i] - swept.lo[i]
        work[a + 1] = work[a] + total
    return work


@compiled
def with_room(values, size):  # type: ignore[no-untyped-def]
    """Return the values where they hold at least ``size``, else a copy at least twice as long, its rest unset."""
    if size <= values.size:
        return values
    out = np.empty(max(2 * values.size, size), values.dtype)
    out[: values.size] = values
    return out


@compiled
def _edges_of(swept, accumulator, first, last, out):  # type: ignore[no-untyped-def]
    """Return the edges of accounts ``first`` to ``last`` (excluded) with partners of higher code.

    ``out`` is room for the first of them; it is replaced by a larger one when it is full.
    """
    partners, touched = accumulator.partners, accumulator.touched
    n_out = 0
    for a in range(first, last):
        n_touched = _meet_partners(swept, accumulator, a)
        n_edges = 0
        for b in touched[:n_touched]:
            known = partners[b]
            enough = max(known.n_actions_a, known.n_actions_b) >= swept.fewest_actions
            if enough and known.n_objects >= swept.fewest:
                touched[n_edges] = b
                n_edges += 1
            else:
                _forget(accumulator, b)
        touched[:n_edges].sort()
        out = with_room(out, n_out + n_edges)
        for b in touched[:n_edges]:
            _write_edge(swept, accumulator, a, b, out[n_out])
            _forget(accumulator, b)
            n_out += 1
    return out[:n_out].copy()


@compiled
def _forget(accumulator, b):  # type: ignore[no-untyped-def]
    accumulator.partners[b].n_pairs = 0
    if accumulator.carry.size:
        accumulator.carry[b] = 0


@compiled
def _write_edge(swept, accumulator, a, b, edge):  # type: ignore[no-untyped-def]
    known = accumulator.partners[b]
    edge.a = a
    edge.b = b
    edge.n_objects = known.n_objects
    edge.n_actions_a = known.n_actions_a
    edge.n_actions_b = known.n_actions_b
    edge.n_pairs = known.n_pairs
    edge.n_a_first = known.n_a_first
    edge.first_us = known.first_us
    edge.last_us = known.last_us
    lag = np.float64(known.lag_us)
    if swept.wide:
        lag += np.float64(accumulator.carry[b]) * np.float64(_CARRY)
    edge.mean_lag_s = lag / np.float64(known.n_pairs) / 1e6


@compiled
def _meet_partners(swept, accumulator, a):  # type: ignore[no-untyped-def]
    """Count every pair of account ``a`` with a partner of higher code; return how many partners it has.

    The positions of ``a`` ascend, and so do both ends of their windows on one object: an action of a partner
    is new to the pair exactly when it lies beyond the last one counted.
    """
    account, obj, t = swept.account, swept.object, swept.t
    n_touched = 0
    for i in swept.position[swept.start[a] : swept.start[a + 1]]:
        for j in range(swept.lo[i], swept.hi[i]):
            b = account[j]
            if b <= a:
                continue
            known = accumulator.partners[b]
            earlier, later = (t[i], t[j]) if i < j else (t[j], t[i])
            if known.n_pairs == 0:
                accumulator.touched[n_touched] = b
                n_touched += 1
                _begin(known, earlier, later)
            known.n_pairs += 1
            if known.object != obj[i]:
                known.object = obj[i]
                known.n_objects += 1
            if known.last_a != i:
                known.last_a = i
                known.n_actions_a += 1
            if j > known.last_b:
                known.last_b = j
                known.n_actions_b += 1
            if t[i] < t[j]:
                known.n_a_first += 1
            known.first_us = min(known.first_us, earlier)
            known.last_us = max(known.last_us, later)
            known.lag_us += later - earlier
            if swept.wide and known.lag_us >= _CARRY:
                known.lag_us -= _CARRY
                accumulator.carry[b] += 1
    return n_touched


@compiled
def _begin(known, earlier, later):  # type: ignore[no-untyped-def]
    known.n_objects = 0
    known.n_actions_a = 0
    known.n_actions_b = 0
    known.object = -1
    known.last_a = -1
    known.last_b = -1
    known.n_a_first = 0
    known.first_us = earlier
    known.last_us = later
    known.lag_us = 0
