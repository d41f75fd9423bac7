"""The sources of the pairs that speak: with two occasions or more, or significant on repeats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.chance.pairs.listed_pairs import pair_sources
from spmc_tools.chance.pairs.null_models import amounts, reading
from spmc_tools.chance.statistics import false_discovery as fdr

if TYPE_CHECKING:
    from spmc_tools.chance.pairs.listed_pairs import PairSources
    from spmc_tools.chance.pairs.retained import Retained
    from spmc_tools.findings.assessment.pair_tests import PairTests
    from spmc_tools.schema.arrays import Codes, Flags, Longs


__all__ = ["RETURNS", "PairCells", "pair_cells"]

RETURNS = 2
"""An account comes back to a source if it acts on at least this many of its objects."""


@dataclass(frozen=True, slots=True)
class PairCells:
    """(pair, source) cells of the pairs that speak, over all windows.

    Attributes
    ----------
    pair : ndarray of int64, shape (n_cells,)
        Row of the pair in the list of pairs.
    source : ndarray of int32, shape (n_cells,)
        Each source of the pair once.
    occasion, late : ndarray of bool, shape (n_cells,)
        Whether it is the source of one of the pair's occasions, and whether that one came late.
    returning : ndarray of bool, shape (n_cells,)
        Whether both act on at least two objects of the source.
    n_coactions, n_late : ndarray of int64, shape (n_pairs,)
        See :class:`~spmc_tools.chance.pairs.listed_pairs.PairSources`; 0 for pairs that do not speak.
    """

    pair: Longs
    source: Codes
    occasion: Flags
    late: Flags
    returning: Flags
    n_coactions: Longs
    n_late: Longs


def pair_cells(kept: Retained, pairs: PairTests, windows: tuple[float, ...]) -> PairCells:
    """Return the sources of the pairs that speak; counts are given for every pair, 0 for those that do not."""
    rows = np.flatnonzero((pairs.n_occasions >= 2) | (pairs.repeats_q < fdr.LEVEL))
    parts: list[tuple[Longs, PairSources]] = []
    n_coactions, n_late = np.zeros(pairs.a.size, np.int64), np.zeros(pairs.a.size, np.int64)
    for number, window in enumerate(windows):
        here = rows[pairs.window[rows] == number]
        found = pair_sources(kept.line, kept.born_us, pairs.a[here], pairs.b[here], window)
        n_coactions[here], n_late[here] = found.n_coactions, found.n_late
        parts.append((here, found))
    pair = np.concatenate([here[found.pair] for here, found in parts])
    source = np.concatenate([found.source for _, found in parts])
    line = kept.line
    whole = reading(line.account, line.source, np.ones(line.account.size, bool), (line.n_accounts, line.n_sources))
    return PairCells(
        pair,
        source,
        np.concatenate([found.occasion for _, found in parts]),
        np.concatenate([found.late for _, found in parts]),
        np.minimum(amounts(whole, pairs.a[pair], source), amounts(whole, pairs.b[pair], source)) >= RETURNS,
        n_coactions,
        n_late,
    )
