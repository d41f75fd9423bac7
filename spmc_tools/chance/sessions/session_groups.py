r"""Accounts that acted together within sessions: who has three partners that chance does not explain, and which group.

An account's probability is that of its third strongest partner, paid for by the number of accounts that could have been
its partner and by the windows, :math:`p_i = \min(1,\ W N\, 10^{-e_{i(3)}})`; q is its false-discovery rate over all
accounts. Accounts with q below .05 that are tied to each other by evidence beyond the same bound form a group. One
strong partner is no group: two friends share an evening.

Groups in which no pair stands out are found by their rarest meetings
(:mod:`~spmc_tools.chance.sessions.rare_meetings`), and as the circle for which things were hot
(:mod:`~spmc_tools.chance.sessions.hot_circles`), and, where objects have sources, by three strikes that they have in
common (:mod:`~spmc_tools.chance.sessions.common_strikes`). Of these, one that shares half of its members with a group
before it is not told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from spmc_tools.chance.sessions.common_strikes import strike_groups
from spmc_tools.chance.sessions.rare_meetings import acts_in_step, met, rare_groups
from spmc_tools.chance.sessions.session_pairs import session_pairs
from spmc_tools.chance.statistics.false_discovery import LEVEL, adjusted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.chance.sessions.common_strikes import StrikeGroup
    from spmc_tools.chance.sessions.hot_circles import HotCircle
    from spmc_tools.chance.sessions.rare_meetings import ActsInStep, Met, RareGroup
    from spmc_tools.chance.sessions.session_pairs import SessionPairs

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int32]

__all__ = ["CAP", "OF_GROUP", "PARTNERS", "REPEATED", "SessionGroup", "SessionTests", "session_tests"]

PARTNERS = 3
"""The evidence of an account is that of its partner of this rank."""

CAP = 30.0
"""Evidence of a pair counts for at most this in the strength of an account."""

REPEATED, OF_GROUP = 0.3, 40.0
"""What evidence by objects, and the standing of a group, count for in the strength; chosen on simulated weeks."""

_MOST_REPEATED = 100.0
_WIDEST_RARE_S = 600.0


@dataclass(frozen=True, slots=True)
class SessionGroup:
    """Accounts tied together within sessions.

    ``members``: account codes, ascending. ``n_ties``: pairs of members with evidence beyond the bound, or of a group of
    rare meetings those that have one; 0 where no pair counts: the circle of hot objects, and common strikes.
    ``window_s``: the window of most ties; of a circle the widest. ``met``: what members did in step in it. ``p``: the
    largest of the members' probabilities, of common strikes that of the group; nan for rare meetings and circles.
    ``acts``: numbers of the acts that made a circle, or of its strikes; None: all acts of the members.
    """

    members: Codes
    window_s: float
    n_ties: int
    met: Met
    p: float
    acts: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class SessionTests:
    """What sessions say of each account, arrays of shape (n_accounts,), and the groups.

    Attributes
    ----------
    p, q : ndarray of float64
        Of the third strongest partner; see the module.
    strength : ndarray of float64
        Sum of the evidence with its five strongest partners, each at most 30, and :data:`REPEATED` times that with the
        third strongest by objects, at most 100; the mean over the windows. Then :data:`OF_GROUP` times the standing of
        its group of rare meetings, or of its circle. It orders accounts and is no probability.
    partners : ndarray of int64
        Different accounts ever in step with it in the narrowest window.
    groups : tuple of SessionGroup
        Largest first; of equal size by members.
    n_left_out : int
        Acts left out in crowds, of the window in which these are most.
    """

    p: Floats
    q: Floats
    strength: Floats
    partners: NDArray[np.int64]
    groups: tuple[SessionGroup, ...]
    n_left_out: int


def session_tests(
    line: Timeline, windows_s: Sequence[float], stratum: Codes, circles: Sequence[HotCircle] = (), *, rare: bool = True
) -> SessionTests:
    """Return what sessions say of each account.

    Parameters
    ----------
    line : Timeline
        All first actions of each account on each object, hot ones too.
    windows_s : sequence of float
        Seconds, ascending.
    stratum : ndarray of int32, shape (n_accounts,)
        Circle of each account (:mod:`~spmc_tools.chance.pairs.strata`).
    circles : sequence of HotCircle
        For which things were hot.
    rare : bool
        Whether groups of rare meetings and of common strikes are looked for, in windows of ten minutes and less.
    """
    n = line.n_accounts
    price = float(np.log10(max(n, 1) * len(windows_s)))
    least = price - float(np.log10(LEVEL))
    once = bool(np.unique(line.source).size < np.unique(line.object).size)
    shown = [session_pairs(line, window, stratum, least, once=once) for window in windows_s]
    third = np.max([pairs.strongest[:, PARTNERS - 1] for pairs in shown], axis=0)
    p = np.where(third > 0, np.minimum(1.0, 10.0 ** (price - third)), 1.0)
    q = adjusted(p, n)
    wanted = [window for window in windows_s if rare and window <= _WIDEST_RARE_S]
    found = [group for window in wanted for group in rare_groups(acts_in_step(line, window, stratum))]
    groups = _groups(line, shown, windows_s, p, q < LEVEL)
    more = [SessionGroup(group.members, group.window_s, group.n_ties, group.met, np.nan) for group in found]
    more += [_of_circle(line, circle, max(wanted, default=max(windows_s))) for circle in circles]
    struck = [group for window in wanted if once for group in strike_groups(line, window, stratum, len(wanted))]
    of_strikes = sorted((_of_strikes(line, group) for group in struck), key=_largest_first)
    return SessionTests(
        p,
        q,
        _strength(shown, [*found, *circles]),
        shown[0].partners,
        _each_once([*groups, *sorted(more, key=_largest_first), *of_strikes]),
        max(pairs.n_left_out for pairs in shown),
    )


def _of_circle(line: Timeline, circle: HotCircle, window_s: float) -> SessionGroup:
    acts = acts_in_step(line, window_s, np.zeros(line.n_accounts, np.int32))
    told = met(acts, circle.members, circle.acts)
    return SessionGroup(circle.members, window_s, 0, told, np.nan, circle.acts)


def _of_strikes(line: Timeline, group: StrikeGroup) -> SessionGroup:
    acts = acts_in_step(line, group.window_s, np.zeros(line.n_accounts, np.int32))
    told = met(acts, group.members, group.acts)
    return SessionGroup(group.members, group.window_s, 0, told, group.p, group.acts)


def _largest_first(group: SessionGroup) -> tuple[int, list[int], float]:
    return -group.members.size, group.members.tolist(), group.window_s


def _each_once(groups: Sequence[SessionGroup]) -> tuple[SessionGroup, ...]:
    """Return the groups, largest first, without those half of whose members are in one before them."""
    kept: list[SessionGroup] = []
    for group in groups:
        shared = [np.isin(group.members, other.members, assume_unique=True).sum() for other in kept]
        if 2 * max(shared, default=0) < group.members.size:
            kept.append(group)
    return tuple(sorted(kept, key=_largest_first))


def _strength(shown: Sequence[SessionPairs], found: Sequence[RareGroup | HotCircle]) -> Floats:
    """Return by how much sessions order the accounts."""
    of_pairs = [
        np.minimum(pairs.strongest, CAP).sum(axis=1)
        + REPEATED * np.minimum(pairs.repeated[:, PARTNERS - 1], _MOST_REPEATED)
        for pairs in shown
    ]
    standing = np.zeros(of_pairs[0].size)
    for group in found:
        standing[group.members] = np.maximum(standing[group.members], group.standing)
    strength: Floats = np.mean(of_pairs, axis=0) + OF_GROUP * standing
    return strength


def _groups(
    line: Timeline, shown: Sequence[SessionPairs], windows_s: Sequence[float], p: Floats, found: NDArray[np.bool_]
) -> list[SessionGroup]:
    """Return the components of the ties between accounts that were found."""
    a, b = (np.concatenate([getattr(pairs, name) for pairs in shown]) for name in ("a", "b"))
    window = np.repeat(np.arange(len(shown)), [pairs.a.size for pairs in shown])
    tied = found[a] & found[b]
    a, b, window = a[tied], b[tied], window[tied]
    shape = (found.size, found.size)
    _, label = connected_components(sparse.coo_array((np.ones(a.size), (a, b)), shape=shape), directed=False)
    acts: dict[float, ActsInStep] = {}
    groups = []
    for number in np.unique(label[a]):
        members = np.flatnonzero(label == number).astype(np.int32)
        ties = np.flatnonzero(label[a] == number)
        pairs = np.unique(a[ties].astype(np.int64) * found.size + b[ties])
        widest = float(windows_s[int(np.bincount(window[ties]).argmax())])
        if widest not in acts:
            acts[widest] = acts_in_step(line, widest, np.zeros(found.size, np.int32))
        told = met(acts[widest], members)
        groups.append(SessionGroup(members, widest, int(pairs.size), told, float(p[members].max())))
    return groups
