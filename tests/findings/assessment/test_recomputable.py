"""Which pairs are checked: the least probable ones, those that are shown, and all where there are few."""

from __future__ import annotations

import numpy as np
import pytest

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
