"""The calendar of the centre: elections with polling days and silence periods, and festivals.

The days lie in ``data/calendar/*.yaml``, which the centre edits; each line names its source, and what was not
checked against an official paper is marked *unconfirmed*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from spmc_tools.errors import InputError, ParameterError, quote
from spmc_tools.resources import resource

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "IST", "Band", "Day", "Event", "bands", "busiest", "event", "event_days", "events", "find_event", "read_events",
]  # fmt: skip

IST = ZoneInfo("Asia/Kolkata")
"""Indian Standard Time: the zone of every day and hour of the calendar."""

SILENCE = timedelta(hours=48)
"""Length of the silence period, ending at the hour fixed for the close of poll (RPA 1951, s. 126(1)(b))."""

KINDS = ("code", "poll", "count", "festival", "season")
_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{0,63}$")


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an event, or several: ``first`` and ``last`` are both inclusive.

    ``close`` is the hour fixed for the close of poll (IST), None where it is no poll. ``moon`` says that the day
    depends on the sighting of the moon, ``unconfirmed`` that the line was not checked or that sources differ. ``where``
    names the constituencies that a poll line is for, None: all of its phase.
    """

    what: str
    first: date
    last: date
    source: str
    phase: int | None = None
    seats: int | None = None
    close: time | None = None
    moon: bool = False
    unconfirmed: bool = False
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An election or a festival: its name, its title in English (``en``) and Hindi (``hi``), its days in order."""

    name: str
    title: dict[str, str]
    days: tuple[Day, ...]

    @property
    def is_election(self) -> bool:
        """True where the event has a polling day."""
        return any(day.what == "poll" for day in self.days)


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time to mark in a chart: half open, ``start`` (UTC) is in it and ``end`` is not.

    ``what`` is ``poll``, ``count``, ``festival`` or ``silence``.
    """

    what: str
    start: datetime
    end: datetime
    title: dict[str, str]
    phase: int | None
    unconfirmed: bool
    where: str | None = None


def _day(line: dict[str, Any], sources: dict[str, str], where: str) -> Day:
    known = {"what", "date", "until", "source", "phase", "seats", "close", "moon", "unconfirmed", "where"}
    unknown = sorted(set(line) - known)
    if unknown:
        raise InputError(f"{where}: unknown key {quote(unknown[0])}; known keys: {', '.join(sorted(known))}.")
    first, last, what = line.get("date"), line.get("until", line.get("date")), line.get("what")
    if what not in KINDS:
        raise InputError(f"{where}: what is {quote(what)}, wanted one of {', '.join(KINDS)}.")
    if type(first) is not date or type(last) is not date or last < first:
        raise InputError(f"{where}: date is {quote(first)}, wanted a day as 2025-11-06, not after `until`.")
    if line.get("source") not in sources:
        raise InputError(f"{where}: source is {quote(line.get('source'))}, wanted one of {', '.join(sources)}.")
    where_held = line.get("where")
    if where_held is not None and not (what == "poll" and isinstance(where_held, str) and where_held.strip()):
        raise InputError(f"{where}: where is {quote(where_held)}, wanted the constituencies of a poll in words.")
    close = None
    if what == "poll":
        try:
            close = time.fromisoformat(str(line.get("close")))
        except ValueError:
            raise InputError(f'{where}: close is {quote(line.get("close"))}, wanted an hour as "18:00".') from None
    return Day(
        what=what,
        first=first,
        last=last,
        source=sources[line["source"]],
        phase=line.get("phase"),
        seats=line.get("seats"),
        close=close,
        moon=bool(line.get("moon", False)),
        unconfirmed=bool(line.get("unconfirmed", False)),
        where=where_held,
    )


def read_events(path: Path) -> tuple[Event, ...]:
    """Return the events of one calendar file, in its order.

    Raises
    ------
    InputError
        With the entry and line that is wrong.
    """
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        sources, entries = dict(content["sources"]), list(content["events"])
        lines = [(entry["name"], dict(entry["title"]), list(entry["days"])) for entry in entries]
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path.name} is no calendar: {quote(error, 120)}; wanted sources and events.") from None
    found = []
    for name, title, days in lines:
        if not isinstance(name, str) or not _NAME.match(name) or set(title) != {"en", "hi"}:
            raise InputError(f"{path.name}: event {quote(name)} wants a name as bihar-assembly-2025 and titles en, hi.")
        parsed = [_day(dict(line), sources, f"{path.name}, {name}, line {n}") for n, line in enumerate(days, start=1)]
        found.append(Event(name, title, tuple(sorted(parsed, key=lambda day: (day.first, day.what)))))
    return tuple(found)


