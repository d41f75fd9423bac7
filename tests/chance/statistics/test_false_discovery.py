"""Benjamini–Hochberg with unseen tests, written out with every one of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spmc_tools.chance.statistics.false_discovery import account_p, adjusted

some_p = st.lists(st.floats(1e-300, 1), min_size=1, max_size=40)


@given(p=some_p, unseen=st.integers(0, 500))
def test_q_is_that_of_the_whole_list_with_the_unseen_at_one(p, unseen):
    whole = stats.false_discovery_control(np.array(p + [1.0] * unseen))
    assert adjusted(np.array(p), len(p) + unseen) == pytest.approx(whole[: len(p)], rel=1e-12)


@given(p=some_p)
def test_a_smaller_p_never_has_a_larger_q(p):
    q = adjusted(np.array(p), 1000)
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= 0).all()
    assert ((q > 0) & (q <= 1)).all()


def test_nothing_tested_gives_nothing():
    assert adjusted(np.empty(0), 10).size == 0


def test_an_account_takes_its_best_pair_corrected_for_partners_and_windows():
    p = account_p(np.array([1e-6, 1e-3, 0.9]), np.array([0, 0, 2]), np.array([1, 2, 3]), 5, 2)
    assert p == pytest.approx([8e-6, 8e-6, 8e-3, 1, 1])
