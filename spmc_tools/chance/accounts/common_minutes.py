r"""Accounts that are active in the same minutes, day after day, beyond what their common hours explain.

:math:`x_i(m) = 1` where account *i* has a record in minute *m*. With :math:`n_{ih}` its active minutes in hour *h* of
the week (168 hours) and :math:`M_h` all minutes of that hour in the period, the *hour-of-week profile* is taken away
and the cosine of what is left is

.. math::
    c_{ij} = \frac{\sum_m x_i(m) x_j(m) - \sum_h n_{ih} n_{jh} / M_h}
                 {\sqrt{(n_i - \sum_h n_{ih}^2 / M_h)(n_j - \sum_h n_{jh}^2 / M_h)}}

over pairs that are active in one minute on at least five different days; minutes in which more than one in twenty
accounts, and at least fifty, are active are left out first. :math:`T_i = \max_j c_{ij}` (0 where there
is no such pair). Chance: in each of 199 draws the days of *i* stand in another order, and its minutes of the day
stay: a profile, a rhythm and a daily schedule all survive it, being there on the same day does not. In a period of
:math:`D \ge 200` days the order is a circular shift; a shorter one has too few of these, and the order is drawn anew,
no day staying where it was more often than chance wants. Accounts of like activity (:math:`\lfloor \log_2 n_i
\rfloor`) share their draws:

.. math:: p_i = \frac{1 + \#\{\text{draws of the class} \ge T_i\}}{1 + 199 \, n_{\text{class}}}

Draws are made for at most ``MOST_LOOKED_AT`` accounts, those with the largest :math:`T_i`, and for as many of them as
cost at most ``MOST_STEPS`` looks at an active account in one minute; all others have p = 1. The other numbers are those
above: ``DRAWS``; ``MIN_DAYS``, on which a pair is active in one minute; ``CROWDED_SHARE`` and ``CROWDED_ACCOUNTS``,
beyond which a minute is everybody's.

Notes
-----
Assumptions: days are exchangeable for one account, once its times of day are kept. **Known false positives**:
spectators of matches and speeches on five days or more, colleagues on one rota, accounts fed by one news ticker,
cross-posters who feed two accounts from one, hourly schedulers that were switched off on the same days. It says when,
not what: it only ranks.

References
----------
Chavoshi, Hamooni, Mueen (2016), DeBot: Twitter bot detection via warped correlation, ICDM 16 (activity in step as a
signal). Phipson, Smyth (2010), Permutation p-values should never be zero, Stat. Appl. Genet. Mol. Biol. 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from spmc_tools.schema.arrays import Flags, Floats, Longs


__all__ = ["DRAWS", "MIN_DAYS", "Lockstep", "lockstep"]

DRAWS, MIN_DAYS = 199, 5
CROWDED_SHARE, CROWDED_ACCOUNTS = 0.05, 50
MOST_LOOKED_AT, MOST_STEPS = 2000, 10_000_000_000
_DAY, _WEEK_H, _MANY_DAYS, _EPOCH_WEEKDAY = 1440, 168, 200, 3


@dataclass(frozen=True, slots=True)
class Lockstep:
    """Arrays of shape (n_accounts,): T, the partner with it (-1: none), minutes and days in common with it, and p."""

    t: Floats
    partner: Longs
    minutes: Longs
    days: Longs
    p: Floats


def lockstep(account: Longs, minute: Longs, n_accounts: int, seed: int = 0) -> Lockstep:
    """Return how far each account is in step with its closest partner, and how probable that is.

    Parameters
    ----------
    account : ndarray of int64, shape (n,)
        Codes below ``n_accounts``.
    minute : ndarray of int64, shape (n,)
        Minutes since a midnight on 1 January 1970, of the clock whose days are meant; each (account, minute) once.
    n_accounts : int
        Accounts that are looked at.
    seed : int
        Of the draws; each account has its own stream.
    """
    keep = ~_crowded(minute, n_accounts)
    account, minute = account[keep], minute[keep]
    order = np.lexsort((minute, account))
    account, minute = account[order], minute[order]
    first = int(minute.min()) // _DAY * _DAY if minute.size else 0
    elapsed = minute - first
    n_days = int(elapsed.max()) // _DAY + 1 if elapsed.size else 1
    ptr = np.zeros(n_accounts + 1, np.int64)
    np.cumsum(np.bincount(account, minlength=n_accounts), out=ptr[1:])
    weekday = (first // _DAY + _EPOCH_WEEKDAY) % 7
    by_minute = np.lexsort((account, elapsed))
    minute_ptr = np.zeros(n_days * _DAY + 1, np.int64)
    np.cumsum(np.bincount(elapsed, minlength=n_days * _DAY), out=minute_ptr[1:])
    size = _hour_sizes(n_days, weekday)
    profile = np.zeros((n_accounts, _WEEK_H))
    np.add.at(profile, (account, _hours(elapsed, weekday)), 1.0)
    norm = np.sqrt(np.maximum(np.diff(ptr) - (profile**2 / size).sum(axis=1), 1.0))
    ground = (account[by_minute], minute_ptr, profile, size, norm)
    t, partner, minutes, days = _closest(np.arange(n_accounts), elapsed, ptr, *ground, MIN_DAYS)
    looked = np.flatnonzero(t > 0)
    looked = looked[np.lexsort((looked, -t[looked]))][:MOST_LOOKED_AT]
    steps = np.bincount(account, np.diff(minute_ptr)[elapsed], n_accounts)[looked].cumsum() * DRAWS
    looked = looked[: max(1, int((steps <= MOST_STEPS).sum()))]
    drawn = np.zeros((looked.size, DRAWS))
    for row, i in enumerate(looked.tolist()):
        drawn[row] = _draws(elapsed[ptr[i] : ptr[i + 1]], i, (n_days, weekday), seed, ground)
    return Lockstep(t, partner, minutes, days, _pooled(t, looked, drawn, np.diff(ptr)))


def _crowded(minute: Longs, n_accounts: int) -> Flags:
    """Return which actions lie in a minute that is everybody's."""
    _, of, size = np.unique(minute, return_inverse=True, return_counts=True)
    many: Flags = (size >= CROWDED_ACCOUNTS) & (size > CROWDED_SHARE * n_accounts)
    return many[of]


