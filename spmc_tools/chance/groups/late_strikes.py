r"""Late strikes: a group that comes to old objects of one source within minutes, again and again.

Fans of a source act on its objects while these are fresh, each of them; whoever catches up later does so at an hour of
their own. Accounts that are sent to old objects come hours after the first action, and all at once. A group on one
source never has the *several* sources that pairs and broad occasions ask for; here the age and the timing speak.

1. **Late**: the latency of source *a* is :math:`L_a = \max(1\,\mathrm{h}, \operatorname{median})` of the ages (time
   since the first action on the object) of everybody's actions on its objects, without those inside a run (2.).
2. **Runs**: actions on one object, at least :math:`L_a` old, no gap longer than 180 s, at least five accounts, ten
   minutes at most from first to last: *z* accounts in *d* seconds.
3. **Strikes**: with *m* accounts on the object from half an hour before to half an hour after the middle of the run,
   and :math:`w = \max(d, 60)`, :math:`T = 3600` s, actions that are smooth on the scale of an hour make such a run
   with

   .. math:: p_k \le m \cdot P\left(\mathrm{Bin}(m - 1,\ w / T) \ge z - 1\right)

   (each of the *m* can be the first). A run is a strike if :math:`p_k < 10^{-3}`.
4. **Groups**: accounts and strikes of one source, reduced until each account is in at least three strikes and each
   strike has at least five of the accounts; each connected part of eight accounts or more is a group of *s*.
5. **Separate strikes** of a group, from the largest down, each on another object and six hours from all taken before:
   those with at least :math:`\max(s/3, 5)` members that are 40 % of everybody on the object meanwhile (five minutes
   before to five minutes after), *S* in all. Of :math:`K_a` runs of the source, chance gives them with

   .. math:: p = \binom{K_a}{S} \cdot P\left(\chi^2_{2S} \ge -2 \sum_k \ln p_k\right)

   and *q* is Benjamini–Hochberg over all sources. **Proven**: :math:`S \ge 4`, :math:`q < .05`, not *led* (in at most
   half of the strikes is the same account the first on the object, from ten minutes before the strike), and at most a
   tenth of the members' actions on the source are *scattered*: in no run of five members, fresh or late. Whoever likes
   a source comes to it at other times too, by himself.
6. **Members**: *i* takes part in :math:`o_i` of the strikes; of its actions within half an hour of the *S* strikes
   chance puts :math:`\lambda_i = \sum w_k / T` inside, :math:`p_i = P(\mathrm{Poisson}(\lambda_i) \ge o_i)`. Found:
   :math:`o_i \ge 3` and *q* below .05 inside the group.

Notes
-----
Assumptions: given that they act on an old object in that hour at all, people come independently of each other. Whom
they like, how much, how late, and an evening hour at which all of them look in are given, not tested.

Known false positives: whatever calls people to an old object at one moment, time and again and for one source: a fan
club that arranges to repost old posts together, a newsletter or an app that sends out an old post, the author who
posts a link to it elsewhere. Where the call is itself an action on the object (the author's own repost, an account
that all follow), the group is *led* and not proven; a campaign with one leader is missed with it. Nothing in the
actions tells a fan club that agreed on a minute from a campaign that did. Missed: strikes that are themselves the
first action on their object, since its age is unknown then; groups below eight; strikes that last longer than ten
minutes; strikes on what a crowd reposts meanwhile.

References
----------
Naus (1965), The distribution of the size of the maximum cluster of points on a line, JASA 60, 532–538, for the scan
statistic that 3. bounds; Fisher (1932) for the combination in 5. The rule over both is this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse, special, stats

from spmc_tools.chance.groups.broad_occasions import rows_of, separate, stretches
from spmc_tools.chance.pairs.listed_pairs import FRESH_US
from spmc_tools.chance.pairs.null_models import tail
from spmc_tools.chance.statistics import false_discovery as fdr

if TYPE_CHECKING:
    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.schema.arrays import Codes, Flags, Floats, Longs


__all__ = ["LateGroup", "Runs", "late_groups", "late_runs"]

_SECOND = 1_000_000
RUN_GAP_US, LONGEST_US, SHORTEST_US = 180 * _SECOND, 600 * _SECOND, 60 * _SECOND
HOUR_US, AROUND_US, BEFORE_US = 3600 * _SECOND, 300 * _SECOND, 600 * _SECOND
STRIKE, MIN_PRESENT, MIN_STRIKES, MIN_SIZE, MIN_SEPARATE = 1e-3, 5, 3, 8, 4
MIN_CROWD_SHARE, MOST_SCATTERED = 0.4, 0.1
_TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class Runs:
    """Late runs, in order of object and time.

    Attributes
    ----------
    first, last : ndarray of int64, shape (n_runs,)
        Places of the first and last action in the timeline, inclusive.
    near_low, near_high : ndarray of int64
        The actions on the object within half an hour of the middle of the run: ``near_low:near_high``.
    width_us : ndarray of int64
        :math:`w`.
    p : ndarray of float64
        :math:`p_k`, at most 1.
    latency_us : ndarray of float64, shape (n_sources,)
        :math:`L_a`.
    """

    first: Longs
    last: Longs
    near_low: Longs
    near_high: Longs
    width_us: Longs
    p: Floats
    latency_us: Floats


@dataclass(frozen=True, slots=True)
class LateGroup:
    r"""One group on one source; ``members`` and what follows it up to ``found`` are parallel, as are the last four.

    Attributes
    ----------
    source : int
        Source code.
    n_runs : int
        :math:`K_a`.
    p, q : float
        Of the group's strikes; q over all sources.
    led : bool
        Whether one account is the first in more than half of the strikes.
    scattered : float
        Share of the members' actions on the source that are in no run of five members.
    proven : bool
        Whether that is enough.
    members : ndarray of int32
        Account codes, ascending.
    n_strikes : ndarray of int64
        :math:`o_i`.
    expected, member_p, member_q : ndarray of float64
        :math:`\lambda_i`; of each member; over the group.
    found : ndarray of bool
        Members that the strikes speak for, where the group is proven.
    object, start_us, age_us, n_members : ndarray
        Of each separate strike, in order of time: object, first action, its age, and members in it.
    """

    source: int
    n_runs: int
    p: float
    q: float
    led: bool
    scattered: float
    proven: bool
    members: Codes
    n_strikes: Longs
    expected: Floats
    member_p: Floats
    member_q: Floats
    found: Flags
    object: Codes
    start_us: Longs
    age_us: Longs
    n_members: Longs


def late_runs(line: Timeline, born_us: Longs) -> Runs:
    """Return the late runs of all sources.

    Parameters
    ----------
    line, born_us : Timeline, ndarray of int64 of shape (n_objects,)
        The retained actions; time of the first action on each object.
    """
    object_, t = line.object, line.t_us
    age = t - born_us[object_]
    first, last = stretches(object_, t, RUN_GAP_US)
    run = (last - first + 1 >= MIN_PRESENT) & (t[last] - t[first] <= LONGEST_US)
    alone = ~np.repeat(run, last - first + 1)
    latency = np.maximum(_medians(age[alone], line.source[alone], line.n_sources), FRESH_US)
    run &= age[first] >= latency[line.source[first]]
    first, last = first[run], last[run]
    middle = (t[first] + t[last]) // 2
    low, high = _around(line, object_[first], middle - HOUR_US // 2, middle + HOUR_US // 2)
    width = np.maximum(t[last] - t[first], SHORTEST_US)
    m = high - low
    p = m * stats.binom.sf(last - first - 1, m - 1, width / HOUR_US)
    return Runs(first, last, low, high, width, np.clip(p, _TINY, 1.0), latency)


def late_groups(line: Timeline, born_us: Longs) -> list[LateGroup]:
    """Return the groups that come to old objects of one source together, proven or not, by source, then members.

    Parameters
    ----------
    line, born_us : Timeline, ndarray of int64 of shape (n_objects,)
        The retained actions; time of the first action on each object.
    """
    runs = late_runs(line, born_us)
    source = line.source[runs.first]
    struck = np.flatnonzero(runs.p < STRIKE)
    enough = np.bincount(source[struck], minlength=line.n_sources) >= MIN_SEPARATE
    found: list[LateGroup] = []
    for source_code in np.flatnonzero(enough).tolist():
        strikes = struck[source[struck] == source_code]
        for members, core_strikes in _cores(line, runs, strikes):
            group = _tested(line, born_us, runs, core_strikes, members)
            if group is not None:
                found.append(group)
    n_sources = max(int(np.unique(line.source).size), len(found), 1)
    q = fdr.adjusted(np.array([group.p for group in found]), n_sources)
    return [_judged(group, float(value)) for group, value in zip(found, q, strict=True)]


def _medians(value: Longs, source: Codes, n_sources: int) -> Floats:
    """Return the lower median of each source's values; 0 without any."""
    order = np.lexsort((value, source))
    count = np.bincount(source, minlength=n_sources)
    place = np.cumsum(count) - count + np.maximum(count - 1, 0) // 2
    found = np.zeros(n_sources)
    some = count > 0
    found[some] = value[order][place[some]]
    return found


