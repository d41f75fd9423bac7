"""Strata: accounts that read alike, so that chance is judged among their own circle.

They serve one thing, the reading that the slow-interest model expects of an account with few actions of its own.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.cluster.vq import vq

from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int32]

__all__ = ["MIN_STRATUM", "given_strata", "learned_strata", "one_stratum"]

PER_STRATUM = 250
"""There are at most this many times fewer strata than accounts."""

MIN_STRATUM = 150
"""A smaller stratum is dissolved: a campaign must not become its own circle."""

_ENOUGH = 5
_IN_STEP_WEIGHT = 0.25
_DIMENSIONS = 60
_ROUNDS = 8
_SMOOTHING = 50.0
_ROWS_AT_A_TIME = 10_000


def one_stratum(n_accounts: int) -> NDArray[np.int32]:
    """Return all accounts in one stratum."""
    return np.zeros(n_accounts, np.int32)


def given_strata(accounts: Sequence[Any], strata: Mapping[Any, Any]) -> NDArray[np.int32]:
    """Return the stratum codes of a mapping; accounts that are not in it form one stratum of their own.

    Parameters
    ----------
    accounts : sequence
        Account ids, in order of their codes.
    strata : mapping
        Account id to the name of its stratum; ids that do nothing here are ignored. A null name counts as not given.

    Raises
    ------
    ParameterError
        Where it is no mapping, a name is no plain value, or the mapping names no account of these actions: most
        likely its ids are of another kind.
    """
    if not isinstance(strata, Mapping):
        raise ParameterError(f'strata is {quote(strata)}, wanted "learn", None or a mapping account_id -> stratum.')
    names = [strata.get(x) for x in accounts]
    names = [None if n is None or (isinstance(n, float) and math.isnan(n)) else n for n in names]
    for account, name in zip(accounts, names, strict=True):
        if not isinstance(name, Hashable):
            raise ParameterError(f"strata gives account {quote(account)} {quote(name)}, wanted a word or a number.")
    if accounts and all(n is None for n in names):
        shown = quote(next(iter(strata), ""))
        raise ParameterError(
            f"strata names none of the {len(accounts)} accounts of these actions (it starts with {shown}, the actions "
            f"with {quote(accounts[0])}); give account_id -> stratum with the same ids, or strata=None."
        )
    order: dict[Any, int] = {}
    return np.array([order.setdefault(n, len(order)) for n in names], np.int32)


def learned_strata(slow: sparse.csr_array, in_step: sparse.csr_array, seed: int) -> Codes:
    """Return the stratum of each account, learned from what accounts do out of step.

    The matrix accounts × sources of out-of-step actions (log of the counts times inverse document frequency) is
    brought down to 60 dimensions and split by k-means into one part per 250 accounts; a hard multinomial EM of at
    most eight rounds then moves each account to the part that reads as it does. Parts of fewer than 150 accounts are
    dissolved.

    Parameters
    ----------
    slow, in_step : scipy.sparse.csr_array, shape (n_accounts, n_sources)
        Actions out of step and in step. The latter, at a quarter of their weight, speak only for accounts with fewer
        than five of the former: else a third of all accounts would read nothing.
    seed : int
        Of the projection and of the first centres.

    Notes
    -----
    Learned from all actions, strata would take a campaign for a circle of its own and hide it.
    """
    n_accounts = slow.shape[0]
    n_strata = n_accounts // PER_STRATUM
    if n_strata < 2 or not slow.nnz:
        return one_stratum(n_accounts)
    reading = _reading(slow, in_step)
    rng = np.random.default_rng(seed)
    points = _projected(reading, rng)
    return _refined(reading, _k_means(points, n_strata, rng))


def _reading(slow: sparse.csr_array, in_step: sparse.csr_array) -> sparse.csr_array:
    """Return out-of-step actions, topped up by down-weighted in-step ones where there are fewer than five."""
    few = np.asarray(slow.sum(axis=1)).ravel() < _ENOUGH
    extra = sparse.diags_array(np.where(few, _IN_STEP_WEIGHT, 0.0)) @ in_step
    reading = sparse.csr_array(slow + extra)
    readers = np.bincount(reading.indices, minlength=reading.shape[1])
    reading = sparse.csr_array(reading[:, readers >= 2])
    reading.eliminate_zeros()
    return reading


def _projected(reading: sparse.csr_array, rng: np.random.Generator) -> Floats:
    """Return unit rows of the truncated SVD of log-TF-IDF, by a randomised range finder with two power steps.

    Rounded to six digits, so that the number of threads of the linear algebra does not show.
    """
    weighted = reading.copy()
    readers = np.maximum(np.bincount(reading.indices, minlength=reading.shape[1]), 1)
    weighted.data = np.log1p(weighted.data) * np.log(1 + reading.shape[0] / readers)[weighted.indices]
    norm = np.sqrt(np.asarray(weighted.power(2).sum(axis=1)).ravel())
    weighted = sparse.csr_array(sparse.diags_array(1 / np.maximum(norm, 1e-12)) @ weighted)
    size = min(_DIMENSIONS, *weighted.shape)
    basis = weighted @ rng.standard_normal((weighted.shape[1], min(size + 10, *weighted.shape)))
    for _ in range(2):
        basis = weighted @ (weighted.T @ _orthonormal(basis))
    across = np.linalg.svd((weighted.T @ _orthonormal(basis)).T, full_matrices=False)[2][:size]
    points = weighted @ across.T
    length = np.sqrt((points**2).sum(axis=1, keepdims=True))
    unit: Floats = np.round(points / np.maximum(length, 1e-12), 6)
    return unit


def _orthonormal(columns: Floats) -> Floats:
    """Return orthonormal columns that span the same, from the small matrix of their products."""
    values, vectors = np.linalg.eigh(columns.T @ columns)
    keep = values > 1e-12 * values[-1]
    turned: Floats = columns @ (vectors[:, keep] / np.sqrt(values[keep]))
    return turned


def _k_means(points: Floats, k: int, rng: np.random.Generator) -> Codes:
    """Return the nearest of k centres, moved ten times over a sample of the points; a centre without points stays."""
    sample = points[rng.permutation(points.shape[0])[: max(100 * k, 20_000)]]
    centres = sample[:k].copy()
    for _ in range(10):
        label = vq(sample, centres)[0]
        size = np.bincount(label, minlength=k)
        member = sparse.csr_array((np.ones(label.size), (label, np.arange(label.size))), shape=(k, label.size))
        centres = np.where(size[:, None] > 0, (member @ sample) / np.maximum(size, 1)[:, None], centres)
    return vq(points, centres)[0].astype(np.int32)


def _refined(reading: sparse.csr_array, label: Codes) -> Codes:
    """Return strata after hard multinomial EM; small ones are dissolved in every round, and at the end none is left."""
    everything = np.asarray(reading.sum(axis=0)).ravel()
    prior = _SMOOTHING * everything / max(everything.sum(), 1.0)
    for _ in range(_ROUNDS):
        moved = _best(reading, _without_small(label), prior)
        if np.array_equal(moved, label):
            break
        label = moved
    while (np.bincount(label)[np.unique(label)] < MIN_STRATUM).any() and np.unique(label).size > 1:
        label = _best(reading, _without_small(label), prior)
    return np.unique(label, return_inverse=True)[1].astype(np.int32)


def _without_small(label: Codes) -> Codes:
    """Return labels from 0 with -1 for members of small strata; at least the largest stratum stays."""
    size = np.bincount(label)
    keep = size >= min(MIN_STRATUM, int(size.max()))
    number = np.where(keep, np.cumsum(keep) - 1, -1)
    return number[label].astype(np.int32)


def _best(reading: sparse.csr_array, label: Codes, prior: Floats) -> Codes:
    r"""Return, for each account, the stratum c with the largest :math:`\sum_a x_{ia} \ln q_c(a)`.

    :math:`q_c(a)` is smoothed by 50 actions of everybody's reading; what is the same for all strata is left out.
    """
    inside = np.flatnonzero(label >= 0)
    k = int(label.max()) + 1
    member = sparse.csr_array((np.ones(inside.size), (label[inside], inside)), shape=(k, label.size))
    counts = sparse.csr_array(member @ reading)
    total = np.asarray(counts.sum(axis=1)).ravel()
    counts.data = np.log1p(counts.data / prior[counts.indices])
    gain, amount = sparse.csr_array(counts.T), np.asarray(reading.sum(axis=1)).ravel()
    best = np.empty(label.size, np.int32)
    for start in range(0, label.size, _ROWS_AT_A_TIME):
        rows = slice(start, start + _ROWS_AT_A_TIME)
        score = (reading[rows] @ gain).toarray() - amount[rows, None] * np.log(total + _SMOOTHING)
        best[rows] = score.argmax(axis=1)
    return best
