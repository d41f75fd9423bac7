r"""How often chance gives at least *x* of *n*, where the draws are not independent: tails of the beta-binomial.

.. math::

    P(X \ge x) = \sum_{k=x}^{n} \binom{n}{k} \frac{B(k + a,\ n - k + b)}{B(a, b)},
    \qquad a = p\,\frac{1 - \rho}{\rho},\quad b = (1 - p)\,\frac{1 - \rho}{\rho}

*p* is the share that chance expects, ρ the correlation of two draws of one object: the posts on one object are by
people of one place, one hour and one taste, so they are more alike than posts drawn from everybody. At ρ = 0 it is the
binomial.

Assumptions: ρ is the same for all objects, and known. Known false positives: an object whose draws hang together more
than ρ says (a reminder that everybody gets at one minute). Sums run in the log domain and from the smallest tail term
upwards by the ratio of neighbours, so a tail of 1e-200 is as exact as one of .1.

References
----------
Skellam (1948), J. R. Stat. Soc. B 10, 257–261; Crowder (1978), Applied Statistics 27, 34–37.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["log_tail", "log_tails"]

_NONE = 1e-7
"""Below this the gamma functions of so large arguments cancel, and it is the binomial to seven digits."""


@compiled
def log_tail(x, n, p, rho):  # type: ignore[no-untyped-def]
    """Return ln P(X >= x) for X beta-binomial with n draws, mean share p and correlation rho; -inf where impossible.

    Parameters
    ----------
    x, n : int
        Successes and draws, at least 0.
    p : float
        From 0 to 1.
    rho : float
        From 0, the binomial, to below 1.
    """
    if x <= 0:
        return 0.0
    if x > n or p <= 0.0:
        return -np.inf
    if p >= 1.0:
        return 0.0
    if rho < _NONE:
        rho = 0.0
    log_choose = math.lgamma(n + 1.0) - math.lgamma(x + 1.0) - math.lgamma(n - x + 1.0)
    a = b = 0.0
    if rho > 0.0:
        size = (1.0 - rho) / rho
        a, b = p * size, (1.0 - p) * size
        first = log_choose + math.lgamma(x + a) + math.lgamma(n - x + b) - math.lgamma(n + a + b)
        first += math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    else:
        first = log_choose + x * math.log(p) + (n - x) * math.log1p(-p)
    term = total = 1.0
    for k in range(x, n):
        ratio = (n - k) / (k + 1.0)
        ratio *= (k + a) / (n - k - 1.0 + b) if rho > 0.0 else p / (1.0 - p)
        term *= ratio
        total += term
        if total > 1e200:
            first += math.log(total)
            term /= total
            total = 1.0
        if ratio < 1.0 and (rho <= 0.0 or b >= 1.0) and term * (n - k) < 1e-18 * total:
            break  # from here on every term is smaller than the one before
    return min(first + math.log(total), 0.0)


@compiled
def _each(x, n, p, rho, found):  # type: ignore[no-untyped-def]
    for i in range(found.size):
        found[i] = log_tail(x[i], n[i], p[i], rho[i])


def log_tails(x: ArrayLike, n: ArrayLike, p: ArrayLike, rho: ArrayLike) -> NDArray[np.float64]:
    """Return ln P(X >= x) for each of some counts; the arguments are broadcast against each other.

    Parameters
    ----------
    x, n, p, rho : array_like
        As :func:`log_tail` takes them.

    Returns
    -------
    ndarray of float64
        Never NaN; 0 where x is 0, -inf where x cannot be reached.
    """
    whole = [np.asarray(value, np.int64) for value in (x, n)]
    shape = np.broadcast_shapes(*(np.shape(value) for value in (x, n, p, rho)))
    real = [np.asarray(value, np.float64) for value in (p, rho)]
    found = np.empty(shape).ravel()
    _each(*(np.array(np.broadcast_to(value, shape)).ravel() for value in (*whole, *real)), found)
    return found.reshape(shape)
