"""Times of a table: what a column's values can mean, decided by the whole column, then read exactly.

Day and month are told apart by the whole column, never by one row; an epoch's unit by its magnitude; a time without a
zone needs one to be named. What remains open is asked, not assumed.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from spmc_tools.errors import MappingError, ParameterError, quote

__all__ = [
    "A_FORMAT",
    "DATE_ORDERS",
    "UNITS",
    "NaiveMicros",
    "Survey",
    "TimeRule",
    "UtcMicros",
    "micros",
    "parse_ctime",
    "parse_epoch",
    "parse_iso",
    "parse_utc",
    "read_time",
    "tells_the_day",
    "zone_of",
]

UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
"""Units of an epoch and their microseconds."""

DATE_ORDERS = ("dmy", "mdy", "ymd")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_PLAUSIBLE = "a time before 1990 or after 2100"
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {m: i for i, m in enumerate(_MONTH_NAMES, 1)}
_PLACES = {
    "IST": "Asia/Kolkata", "EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago",
    "CDT": "America/Chicago", "MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles", "BST": "Europe/London", "WET": "Europe/Lisbon", "WEST": "Europe/Lisbon",
    "CET": "Europe/Berlin", "CEST": "Europe/Berlin", "EET": "Europe/Athens", "EEST": "Europe/Athens",
    "MSK": "Europe/Moscow", "PKT": "Asia/Karachi", "NPT": "Asia/Kathmandu", "GST": "Asia/Dubai",
    "SGT": "Asia/Singapore", "JST": "Asia/Tokyo", "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney",
}  # fmt: skip
"""A place that may be meant by a short name, for what a message proposes; never used to read a time."""

_STEPS = (1e-6, 0.001, 1.0, 60.0, 86400.0)
_DAY_0, _FIRST_DAY, _LAST_DAY = datetime(1899, 12, 30, tzinfo=UTC), 32_874, 73_415
_DAY_STEPS = ((2, 86400.0), (3, 3600.0), (4, 60.0), (99, 1.0))
"""The step of a clock that is a part of a day, by its decimal places."""

_ENOUGH = 20

_CLOCK = r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?(?:\s*(?P<ap>[AaPp])\.?[Mm]\.?)?"
_ZONE = r"(?:\s*(?P<z>Z|[+-]\d{2}:?\d{2}|[A-Za-z]{2,5}))?"
_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?:(?:[T ]|,\s*){_CLOCK}{_ZONE})?",
        rf"(?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}})[-/.](?P<c>\d{{4}}|\d{{2}})(?:(?:,?\s+|T){_CLOCK}{_ZONE})?",
        rf"(?:[A-Za-z]{{3,9}},?\s+)?(?P<d>\d{{1,2}})[\s-]+(?P<mon>[A-Za-z]{{3,9}})\.?,?[\s-]+(?P<y>\d{{4}})"
        rf"(?:,?\s+(?:at\s+)?{_CLOCK}{_ZONE})?",
        rf"(?:[A-Za-z]{{3,9}},?\s+)?(?P<mon>[A-Za-z]{{3,9}})\.?\s+(?P<d>\d{{1,2}}),?\s+(?P<y>\d{{4}})"
        rf"(?:,?\s+(?:at\s+)?{_CLOCK}{_ZONE})?",
        rf"[A-Za-z]{{3}}\s+(?P<mon>[A-Za-z]{{3}})\s+(?P<d>\d{{1,2}})\s+{_CLOCK}{_ZONE}\s+(?P<y>\d{{4}})",
    )
)
_NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?")


class UtcMicros(int):
    """Microseconds since 1970, from a column of times that knows its zone."""


class NaiveMicros(int):
    """Microseconds since 1970 on a clock whose zone is not said."""


class _Wall(NamedTuple):
    """What a time says before zone and order are settled; ``counted``: a spreadsheet's number of the day."""

    date: tuple[int, int, int]
    settled: bool
    clock: tuple[int, int, int, int]
    step: float
    zone: str | None
    counted: bool = False


