r"""From marks to an event, and from an event to the accounts that carry it, with the share that chance explains.

**Event.** Two *different* marks must each be below .05 alone. For a pair of marks u = p · p', and
Fisher(u) = u(1 - ln u), the chance that two independent draws multiply to u or less; p of the object is three times the
smallest over the three pairs of time, client and repeat. *Time* is 2 · min(clock, burst). Under chance the pairs are
independent: the client is looked at among the records of the time signature, and the clock over different minutes.

**Accounts.** Only records that carry the whole signature count: the second *and* the client; repetition only where
there is no mark of time. With :math:`\pi_c` and :math:`\pi_t` the shares outside the object, and :math:`r_i` records of
account i that could have hit the time (all exact ones for a clock; those within 30 s for a burst),

.. math::

    E_1 = \sum_i \pi_c \left(1 - (1 - \pi_t)^{r_i}\right), \qquad
    E_2 = \sum_i \pi_c \, P(\mathrm{Bin}(r_i, \pi_t) \ge 2)

accounts carry it once, or twice, by chance; fdp1 and fdp2 are these over the accounts seen to do so. Without a mark of
time, :math:`E_1 = E_2 = \sum_i \pi_c \pi_r` with :math:`\pi_r` the share of accounts that repeat.

Assumptions: shares outside the object hold for its bystanders. Known false positives: as for the marks
(:mod:`spmc_tools.chance.events.event_features`).

References
----------
Fisher (1932), Statistical Methods for Research Workers, section 21.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.events.event_features import (
    ALONE,
    BURST_S,
    BURST_SHARE,
    NEAR_S,
    Burst,
    Client,
    Clock,
    OnObjects,
    Posted,
    Repeat,
    burst,
    client,
    client_rho,
    clock,
    repeat,
    repeat_rho,
)

if TYPE_CHECKING:
    from spmc_tools.schema.arrays import Flags, Floats, Longs


__all__ = ["INSIDE", "Carried", "Marks", "carried", "expected_carriers", "fisher_two", "marks"]

INSIDE = 0.01
"""Below this a clock or burst decides among which records the client is looked at."""

_S = 1_000_000


@dataclass(frozen=True, slots=True)
class Marks:
    """The four marks of each object, what they were learned with, and p of the object as an event.

    ``ln_time``: ln of 2 · min(clock, burst). ``by_clock``: the clock is the smaller of the two. ``in_time``: of each
    record of the objects, whether it carries that time signature. ``ln_p``: 0 where fewer than two marks count.
    """

    clock: Clock
    burst: Burst
    client: Client
    repeat: Repeat
    ln_time: Floats
    by_clock: Flags
    in_time: Flags
    ln_p: Floats
    client_rho: float
    repeat_rho: float


def fisher_two(ln_p: Floats, ln_q: Floats) -> Floats:
    """Return ln Fisher of two independent p-values, given their logarithms."""
    both = np.minimum(ln_p + ln_q, 0.0)
    return np.asarray(np.minimum(both + np.log1p(-both), 0.0), np.float64)


def marks(posted: Posted, objects: OnObjects) -> Marks:
    """Return the marks of each object and its p as an event."""
    c, b = clock(posted, objects), burst(posted, objects)
    by_clock = c.ln_p <= b.ln_p
    smaller = np.minimum(c.ln_p, b.ln_p)
    in_time = _in_time(posted, objects, c, b, by_clock)
    looked_at = in_time | np.repeat(smaller >= np.log(INSIDE), np.diff(objects.ptr))
    rho, rho_repeat = client_rho(posted, objects), repeat_rho(posted, objects)
    of_client = client(posted, objects, looked_at, rho)
    again = repeat(posted, objects, rho_repeat)
    ln_time = np.minimum(smaller + np.log(2.0), 0.0)
    ln_p = np.zeros(objects.code.size)
    each = (ln_time, of_client.ln_p, again.ln_p)
    for one, two in ((0, 1), (0, 2), (1, 2)):
        counts = (each[one] < np.log(ALONE)) & (each[two] < np.log(ALONE))
        pair = np.minimum(fisher_two(each[one], each[two]) + np.log(3.0), 0.0)
        ln_p = np.minimum(ln_p, np.where(counts, pair, 0.0))
    return Marks(c, b, of_client, again, ln_time, by_clock, in_time, ln_p, rho, rho_repeat)


def _in_time(posted: Posted, objects: OnObjects, c: Clock, b: Burst, by_clock: Flags) -> Flags:
    """Return which records of the objects carry the time signature: on the two seconds, or within the burst."""
    of = np.repeat(np.arange(objects.code.size), np.diff(objects.ptr))
    t, exact = posted.t_us[objects.rows], posted.exact[objects.rows]
    second = (t // _S) % 60
    on_clock = (c.second[of] >= 0) & ((second - c.second[of]) % 60 <= 1)
    in_burst = (b.k[of] > 0) & (t >= b.start_us[of]) & (t <= b.start_us[of] + BURST_S * _S)
    return exact & np.where(by_clock[of], on_clock, in_burst)


@dataclass(frozen=True, slots=True)
class Carried:
    """Who carries the signature of one object.

    Attributes
    ----------
    signature : tuple of str
        The marks whose p is below .05: "clock" or "burst", "client", "repeat".
    rows : ndarray of int64
        Rows of the signed records, in time order.
    accounts, n_signed : ndarray of int64
        Accounts with a signed record, ascending, and how many each has.
    expected : (float, float)
        E1 and E2.
    fdp : (float, float)
        E1 over the accounts with one signed record or more, E2 over those with two or more; at most 1, and 1 where
        there are none.
    """

    signature: tuple[str, ...]
    rows: Longs
    accounts: Longs
    n_signed: Longs
    expected: tuple[float, float]
    fdp: tuple[float, float]


def carried(posted: Posted, objects: OnObjects, found: Marks, o: int) -> Carried:
    """Return who carries the signature of the o-th object."""
    rows = objects.of(o)
    timed, by_client, again = (x[o] < np.log(ALONE) for x in (found.ln_time, found.client.ln_p, found.repeat.ln_p))
    kept = np.ones(rows.size, bool)
    if timed:
        kept &= found.in_time[objects.ptr[o] : objects.ptr[o + 1]]
    if by_client:
        kept &= posted.client[rows] == found.client.client[o]
    signed = rows[kept]
    accounts, n_signed = np.unique(posted.account[signed], return_counts=True)
    if again and not timed:
        accounts, n_signed = accounts[n_signed >= 2], n_signed[n_signed >= 2]
        signed = signed[np.isin(posted.account[signed], accounts)]
    share_client = float(found.client.share[o]) if by_client else 1.0
    if timed:
        tries, share_time = _tries(posted, found, rows, o)
        expected = expected_carriers(tries, share_client, share_time)
    else:
        expected = (float(objects.n_accounts[o] * share_client * found.repeat.share[o]),) * 2
    time = ("clock" if found.by_clock[o] else "burst") if timed else ""
    names = (time, "client" if by_client else "", "repeat" if again else "")
    fdp = (_share(expected[0], accounts.size), _share(expected[1], int((n_signed >= 2).sum())))
    return Carried(tuple(name for name in names if name), signed, accounts, n_signed, expected, fdp)


def _tries(posted: Posted, found: Marks, rows: Longs, o: int) -> tuple[Longs, float]:
    """Return how many records of each account could have hit the time, and the chance of one to do so."""
    could = rows[posted.exact[rows]]
    if found.by_clock[o]:
        share = float(found.clock.share[o])
    else:
        middle = found.burst.start_us[o] + BURST_S * _S // 2
        could = could[np.abs(posted.t_us[could] - middle) <= NEAR_S * _S]
        share = BURST_SHARE
    return np.unique(posted.account[could], return_counts=True)[1], share


def expected_carriers(tries: Longs, share_client: float, share_time: float) -> tuple[float, float]:
    """Return how many accounts carry a signature once, and twice, by chance: E1 and E2.

    Parameters
    ----------
    tries : ndarray of int64
        Records of each account that could have hit the time.
    share_client, share_time : float
        Shares outside the object.
    """
    none = (1.0 - share_time) ** tries
    single = tries * share_time * (1.0 - share_time) ** np.maximum(tries - 1, 0)
    once, twice = share_client * (1.0 - none), share_client * np.maximum(1.0 - none - single, 0.0)
    return float(once.sum()), float(twice.sum())


def _share(expected: float, seen: int) -> float:
    return min(expected / seen, 1.0) if seen else 1.0
