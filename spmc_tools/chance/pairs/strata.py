"""Strata: accounts that read alike, so that chance is judged among their own circle.

They serve one thing, the reading that the slow-interest model expects of an account with few actions of its own.

There are at most ``PER_STRATUM`` times fewer strata than accounts, and one of fewer than ``MIN_STRATUM`` accounts is
dissolved: a campaign must not become its own circle.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.cluster.vq import vq

from spmc_tools.chance.pairs.null_models import share_of
from spmc_tools.compiled import compiled
from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spmc_tools.schema.arrays import Codes, Floats, Longs


__all__ = ["MIN_STRATUM", "given_strata", "learned_strata", "one_stratum"]

PER_STRATUM, MIN_STRATUM = 250, 150
_ENOUGH, _IN_STEP_WEIGHT, _SMOOTHING = 5, 0.25, 50.0
_DIMENSIONS, _ROUNDS, _ROUNDS_OF_COLOUR, _NEAREST = 60, 8, 3, 32
_MANY, _CELLS_AT_A_TIME = 256, 4_000_000


def one_stratum(n_accounts: int) -> Codes:
    """Return all accounts in one stratum."""
    return np.zeros(n_accounts, np.int32)


def given_strata(accounts: Sequence[Any], strata: Mapping[Any, Any]) -> Codes:
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
    most eight rounds then moves each account to that of its 32 nearest parts which reads as it does. Parts of fewer
    than 150 accounts are dissolved; an account all of whose nearest parts are goes to the best of all.

    Parameters
    ----------
    slow, in_step : scipy.sparse.csr_array, shape (n_accounts, n_sources)
        Actions out of step and in step. The latter, at a quarter of their weight, speak only for accounts with fewer
        than five of the former: else a third of all accounts would read nothing.
    seed : int
        Of the projection and of the first centres.

    Notes
    -----
    Learned from all actions, strata would take a campaign for a circle of its own and hide it. Names, and the order of
    rows, change nothing. Where no source has two readers nobody reads as another does: all accounts are one stratum.
    """
    n_accounts = slow.shape[0]
    n_strata = n_accounts // PER_STRATUM
    if n_strata < 2 or not slow.nnz:
        return one_stratum(n_accounts)
    reading = _reading(slow, in_step)
    if not reading.nnz:
        return one_stratum(n_accounts)
    accounts, sources = _order(reading)
    reading = sparse.csr_array(reading[accounts][:, sources])
    reading.sort_indices()
    rng = np.random.default_rng(seed)
    points = _projected(reading, rng)
    label, centres = _k_means(points, n_strata, rng)
    stratum = np.empty(n_accounts, np.int32)
    stratum[accounts] = _refined(reading, label, _nearest(points, centres))
    return stratum


def _order(reading: sparse.csr_array) -> tuple[Longs, Longs]:
    """Return the accounts and the sources in an order that rests on who reads what, never on codes or names.

    Colour refinement (Weisfeiler and Leman 1968) of the graph of accounts and sources: each round gives an account the
    hash of what it reads and how often, and a source that of its readers. What is equal after three rounds reads, or
    is read, alike: its order changes nothing.
    """
    by_source = sparse.csc_array(reading)
    account, source = np.zeros(reading.shape[0], np.uint64), np.zeros(reading.shape[1], np.uint64)
    for _ in range(_ROUNDS_OF_COLOUR):
        account = _hashed(account + _sums(reading, source))
        source = _hashed(source + _sums(by_source, account))
    return np.argsort(account, kind="stable"), np.argsort(source, kind="stable")


def _sums(matrix: sparse.csr_array | sparse.csc_array, colour: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return for each row (of csr; each column of csc) the sum of the hashes of its cells' amounts and colours."""
    amount = np.ascontiguousarray(matrix.data, np.float64).view(np.uint64)
    upto = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_hashed(_hashed(amount) + colour[matrix.indices]))])
    found: NDArray[np.uint64] = upto[matrix.indptr[1:]] - upto[matrix.indptr[:-1]]
    return found


