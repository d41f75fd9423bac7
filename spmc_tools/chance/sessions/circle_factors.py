r"""How much more readily two circles of readers meet than two accounts of everybody, by what they read.

Accounts of a circle (:mod:`~spmc_tools.chance.pairs.strata`) read the same sources, and so meet there again and again.
With :math:`n_s` pairs in step on source *s*, :math:`m_s` acts on it, and the lift
:math:`\ell_c(s) = \frac{d_{cs} / q(s) + \tau}{d_c + \tau}` of circle *c* (its out-of-step acts :math:`d_{cs}` against
everybody's share :math:`q(s)`, smoothed by :math:`\tau = 20` acts; 1 on a source that nobody reads out of step):

.. math::
    F_{cc'} = \max\left(1,\ \frac{\sum_s n_s \ell_c(s) \ell_{c'}(s) / \sum_s n_s}{z_c z_{c'}}\right), \quad
    z_c = \frac{\sum_s m_s \ell_c(s)}{\sum_s m_s}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from spmc_tools.chance.pairs.null_models import reading
from spmc_tools.chance.pairs.occasions import out_of_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.chance.pairs.occasions import Timeline

    Floats = NDArray[np.float64]

__all__ = ["circle_factors"]

_SMOOTHING = 20.0


def circle_factors(line: Timeline, pairs: Floats, stratum: NDArray[np.int32], window_s: float) -> Floats:
    """Return the factor of each two circles, at least 1; a single circle has 1.

    Parameters
    ----------
    line : Timeline
        Each (account, object) once.
    pairs : ndarray of float64, shape (n,)
        Pairs in step in which each act is the earlier one.
    stratum : ndarray of int32, shape (n_accounts,)
        Circle of each account, from 0.
    window_s : float
        Seconds; acts with nobody else within it are out of step.

    Returns
    -------
    ndarray of float64, shape (n_circles, n_circles)
    """
    n_circles = int(stratum.max(initial=0)) + 1
    in_step = np.bincount(line.source, pairs, line.n_sources)
    if n_circles == 1 or not in_step.any():
        return np.ones((n_circles, n_circles))
    shape = (line.n_accounts, line.n_sources)
    slow = reading(line.account, line.source, out_of_step(line, window_s), shape)
    member = sparse.csr_array((np.ones(stratum.size), (stratum, np.arange(stratum.size))), (n_circles, stratum.size))
    of_circle = sparse.csr_array(member @ slow)
    total = np.asarray(of_circle.sum(axis=1)).ravel()
    everybody = np.asarray(of_circle.sum(axis=0)).ravel()
    known = everybody > 0
    share = np.where(known, everybody, 1.0) / max(everybody.sum(), 1.0)
    lifted = sparse.csr_array(of_circle @ sparse.diags_array(known / share))
    scale = 1 / (total + _SMOOTHING)

    def summed(weight: Floats) -> Floats:
        lifts: Floats = scale * (lifted @ weight + _SMOOTHING * weight[known].sum()) + weight[~known].sum()
        return lifts

    inside = lifted @ (sparse.diags_array(in_step) @ lifted.T)
    once = lifted @ in_step
    both = inside.toarray() + _SMOOTHING * np.add.outer(once, once) + _SMOOTHING**2 * in_step[known].sum()
    joint = np.outer(scale, scale) * both + in_step[~known].sum()
    acts = np.bincount(line.source, minlength=line.n_sources).astype(np.float64)
    usual = summed(acts) / max(acts.sum(), 1.0)
    factors: Floats = np.maximum(joint / in_step.sum() / np.outer(usual, usual), 1.0)
    return factors
