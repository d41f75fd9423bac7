"""The actions that are tested: the first of each account on each object, without hot objects, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs.hot_objects import HotBins, hot_bins
from spmc_tools.chance.pairs.occasions import Timeline, first_actions, micros, timeline
from spmc_tools.coaction.engines.sweep import window_bounds

if TYPE_CHECKING:
    from spmc_tools.coaction.traces.actions import EncodedActions
    from spmc_tools.schema.arrays import Codes, Flags, Longs

__all__ = ["Retained", "first_acts", "quiet", "retain", "source_of_objects", "with_sources"]


@dataclass(frozen=True, slots=True)
class Retained:
    """What is tested, and what was set aside.

    Attributes
    ----------
    line : Timeline
        The retained actions; sources are codes below ``line.n_sources``.
    hot : HotBins
        What was set aside as hot.
    born_us : ndarray of int64, shape (n_objects,)
        Time of the first action on each object, set aside or not.
    n_first : int
        First actions, hot ones included.
    """

    line: Timeline
    hot: HotBins
    born_us: Longs
    n_first: int


def retain(actions: EncodedActions, source_of: Codes, window_s: float) -> Retained:
    """Return the actions that are tested.

    Parameters
    ----------
    actions : EncodedActions
        All actions.
    source_of : ndarray of int32, shape (n_objects,)
        Source code of each object.
    window_s : float
        The widest window, seconds; it decides how wide the bins are in which an object can be hot.
    """
    whole = first_acts(actions, source_of)
    born = np.zeros(len(actions.objects), np.int64)
    _, start = np.unique(whole.object, return_index=True)
    born[whole.object[start]] = whole.t_us[start]
    hot = hot_bins(whole.object, whole.t_us, whole.n_accounts, window_s)
    return Retained(_some(whole, ~hot.action), hot, born, whole.t_us.size)


def first_acts(actions: EncodedActions, source_of: Codes) -> Timeline:
    """Return the first action of each account on each object, hot ones too, with the sources given.

    Parameters
    ----------
    actions, source_of : EncodedActions, ndarray of int32
        As for :func:`retain`.
    """
    rows = first_actions(actions.account, actions.object, actions.t_us)
    account, object_, t_us = actions.account[rows], actions.object[rows], actions.t_us[rows]
    n_sources = int(source_of.max(initial=0)) + 1
    return timeline(account, object_, source_of[object_], t_us, len(actions.accounts), n_sources)


def _some(line: Timeline, keep: Flags) -> Timeline:
    """Return some of the actions of a timeline."""
    return timeline(
        line.account[keep], line.object[keep], line.source[keep], line.t_us[keep], line.n_accounts, line.n_sources
    )


def with_sources(line: Timeline, merged: Codes) -> Timeline:
    """Return the same actions with other source codes: ``merged[old]`` is the new one."""
    return Timeline(
        line.account, line.object, merged[line.source], line.t_us, line.ptr, line.pos, line.n_accounts, line.n_sources
    )


def quiet(line: Timeline, window_s: float, most: int) -> Timeline:
    """Return the actions with at most ``most`` actions on their object within the window, themselves included.

    Parameters
    ----------
    line : Timeline
        The retained actions.
    window_s : float
        Seconds before and after, inclusive.
    most : int
        At most this many, so that the coactions of what is left are at most ``most`` times its actions.
    """
    lo, hi = window_bounds(line.object, line.t_us, micros(window_s))
    return _some(line, hi - lo <= most)


def source_of_objects(actions: EncodedActions) -> tuple[Codes, int]:
    """Return the source code of each object, and how many objects came with more than one source.

    An object's source is that of its earliest action which has one (ties: the smallest id). An object without any is
    its own source; these codes come after those of the named sources.
    """
    n_objects = len(actions.objects)
    if actions.source is None or actions.sources is None:
        return np.arange(n_objects, dtype=np.int32), 0
    source_codes = len(actions.sources) + np.arange(n_objects, dtype=np.int64)
    known = np.flatnonzero(actions.source >= 0)
    object_, source = actions.object[known], actions.source[known]
    order = np.lexsort((source, actions.t_us[known], object_))
    objects, start = np.unique(object_[order], return_index=True)
    source_codes[objects] = source[order][start]
    pairs = np.unique(object_.astype(np.int64) * len(actions.sources) + source)
    several = int((np.unique(pairs // max(len(actions.sources), 1), return_counts=True)[1] > 1).sum())
    return source_codes.astype(np.int32), several
