r"""Four marks of an object that many accounts post at once or at matching times: clock, burst, client, repeat.

An *object* is a text and its copies, or a reposted record; only objects on at least :data:`FEWEST` accounts are looked
at. Base rates come from records of the same kind and leave the object itself out, with a small count added, so that
what nobody else does is rare and not impossible. BB(x; n, p, ρ) is the tail of the beta-binomial
(:mod:`spmc_tools.chance.statistics.beta_binomial`).

*clock*: N records, one per minute and at most five per account; x of them on two neighbouring seconds (s, s + 1) of
the minute. Which record stands for a minute goes by the number of the minute: the first would favour second 0. p_s is
the share of these seconds outside the object: 60 · BB(x; N, p_s, .01) for the best s. Minutes that differ make it a
schedule and not a burst.

*burst*: k, the most accounts within 2 s; m, the accounts within 30 s on either side of the middle of these:
m · BB(k - 1; m - 1, 4/60, .05), for k of 5 and more.

*client*: among n accounts, x on one client; p_c the share of accounts that use it outside the object; the best client:
(number of clients) · BB(x; n, p_c, ρ̂). Each account counts with its first record there, else those who post the object
often would seem to be on every client. Clients that one account alone uses count as one: home-made programs.

*repeat*: among n accounts, x with two records or more on the object; p the share of such (account, object) pairs of the
accounts that are not on it: BB(x; n, p, max(ρ̂, .05)).

ρ̂ is learned by moments from the objects themselves, without the twentieth at either end.

A mark counts where its p is below ``ALONE``. Lengths are in seconds: of a burst ``BURST_S``, and ``NEAR_S`` how far
around its middle the crowd is counted; where accounts post at any second of that minute, ``BURST_SHARE`` of them are
within 2 s of a given one. ``SOLE_USER`` stands for all clients that one account alone uses.

Assumptions: clocks of the platform are right to the second; p_s and p_c are stable over the collection. Known false
positives: newsrooms and offices that plan posts on second 0 with one program; automatic cross-posting; reminders and
match alerts (burst); serial posters (repeat). With few objects and much campaign, ρ̂ is learned from the campaign, and
the client says little.

References
----------
The beta-binomial for counts that hang together: Crowder (1978), Applied Statistics 27, 34–37. Schedules and clients as
traces of one hand: Keller et al. (2020), Political Communication 37(2); Elmas et al. (2021), EuroS&P.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.statistics.beta_binomial import log_tail, log_tails
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from spmc_tools.schema.arrays import Flags, Floats, Longs


__all__ = [
    "ALONE", "BURST_S", "BURST_SHARE", "FEWEST", "NEAR_S", "SOLE_USER", "Burst", "Client", "Clock", "OnObjects",
    "Posted", "Repeat", "burst", "client", "client_rho", "clock", "minute_rank", "on_objects", "repeat",
    "repeat_rho",
]  # fmt: skip

FEWEST, ALONE = 5, 0.05
BURST_S, NEAR_S = 2, 30
BURST_SHARE = 2 * BURST_S / (2 * NEAR_S)
SOLE_USER = "(sole user)"
_PER_ACCOUNT, _SURE_OBJECTS, _CUT = 5, 20, 0.05
_CLOCK_RHO, _BURST_RHO, _LEAST_RHO, _MOST_RHO = 0.01, 0.05, 0.05, 0.5
_SECOND, _MINUTE = 1_000_000, 60_000_000


@dataclass(frozen=True, slots=True)
class Posted:
    """Records of one kind, in time order.

    Attributes
    ----------
    account, object, client : int64 arrays of shape (n,)
        Codes from 0; object -1 where the record has none, client -1 where it is not known. ``client`` counts into
        ``clients``.
    t_us : int64 array of shape (n,)
        Microseconds since 1970 UTC, ascending.
    exact : bool array of shape (n,)
        The source's clock goes by the second or finer.
    n_accounts, n_objects : int
        Codes lie below.
    clients : tuple of str
        Names, :data:`SOLE_USER` for all that one account alone uses.
    """

    account: Longs
    object: Longs
    client: Longs
    t_us: Longs
    exact: Flags
    n_accounts: int
    n_objects: int
    clients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnObjects:
    """The objects on at least :data:`FEWEST` accounts, and their records.

    ``code``: int64 of shape (k,), ascending codes of the objects. ``rows``: rows of the records, object by object, in
    time order; those of the i-th object are ``rows[ptr[i]:ptr[i + 1]]``. ``n_accounts``: int64 of shape (k,).
    """

    code: Longs
    rows: Longs
    ptr: Longs
    n_accounts: Longs

    def of(self, i: int) -> Longs:
        """Return the rows of the i-th object, in time order."""
        return self.rows[self.ptr[i] : self.ptr[i + 1]]


@dataclass(frozen=True, slots=True)
class Clock:
    """Of each object: ln p, the first of the two seconds (-1 without any), x, N and the share p_s outside."""

    ln_p: Floats
    second: Longs
    x: Longs
    n: Longs
    share: Floats


@dataclass(frozen=True, slots=True)
class Burst:
    """Of each object: ln p, k, m and the first microsecond of the two seconds."""

    ln_p: Floats
    k: Longs
    m: Longs
    start_us: Longs


@dataclass(frozen=True, slots=True)
class Client:
    """Of each object: ln p, the client's code (-1 without any), x, n and the share p_c outside."""

    ln_p: Floats
    client: Longs
    x: Longs
    n: Longs
    share: Floats


