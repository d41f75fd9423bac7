"""The interval of a share, against the binomial distribution itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from spmc_tools.chance.statistics.share_interval import share_interval


@settings(deadline=None)
@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_its_ends_leave_one_fortieth_on_either_side(seen: tuple[int, int]) -> None:
    hits, draws = seen
    low, high = share_interval(hits, draws)
    assert 0 <= low <= hits / draws <= high <= 1
    assert low == 0 if hits == 0 else binom.sf(hits - 1, draws, low) == pytest.approx(0.025, rel=1e-6)
    assert high == 1 if hits == draws else binom.cdf(hits, draws, high) == pytest.approx(0.025, rel=1e-6)


def test_nothing_of_ten_and_nothing_of_nothing() -> None:
    assert share_interval(0, 10) == (0.0, pytest.approx(1 - 0.025**0.1))
    assert share_interval(0, 0) == (0.0, 1.0)
