"""Times of a table: forms, zones, order of day and month, units, and the step of the clock."""

from __future__ import annotations

import csv
import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.errors import MappingError, ParameterError
from spmc_tools.importers.fields.times import (
    NaiveMicros,
    Survey,
    TimeRule,
    UtcMicros,
    micros,
    parse_ctime,
    parse_epoch,
    parse_iso,
    read_time,
    tells_the_day,
    zone_of,
)

IST = zone_of("Asia/Kolkata")
BY_HAND = Path(__file__).with_name("times_by_hand.csv")


def rule(values, zone=None, **more) -> TimeRule:
    survey = Survey("c")
    survey.add(values)
    return survey.decide(zone, **more)


def utc(value, by: TimeRule) -> tuple[str, float]:
    found = read_time(value, by)
    assert not isinstance(found, str), found
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=found[0])
    return at.isoformat().replace("+00:00", ""), found[1]


@pytest.mark.parametrize(
    ("value", "expected", "step"),
    [
        (1617894450, "2021-04-08T15:07:30", 1),
        (1617894450.0, "2021-04-08T15:07:30", 1),
        (datetime(2021, 4, 8, 15, 7, 30, tzinfo=UTC).replace(tzinfo=None), "2021-04-08T09:37:30", 1),
        (datetime(2021, 4, 8, 15, 7, 30, tzinfo=IST), "2021-04-08T09:37:30", 1),
        (datetime(2021, 4, 8, 15, 7, tzinfo=IST), "2021-04-08T09:37:00", 1),
        (datetime(2021, 4, 8, 15, 7, 30, 123_000, tzinfo=IST), "2021-04-08T09:37:30.123000", 0.001),
        (datetime(2021, 4, 8, 15, 7, 30, 123_456, tzinfo=IST), "2021-04-08T09:37:30.123456", 1e-6),
        (date(2021, 4, 8), "2021-04-07T18:30:00", 86400),
        (UtcMicros(1617894450_000_000), "2021-04-08T15:07:30", 1),
        (NaiveMicros(1617894450_000_000), "2021-04-08T09:37:30", 1),
    ],
)
def test_values_of_other_types(value, expected, step):
    assert utc(value, rule([value], IST)) == (expected, step)


@pytest.mark.parametrize(
    "row", list(csv.DictReader(BY_HAND.read_text("utf-8").splitlines())), ids=lambda row: row["text"]
)
def test_forms(row):
    """Each form of ``times_by_hand.csv`` in India's zone: the moment in UTC, and the step of its clock in seconds."""
    assert utc(row["text"], rule([row["text"]], IST)) == (row["utc"], float(row["step"]))


@pytest.mark.parametrize("text", ["1990-01-01 00:00:00", "631152000", "2099-12-31 23:59:59", "4102444799"])
def test_the_first_and_the_last_second_that_a_post_can_have(text):
    assert utc(text, rule([text], UTC))[1] == 1
    if "-" in text:
        assert utc(text, TimeRule(zone=UTC, format="%Y-%m-%d %H:%M:%S"))[1] == 1


@pytest.mark.parametrize("text", ["1989-12-31 23:59:59", "631151999", "2100-01-01 00:00:00", "4102444800"])
def test_a_second_before_or_after_is_no_time_of_a_post(text):
    assert "before 1990 or after 2100" in read_time(text, rule([text], UTC))
    if "-" in text:
        assert "before 1990 or after 2100" in read_time(text, TimeRule(zone=UTC, format="%Y-%m-%d %H:%M:%S"))


@given(
    st.integers(min_value=670_000_000, max_value=4_070_000_000),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%d %b %Y %H:%M:%S +0000", "%s"]),
)
def test_what_is_written_is_read(seconds, form):
    at = datetime.fromtimestamp(seconds, UTC)
    text = str(seconds) if form == "%s" else at.strftime(form)
    assert read_time(text, TimeRule(zone=UTC, unit="s")) == (micros(at), 1.0)