@dataclass(frozen=True, slots=True)
class Repeat:
    """Of each object: ln p, x, n and the share p outside."""

    ln_p: Floats
    x: Longs
    n: Longs
    share: Floats


def on_objects(posted: Posted) -> OnObjects:
    """Return the objects on at least :data:`FEWEST` accounts with their records."""
    pairs = np.unique(_pairs(posted, np.flatnonzero(posted.object >= 0)))
    n_accounts = np.bincount(pairs // max(posted.n_accounts, 1), minlength=posted.n_objects)
    code = np.flatnonzero(n_accounts >= FEWEST)
    place = np.full(posted.n_objects + 1, -1, np.int64)
    place[code] = np.arange(code.size)
    at = place[posted.object]  # the place of "none" is the last, -1
    rows = np.flatnonzero(at >= 0)
    rows = rows[np.argsort(at[rows], kind="stable")]
    ptr = np.zeros(code.size + 1, np.int64)
    np.cumsum(np.bincount(at[rows], minlength=code.size), out=ptr[1:])
    return OnObjects(code, rows, ptr, n_accounts[code])


def _pairs(posted: Posted, rows: Longs) -> Longs:
    """Return one number per (object, account) of some rows."""
    return posted.object[rows] * max(posted.n_accounts, 1) + posted.account[rows]


# -- clock and burst ------------------------------------------------------------------------------------------------


def clock(posted: Posted, objects: OnObjects) -> Clock:
    """Return the clock of each object; ln p is 0 where no record is exact."""
    count = objects.code.size
    x, n = np.zeros(count, np.int64), np.zeros(count, np.int64)
    found = Clock(np.zeros(count), np.full(count, -1), x, n, np.zeros(count))
    second = (posted.t_us // _SECOND) % 60
    total = np.bincount(second[posted.exact], minlength=60)
    used = np.zeros(posted.n_accounts, np.int64)
    _clock(
        (objects.rows, objects.ptr, posted.account, posted.t_us, posted.exact),
        total,
        used,
        (found.ln_p, found.second, found.x, found.n, found.share),
    )
    return found


@compiled
def minute_rank(minute, count):  # type: ignore[no-untyped-def]
    """Return which of some records of a minute, in time order, stands for it: any alike, and always the same."""
    mixed = (minute % 1_000_003) * 7_919 % 1_000_003
    return mixed % count if count else 0


@compiled
def _clock(records, total, used, found):  # type: ignore[no-untyped-def]
    rows, ptr, account, t_us, exact = records
    ln_p, second, best_x, best_n, best_share = found
    n_exact = total.sum()
    for o in range(ptr.size - 1):
        second_counts = np.zeros(60, np.int64)
        kept = np.zeros(60, np.int64)
        n, k = 0, ptr[o]
        while k < ptr[o + 1]:
            minute = t_us[rows[k]] // _MINUTE
            end, could = k, 0
            while end < ptr[o + 1] and t_us[rows[end]] // _MINUTE == minute:
                r = rows[end]
                if exact[r]:
                    second_counts[(t_us[r] // _SECOND) % 60] += 1
                    could += used[account[r]] < _PER_ACCOUNT
                end += 1
            left = minute_rank(minute, could)
            for j in range(k, end):
                r = rows[j]
                if could and exact[r] and used[account[r]] < _PER_ACCOUNT:
                    if left == 0:
                        used[account[r]] += 1
                        kept[(t_us[r] // _SECOND) % 60] += 1
                        n += 1
                        break
                    left -= 1
            k = end
        for k in range(ptr[o], ptr[o + 1]):
            used[account[rows[k]]] = 0
        best_n[o] = n
        outside = n_exact - second_counts.sum()
        for s in range(60):
            after = (s + 1) % 60
            x = kept[s] + kept[after]
            if x < 2:
                continue
            share = (total[s] - second_counts[s] + total[after] - second_counts[after] + 1.0) / (outside + 30.0)
            p = min(log_tail(x, n, share, _CLOCK_RHO) + np.log(60.0), 0.0)
            if second[o] < 0 or p < ln_p[o]:
                ln_p[o], second[o], best_x[o], best_share[o] = p, s, x, share


def burst(posted: Posted, objects: OnObjects) -> Burst:
    """Return the burst of each object; ln p is 0 below five accounts."""
    count = objects.code.size
    found = Burst(np.zeros(count), *(np.zeros(count, np.int64) for _ in "kms"))
    seen = np.zeros(posted.n_accounts, np.int64)
    _burst(
        (objects.rows, objects.ptr, posted.account, posted.t_us, posted.exact),
        seen,
        (found.ln_p, found.k, found.m, found.start_us),
    )
    return found


@compiled
def _burst(records, seen, found):  # type: ignore[no-untyped-def]
    rows, ptr, account, t_us, exact = records
    ln_p, most, crowd, start_us = found
    for o in range(ptr.size - 1):
        exact_rows = np.empty(ptr[o + 1] - ptr[o], np.int64)
        n = 0
        for k in range(ptr[o], ptr[o + 1]):
            if exact[rows[k]]:
                exact_rows[n] = rows[k]
                n += 1
        end, distinct = 0, 0
        for begin in range(n):
            while end < n and t_us[exact_rows[end]] - t_us[exact_rows[begin]] <= BURST_S * _SECOND:
                distinct += seen[account[exact_rows[end]]] == 0
                seen[account[exact_rows[end]]] += 1
                end += 1
            if distinct > most[o]:
                most[o], start_us[o] = distinct, t_us[exact_rows[begin]]
            seen[account[exact_rows[begin]]] -= 1
            distinct -= seen[account[exact_rows[begin]]] == 0
        if most[o] < FEWEST:
            continue
        middle = start_us[o] + BURST_S * _SECOND // 2
        m = 0
        for k in range(n):
            if abs(t_us[exact_rows[k]] - middle) <= NEAR_S * _SECOND:
                m += seen[account[exact_rows[k]]] == 0
                seen[account[exact_rows[k]]] = 1
        for k in range(n):
            seen[account[exact_rows[k]]] = 0
        crowd[o] = m
        ln_p[o] = min(log_tail(most[o] - 1, m - 1, BURST_SHARE, _BURST_RHO) + np.log(m), 0.0)


# -- client ---------------------------------------------------------------------------------------------------------


class _ClientUse:
    """Which accounts use which client, over all records whose client is known."""

    def __init__(self, posted: Posted) -> None:
        self.posted = posted
        self.n_clients = max(len(posted.clients), 1)
        known = posted.client >= 0
        keys = posted.account[known] * self.n_clients + posted.client[known]
        self.pair, of_row, count = np.unique(keys, return_inverse=True, return_counts=True)
        self.of_row = np.full(posted.client.size, -1, np.int64)
        self.of_row[known] = of_row
        self.count = count
        self.client = self.pair % self.n_clients
        self.users = np.bincount(self.client, minlength=self.n_clients)
        self.per_account = np.bincount(posted.account[known], minlength=posted.n_accounts)
        self.n_accounts = int((self.per_account > 0).sum())

    def outside(self, rows: Longs) -> Floats:
        """Return for each client the share of accounts that use it other than in some rows."""
        pairs, here = np.unique(self.of_row[rows], return_counts=True)
        alone = pairs[here == self.count[pairs]]
        users = self.users - np.bincount(self.client[alone], minlength=self.n_clients)
        accounts, posts = np.unique(self.posted.account[rows], return_counts=True)
        n_accounts = self.n_accounts - int((posts == self.per_account[accounts]).sum())
        return np.asarray((users + 1.0) / (n_accounts + 2.0), np.float64)

    def inside(self, rows: Longs) -> tuple[Longs, int]:
        """Return how many accounts of some rows begin there with each client, and how many accounts there are."""
        _, first = np.unique(self.posted.account[rows], return_index=True)
        return np.bincount(self.posted.client[rows[first]], minlength=self.n_clients), first.size


def client(posted: Posted, objects: OnObjects, inside: Flags, rho: float) -> Client:
    """Return the client of each object.

    Parameters
    ----------
    posted : Posted
        All records of the kind.
    objects : OnObjects
        The objects.
    inside : ndarray of bool, shape (len(objects.rows),)
        Which records are looked at: those of an object's time signature, or all.
    rho : float
        From :func:`client_rho`.
    """
    count = objects.code.size
    seen, of = np.zeros(count, np.int64), np.zeros(count, np.int64)
    found = Client(np.zeros(count), np.full(count, -1), seen, of, np.zeros(count))
    if not (posted.client >= 0).any():
        return found
    use = _ClientUse(posted)
    for o in range(count):
        rows = objects.of(o)
        known = posted.client[rows] >= 0
        x, n = use.inside(rows[known & inside[objects.ptr[o] : objects.ptr[o + 1]]])
        share = use.outside(rows[known])
        tried = np.flatnonzero(x >= 2)
        found.n[o] = n
        if not tried.size:
            continue
        ln_p = log_tails(x[tried], n, share[tried], rho) + np.log(len(posted.clients))
        best = int(np.argmin(ln_p))
        found.ln_p[o] = min(float(ln_p[best]), 0.0)
        found.client[o], found.x[o], found.share[o] = tried[best], x[tried[best]], share[tried[best]]
    return found


def client_rho(posted: Posted, objects: OnObjects) -> float:
    r"""Return how much more alike the clients of one object are than those of all accounts.

    Two accounts of an object have one client with the chance :math:`h = s + \rho(1 - s)`, where
    :math:`s = \sum_c p_c^2` over all accounts; :math:`\hat\rho` is the mean of :math:`(h_o - s)/(1 - s)` over the
    objects without a twentieth at either end, from 0 to .5; with fewer than 20 objects at least .05. Each account
    counts with its first record there.
    """
    known = np.flatnonzero(posted.client >= 0)
    pairs = np.unique(posted.account[known] * max(len(posted.clients), 1) + posted.client[known])
    users = np.bincount(pairs % max(len(posted.clients), 1)) if pairs.size else np.zeros(1)
    same = float(((users / max(users.sum(), 1)) ** 2).sum())
    each = []
    for o in range(objects.code.size):
        rows = objects.of(o)
        rows = rows[posted.client[rows] >= 0]
        _, first = np.unique(posted.account[rows], return_index=True)
        if first.size < 2:
            continue
        x = np.bincount(posted.client[rows[first]])
        met = (x * (x - 1)).sum() / (first.size * (first.size - 1))
        each.append((met - same) / max(1.0 - same, 1e-9))
    return _trimmed(np.array(each), np.ones(len(each)), 0.0)


def _trimmed(value: Floats, weight: Floats, least: float) -> float:
    """Return the weighted mean without a twentieth at either end, within its bounds."""
    if value.size < _SURE_OBJECTS:
        least = max(least, _LEAST_RHO)
    if not value.size:
        return least
    order = np.argsort(value, kind="stable")
    cut = int(_CUT * value.size)
    kept = order[cut : value.size - cut]
    mean = float((value[kept] * weight[kept]).sum() / weight[kept].sum())
    return min(max(mean, least), _MOST_RHO)


# -- repeat ---------------------------------------------------------------------------------------------------------


def repeat(posted: Posted, objects: OnObjects, rho: float) -> Repeat:
    """Return the repeat of each object; the share outside is that of accounts that are not on it.

    Counted are objects on two accounts or more. The accounts of the object are left out with all that they post: those
    who post one form again and again often have other forms, which would make the habit look like everybody's.

    Parameters
    ----------
    posted, objects
        As elsewhere.
    rho : float
        From :func:`repeat_rho`.
    """
    x, n, outside_x, outside_n = _repeated_outside(posted, objects)
    share = (outside_x + 1.0) / (outside_n + 2.0)
    return Repeat(log_tails(x, n, share, max(rho, _LEAST_RHO)), x, n, share)


def _repeated(posted: Posted, objects: OnObjects) -> tuple[Longs, Longs, int, int]:
    """Return x and n of each object, and both over all objects on two accounts or more."""
    of, _, again = _object_accounts(posted)
    n = np.bincount(of, minlength=posted.n_objects)
    x = np.bincount(of[again], minlength=posted.n_objects)
    shared = n >= 2
    return x[objects.code], n[objects.code], int(x[shared].sum()), int(n[shared].sum())


def _repeated_outside(posted: Posted, objects: OnObjects) -> tuple[Longs, Longs, Longs, Longs]:
    """Return x and n of each object, and both over all objects on two accounts or more, by accounts not on it."""
    of, account, again = _object_accounts(posted)
    n = np.bincount(of, minlength=posted.n_objects)
    shared = n[of] >= 2
    by_account = [np.bincount(account[kept], minlength=posted.n_accounts) for kept in (shared & again, shared)]
    x = np.bincount(of[again], minlength=posted.n_objects)
    inside = [np.bincount(of, weights=count[account], minlength=posted.n_objects) for count in by_account]
    outside = [int(count.sum()) - own.astype(np.int64) for count, own in zip(by_account, inside, strict=True)]
    return x[objects.code], n[objects.code], outside[0][objects.code], outside[1][objects.code]


def _object_accounts(posted: Posted) -> tuple[Longs, Longs, Flags]:
    """Return object and account of each (object, account), and whether it has two records or more there."""
    pair, count = np.unique(_pairs(posted, np.flatnonzero(posted.object >= 0)), return_counts=True)
    return pair // max(posted.n_accounts, 1), pair % max(posted.n_accounts, 1), count >= 2


def repeat_rho(posted: Posted, objects: OnObjects) -> float:
    r"""Return how much more alike the accounts of one object are in repeating it than all are, from .05 to .5.

    By moments: :math:`E[(x - np)^2] = np(1-p)(1 + (n-1)\rho)` summed over the objects without a twentieth at either
    end.
    """
    x, n, total_x, total_n = _repeated(posted, objects)
    p = (total_x + 1.0) / (total_n + 2.0)
    pairs = n * (n - 1.0)
    each = ((x - n * p) ** 2 / (p * (1 - p)) - n) / np.maximum(pairs, 1.0)
    return _trimmed(each, pairs, _LEAST_RHO)
