r"""Groups: accounts that hang together by many weak edges, proven by broad occasions, and what each member did.

No single pair of them need stand out. The pair rule keeps its own expectation and knows nothing of groups.

1. **Weak edges**: pairs with :math:`n_{ij} \ge 2` occasions and :math:`p^\circ_{ij} < 2 \cdot 10^{-3}` after Bonferroni
   over the windows (:mod:`spmc_tools.chance.pairs.weak_edges`). Beside the windows that pairs are tested in there is a
   wide
   one of 40 minutes, in which both models are fitted to *quiet* actions alone, those with at most 40 on their object
   within it: a member of a slow campaign is in step with all others there, not with every second one.
2. **Groups**: the 3-core of the weak edges, split by Leiden on the constant Potts model at resolution .1, all edges
   alike; members whose :math:`\sum -\ln p^\circ` inside the group is below a third of the group's median leave, again
   and again (readers of the same sources). At least eight stay.
3. **Proven** by their broad occasions (:mod:`spmc_tools.chance.groups.broad_occasions`).
4. **Members**: :math:`o_i` separate occasions with at least two other members in step, :math:`c_i` others on average.
   An occasion with :math:`c` others makes :math:`c` pairs meet, so that chance expects :math:`\Lambda_i / c_i` of them,
   :math:`\Lambda_i = \sum_j \lambda^\circ_{ij}` over the group, in the widest window.
   :math:`p_i = P(\mathrm{Poisson}(\Lambda_i / c_i) \ge o_i)`, *q* by Benjamini–Hochberg inside the group. A member
   counts as found if :math:`q_i < .05` and :math:`o_i \ge 4`, or :math:`o_i = 3` and :math:`p_i < .2 \cdot .05 / s`.

Notes
-----
Assumptions: occasions of a member are independent given what it reads; the group was found on the same actions that
then test its members, so :math:`p_i` says who among the members takes part, not whether there is a group. That rests
on the broad occasions alone. Known false positives: those of broad occasions, and a reader of the group's sources who
is often in step with it.

References
----------
Traag, Van Dooren, Nesterov (2011), Narrow scope for resolution-limit-free community detection, Phys. Rev. E 84,
016114 (the constant Potts model); Seidman (1983), Network structure and minimum degree, Social Networks 5, 269–287
(k-cores). The rule over both is this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spmc_tools.chance.groups.broad_occasions import broad_occasions, company_occasions, proven
from spmc_tools.chance.pairs import null_models
from spmc_tools.chance.pairs.account_pairs import AccountPairs
from spmc_tools.chance.pairs.listed_pairs import pair_sources
from spmc_tools.chance.pairs.occasions import count_pairs
from spmc_tools.chance.pairs.retained import quiet
from spmc_tools.chance.pairs.weak_edges import freed_models
from spmc_tools.chance.statistics import false_discovery as fdr
from spmc_tools.network.communities import core_numbers, leiden

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spmc_tools.chance.groups.broad_occasions import Broad
    from spmc_tools.chance.pairs.retained import Retained
    from spmc_tools.chance.pairs.weak_edges import FreedModels
    from spmc_tools.findings.assessment.pair_cells import PairCells
    from spmc_tools.findings.assessment.pair_tests import PairTests

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int32]

__all__ = ["Group", "WeakEdges", "found_groups", "grouped", "quiet_pairs", "weak_edges"]

WEAK = 2e-3
WIDE_S = 2400.0
"""Weak edges are also looked for in this window, in seconds, where it is wider than all others,"""

QUIET = 40
"""... among actions with at most this many on their object within it: a crowd costs much and says little."""

CORE = 3
RESOLUTION = 0.1
LEAST_OF_MEDIAN = 1 / 3
MIN_SIZE = 8
MIN_OCCASIONS = 4
FEWER_OCCASIONS = 3
FEWER_LEVEL = 0.2 * fdr.LEVEL


@dataclass(frozen=True, slots=True)
class WeakEdges(AccountPairs):
    """Pairs with at least two occasions and a small p°, ascending by a, then b, each with its p°."""

    p: Floats


@dataclass(frozen=True, slots=True)
class Group:
    r"""One group; the arrays are parallel to its members.

    Attributes
    ----------
    members : ndarray of int32
        Account codes, ascending.
    broad : Broad
        Its broad occasions.
    proven : bool
        Whether these are enough.
    n_occasions : ndarray of int32
        :math:`o_i`.
    company : ndarray of float64
        :math:`c_i`; 0 without any occasion.
    expected_pairs : ndarray of float64
        :math:`\Lambda_i`.
    expected : ndarray of float64
        :math:`\Lambda_i / c_i`; :math:`\Lambda_i` without any occasion.
    p, q : ndarray of float64
        Of the occasions; q over the group.
    found : ndarray of bool
        Members that may be named, where the group is proven.
    """

    members: Codes
    broad: Broad
    proven: bool
    n_occasions: NDArray[np.int32]
    company: Floats
    expected_pairs: Floats
    expected: Floats
    p: Floats
    q: Floats
    found: NDArray[np.bool_]


def found_groups(
    kept: Retained, pairs: PairTests, cells: PairCells, by: tuple[tuple[float, ...], Codes], seed: int
) -> tuple[list[Group], WeakEdges]:
    """Return all groups, proven or not, largest first, and the weak edges that they come from.

    Parameters
    ----------
    kept : Retained
        The actions that were tested.
    pairs : PairTests
        All listed pairs.
    cells : PairCells
        Their sources.
    by : tuple
        The windows in seconds, ascending; and the stratum of each account, int32 of shape (n_accounts,).
    seed : int
        Of Leiden.
    """
    windows, stratum = by
    models = [
        freed_models(kept.line, w, stratum, pairs.swept[k], _sources(pairs, cells, k)) for k, w in enumerate(windows)
    ]
    wide = quiet_pairs(kept, stratum) if max(windows) < WIDE_S else None
    weak = weak_edges(pairs, models, wide)
    return [_tested(kept, members, models[-1]) for members in grouped(weak, seed)], weak


def quiet_pairs(kept: Retained, stratum: Codes) -> tuple[Codes, Codes, Floats]:
    """Return account codes and p° of the pairs with at least two occasions in the wide window, away from crowds.

    Parameters
    ----------
    kept : Retained
        The actions that were tested.
    stratum : ndarray of int32, shape (n_accounts,)
        Stratum of each account.
    """
    line = quiet(kept.line, WIDE_S, QUIET)
    counts = count_pairs(line, WIDE_S)
    rows = np.flatnonzero(counts.n_occasions >= 2)
    a, b = counts.a[rows], counts.b[rows]
    cells = pair_sources(line, kept.born_us, a, b, WIDE_S)
    model = freed_models(line, WIDE_S, stratum, counts, (rows[cells.pair], cells.source))
    return a, b, null_models.tail(counts.n_occasions[rows], model.expected(a, b))


def weak_edges(
    pairs: PairTests, models: list[FreedModels], wide: tuple[Codes, Codes, Floats] | None = None
) -> WeakEdges:
    """Return the weak edges: of each pair the smallest p° of any window, the wide one too, times their number."""
    n_windows = len(models) + (wide is not None)
    parts = []
    for number, model in enumerate(models):
        rows = np.flatnonzero((pairs.window == number) & (pairs.n_occasions >= 2))
        a, b = pairs.a[rows], pairs.b[rows]
        p = null_models.tail(pairs.n_occasions[rows], model.expected(a, b)) * n_windows
        parts.append(pd.DataFrame({"a": a, "b": b, "p": p})[p < WEAK])
    if wide is not None:
        a, b, p = wide[0], wide[1], wide[2] * n_windows
        parts.append(pd.DataFrame({"a": a, "b": b, "p": p})[p < WEAK])
    best = pd.concat(parts).groupby(["a", "b"], sort=True, as_index=False)["p"].min()
    return WeakEdges(best["a"].to_numpy(np.int32), best["b"].to_numpy(np.int32), best["p"].to_numpy(np.float64))


def grouped(weak: WeakEdges, seed: int) -> list[Codes]:
    """Return the members of each group by account code: the largest group first, then by smallest code."""
    edges = pd.DataFrame({"account_a": weak.a, "account_b": weak.b, "strength": -np.log(weak.p)})
    core = core_numbers(edges)
    strong = edges[(edges["account_a"].map(core) >= CORE) & (edges["account_b"].map(core) >= CORE)]
    community = leiden(strong[["account_a", "account_b"]], RESOLUTION, seed, objective="CPM")
    members: dict[int, list[int]] = {}
    for account, number in community.items():
        members.setdefault(number, []).append(account)
    of_a, of_b = strong["account_a"].map(community), strong["account_b"].map(community)
    inside = dict(list(strong[of_a == of_b].groupby(of_a[of_a == of_b])))
    groups = [_staying(inside[n], np.array(sorted(m), np.int32)) for n, m in members.items() if len(m) >= MIN_SIZE]
    return sorted((g for g in groups if g.size >= MIN_SIZE), key=lambda g: (-g.size, int(g[0])))


def _staying(edges: pd.DataFrame, members: Codes) -> Codes:
    """Return the members left when those with less than a third of the median strength have left, again and again."""
    a, b, strength = (edges[name].to_numpy() for name in ("account_a", "account_b", "strength"))
    while members.size >= MIN_SIZE:
        use = np.isin(a, members) & np.isin(b, members)
        ends = np.searchsorted(members, np.concatenate([a[use], b[use]]))
        member_strength = np.bincount(ends, np.tile(strength[use], 2), members.size)
        stay = member_strength >= LEAST_OF_MEDIAN * np.median(member_strength)
        if stay.all():
            break
        members = members[stay]
    return members


def _sources(pairs: PairTests, cells: PairCells, window: int) -> tuple[NDArray[np.int64], Codes]:
    """Return (row among the pairs of a window, source) of the pairs with at least two occasions."""
    use = pairs.window[cells.pair] == window
    return cells.pair[use] - int(np.searchsorted(pairs.window, window)), cells.source[use]


def _tested(kept: Retained, members: Codes, model: FreedModels) -> Group:
    """Return a group with its broad occasions and what each member did."""
    broad = broad_occasions(kept.line, kept.born_us, members)
    with_others = company_occasions(kept.line, members, model.window_s)
    left, right = np.triu_indices(members.size, 1)
    each = model.expected(members[left], members[right])
    pairs_expected = np.zeros(members.size)
    np.add.at(pairs_expected, left, each)
    np.add.at(pairs_expected, right, each)
    expected = pairs_expected / np.maximum(with_others.company, 1.0)
    p = null_models.tail(with_others.n, expected)
    q = fdr.adjusted(p, members.size)
    enough = (with_others.n >= MIN_OCCASIONS) & (q < fdr.LEVEL)
    fewer = (with_others.n == FEWER_OCCASIONS) & (p < FEWER_LEVEL / members.size)
    held = proven(broad, members.size)
    return Group(
        members,
        broad,
        held,
        with_others.n,
        with_others.company,
        pairs_expected,
        expected,
        p,
        q,
        (enough | fewer) & held,
    )
