"""The chance models: Poisson tails against scipy and mpmath-free arithmetic, sums that must add up."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from spmc_tools.chance.pairs import null_models
from spmc_tools.chance.pairs.null_models import amounts, log_tail, partner_degree, slow_interest, tail


@given(n=st.integers(1, 200), expected=st.floats(1e-9, 500))
def test_the_tail_is_scipys_where_scipy_can_hold_it(n, expected):
    reference = stats.poisson.sf(n - 1, expected)
    if reference > 1e-280:
        assert tail(np.array([n]), np.array([expected]))[0] == pytest.approx(reference, rel=1e-7)


@pytest.mark.parametrize(("n", "expected"), [(60, 1e-6), (200, 1e-3), (40, 1e-9), (500, 2.0)])
def test_tails_too_small_for_a_float_have_the_right_logarithm(n, expected):
    lam = Fraction(expected)
    terms = sum(lam**k / math.factorial(k) for k in range(n, n + 25))
    exact = math.log(terms.numerator) - math.log(terms.denominator) - expected
    assert log_tail(np.array([n]), np.array([expected]))[0] == pytest.approx(exact, rel=1e-9)


@given(expected=st.floats(1e-12, 100))
def test_more_occasions_are_never_more_probable(expected):
    logs = log_tail(np.arange(0, 120), np.full(120, expected))
    assert np.isfinite(logs).all()
    assert logs[0] == 0
    assert (np.diff(logs) <= 1e-9).all()


@given(n=st.integers(1, 50))
def test_a_larger_expectation_never_makes_p_smaller(n):
    expected = np.geomspace(1e-12, 200, 200)
    assert (np.diff(tail(np.full(200, n), expected)) >= -1e-12).all()


def test_no_expectation_and_no_occasions_stay_numbers():
    p = tail(np.array([3, 0, 1]), np.array([0.0, 1.0, 0.0]))
    assert np.isfinite(p).all()
    assert p[1] == 1
    assert (p > 0).all()


def test_partner_degree_by_hand():
    found = partner_degree(np.array([3, 1, 50]), 20, np.array([0, 0]), np.array([1, 2]))
    assert found.tolist() == pytest.approx([-math.log(1 - 4 * 2 / 40), -math.log(0.05)])


def test_without_anybody_in_step_nothing_divides_by_zero():
    nobody = partner_degree(np.zeros(2, np.int64), 0, np.array([0]), np.array([1]))
    assert np.isfinite(nobody).all()


@pytest.mark.parametrize("n_strata", [1, 3])
def test_the_expectation_over_all_pairs_adds_up_to_the_pairs_in_step(n_strata):
    """Without the factors, the expected occasions of a source sum to the pairs ever in step on it."""
    rng = np.random.default_rng(n_strata)
    counts = rng.poisson(0.4, (25, 7)).astype(float)
    counts[:, 6] = 0
    own = sparse.csr_array(counts)
    stratum = (np.arange(25) % n_strata).astype(np.int32)
    in_step = rng.integers(1, 30, 7)
    n_actions = np.asarray(own.sum(axis=1)).ravel().astype(int) + rng.integers(0, 5, 25)
    partners = rng.integers(0, 20, 25)
    model = slow_interest(own, n_actions, stratum, partners, in_step)
    a, b = (x.astype(np.int32) for x in np.triu_indices(25, 1))
    plain = model.expected(a, b) / (model.factor[a] * model.factor[b])
    assert plain.sum() == pytest.approx(in_step[:6].sum(), rel=1e-9)
    assert model.rate[6] == 0
    of_account = np.bincount(np.concatenate([a, b]), np.tile(plain, 2))
    assert model.factor == pytest.approx(np.clip((partners + 5) / (of_account + 5), 1, 4))
    assert ((model.factor > 1) & (model.factor < 4)).any()


def test_a_source_that_one_account_alone_reads_gives_nothing_to_a_pair():
    own = sparse.csr_array(np.array([[3.0], [0.0]]))
    model = slow_interest(own, np.array([3, 0]), np.zeros(2, np.int32), np.zeros(2, np.int64), np.array([0]))
    assert model.expected(np.array([0], np.int32), np.array([1], np.int32)).tolist() == [0.0]


@settings(deadline=None)  # the first call compiles
@given(seed=st.integers(0, 2**32 - 1))
def test_single_cells_of_a_matrix_are_those_of_the_dense_one(seed):
    rng = np.random.default_rng(seed)
    dense = rng.poisson(0.4, (9, 13)).astype(float)
    row, column = rng.integers(0, 9, 50).astype(np.int32), rng.integers(0, 13, 50).astype(np.int32)
    assert amounts(sparse.csr_array(dense), row, column).tolist() == dense[row, column].tolist()


def test_tails_in_parts_are_those_of_the_whole(monkeypatch):
    rng = np.random.default_rng(2)
    n, expected = rng.integers(0, 12, 1_001).astype(np.int32), rng.exponential(1.0, 1_001)
    whole = null_models.tail(n, expected)
    monkeypatch.setattr(null_models, "_AT_A_TIME", 7)
    np.testing.assert_array_equal(null_models.tail(n, expected), whole)
