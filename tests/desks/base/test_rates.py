"""Intervals and times to an answer, against other routes: formulas of the papers, scipy's tests, a product by hand."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from spmc_tools.desks.base.rates import rate_ratio, thinned, waiting, wilson


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_the_centre_and_half_width_of_the_paper(kn: tuple[int, int]) -> None:
    k, n = kn
    z = NormalDist().inv_cdf(0.975)
    centre, half = (k + z * z / 2) / (n + z * z), z / (n + z * z) * sqrt(k * (n - k) / n + z * z / 4)
    assert wilson(k, n) == pytest.approx((centre - half, centre + half), abs=1e-12)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(0, 10, 0.0, 0.277533), (10, 10, 0.722467, 1.0), (81, 263, 0.2553, 0.3662)]
)
def test_wilson_by_hand(k: int, n: int, low: float, high: float) -> None:
    """No success, successes only: 0 and 1 exactly; the third is of Newcombe (1998), Statistics in Medicine 17."""
    found = wilson(k, n)
    assert found == pytest.approx((low, high), abs=5e-5)
    assert k > 0 or found[0] == 0
    assert k < n or found[1] == 1


def test_wilson_of_nothing_is_nothing() -> None:
    assert wilson(0, 0) is None


def by_hand(rows: list[tuple[int, bool]]) -> dict[int, float]:
    """Kaplan-Meier as the textbook multiplies it."""
    still, curve = 1.0, {}
    for time in sorted({t for t, _ in rows}):
        at_risk = sum(t >= time for t, _ in rows)
        still *= 1 - sum(t == time and done for t, done in rows) / at_risk
        curve[time] = still
    return curve


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40))
def test_waiting_is_the_product_by_hand(rows: list[tuple[int, bool]]) -> None:
    estimate = waiting(np.array([t for t, _ in rows], float), np.array([d for _, d in rows]))
    wanted = by_hand(rows)
    for time, still in wanted.items():
        assert estimate.at(time) == pytest.approx(still)
    for share in (0.5, 0.9, 0.95):
        reached = [time for time, still in wanted.items() if still <= 1 - share + 1e-9]
        assert estimate.quantile(share) == (min(reached) if reached else None)
    assert (estimate.n, estimate.answered) == (len(rows), sum(d for _, d in rows))


def test_who_waits_still_makes_the_median_later_than_the_answered_alone_say() -> None:
    seconds = np.array([60.0] * 10 + [3600.0] * 10 + [90000.0] * 20)
    answered = np.array([True] * 20 + [False] * 20)
    assert waiting(seconds, answered).quantile(0.5) == 3600
    assert waiting(seconds[:20], answered[:20]).quantile(0.5) == 60
    assert waiting(seconds, answered).quantile(0.9) is None


def test_waiting_of_nobody() -> None:
    empty = waiting(np.zeros(0), np.zeros(0, bool))
    assert empty.quantile(0.5) is None and empty.at(60) == 1.0 and thinned(empty) == []


def test_a_thinned_curve_keeps_its_ends() -> None:
    estimate = waiting(np.arange(1.0, 5001.0), np.ones(5000, bool))
    points = thinned(estimate)
    assert len(points) < 200 and points[0][0] == 1 and points[-1] == (5000.0, pytest.approx(0.0))


@given(st.integers(0, 60), st.integers(0, 60))
def test_rate_ratio_turns_the_binomial_interval(before: int, after: int) -> None:
    found = rate_ratio(before, after, 24, 12)
    if before + after == 0:
        assert found == {"ratio": None, "low": None, "high": None}
        return
    ends = binomtest(after, before + after).proportion_ci(0.95, "exact")
    assert found["low"] == pytest.approx(ends.low / (1 - ends.low) * 2)
    assert found["high"] is None if ends.high == 1 else found["high"] == pytest.approx(ends.high / (1 - ends.high) * 2)
    assert found["ratio"] is None if before == 0 else found["ratio"] == pytest.approx(after / before * 2)
