r"""Groups that no pair gives away: the rarest meetings of all, and who has most of them among themselves.

Members who take turns, three of twenty at a time, meet each other once or twice: as a pair they are nothing. As a group
they are: the meetings of ordinary accounts that chance makes rare are spread over everybody, theirs stay among them.

1. **A meeting** is a pair of accounts in step on an object, each source once. With :math:`c` others in step with the
   act of *a*, and :math:`r_b`, :math:`M` how active *b* and everybody were in the hour
   (:mod:`~spmc_tools.chance.sessions.session_cells`), chance brings *b* to it :math:`c\, r_b / M` times, times the
   factor of the two circles (:mod:`~spmc_tools.chance.sessions.circle_factors`); the larger of both sides counts.
2. Of all meetings the **rarest** are kept, as many as there are accounts. Each weighs by how many powers of ten it is
   rarer than the last of them.
3. **The core.** The account with the least weight left is left out, again and again; an account's figure is the largest
   least weight until then (as in FRAUDAR).
4. **Chance.** Accounts of a circle are dealt anew over these acts within each hour, five times, with a fixed seed:
   *standing* is the figure over the largest figure of anybody in any of these draws.
5. **A group** is a densest part with standing 1.3 or more, with all accounts that have three rare meetings or more
   with it. It must have met on nine sources or more, and sixteen times as often as chance gives its members: their
   companions, members or not, are held against the share of the members in what was done in these hours.

The last step is what a crowd fails: fans and volunteers have large cores, but met two to fourteen times as often as
chance gives (docs/method.md).

References
----------
Hooi et al. (2016), FRAUDAR: Bounding graph fraud in the face of camouflage, KDD.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs.occasions import micros
from spmc_tools.chance.sessions.circle_factors import circle_factors
from spmc_tools.chance.sessions.session_cells import activity_of_acts
from spmc_tools.coaction.engines.sweep import window_bounds
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.occasions import Timeline

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int32]
    Longs = NDArray[np.int64]

__all__ = [
    "DRAWS",
    "LEAST_SOURCES",
    "MOST_STANDING",
    "STANDING",
    "TIMES_CHANCE",
    "ActsInStep",
    "Met",
    "RareGroup",
    "acts_in_step",
    "core",
    "met",
    "rare_groups",
]

DRAWS = 5
"""So often are accounts dealt anew."""

STANDING = 1.3
"""A densest part stands out from this many times the largest figure that dealing anew gives, inclusive."""

TIMES_CHANCE = 16.0
"""A group met this many times as often as chance gives, at least."""

LEAST_SOURCES = 9
"""A group met on so many sources, at least: one more than the stars of fans that were tried."""

MOST_STANDING = 4.0
"""Standing counts for at most this."""

_LEAST_MEMBERS = 5
_MOST_PARTS = 20
_PER_ACCOUNT = 3
"""Acts with the fewest companions are looked at, so many meetings for each account at least."""


@dataclass(frozen=True, slots=True)
class Met:
    """Pairs of members' acts in step: ``n`` seen, ``expected`` by chance, and the ``n_sources`` on which they were."""

    n: int
    expected: float
    n_sources: int


@dataclass(frozen=True, slots=True)
class RareGroup:
    """Accounts with rare meetings among themselves.

    ``members``: account codes, ascending. ``n_ties``: pairs of them that have one. ``standing``: of its densest part,
    at most :data:`MOST_STANDING`. ``met``: what they did in step. ``window_s``: of these meetings.
    """

    members: Codes
    n_ties: int
    standing: float
    met: Met
    window_s: float


@dataclass(frozen=True, slots=True)
class ActsInStep:
    """What is looked at in one window, arrays by act.

    ``hi``: end of the acts in step with it. ``companions``: how many these are, before and after. ``cell``: its hour.
    ``active``, ``everybody``: how active its account and all accounts were there. ``factors``: of each two circles.
    ``stratum``: circle of each account.
    """

    line: Timeline
    window_s: float
    hi: NDArray[np.int32]
    companions: Longs
    cell: Longs
    active: Floats
    everybody: Floats
    factors: Floats
    stratum: Codes


def acts_in_step(line: Timeline, window_s: float, stratum: Codes) -> ActsInStep:
    """Return what groups are looked for in.

    Parameters
    ----------
    line, window_s, stratum : Timeline, float, ndarray of int32
        As for :func:`~spmc_tools.chance.sessions.session_pairs.session_pairs`.
    """
    lo, hi = window_bounds(line.object, line.t_us, micros(window_s))
    cell, active, everybody = activity_of_acts(line, lo, hi, window_s)
    factors = circle_factors(line, (hi - np.arange(hi.size) - 1).astype(np.float64), stratum, window_s)
    companions = (hi - lo - 1).astype(np.int64)
    return ActsInStep(line, window_s, hi, companions, cell, active, everybody, factors, stratum)


