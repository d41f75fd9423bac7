r"""D: degree-corrected chance, a check that a reader can recompute. No tier depends on it.

With :math:`n_{ij}` distinct objects on which *i* and *j* are in step, :math:`s_i(c) = \sum_{j \in c} n_{ij}` and
:math:`m_{cd}` the sum of :math:`n_{ij}` over the pairs between strata *c* and *d* (each pair once):

.. math::
    \lambda_{ij} = \frac{s_i(c)\, s_j(c)}{2 m_{cc}} \text{ if both lie in } c, \quad
    \lambda_{ij} = \frac{s_i(d)\, s_j(c)}{m_{cd}} \text{ if } i \in c,\ j \in d, \qquad
    p_{ij} = P(\mathrm{Poisson}(\lambda_{ij}) \ge n_{ij})

In words: given how often each of the two is in step with anybody of the other's circle, chance gives :math:`\lambda`
shared objects; we saw *n*. The same with all accounts in one stratum; the larger p is reported, with its
:math:`\lambda`.

Notes
-----
Assumptions: coactions are spread over pairs as in the configuration model. **Known false positives**: fans, whose
objects come in hundreds of one star and count each by itself; spectators of one live event; anyone who is in step a
lot for a short time. **Known misses**: accounts that are in step with each other only; their repetition is their
degree (self-masking): ten accounts with nothing else give :math:`\lambda \approx n`. This is why it is a check and
not the statistic.

References
----------
Karrer, Newman (2011), Stochastic blockmodels and community structure in networks, Physical Review E 83.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs import null_models
from spmc_tools.chance.pairs.occasions import micros
from spmc_tools.coaction.engines.sweep import window_bounds
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from spmc_tools.chance.pairs.occasions import Timeline
    from spmc_tools.schema.arrays import Codes, Floats, Longs


__all__ = ["degree_check"]


def degree_check(
    line: Timeline, window_s: float, stratum: Codes, pairs: tuple[Codes, Codes, Longs]
) -> tuple[Floats, Floats]:
    """Return what the check expects of each pair, and its p.

    Parameters
    ----------
    line, window_s : Timeline, float
        The retained actions; seconds, inclusive.
    stratum : ndarray of int32, shape (n_accounts,)
        Stratum of each account, from 0.
    pairs : (a, b, n)
        Account codes of the pairs, and the objects on which each is in step (retained actions).
    """
    a, b, n = pairs
    lo, hi = window_bounds(line.object, line.t_us, micros(window_s))
    listed = np.unique(np.concatenate([a, b]))
    row = np.full(line.n_accounts, -1, np.int64)
    row[listed] = np.arange(listed.size)
    n_strata = int(stratum.max()) + 1 if stratum.size else 1
    with_, between = _sums(line.account, stratum, lo, hi, row, listed.size, n_strata)
    rows, strata = (row[a], row[b]), (stratum[a], stratum[b])
    single_stratum = np.zeros_like(strata[0]), np.zeros_like(strata[1])
    whole = _expected(with_.sum(axis=1, keepdims=True), between.sum(keepdims=True), rows, single_stratum)
    by_stratum = _expected(with_, between, rows, strata)
    p_whole, p_own = null_models.tail(n.astype(np.int32), whole), null_models.tail(n.astype(np.int32), by_stratum)
    larger = p_own >= p_whole
    return np.where(larger, by_stratum, whole), np.where(larger, p_own, p_whole)


def _expected(
    with_: Longs,
    between: Longs,
    rows: tuple[Longs, Longs],
    strata: tuple[Codes, Codes],
) -> Floats:
    """Return the expectation; ``between[c, d]`` counts each ordered pair of accounts, so that it is 2 m within."""
    c, d = strata
    product = with_[rows[0], d].astype(np.float64) * with_[rows[1], c]
    expected: Floats = product / np.maximum(between[c, d], 1)
    return expected


@compiled
def _sums(account, stratum, lo, hi, row, n_listed, n_strata):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Count the coactions of listed accounts by stratum of the other, and all coactions by both strata, both ways."""
    with_ = np.zeros((n_listed, n_strata), np.int64)
    between = np.zeros((n_strata, n_strata), np.int64)
    for p in range(account.size):
        i = account[p]
        c = stratum[i]
        for q in range(lo[p], hi[p]):
            if q != p:
                d = stratum[account[q]]
                between[c, d] += 1
                if row[i] >= 0:
                    with_[row[i], d] += 1
    return with_, between