@pytest.mark.parametrize(
    "value",
    ["", "soon", "2021-02-30", "2021-13-01", "2021-04-08 25:00", "99/99/9999", "1.2K", True, object(), "x" * 500,
     "2021-04-08 15:07:30 +99:99", "8 Foo 2021", "13:00 PM", float("nan"), float("inf"), 10**400, "1" * 300, [], b"x",
     UtcMicros(10**30), "0", 0, "1899-12-30", "2150-01-01", "W" * 80, "2021-W01-1T10:10:10", "8/4/2021",
     "2021-04-08 15:07+01", "2021-04-08T15:07-05", "2021-04-08 13:00 PM", "2021-04-08 0:05 AM",
     "2021-04-08 15:07:30 +05:60", "2021-04-08 15:07:30 -15:00", "28 Apr 0000"],
)  # fmt: skip
def test_what_is_no_time_has_a_reason(value):
    found = read_time(value, TimeRule(zone=UTC, unit="s"))
    assert isinstance(found, str) and found


@given(st.one_of(st.text(max_size=90), st.integers(), st.floats(), st.binary(max_size=5), st.datetimes(), st.dates()))
def test_nothing_raises(value):
    survey = Survey("c")
    survey.add([value])
    for by in (TimeRule(zone=IST, unit="us", order="dmy"), TimeRule(format="%d %m %y"), TimeRule()):
        found = read_time(value, by)
        assert isinstance(found, (tuple, str))


@pytest.mark.parametrize(
    "form", ["%d.%m.%Y", "%c", "%x %X", "%Y-%j", "%d %b %y, %I:%M %p %z", "%G-W%V-%u", "%Y %B %d %Z"]
)
def test_a_format_that_tells_the_day(form):
    assert tells_the_day(form)


@pytest.mark.parametrize("form", ["", "%d %m", "%H:%M", "%Y", "%m/%Y", "%Q", "%", "%s", "dd/mm/yyyy", "%d/%Y %H:%M"])
def test_a_format_that_leaves_the_day_open(form):
    assert not tells_the_day(form)


def test_the_whole_column_tells_day_from_month():
    assert rule(["01/02/2021", "28/02/2021"], UTC).order == "dmy"
    assert rule(["01/02/2021", "02/28/2021"], UTC).order == "mdy"
    assert utc("01/02/2021 10:00", rule(["01/02/2021", "28/02/2021"], UTC))[0] == "2021-02-01T10:00:00"
    with pytest.raises(MappingError, match=r"--date-order dmy \(1 Feb 2021\) or --date-order mdy \(2 Jan 2021\)"):
        rule(["01/02/2021", "03/04/2021"], UTC)
    with pytest.raises(MappingError, match="1 dates can only be day first and 1 only month first"):
        rule(["28/02/2021", "02/28/2021"], UTC)
    for twelfth in ("05/12/2021", "12/05/2021", "12/12/2021"):  # there is a twelfth month, so that twelve tells nothing
        with pytest.raises(MappingError, match="can be day first or month first"):
            rule([twelfth], UTC)
    assert rule(["05/13/2021"], UTC).order == "mdy" and rule(["13/05/2021"], UTC).order == "dmy"
    assert rule(["05/12/2021", "12/05/2021", "13/12/2021"], UTC).order == "dmy"
    assert rule(["05/12/2021", "12/05/2021", "12/13/2021"], UTC).order == "mdy"
    forced = rule(["28/02/2021", "02/28/2021"], UTC, order="dmy")
    assert isinstance(read_time("02/28/2021", forced), str)
    assert utc("21-04-08", rule(["21-04-08"], UTC, order="ymd"))[0] == "2021-04-08T00:00:00"


def test_a_missing_zone_is_asked_for():
    with pytest.raises(MappingError, match=r"1 of 2 times name no zone.*--tz Asia/Kolkata"):
        rule(["2021-04-08 15:07:30", "2021-04-08T15:07:30Z"])
    with pytest.raises(MappingError, match='end in "IST", which is short for more than one zone'):
        rule(["2021-04-08 15:07:30 IST"])
    assert "was not in" in read_time("2021-04-08 15:07:30 EST", TimeRule(zone=IST))
    east = TimeRule(zone=zone_of("America/New_York"))
    assert utc("2021-11-07 01:30:00 EDT", east)[0] == "2021-11-07T05:30:00"
    assert utc("2021-11-07 01:30:00 EST", east)[0] == "2021-11-07T06:30:00"


