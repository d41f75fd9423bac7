"""Beta-binomial tails by direct summation, by exact fractions and by drawing."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln, gammaln, logsumexp

from spmc_tools.chance.statistics.beta_binomial import log_tails


def by_sum(x: int, n: int, p: float, rho: float) -> float:
    """Sum every term of the tail in the log domain."""
    k = np.arange(x, n + 1)
    size = (1 - rho) / rho
    a, b = p * size, (1 - p) * size
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return float(logsumexp(choose + betaln(k + a, n - k + b) - betaln(a, b)))


@pytest.mark.parametrize("seed", range(3))
def test_against_direct_summation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(300):
        n = int(rng.integers(1, 400))
        x, p = int(rng.integers(1, n + 1)), float(rng.uniform(1e-6, 0.999))
        rho = float(rng.choice([0.003, 0.01, 0.05, 0.3, 0.9]))
        assert log_tails(x, n, p, rho).item() == pytest.approx(min(by_sum(x, n, p, rho), 0.0), rel=1e-9, abs=1e-9)


def test_by_exact_fractions() -> None:
    """a = 1, b = 3 (p = 1/4, rho = 1/5): rising factorials, no floating point."""

    def rising(value: int, times: int) -> int:
        return math.prod(range(value, value + times))

    n = 12
    terms = [Fraction(math.comb(n, k) * rising(1, k) * rising(3, n - k), rising(4, n)) for k in range(n + 1)]
    assert sum(terms) == 1
    for x in range(n + 1):
        assert math.exp(log_tails(x, n, 0.25, 0.2).item()) == pytest.approx(float(sum(terms[x:])), rel=1e-12)


def test_without_correlation_it_is_the_binomial() -> None:
    n, p = 30, 0.07
    terms = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    for x in range(n + 1):
        assert math.exp(log_tails(x, n, p, 0.0).item()) == pytest.approx(sum(terms[x:]), rel=1e-12)


def test_by_simulation() -> None:
    rng = np.random.default_rng(4)
    p, rho, n = 4 / 60, 0.05, 40
    drawn = rng.binomial(n, rng.beta(p * (1 - rho) / rho, (1 - p) * (1 - rho) / rho, size=400_000))
    for x in (1, 4, 8, 12):
        share = float((drawn >= x).mean())
        assert math.exp(log_tails(x, n, p, rho).item()) == pytest.approx(share, abs=5 * math.sqrt(share / 400_000))


def test_far_tails_and_bounds() -> None:
    assert log_tails(5_000, 5_000, 1e-4, 0.01).item() == pytest.approx(by_sum(5_000, 5_000, 1e-4, 0.01), rel=1e-9)
    assert -400 < log_tails(300, 300, 1e-3, 0.01).item() < -200
    assert log_tails([0, 3, 4, 1, 2], [3, 3, 3, 3, 3], [0.2, 1.0, 0.2, 0.0, 0.2], 0.1).tolist()[:4] == [
        0.0, 0.0, -np.inf, -np.inf,
    ]  # fmt: skip
    assert log_tails(1, 100_000, 0.2, 0.2).item() == pytest.approx(by_sum(1, 100_000, 0.2, 0.2), rel=1e-4)
    assert log_tails(np.empty(0), 3, 0.2, 0.1).shape == (0,)


def rounded(rho: float) -> float:
    """Return what three roundings of the largest gamma function make: beyond 1e-12 only where rho is near 1e-7."""
    return 3 * math.ulp(math.lgamma((1 - rho) / rho)) if rho >= 1e-7 else 0.0


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 300), st.data(), st.floats(0, 1), st.floats(0, 0.95))
def test_falls_with_x_and_rises_with_p(n: int, data: st.DataObject, p: float, rho: float) -> None:
    x = data.draw(st.integers(0, n))
    here, above = log_tails([x, x + 1], n, p, rho)
    assert above <= here + 1e-12 + rounded(rho) and here <= 0.0
    assert not np.isnan([here, above]).any()
    assert log_tails(x, n, min(1.0, p * 1.1 + 1e-3), rho).item() >= here - 1e-6
