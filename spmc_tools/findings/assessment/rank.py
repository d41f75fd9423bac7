r"""The order in which to look at accounts.

.. math:: \mathrm{score}_i = T_i \cdot \max(\tfrac12 D_i + \tfrac12 A_i,\ .02) + G_i

:math:`T_i`: the sum of the five largest :math:`-\ln p` over distinct partners, each at most 60. :math:`D_i`: how many
sources these meetings spread over. :math:`A_i`: the share of its coactions, weighted by :math:`-\ln p`, at least an
hour after the first action on their object: fans repost what is fresh. :math:`G_i`:
:math:`\min(-\ln p_i, 60)` of a member of a proven group, 0 for all others.

Notes
-----
A rank is no probability, and a high one is no finding: the factor lowers fans of one or two stars, it does not clear
fans of many. Known false positives: those of the pair rule and of groups. The sum and its weights are this project's
own choice, measured on simulated weeks (``docs/measured/accuracy.md``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.findings.tiers import basis as rests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spmc_tools.findings.assessment.pair_cells import PairCells
    from spmc_tools.findings.assessment.pair_tests import PairTests
    from spmc_tools.findings.assessment.weak_edge_groups import Group

    Floats = NDArray[np.float64]

__all__ = ["rank"]


def rank(pairs: PairTests, cells: PairCells, groups: Sequence[Group], n: int, n_windows: int) -> Floats:
    """Return the score of each account.

    Parameters
    ----------
    pairs, cells, groups, n, n_windows
        As :func:`~spmc_tools.findings.assessment.account_tests.account_tests` takes them.
    """
    repeated = pairs.n_occasions >= 2
    a, b, p = pairs.a[repeated], pairs.b[repeated], pairs.p[repeated]
    strength = rests.strength(np.concatenate([a, b]), np.concatenate([b, a]), np.tile(p, 2), n)
    spread = np.zeros(n)
    for window in range(n_windows):
        use = repeated[cells.pair] & (pairs.window[cells.pair] == window)
        account = np.concatenate([pairs.a[cells.pair[use]], pairs.b[cells.pair[use]]]).astype(np.int64)
        spread = np.maximum(spread, rests.inverse_simpson(account, np.tile(cells.source[use], 2), n))
    weight = np.minimum(-np.log(p), rests.CAP)
    both = np.concatenate([a, b])
    late = np.bincount(both, np.tile(weight * cells.n_late[repeated], 2), n)
    total = np.bincount(both, np.tile(weight * cells.n_coactions[repeated], 2), n)
    share = np.divide(late, total, out=np.zeros(n), where=total > 0)
    score: Floats = strength * rests.diversity(spread, share)
    for group in groups:
        score[group.members] += np.minimum(-np.log(group.p), rests.CAP)
    return score
