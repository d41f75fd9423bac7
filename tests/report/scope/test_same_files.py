"""Shares beside the same files: by hand, in two files that cover different days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from spmc_tools.desks.base.calendar import event
from spmc_tools.desks.watch.watch import of_both_days, risen
from spmc_tools.report.scope.same_files import files_beside

INDIA = ZoneInfo("Asia/Kolkata")
BIHAR = event("bihar-assembly-2025")


def posts(*rows: tuple[str, str, int]) -> pd.DataFrame:
    """(file, first moment in IST, so many posts a minute apart)."""
    made = [
        (file, pd.Timestamp(datetime.fromisoformat(start).replace(tzinfo=INDIA) + timedelta(minutes=n)))
        for file, start, many in rows
        for n in range(many)
    ]
    table = pd.DataFrame(made, columns=["source_sha256", "created_at"])
    return table.assign(created_at=pd.to_datetime(table["created_at"], utc=True))


def scope(records: pd.DataFrame, chosen=BIHAR) -> SimpleNamespace:
    settings = SimpleNamespace(date_from=date(2025, 10, 20), date_to=date(2025, 11, 20))
    case = SimpleNamespace(settings=settings)
    return SimpleNamespace(searched=records, event=chosen, case=case, date_from=None, date_to=None)


# Silence of the first phase: 4 November 18:00 to 6 November 18:00.
WHOLE = posts(
    ("october", "2025-10-27T10:00", 80),  # no day of a silence period
    ("week", "2025-11-03T10:00", 60),
    ("week", "2025-11-05T10:00", 40),  # 40 of 100 in silence; 24 of the 48 hours of its two days
    ("poll", "2025-11-06T10:00", 10),  # 10 of 20; 18 of 24 hours
    ("poll", "2025-11-06T19:00", 10),
    ("old", "2013-01-01T10:00", 7),  # years before: no day of a silence period either
)


def test_a_group_in_one_file_is_compared_with_that_file_alone() -> None:
    group = posts(
        ("october", "2025-10-27T11:00", 10), ("week", "2025-11-03T11:00", 10), ("week", "2025-11-05T11:00", 30)
    )
    got = files_beside(scope(WHOLE)).beside(group)
    assert (got.n, got.of, got.elsewhere) == (30, 40, 10)
    assert (got.share, got.time) == (pytest.approx(0.4), pytest.approx(0.5))


def test_stray_posts_of_years_before_are_no_days_to_compare_with() -> None:
    """Three hundred days of 2013 in the file of a week: the silence is half of the week's two days all the same."""
    stray = posts(*(("week", f"2013-{1 + n // 28:02d}-{1 + n % 28:02d}T10:00", 1) for n in range(300)))
    whole = pd.concat([WHOLE, stray], ignore_index=True)
    group = posts(("week", "2025-11-03T11:00", 10), ("week", "2025-11-05T11:00", 30))
    got = files_beside(scope(whole)).beside(group)
    assert (got.share, got.time) == (pytest.approx(0.4), pytest.approx(0.5))
    old = files_beside(scope(stray)).beside(group)  # no post lies on the days of the case: nothing to compare with
    assert (old.of, old.share) == (0, None)


def test_files_count_as_the_group_is_spread_over_them() -> None:
    group = posts(("week", "2025-11-05T11:00", 30), ("poll", "2025-11-06T11:00", 10))
    files = files_beside(scope(WHOLE))
    got = files.beside(group)
    assert (got.n, got.of, got.elsewhere) == (40, 40, 0) and files.unconfirmed
    assert got.share == pytest.approx((30 * 0.4 + 10 * 0.5) / 40)
    assert got.time == pytest.approx((30 * 24 / 48 + 10 * 18 / 24) / 40)
    assert got.share != pytest.approx(50 / 120)  # what both files pooled do


@pytest.mark.parametrize("chosen", [None, event("chhath")])
def test_without_a_silence_period_nothing_is_compared(chosen) -> None:
    files = files_beside(scope(WHOLE, chosen))
    got = files.beside(WHOLE)
    assert (got.n, got.of, got.elsewhere, got.share, got.time) == (0, 0, len(WHOLE), None, None)
    assert not files.unconfirmed and files_beside(scope(WHOLE[:0])).beside(WHOLE).of == 0


def test_only_files_with_days_of_both_kinds_are_compared() -> None:
    marked = {date(2025, 11, 6)}
    both = of_both_days(WHOLE, marked)
    assert not both.any()  # "poll" holds the day alone, the others hold none of it
    more = pd.concat([WHOLE, posts(("poll", "2025-11-07T10:00", 5))], ignore_index=True)
    assert set(more["source_sha256"][of_both_days(more, marked)]) == {"poll"}
    assert of_both_days(more.drop(columns="source_sha256"), marked).all()


def test_a_tag_of_a_file_of_the_days_alone_does_not_rise() -> None:
    """Forty accounts use #poll in a file that holds the poll alone; nobody does in the other files."""
    rows = [("poll", 6, f"p{n}", "poll") for n in range(40)]
    rows += [("week", day, f"w{n}", tag) for day in (5, 6) for tag in ("a", "b") for n in range(20)]
    records = pd.DataFrame(
        {
            "record_id": [str(n) for n in range(len(rows))],
            "source_sha256": [row[0] for row in rows],
            "account_id": [row[2] for row in rows],
            "created_at": pd.to_datetime([f"2025-11-{row[1]:02d}T12:00:00+05:30" for row in rows], utc=True),
        }
    )
    things = pd.DataFrame(
        {
            "kind": pd.Categorical(["tag"] * len(rows)),
            "thing": [row[3] for row in rows],
            "label": [row[3] for row in rows],
            "row": range(len(rows)),
            "key": [row[3] for row in rows],
        }
    )
    marked = {date(2025, 11, 6)}
    assert risen(records, things, marked, {}).empty
    assert risen(records.drop(columns="source_sha256"), things, marked, {})["thing"].tolist() == ["poll"]
    # a file a day: no file holds both kinds of days, and all are compared as one
    daily = records.assign(source_sha256=records["created_at"].dt.day.astype(str))
    assert not of_both_days(daily, marked).any() and risen(daily, things, marked, {})["thing"].tolist() == ["poll"]
