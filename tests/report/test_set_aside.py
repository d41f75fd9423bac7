"""A report says how many received files are set aside, and counts none of their rows."""

from __future__ import annotations

import pytest

from spmc_tools.case.set_aside import set_aside
from spmc_tools.report.received import data
from spmc_tools.report.scope import in_period


@pytest.mark.parametrize("aside", [False, True])
def test_data_received(small_case, aside: bool) -> None:
    whole = data(small_case, in_period(small_case))
    first = small_case.batches()[0]
    if aside:
        set_aside(small_case, first.batch_id, "mistake")
    found = data(small_case, in_period(small_case))
    assert found["set_aside"] == aside
    assert found["records"] == whole["records"] - aside * first.kept
    assert found["totals"]["read"] == whole["totals"]["read"] - aside * first.read
