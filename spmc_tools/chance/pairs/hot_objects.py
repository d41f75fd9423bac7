"""Hot objects: what everybody is sharing at a time, set aside before anything is counted.

A festival greeting or the hashtag of the day brings any two accounts together. Such actions are left out of the
statistic and of the chance model alike, and counted.

An object is hot in a bin where it takes at least ``HOT_SHARE`` of all actions of the bin (of ``MIN_BIN`` actions where
the bin has fewer), and is on at least ``MIN_ACCOUNT_SHARE`` of all accounts and on at least ``MIN_ACCOUNTS``: one
hundredth of a small collection is the size of a campaign, not of everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from spmc_tools.schema.arrays import Codes, Flags, Floats, Longs

__all__ = ["HOT_SHARE", "MIN_ACCOUNTS", "MIN_BIN", "HotBins", "bin_width_s", "hot_bins"]

HOT_SHARE, MIN_BIN = 0.05, 20
MIN_ACCOUNT_SHARE, MIN_ACCOUNTS = 0.01, 50
_BINS_S, _MIN_MEDIAN = (600, 900, 1800, 3600, 7200, 21600), 500


@dataclass(frozen=True, slots=True)
class HotBins:
    """Which actions are hot, and the (object, bin) pairs that made them so.

    Attributes
    ----------
    action : ndarray of bool, shape (n_actions,)
        True where the action is set aside.
    object : ndarray of int32, shape (n_hot,)
        The object of each hot (object, bin), ascending by object, then bin.
    start_us : ndarray of int64, shape (n_hot,)
        Start of the bin, microseconds since 1970 UTC, inclusive; the bin ends ``bin_s`` later, exclusive.
    bin_s : int
        Width of a bin, seconds.
    n_actions : ndarray of int64, shape (n_hot,)
        Actions of the object in the bin.
    share : ndarray of float64, shape (n_hot,)
        ``n_actions`` over all actions of the bin (at least 20).
    """

    action: Flags
    object: Codes
    start_us: Longs
    bin_s: int
    n_actions: Longs
    share: Floats


def bin_width_s(t_us: Longs, window_s: float) -> int:
    """Return the bin width in seconds for a window.

    The smallest of 10 min, 15 min, 30 min, 1 h, 2 h and 6 h that is at least six windows wide and holds at least
    500 actions in the median bin (of the bins with any action); else the larger of 6 h and six windows.

    Parameters
    ----------
    t_us : ndarray of int64
        Times of the actions, microseconds since 1970 UTC.
    window_s : float
        The widest window, seconds.
    """
    for width in _BINS_S:
        if width < 6 * window_s:
            continue
        _, counts = np.unique(t_us // (width * 1_000_000), return_counts=True)
        if counts.size and np.median(counts) >= _MIN_MEDIAN:
            return width
    return max(_BINS_S[-1], int(np.ceil(6 * window_s)))


def hot_bins(object_: Codes, t_us: Longs, n_accounts: int, window_s: float) -> HotBins:
    r"""Return the actions on what everybody is sharing.

    Object *o* is hot in bin *b* where :math:`N_o(b) / \max(N(b), 20) \ge .05` and *o* is on at least one in a
    hundred accounts and on at least 50.

    Parameters
    ----------
    object_ : ndarray of int32, shape (n,)
        Object code of each action; each (account, object) once.
    t_us : ndarray of int64, shape (n,)
        Time of each action, microseconds since 1970 UTC.
    n_accounts : int
        All accounts seen.
    window_s : float
        The widest window, seconds: it decides the bin width.

    Notes
    -----
    A campaign that is on one object with more than one in a hundred accounts is set aside with it; its other
    objects remain, and ``excluded`` shows it. The floor of 50 accounts keeps this from happening to twenty accounts
    in a collection of two thousand.
    """
    width = bin_width_s(t_us, window_s)
    if not t_us.size:
        empty = np.empty(0, np.int64)
        return HotBins(np.zeros(0, bool), np.empty(0, np.int32), empty, width, empty, np.empty(0))
    bins = t_us // (width * 1_000_000)
    first_bin = int(bins.min())
    n_bins = int(bins.max()) - first_bin + 1
    in_bin, bin_of = np.unique(bins, return_inverse=True)
    bin_total = np.bincount(bin_of)
    on_accounts = np.bincount(object_)
    wide = on_accounts >= max(MIN_ACCOUNTS, MIN_ACCOUNT_SHARE * n_accounts)
    candidate = np.flatnonzero(wide[object_])
    key = object_[candidate].astype(np.int64) * n_bins + (bins[candidate] - first_bin)
    keys, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    of_bin = np.searchsorted(in_bin, keys % n_bins + first_bin)
    share = counts / np.maximum(bin_total[of_bin], MIN_BIN)
    hot = share >= HOT_SHARE
    action = np.zeros(t_us.size, bool)
    action[candidate] = hot[inverse]
    start = (keys[hot] % n_bins + first_bin) * (width * 1_000_000)
    return HotBins(
        action, (keys[hot] // n_bins).astype(np.int32), start, width, counts[hot].astype(np.int64), share[hot]
    )
