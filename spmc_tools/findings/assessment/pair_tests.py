"""Every listed pair of every window with what was seen, what chance expects, p and q."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs import null_models
from spmc_tools.chance.pairs.account_pairs import AccountPairs
from spmc_tools.chance.pairs.occasions import count_pairs, n_coactions, out_of_step
from spmc_tools.chance.statistics.false_discovery import LEVEL, MIN_OCCASIONS, adjusted

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from spmc_tools.chance.pairs.occasions import PairCounts, Timeline
    from spmc_tools.schema.arrays import Codes, Flags, Floats, Longs


__all__ = ["PairTests", "readings", "tested_pairs"]


@dataclass(frozen=True, slots=True)
class PairTests(AccountPairs):
    """Parallel arrays over the listed pairs, ordered by window, then a, then b.

    Attributes
    ----------
    window : ndarray of int64
        Place of the window in the list of windows.
    n_occasions, n_sources : ndarray of int32
        See :class:`~spmc_tools.chance.pairs.occasions.PairCounts`.
    expected_degree, expected_interest : ndarray of float64
        What the two models expect.
    expected : ndarray of float64
        The larger of the two.
    p, q : ndarray of float64
        Of the occasions; q is 1 where the pair has fewer than three and so is not tested.
    repeats_q : ndarray of float64
        q of the separate times in step, whatever the source.
    repeats_p, rest_p : ndarray of float64
        p of these, and p of these without the pair's top source; 1 where there are fewer than three.
    swept : tuple of PairCounts
        What the sweep counted, window by window.
    """

    window: Longs
    n_occasions: Codes
    n_sources: Codes
    expected_degree: Floats
    expected_interest: Floats
    expected: Floats
    p: Floats
    q: Floats
    repeats_p: Floats
    repeats_q: Floats
    rest_p: Floats
    swept: tuple[PairCounts, ...]

    @property
    def tested(self) -> Flags:
        """Pairs with at least three occasions."""
        return self.n_occasions >= MIN_OCCASIONS


def tested_pairs(line: Timeline, windows: tuple[float, ...], stratum: Codes, n_tests: int) -> PairTests:
    """Return all listed pairs, tested.

    Parameters
    ----------
    line : Timeline
        The retained actions.
    windows : tuple of float
        Seconds.
    stratum : ndarray of int32, shape (n_accounts,)
        Stratum of each account.
    n_tests : int
        All pairs of accounts times windows.
    """
    most_in_step = n_coactions(line, max(windows)) * len(windows)
    level = LEVEL * min(1.0, most_in_step / max(n_tests, 1))  # a larger p cannot be significant after the correction
    swept = tuple(count_pairs(line, window, level) for window in windows)
    parts = [_one_window(line, window, stratum, counts) for window, counts in zip(windows, swept, strict=True)]
    number = np.repeat(np.arange(len(parts)), [part["a"].size for part in parts])
    column = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    expected = np.maximum(column["degree"], column["interest"])
    p = null_models.tail(column["n_occasions"], expected)
    repeats_p = _at_least_three(column["n_repeats"], expected)
    rest_p = _at_least_three(column["n_repeats_rest"], expected)
    return PairTests(
        a=column["a"],
        b=column["b"],
        window=number,
        n_occasions=column["n_occasions"],
        n_sources=column["n_sources"],
        expected_degree=column["degree"],
        expected_interest=column["interest"],
        expected=expected,
        p=p,
        q=_q(p, column["n_occasions"] >= MIN_OCCASIONS, n_tests),
        repeats_p=repeats_p,
        repeats_q=_q(repeats_p, column["n_repeats"] >= MIN_OCCASIONS, n_tests),
        rest_p=rest_p,
        swept=swept,
    )


def readings(line: Timeline, window_s: float) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return the matrices accounts × sources of actions out of step and in step."""
    slow = out_of_step(line, window_s)
    shape = (line.n_accounts, line.n_sources)
    return (
        null_models.reading(line.account, line.source, slow, shape),
        null_models.reading(line.account, line.source, ~slow, shape),
    )


def _one_window(line: Timeline, window_s: float, stratum: Codes, counts: PairCounts) -> dict[str, NDArray[np.generic]]:
    """Fit both models to what the sweep over one window counted."""
    slow, _ = readings(line, window_s)
    n_actions = np.diff(line.ptr)
    model = null_models.slow_interest(slow, n_actions, stratum, counts.partners, counts.in_step_on)
    return {
        "a": counts.a,
        "b": counts.b,
        "n_occasions": counts.n_occasions,
        "n_sources": counts.n_sources,
        "n_repeats": counts.n_repeats,
        "n_repeats_rest": counts.n_repeats_rest,
        "degree": null_models.partner_degree(counts.partners, counts.n_in_step, counts.a, counts.b),
        "interest": model.expected(counts.a, counts.b),
    }


def _at_least_three(n: Codes, expected: Floats) -> Floats:
    p = np.ones(n.size)
    rows = np.flatnonzero(n >= MIN_OCCASIONS)
    p[rows] = null_models.tail(n[rows], expected[rows])
    return p


def _q(p: Floats, tested: Flags, n_tests: int) -> Floats:
    q = np.ones(p.size)
    q[tested] = adjusted(p[tested], n_tests)
    return q
