"""A context laid over an assessment gives what assessing with it gives.

Groups and late groups are compared in their own tests, where there are some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.coaction.traces.trace_catalogue import actions_of
from spmc_tools.findings.assessment.assess import Assessment, assess
from spmc_tools.findings.assessment.assessment_context import in_context
from spmc_tools.findings.result.received_records import received

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

FRAMES = (
    "edges", "accounts", "clusters", "excluded", "groups", "group_members", "broad_occasions", "late", "late_members",
    "late_strikes",
)  # fmt: skip
MEMBERS = [f"c{n:04d}" for n in range(10)]


@pytest.fixture(scope="module")
def actions(world: pd.DataFrame) -> pa.Table:
    return actions_of(received(world).table, "co_repost")


@pytest.fixture(scope="module")
def plain(actions: pa.Table) -> Assessment:
    return assess(actions, windows_s=(60, 600))


def equal(one: Any, two: Any) -> None:
    for frame in FRAMES:
        pd.testing.assert_frame_equal(getattr(one, frame), getattr(two, frame))
    assert one.notes == two.notes


def test_there_is_something_to_name(plain: Assessment, members: list[str]) -> None:
    assert members == MEMBERS
    assert set(plain.accounts.loc[plain.accounts["named"], "account_id"]) <= set(members)
    assert plain.accounts["named"].sum() >= 8 and len(plain.clusters)


@pytest.mark.parametrize(
    "context",
    [
        {}, {"nobody": "newsroom"}, {"a0001": "official"}, {"c0000": "newsroom"},
        dict.fromkeys(MEMBERS[:5], "newsroom"),
        dict.fromkeys(MEMBERS[:3], "official") | dict.fromkeys(MEMBERS[3:7], "newsroom"), {"a0007": "newsroom"},
        dict.fromkeys(MEMBERS, "volunteers") | {"a0003": "newsroom", "x": "y"},
    ],
)  # fmt: skip
def test_the_same_as_assessing_with_it(actions: pa.Table, plain: Assessment, context: Mapping[str, str]) -> None:
    equal(in_context(plain, context), assess(actions, windows_s=(60, 600), context=context))


@given(st.dictionaries(st.sampled_from([*MEMBERS, "a0003", "x"]), st.sampled_from(["newsroom", "official"])))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_for_any_context(actions: pa.Table, plain: Assessment, context: dict[str, str]) -> None:
    equal(in_context(plain, context), assess(actions, windows_s=(60, 600), context=context))
