"""Clusters over all traces: what a pair weighs, by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from spmc_tools.findings.clusters.clusters import _weighted


def edges(*rows):
    return pd.DataFrame(rows, columns=["trace", "account_a", "account_b", "p", "p_group"])


def test_a_pair_weighs_the_smaller_of_both_probabilities_once_per_trace():
    found = _weighted(
        edges(
            ("co_repost", "a", "b", 1e-9, 1.0),  # a significant pair outside any group
            ("co_repost", "a", "c", 0.02, 1e-4),  # a weak edge inside a proven group
            ("co_repost", "a", "c", 0.01, 1e-3),  # the same pair in another window
            ("copypasta", "a", "c", 1e-5, 1.0),
            ("copypasta", "b", "c", 1e-200, 1.0),
        )
    )
    assert list(zip(found["account_a"], found["account_b"], strict=True)) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found["weight"].tolist() == pytest.approx([9 * math.log(10), 9 * math.log(10), 60.0])


def test_where_no_groups_were_looked_for_p_alone_speaks():
    found = _weighted(edges(("co_repost", "a", "b", 1e-3, 1.0)).drop(columns="p_group"))
    assert found["weight"].tolist() == pytest.approx([3 * math.log(10)])
