"""The watch board: counts per day by brute force, what is coming by hand, cases in their order."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.desks.calendar import IST
from spmc_tools.desks.watch_board import STATES, board, coming, per_day

DAY = date(2025, 11, 10)
entry = st.tuples(st.integers(0, 5), st.sampled_from([*STATES, "answered"]), st.integers(0, 24 * 6))


@given(st.lists(entry, min_size=1, max_size=40))
def test_daily_return_by_counting(entries) -> None:
    start = datetime(2025, 11, 5, tzinfo=IST)
    moments = [start + timedelta(hours=hours) for _, _, hours in entries]
    frame = pd.DataFrame(
        {
            "referral_id": [f"r{n}" for n, _, _ in entries],
            "state": [state for _, state, _ in entries],
            "state_at": pd.to_datetime(moments, utc=True),
        }
    )
    first: dict[tuple[int, str], date] = {}
    for (n, state, _), moment in zip(entries, moments, strict=True):
        first[n, state] = min(first.get((n, state), date.max), moment.date())
    for row in per_day(frame, DAY, 7):
        for state in STATES:
            assert row[state] == sum(day == row["day"] for (_, one), day in first.items() if one == state)
        watched = 0
        for n in range(6):
            opened = [day for (one, state), day in first.items() if one == n and state in {"flagged", "verified"}]
            closed = [day for (one, state), day in first.items() if one == n and state not in {"flagged", "verified"}]
            watched += bool(opened) and min(opened) <= row["day"] and not (closed and min(closed) <= row["day"])
        assert row["watched"] == watched


def test_what_is_coming_before_the_polls() -> None:
    rows = coming(date(2025, 11, 4), 10)
    assert [(row["what"], row["phase"], row["in_days"]) for row in rows] == [
        ("silence", 1, 0),
        ("poll", 1, 2),
        ("silence", 2, 5),
        ("poll", 2, 7),
        ("count", None, 10),
    ]
    season = coming(date(2026, 2, 20), 1)
    assert [(row["title"]["en"], row["what"], row["in_days"]) for row in season] == [("Ramzan", "season", 0)]


def test_a_case_that_is_over_shows_its_last_day_and_says_so(measures_case) -> None:
    got = board(measures_case)
    assert got.today == date(2025, 11, 12) and got.is_past and got.returns is None
    assert [(row["case"], row["state"]) for row in got.cases] == [("measures", "running")] and got.unread == 0
    assert board(measures_case, "2025-11-13").cases[0]["state"] == "over"
    (measures_case.path.parent / "broken").mkdir()
    (measures_case.path.parent / "broken" / "case.toml").write_text("no toml [", encoding="utf-8")
    assert board(measures_case).unread == 1