def _hours(elapsed: Longs, weekday: int) -> Longs:
    """Return the hour of the week of minutes since the first day."""
    hours: Longs = ((elapsed // _DAY + weekday) % 7) * 24 + elapsed % _DAY // 60
    return hours


def _hour_sizes(n_days: int, weekday: int) -> Floats:
    """Return the minutes of each hour of the week in the period; at least 60."""
    per_weekday = np.bincount((np.arange(n_days) + weekday) % 7, minlength=7)
    return np.maximum(np.repeat(per_weekday * 60.0, 24), 60.0)


def _draws(
    elapsed: Longs, i: int, period: tuple[int, int], seed: int, ground: tuple[Longs, Longs, Floats, Floats, Floats]
) -> Floats:
    """Return T of account ``i`` with these minutes in each draw; the period: its days, and the first one's weekday."""
    n_days, weekday = period
    rng = np.random.default_rng([seed, i])
    shifts = rng.permutation(n_days - 1)[:DRAWS] + 1 if n_days >= _MANY_DAYS else None
    moved = np.empty((DRAWS, elapsed.size), np.int64)
    for draw in range(DRAWS):
        places = (np.arange(n_days) + shifts[draw]) % n_days if shifts is not None else rng.permutation(n_days)
        moved[draw] = places[elapsed // _DAY] * _DAY + elapsed % _DAY
    moved.sort(axis=1)
    hours = _hours(moved, weekday)
    drawn: Floats = _redrawn(i, moved, hours, *ground, MIN_DAYS)
    return drawn


def _pooled(t: Floats, looked: Longs, drawn: Floats, n_minutes: Longs) -> Floats:
    p = np.ones(t.size)
    activity = np.floor(np.log2(np.maximum(n_minutes[looked], 1))).astype(np.int64)
    for level in np.unique(activity):
        rows = np.flatnonzero(activity == level)
        pool = np.sort(drawn[rows].ravel())
        above = pool.size - np.searchsorted(pool, t[looked[rows]] - 1e-12, side="left")
        p[looked[rows]] = (1 + above) / (1 + pool.size)
    return p


@compiled
def _meet(i, moved, day_of, accounts, minute_ptr, count, last, days, touched):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Count minutes and days in common of account i, moved, with every other; return how many others were met."""
    met = 0
    for k in range(moved.size):
        m = moved[k]
        day = m // day_of
        for x in range(minute_ptr[m], minute_ptr[m + 1]):
            j = accounts[x]
            if j == i:
                continue
            if count[j] == 0:
                touched[met] = j
                met += 1
                last[j] = -1
            count[j] += 1
            if last[j] != day:
                days[j] += 1
                last[j] = day
    return met


@compiled
def _closest(which, elapsed, ptr, accounts, minute_ptr, profile, size, norm, min_days):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    n = norm.size
    t, partner = np.zeros(n), np.full(n, -1, np.int64)
    minutes, in_days = np.zeros(n, np.int64), np.zeros(n, np.int64)
    count, last, days = np.zeros(n, np.int64), np.full(n, -1, np.int64), np.zeros(n, np.int64)
    touched = np.empty(n, np.int64)
    for i in which:
        met = _meet(i, elapsed[ptr[i] : ptr[i + 1]], 1440, accounts, minute_ptr, count, last, days, touched)
        for x in range(met):
            j = touched[x]
            if days[j] >= min_days:
                chance = 0.0
                for h in range(size.size):
                    chance += profile[i, h] * profile[j, h] / size[h]
                value = (count[j] - chance) / (norm[i] * norm[j])
                if value > t[i] or (value == t[i] and value > 0.0 and j < partner[i]):
                    t[i], partner[i], minutes[i], in_days[i] = value, j, count[j], days[j]
            count[j], days[j] = 0, 0
    return t, partner, minutes, in_days


@compiled
def _redrawn(i, moved, hours, accounts, minute_ptr, profile, size, norm, min_days):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    n = norm.size
    out = np.zeros(moved.shape[0])
    count, last, days = np.zeros(n, np.int64), np.full(n, -1, np.int64), np.zeros(n, np.int64)
    touched = np.empty(n, np.int64)
    for draw in range(moved.shape[0]):
        mine = np.zeros(size.size)
        for k in range(moved.shape[1]):
            mine[hours[draw, k]] += 1.0
        own_norm = float(moved.shape[1])
        for h in range(size.size):
            own_norm -= mine[h] ** 2 / size[h]
        own_norm = np.sqrt(max(own_norm, 1.0))
        met = _meet(i, moved[draw], 1440, accounts, minute_ptr, count, last, days, touched)
        for x in range(met):
            j = touched[x]
            if days[j] >= min_days:
                chance = 0.0
                for h in range(size.size):
                    chance += mine[h] * profile[j, h] / size[h]
                out[draw] = max(out[draw], (count[j] - chance) / (own_norm * norm[j]))
            count[j], days[j] = 0, 0
    return out
