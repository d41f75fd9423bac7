"""What is noted of records that are received."""

from __future__ import annotations

import pandas as pd
import pytest

from spmc_tools.errors import TableError
from spmc_tools.findings.result.received_records import received


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [(["post", "repost", "reply"], None), (["post", "toot", "reply"], 1), (["toot", None, "post"], 2)],
)
def test_records_of_kinds_that_nobody_knows_are_counted_where_there_are_any(kinds, expected):
    times = pd.date_range("2025-11-06", periods=3, freq="min", tz="UTC")
    frame = pd.DataFrame({"record_id": ["1", "2", "3"], "account_id": list("abc"), "created_at": times, "kind": kinds})
    assert received(frame).notes.get("records_of_unknown_kind") == expected


@pytest.mark.parametrize(("given", "named"), [([1, 2], "list"), ("records.csv", "str"), (None, "NoneType")])
def test_what_is_no_table_is_refused_by_its_kind(given, named):
    with pytest.raises(TableError, match=f"Wanted records as a DataFrame or a case, found .{named}."):
        received(given)