def test_the_unit_is_told_by_the_column():
    assert rule([1617894450, 1617894460, 5]).unit == "s"
    assert rule(["1617894450123"]).unit == "ms"
    assert rule(["1617894450123456"]).unit == "us"
    assert isinstance(read_time("5", rule([1617894450, 1617894460, 5])), str)
    assert isinstance(read_time("1617894450", rule(["2021-04-08T15:07:30Z"])), str)


def test_the_step_is_what_the_whole_column_shows():
    minutes = [f"2021-04-08T15:{i:02d}:00Z" for i in range(30)]
    assert rule(minutes).step_s == 60
    assert utc(minutes[0], rule(minutes))[1] == 60
    assert rule([*minutes, "2021-04-08T15:00:01Z"]).step_s == 1
    assert rule([f"2021-04-{i:02d} 00:00:00 UTC" for i in range(1, 29)]).step_s == 86400
    assert rule([f"2021-04-08T15:07:{i:02d}.000Z" for i in range(30)]).step_s == 1
    assert rule([1617894450000 + 1000 * i for i in range(30)]).step_s == 1
    assert rule([1617894440 + 60 * i + 10 for i in range(30)]).step_s == 1
    assert rule([1617894420 + 60 * i for i in range(30)]).step_s == 60
    assert rule(minutes[:10]).step_s is None
    assert rule([f"2021-04-{i:02d} 15:00:00 UTC" for i in range(1, 29)]).step_s == 60
    assert rule([f"2021-04-{i:02d} 00:15:00 UTC" for i in range(1, 29)]).step_s == 60
    assert rule([f"2021-04-08T15:07:30.{i:03d}Z" for i in range(30)]).step_s == 0.001
    assert rule([*minutes, "2021-04-08T15:00:00.001Z"]).step_s == 0.001
    assert rule([*minutes, "2021-04-08T15:00:00.000001Z"]).step_s == 1e-6
    assert rule([*range(1617894440, 1617894470), "-1.5"]).step_s == 0.001


@pytest.mark.parametrize("least", [10**20, Decimal(10**18), 1e18])
def test_a_number_that_is_too_large_for_any_unit_is_no_time(least):
    with pytest.raises(MappingError, match="none of its 2 values is a time that can be read"):
        rule([least, -least])
    below = math.nextafter(least, 0) if isinstance(least, float) else least - 1
    assert rule([below, -below]).unit == "us"


def test_a_column_without_any_time():
    with pytest.raises(MappingError, match='none of its 2 values is a time that can be read, the first is "soon"'):
        rule(["soon", "later"])
    assert rule([None, ""]) == TimeRule()


def test_a_named_form():
    assert utc("08042021 1507", TimeRule(format="%d%m%Y %H%M", zone=IST)) == ("2021-04-08T09:37:00", 60)
    assert utc("08042021", TimeRule(format="%d%m%Y", zone=UTC)) == ("2021-04-08T00:00:00", 86400)
    fraction = TimeRule(format="%d%m%Y %H%M%S.%f", zone=UTC)
    assert utc("08042021 150730.25", fraction) == ("2021-04-08T15:07:30.250000", 1e-6)
    assert utc("080421 150730 +0000", TimeRule(format="%d%m%y %H%M%S %z"))[1] == 1
    assert "names no zone" in read_time("08042021", TimeRule(format="%d%m%Y"))
    assert "is not of the form" in read_time("8 April", TimeRule(format="%d%m%Y", zone=UTC))
    assert "before 1990" in read_time("01011980", TimeRule(format="%d%m%Y", zone=UTC))


def test_iso_needs_a_zone_and_a_time_that_can_be():
    assert parse_iso("2021-04-08T15:07:30Z") == 1617894450_000_000
    for wrong in ("2021-04-08T15:07:30", "1970-01-01T00:00:00Z", "", None, 5, "0001-01-01T00:00:00+14:00", "x"):
        assert parse_iso(wrong) is None


