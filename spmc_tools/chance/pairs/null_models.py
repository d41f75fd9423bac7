r"""What chance expects of two accounts: two models, neither of which accounts acting together can feed themselves.

*Partner degree*: how many different accounts each of the two ever met. *Slow interest*: which sources each of the two
reads when nobody else is around, and how often anybody is in step on these sources. The larger expectation counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse, special

from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from spmc_tools.schema.arrays import Codes, Flags, Floats, Longs


__all__ = [
    "TAU", "SlowInterest", "amounts", "log_tail", "partner_degree", "reading", "share_of", "slow_interest", "tail",
]  # fmt: skip

TAU = 5.0
"""How many out-of-step actions the stratum's reading is worth beside an account's own."""

_AT_A_TIME = 1_000_000
_MAX_MEETING = 0.95
_MAX_FACTOR = 4.0
_TINY = float(np.finfo(np.float64).tiny)


def partner_degree(partners: Longs, n_in_step: int, a: Codes, b: Codes) -> Floats:
    r"""Return the occasions that the partner-degree model expects of each pair.

    .. math:: \lambda^1_{ij} = -\ln\left(1 - \min\left(\frac{(k_i + 1)(k_j + 1)}{2M}, .95\right)\right)

    Parameters
    ----------
    partners : ndarray of int64, shape (n_accounts,)
        :math:`k_i`, how many different accounts were ever in step with ``i``.
    n_in_step : int
        :math:`M`, how many pairs were ever in step.
    a, b : ndarray of int32, shape (n_pairs,)
        Account codes of the pairs.

    Notes
    -----
    Repetition is what is tested, so it does not enter the degree. The expectation never exceeds 3.
    """
    k = partners.astype(np.float64) + 1.0
    meeting = k[a] * k[b] / (2.0 * max(n_in_step, 1))
    return -np.log1p(-np.minimum(meeting, _MAX_MEETING))


@dataclass(frozen=True, slots=True)
class SlowInterest:
    r"""The slow-interest model, fitted for one window; :meth:`expected` gives its numbers for pairs.

    Attributes
    ----------
    own : scipy.sparse.csr_array, shape (n_accounts, n_sources)
        :math:`d_{ia}`, out-of-step actions.
    shared : scipy.sparse.csr_array, shape (n_strata, n_sources)
        :math:`q_c(a)`, each source's share of the out-of-step actions of a stratum.
    stratum : ndarray of int32, shape (n_accounts,)
        Stratum of each account.
    scale : ndarray of float64, shape (n_accounts,)
        :math:`g_i = n_i / (n^\circ_i + \tau)`, so that :math:`\mu_{ia} = g_i (d_{ia} + \tau q_c(a))`.
    rate : ndarray of float64, shape (n_sources,)
        :math:`\rho_a`, pairs in step on a source per unit of joint interest; 0 where nobody reads it slowly.
    factor : ndarray of float64, shape (n_accounts,)
        :math:`\varphi_i`, how much more often an account meets others than its reading explains, between 1 and 4.
    between : ndarray of float64, shape (n_strata, n_strata)
        :math:`\sum_a \rho_a q_c(a) q_{c'}(a)`.
    """

    own: sparse.csr_array
    shared: sparse.csr_array
    stratum: Codes
    scale: Floats
    rate: Floats
    factor: Floats
    between: Floats

    def expected(self, a: Codes, b: Codes) -> Floats:
        r"""Return the occasions that slow interest expects of each pair.

        .. math:: \lambda^2_{ij} = \varphi_i \varphi_j \sum_a \rho_a \mu_{ia} \mu_{ja}
        """
        both = self.scale * self.factor
        expected: Floats = both[a] * both[b] * self.joint(a, b)
        return expected

    def joint(self, a: Codes, b: Codes) -> Floats:
        r"""Return :math:`\sum_a \rho_a (d_{ia} + \tau q_{c(i)}(a)) (d_{ja} + \tau q_{c(j)}(a))` of each pair.

        Only the sources that both read, or that one reads and the other's stratum does, are looked at; the rest is
        ``between``.
        """
        overlap = _overlap(
            a,
            b,
            self.own.indptr.astype(np.int64),
            self.own.indices,
            self.own.data,
            self.shared.indptr.astype(np.int64),
            self.shared.indices,
            self.shared.data,
            self.stratum,
            self.rate,
            TAU,
        )
        joint: Floats = overlap + TAU**2 * self.between[self.stratum[a], self.stratum[b]]
        return joint


def reading(account: Codes, source: Codes, chosen: Flags, shape: tuple[int, int]) -> sparse.csr_array:
    """Return the matrix of the chosen actions, accounts by sources, columns in order."""
    ones = np.ones(int(chosen.sum()))
    matrix = sparse.csr_array(sparse.coo_array((ones, (account[chosen], source[chosen])), shape=shape))
    matrix.sum_duplicates()
    matrix.sort_indices()
    return matrix


def amounts(counts: sparse.csr_array, row: Codes, column: Codes) -> Floats:
    """Return the values of single cells of a matrix whose columns are in order; 0 where nothing is stored."""
    found: Floats = _cells(counts.indptr.astype(np.int64), counts.indices, counts.data, row, column)
    return found


def slow_interest(
    slow_counts: sparse.csr_array,
    n_actions: Longs,
    stratum: Codes,
    partners: Longs,
    in_step_on: Longs,
) -> SlowInterest:
    r"""Return the slow-interest model of one window.

    With :math:`n_i` all actions of an account, :math:`d_{ia}` its out-of-step actions on source *a*,
    :math:`n^\circ_i = \sum_a d_{ia}`, :math:`q_c(a)` the share of *a* among the out-of-step actions of its stratum,
    :math:`C_a` the pairs ever in step on *a* and :math:`\tau = 5`:

    .. math::
        \mu_{ia} = n_i \frac{d_{ia} + \tau q_{c(i)}(a)}{n^\circ_i + \tau}, \quad
        \rho_a = \frac{C_a}{\sum_{i<j} \mu_{ia} \mu_{ja}}, \quad
        \varphi_i = \mathrm{clip}\left(\frac{k_i + 5}{E_i + 5}, 1, 4\right), \quad
        E_i = \sum_{j \ne i} \sum_a \rho_a \mu_{ia} \mu_{ja}

    Parameters
    ----------
    slow_counts : scipy.sparse.csr_array, shape (n_accounts, n_sources)
        :math:`d_{ia}`.
    n_actions : ndarray of int64, shape (n_accounts,)
        :math:`n_i`.
    stratum : ndarray of int32, shape (n_accounts,)
        Stratum codes from 0.
    partners : ndarray of int64, shape (n_accounts,)
        :math:`k_i`.
    in_step_on : ndarray of int64, shape (n_sources,)
        :math:`C_a`.

    Notes
    -----
    The sums over pairs come in closed form, :math:`\sum_{i<j} \mu_i \mu_j = ((\sum \mu)^2 - \sum \mu^2) / 2`.
    A source that nobody ever reads out of step has no slow interest: it adds nothing here, and the partner degree
    alone speaks for it.
    """
    scale = n_actions / (np.asarray(slow_counts.sum(axis=1)).ravel() + TAU)
    membership = _membership(stratum)
    shared = _shares(membership @ slow_counts)
    shared_of_own = _same_cells(slow_counts, shared, stratum)
    rows = np.repeat(np.arange(slow_counts.shape[0]), np.diff(slow_counts.indptr))
    g, d, column = scale[rows], slow_counts.data, slow_counts.indices
    n_sources = slow_counts.shape[1]
    total = np.bincount(column, g * d, n_sources) + TAU * (shared.T @ (membership @ scale))
    squares = np.bincount(column, g**2 * (d**2 + 2 * TAU * d * shared_of_own), n_sources)
    squares = squares + TAU**2 * (shared.power(2).T @ (membership @ scale**2))
    joint = np.maximum(total**2 - squares, 0.0) / 2
    rate = np.divide(in_step_on, joint, out=np.zeros(n_sources), where=joint > 1e-12 * total**2)
    met = d * total[column] - g * (d**2 + 2 * TAU * d * shared_of_own)
    expected = np.bincount(rows, rate[column] * met, slow_counts.shape[0])
    by_stratum = TAU * (shared @ (rate * total))
    squared = TAU**2 * (shared.power(2) @ rate)
    expected = scale * (expected + by_stratum[stratum] - scale * squared[stratum])
    factor = np.clip((partners + 5.0) / (np.maximum(expected, 0.0) + 5.0), 1.0, _MAX_FACTOR)
    between = np.asarray((shared @ (sparse.diags_array(rate) @ shared.T)).todense(), dtype=np.float64)
    return SlowInterest(slow_counts, shared, stratum, scale, rate, factor, between)


def tail(n: Codes, expected: Floats) -> Floats:
    """Return P(Poisson(expected) >= n), at least the smallest normal float and at most 1."""
    n, expected = np.broadcast_arrays(n, expected)
    p = np.empty(n.shape)
    flat, seen, lam = p.reshape(-1), n.reshape(-1), expected.reshape(-1)
    for start in range(0, flat.size, _AT_A_TIME):
        rows = slice(start, start + _AT_A_TIME)
        flat[rows] = np.clip(np.exp(log_tail(seen[rows], lam[rows])), _TINY, 1.0)
    return p


def log_tail(n: Codes, expected: Floats) -> Floats:
    r"""Return ln P(Poisson(expected) >= n), finite for ``n >= 1`` and ``expected > 0`` however small the probability.

    Where the regularised gamma function underflows, the leading terms of the series are used:
    :math:`n \ln\lambda - \lambda - \ln n! + \ln(1 + \lambda/(n+1) + \lambda^2/((n+1)(n+2)))`.
    """
    n = np.asarray(n, dtype=np.float64)
    lam = np.maximum(np.asarray(expected, dtype=np.float64), _TINY)
    direct = special.gammainc(np.maximum(n, 1.0), lam)
    series = n * np.log(lam) - lam - special.gammaln(n + 1) + np.log1p(lam / (n + 1) * (1 + lam / (n + 2)))
    log_p = np.where(direct > 1e-290, np.log(np.maximum(direct, _TINY)), series)
    return np.where(n <= 0, 0.0, np.minimum(log_p, 0.0))


def _membership(stratum: Codes) -> sparse.csr_array:
    """Return the 0/1 matrix strata by accounts."""
    n_strata = int(stratum.max()) + 1 if stratum.size else 1
    cells = (np.ones(stratum.size), (stratum, np.arange(stratum.size)))
    return sparse.csr_array(sparse.coo_array(cells, shape=(n_strata, stratum.size)))


def _shares(counts: sparse.csr_array) -> sparse.csr_array:
    """Return each row divided by its sum, columns in order; a row of zeros stays one."""
    counts = sparse.csr_array(counts)
    counts.sort_indices()
    totals = np.asarray(counts.sum(axis=1)).ravel()
    counts.data = counts.data / np.repeat(np.maximum(totals, 1.0), np.diff(counts.indptr))
    return counts


def _same_cells(slow_counts: sparse.csr_array, shared: sparse.csr_array, stratum: Codes) -> Floats:
    """Return, for each stored cell of ``slow_counts``, its stratum's share of that source."""
    found: Floats = _look_up(
        slow_counts.indptr.astype(np.int64),
        slow_counts.indices,
        shared.indptr.astype(np.int64),
        shared.indices,
        shared.data,
        stratum,
    )
    return found


