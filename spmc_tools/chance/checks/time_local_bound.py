r"""T: time-local bound, a check that a reader can recompute. No tier depends on it.

:math:`q_o(b) = N_o(b) / \max(N(b), 20)` is the share of object *o* among all first actions of the trace in time bin
*b* (the bins of the hot objects). A coaction on *o* weighs :math:`w = -\ln q_o(b)`, *b* the bin of its earlier action;
:math:`W_{ij}` is the sum over the objects on which the two are in step, and *co-timed* are all pairs of one action
each within the window, whatever their objects. If each of the two chose its objects by their shares at that time,

.. math::
    \ln p_{ij} \le \min_\theta \left\{ -\theta W_{ij} + \sum_{\text{co-timed}} M_b(\theta) \right\}, \qquad
    M_b(\theta) = \sum_{o\ \text{retained}} \left[ q_o(b)^{2 - \theta} - q_o(b)^2 \right]

with :math:`\theta \in \{.25, .5, .75, .9, 1, 1.1, 1.25, 1.5, 1.75\}`. Every :math:`\theta` is a valid bound
(Chernoff), so the minimum is free; at :math:`\theta = 1` it can be recomputed by hand: *p* is at most the product of
the objects' shares times :math:`e` to the number of co-timed pairs. At least two objects; else *p* = 1.

Notes
-----
Assumptions: within a bin, what one account chooses says nothing of what the other does, once the shares are known.
**Known false positives**: people of one circle choose from its own objects, whose shares among everybody are small:
fans, party volunteers, readers of a small language. No self-masking: a group does not raise its own expectation but
by its shares.

References
----------
Chernoff (1952), Annals of Mathematical Statistics 23; the application is this project's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spmc_tools.chance.pairs.hot_objects import MIN_BIN
from spmc_tools.chance.pairs.occasions import micros
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from spmc_tools.chance.pairs.hot_objects import HotBins
    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.schema.arrays import Codes, Floats, Longs


__all__ = ["THETAS", "LocalBound", "Shares", "object_shares", "time_local_bound"]

THETAS = (0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75)

_TINY = float(np.finfo(np.float64).tiny)


class Shares(NamedTuple):
    """Shares of the objects of retained actions: of each action's object in its bin, its bin, and M of each bin.

    ``share``: shape (n_actions,); ``bin``: int64, shape (n_actions,), place among the bins; ``m``: shape (n_bins,
    n_thetas).
    """

    share: Floats
    bin: Longs
    m: Floats


class LocalBound(NamedTuple):
    """Of each pair: W, how many co-timed pairs of actions, and the bound on p."""

    weight: Floats
    n_cotimed: Longs
    p: Floats


def object_shares(line: Timeline, hot: HotBins) -> Shares:
    """Return the shares of all retained (object, bin); hot actions count in the bin's total only."""
    width = hot.bin_s * 1_000_000
    bins, of = np.unique(line.t_us // width, return_inverse=True)
    total = np.bincount(of, minlength=bins.size).astype(np.float64)
    if hot.object.size and bins.size:
        aside = hot.start_us // width
        at = np.minimum(np.searchsorted(bins, aside), bins.size - 1)
        there = bins[at] == aside
        np.add.at(total, at[there], hot.n_actions[there])
    n_objects = int(line.object.max(initial=0)) + 1
    cells = of.astype(np.int64) * n_objects + line.object
    keys, inverse, counts = np.unique(cells, return_inverse=True, return_counts=True)
    of_key = keys // n_objects
    share = counts / np.maximum(total[of_key], MIN_BIN)
    theta = np.array(THETAS)
    terms = share[:, None] ** (2 - theta) - share[:, None] ** 2
    m = np.zeros((bins.size, theta.size))
    np.add.at(m, of_key, terms)
    return Shares(share[inverse], of.astype(np.int64), m)


def time_local_bound(line: Timeline, shares: Shares, window_s: float, a: Codes, b: Codes) -> LocalBound:
    """Return W, the co-timed pairs of actions and the bound on p of each pair.

    Parameters
    ----------
    line : Timeline
        The retained actions.
    shares : Shares
        As :func:`object_shares` gives them.
    window_s : float
        Seconds, inclusive.
    a, b : ndarray of int32, shape (n_pairs,)
        Account codes.
    """
    weight, objects, cotimed, summed = _local(
        a, b, line.object, line.t_us, line.ptr, line.pos, shares.share, shares.bin, shares.m, micros(window_s)
    )
    log_p = np.minimum((summed - np.array(THETAS) * weight[:, None]).min(axis=1), 0.0) if a.size else np.empty(0)
    p = np.where(objects >= 2, np.maximum(np.exp(log_p), _TINY), 1.0)
    return LocalBound(weight, cotimed, p)


@compiled
def _local(a, b, object_, t, ptr, pos, share, bin_of, m, window):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    weight, objects = np.zeros(a.size), np.zeros(a.size, np.int64)
    cotimed, summed = np.zeros(a.size, np.int64), np.zeros((a.size, m.shape[1]))
    for e in range(a.size):
        start, end = ptr[b[e]], ptr[b[e] + 1]
        for x in range(ptr[a[e]], ptr[a[e] + 1]):
            p = pos[x]
            while start < end and t[p] - t[pos[start]] > window:
                start += 1
            y = start
            while y < end and t[pos[y]] - t[p] <= window:
                q = pos[y]
                early = p if t[p] <= t[q] else q
                cotimed[e] += 1
                for k in range(m.shape[1]):
                    summed[e, k] += m[bin_of[early], k]
                if object_[p] == object_[q]:
                    objects[e] += 1
                    weight[e] -= np.log(share[early])
                y += 1
    return weight, objects, cotimed, summed
