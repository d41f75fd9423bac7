"""The checks that a reader can recompute, beside the listed pairs of an assessment. No tier depends on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.degree_check import degree_check
from spmc_tools.chance.habit_of_early import habit_of_early
from spmc_tools.chance.time_local_bound import object_shares, time_local_bound

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from spmc_tools.chance.retained import Retained
    from spmc_tools.findings.pair_cells import PairCells
    from spmc_tools.findings.pair_tests import PairTests

__all__ = ["with_checks"]


def with_checks(
    edges: pd.DataFrame,
    kept: Retained,
    tests: tuple[PairTests, PairCells],
    windows: tuple[float, ...],
    stratum: NDArray[np.int32],
) -> pd.DataFrame:
    """Return the edges with the columns of the three checks.

    Parameters
    ----------
    edges : pandas.DataFrame
        Pairs with at least two occasions, in the order of ``tests``.
    kept : Retained
        What was tested.
    tests : (PairTests, PairCells)
        All listed pairs and the objects they are in step on.
    windows : tuple of float
        Seconds.
    stratum : ndarray of int32, shape (n_accounts,)
        Stratum of each account.
    """
    pairs, cells = tests
    listed = pairs.n_occasions >= 2
    parts = []
    shares = object_shares(kept.line, kept.hot)
    for number, window in enumerate(windows):
        rows = np.flatnonzero(listed & (pairs.window == number))
        a, b, n = pairs.a[rows], pairs.b[rows], cells.n_coactions[rows]
        expected, p = degree_check(kept.line, window, stratum, (a, b, n))
        local = time_local_bound(kept.line, shares, window, a, b)
        habit = habit_of_early(kept.line, window, a, b)
        parts.append(
            {
                "n_retained": n,
                "expected_degree_check": expected,
                "p_degree_check": p,
                "time_weight": local.weight,
                "n_cotimed": local.n_cotimed,
                "p_time_local": local.p,
                "n_habit": habit.n_objects,
                "expected_habit": habit.expected,
                "p_habit": habit.p,
            }
        )
    return edges.assign(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