@compiled
def share_of(source, start, end, columns, data):  # type: ignore[no-untyped-def]
    """Find a source in the ordered columns of a row; 0 where it is not."""
    while start < end:
        middle = (start + end) // 2
        if columns[middle] < source:
            start = middle + 1
        elif columns[middle] > source:
            end = middle
        else:
            return data[middle]
    return 0.0


@compiled
def _cells(ptr, columns, data, row, column):  # type: ignore[no-untyped-def]
    out = np.zeros(row.size)
    for k in range(row.size):
        out[k] = share_of(column[k], ptr[row[k]], ptr[row[k] + 1], columns, data)
    return out


@compiled
def _look_up(ptr, columns, shared_ptr, shared_columns, shared_data, stratum):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    out = np.zeros(columns.size)
    for i in range(ptr.size - 1):
        c = stratum[i]
        for k in range(ptr[i], ptr[i + 1]):
            out[k] = share_of(columns[k], shared_ptr[c], shared_ptr[c + 1], shared_columns, shared_data)
    return out


@compiled
def _overlap(a, b, ptr, columns, data, shared_ptr, shared_columns, shared_data, stratum, rate, tau):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Sum rate * (d_i d_j + tau d_i q_j + tau d_j q_i) over sources, for each pair."""
    out = np.zeros(a.size)
    for e in range(a.size):
        i, j = a[e], b[e]
        ci, cj = stratum[i], stratum[j]
        x, x_end, y, y_end = ptr[i], ptr[i + 1], ptr[j], ptr[j + 1]
        total = 0.0
        while x < x_end or y < y_end:
            left = x < x_end and (y >= y_end or columns[x] <= columns[y])
            right = y < y_end and (x >= x_end or columns[y] <= columns[x])
            source = columns[x] if left else columns[y]
            r = rate[source]
            if r > 0.0:
                if left:
                    share = share_of(source, shared_ptr[cj], shared_ptr[cj + 1], shared_columns, shared_data)
                    total += r * tau * data[x] * share
                if right:
                    share = share_of(source, shared_ptr[ci], shared_ptr[ci + 1], shared_columns, shared_data)
                    total += r * tau * data[y] * share
                if left and right:
                    total += r * data[x] * data[y]
            if left:
                x += 1
            if right:
                y += 1
        out[e] = total
    return out
