r"""Accounts that acted together within sessions: who has three partners that chance does not explain, and which group.

An account's probability is that of its third strongest partner, paid for by the number of accounts that could have been
its partner and by the windows, :math:`p_i = \min(1,\ W N\, 10^{-e_{i(3)}})`; q is its false-discovery rate over all
accounts. Accounts with q below .05 that are tied to each other by evidence beyond the same bound form a group. One
strong partner is no group: two friends share an evening.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from spmc_tools.chance.sessions.session_pairs import session_pairs
from spmc_tools.chance.statistics.false_discovery import LEVEL, adjusted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.chance.sessions.session_pairs import SessionPairs

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int32]

__all__ = ["CAP", "PARTNERS", "SessionGroup", "SessionTests", "session_tests"]

PARTNERS = 3
"""The evidence of an account is that of its partner of this rank."""

CAP = 30.0
"""Evidence of a pair counts for at most this in the strength of an account."""


@dataclass(frozen=True, slots=True)
class SessionGroup:
    """Accounts tied together within sessions.

    ``members``: account codes, ascending. ``window_s``: the window in which most of its ties are. ``n_ties``: pairs of
    members with evidence beyond the bound. ``n_sources``: the largest number of different sources that one pair shared
    in step, and ``expected`` of that pair. ``p``: the largest of the members' probabilities.
    """

    members: Codes
    window_s: float
    n_ties: int
    n_sources: int
    expected: float
    p: float


@dataclass(frozen=True, slots=True)
class SessionTests:
    """What sessions say of each account, arrays of shape (n_accounts,), and the groups.

    Attributes
    ----------
    p, q : ndarray of float64
        Of the third strongest partner; see the module.
    strength : ndarray of float64
        Sum of the evidence with its five strongest partners, each at most 30; the mean over the windows. It orders
        accounts and is no probability.
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


def session_tests(line: Timeline, windows_s: Sequence[float], stratum: Codes) -> SessionTests:
    """Return what sessions say of each account.

    Parameters
    ----------
    line : Timeline
        All first actions of each account on each object, hot ones too.
    windows_s : sequence of float
        Seconds, ascending.
    stratum : ndarray of int32, shape (n_accounts,)
        Circle of each account (:mod:`~spmc_tools.chance.pairs.strata`).
    """
    n = line.n_accounts
    price = float(np.log10(max(n, 1) * len(windows_s)))
    least = price - float(np.log10(LEVEL))
    shown = [session_pairs(line, window, stratum, least) for window in windows_s]
    third = np.max([pairs.strongest[:, PARTNERS - 1] for pairs in shown], axis=0)
    p = np.where(third > 0, np.minimum(1.0, 10.0 ** (price - third)), 1.0)
    q = adjusted(p, n)
    strength = np.mean([np.minimum(pairs.strongest, CAP).sum(axis=1) for pairs in shown], axis=0)
    groups = _groups(shown, windows_s, p, q < LEVEL)
    return SessionTests(p, q, strength, shown[0].partners, groups, max(pairs.n_left_out for pairs in shown))


def _groups(
    shown: Sequence[SessionPairs], windows_s: Sequence[float], p: Floats, found: NDArray[np.bool_]
) -> tuple[SessionGroup, ...]:
    """Return the components of the ties between accounts that were found."""
    a, b, n_sources = (np.concatenate([getattr(pairs, name) for pairs in shown]) for name in ("a", "b", "n_sources"))
    expected = np.concatenate([pairs.expected for pairs in shown])
    window = np.repeat(np.arange(len(shown)), [pairs.a.size for pairs in shown])
    tied = found[a] & found[b]
    a, b, n_sources, expected, window = a[tied], b[tied], n_sources[tied], expected[tied], window[tied]
    shape = (found.size, found.size)
    _, label = connected_components(sparse.coo_array((np.ones(a.size), (a, b)), shape=shape), directed=False)
    groups = []
    for number in np.unique(label[a]):
        members = np.flatnonzero(label == number).astype(np.int32)
        ties = np.flatnonzero(label[a] == number)
        most = ties[np.lexsort((expected[ties], -n_sources[ties]))[0]]
        pairs = np.unique(a[ties].astype(np.int64) * found.size + b[ties])
        widest = int(np.bincount(window[ties]).argmax())
        groups.append(
            SessionGroup(
                members,
                float(windows_s[widest]),
                int(pairs.size),
                int(n_sources[most]),
                float(expected[most]),
                float(p[members].max()),
            )
        )
    return tuple(sorted(groups, key=lambda group: (-group.members.size, group.members.tolist())))
