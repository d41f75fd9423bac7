r"""Groups that strike together three times: more accounts on the same three things than chance explains.

Three times in step is too little to say anything of a pair. Of twenty accounts it is not: the size of the group is what
is held against chance here.

1. **A strike** is a run of acts on one object in one hour, from the first act to the last one within the window of it:
   all in step with one another. The next act begins another run.
2. **Fresh.** An account counts in a strike only where it acts on this *source* at no other time: all that it does there
   lies within six hours. Fans, readers and volunteers come back to their stars and leaders, and so do not count.
3. **Three strikes** on three sources, six hours apart each from the next. Seen is :math:`X`, the accounts that count in
   all three, at least :data:`LEAST_MEMBERS`.
4. **Chance.** Within each hour accounts of a circle are dealt anew over the circle's acts: an object is as popular with
   each circle, and an account as active in each hour, as they were. A strike with :math:`m_{jc}` acts of circle *c*, in
   an hour with :math:`M_{jc}` of them of which account *a* has :math:`r_{aj}`, holds *a* with a chance of at most
   :math:`m_{jc} r_{aj} / M_{jc}`; different hours are independent, and

   .. math:: \mu = \sum_a \prod_{j=1}^{3} \min\left(1,\ \frac{m_{j c(a)}\, r_{aj}}{M_{j c(a)}}\right), \qquad
             p = P(\mathrm{Poisson}(\mu) \ge X)

   For :math:`X > \mu` this is no smaller than the tail of a sum of independent indicators with these chances
   (Hoeffding 1956), and that acts must be fresh only makes :math:`X` smaller.
5. **Paid for** by all that could have been looked at: :math:`p` times the windows and the ways to take three of the
   strikes that hold :data:`LEAST_MEMBERS` accounts or more, fresh or not. Below .05, and where :math:`X` is sixteen
   times :math:`\mu` or more, the three strikes make a group; those half of whose accounts are the same are one.

Sixteen times, as for rare meetings: active accounts like what is popular more than others do, which dealing anew within
an hour does not know. That makes :math:`\mu` several times too small, and p far too small; not sixteen times.

Asked only where objects have sources: of texts, each a source of its own, every act would be fresh.

References
----------
Hoeffding (1956), On the distribution of the number of successes in independent trials, Ann. Math. Stat. 27, 713–721.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import pdtrc

from spmc_tools.chance.pairs.occasions import GAP_US, micros
from spmc_tools.chance.sessions.rare_meetings import TIMES_CHANCE
from spmc_tools.chance.sessions.session_cells import CELL_S
from spmc_tools.chance.statistics.false_discovery import LEVEL
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.schema.arrays import Codes, Flags, Floats, Longs

__all__ = ["LEAST_MEMBERS", "StrikeGroup", "Strikes", "fresh_acts", "strike_groups", "strikes_of", "triples"]

LEAST_MEMBERS = 5
"""Accounts that strike together three times, at least."""

_MOST_STRIKES = 300
"""Strikes in which one account counts: beyond them an account counts in none."""

_MOST_TRIPLES = 500_000


@dataclass(frozen=True, slots=True)
class StrikeGroup:
    """Accounts that struck together three times.

    ``members``: account codes, ascending. ``p``: the smallest of its triples, paid for. ``acts``: numbers of the acts
    of anybody in its strikes, ascending.
    """

    members: Codes
    p: float
    acts: Longs
    window_s: float


@dataclass(frozen=True, slots=True)
class Strikes:
    """Runs of acts on one object, in step with one another, within one hour.

    Attributes
    ----------
    of_act : ndarray of int64, shape (n_acts,)
        The run of each act; runs are numbered in the order of the acts.
    hour : ndarray of int64, shape (n_acts,)
        The hour of each act, from 0.
    first_us, source : ndarray of int64 and int32, shape (n_runs,)
        Time of its first act; source of its object.
    size : ndarray of int64
        Accounts in it.
    """

    of_act: Longs
    hour: Longs
    first_us: Longs
    source: Codes
    size: Longs


def strikes_of(line: Timeline, window_s: float) -> Strikes:
    """Return the runs of a timeline, all acts in one.

    Parameters
    ----------
    line : Timeline
        All first actions of each account on each object, hot ones too.
    window_s : float
        A run lasts so many seconds at most, inclusive.
    """
    _, hour = np.unique(line.t_us // micros(CELL_S), return_inverse=True)
    begins = _begins(line.object, line.t_us, hour, micros(window_s))
    run = np.cumsum(begins) - 1
    return Strikes(run, hour.astype(np.int64), line.t_us[begins], line.source[begins], np.bincount(run))


def fresh_acts(line: Timeline) -> Flags:
    """Return which acts are of accounts that act on this source within six hours and at no other time."""
    key = line.account.astype(np.int64) * line.n_sources + line.source
    order = np.lexsort((line.t_us, key))
    _, start, place = np.unique(key[order], return_index=True, return_inverse=True)
    last = np.append(start[1:], key.size)[: start.size] - 1
    lasts = line.t_us[order][last] - line.t_us[order][start] < GAP_US
    fresh = np.zeros(key.size, bool)
    fresh[order] = lasts[place]
    return fresh


def triples(line: Timeline, strikes: Strikes) -> tuple[Longs, Longs]:
    """Return three strikes each with enough accounts that count in all of them, and how many these are.

    Returns
    -------
    tuple of ndarray of int64
        Runs, shape (n, 3), in order of time; :math:`X`, shape (n,).
    """
    account, run = _counting(line, strikes)
    n_runs = strikes.size.size
    by_account = np.lexsort((run, account))
    ptr = np.zeros(line.n_accounts + 1, np.int64)
    np.cumsum(np.bincount(account, minlength=line.n_accounts), out=ptr[1:])
    by_run = np.lexsort((account, run))
    run_ptr = np.zeros(n_runs + 1, np.int64)
    np.cumsum(np.bincount(run, minlength=n_runs), out=run_ptr[1:])
    found: tuple[Longs, Longs] = _triples(
        account[by_run], run_ptr, run[by_account], ptr, strikes.first_us, strikes.source, GAP_US, LEAST_MEMBERS,
        _MOST_TRIPLES,
    )  # fmt: skip
    return found


def strike_groups(line: Timeline, window_s: float, stratum: Codes, n_windows: int = 1) -> list[StrikeGroup]:
    """Return the groups of one window, the least likely first.

    Parameters
    ----------
    line : Timeline
        All first actions of each account on each object, hot ones too.
    window_s : float
        Seconds.
    stratum : ndarray of int32, shape (n_accounts,)
        Circle of each account.
    n_windows : int
        As many are paid for.
    """
    strikes = strikes_of(line, window_s)
    runs, seen = triples(line, strikes)
    if not len(runs):
        return []
    large = int((strikes.size >= LEAST_MEMBERS).sum())
    price = large * (large - 1) * (large - 2) / 6 * n_windows
    expected = _expected(line, strikes, stratum, runs)
    p = np.minimum(1.0, price * _tail(seen, expected))
    found = (p < LEVEL) & (seen >= TIMES_CHANCE * expected)
    return _joined(line, strikes, runs[found], p[found], window_s)


def _begins(object_: Codes, t_us: Longs, hour: Longs, window_us: int) -> Flags:
    """Return which acts, in order of object and time, begin a run."""
    new = np.ones(object_.size, bool)
    new[1:] = (np.diff(object_) != 0) | (np.diff(hour) != 0)
    begins: Flags = _run_begins(new, t_us, window_us)
    return begins


def _counting(line: Timeline, strikes: Strikes) -> tuple[Longs, Longs]:
    """Return account and run of the acts that count, those of accounts with too many of them left out."""
    counts = fresh_acts(line) & (strikes.size >= LEAST_MEMBERS)[strikes.of_act]
    account = line.account[counts].astype(np.int64)
    few = (np.bincount(account, minlength=line.n_accounts) <= _MOST_STRIKES)[account]
    return account[few], strikes.of_act[counts][few]


def _expected(line: Timeline, strikes: Strikes, stratum: Codes, runs: Longs) -> Floats:
    r"""Return :math:`\mu` of each three runs; these come ordered by the first of them, then the second."""
    used, place = np.unique(runs, return_inverse=True)
    n_circles = int(stratum.max(initial=0)) + 1
    n_hours = int(strikes.hour.max()) + 1
    of_used = np.isin(strikes.of_act, used)
    at = np.searchsorted(used, strikes.of_act[of_used]) * n_circles + stratum[line.account[of_used]]
    popular = np.bincount(at, minlength=used.size * n_circles).reshape(used.size, n_circles)
    everybody = np.bincount(strikes.hour * n_circles + stratum[line.account], minlength=n_hours * n_circles)
    key, active = np.unique(strikes.hour * line.n_accounts + line.account, return_counts=True)
    ptr = np.searchsorted(key, np.arange(n_hours + 1) * line.n_accounts)
    hour = np.zeros(used.size, np.int64)
    hour[np.searchsorted(used, strikes.of_act[of_used])] = strikes.hour[of_used]
    expected: Floats = _expectations(
        place.reshape(runs.shape), hour, popular, everybody.reshape(n_hours, n_circles), ptr, key % line.n_accounts,
        active, stratum, line.n_accounts,
    )  # fmt: skip
    return expected


def _tail(seen: Longs, expected: Floats) -> Floats:
    r"""Return :math:`P(\mathrm{Poisson}(\mu) \ge X)`."""
    tail: Floats = np.asarray(pdtrc(seen - 1.0, expected), np.float64)
    return tail


def _joined(line: Timeline, strikes: Strikes, runs: Longs, p: Floats, window_s: float) -> list[StrikeGroup]:
    """Return the groups that these three strikes each make; one joins a group that holds half of its accounts."""
    account, run = _counting(line, strikes)
    order = np.argsort(run, kind="stable")
    account, run = account[order], run[order]
    parts: list[tuple[Flags, set[int], float]] = []
    for number in np.lexsort((*runs.T[::-1], p)):
        start, end = np.searchsorted(run, runs[number]), np.searchsorted(run, runs[number], side="right")
        on = [account[x:y] for x, y in zip(start, end, strict=True)]
        members = np.intersect1d(np.intersect1d(on[0], on[1]), on[2])
        for inside, of_runs, _ in parts:
            if 2 * int(inside[members].sum()) >= members.size:
                inside[members] = True
                of_runs.update(runs[number].tolist())
                break
        else:
            inside = np.zeros(line.n_accounts, bool)
            inside[members] = True
            parts.append((inside, set(runs[number].tolist()), float(p[number])))
    return [
        StrikeGroup(
            np.flatnonzero(inside).astype(np.int32),
            least,
            np.flatnonzero(np.isin(strikes.of_act, list(of_runs))),
            window_s,
        )
        for inside, of_runs, least in parts
    ]


@compiled
def _run_begins(new, t_us, window_us):  # type: ignore[no-untyped-def]
    """Return which acts begin a run: the first of an object in an hour, and the first beyond the window of the last."""
    begins, start = new.copy(), 0
    for place in range(new.size):
        if new[place] or t_us[place] - t_us[start] > window_us:
            begins[place], start = True, place
    return begins


@compiled
def _later(s, account, run_ptr, run, ptr, first_us, source, gap_us, among, count, met):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Count the accounts that a run has, of those that are looked at, in common with each later one of another source.

    ``count`` and the first places of ``met`` are filled; how many runs these are is returned.
    """
    n = 0
    for x in range(run_ptr[s], run_ptr[s + 1]):
        if among[account[x]]:
            for y in range(ptr[account[x]], ptr[account[x] + 1]):
                t = run[y]
                if source[t] != source[s] and first_us[t] - first_us[s] >= gap_us:
                    if count[t] == 0:
                        met[n] = t
                        n += 1
                    count[t] += 1
    return n


