"""Pictures of the desks: what is drawn is what they are given, and nothing asks for another file."""

from __future__ import annotations

import re
from datetime import date

import pytest

from spmc_tools.show.charts.charts import NARROW, WIDE
from spmc_tools.show.charts.desk_charts import calendar_strip, hours_of_week, state_flow

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
NAMES = {name: name for name in ("flagged", "verified", "sent", "answered", "removed", "fir", "cleared")}


def words(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg)


def counts() -> list[list[int | None]]:
    table: list[list[int | None]] = [[0] * 24 for _ in range(7)]
    table[0][9], table[6][23], table[3][4] = 37, 3, None
    return table


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_field_for_each_hour_in_which_something_came(width: float) -> None:
    svg = hours_of_week(counts(), DAYS, "hour", width)
    empty = hours_of_week([[0] * 24 for _ in range(7)], DAYS, "hour", width)
    assert svg.count("<path") - empty.count("<path") == 2 and "<image" not in svg
    said = words(svg)
    assert ("37" in said) == (width == WIDE) and "·" in said and set(DAYS) <= set(said)


def flow(width: float, moves: list[tuple[str, str, int]]) -> str:
    reached = {"flagged": 40, "verified": 31, "sent": 27, "answered": 17, "removed": 9, "fir": 0, "cleared": 7}
    stand = {"flagged": 4, "verified": 4, "sent": 11, "answered": 5, "removed": 9, "cleared": 7}
    return state_flow(reached, moves, stand, NAMES, {name: f"here {n}" for name, n in stand.items()}, width)


def test_a_band_for_each_move_and_each_state_with_its_number() -> None:
    moves = [("flagged", "verified", 31), ("verified", "sent", 27), ("sent", "removed", 4), ("answered", "cleared", 0)]
    assert flow(WIDE, moves).count("<path") - flow(WIDE, []).count("<path") == 3  # nothing went the last way
    said = words(flow(WIDE, moves))
    assert {"flagged 40", "here 11", "removed 9", "fir 0", "cleared 7"} <= set(said)
    assert not any(text.startswith("here 9") for text in said)  # an end is no place to stand
    assert "40 · here 4" in words(flow(NARROW, moves))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_bar_for_each_row_from_its_first_day_to_the_end_of_its_last(width: float) -> None:
    rows = [
        ("poll", "phase 1", date(2025, 11, 6), date(2025, 11, 6)),
        ("case", "gaya", date(2025, 10, 1), date(2025, 11, 30)),
        ("festival", "Christmas", date(2025, 12, 25), date(2025, 12, 25)),
    ]
    ends = (date(2025, 10, 25), date(2025, 12, 31))
    svg = calendar_strip(rows, date(2025, 11, 1), ends, lambda day: f"{day:%d-%m}", "today", width)
    said = words(svg)
    assert {"phase 1", "gaya", "Christmas", "today"} <= set(said)
    assert any(re.fullmatch(r"\d\d-1[012]", text) for text in said)
    assert all(
        date(2025, int(text[3:]), int(text[:2])).weekday() == 0 for text in said if re.fullmatch(r"\d\d-\d\d", text)
    )


def test_no_row_is_no_error() -> None:
    assert "today" in calendar_strip([], date(2025, 11, 1), (date(2025, 10, 25), date(2025, 12, 31)), str, "today")