def _around(line: Timeline, object_: Codes, start_us: Longs, end_us: Longs) -> tuple[Longs, Longs]:
    """Return the places of the actions on each object from start to end, both inclusive, as low and high."""
    edge = np.searchsorted(line.object, np.arange(int(line.object.max(initial=-1)) + 2))
    low, high = np.empty(object_.size, np.int64), np.empty(object_.size, np.int64)
    for k, (o, start, end) in enumerate(zip(object_.tolist(), start_us.tolist(), end_us.tolist(), strict=True)):
        t = line.t_us[edge[o] : edge[o + 1]]
        low[k] = edge[o] + np.searchsorted(t, start, side="left")
        high[k] = edge[o] + np.searchsorted(t, end, side="right")
    return low, high


def _cores(line: Timeline, runs: Runs, strikes: Longs) -> list[tuple[Codes, Longs]]:
    """Return (members, strikes) of each group: what is left of accounts and strikes, by connected part."""
    account = np.concatenate([line.account[runs.first[k] : runs.last[k] + 1] for k in strikes])
    strike = np.repeat(strikes, runs.last[strikes] - runs.first[strikes] + 1)
    while account.size:
        by_account, per_account = np.unique(account, return_counts=True)
        by_strike, per_strike = np.unique(strike, return_counts=True)
        keep = np.isin(account, by_account[per_account >= MIN_STRIKES])
        keep &= np.isin(strike, by_strike[per_strike >= MIN_PRESENT])
        if keep.all():
            break
        account, strike = account[keep], strike[keep]
    if not account.size:
        return []
    accounts, row = np.unique(account, return_inverse=True)
    here, column = np.unique(strike, return_inverse=True)
    size = accounts.size + here.size
    links = sparse.coo_array((np.ones(row.size), (row, accounts.size + column)), shape=(size, size))
    number, part = sparse.csgraph.connected_components(links, directed=False)
    parts = [(accounts[part[: accounts.size] == k], here[part[accounts.size :] == k]) for k in range(number)]
    return [(members.astype(np.int32), core_strikes) for members, core_strikes in parts if members.size >= MIN_SIZE]


