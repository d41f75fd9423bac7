"""When a scheduled job is due: ``every 6 hours from 7 days before to 2 days after poll``, and the like.

All hours are Indian Standard Time, which has no summer time. Forms:

``every N minutes|hours|days``, ``daily 06:00``, ``weekly monday 06:00``, ``once 2025-11-14 08:00``; the first three may
be bound to an event of the calendar: ``… from N days|hours before to N days|hours after
poll|count|festival|season|code``,
followed by ``of EVENT`` where it is not that of the case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from spmc_tools.desks.base.calendar import IST, event, find_event
from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FORMS", "Around", "When", "parse_when"]

FORMS = (
    '"every 6 hours", "daily 06:00", "weekly monday 06:00", "once 2025-11-14 08:00", or '
    '"every 6 hours from 7 days before to 2 days after poll"'
)

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNIT = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_ANCHOR = datetime(2024, 1, 1, tzinfo=IST)
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_MOST = 366 * 1440
_SPAN = r"(\d{1,4}) (hour|day)s?"
_AROUND = re.compile(
    rf"from {_SPAN} before to {_SPAN} after (poll|count|festival|season|code)(?: of ([a-z0-9][a-z0-9-]*))?"
)
_EVERY = re.compile(r"every (?:(\d{1,5}) )?(minute|hour|day)s?")
_CLOCK = re.compile(rf"(daily|weekly ({'|'.join(_DAYS)})) (\d\d):(\d\d)")
_ONCE = re.compile(r"once (\d{4}-\d\d-\d\d) (\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Around:
    """The days of an event that a job is bound to: so long before the first hour to so long after the last."""

    before: timedelta
    after: timedelta
    what: str
    event: str | None

    def spans(self, case_event: str | None) -> list[tuple[datetime, datetime]]:
        """Return the spans, joined where they overlap, in order; both ends inclusive. No such day: none.

        Parameters
        ----------
        case_event : str or None
            The event of the case, for a job that names none.

        Raises
        ------
        ParameterError
            Where the event is not in the calendar, or neither job nor case names one.
        """
        name = self.event or case_event
        if name is None:
            raise ParameterError(f"when: neither the job nor its case names an event; add: of EVENT after {self.what}.")
        spans: list[tuple[datetime, datetime]] = []
        for day in event(name).days:
            if day.what == self.what:
                start = datetime.combine(day.first, time(), tzinfo=IST) - self.before
                end = datetime.combine(day.last + timedelta(days=1), time(), tzinfo=IST) + self.after
                if spans and start <= spans[-1][1]:
                    spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
                else:
                    spans.append((start, end))
        return spans


@dataclass(frozen=True, slots=True)
class When:
    """The moments at which a job is due.

    ``text``: as it was written. ``step``: between two moments; None: once. ``anchor``: one of the moments; of a job
    around an event, each span begins with one of its own for ``every``. ``around``: the days of an event that it is
    bound to, or None. ``by_clock``: whether ``anchor`` holds within spans too.
    """

    text: str
    step: timedelta | None
    anchor: datetime
    around: Around | None = None
    by_clock: bool = False

    def latest(self, now: datetime, case_event: str | None = None) -> datetime | None:
        """Return the last moment that is not after ``now``, in UTC; None where there was none."""
        last_of_spans = ((start, self._floor(min(now, end), anchor)) for start, end, anchor in self._spans(case_event))
        found = [moment for start, moment in last_of_spans if moment is not None and moment >= start]
        return max(found).astimezone(UTC) if found else None

    def next(self, now: datetime, case_event: str | None = None) -> datetime | None:
        """Return the first moment after ``now``, in UTC; None where none will come."""
        first_of_spans = (
            (end, self._after(max(now, start - _TICK), anchor)) for start, end, anchor in self._spans(case_event)
        )
        found = [moment for end, moment in first_of_spans if moment is not None and moment <= end]
        return min(found).astimezone(UTC) if found else None

    def missed(self, since: datetime, now: datetime, case_event: str | None = None) -> int:
        """Return how many moments lie after ``since`` and not after ``now``."""
        count, moment = 0, self.next(since, case_event)
        while moment is not None and moment <= now and count < _MOST:
            count, moment = count + 1, self.next(moment, case_event)
        return count

    def _spans(self, case_event: str | None) -> Iterator[tuple[datetime, datetime, datetime]]:
        """Yield start and end of each span, both inclusive, and a moment that it counts from; all of time is one."""
        if self.around is None:
            yield _FIRST, _LAST, self.anchor
            return
        for start, end in self.around.spans(case_event):
            yield start, end, self.anchor if self.by_clock else start

    def _floor(self, now: datetime, anchor: datetime) -> datetime | None:
        if self.step is None:
            return anchor if anchor <= now else None
        return anchor + (now - anchor) // self.step * self.step

    def _after(self, now: datetime, anchor: datetime) -> datetime | None:
        if self.step is None:
            return anchor if anchor > now else None
        return anchor + ((now - anchor) // self.step + 1) * self.step


def parse_when(text: str) -> When:
    """Return the moments that a text names.

    Raises
    ------
    ParameterError
        Where it is none of the forms, or names an hour or an event that there is not.
    """
    said = " ".join(text.lower().split()) if isinstance(text, str) else ""
    head, sign, tail = said.partition(" from ")
    around = _around(f"from {tail}", text) if sign else None
    if (found := _EVERY.fullmatch(head)) is not None:
        step = int(found[1] or 1) * _UNIT[found[2]]
        if step <= timedelta():
            raise ParameterError(f"when is {quote(text)}: every 0 is never; wanted at least 1.")
        return When(text, step, _ANCHOR, around)
    try:
        if (found := _CLOCK.fullmatch(head)) is not None:
            hour = time(int(found[3]), int(found[4]))
            day = timedelta(days=_DAYS.index(found[2]) if found[2] else 0)  # the anchor is a Monday
            step = timedelta(days=7 if found[2] else 1)
            return When(text, step, datetime.combine(_ANCHOR.date() + day, hour, tzinfo=IST), around, by_clock=True)
        if around is None and (found := _ONCE.fullmatch(head)) is not None:
            return When(text, None, datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=IST))
    except ValueError:
        raise ParameterError(f"when is {quote(text)}, which names no hour or day that there is.") from None
    raise ParameterError(f"when is {quote(text)}; wanted one of {FORMS}.")


def _around(tail: str, text: str) -> Around:
    found = _AROUND.fullmatch(tail)
    if found is None:
        raise ParameterError(f"when is {quote(text)}; wanted one of {FORMS}.")
    if found[6] is not None and find_event(found[6]) is None:
        event(found[6])  # says which events there are
    return Around(int(found[1]) * _UNIT[found[2]], int(found[3]) * _UNIT[found[4]], found[5], found[6])