class _Number(NamedTuple):
    """An epoch whose unit is not settled, in billionths of the unit."""

    nanos: int


def micros(moment: datetime) -> int:
    """Return whole microseconds since 1970 of an aware time."""
    since = moment - _EPOCH
    return since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds


_FIRST, _LAST = micros(_EARLIEST), micros(_LATEST)


def parse_iso(value: object) -> int | None:
    """Return µs since 1970 of an ISO 8601 text with a zone; None where it is no such text or not between 1990 and 2100.

    For formats whose documentation promises ISO 8601.
    """
    moment = _moment_of(value)
    return None if moment is None or moment.tzinfo is None else _plausible(micros(moment))


def parse_utc(value: object) -> int | None:
    """Return µs since 1970 of an ISO 8601 text that is UTC where it names no zone; None as :func:`parse_iso`.

    For formats whose documentation promises UTC.
    """
    moment = _moment_of(value)
    if moment is None:
        return None
    return _plausible(micros(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)))


def _moment_of(value: object) -> datetime | None:
    """Return the moment of an ISO 8601 text; None where it is no such text."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _plausible(found: int) -> int | None:
    """Return µs since 1970 where they lie between 1990 and 2100, as posts do."""
    return found if _FIRST <= found < _LAST else None


def parse_epoch(value: object, unit: str = "s") -> int | None:
    """Return µs since 1970 of a number or its text, in a unit of :data:`UNITS`; None where it is no plausible time."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = int(value) if value.isdecimal() else float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e18:
        return None
    return _plausible(value * UNITS[unit] if isinstance(value, int) else round(value * UNITS[unit]))


def parse_ctime(value: object) -> int | None:
    """Return µs since 1970 of ``Wed Oct 10 20:19:24 +0000 2018``, as X API v1.1 writes it; None where it is no such."""
    if not isinstance(value, str) or len(value) != 30 or value[19:26] != " +0000 ":
        return None
    try:
        clock = (int(value[11:13]), int(value[14:16]), int(value[17:19]))
        moment = datetime(int(value[26:]), _MONTHS[value[4:7].lower()], int(value[8:10]), *clock, tzinfo=UTC)
    except (ValueError, KeyError):
        return None
    return _plausible(micros(moment))


def zone_of(name: str) -> tzinfo:
    """Return the zone of a name such as ``Asia/Kolkata`` or ``UTC``.

    Raises
    ------
    ParameterError
        Where there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        place = _PLACES.get(name.upper())
        wanted = (
            f"short names stand for several zones: type that of the place, such as {place}"
            if place
            else "type one such as Asia/Kolkata or UTC"
        )
        raise ParameterError(f"There is no time zone {quote(name)}; {wanted}.") from error


def _short_names(zone: tzinfo) -> set[str | None]:
    """Return the short names a zone goes by in winter and summer, now and earlier."""
    return {datetime(year, month, 1, tzinfo=zone).tzname() for year in (2005, 2015, 2025) for month in (1, 7)}


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How one column of times is read.

    ``unit`` None means that numbers are no times; ``order`` None that no date of the column needs one;
    ``step_s`` is the coarsest step that the whole column shows, None where it shows none beyond each value's own.
    """

    zone: tzinfo | None = None
    format: str | None = None
    unit: str | None = None
    order: str | None = None
    step_s: float | None = None