def _tested(line: Timeline, born_us: Longs, runs: Runs, strikes: Longs, members: Codes) -> LateGroup | None:
    """Return a group with its separate strikes, not yet judged; None without any."""
    first, last = runs.first[strikes], runs.last[strikes]
    present = np.array([np.isin(line.account[a : b + 1], members).sum() for a, b in zip(first, last, strict=True)])
    low, high = _around(line, line.object[first], line.t_us[first] - AROUND_US, line.t_us[last] + AROUND_US)
    broad = (present >= max(members.size / 3, MIN_PRESENT)) & (present >= MIN_CROWD_SHARE * (high - low))
    among = np.flatnonzero(broad)
    taken = among[separate(line.t_us[first[among]], line.object[first[among]], present[among])]
    if not taken.size:
        return None
    taken = taken[np.argsort(line.t_us[first[taken]], kind="stable")]
    separate_strikes, k = strikes[taken], taken.size
    n_runs = int((line.source[runs.first] == line.source[runs.first[separate_strikes[0]]]).sum())
    log_ways = special.gammaln(n_runs + 1) - special.gammaln(k + 1) - special.gammaln(n_runs - k + 1)
    log_p = log_ways + stats.chi2.logsf(-2 * np.log(runs.p[separate_strikes]).sum(), 2 * k)
    n, expected = np.zeros(members.size, np.int64), np.zeros(members.size)
    for strike in separate_strikes.tolist():
        inside = np.isin(members, line.account[runs.first[strike] : runs.last[strike] + 1])
        near = np.isin(members, line.account[runs.near_low[strike] : runs.near_high[strike]])
        n += inside
        expected += near * (runs.width_us[strike] / HOUR_US)
    p = tail(n.astype(np.int32), expected)
    at = runs.first[separate_strikes]
    return LateGroup(
        source=int(line.source[at[0]]),
        n_runs=n_runs,
        p=float(max(np.exp(min(log_p, 0.0)), _TINY)),
        q=1.0,
        led=_led(line, runs, separate_strikes),
        scattered=_scattered(line, members, int(line.source[at[0]])),
        proven=False,
        members=members,
        n_strikes=n,
        expected=expected,
        member_p=p,
        member_q=fdr.adjusted(p, members.size),
        found=np.zeros(members.size, bool),
        object=line.object[at],
        start_us=line.t_us[at],
        age_us=line.t_us[at] - born_us[line.object[at]],
        n_members=present[taken],
    )


def _led(line: Timeline, runs: Runs, strikes: Longs) -> bool:
    """Return whether one account is the first on the object, from ten minutes before, in more than half of them."""
    at = runs.first[strikes]
    low, _ = _around(line, line.object[at], line.t_us[at] - BEFORE_US, line.t_us[at])
    return bool(2 * np.bincount(line.account[low]).max() > strikes.size)


def _scattered(line: Timeline, members: Codes, source: int) -> float:
    """Return the share of the members' actions on the source that are in no run of five of them within ten minutes."""
    rows = rows_of(line, members)
    rows = rows[line.source[rows] == source]
    t = line.t_us[rows]
    first, last = stretches(line.object[rows], t, RUN_GAP_US)
    size = last - first + 1
    run = (size >= MIN_PRESENT) & (t[last] - t[first] <= LONGEST_US)
    return float(1 - size[run].sum() / rows.size)


def _judged(group: LateGroup, q: float) -> LateGroup:
    """Return the group with its q, whether it is proven, and whom its strikes speak for."""
    proven = group.object.size >= MIN_SEPARATE and q < fdr.LEVEL and not group.led and group.scattered <= MOST_SCATTERED
    found = proven & (group.n_strikes >= MIN_STRIKES) & (group.member_q < fdr.LEVEL)
    return replace(group, q=q, proven=bool(proven), found=found)