def rare_groups(acts: ActsInStep) -> list[RareGroup]:
    """Return the groups of one window, of highest standing first."""
    n = acts.line.n_accounts
    if not acts.companions.any():
        return []
    p, q = _meetings(acts.hi, acts.companions, _fewest(acts.companions, n))
    graph = _rarest(acts, acts.line.account, p, q)
    figure = core(*graph[:3], n)
    place = np.unique(np.concatenate((p, q)))
    bound = 0.0
    for draw in range(DRAWS):
        bound = max(bound, _dealt(acts, p, q, place, draw))
        if figure.max(initial=0.0) < STANDING * bound:
            return []
    return _parts(acts, graph, bound)


def met(acts: ActsInStep, members: Codes, only: Longs | None = None) -> Met:
    """Return how often the members of a group were in step with each other, and how often chance gives them.

    ``only``: numbers of the acts that are looked at; None: all.
    """
    line = acts.line
    inside = np.zeros(line.n_accounts, bool)
    inside[members] = True
    own = inside[line.account]
    if only is not None:
        own &= np.isin(np.arange(own.size), only)
    n_met, sources = _met(line.source, acts.hi, own)
    cells, place = np.unique(acts.cell[own], return_inverse=True)
    _, first = np.unique(line.account[own].astype(np.int64) * cells.size + place, return_index=True)
    in_cell = np.bincount(place[first], acts.active[own][first], cells.size)[place]
    others = np.maximum(in_cell - acts.active[own], 0.0) / np.maximum(acts.everybody[own] - acts.active[own], 1.0)
    expected = float((acts.companions[own] * others).sum()) / 2
    return Met(int(n_met), expected, int(np.unique(sources).size))


def core(a: Longs, b: Longs, weight: Floats, n: int) -> Floats:
    """Return the figure of each account in a graph: leave out the one with the least weight left, again and again.

    Parameters
    ----------
    a, b : ndarray of int64, shape (n_edges,)
        Ends, each pair once.
    weight : ndarray of float64, shape (n_edges,)
        Not negative.
    n : int
        Accounts.
    """
    ends, others = np.concatenate((a, b)), np.concatenate((b, a))
    order = np.argsort(ends, kind="stable")
    ptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(ends, minlength=n), out=ptr[1:])
    figure: Floats = _peeled(ptr, others[order], np.concatenate((weight, weight))[order])
    return figure


def _fewest(companions: Longs, n_accounts: int) -> int:
    """Return the least number of companions up to which acts give so many meetings as are wanted."""
    by_number = np.bincount(companions)
    meetings = np.cumsum(by_number * np.arange(by_number.size)) / 2
    return int(np.searchsorted(meetings, min(_PER_ACCOUNT * n_accounts, meetings[-1])))


def _rarest(acts: ActsInStep, account: Codes, p: Longs, q: Longs) -> tuple[Longs, Longs, Floats, Longs]:
    """Return the pairs with rare meetings, the weight of each, and on how many sources it has them."""
    line, n = acts.line, acts.line.n_accounts
    a, b = account[p].astype(np.int64), account[q].astype(np.int64)
    circles = acts.factors[acts.stratum[a], acts.stratum[b]]
    one = acts.companions[p] * acts.active[q] / np.maximum(acts.everybody[p] - acts.active[p], 1.0)
    other = acts.companions[q] * acts.active[p] / np.maximum(acts.everybody[q] - acts.active[q], 1.0)
    rarity = -np.log10(np.clip(np.maximum(one, other) * circles, 1e-9, 1.0))
    here = a != b
    low, high, rarity = np.minimum(a, b)[here], np.maximum(a, b)[here], rarity[here]
    pair = low * n + high
    kept = np.argpartition(-rarity, 2 * n)[: 2 * n] if rarity.size > 2 * n else np.arange(rarity.size)
    order = kept[np.lexsort((-rarity[kept], line.source[p][here][kept], pair[kept]))]
    pair, source, rarity = pair[order], line.source[p][here][order], rarity[order]
    first = np.ones(pair.size, bool)
    first[1:] = (pair[1:] != pair[:-1]) | (source[1:] != source[:-1])
    pair, rarity = pair[first], rarity[first]
    bound = float(np.sort(rarity)[-min(n, rarity.size)]) if rarity.size else 0.0
    above = rarity > bound
    found, place = np.unique(pair[above], return_inverse=True)
    return (
        found // n,
        found % n,
        np.bincount(place, rarity[above] - bound, found.size).astype(np.float64),
        np.bincount(place, minlength=found.size).astype(np.int64),
    )


