"""On what a finding rests: the rule case by case, and the rank by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.findings.tiers.basis import Links, basis, cell_share, diversity, inverse_simpson, resting_on, strength


def links(q, core, n_sources, late=0.5, returning=0.0):
    return Links(*(np.array([x]) for x in (q, core, n_sources, late, returning)))


NOTHING = links(1.0, 0, 0)


@pytest.mark.parametrize(
    ("occasions", "repeats", "rest_q", "expected"),
    [
        (links(0.01, 2, 4), NOTHING, 1.0, "several"),
        (links(0.01, 2, 5, late=0.1), NOTHING, 1.0, "several"),
        (links(0.01, 2, 5, late=0.09), NOTHING, 1.0, "few"),  # fans of five stars: early, every time
        (links(0.01, 2, 6, late=0.0), NOTHING, 1.0, "several"),
        (links(0.01, 2, 8, late=0.0, returning=0.35), NOTHING, 1.0, "several"),
        (links(0.01, 2, 8, late=0.09, returning=0.36), NOTHING, 1.0, "few"),  # fans of eight: the same ones every day
        (links(0.01, 2, 9, late=0.0, returning=0.9), NOTHING, 1.0, "few"),
        (links(0.01, 2, 10, late=0.0, returning=1.0), NOTHING, 1.0, "several"),  # more stars than fans follow
        (links(0.01, 2, 4, late=0.1, returning=1.0), NOTHING, 1.0, "several"),
        (links(0.05, 2, 4), NOTHING, 1.0, None),
        (links(0.01, 1, 4), NOTHING, 1.0, None),
        (links(0.01, 2, 3), NOTHING, 1.0, "few"),
        (links(0.01, 2, 2), NOTHING, 1.0, "few"),
        (NOTHING, links(0.01, 5, 1), 1.0, "one"),
        (NOTHING, links(0.01, 5, 2), 1.0, "few"),
        (NOTHING, links(0.01, 5, 3), 1.0, "few"),
        (NOTHING, links(0.01, 5, 9), 1.0, "one"),
        (NOTHING, links(0.01, 5, 9), 0.01, "few"),
        (NOTHING, links(0.01, 1, 9), 0.01, None),
        (links(0.01, 2, 4), links(0.01, 5, 1), 1.0, "several"),
        (NOTHING, NOTHING, 0.01, None),
    ],
)
def test_the_rule_case_by_case(occasions, repeats, rest_q, expected):
    assert basis(occasions, repeats, np.array([rest_q]))[0] == expected


def cells(counts):
    """Rows for account 0: each source with that many of its partners."""
    rows = [(0, 1 + k, source) for source, n in enumerate(counts) for k in range(n)]
    return np.array(rows, dtype=np.int32).T


@pytest.mark.parametrize(
    ("counts", "n"),
    [
        ([5, 5, 5, 5], 4),
        ([100, 100, 100, 20, 20], 3),  # three leaders and strays
        ([100, 100, 100, 40, 40], 5),
        ([20, 20, 20, 1, 1, 1, 1], 3),  # each stray on one edge only
        ([1, 1, 1, 1, 1, 1], 6),
        ([10, 10, 10, 10, 10, 5], 5),  # five stars and strays
        ([10, 10, 10, 10, 10, 6], 6),
        ([20] * 9 + [1] * 9, 9),  # nine stars have 180 of 189 cells: more than 95 of a hundred
        ([19] * 9 + [1] * 9, 18),  # 171 of 180 are 95 of a hundred, and not more
        ([20] * 9 + [1] * 7, 9),  # 180 of 187: 96 of a hundred
        ([3, 3, 3], 3),
        ([9], 1),
        ([1], 1),
    ],
)
def test_strays_are_nothing_that_edges_rest_on(counts, n):
    rows = cells(counts)
    assert resting_on(*rows, 200).tolist()[0] == n
    assert resting_on(*np.tile(rows, 2), 200).tolist()[0] == n


def test_the_cell_share_counts_each_partner_and_source_once():
    account = np.array([0, 0, 0, 0, 2], np.int32)
    partner = np.array([1, 1, 1, 3, 3], np.int32)
    source = np.array([7, 7, 8, 7, 7], np.int32)
    late = np.array([False, True, False, False, True])
    assert cell_share(account, partner, source, late, 4).tolist() == pytest.approx([1 / 3, 0, 1, 0])


def test_strength_is_the_five_best_partners_each_once_and_capped():
    p = np.array([1e-3, 1e-9, 1e-5, 1e-300, 0.5, 1e-2, 1e-4, 1e-6])
    partner = np.array([1, 1, 2, 3, 4, 5, 6, 7], np.int32)
    found = strength(np.zeros(8, np.int32), partner, p, 9)
    best = [60, *(-math.log(x) for x in (1e-9, 1e-6, 1e-5, 1e-4))]
    assert found[0] == pytest.approx(sum(best))
    assert not found[1:].any()


def test_inverse_simpson_by_hand():
    account = np.array([0, 0, 0, 1, 1], np.int64)
    source = np.array([7, 7, 3, 2, 4], np.int32)
    assert inverse_simpson(account, source, 3).tolist() == pytest.approx([9 / 5, 2, 0])


def test_diversity_lifts_many_sources_and_old_objects():
    spread, late = np.array([1.0, 2.0, 4.0, 6.0, 9.0, 1.0]), np.array([0, 0, 0, 0, 1, 1.0])
    assert diversity(spread, late).tolist() == pytest.approx([0.02, 0.02, 0.25, 0.5, 1.0, 0.5])


ORDER = (None, "one", "few", "several")


@settings(deadline=None)
@given(
    q=st.floats(0, 0.2), core=st.integers(0, 4), n=st.integers(0, 12), late=st.floats(0, 1), back=st.floats(0, 1),
    more=st.integers(0, 3), less=st.floats(0, 1),
)  # fmt: skip
def test_more_sources_later_and_less_return_never_weaken_a_finding(q, core, n, late, back, more, less):
    weak = basis(links(q, core, n, late, back), NOTHING, np.array([1.0]))[0]
    strong = basis(
        links(q * less, core + more, n + more, late + (1 - late) * less, back * less), NOTHING, np.array([1.0])
    )[0]
    assert ORDER.index(strong) >= ORDER.index(weak)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 12)), min_size=1, max_size=80),
    seed=st.integers(0, 2**32 - 1),
)
def test_names_and_order_change_no_number_that_a_finding_rests_on(rows, seed):
    rng = np.random.default_rng(seed)
    account, partner, source = np.array(rows, np.int32).T
    p = np.exp(-((account * 3 + partner * 7 + source) % 11) - 0.5)
    new, order = rng.permutation(8).astype(np.int32), rng.permutation(len(rows))
    renamed = new[account][order], new[partner][order], source[order]
    assert (resting_on(*renamed, 8)[new] == resting_on(account, partner, source, 8)).all()
    assert strength(renamed[0], renamed[1], p[order], 8)[new] == pytest.approx(strength(account, partner, p, 8))
    spread = inverse_simpson(account.astype(np.int64), source, 8)
    assert inverse_simpson(renamed[0].astype(np.int64), renamed[2], 8)[new] == pytest.approx(spread)
    marked = source % 2 == 0
    share = cell_share(account, partner, source, marked, 8)
    assert cell_share(*renamed, marked[order], 8)[new] == pytest.approx(share)