def _look(value: object) -> _Wall | _Number | None:
    """Return what a value says, or None where it is no time."""
    if isinstance(value, str):
        return _look_text(value.strip())
    if isinstance(value, (UtcMicros, NaiveMicros)):
        moment = _EPOCH + timedelta(microseconds=int(value)) if abs(value) < _LAST else None
        value = moment if isinstance(value, UtcMicros) or moment is None else moment.replace(tzinfo=None)
    if isinstance(value, datetime):
        zone = None if value.tzinfo is None else "UTC"
        moment = value if value.tzinfo is None else value.astimezone(UTC)
        clock = (moment.hour, moment.minute, moment.second, moment.microsecond)
        return _Wall((moment.year, moment.month, moment.day), True, clock, 1e-6, zone)
    if isinstance(value, date):
        return _Wall((value.year, value.month, value.day), True, (0, 0, 0, 0), 86400.0, None)
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(value * 10**9, 0) if abs(value) < 10**20 else None
    if isinstance(value, Decimal):
        return _number(int(value * 10**9), 9) if value.is_finite() and abs(value) < 10**18 else None
    if isinstance(value, float) and abs(value) < 1e18:
        return _number(round(value * 10**9) if abs(value) < 1e6 else round(value * 10**6) * 1000, 9)
    return None


def _number(nanos: int, places: int) -> _Wall | _Number:
    """Return a number as a time, or, between 32,874 and 73,415, as the day that a spreadsheet counts so.

    As seconds since 1970 such a number would be a time of that January, which no post has. A workbook that counts from
    1904 shows days of four years earlier.
    """
    if not _FIRST_DAY * 10**9 <= nanos < _LAST_DAY * 10**9:
        return _Number(nanos)
    step = next(step for most, step in _DAY_STEPS if places <= most)
    whole, part = divmod(nanos, 10**9)
    seconds = round(part * 86_400 / 10**9) if step == 1.0 else part * 86_400 // 10**9
    at = _DAY_0 + timedelta(days=whole, seconds=seconds)
    if not part:
        step = 86400.0
    return _Wall((at.year, at.month, at.day), True, (at.hour, at.minute, at.second, 0), step, None, counted=True)


def _look_text(text: str) -> _Wall | _Number | None:
    if len(text) > 80:
        return None
    if len(text) == 19 and text[4] == text[7] == "-" and text[10] in " T" and text[13] == text[16] == ":":
        with suppress(ValueError):
            at = datetime.fromisoformat(text)
            return _Wall((at.year, at.month, at.day), True, (at.hour, at.minute, at.second, 0), 1.0, None)
    if _NUMBER.fullmatch(text):
        whole, _, part = text.partition(".")
        nanos = int(whole) * 10**9 + int(part.ljust(9, "0")[:9] or 0) * (-1 if whole.startswith("-") else 1)
        return _number(nanos, len(part))
    for shape in _SHAPES:
        if found := shape.fullmatch(text):
            return _wall(found.groupdict())
    return None


