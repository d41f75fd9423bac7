"""When a job is due, against moments counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.desks.base.calendar import IST
from spmc_tools.errors import ParameterError
from spmc_tools.schedule.when import parse_when

EVENT = "bihar-assembly-2025"


def ist(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST)


@pytest.mark.parametrize(
    ("text", "now", "latest", "following"),
    [
        ("every 6 hours", "2025-11-06 07:30", "2025-11-06 06:00", "2025-11-06 12:00"),
        ("every 15 minutes", "2025-11-06 07:30", "2025-11-06 07:30", "2025-11-06 07:45"),
        ("every day", "2025-11-06 23:59", "2025-11-06 00:00", "2025-11-07 00:00"),
        ("daily 06:00", "2025-11-06 05:59", "2025-11-05 06:00", "2025-11-06 06:00"),
        ("Weekly  Monday 06:00", "2025-11-06 09:00", "2025-11-03 06:00", "2025-11-10 06:00"),
        ("weekly sunday 22:15", "2025-11-06 09:00", "2025-11-02 22:15", "2025-11-09 22:15"),
        ("once 2025-11-14 08:00", "2025-11-14 08:00", "2025-11-14 08:00", None),
        ("once 2025-11-14 08:00", "2025-11-14 07:59", None, "2025-11-14 08:00"),
        ("daily 06:00", "2026-01-01 02:00", "2025-12-31 06:00", "2026-01-01 06:00"),
    ],
)
def test_moments_by_hand(text, now, latest, following):
    when = parse_when(text)
    assert when.latest(ist(now)) == (ist(latest).astimezone(UTC) if latest else None)
    assert when.next(ist(now)) == (ist(following).astimezone(UTC) if following else None)


def test_around_the_polls_of_an_event():
    """Polls on 6 and 11 November 2025: from 30 October 00:00 to 9 November 00:00, and to 14 November: one span."""
    when = parse_when("every 6 hours from 7 days before to 2 days after poll")
    start, end = ist("2025-10-30 00:00"), ist("2025-11-14 00:00")
    assert when.latest(start - timedelta(seconds=1), EVENT) is None
    assert when.latest(start, EVENT) == start
    assert when.next(start - timedelta(days=40), EVENT) == start
    assert when.latest(ist("2025-11-05 13:00"), EVENT) == ist("2025-11-05 12:00")
    assert when.latest(ist("2025-12-31 13:00"), EVENT) == end
    assert when.next(end, EVENT) is None
    assert when.missed(start - timedelta(seconds=1), ist("2026-01-01 00:00"), EVENT) == 15 * 4 + 1


def test_two_polls_far_apart_are_two_spans():
    when = parse_when("daily 07:00 from 12 hours before to 1 hour after poll of bihar-assembly-2025")
    assert when.next(ist("2025-11-06 08:00")) == ist("2025-11-11 07:00")
    assert when.latest(ist("2025-11-09 08:00")) == ist("2025-11-06 07:00")


@given(
    n=st.integers(1, 500),
    unit=st.sampled_from(["minutes", "hours", "days"]),
    now=st.integers(0, 6 * 365 * 86_400),
)
def test_latest_and_next_enclose_now(n, unit, now):
    when = parse_when(f"every {n} {unit}")
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=now)
    latest, following = when.latest(moment), when.next(moment)
    assert latest <= moment < following
    assert following - latest == timedelta(**{unit: n})
    assert when.latest(following) == following and when.missed(latest, following) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sometimes",
        "every 0 hours",
        "daily 25:00",
        "weekly funday 06:00",
        "once 2025-02-30 08:00",
        "every hour from yesterday to tomorrow",
        "every 6 hours from 7 days before to 2 days after dinner",
        "every 6 hours from 7 days before to 2 days after poll of atlantis",
        "once 2025-11-14 08:00 from 1 day before to 1 day after poll",
        None,
    ],
)
def test_what_is_no_time_is_refused_in_one_sentence(text):
    with pytest.raises(ParameterError) as caught:
        parse_when(text)
    assert "\n" not in str(caught.value)


def test_an_event_must_be_known():
    with pytest.raises(ParameterError, match="neither the job nor its case names an event"):
        parse_when("daily 06:00 from 1 day before to 1 day after poll").latest(ist("2025-11-06 08:00"))