def _dealt(acts: ActsInStep, p: Longs, q: Longs, place: Longs, draw: int) -> float:
    """Return the largest figure where the accounts of the acts at ``place`` are dealt anew within hour and circle."""
    rng = np.random.default_rng([draw, 17])
    among = acts.cell[place] * (int(acts.stratum.max(initial=0)) + 1) + acts.stratum[acts.line.account[place]]
    by_hour = place[np.argsort(among, kind="stable")]
    shuffled = place[np.lexsort((rng.random(place.size), among))]
    account, active = acts.line.account.copy(), acts.active.copy()
    account[by_hour], active[by_hour] = acts.line.account[shuffled], acts.active[shuffled]
    a, b, weight, _ = _rarest(replace(acts, active=active), account, p, q)
    return float(core(a, b, weight, acts.line.n_accounts).max(initial=0.0))


def _parts(acts: ActsInStep, graph: tuple[Longs, Longs, Floats, Longs], bound: float) -> list[RareGroup]:
    """Return the densest parts that stand out, each with all that belong to it, where chance does not explain them."""
    a, b, weight, n_sources = graph
    found: list[RareGroup] = []
    free = np.ones(acts.line.n_accounts, bool)
    for _ in range(_MOST_PARTS):
        kept = free[a] & free[b]
        figure = core(a[kept], b[kept], weight[kept], free.size)
        most = float(figure.max(initial=0.0))
        if most < STANDING * bound or most == 0.0:
            break
        part = _joined(figure >= most, a, b, n_sources, free)
        members = np.flatnonzero(part).astype(np.int32)
        told = met(acts, members)
        enough = members.size >= _LEAST_MEMBERS and told.n_sources >= LEAST_SOURCES
        if enough and told.n >= TIMES_CHANCE * told.expected:
            standing = min(most / bound, MOST_STANDING) if bound else MOST_STANDING
            found.append(RareGroup(members, int((part[a] & part[b]).sum()), standing, told, acts.window_s))
        free &= ~part
    return found


def _joined(
    part: NDArray[np.bool_], a: Longs, b: Longs, n_sources: Longs, free: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return the part with the free accounts that have three rare meetings with it or more."""
    to_part = np.bincount(a, n_sources * part[b], part.size) + np.bincount(b, n_sources * part[a], part.size)
    whole: NDArray[np.bool_] = part | (free & (to_part >= 3))
    return whole


@compiled
def _meetings(hi, companions, most):  # type: ignore[no-untyped-def]
    """Return the pairs of acts in step, both with at most so many companions."""
    total = 0
    for p in range(hi.size):
        if 0 < companions[p] <= most:
            for q in range(p + 1, hi[p]):
                if companions[q] <= most:
                    total += 1
    first, second, m = np.empty(total, np.int64), np.empty(total, np.int64), 0
    for p in range(hi.size):
        if 0 < companions[p] <= most:
            for q in range(p + 1, hi[p]):
                if companions[q] <= most:
                    first[m], second[m] = p, q
                    m += 1
    return first, second


@compiled
def _met(source, hi, own):  # type: ignore[no-untyped-def]
    """Return how many pairs of these acts are in step, and the sources of those that are."""
    n, sources, m = 0, np.empty(own.sum(), np.int32), 0
    for p in range(hi.size):
        if own[p]:
            before = n
            for q in range(p + 1, hi[p]):
                n += own[q]
            if n > before:
                sources[m] = source[p]
                m += 1
    return n, sources[:m]


@compiled
def _peeled(ptr, other, weight):  # type: ignore[no-untyped-def]
    """Return the largest least weight until each account is left out."""
    n = ptr.size - 1
    left, figure, there = np.zeros(n), np.zeros(n), np.ones(n, np.bool_)
    for i in range(n):
        for x in range(ptr[i], ptr[i + 1]):
            left[i] += weight[x]
    heap = [(left[i], i) for i in range(n) if ptr[i + 1] > ptr[i]]
    heapq.heapify(heap)
    most = 0.0
    while len(heap) > 0:
        least, i = heapq.heappop(heap)
        if there[i] and least <= left[i] + 1e-9:
            there[i] = False
            most = max(most, least)
            figure[i] = most
            for x in range(ptr[i], ptr[i + 1]):
                j = other[x]
                if there[j]:
                    left[j] -= weight[x]
                    heapq.heappush(heap, (left[j], j))
    return figure
