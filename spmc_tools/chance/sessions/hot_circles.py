"""Hot for everybody, or for one circle: who is behind the objects that were set aside, or that a crowd filled.

What everybody shares is set aside before pairs are tested (:mod:`~spmc_tools.chance.pairs.hot_objects`). A group that
is large enough, at an hour that is quiet enough, makes its own objects hot and so would hide behind "everybody"; or it
fills the hour, so that dealing acts anew within it expects its meetings. Both are told apart by who comes back:

1. *Full* acts are those on hot objects, and those in step with nineteen others or more on their object within ten
   minutes. They are taken six hours at a time, on two grids three hours apart.
2. The *circle* of such hours are the accounts that act on at least three tenths of the sources of full acts, five
   accounts or more. What everybody shares has none: few people pass on three tenths of all that is full.
3. An object is the circle's if at least four fifths of the accounts on it in these hours are of the circle.
4. The circle stands if nine sources or more are its own: fans of eight stars and viewers of one event have fewer.

A circle is a group to look at, and names nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs.occasions import GAP_US, micros
from spmc_tools.chance.sessions.rare_meetings import STANDING
from spmc_tools.coaction.engines.sweep import window_bounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.hot_objects import HotBins
    from spmc_tools.chance.pairs.occasions import Timeline

    Codes = NDArray[np.int32]

__all__ = ["FULL", "LEAST_SOURCES", "OWN_SHARE", "SHARE_OF_SOURCES", "HotCircle", "hot_circles"]

FULL = 20
"""So many accounts on one object within ten minutes fill it, at least."""

LEAST_SOURCES = 9
"""A circle has so many sources of its own, at least."""

SHARE_OF_SOURCES = 0.3
"""Who acts on this share of the sources of these hours belongs to its circle, inclusive."""

OWN_SHARE = 0.8
"""From this share of its accounts on, inclusive, an object is the circle's."""

_LEAST_MEMBERS, _FULL_S = 5, 600.0


@dataclass(frozen=True, slots=True)
class HotCircle:
    """Accounts for which things were hot.

    ``members``: account codes, ascending. ``acts``: numbers of the acts of anybody on their objects, in the timeline.
    ``standing``: as if it were a group of rare meetings that just stands out.
    """

    members: Codes
    acts: NDArray[np.int64]
    standing: float = STANDING


def hot_circles(line: Timeline, hot: HotBins) -> list[HotCircle]:
    """Return the circles for which what was set aside was hot, or that filled their hours, by time.

    Parameters
    ----------
    line : Timeline
        All first actions of each account on each object, hot ones too.
    hot : HotBins
        Of this timeline.
    """
    lo, hi = window_bounds(line.object, line.t_us, micros(_FULL_S))
    act = np.flatnonzero(hot.action | (hi - lo >= FULL))
    act = act[np.argsort(line.t_us[act], kind="stable")]
    found: list[HotCircle] = []
    for shift in (0, GAP_US // 2):
        ends = np.flatnonzero(np.diff((line.t_us[act] + shift) // GAP_US)) + 1
        found += [circle for hours in np.split(act, ends) if (circle := _circle(line, hours)) is not None]
    found.sort(key=lambda circle: (-circle.members.size, -circle.acts.size, circle.acts[0]))
    kept: list[HotCircle] = []
    for circle in found:
        if not any(np.isin(circle.acts, other.acts).any() for other in kept):
            kept.append(circle)
    return sorted(kept, key=lambda circle: int(line.t_us[circle.acts].min()))


def _circle(line: Timeline, act: NDArray[np.int64]) -> HotCircle | None:
    """Return the circle of the full acts of six hours, if there is one."""
    sources = np.unique(line.source[act])
    if sources.size < LEAST_SOURCES:
        return None
    touched = np.unique(line.account[act].astype(np.int64) * line.n_sources + line.source[act])
    accounts, n = np.unique(touched // line.n_sources, return_counts=True)
    members = accounts[n >= max(SHARE_OF_SOURCES * sources.size, LEAST_SOURCES * SHARE_OF_SOURCES)]
    if members.size < _LEAST_MEMBERS:
        return None
    inside = np.isin(line.account[act], members)
    place = np.unique(line.object[act], return_inverse=True)[1]
    share = np.bincount(place, inside) / np.bincount(place)
    own = share[place] >= OWN_SHARE
    if np.unique(line.source[act[own]]).size < LEAST_SOURCES:
        return None
    return HotCircle(members.astype(np.int32), np.sort(act[own]))
