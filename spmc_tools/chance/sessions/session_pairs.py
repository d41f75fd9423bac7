r"""Pairs within sessions: on how many different sources two accounts were in step, against acts dealt anew.

A pair expects :math:`\lambda_{ab} = F_{c(a)c(b)} \sum_h r_{ah} r_{bh} C_h`
(:mod:`~spmc_tools.chance.sessions.session_cells`, :mod:`~spmc_tools.chance.sessions.circle_factors`), the larger of the
two grids of cells. Seen is :math:`k`, the number of different sources on which the two were in step, each once. Its
evidence is :math:`-\log_{10} P(\mathrm{Poisson}(\lambda_{ab}) \ge k)`.

No object is set aside as hot: what everybody shares makes :math:`C_h` large, and so counts for little.

Beside it the same tail is taken of the *objects* on which the two were in step, however many of one source
(``repeated``): fans of five stars come to most posts of the stars, somebody who comes to every one stands above them.
That orders accounts, and shows nobody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs.account_pairs import AccountPairs
from spmc_tools.chance.pairs.occasions import met_later, micros, n_coactions
from spmc_tools.chance.pairs.retained import quiet
from spmc_tools.chance.sessions.circle_factors import circle_factors
from spmc_tools.chance.sessions.session_cells import session_cells
from spmc_tools.coaction.engines.sweep import window_bounds
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.occasions import Timeline

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int32]

__all__ = ["MOST_COACTIONS", "STRONGEST", "SessionPairs", "evidence", "session_pairs"]

STRONGEST = 5
"""So many of an account's partners are kept, those with the most evidence."""

MOST_COACTIONS = 20_000_000
"""Above this many coactions in a window, acts with too many others around them on their object are left out."""

_LEAST_EXPECTED = 1e-6
_REPEATED = 3
_STEPS = (10_000, 3_000, 1_000, 300, 100, 30)


@dataclass(frozen=True, slots=True)
class SessionPairs(AccountPairs):
    r"""What one window shows of the pairs with at least the evidence that was asked for.

    Attributes
    ----------
    n_sources : ndarray of int32
        :math:`k`, at least 2.
    expected : ndarray of float64
        :math:`\lambda`.
    evidence : ndarray of float64
        Minus the decimal logarithm of the probability.
    strongest : ndarray of float64, shape (n_accounts, STRONGEST)
        Evidence with the strongest partners of each account, descending; 0 where there are no more.
    repeated : ndarray of float64, shape (n_accounts, 3)
        The same by objects instead of sources, with the three strongest partners.
    partners : ndarray of int64, shape (n_accounts,)
        How many different accounts were ever in step with each.
    most : int or None
        Acts with more than so many acts on their object within the window are left out; None: none are.
    n_left_out : int
        How many acts those are.
    """

    n_sources: Codes
    expected: Floats
    evidence: Floats
    strongest: Floats
    repeated: Floats
    partners: NDArray[np.int64]
    most: int | None
    n_left_out: int


def session_pairs(line: Timeline, window_s: float, stratum: Codes, least: float, *, once: bool = True) -> SessionPairs:
    """Return the pairs of one window with evidence, and what is strongest of each account.

    Parameters
    ----------
    line : Timeline
        All first actions of each account on each object, hot ones too.
    window_s : float
        Two acts on one object are in step if at most so many seconds apart, inclusive.
    stratum : ndarray of int32, shape (n_accounts,)
        Circle of each account.
    least : float
        Pairs with less evidence are not listed; they count for ``strongest``.
    once : bool
        As for :func:`~spmc_tools.chance.sessions.session_cells.session_cells`.

    Notes
    -----
    Cost: two looks at each coaction. In crowds with more than twenty million coactions the acts around which most
    others stand are left out, of what is seen and of what is expected alike.
    """
    most, whole = None, line
    for most_around in _STEPS:
        if n_coactions(line, window_s) <= MOST_COACTIONS:
            break
        most, line = most_around, quiet(whole, window_s, most_around)
    lo, hi = window_bounds(line.object, line.t_us, micros(window_s))
    grids = [session_cells(line, lo, hi, window_s, shifted=shifted, once=once) for shifted in (False, True)]
    earlier = (hi - np.arange(hi.size) - 1).astype(np.float64)
    factors = circle_factors(line, earlier, stratum, window_s)
    columns = [(grid.ptr, grid.cell, grid.n_acts, grid.chance) for grid in grids]
    ends, n_sources, expected, found, strongest, repeated, partners = _sweep(
        line.account, line.source, lo, hi, line.ptr, line.pos, columns[0], columns[1], stratum, factors, least,
        STRONGEST, _REPEATED, _LEAST_EXPECTED,
    )  # fmt: skip
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    return SessionPairs(
        ends[order, 0],
        ends[order, 1],
        n_sources[order],
        expected[order],
        found[order],
        strongest,
        repeated,
        partners,
        most,
        whole.t_us.size - line.t_us.size,
    )


