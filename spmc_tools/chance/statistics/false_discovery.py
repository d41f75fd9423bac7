"""From probabilities to findings: false-discovery rates over all pairs, accounts, and on how much a finding rests.

Edges and accounts with a false-discovery rate below ``LEVEL`` are significant. Only pairs with at least
``MIN_OCCASIONS`` occasions are tested; all others count as p = 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from spmc_tools.schema.arrays import Codes, Floats


__all__ = ["LEVEL", "MIN_OCCASIONS", "account_p", "adjusted", "best_per_account", "in_far_tail"]

LEVEL, MIN_OCCASIONS = 0.05, 3
_FAR_TAIL = 1e-9


def in_far_tail(p: float | None) -> bool:
    """Tell whether a probability is below 10⁻⁹: its size is not calibrated there, and no page prints it as a number.

    None and NaN are not.
    """
    return p is not None and p < _FAR_TAIL


def adjusted(p: Floats, n_tests: int) -> Floats:
    r"""Return Benjamini–Hochberg q-values of some p-values out of ``n_tests``, all others being 1.

    .. math:: q_{(k)} = \min_{l \ge k} \frac{m \, p_{(l)}}{l}, \quad \text{at most } 1

    Parameters
    ----------
    p : ndarray of float64, shape (n,)
        The p-values at hand.
    n_tests : int
        :math:`m`, at least ``n``: the tests that were made, those not at hand with p = 1.

    References
    ----------
    Benjamini, Hochberg (1995), J. R. Stat. Soc. B 57, 289–300.
    """
    if not p.size:
        return np.empty(0)
    order = np.argsort(p, kind="stable")
    stepped = p[order] * (max(n_tests, p.size) / np.arange(1, p.size + 1))
    q = np.empty(p.size)
    q[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return q


def best_per_account(p: Floats, a: Codes, b: Codes, n_accounts: int) -> Floats:
    """Return the smallest p of any pair of each account; 1 where it has none."""
    best = np.ones(n_accounts)
    np.minimum.at(best, a, p)
    np.minimum.at(best, b, p)
    return best


def account_p(p: Floats, a: Codes, b: Codes, n_accounts: int, n_windows: int) -> Floats:
    r"""Return p of each account: its best pair, corrected for all partners and windows it could have had.

    .. math:: p_i = \min\left(1, (N - 1) \cdot n_{windows} \cdot \min_j p_{ij}\right)
    """
    return np.minimum(best_per_account(p, a, b, n_accounts) * max(n_accounts - 1, 1) * n_windows, 1.0)
