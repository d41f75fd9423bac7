"""A report says how many received files are set aside, and counts none of their rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spmc_tools.case.store.set_aside import set_aside
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.scope.received import data
from spmc_tools.report.scope.scope import in_period


@pytest.mark.parametrize("aside", [False, True])
def test_data_received(small_case, aside: bool) -> None:
    whole = data(small_case, in_period(small_case))
    first = small_case.batches()[0]
    if aside:
        set_aside(small_case, first.batch_id, "mistake")
    found = data(small_case, in_period(small_case))
    assert found.set_aside == aside
    assert found.records == whole.records - aside * first.kept
    assert found.totals.read == whole.totals.read - aside * first.read


def test_results_and_runs_come_back_and_the_index_does_not(small_case, tmp_path) -> None:
    from spmc_tools.custody.records.backup import back_up
    from spmc_tools.custody.records.restore import restore
    from spmc_tools.custody.review.verify import verify
    from spmc_tools.findings.pipeline.investigate import investigate

    investigate(small_case)
    small_case.search("word*")
    out, _, _ = back_up(small_case, tmp_path / "b.zip")
    again = restore(out, "again")
    stages = {path.parent.name for path in again.path.glob("derived/*/*/*")}
    assert stages == {"investigate"} and verify(again.path).ok
    assert investigate(again).edges.equals(investigate(small_case).edges)


def test_rows_that_are_no_posts_of_this_report_are_told_from_those_that_are(small_case) -> None:
    values = data(small_case, in_period(small_case))
    assert values.records == values.totals.kept == 30
    assert "rows kept" not in fragment({"name": "data", "missing": [], "values": values}, "en")
    fewer = replace(
        values, records=12
    )  # as where sheets of the desks were imported, or a part of the days is looked at
    said = {one: fragment({"name": "data", "missing": [], "values": fewer}, one) for one in ("en", "hi")}
    assert "12 of the rows kept are posts of the days looked at" in said["en"]
    assert "में से 12 देखे गए दिनों की पोस्ट हैं" in said["hi"]