@compiled
def evidence(n, expected):  # type: ignore[no-untyped-def]
    """Return minus the decimal logarithm of P(Poisson(expected) >= n); ``n >= 1``, ``expected > 0``."""
    if expected > 4.0 * n + 100.0:
        return 0.0
    term, total, step = 1.0, 1.0, 0
    while term > 1e-15 * total and step < 2_000:
        step += 1
        term *= expected / (n + step)
        total += term
    log_p = n * math.log(expected) - expected - math.lgamma(n + 1.0) + math.log(total)
    return max(0.0, -log_p / math.log(10.0))


@compiled
def _insert(strongest, i, value):  # type: ignore[no-untyped-def]
    """Put a value into the descending row of an account, where it is large enough."""
    last = strongest.shape[1] - 1
    if value <= strongest[i, last]:
        return
    place = last
    while place > 0 and strongest[i, place - 1] < value:
        strongest[i, place] = strongest[i, place - 1]
        place -= 1
    strongest[i, place] = value


@compiled
def _meetings(j, mine, grid):  # type: ignore[no-untyped-def]
    """Return how often account j is expected to meet the one whose acts lie in ``mine``."""
    ptr, cell, n_acts, chance = grid
    total = 0.0
    for y in range(ptr[j], ptr[j + 1]):
        c = cell[y]
        if mine[c] > 0.0:
            total += mine[c] * n_acts[y] * chance[c]
    return total


@compiled
def _lay(i, mine, grid, sign):  # type: ignore[no-untyped-def]
    """Write the acts of account i into its cells (``sign`` 1.0), or take them out again (0.0)."""
    ptr, cell, n_acts, _ = grid
    for y in range(ptr[i], ptr[i + 1]):
        mine[cell[y]] = sign * n_acts[y]


@compiled
def _gathered(i, account, source, lo, hi, ptr, pos, slot, sources):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Write the sources of the coactions of account i into the stretch of each later account that has one."""
    for x in range(ptr[i], ptr[i + 1]):
        p = pos[x]
        for q in range(lo[p], hi[p]):
            j = account[q]
            if j > i and slot[j] >= 0:
                sources[slot[j]] = source[p]
                slot[j] += 1


@compiled
def _distinct(sources, start, end):  # type: ignore[no-untyped-def]
    """Return how many different sources stand in a stretch, which is sorted by it."""
    stretch = np.sort(sources[start:end])
    n = 1
    for y in range(1, stretch.size):
        if stretch[y] != stretch[y - 1]:
            n += 1
    return n


@compiled
def _sweep(  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    account, source, lo, hi, ptr, pos, grid, shifted, stratum, factors, least, n_strongest, n_repeated, least_expected
):
    """Go through the accounts; for each, count the sources it shares with every later account it met twice."""
    n_accounts = ptr.size - 1
    count, slot, touched = (
        np.zeros(n_accounts, np.int32),
        np.zeros(n_accounts, np.int64),
        np.empty(n_accounts, np.int32),
    )
    strongest, partners = np.zeros((n_accounts, n_strongest)), np.zeros(n_accounts, np.int64)
    repeated = np.zeros((n_accounts, n_repeated))
    sources = np.empty(1024, np.int32)
    mine, mine_shifted = np.zeros(grid[3].size), np.zeros(shifted[3].size)
    ends, n_sources = np.empty((1024, 2), np.int32), np.empty(1024, np.int32)
    expected, found, m = np.empty(1024), np.empty(1024), 0
    for i in range(n_accounts):
        met = met_later(i, account, lo, hi, ptr, pos, count, touched)
        partners[i] += met
        total = 0
        for x in range(met):
            j = touched[x]
            partners[j] += 1
            slot[j] = -1
            if count[j] >= 2:
                slot[j] = total
                total += count[j]
        if total > 0:
            if total > sources.size:
                sources = np.empty(2 * total, np.int32)
            _gathered(i, account, source, lo, hi, ptr, pos, slot, sources)
            _lay(i, mine, grid, 1.0)
            _lay(i, mine_shifted, shifted, 1.0)
        for x in range(met):
            j = touched[x]
            if slot[j] >= 0:
                n = _distinct(sources, slot[j] - count[j], slot[j])
                lam = max(_meetings(j, mine, grid), _meetings(j, mine_shifted, shifted))
                lam = max(lam * factors[stratum[i], stratum[j]], least_expected)
                value = evidence(count[j], lam)
                _insert(repeated, i, value)
                _insert(repeated, j, value)
                if n >= 2:
                    value = evidence(n, lam)
                    _insert(strongest, i, value)
                    _insert(strongest, j, value)
                    if value >= least:
                        if m == n_sources.size:
                            ends = np.concatenate((ends, np.empty((m, 2), np.int32)))
                            n_sources = np.concatenate((n_sources, np.empty(m, np.int32)))
                            expected = np.concatenate((expected, np.empty(m)))
                            found = np.concatenate((found, np.empty(m)))
                        ends[m, 0], ends[m, 1], n_sources[m], expected[m], found[m] = i, j, n, lam, value
                        m += 1
            count[j] = 0
        if total > 0:
            _lay(i, mine, grid, 0.0)
            _lay(i, mine_shifted, shifted, 0.0)
    return ends[:m].copy(), n_sources[:m].copy(), expected[:m].copy(), found[:m].copy(), strongest, repeated, partners
