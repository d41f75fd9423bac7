"""The calendar against the sky: which lunar day runs on a festival's day, and how old the moon is where it is sighted.

The longitudes are Meeus's series cut after its largest terms: at 500 moments of 2024 to 2027 the elongation was within
a tenth of a degree of that of the package astronomy-engine. Weeks or months of error show; which of two neighbouring
days a place keeps does not.

References
----------
Meeus (1998), Astronomical Algorithms, 2nd ed., chapters 25 and 47.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from math import floor, radians, sin

import pytest

from spmc_tools.desks.base.calendar import IST, Day, event

LUNAR_DAYS = {
    "saraswati-puja": (5, 5), "ram-navami": (9, 9), "mahavir-jayanti": (13, 13), "durga-puja": (7, 9),
    "vijayadashami": (10, 10), "diwali": (30, 30), "chhath": (6, 7), "janmashtami": (23, 23), "mahashivratri": (29, 29),
    "raksha-bandhan": (15, 15), "chaiti-chhath": (6, 7),
}  # fmt: skip
"""Festival: lunar day (1 to 15 waxing, 16 to 30 waning) that runs on its first and on its last day."""

SIGHTED = {"eid-ul-fitr": 0, "bakrid": 9, "muharram": 9, "eid-e-milad": 11, "ramzan": 0, "shab-e-barat": 14}
"""Festival: days after the first of its month, which begins when the new moon is seen."""


def _centuries(moment: datetime) -> float:
    return (moment - datetime(2000, 1, 1, 12, tzinfo=UTC)).total_seconds() / 86_400 / 36_525


def sun(moment: datetime) -> float:
    """Longitude of the sun in degrees."""
    t = _centuries(moment)
    m = radians(357.52911 + 35_999.05029 * t)
    return (280.46646 + 36_000.76983 * t + 1.914602 * sin(m) + 0.019993 * sin(2 * m)) % 360


def moon(moment: datetime) -> float:
    """Longitude of the moon in degrees."""
    t = _centuries(moment)
    d, m, n, f = (
        radians(a + b * t)
        for a, b in ((297.8501921, 445_267.1114034), (357.5291092, 35_999.0502909), (134.9633964, 477_198.8675055),
                     (93.2720950, 483_202.0175233))
    )  # fmt: skip
    terms = (
        (6.288774, n), (1.274027, 2 * d - n), (0.658314, 2 * d), (0.213618, 2 * n), (-0.185116, m), (-0.114332, 2 * f),
        (0.058793, 2 * d - 2 * n), (0.057066, 2 * d - m - n), (0.053322, 2 * d + n), (0.045758, 2 * d - m),
        (-0.040923, m - n), (-0.034720, d), (-0.030383, m + n),
    )  # fmt: skip
    return (218.3164477 + 481_267.88123421 * t + sum(size * sin(angle) for size, angle in terms)) % 360


def elongation(moment: datetime) -> float:
    return (moon(moment) - sun(moment)) % 360


def running(day: Day, which: str) -> set[int]:
    """Lunar days that run between one sunrise and the next, of the first or the last day of a festival."""
    begin = datetime.combine(getattr(day, which), time(6), tzinfo=IST)
    hours = [begin + timedelta(hours=n) for n in range(25)]
    return {floor(elongation(hour.astimezone(UTC)) / 12) + 1 for hour in hours}


def test_the_series_against_new_moons_and_equinoxes_that_are_known() -> None:
    # conjunctions of 8 April 2024 (eclipse) and 20 November 2025, equinox of 20 March 2025
    for moment in (datetime(2024, 4, 8, 18, 21, tzinfo=UTC), datetime(2025, 11, 20, 6, 47, tzinfo=UTC)):
        assert min(elongation(moment), 360 - elongation(moment)) < 0.35
    equinox = sun(datetime(2025, 3, 20, 9, 1, tzinfo=UTC))
    assert min(equinox, 360 - equinox) < 0.05


@pytest.mark.parametrize("name", LUNAR_DAYS)
def test_the_lunar_day_of_a_festival_runs_on_its_day(name: str) -> None:
    first, last = LUNAR_DAYS[name]
    for day in event(name).days:
        assert first in running(day, "first") and last in running(day, "last"), (name, day.first, day.last)


def test_holi_follows_the_full_moon() -> None:
    for day in event("holi").days:
        assert {15, 16} & (running(day, "first") | running(day, "last")), day


@pytest.mark.parametrize("name", SIGHTED)
def test_a_month_begins_within_three_days_of_its_new_moon(name: str) -> None:
    for day in event(name).days:
        month = datetime.combine(day.first, time(6), tzinfo=IST).astimezone(UTC) - timedelta(days=SIGHTED[name])
        age = elongation(month) / 360 * 29.53
        assert 0.2 <= age <= 3.2 and day.moon, (name, day.first, age)


def test_the_sun_enters_capricorn_on_makar_sankranti() -> None:
    for day in event("makar-sankranti").days:
        begin = datetime.combine(day.first, time(0), tzinfo=IST).astimezone(UTC)
        shift = 23.85 + 0.01397 * (day.first.year - 2000)  # Lahiri's ayanamsa
        before, after = ((sun(begin + timedelta(hours=h)) - shift - 270 + 180) % 360 - 180 for h in (-12, 36))
        assert before <= 0 <= after, (day.first, before, after)
