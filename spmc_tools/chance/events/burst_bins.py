r"""Bursts without any object: bins of seconds in which more accounts act at once than hour, minute and second explain.

For records that tell neither text nor client. :math:`n_b` accounts act in bin *b* of one or five seconds. Expected are

.. math::

    \mu_b = \bar n_b \cdot f_{s(b)}, \qquad
    \bar n_b = \text{mean of the bins within 10 min, without } b, \qquad
    f_s = \frac{N_s + 20}{\bar N + 20}

where :math:`N_s` is what all other hours have at this second of the hour, :math:`\bar N` what a second has on average:
programs post on the full minute, people on no second in particular. Counts above :math:`m + 3\sqrt{m} + 1`, with *m*
the plain local mean, enter both as that: a burst does not explain itself. :math:`n_b` is negative binomial with
:math:`\mathrm{Var} = \mu + \alpha\mu^2`, and :math:`1 + \alpha = \sum n_b(n_b - 1) / \sum n_b \mu_b` over the clipped
counts. Benjamini–Hochberg counts all bins; a burst has q < .01 and at least five accounts.

A bin with q below ``BURST_LEVEL``, and at least ``FEWEST`` accounts, is a burst.

*Accounts*: :math:`r = \sum_{b \in \text{bursts}} \mu_b / \sum_b \mu_b` is the share of an ordinary account's actions
that falls into bursts, and :math:`p_i = P(\mathrm{Bin}(d_i, r) \ge e_i)` for an account with :math:`d_i` actions and
in :math:`e_i \ge 2` bursts.

Assumptions: within ten minutes the pace is one. Known false positives: everybody who answers goals, results and alerts
at once. So bursts rank accounts and never name them.

References
----------
Kleinberg (2003), Data Mining and Knowledge Discovery 7, 373–397 (bursts); Lawless (1987), Canadian J. of Statistics 15,
209–225 (negative binomial counts); Benjamini, Hochberg (1995), J. R. Stat. Soc. B 57, 289–300.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.statistics.false_discovery import adjusted

if TYPE_CHECKING:
    from spmc_tools.schema.arrays import Floats, Longs


__all__ = ["BURST_LEVEL", "Bursts", "bin_s", "bursts"]

BURST_LEVEL, FEWEST, NEAR_S, _HOUR = 0.01, 5, 600, 3_600
_DENSE, _SLOT_PRIOR, _LEAST_ALPHA = 0.2, 20.0, 0.02


@dataclass(frozen=True, slots=True)
class Bursts:
    """Bursts, and how often each account is in one.

    Attributes
    ----------
    bin_s : int
        Length of the bins, seconds.
    start_us, n_accounts : ndarray of int64, shape (k,)
        Of each burst, in order of time.
    expected, p, q : ndarray of float64, shape (k,)
        What chance expects, and how often it gives as many.
    in_bursts : ndarray of int64, shape (n_accounts,)
        Bursts in which each account acted.
    account_p, account_q : ndarray of float64, shape (n_accounts,)
        1 for accounts in fewer than two.
    alpha, share : float
        What was learned: dispersion, and r.
    """

    bin_s: int
    start_us: Longs
    n_accounts: Longs
    expected: Floats
    p: Floats
    q: Floats
    in_bursts: Longs
    account_p: Floats
    account_q: Floats
    alpha: float
    share: float


def bin_s(t_us: Longs) -> int:
    """Return the length of the bins: one second where there is an action in five seconds or more, else five."""
    if not t_us.size:
        return 5
    seconds = max((int(t_us.max()) - int(t_us.min())) / 1e6, 1.0)
    return 1 if t_us.size / seconds >= _DENSE else 5


def bursts(account: Longs, t_us: Longs, n_accounts: int, width_s: int | None = None) -> Bursts:
    """Return the bursts of some actions and how far each account is in them beyond chance.

    Parameters
    ----------
    account : ndarray of int64, shape (n,)
        Codes below ``n_accounts``.
    t_us : ndarray of int64, shape (n,)
        Microseconds since 1970 UTC, in any order, exact to the width of a bin.
    n_accounts : int
        All accounts; those without an action have p = 1.
    width_s : int, optional
        Length of a bin, seconds; None: :func:`bin_s`.
    """
    from scipy.stats import binom, nbinom

    width = bin_s(t_us) if width_s is None else width_s
    at = t_us // (width * 1_000_000)
    acted = np.unique(np.stack([at, account]), axis=1) if at.size else np.empty((2, 0), np.int64)
    bins, count = np.unique(acted[0], return_counts=True)
    expected, alpha = _expected(bins, count, width)
    p = np.ones(bins.size)
    many = count >= FEWEST
    size = 1.0 / alpha
    p[many] = nbinom.sf(count[many] - 1, size, size / (size + expected[many]))
    q = adjusted(p, int(bins[-1] - bins[0]) + 1 if bins.size else 0)
    kept = many & (q < BURST_LEVEL)
    share = min(float(expected[kept].sum()) / max(float(count.sum()), 1.0), 1.0)
    hit = np.isin(acted[0], bins[kept])
    inside = np.bincount(acted[1][hit], minlength=n_accounts)
    actions = np.bincount(acted[1], minlength=n_accounts)
    account_p = np.where(inside >= 2, binom.sf(inside - 1, np.maximum(actions, 1), share), 1.0)
    return Bursts(
        width, bins[kept] * (width * 1_000_000), count[kept], expected[kept], p[kept], q[kept], inside,
        account_p, adjusted(account_p, n_accounts), alpha, share,
    )  # fmt: skip


def _expected(bins: Longs, count: Longs, width: int) -> tuple[Floats, float]:
    """Return what chance expects of each bin that holds an action, and the dispersion α."""
    if not bins.size:
        return np.empty(0), _LEAST_ALPHA
    plain = _local_mean(bins, count.astype(np.float64), width)
    clipped = np.minimum(count, plain + 3.0 * np.sqrt(plain) + 1.0)
    local = _local_mean(bins, clipped, width)
    slots = max(_HOUR // width, 1)
    slot = bins % slots
    at_slot = np.bincount(slot, weights=clipped, minlength=slots)
    mean = clipped.sum() / slots
    profile = (at_slot[slot] - clipped + _SLOT_PRIOR) / (mean + _SLOT_PRIOR)
    floor = 1.0 / max(2.0 * NEAR_S / width, 1.0)
    expected = np.maximum(local, floor) * profile
    pairs = float((clipped * np.maximum(clipped - 1.0, 0.0)).sum())
    return expected, max(pairs / float((clipped * expected).sum()) - 1.0, _LEAST_ALPHA)


def _local_mean(bins: Longs, count: Floats, width: int) -> Floats:
    """Return the mean count of the bins within ten minutes of each, itself left out, within the time of the data."""
    reach = NEAR_S // width
    total = np.concatenate([[0.0], np.cumsum(count)])
    low = np.searchsorted(bins, bins - reach, side="left")
    high = np.searchsorted(bins, bins + reach, side="right")
    there = np.minimum(bins + reach, bins[-1]) - np.maximum(bins - reach, bins[0])
    return np.asarray((total[high] - total[low] - count) / np.maximum(there, 1), np.float64)
