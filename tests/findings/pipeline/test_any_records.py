"""Whatever records a table holds, ``investigate`` returns findings or says in a sentence why it cannot."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given

import spmc_tools as spmc
from spmc_tools.errors import SpmcError
from tests.findings.any_tables import A_HUNDRED, REQUIRED, AnyTable, check_records, records

START = pd.Timestamp("2025-11-01", tz="UTC")


@A_HUNDRED
@given(records())
def test_any_table_of_records_is_looked_at_or_refused_in_a_sentence(drawn: AnyTable) -> None:
    check_records(drawn)


@pytest.mark.parametrize("name", REQUIRED)
def test_a_null_where_none_may_be_is_refused(name: str) -> None:
    records = pd.DataFrame({"record_id": ["r1", "r2"], "account_id": ["a", "b"], "created_at": [START, START]})
    records.loc[1, name] = None
    with pytest.raises(SpmcError, match=rf"records\.{name}: row 1 is null"):
        spmc.investigate(records)


@pytest.mark.parametrize(
    ("t_us", "refused"),
    [
        (-62_135_596_800_000_000, False), (-62_135_596_800_000_001, True),  # 1 January of year 1, by the microsecond
        (253_402_300_799_999_999, False), (253_402_300_800_000_000, True),  # the end of the year 9999
    ],
)  # fmt: skip
def test_a_time_without_a_date_is_refused_by_its_row(t_us: int, refused: bool) -> None:
    times = pa.array([0, t_us], pa.timestamp("us", tz="UTC"))
    table = pa.table({"record_id": ["r1", "r2"], "account_id": ["a", "b"], "created_at": times})
    if refused:
        with pytest.raises(SpmcError, match=r"created_at: row 1 holds a time outside the years 1 to 9999; correct"):
            spmc.investigate(table)
    else:
        assert len(spmc.investigate(table).accounts) == 2


@pytest.mark.parametrize(("years", "refused"), [(20, False), (30, True), (2000, True)])
def test_one_wrong_year_does_not_ask_for_terabytes(years: int, refused: bool) -> None:
    """Sixty posts of two accounts on six days, one of them decades before the others."""
    at = [START + pd.Timedelta(days=n // 10, minutes=n % 10) for n in range(60)]
    created = pd.Series(at).dt.as_unit("us")
    created[0] -= pd.Timedelta(days=365 * years).as_unit("s")
    account = [f"a{n % 2}" for n in range(60)]
    table = pd.DataFrame({"record_id": [f"r{n}" for n in range(60)], "account_id": account, "created_at": created})
    found = spmc.investigate(table, traces=["clock_lockstep"])
    reasons = [row["reason"] for row in found.not_run if row["trace"] == "clock_lockstep"]
    assert [reason.startswith(f"The records lie up to {365 * years + 5:,} days apart") for reason in reasons] == (
        [True] if refused else []
    )