def _hashed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the values mixed as SplitMix64 does (Steele, Lea and Flood 2014); sums wrap around."""
    mixed = value + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    out: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return out


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


def _k_means(points: Floats, k: int, rng: np.random.Generator) -> tuple[Codes, Floats]:
    """Return the nearest of k centres, and these, moved ten times over a sample of the points; an empty one stays."""
    sample = points[rng.permutation(points.shape[0])[: max(100 * k, 20_000)]]
    centres = sample[:k].copy()
    for _ in range(10):
        label = _closest(sample, centres)
        size = np.bincount(label, minlength=k)
        member = sparse.csr_array((np.ones(label.size), (label, np.arange(label.size))), shape=(k, label.size))
        centres = np.where(size[:, None] > 0, (member @ sample) / np.maximum(size, 1)[:, None], centres)
    return _closest(points, centres), centres


def _closest(points: Floats, centres: Floats) -> Codes:
    """Return the nearest centre of each point; a part of the points at a time, as all distances at once fit nowhere."""
    out = np.empty(points.shape[0], np.int32)
    at_a_time = max(_CELLS_AT_A_TIME // centres.shape[0], 1)
    for start in range(0, points.shape[0], at_a_time):
        out[start : start + at_a_time] = vq(points[start : start + at_a_time], centres)[0]
    return out


def _nearest(points: Floats, centres: Floats) -> Codes:
    """Return the 32 nearest centres of each point, ascending; all of them where there are fewer.

    Distances are rounded to nine digits; of equal ones the lower number counts, so that threads do not show.
    """
    k = centres.shape[0]
    if k <= _NEAREST:
        return np.tile(np.arange(k, dtype=np.int32), (points.shape[0], 1))
    out = np.empty((points.shape[0], _NEAREST), np.int32)
    length = (centres**2).sum(axis=1)
    at_a_time = max(_CELLS_AT_A_TIME // k, 1)
    for start in range(0, points.shape[0], at_a_time):
        rows = slice(start, start + at_a_time)
        away = np.round((length - 2 * points[rows] @ centres.T) * 1e9).astype(np.int64) * k + np.arange(k)
        out[rows] = np.sort(np.argpartition(away, _NEAREST - 1, axis=1)[:, :_NEAREST], axis=1)
    return out


def _refined(reading: sparse.csr_array, label: Codes, near: Codes) -> Codes:
    """Return strata after hard multinomial EM; small ones are dissolved in every round, and at the end none is left."""
    everything = np.asarray(reading.sum(axis=0)).ravel()
    prior = _SMOOTHING * everything / max(everything.sum(), 1.0)
    for _ in range(_ROUNDS):
        moved = _best(reading, label, near, prior)
        if np.array_equal(moved, label):
            break
        label = moved
    while (np.bincount(label)[np.unique(label)] < MIN_STRATUM).any() and np.unique(label).size > 1:
        label = _best(reading, label, near, prior)
    return np.unique(label, return_inverse=True)[1].astype(np.int32)


def _best(reading: sparse.csr_array, label: Codes, near: Codes, prior: Floats) -> Codes:
    r"""Return, for each account, that of its nearest strata c with the largest :math:`\sum_a x_{ia} \ln q_c(a)`.

    :math:`q_c(a)` is smoothed by 50 actions of everybody's reading; what is the same for all strata is left out. Small
    strata are closed, but never the largest. Of equal ones the first counts.
    """
    k = int(max(near.max(initial=0), label.max())) + 1
    size = np.bincount(label, minlength=k)
    is_open = size >= min(MIN_STRATUM, int(size.max()))
    inside = np.flatnonzero(is_open[label])
    member = sparse.csr_array((np.ones(inside.size), (label[inside], inside)), shape=(k, label.size))
    counts = sparse.csr_array(member @ reading)
    total = np.asarray(counts.sum(axis=1)).ravel()
    counts.data = np.log1p(counts.data / prior[counts.indices])
    gain = sparse.csr_array(counts.T)
    gain.sort_indices()
    best: Codes = _best_of_near(
        reading.indptr.astype(np.int64), reading.indices, reading.data, near, is_open, np.flatnonzero(is_open),
        gain.indptr.astype(np.int64), gain.indices, gain.data, np.log(total + _SMOOTHING),
    )  # fmt: skip
    return best


@compiled
def _add_gains(score, asked, amount, start, end, strata, gain):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Add the gains of one source to the strata that are asked for; both lists of strata ascend."""
    if end - start > _MANY:
        for y in range(asked.size):
            score[y] += amount * share_of(asked[y], start, end, strata, gain)
        return
    y = 0
    for z in range(start, end):
        while y < asked.size and asked[y] < strata[z]:
            y += 1
        if y == asked.size:
            return
        if asked[y] == strata[z]:
            score[y] += amount * gain[z]


@compiled
def _best_of_near(  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    ptr, columns, data, near, is_open, all_open, gain_ptr, strata, gain, log_total
):
    out = np.empty(ptr.size - 1, np.int32)
    for i in range(ptr.size - 1):
        asked = near[i][is_open[near[i]]]
        if asked.size == 0:
            asked = all_open.astype(np.int32)
        score, amount = np.zeros(asked.size), 0.0
        for x in range(ptr[i], ptr[i + 1]):
            amount += data[x]
            _add_gains(score, asked, data[x], gain_ptr[columns[x]], gain_ptr[columns[x] + 1], strata, gain)
        out[i] = asked[np.argmax(score - amount * log_total[asked])]
    return out
