"""The watch board: counts per day by brute force, what is coming by hand, cases in their order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.desks.base.calendar import IST
from spmc_tools.desks.watch.board import STATES, board, coming, per_day
from spmc_tools.schema import REFERRALS

DAY = date(2025, 11, 10)
CLOSED = ("removed", "fir", "cleared")
entry = st.tuples(st.integers(0, 5), st.sampled_from([*STATES, "answered"]), st.integers(0, 24 * 7))


@settings(max_examples=40, deadline=None)
@given(st.lists(entry, min_size=1, max_size=40, unique_by=lambda one: (one[0], one[2])))
def test_daily_return_by_counting(entries) -> None:
    start = datetime(2025, 11, 5, tzinfo=IST)
    rows = [
        {
            "referral_id": f"r{n}", "state": state, "state_at": (start + timedelta(hours=hours)).astimezone(UTC),
            "handle": f"h{n}", "officer": "o", "source_sha256": "0" * 64, "source_row": k,
        }
        for k, (n, state, hours) in enumerate(entries, start=1)
    ]  # fmt: skip
    seen = [(n, state, start + timedelta(hours=hours)) for n, state, hours in entries]
    seen = [one for one in seen if one[2].date() <= DAY]
    closed: dict[int, datetime] = {}
    for n, state, at in seen:
        if state in CLOSED:
            closed[n] = min(at, closed.get(n, at))
    counted = {
        (n, state, at.date()) for n, state, at in seen if state not in CLOSED or at == closed[n]
    }  # fmt: skip
    opened = {n: min(at for m, _, at in seen if m == n).date() for n, _, _ in seen}
    got = per_day(REFERRALS.from_rows(rows), DAY, 7)
    assert [row["day"] for row in got] == [DAY - timedelta(days=n) for n in range(6, -1, -1)]
    for row in got:
        for state in STATES:
            assert row[state] == sum(one == state and day == row["day"] for _, one, day in counted), (state, row)
        assert row["watched"] == sum(
            day <= row["day"] and not (n in closed and closed[n].date() <= row["day"]) for n, day in opened.items()
        )


def test_the_board_and_the_register_say_the_same(desk_sheets_case) -> None:
    from spmc_tools.desks.referrals.referral import daily_return, referral_desk

    desk = referral_desk(desk_sheets_case)
    of_register = {row["day"]: row for row in daily_return(desk.states, desk.referrals)}
    for row in board(desk_sheets_case, "2025-11-10", days=8).returns:
        same = of_register[row["day"]]
        assert row["watched"] == same["watched"] and row["sent"] == same["sent_platform"] + same["sent_other"]
        assert all(row[name] == same[name] for name in STATES if name != "sent")


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
