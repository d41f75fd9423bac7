"""Which pairs are checked: the least probable ones, those that are shown, and all where there are few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import spmc_tools as spmc
from spmc_tools.findings.assessment.recomputable import checked


@pytest.mark.parametrize(
    ("p", "most", "expected"),
    [
        ([0.3, 0.1, 0.2], 3, [True, True, True]),
        ([0.3, 0.1, 0.2], 4, [True, True, True]),
        ([0.3, 0.1, 0.2], 2, [False, True, True]),
        ([0.3, 0.1, 0.1], 1, [False, False, False]),  # two with one p: both or none
        ([], 0, []),
    ],
)
def test_so_many_pairs_are_checked(p, most, expected):
    assert checked(np.array(p), np.zeros(len(p), bool), most).tolist() == expected


def test_a_pair_that_is_shown_is_checked_whatever_its_p():
    assert checked(np.array([0.3, 0.1, 0.2]), np.array([True, False, False]), 1).tolist() == [True, True, False]


def test_a_pair_with_two_occasions_is_checked():
    """Three accounts together on two days; one pair on a third."""
    rows = [(who, f"o{day}", day * 86_400) for day in range(3) for who in ("abc" if day < 2 else "ab")]
    edges = spmc.assess(pd.DataFrame(rows, columns=["account_id", "object_id", "t"])).edges
    narrow = edges[edges["window_s"] == 60].set_index(["account_a", "account_b"])
    assert narrow["n_occasions"].to_dict() == {("a", "b"): 3, ("a", "c"): 2, ("b", "c"): 2}
    assert narrow["n_retained"].to_dict() == {("a", "b"): 3, ("a", "c"): 2, ("b", "c"): 2}
    assert narrow[["p_degree_check", "p_time_local", "p_habit"]].notna().all(axis=None)
