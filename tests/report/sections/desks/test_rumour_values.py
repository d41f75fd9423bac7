"""Groups that carry a claim go by the number that the report on groups gives them."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from spmc_tools.report.sections.desks.rumour_values import _groups

POSTS = pd.DataFrame({"account_id": ["a", "b", "m", "n", "x", "y", "z"]})
FOUND = SimpleNamespace(
    accounts=pd.DataFrame({"account_id": ["a", "b", "c", "x", "y", "z"], "tier": ["A", "B", "B", "B", "B", "C"]}),
    clusters=pd.DataFrame(
        {
            "cluster_id": [1, 2, 3],
            "size": [3, 2, 3],
            "context": [None, "newsroom", None],
            "accounts": [["a", "b", "c"], ["m", "n"], ["x", "y", "z"]],
        }
    ),
)


def test_a_group_has_the_number_of_the_report_on_groups_and_newsrooms_set_aside_are_none() -> None:
    found = _groups(POSTS, FOUND)
    assert [(group.number, group.cluster_id, group.members, group.size) for group in found] == [
        (2, 3, 3, 3),
        (1, 1, 2, 3),
    ]
    assert _groups(POSTS, None) == () and _groups(POSTS.iloc[:0], FOUND) == ()


def test_two_newsrooms_that_carry_a_claim_are_no_group() -> None:
    assert _groups(pd.DataFrame({"account_id": ["m", "n"]}), FOUND) == ()