def test_a_time_as_the_first_api_of_x_writes_it():
    """Its own example, Wed Oct 10 20:19:24 +0000 2018, is 1,539,202,764 seconds after 1970 (``date -d``)."""
    assert parse_ctime("Wed Oct 10 20:19:24 +0000 2018") == 1_539_202_764_000_000
    assert parse_ctime("Fri Mar 05 07:08:09 +0000 2021") == micros(datetime(2021, 3, 5, 7, 8, 9, tzinfo=UTC))
    for wrong in (
        "Wed Oct 10 20:19:24 +0530 2018", "Wed Oct 10 20:19:24 +0000 20181", "Wed Oct 10 20:19:24 +0000 1989",
        "Wed Oct 10 25:19:24 +0000 2018", "Wed Foo 10 20:19:24 +0000 2018", "", None, 1_539_202_764, b"x" * 30,
    ):  # fmt: skip
        assert parse_ctime(wrong) is None


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1617894450, "s", 1617894450_000_000),
        ("1617894450", "s", 1617894450_000_000),
        ("1617894450.5", "s", 1617894450_500_000),
        (1617894450.25, "s", 1617894450_250_000),
        (1617894450123, "ms", 1617894450_123_000),
        ("1617894450123456", "us", 1617894450_123_456),
        (631152000, "s", 631152000_000_000),  # 1 January 1990
        (631151999, "s", None),
        (4102444799, "s", 4102444799_000_000),  # the last second of 2099
        (4102444800, "s", None),
        *(
            (wrong, "us", None)
            for wrong in (True, None, "", "soon", 10**18, -(10**18), 1e300, math.inf, math.nan, b"1")
        ),
    ],
)
def test_an_epoch_of_a_known_unit(value, unit, expected):
    assert parse_epoch(value, unit) == expected


@pytest.mark.parametrize("name", ["", "..", "/etc/passwd", "Asia", "Mars/Base", "a\0b", "x" * 300])
def test_no_such_zone(name):
    with pytest.raises(ParameterError, match="There is no time zone"):
        zone_of(name)


def test_a_zone_that_does_not_know_the_short_name():
    with pytest.raises(MappingError, match='name the zone "IST", which UTC does not use'):
        rule(["2021-04-08 15:07:30 IST"], UTC)
    assert rule(["2021-07-08 15:07:30 EDT"], zone_of("America/New_York")).zone is not None


def test_a_short_name_that_a_zone_went_by_earlier_is_known():
    """Moscow had summer time, four hours before UTC, until 2010; the time of the row is that of its own year."""
    summer = rule(["2005-07-08 15:07:30 MSD"], zone_of("Europe/Moscow"))
    assert utc("2005-07-08 15:07:30 MSD", summer)[0] == "2005-07-08T11:07:30"
    assert "was not in" in read_time("2015-07-08 15:07:30 MSD", summer)


@pytest.mark.parametrize(("short", "place"), [("EDT", "America/New_York"), ("IST", "Asia/Kolkata")])
def test_a_short_zone_leads_to_a_name_that_works(short, place):
    """What each message tells to type is taken at the next step, so nobody goes in circles."""
    column = [f"2021-07-08 15:07:30 {short}"]
    with pytest.raises(MappingError) as told:
        rule(column)
    assert f"--tz {place}" in str(told.value) and f'[times] created_at = {{tz = "{place}"}}' in str(told.value)
    with pytest.raises(ParameterError, match=f"type that of the place, such as {place}"):
        zone_of(short)
    assert utc(column[0], rule(column, zone_of(place)))[1] == 1


def test_letters_that_a_zone_does_not_use_can_be_written_into_the_form():
    column = ["2021-07-08 15:07:30 NPT"]
    place = zone_of("Asia/Kathmandu")
    with pytest.raises(MappingError) as told:
        rule(column, place)
    assert 'format = "%Y-%m-%d %H:%M:%S NPT"' in str(told.value) and "Asia/Kathmandu" in str(told.value)
    found = utc(column[0], TimeRule(zone=place, format="%Y-%m-%d %H:%M:%S NPT"))
    assert found == ("2021-07-08T09:22:30", 1)


def test_another_zone_that_is_named_by_its_short_name():
    with pytest.raises(MappingError, match="--tz America/New_York"):
        rule(["2021-07-08 15:07:30 EDT"], zone_of("EST"))


def test_a_time_of_a_column_of_times_that_is_far_off_says_so():
    for value in (UtcMicros(2**62 * 1000), NaiveMicros(-(2**62))):
        assert "before 1990 or after 2100" in read_time(value, TimeRule(zone=UTC))


def test_an_exact_number_is_an_epoch():
    assert utc(Decimal("1617894450.125"), TimeRule(unit="s")) == ("2021-04-08T15:07:30.125000", 0.001)
    assert isinstance(read_time(Decimal("NaN"), TimeRule(unit="s")), str)