@compiled
def _triples(account, run_ptr, run, ptr, first_us, source, gap_us, least, most):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Go through the runs; for each, through the later ones with enough accounts in common, and so again."""
    n_runs, n_accounts = run_ptr.size - 1, ptr.size - 1
    in_two, in_three = np.zeros(n_runs, np.int64), np.zeros(n_runs, np.int64)
    seconds, thirds = np.empty(n_runs, np.int64), np.empty(n_runs, np.int64)
    everybody, there = np.ones(n_accounts, np.bool_), np.zeros(n_accounts, np.bool_)
    found, n, m = np.empty((1024, 3), np.int64), np.empty(1024, np.int64), 0
    for s in range(n_runs):
        there[account[run_ptr[s] : run_ptr[s + 1]]] = True
        n_seconds = _later(s, account, run_ptr, run, ptr, first_us, source, gap_us, everybody, in_two, seconds)
        for t in seconds[:n_seconds]:
            in_common, in_two[t] = in_two[t], 0
            n_thirds = 0
            if in_common >= least:
                n_thirds = _later(t, account, run_ptr, run, ptr, first_us, source, gap_us, there, in_three, thirds)
            for u in thirds[:n_thirds]:
                enough, in_three[u] = in_three[u] if source[u] != source[s] else 0, 0
                if enough >= least and m < most:
                    if m == n.size:
                        found = np.concatenate((found, np.empty((m, 3), np.int64)))
                        n = np.concatenate((n, np.empty(m, np.int64)))
                    found[m, 0], found[m, 1], found[m, 2], n[m] = s, t, u, enough
                    m += 1
        there[account[run_ptr[s] : run_ptr[s + 1]]] = False
    return found[:m].copy(), n[:m].copy()


@compiled
def _expectations(runs, hour, popular, everybody, ptr, account, active, stratum, n_accounts):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Return the sum over accounts of the product of their chances to be in each of three runs."""
    one, two = np.zeros(n_accounts), np.zeros(n_accounts)
    expected = np.zeros(runs.shape[0])
    first, second = -1, -1
    for x in range(runs.shape[0]):
        if runs[x, 0] != first:
            one[:] = 0.0
            first, second = runs[x, 0], -1
            for y in range(ptr[hour[first]], ptr[hour[first] + 1]):
                circle = stratum[account[y]]
                one[account[y]] = min(1.0, popular[first, circle] * active[y] / everybody[hour[first], circle])
        if runs[x, 1] != second:
            two[:] = 0.0
            second = runs[x, 1]
            for y in range(ptr[hour[second]], ptr[hour[second] + 1]):
                circle = stratum[account[y]]
                share = min(1.0, popular[second, circle] * active[y] / everybody[hour[second], circle])
                two[account[y]] = one[account[y]] * share
        third = runs[x, 2]
        for y in range(ptr[hour[third]], ptr[hour[third] + 1]):
            if two[account[y]] > 0.0:
                circle = stratum[account[y]]
                share = min(1.0, popular[third, circle] * active[y] / everybody[hour[third], circle])
                expected[x] += two[account[y]] * share
    return expected
