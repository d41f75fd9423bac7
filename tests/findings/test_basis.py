"""On what a finding rests: the rule case by case, and the rank by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spmc_tools.findings.basis import Links, basis, cell_share, diversity, inverse_simpson, resting_on, strength


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
