r"""The window that the data itself suggests, as CooRnet chooses it.

Of each object with at least five accounts: the time from its first action to the one by which half of its accounts
had acted (each account counts with its first). Of the fastest tenth of the objects: the median of that time, rounded
up to whole seconds.

Notes
-----
It is an option, no default: the windows of the traces are the same in all cases, so that their error rates, which were
measured, hold. **Known pitfalls**: the fastest tenth of the objects is where a campaign is, if there is one, and
where the crowd of a live event is, if there is none: the number says how fast the fastest are, not how fast chance
is. With few objects it rests on a handful.

References
----------
Giglietto, Righetti, Rossi, Marino (2020), It takes a village to manipulate the media, Information, Communication &
Society 23(6); the R package CooRnet, function ``estimate_coord_interval``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FASTEST", "FEWEST_ACCOUNTS", "suggested_window_s"]

FASTEST = 0.1
"""Share of the objects, the fastest ones, that the suggestion rests on."""

FEWEST_ACCOUNTS = 5


def suggested_window_s(
    actions: Any, *, fastest: float = FASTEST, fewest_accounts: int = FEWEST_ACCOUNTS
) -> float | None:
    """Return the window in whole seconds that the fastest objects suggest, at least 1; None where no object is able.

    Parameters
    ----------
    actions : DataFrame, Arrow table, path or glob of Parquet
        ``account_id, object_id, t``, as :func:`spmc_tools.coactions` takes them.
    fastest : float
        Share of the objects, above 0 and at most 1; at least one object counts.
    fewest_accounts : int
        Objects with fewer accounts say nothing of speed; at least 2.

    Raises
    ------
    ActionsError
        Where the actions lack a column or hold a null id or time.
    ParameterError
        Where the share or the number cannot be used.
    """
    from spmc_tools.coaction.traces.actions import encode
    from spmc_tools.errors import ParameterError, quote

    if not isinstance(fastest, (int, float)) or isinstance(fastest, bool) or not 0 < fastest <= 1:
        raise ParameterError(f"fastest is {quote(fastest)}, wanted a share above 0 and at most 1.")
    if not isinstance(fewest_accounts, int) or isinstance(fewest_accounts, bool) or fewest_accounts < 2:
        raise ParameterError(f"fewest_accounts is {quote(fewest_accounts)}, wanted a whole number from 2 on.")
    encoded = encode(actions, optional=())
    order = np.lexsort((encoded.t_us, encoded.account, encoded.object))
    account, object_, t_us = encoded.account[order], encoded.object[order], encoded.t_us[order]
    first = np.ones(order.size, dtype=bool)
    first[1:] = (np.diff(account) != 0) | (np.diff(object_) != 0)
    return _of_times(object_[first], t_us[first], (fastest, fewest_accounts))


def _of_times(object_: Any, t_us: Any, limits: Sequence[float]) -> float | None:
    fastest, fewest = limits
    order = np.lexsort((t_us, object_))
    object_, t_us = object_[order], t_us[order]
    if not object_.size:
        return None
    _, start, size = np.unique(object_, return_index=True, return_counts=True)
    able = size >= fewest
    if not able.any():
        return None
    start, size = start[able], size[able]
    half = np.sort(t_us[start + (size + 1) // 2 - 1] - t_us[start])
    chosen = half[: max(1, math.floor(fastest * half.size))]
    return float(max(1, math.ceil(float(np.median(chosen)) / 1e6)))
