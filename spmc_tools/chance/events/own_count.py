r"""An account's own count in an event: how often it is on the event's second, and how often it posts the object.

For one object and each account i on it:

*time*. :math:`r_i` records with an exact clock, one per minute (which one goes by the number of the minute, as for the
clock of the object); :math:`x_i` of them on two neighbouring seconds (s, s + 1):

.. math::

    p^{time}_i = P(\mathrm{Bin}(r_i, \pi_s) \ge x_i), \qquad
    \pi_s = \max\left(\frac{N_s + 1}{N + 30}, \frac{2}{60}\right)

with :math:`N_s` of the N exact records of all accounts that are **not** on the object. The second is that of the
*others*: s has the largest :math:`X_s - n\,\pi_s` over the records of the other accounts of the object, so that an
account's own records do not choose what they are measured by. Seconds 0 and 1 are the scheduler's: any program that
plans posts puts them there, so :math:`\pi_s = 1` for every pair that holds one of them, and time says nothing. Where
the object's burst is the smaller mark, :math:`r_i` are the records within 30 s of its middle, :math:`x_i` those in it,
and :math:`\pi` is the share of these among the records of accounts that are not on the object, at least 4/60; 1 for a
burst on the full minute.

*repetition*. The account posts the object in :math:`c_i` different minutes; over the M pairs of any object and an
account that is not on this one

.. math::

    p^{again}_i = \frac{1 + \#\{c \ge c_i\}}{1 + M}, \qquad 1 \text{ for } c_i = 1.

The number of posts leaves their seconds free, so the two are joined by Fisher's rule: :math:`p_i = u(1 - \ln u)` with u
their product. :math:`q_i` is Benjamini–Hochberg over the accounts of the object.

Assumptions: an account's posts of one form do not hang together in their second, unless something puts them there; what
the accounts outside do at a second holds for those inside. Known false positives: a service that posts one form, again
and again, on a fixed second that is not the full minute; who posts one greeting every day (repetition alone).

References
----------
Fisher (1932), Statistical Methods for Research Workers, section 21.1; Phipson, Smyth (2010), Statistical Applications
in Genetics and Molecular Biology 9(1), 39 (why one is added); Benjamini, Hochberg (1995), J. R. Stat. Soc. B 57,
289–300.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.events.event_features import BURST_S, BURST_SHARE, NEAR_S, minute_rank
from spmc_tools.chance.events.event_signature import fisher_two
from spmc_tools.chance.statistics.false_discovery import adjusted

if TYPE_CHECKING:
    from spmc_tools.chance.events.event_features import OnObjects, Posted
    from spmc_tools.chance.events.event_signature import Marks
    from spmc_tools.schema.arrays import Flags, Floats, Longs


__all__ = ["ANY_SECOND", "SCHEDULED", "OwnCounts", "PostedMinutes", "on_full_minute", "own_counts", "posted_minutes"]

SCHEDULED = (0, 1)
"""Seconds of the minute on which schedulers put posts: as planned, or a second late."""

ANY_SECOND = 2 / 60
"""Share of records on two given seconds where people post at any; no share outside counts for less."""

_SECOND, _MINUTE = 1_000_000, 60_000_000
_HOLDS_SCHEDULED = np.isin(np.arange(60), [(s - back) % 60 for s in SCHEDULED for back in (0, 1)])


@dataclass(frozen=True, slots=True)
class OwnCounts:
    """Of each account on one object: its own counts, and how probable they are by chance.

    Attributes
    ----------
    accounts : ndarray of int64, shape (n,)
        Accounts on the object, ascending.
    n_records, n_on_second : ndarray of int64, shape (n,)
        r, the exact records that could have hit the time, and x, those that did.
    share_outside : ndarray of float64, shape (n,)
        π of the time; 1 where it is the scheduler's, or where there is none.
    p_time, p_again : ndarray of float64, shape (n,)
        By time, and by repetition; 1 where they say nothing.
    p, q : ndarray of float64, shape (n,)
        Both joined, and adjusted over the accounts of the object.
    """

    accounts: Longs
    n_records: Longs
    n_on_second: Longs
    share_outside: Floats
    p_time: Floats
    p_again: Floats
    p: Floats
    q: Floats


@dataclass(frozen=True, slots=True)
class PostedMinutes:
    """Of each (object, account): ``account``, and ``minutes``, in how many different ones it posts the object."""

    account: Longs
    minutes: Longs


def posted_minutes(posted: Posted) -> PostedMinutes:
    """Return how often accounts post one object, over all objects."""
    rows = np.flatnonzero(posted.object >= 0)
    n_accounts = max(posted.n_accounts, 1)
    keys = np.stack([posted.object[rows] * n_accounts + posted.account[rows], posted.t_us[rows] // _MINUTE])
    pair, minutes = np.unique(np.unique(keys, axis=1)[0], return_counts=True)
    return PostedMinutes(pair % n_accounts, minutes)


def own_counts(posted: Posted, objects: OnObjects, found: Marks, o: int, minutes: PostedMinutes) -> OwnCounts:
    """Return the own count of each account on the o-th object.

    Parameters
    ----------
    posted, objects : Posted, OnObjects
        All records of the kind, and the objects.
    found : Marks
        The marks of the objects.
    o : int
        Which object.
    minutes : PostedMinutes
        From :func:`posted_minutes`.
    """
    rows = objects.of(o)
    accounts, place = np.unique(posted.account[rows], return_inverse=True)
    inside = np.zeros(posted.n_accounts, bool)
    inside[accounts] = True
    if found.by_clock[o]:
        x, r, share = _on_second(posted, rows, place, inside)
    else:
        x, r, share = _in_burst(posted, rows, place, inside, int(found.burst.start_us[o]))
        if on_full_minute(posted, rows[found.in_time[objects.ptr[o] : objects.ptr[o + 1]]]):
            share = np.ones(accounts.size)
    again = _again(posted, rows, place, inside, minutes)
    return _joined(accounts, r, x, share, again)


def _joined(accounts: Longs, r: Longs, x: Longs, share: Floats, p_again: Floats) -> OwnCounts:
    from scipy.stats import binom

    p_time = np.where(x > 0, binom.sf(x - 1, r, share), 1.0)
    least = np.finfo(np.float64).tiny
    p = np.exp(fisher_two(np.log(np.maximum(p_time, least)), np.log(p_again)))
    return OwnCounts(accounts, r, x, share, p_time, p_again, p, adjusted(p, accounts.size))


def on_full_minute(posted: Posted, rows: Longs) -> bool:
    """Return whether half or more of some records are on a scheduler's second; no records are not."""
    second = (posted.t_us[rows] // _SECOND) % 60
    return bool(rows.size) and 2 * int(np.isin(second, SCHEDULED).sum()) >= rows.size


def _on_second(posted: Posted, rows: Longs, place: Longs, inside: Flags) -> tuple[Longs, Longs, Floats]:
    """Return x, r and π of each account, each by the two seconds of the others."""
    second = (posted.t_us // _SECOND) % 60
    outside = np.bincount(second[posted.exact & ~inside[posted.account]], minlength=60)
    n = int(inside.sum())
    share = np.maximum((outside + np.roll(outside, -1) + 1.0) / (outside.sum() + 30.0), ANY_SECOND)
    counted = _one_per_minute(posted, rows, place)
    at = np.bincount(place[counted] * 60 + second[rows[counted]], minlength=n * 60).reshape(-1, 60)
    pairs = at + np.roll(at, -1, axis=1)
    r = at.sum(axis=1)
    excess = (pairs.sum(axis=0) - pairs) - (r.sum() - r)[:, None] * share
    best = np.argmax(excess, axis=1)
    return pairs[np.arange(n), best], r, np.where(_HOLDS_SCHEDULED[best], 1.0, share[best])


def _one_per_minute(posted: Posted, rows: Longs, place: Longs) -> Longs:
    """Return which of the exact rows stand for their account and minute: any alike, and always the same."""
    exact = np.flatnonzero(posted.exact[rows])
    minute = posted.t_us[rows[exact]] // _MINUTE
    order = np.lexsort((exact, minute, place[exact]))
    exact, minute = exact[order], minute[order]
    new = np.ones(exact.size, bool)
    new[1:] = (minute[1:] != minute[:-1]) | (place[exact[1:]] != place[exact[:-1]])
    start = np.flatnonzero(new)
    size = np.diff(np.append(start, exact.size))
    rank = [minute_rank(int(m), int(n)) for m, n in zip(minute[start], size, strict=True)]
    return exact[start + np.array(rank, np.int64)]


def _in_burst(posted: Posted, rows: Longs, place: Longs, inside: Flags, start_us: int) -> tuple[Longs, Longs, Floats]:
    """Return x, r and π of each account by the burst that begins at a microsecond."""
    middle, reach = start_us + BURST_S * _SECOND // 2, NEAR_S * _SECOND
    low, high = np.searchsorted(posted.t_us, [middle - reach, middle + reach + 1])
    near = np.arange(low, high)[posted.exact[low:high]]
    hit = near[np.abs(posted.t_us[near] - middle) <= BURST_S * _SECOND // 2]
    outside, outside_hit = (int((~inside[posted.account[some]]).sum()) for some in (near, hit))
    share = max((outside_hit + 1.0) / (outside + 1.0 / BURST_SHARE), BURST_SHARE)
    n = int(inside.sum())
    x, r = (np.bincount(place[np.isin(rows, some)], minlength=n) for some in (hit, near))
    return x, r, np.full(n, share)


def _again(posted: Posted, rows: Longs, place: Longs, inside: Flags, minutes: PostedMinutes) -> Floats:
    """Return how many pairs of an object and an account outside have as many minutes, as a share."""
    of_minute = np.unique(np.stack([place, posted.t_us[rows] // _MINUTE]), axis=1)
    count = np.bincount(of_minute[0])
    outside = minutes.minutes[~inside[minutes.account]]
    reached = np.bincount(outside, minlength=int(count.max()) + 1)[::-1].cumsum()[::-1]
    return np.asarray(np.where(count <= 1, 1.0, (1.0 + reached[count]) / (1.0 + outside.size)), np.float64)
