"""What the tested pairs say about each account: p, q, score, basis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spmc_tools.chance.statistics import false_discovery as fdr
from spmc_tools.findings.assessment.rank import rank
from spmc_tools.findings.tiers import basis as rests
from spmc_tools.network.communities import core_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spmc_tools.findings.assessment.pair_cells import PairCells
    from spmc_tools.findings.assessment.pair_tests import PairTests
    from spmc_tools.findings.assessment.weak_edge_groups import Group
    from spmc_tools.schema.arrays import Flags, Floats, Longs


__all__ = ["AccountTests", "account_tests", "with_evidence"]


@dataclass(frozen=True, slots=True)
class AccountTests:
    """Arrays of shape (n_accounts,), in order of the account codes.

    ``p, q``: of the occasions of its pairs. ``score``: rank. ``basis``: "several", "few", "one" or None. ``kind``: what
    *several* rests on, "pair" or (only where no pair does) "group", else None. ``n_sources``: distinct sources of the
    occasions on the account's significant edges; for kind "group" of its occasions in company. ``group``: number of
    its proven group from 0, -1 where it is in none. ``session``: its strength within sessions, a part of ``score``.
    """

    p: Floats
    q: Floats
    score: Floats
    basis: NDArray[np.object_]
    kind: NDArray[np.object_]
    n_sources: Longs
    group: Longs
    session: Floats


def account_tests(pairs: PairTests, cells: PairCells, groups: Sequence[Group], n: int, n_windows: int) -> AccountTests:
    """Return what the tested pairs and the proven groups say about each account.

    Parameters
    ----------
    pairs, cells, groups : PairTests, PairCells, sequence of Group
        All listed pairs, their sources, and the proven groups; no account is in two of them.
    n, n_windows : int
        Accounts and windows.
    """
    tested = pairs.tested
    p = fdr.account_p(pairs.p[tested], pairs.a[tested], pairs.b[tested], n, n_windows)
    occasions = _links(pairs, cells, pairs.q < fdr.LEVEL, p, only_occasions=True)
    repeats_p = fdr.account_p(pairs.repeats_p, pairs.a, pairs.b, n, n_windows)
    repeats = _links(pairs, cells, pairs.repeats_q < fdr.LEVEL, repeats_p, only_occasions=False)
    rest_q = fdr.adjusted(fdr.account_p(pairs.rest_p, pairs.a, pairs.b, n, n_windows), n)
    found = rests.basis(occasions, repeats, rest_q)
    kind = np.full(n, None, dtype=object)
    kind[found == "several"] = "pair"
    group, n_sources = np.full(n, -1, np.int64), occasions.n_sources.copy()
    for number, proven in enumerate(groups):
        group[proven.members] = number
        new = proven.found & (kind[proven.members] != "pair")
        members = proven.members[new]
        found[members], kind[members] = "several", "group"
        n_sources[members] = np.maximum(n_sources[members], proven.n_occasions[new])
    return AccountTests(
        p, occasions.q, rank(pairs, cells, groups, n, n_windows), found, kind, n_sources, group, np.zeros(n)
    )


def with_evidence(tests: AccountTests, pairs: PairTests, p_group: Floats) -> AccountTests:
    """Return the same, where an account that a group alone names has an edge of its own to show; else it is *few*.

    A member can belong to its group by pairs of the widest window alone, which are no edges of the result.

    Parameters
    ----------
    tests : AccountTests
        As :func:`account_tests` gives them.
    pairs : PairTests
        All listed pairs.
    p_group : ndarray of float64
        Of each listed pair: below 1 for a weak edge inside a proven group.
    """
    shown = np.zeros(tests.basis.size, dtype=bool)
    inside = p_group < 1
    shown[pairs.a[inside]] = shown[pairs.b[inside]] = True
    without = (tests.kind == "group") & ~shown
    basis, kind = tests.basis.copy(), tests.kind.copy()
    basis[without], kind[without] = "few", None
    return replace(tests, basis=basis, kind=kind)


def _links(pairs: PairTests, cells: PairCells, significant: Flags, p: Floats, *, only_occasions: bool) -> rests.Links:
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
    source = np.tile(cells.source[use], 2)
    late, returning = (
        rests.cell_share(*ends, source, np.tile(marked[use], 2), n) for marked in (cells.late, cells.returning)
    )
    n_sources = rests.resting_on(*ends, source, n)
    return rests.Links(fdr.adjusted(p, n), core, n_sources, late, returning)