def _wall(said: dict[str, str | None]) -> _Wall | None:
    settled = "c" not in said
    if settled:
        month = _MONTHS.get((said.get("mon") or "")[:3].lower()) if "mon" in said else int(said["m"] or 0)
        if not month:
            return None
        day = (int(said["y"] or 0), month, int(said["d"] or 0))
    else:
        day = (int(said["a"] or 0), int(said["b"] or 0), int(said["c"] or 0))
        if len(said["c"] or "") == 2:
            day = (day[0], day[1], -1 - day[2])
    if said["h"] is None:
        return _Wall(day, settled, (0, 0, 0, 0), 86400.0, None)
    hour = int(said["h"])
    if half := said["ap"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    part = said["f"]
    clock = (hour, int(said["mi"] or 0), int(said["s"] or 0), int((part or "0")[:6].ljust(6, "0")))
    step = 60.0 if said["s"] is None else 1.0 if part is None else 0.001 if len(part) <= 3 else 1e-6
    return _Wall(day, settled, clock, step, said["z"])


def _year(two_or_four: int) -> int:
    """Return a year; two digits come as -1-yy and mean 1969 to 2068, as in POSIX."""
    if two_or_four >= 0:
        return two_or_four
    short = -1 - two_or_four
    return 2000 + short if short <= 68 else 1900 + short


def _grain(clock: tuple[int, int, int, int]) -> int:
    """Return the index in _STEPS of the finest part of a clock that is not zero."""
    hour, minute, second, micro = clock
    if micro:
        return 1 if micro % 1000 == 0 else 0
    return 2 if second else 3 if hour or minute else 4


@dataclass(slots=True)
class Survey:
    """What a whole column of times shows; feed it every value, then :meth:`decide`."""

    column: str
    seen: int = 0
    unread: int = 0
    first_unread: object = None
    naive: int = 0
    day_first: int = 0
    month_first: int = 0
    open_dates: int = 0
    example: str = ""
    magnitudes: Counter[str] = field(default_factory=Counter)
    grain: int = 4
    zones: Counter[str] = field(default_factory=Counter)
    counted: int = 0
    first_counted: object = None

    def add(self, values: list[object] | tuple[object, ...]) -> None:
        """Take in values; None is passed over."""
        for value in values:
            if value is None or value == "":
                continue
            self.seen += 1
            found = _look(value)
            if found is None:
                self.unread += 1
                if self.first_unread is None:
                    self.first_unread = value
            elif isinstance(found, _Number):
                self._add_number(found)
            else:
                self._add_wall(found, value)

    def _add_number(self, number: _Number) -> None:
        size = abs(number.nanos) // 10**9
        unit = "s" if size < 10**11 else "ms" if size < 10**14 else "us"
        self.magnitudes[unit] += 1
        us = number.nanos * UNITS[unit] // 10**9
        clock = (us // 3_600_000_000 % 24, us // 60_000_000 % 60, us // 1_000_000 % 60, us % 1_000_000)
        self.grain = min(self.grain, _grain(clock))

    def _add_wall(self, wall: _Wall, value: object) -> None:
        if wall.counted:
            self.counted += 1
            self.first_counted = value if self.first_counted is None else self.first_counted
        self.grain = min(self.grain, _grain(wall.clock))
        if wall.zone is None:
            self.naive += 1
        elif wall.zone.isalpha() and wall.zone not in {"Z", "UTC", "GMT"}:
            self.zones[wall.zone] += 1
        if wall.settled:
            return
        first, second, _ = wall.date
        self.open_dates += 1
        self.example = self.example or str(value)
        self.day_first += first > 12 >= second
        self.month_first += second > 12 >= first

    def decide(
        self,
        zone: tzinfo | None,
        *,
        order: str | None = None,
        unit: str | None = None,
        where: str = "",
    ) -> TimeRule:
        """Return the rule for this column.

        Parameters
        ----------
        zone : tzinfo or None
            For times that name none.
        order : str or None
            One of :data:`DATE_ORDERS`; None: the column decides.
        unit : str or None
            Of an epoch; None: the magnitude decides.
        where : str
            How messages name the file.

        Raises
        ------
        MappingError
            Where no value is a time, the order stays open, both orders occur, or a zone is needed and not named.
        """
        column = f"{where}column {quote(self.column)}"
        if self.seen and self.unread == self.seen:
            raise MappingError(
                f"{column}: none of its {self.seen:,} values is a time that can be read, the first is "
                f'{quote(self.first_unread)}; name its form in the mapping: [times] created_at = {{format = "…"}}.'
            )
        order = order or self._order(column)
        if zone is None and (self.zones or self.naive):
            if self.zones:
                raise MappingError(self._short_zone(column))
            raise MappingError(
                f"{column}: {self.naive:,} of {self.seen:,} times name no zone; say which they are in, "
                "as in --tz Asia/Kolkata or --tz UTC."
            )
        if zone is not None and self.zones and not set(self.zones) & _short_names(zone):
            raise MappingError(self._other_zone(column, zone))
        if unit is None and self.magnitudes:
            unit = self.magnitudes.most_common(1)[0][0]
        step = _STEPS[self.grain] if self.seen - self.unread >= _ENOUGH else None
        return TimeRule(zone=zone, unit=unit, order=order, step_s=step)

    def remark(self) -> str:
        """Say which times are numbers of days, and what the first of them stands for; nothing where none is."""
        found = _look(self.first_counted) if self.counted else None
        if not isinstance(found, _Wall):
            return ""
        day = "{:04}-{:02}-{:02}".format(*found.date)
        return (
            f"{self.counted:,} times of column {quote(self.column)} are numbers of days as a spreadsheet counts them "
            f"({quote(self.first_counted)} is {day})"
        )

    def _short_zone(self, column: str) -> str:
        named = self.zones.most_common(1)[0][0]
        place = _PLACES.get(named.upper(), "Asia/Kolkata")
        return (
            f"{column}: the times end in {quote(named)}, which is short for more than one zone; type the full name of "
            f'the zone that is meant, such as --tz {place}, or in the mapping: [times] created_at = {{tz = "{place}"}}.'
        )

    def _other_zone(self, column: str, zone: tzinfo) -> str:
        named = self.zones.most_common(1)[0][0]
        place = _PLACES.get(named.upper())
        proposed = f"type that of a place that does, such as --tz {place}; or, if {zone} is right, " if place else ""
        return (
            f"{column}: the times name the zone {quote(named)}, which {zone} does not use; {proposed}write the letters "
            f'into the form, in the mapping: [times] created_at = {{tz = "{zone}", '
            f'format = "%Y-%m-%d %H:%M:%S {named}"}}.'
        )

    def _order(self, column: str) -> str | None:
        if not self.open_dates:
            return None
        if self.day_first and self.month_first:
            raise MappingError(
                f"{column}: {self.day_first:,} dates can only be day first and {self.month_first:,} only month first; "
                "two kinds of dates stand in one column; split the file or say --date-order dmy or mdy "
                "(rows that do not fit are then refused)."
            )
        if not self.day_first and not self.month_first:
            raise MappingError(
                f"{column}: every date, such as {quote(self.example)}, can be day first or month first; "
                f"say which: --date-order dmy{self._read_as('dmy')} or --date-order mdy{self._read_as('mdy')}."
            )
        return "dmy" if self.day_first else "mdy"

    def _read_as(self, order: str) -> str:
        """Return the example as a day of this order, in brackets."""
        found = _look(self.example)
        day = _settle(found, order) if isinstance(found, _Wall) else None
        if day is None or not 1 <= day[1] <= 12:
            return ""
        return f" ({day[2]} {_MONTH_NAMES[day[1] - 1].title()} {day[0]})"


def read_time(value: object, rule: TimeRule) -> tuple[int, float] | str:
    """Return µs since 1970 and the step of the clock in seconds, or the reason why the value is no time.

    Raises
    ------
    Nothing: what cannot be read is a reason.
    """
    if rule.format is not None:
        return _read_by_format(value, rule)
    found = _look(value)
    if found is None:
        aware = isinstance(value, (UtcMicros, NaiveMicros))
        return f"{quote(value)} is {_PLAUSIBLE if aware else 'no time that can be read'}"
    if isinstance(found, _Number):
        if rule.unit is None:
            return f"{quote(value)} is a number where the column holds dates"
        us = found.nanos * UNITS[rule.unit] // 10**9
        if not _FIRST <= us < _LAST:
            return f"{quote(value)} is {_PLAUSIBLE}"
        step = 1.0 if us % 1_000_000 == 0 else 0.001 if us % 1000 == 0 else 1e-6
        return us, max(step, rule.step_s or 0)
    return _read_wall(found, value, rule)


def _settle(wall: _Wall, order: str | None) -> tuple[int, int, int] | None:
    if wall.settled:
        return wall.date
    one, two, three = wall.date
    if order == "dmy":
        return _year(three), two, one
    if order == "mdy":
        return _year(three), one, two
    if order == "ymd" and three < 0:
        return _year(-1 - one), two, -1 - three
    return None


def _read_wall(wall: _Wall, value: object, rule: TimeRule) -> tuple[int, float] | str:
    day = _settle(wall, rule.order)
    if day is None:
        return f"{quote(value)} does not say which is day and which is month"
    try:
        moment = datetime(*day, *wall.clock)  # noqa: DTZ001
    except ValueError:
        return f"{quote(value)} is no date or time of day that exists"
    shift = _shift(moment, wall.zone, rule.zone)
    if isinstance(shift, str):
        return f"{quote(value)} {shift}"
    us = micros(moment.replace(tzinfo=UTC)) - shift // timedelta(microseconds=1)
    if not _FIRST <= us < _LAST:
        return f"{quote(value)} is {_PLAUSIBLE}"
    native = isinstance(value, (datetime, UtcMicros, NaiveMicros))
    step = _STEPS[min(_grain(wall.clock), 2)] if native else wall.step
    return us, max(step, rule.step_s or 0)


def _shift(moment: datetime, said: str | None, zone: tzinfo | None) -> timedelta | str:
    """Return how far a wall clock is ahead of UTC, or why that is not known."""
    if said in {"Z", "UTC", "GMT"}:
        return timedelta(0)
    if said and said[0] in "+-":
        hours, minutes = int(said[1:3]), int(said[-2:])
        if hours > 14 or minutes > 59:
            return "has an offset that does not exist"
        ahead = timedelta(hours=hours, minutes=minutes)
        return ahead if said[0] == "+" else -ahead
    if zone is None:
        return "names no zone"
    for fold in (0, 1):
        local = moment.replace(tzinfo=zone, fold=fold)
        if said is None or local.tzname() == said:
            ahead_of_utc = local.utcoffset()
            return timedelta(0) if ahead_of_utc is None else ahead_of_utc
    return f"names the zone {said}, which {zone} was not in"


A_FORMAT = "year, month and day as Python's strptime names them, such as %Y-%m-%d %H:%M:%S"
"""What a time's ``format`` in a mapping has to be, for the sentence that refuses another."""

_WITNESS = datetime(2021, 11, 23, 20, 47, 59, tzinfo=UTC)  # no two of its numbers are alike


def tells_the_day(form: str) -> bool:
    """Say whether a ``strptime`` format is one, and names year, month and day.

    Parameters
    ----------
    form : str
        The format, such as ``"%d/%m/%Y %H:%M"``.

    Returns
    -------
    bool
        False for an unknown directive too, and where the month or the year is left to be guessed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of a day without its year, refused here anyway
            found = datetime.strptime(_WITNESS.strftime(form), form)  # noqa: DTZ007
    except (ValueError, re.error):
        return False
    return found.date() == _WITNESS.date()


def _read_by_format(value: object, rule: TimeRule) -> tuple[int, float] | str:
    text = str(value).strip()
    try:
        moment = datetime.strptime(text, rule.format or "")  # noqa: DTZ007
    except (ValueError, re.error):
        return f"{quote(value)} is not of the form {quote(rule.format)}"
    ahead = moment.utcoffset()
    if ahead is None:
        if rule.zone is None:
            return f"{quote(value)} names no zone"
        ahead = moment.replace(tzinfo=rule.zone).utcoffset() or timedelta(0)
    us = micros(moment.replace(tzinfo=UTC)) - ahead // timedelta(microseconds=1)
    if not _FIRST <= us < _LAST:
        return f"{quote(value)} is {_PLAUSIBLE}"
    form = rule.format or ""
    step = (
        1e-6
        if "%f" in form
        else 1.0
        if re.search(r"%[STcsX]", form)
        else 60.0
        if re.search(r"%[HIM]", form)
        else 86400.0
    )
    return us, max(step, rule.step_s or 0)