@lru_cache(maxsize=1)
def events() -> tuple[Event, ...]:
    """Return every event of the calendar; names are unique.

    Raises
    ------
    InputError
        Where a file is broken or a name stands in it twice.
    """
    found: dict[str, Event] = {}
    for path in sorted(resource("data", "calendar").glob("*.yaml")):
        for event in read_events(path):
            if event.name in found:
                raise InputError(f"{path.name}: the event {quote(event.name)} is in the calendar twice.")
            found[event.name] = event
    return tuple(found.values())


def find_event(name: str | None) -> Event | None:
    """Return the event whose name or title this is, whatever the case and punctuation; None where there is none."""
    key = _key(name or "")
    for event in events():
        if key and key in {_key(event.name), _key(event.title["en"]), _key(event.title["hi"])}:
            return event
    return None


def event(name: str) -> Event:
    """Return the event of this name or title.

    Raises
    ------
    ParameterError
        Naming the elections that are known.
    """
    found = find_event(name)
    if found is None:
        known = ", ".join(candidate.name for candidate in events())
        raise ParameterError(f"event: {quote(name)} is not in the calendar; known events: {known}.")
    return found


def event_days(chosen: Event | None, first: date, last: date) -> set[date]:
    """Return the days between two days, both inclusive, that the calendar marks for an event (silence periods too)."""
    if chosen is None:
        return set()
    marked: set[date] = set()
    for band in (band for day in chosen.days for band in _bands_of(chosen, day)):
        day = band.start.astimezone(IST).date()
        while day <= (band.end - timedelta(microseconds=1)).astimezone(IST).date():
            if first <= day <= last:
                marked.add(day)
            day += timedelta(days=1)
    return marked


def busiest(posts: Mapping[date, int], first: date, last: date, *, elections: bool) -> Event | None:
    """Return the election or festival between two days on whose days most posts lie; None where there is none.

    Parameters
    ----------
    posts : mapping of day to number
        Days in IST.
    first, last : datetime.date
        Both inclusive. An election lies between them where each of its polls does, a festival where one of its
        celebrations does from its first day to its last: what is only brushed gives no report its name.
    elections : bool
        True: of the elections; False: of the festivals. Of equals, the first of the calendar.
    """
    sums = [
        (sum(posts.get(day, 0) for day in event_days(event, first, last)), event)
        for event in events()
        if event.is_election == elections and _lies_between(event, first, last)
    ]
    most = max(sums, key=lambda pair: pair[0], default=(0, None))
    return most[1] if most[0] else None


def _lies_between(event: Event, first: date, last: date) -> bool:
    days = [day for day in event.days if day.what == ("poll" if event.is_election else "festival")]
    inside = [first <= day.first and day.last <= last for day in days]
    return all(inside) if event.is_election else any(inside)


def _key(name: str) -> str:
    return re.sub(r"[\s\-_,.]+", " ", name).strip().casefold()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=IST).astimezone(UTC)


def _bands_of(event: Event, day: Day) -> list[Band]:
    if day.what in {"code", "season"}:
        return []
    whole = Band(
        day.what,
        _midnight(day.first),
        _midnight(day.last + timedelta(days=1)),
        event.title,
        day.phase,
        day.unconfirmed and day.what == "festival",
        day.where,
    )
    if day.close is None:
        return [whole]
    close = datetime.combine(day.first, day.close, tzinfo=IST).astimezone(UTC)
    return [whole, Band("silence", close - SILENCE, close, event.title, day.phase, day.unconfirmed, day.where)]


def bands(start: datetime, end: datetime, chosen: Event | None = None) -> list[Band]:
    """Return what to mark between two moments, in order of time.

    Parameters
    ----------
    start, end : datetime
        Aware; a band that touches the half-open span [start, end) is returned whole.
    chosen : Event, optional
        Polls, counts and silence periods are those of this event alone; None: no election is marked. Festivals
        are always marked; seasons, which last for weeks, never: they would cover and explain everything.

    Notes
    -----
    A silence period holds only where its poll is held; a state with several phases has several. Hours of poll that
    are *unconfirmed* make the silence period unconfirmed too.
    """
    picked = [event for event in events() if not event.is_election] + ([chosen] if chosen else [])
    unique = {event.name: event for event in picked}
    found = [band for event in unique.values() for day in event.days for band in _bands_of(event, day)]
    return sorted((b for b in found if b.start < end and b.end > start), key=lambda b: (b.start, b.what))
