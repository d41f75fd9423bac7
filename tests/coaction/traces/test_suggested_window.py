"""The window that the data suggests, by a second route."""

from __future__ import annotations

import math
from statistics import median
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.coaction.traces.suggested_window import suggested_window_s
from spmc_tools.errors import ActionsError, ParameterError


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12), st.integers(0, 5000)), min_size=1, max_size=150))
def test_by_a_second_route(rows: list[tuple[int, int, int]]) -> None:
    halves = []
    for o in {o for _, o, _ in rows}:
        first: dict[int, int] = {}
        for a, u, t in rows:
            if u == o:
                first[a] = min(t, first.get(a, t))
        times = sorted(first.values())
        if len(times) >= 5:
            halves.append(times[math.ceil(len(times) / 2) - 1] - times[0])
    chosen = sorted(halves)[: max(1, len(halves) // 10)]
    wanted = max(1, math.ceil(median(chosen))) if chosen else None
    assert suggested_window_s(pd.DataFrame(rows, columns=["account_id", "object_id", "t"])) == wanted


def test_constant_times_give_one_second() -> None:
    frame = pd.DataFrame({"account_id": range(6), "object_id": "o", "t": 7})
    assert suggested_window_s(frame) == 1.0
    assert suggested_window_s(frame.head(4)) is None


@pytest.mark.parametrize(
    "given_", [{"fastest": 0}, {"fastest": 2}, {"fastest": "x"}, {"fewest_accounts": 1}, {"fewest_accounts": True}]
)
def test_bad_parameters(given_: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        suggested_window_s(pd.DataFrame({"account_id": [1], "object_id": [1], "t": [1]}), **given_)
    with pytest.raises(ActionsError, match="column t is missing"):
        suggested_window_s(pd.DataFrame({"account_id": [1], "object_id": [1]}))
