"""What the tested pairs say about each account: p, q, score, basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spmc_tools.chance import false_discovery as fdr
from spmc_tools.chance.listed_pairs import pair_sources
from spmc_tools.findings import basis as rests
from spmc_tools.network.communities import core_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.chance.listed_pairs import PairSources
    from spmc_tools.chance.retained import Retained
    from spmc_tools.findings.pair_tests import PairTests

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

__all__ = ["AccountTests", "account_tests"]


@dataclass(frozen=True, slots=True)
class AccountTests:
    """Arrays of shape (n_accounts,), in order of the account codes.

    ``p, q``: of the occasions. ``score``: rank. ``basis``: "several", "few", "one" or None. ``n_sources``: distinct
    sources of the occasions on the account's significant edges.
    """

    p: Floats
    q: Floats
    score: Floats
    basis: NDArray[np.object_]
    n_sources: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Sources:
    """(pair, source) cells of some pairs of all windows: the row of the pair, and whether it is an occasion's."""

    pair: Rows
    source: NDArray[np.int32]
    occasion: NDArray[np.bool_]
    n_coactions: Rows
    n_late: Rows


def account_tests(kept: Retained, pairs: PairTests, windows: tuple[float, ...]) -> AccountTests:
    """Return what the tested pairs say about each account.

    Parameters
    ----------
    kept : Retained
        The actions that were tested.
    pairs : PairTests
        All listed pairs.
    windows : tuple of float
        Seconds.
    """
    n, n_windows = kept.line.n_accounts, len(windows)
    listed = np.flatnonzero((pairs.n_occasions >= 2) | (pairs.repeats_q < fdr.LEVEL))
    cells = _sources_of(kept, pairs, windows, listed)
    tested = pairs.tested
    p = fdr.account_p(pairs.p[tested], pairs.a[tested], pairs.b[tested], n, n_windows)
    occasions = _links(pairs, cells, pairs.q < fdr.LEVEL, p, only_occasions=True)
    repeats_p = fdr.account_p(pairs.repeats_p, pairs.a, pairs.b, n, n_windows)
    repeats = _links(pairs, cells, pairs.repeats_q < fdr.LEVEL, repeats_p, only_occasions=False)
    rest_q = fdr.adjusted(fdr.account_p(pairs.rest_p, pairs.a, pairs.b, n, n_windows), n)
    found = rests.basis(occasions, repeats, rest_q)
    return AccountTests(p, occasions.q, _score(pairs, cells, n, n_windows), found, occasions.n_sources)


def _links(
    pairs: PairTests, cells: _Sources, significant: NDArray[np.bool_], p: Floats, *, only_occasions: bool
) -> rests.Links:
    """Return the significant edges of one test, seen from the accounts."""
    n = p.size
    core = np.zeros(n, np.int64)
    numbers = core_numbers(pd.DataFrame({"account_a": pairs.a[significant], "account_b": pairs.b[significant]}))
    core[list(numbers)] = list(numbers.values())
    use = significant[cells.pair]
    if only_occasions:
        use &= cells.occasion
    a, b = pairs.a[cells.pair[use]], pairs.b[cells.pair[use]]
    ends = np.concatenate([a, b]), np.concatenate([b, a])
    n_sources = rests.resting_on(*ends, np.tile(cells.source[use], 2), n)
    return rests.Links(fdr.adjusted(p, n), core, n_sources)


def _score(pairs: PairTests, cells: _Sources, n: int, n_windows: int) -> Floats:
    """Return the rank of each account: the sum of its five best edges times the diversity factor."""
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
    return score


def _sources_of(kept: Retained, pairs: PairTests, windows: tuple[float, ...], rows: Rows) -> _Sources:
    """Return the sources of some pairs; counts are given for every pair, 0 for those not asked for."""
    parts: list[tuple[Rows, PairSources]] = []
    n_coactions, n_late = np.zeros(pairs.a.size, np.int64), np.zeros(pairs.a.size, np.int64)
    for number, window in enumerate(windows):
        here = rows[pairs.window[rows] == number]
        found = pair_sources(kept.line, kept.born_us, pairs.a[here], pairs.b[here], window)
        n_coactions[here], n_late[here] = found.n_coactions, found.n_late
        parts.append((here, found))
    return _Sources(
        np.concatenate([here[found.pair] for here, found in parts]),
        np.concatenate([found.source for _, found in parts]),
        np.concatenate([found.occasion for _, found in parts]),
        n_coactions,
        n_late,
    )
