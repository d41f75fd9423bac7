"""The checks that a reader can recompute, beside the listed pairs of an assessment. No tier depends on them.

They cost more than all tests together, and the viewers of one tournament make millions of pairs that say nothing.
Where a window has more than a hundred thousand pairs, the checks are worked out for all that are significant or inside
a proven group and for those with the smallest p; for the others they are missing, and counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spmc_tools.chance.checks.degree_check import degree_check
from spmc_tools.chance.checks.habit_of_early import habit_of_early
from spmc_tools.chance.checks.time_local_bound import object_shares, time_local_bound
from spmc_tools.chance.statistics.false_discovery import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.retained import Retained
    from spmc_tools.findings.assessment.pair_cells import PairCells
    from spmc_tools.findings.assessment.pair_tests import PairTests

__all__ = ["MOST_CHECKED", "checked", "with_checks"]

MOST_CHECKED = 100_000
"""In each window the checks are worked out for at most this many pairs, beside those that are shown."""


def checked(p: NDArray[np.float64], shown: NDArray[np.bool_], most: int) -> NDArray[np.bool_]:
    """Return which pairs of one window are checked: those shown, and those with the smallest p, at most ``most``.

    Pairs with one p are all checked or none of them, so that the order of the pairs decides nothing.

    Parameters
    ----------
    p : ndarray of float64, shape (n,)
        Of each pair.
    shown : ndarray of bool, shape (n,)
        Pairs that are checked whatever their p.
    most : int
        The number.
    """
    if p.size <= most:
        return np.ones(p.size, bool)
    is_checked: NDArray[np.bool_] = shown | (p < np.partition(p, most)[most])
    return is_checked


def with_checks(
    edges: pd.DataFrame,
    kept: Retained,
    tests: tuple[PairTests, PairCells],
    windows: tuple[float, ...],
    stratum: NDArray[np.int32],
) -> pd.DataFrame:
    """Return the edges with the columns of the three checks, missing for pairs that are not checked.

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
    listed = np.flatnonzero(pairs.n_occasions >= 2)
    shown = (edges["q"].to_numpy() < LEVEL) | (edges["p_group"].to_numpy() < 1)
    shares = object_shares(kept.line, kept.hot)
    parts = []
    for number, window in enumerate(windows):
        place = np.flatnonzero(pairs.window[listed] == number)
        place = place[checked(pairs.p[listed[place]], shown[place], MOST_CHECKED)]
        rows = listed[place]
        a, b, n = pairs.a[rows], pairs.b[rows], cells.n_coactions[rows]
        expected, p = degree_check(kept.line, window, stratum, (a, b, n))
        local = time_local_bound(kept.line, shares, window, a, b)
        habit = habit_of_early(kept.line, window, a, b)
        parts.append(
            pd.DataFrame(
                {
                    "n_retained": pd.array(n, "Int64"),
                    "expected_degree_check": expected,
                    "p_degree_check": p,
                    "time_weight": local.weight,
                    "n_cotimed": pd.array(local.n_cotimed, "Int64"),
                    "p_time_local": local.p,
                    "n_habit": pd.array(habit.n_objects, "Int64"),
                    "expected_habit": habit.expected,
                    "p_habit": habit.p,
                },
                index=edges.index[place],
            )
        )
    return edges.join(pd.concat(parts))
