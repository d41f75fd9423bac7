"""Bursts without any object: local means by hand, a planted burst, and crowds that are none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, nbinom

from spmc_tools.chance.events.burst_bins import _expected, _local_mean, bin_s, bursts

HOUR = 3_600


def crowd(seed: int, n: int = 20_000, accounts: int = 2_000, hours: int = 24) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    pace = rng.gamma(20, 1 / 20, hours * 6)  # ten minutes of one pace
    block = rng.choice(hours * 6, n, p=pace / pace.sum())
    t = block * 600.0 + rng.uniform(0, 600, n)
    return rng.integers(accounts, size=n), (t * 1e6).astype(np.int64)


def test_local_mean_by_a_loop() -> None:
    rng = np.random.default_rng(1)
    bins = np.unique(rng.integers(0, 900, 200))
    count = rng.integers(1, 6, bins.size).astype(float)
    reach = 600 // 5
    for i, mean in enumerate(_local_mean(bins, count, 5)):
        near = [c for b, c in zip(bins, count, strict=True) if abs(b - bins[i]) <= reach]
        low, high = max(bins[i] - reach, bins[0]), min(bins[i] + reach, bins[-1])
        assert mean == pytest.approx((sum(near) - count[i]) / max(high - low, 1))


def test_planted_bursts_are_found_with_their_accounts() -> None:
    account, t = crowd(2)
    at = [30_000, 50_000, 61_111, 70_007]
    extra = [(2_000 + i, second * 1_000_000 + 200_000 * (i % 5)) for second in at for i in range(12)]
    account = np.concatenate([account, [a for a, _ in extra]])
    t = np.concatenate([t, [s for _, s in extra]])
    found = bursts(account, t, 2_012, 5)
    assert set((np.array(at) // 5 * 5_000_000).tolist()) == set(found.start_us.tolist())
    assert (found.account_q[2_000:] < 0.05).all()
    assert not (found.account_q[:2_000] < 0.05).any()
    assert found.in_bursts[2_000:].tolist() == [4] * 12
    expected, alpha = found.expected, found.alpha
    again = nbinom.sf(found.n_accounts - 1, 1 / alpha, 1 / (1 + alpha * expected))
    np.testing.assert_allclose(found.p, again)
    np.testing.assert_allclose(found.account_p[2_000:], binom.sf(3, 4, found.share))


@pytest.mark.parametrize("seed", range(5))
def test_a_crowd_has_none(seed: int) -> None:
    account, t = crowd(seed)
    assert bursts(account, t, 2_000).start_us.size <= 1
    assert not (bursts(account, t, 2_000).account_q < 0.05).any()


def test_posts_planned_on_the_full_hour_are_expected_there() -> None:
    rng = np.random.default_rng(3)
    account, t = crowd(3, hours=72)
    planned = np.repeat(np.arange(72) * HOUR, 8) * 1_000_000
    account = np.concatenate([account, rng.integers(2_000, size=planned.size)])
    found = bursts(account, np.concatenate([t, planned]), 2_000, 5)
    assert found.start_us.size <= 3


def test_bins_and_nothing_at_all() -> None:
    assert bin_s(np.empty(0, np.int64)) == 5
    assert bin_s(np.arange(1_000) * 1_000_000) == 1
    assert bin_s(np.arange(1_000) * 10_000_000) == 5
    assert bin_s(np.linspace(0, 5_000_000_000, 1_000).astype(np.int64)) == 1, "one in five seconds"
    assert bin_s(np.linspace(0, 5_000_000_000, 999).astype(np.int64)) == 5
    none = bursts(np.empty(0, np.int64), np.empty(0, np.int64), 3)
    assert none.account_q.tolist() == [1, 1, 1]
    assert _expected(np.empty(0, np.int64), np.empty(0, np.int64), 5)[0].size == 0
    same = bursts(np.arange(50), np.zeros(50, np.int64), 50)
    assert not np.isnan(same.account_q).any()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4_000)), max_size=60), st.randoms(use_true_random=False))
def test_order_changes_nothing_and_nothing_is_nan(rows: list[tuple[int, int]], random) -> None:
    def of(given: list[tuple[int, int]]):
        return bursts(np.array([a for a, _ in given], np.int64), np.array([t * 10**6 for _, t in given], np.int64), 10)

    one, other = of(rows), of(random.sample(rows, len(rows)))
    np.testing.assert_array_equal(one.start_us, other.start_us)
    np.testing.assert_allclose(one.account_q, other.account_q)
    assert not np.isnan(one.account_q).any()
    assert not np.isnan(one.expected).any()


def test_bins_longer_than_the_time_around_them_expect_one_action_by_the_slot() -> None:
    """Bins of twenty minutes have no neighbour within ten: one action each, three slots an hour, two of them used."""
    expected, _ = _expected(np.array([0, 5]), np.array([1, 1]), 1_200)
    assert expected.tolist() == pytest.approx([20 / (2 / 3 + 20)] * 2)
