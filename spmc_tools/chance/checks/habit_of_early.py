r"""L: timing given that both took part, with each account's habit of being early. A check; no tier depends on it.

On each object with :math:`n_o \ge 12` accounts the actions stand in six ranks of time (*sextiles*). :math:`h_i(k)` is
the share of *i*'s actions in sextile *k* on all its **other** such objects, one action more in each sextile
(leave-one-out, smoothed); :math:`\kappa_o(k, l)` the share, among pairs of accounts in sextiles *k* and *l* of object
*o*, of those in step. On a common object the two are in step with

.. math:: \pi_o = \sum_{kl} h_i(k)\, h_j(l)\, \kappa_o(k, l)

and with :math:`w_o = -\ln \pi_o` the bound is

.. math::
    \ln p_{ij} \le \min_\theta \left\{ -\theta \sum_{o \text{ in step}} w_o
        + \sum_o \ln\left(1 - \pi_o + \pi_o^{1 - \theta}\right) \right\}

over common objects, for the :math:`\theta` of the time-local bound up to 1.75.

Notes
-----
Assumptions: which of the common objects the two take early is independent, given their habits. It asks only about
timing: that the two share objects at all is given. **Known false positives**: two fans notified of the same stars and
not of others.
**Known misses**: nearly all, where pairs share few objects: its power alone is small; it is a column to read beside
the others.

References
----------
This project's own; Chernoff (1952), Annals of Mathematical Statistics 23, for the form of the bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spmc_tools.chance.checks.time_local_bound import THETAS
from spmc_tools.chance.pairs.listed_pairs import next_common
from spmc_tools.chance.pairs.occasions import micros
from spmc_tools.coaction.engines.sweep import window_bounds
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.schema.arrays import Codes, Floats, Longs


__all__ = ["FEWEST_ACCOUNTS", "SEXTILES", "Habit", "habit_of_early", "sextiles"]

FEWEST_ACCOUNTS = 12
SEXTILES = 6

_TINY = float(np.finfo(np.float64).tiny)


class Habit(NamedTuple):
    """Of each pair: common objects that were looked at, how many of them chance puts in step, and the bound on p."""

    n_objects: Longs
    expected: Floats
    p: Floats


def sextiles(object_: Codes) -> NDArray[np.int8]:
    """Return the sextile of each action on its object, -1 on objects with fewer than twelve accounts.

    Parameters
    ----------
    object_ : ndarray of int32, shape (n,)
        In order of object, then time, then account; each (account, object) once. Of n actions the one of rank r (from
        0) is in sextile floor(6 r / n).
    """
    if not object_.size:
        return np.empty(0, np.int8)
    _, start, size = np.unique(object_, return_index=True, return_counts=True)
    of = np.repeat(np.arange(start.size), size)
    rank = np.arange(object_.size) - start[of]
    found = (SEXTILES * rank // size[of]).astype(np.int8)
    return np.where(size[of] >= FEWEST_ACCOUNTS, found, np.int8(-1)).astype(np.int8)


def habit_of_early(line: Timeline, window_s: float, a: Codes, b: Codes) -> Habit:
    """Return the check of each pair.

    Parameters
    ----------
    line, window_s : Timeline, float
        The retained actions; seconds, inclusive.
    a, b : ndarray of int32, shape (n_pairs,)
        Account codes.
    """
    rank = sextiles(line.object)
    habit = np.zeros((line.n_accounts, SEXTILES), np.int64)
    np.add.at(habit, (line.account[rank >= 0], rank[rank >= 0]), 1)
    order = np.lexsort((line.object, line.account))
    object_, micro = line.object[order], micros(window_s)
    place = _common(a, b, object_, line.ptr, order, rank, int(line.object.max(initial=-1)) + 1)
    lo, hi = window_bounds(line.object, line.t_us, micro)
    kappa = _kappa(line.object, rank, lo, hi, place, int(place.max(initial=-1)) + 1)
    n, expected, log_p = _bounds(
        a, b, object_, line.t_us, line.ptr, order, rank, habit, place, kappa, micro, np.array(THETAS)
    )
    return Habit(n, expected, np.maximum(np.exp(np.minimum(log_p, 0.0)), _TINY))


@compiled
def _common(a, b, object_, ptr, order, rank, n_objects):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Give a number to each object that any listed pair has in common; -1 for all others."""
    place = np.full(n_objects, -1, np.int64)
    n = 0
    for e in range(a.size):
        x, x_end, y, y_end = ptr[a[e]], ptr[a[e] + 1], ptr[b[e]], ptr[b[e] + 1]
        x, y = next_common(object_, x, x_end, y, y_end)
        while x < x_end:
            o = object_[x]
            if rank[order[x]] >= 0 and place[o] < 0:
                place[o] = n
                n += 1
            x, y = next_common(object_, x + 1, x_end, y + 1, y_end)
    return place


@compiled
def _kappa(object_, rank, lo, hi, place, n_placed):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Return the share of the ordered pairs of each two sextiles of an object that are in step."""
    near = np.zeros((n_placed, 6, 6))
    size = np.zeros((n_placed, 6))
    for p in range(object_.size):
        o = place[object_[p]]
        if o >= 0:
            size[o, rank[p]] += 1.0
            for q in range(lo[p], hi[p]):
                if q != p:
                    near[o, rank[p], rank[q]] += 1.0
    for o in range(n_placed):
        for k in range(6):
            for m in range(6):
                every = size[o, k] * (size[o, m] - (1.0 if k == m else 0.0))
                near[o, k, m] = near[o, k, m] / every if every > 0.0 else 0.0
    return near


@compiled
def _bounds(a, b, object_, t, ptr, order, rank, habit, place, kappa, window, thetas):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    n, expected, best = np.zeros(a.size, np.int64), np.zeros(a.size), np.zeros(a.size)
    total = np.zeros(habit.shape[0])
    for i in range(habit.shape[0]):
        total[i] = habit[i].sum()
    for e in range(a.size):
        i, j = a[e], b[e]
        x, x_end, y, y_end = ptr[i], ptr[i + 1], ptr[j], ptr[j + 1]
        bound = np.zeros(thetas.size)
        x, y = next_common(object_, x, x_end, y, y_end)
        while x < x_end:
            p, q = order[x], order[y]
            o = place[object_[x]]
            if o >= 0:
                chance = 0.0
                for k in range(6):
                    share = (habit[i, k] - (1.0 if rank[p] == k else 0.0) + 1.0) / (total[i] + 5.0)
                    for m in range(6):
                        other = (habit[j, m] - (1.0 if rank[q] == m else 0.0) + 1.0) / (total[j] + 5.0)
                        chance += share * other * kappa[o, k, m]
                chance = min(max(chance, 1e-12), 1.0)
                n[e] += 1
                expected[e] += chance
                together = abs(t[p] - t[q]) <= window
                for z in range(thetas.size):
                    bound[z] += np.log(1.0 - chance + chance ** (1.0 - thetas[z]))
                    if together:
                        bound[z] += thetas[z] * np.log(chance)
            x, y = next_common(object_, x + 1, x_end, y + 1, y_end)
        best[e] = bound.min()
    return n, expected, best
