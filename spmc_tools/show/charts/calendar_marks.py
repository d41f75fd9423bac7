"""What the calendar marks in a chart: as values, and in the words of a page, which are given.

Every section whose chart has a time axis takes its bands from here, and its template says them through the macro
``calendar`` of ``parts.html.j2``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from spmc_tools.desks.base.calendar import IST, bands, find_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.base.calendar import Band, Event
__all__ = ["MOST", "between", "event_of", "label", "last_day", "marked", "marks", "told"]

MOST = 8
"""Bands that a caption names; where there are more, a table does."""


def event_of(case: Case) -> Event | None:
    """Return the event of a case; None where it names none that the calendar has."""
    return find_event(case.settings.event)


def marked(band: Band) -> dict[str, Any]:
    """Return a band of the calendar as values."""
    return {
        "what": band.what,
        "start": band.start,
        "end": band.end,
        "title": band.title,
        "phase": band.phase,
        "unconfirmed": band.unconfirmed,
    }


def between(start: datetime, end: datetime, event: Event | None) -> list[dict[str, Any]]:
    """Return what a chart marks from one moment to another, both inclusive.

    As :func:`spmc_tools.desks.base.calendar.bands` has them: festivals, and polls, counts and silence periods of the
    event. Silence periods and polls of single constituencies are left out: a chart of everything cannot show them.
    """
    return [marked(band) for band in bands(start, end + timedelta(microseconds=1), event) if band.where is None]


def _moment(value: str | datetime) -> datetime:
    """Return a moment of values, which are ISO text once they went through JSON."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _field(band: Any, name: str) -> Any:
    """Return a field of a band as values, whether these are an object or what JSON holds of it."""
    return band[name] if isinstance(band, Mapping) else getattr(band, name)


def label(words: Any, band: Any) -> Any:
    """Return what a band is called: the festival by its name, a poll or silence period with its phase."""
    what, phase = _field(band, "what"), _field(band, "phase")
    if what == "festival":
        return words.title(_field(band, "title"))
    if phase is None:
        return words.say(f"band.{what}")
    return words.say(f"band.{what}.phase", phase=phase)


def marks(
    words: Any, values: Sequence[Any], text: Callable[[Any], str] | None = None
) -> list[tuple[str, str, datetime, datetime]]:
    """Return bands as :mod:`spmc_tools.show.charts.time_axis` draws them; without ``text`` their labels are empty."""
    return [
        (
            _field(band, "what"),
            text(label(words, band)) if text else "",
            _moment(_field(band, "start")),
            _moment(_field(band, "end")),
        )
        for band in values
    ]


def last_day(band: Any) -> datetime:
    """Return a moment of the last day of a band."""
    return _moment(_field(band, "end")) - timedelta(seconds=1)


def told(words: Any, values: Sequence[Any]) -> list[Any]:
    """Return the sentences of a caption: what each form means, what is marked where, and that some is unconfirmed.

    What is not drawn is not explained; more than :data:`MOST` bands are not named.
    """
    there = {_field(band, "what") for band in values}
    return [
        words.say("calendar.silence") if "silence" in there else None,
        words.say("calendar.festival") if "festival" in there else None,
        words.say("calendar.line") if there & {"poll", "count"} else None,
        words.say("calendar.named", what=_listed(words, values)) if 0 < len(values) <= MOST else None,
        words.say("volume.unconfirmed") if any(_field(band, "unconfirmed") for band in values) else None,
    ]


def _listed(words: Any, values: Sequence[Any]) -> Any:
    years = {end.astimezone(IST).year for band in values for end in (_moment(_field(band, "start")), last_day(band))}
    ready = [_with_days(words, band, dated=len(years) > 1) for band in values]
    return words.each(lambda language: Markup("; ").join(said.in_(language) for said in ready))


def _with_days(words: Any, band: Any, *, dated: bool) -> Any:
    """Return a band with its first and last day, a silence period with its hours too; ``dated`` with the year."""
    day = words.day if dated else words.day_short
    start, end = _moment(_field(band, "start")), _moment(_field(band, "end"))
    silence = _field(band, "what") == "silence"
    ends = [day(start), day(end if silence else last_day(band))]
    if silence:
        clocks = [f"{moment.astimezone(IST):%H:%M}" for moment in (start, end)]
        ends = [
            words.each(lambda language, day=day, clock=clock: f"{day.in_(language)} {clock}")
            for day, clock in zip(ends, clocks, strict=True)
        ]
    name, between_ends = label(words, band), Markup(" – ")
    return words.each(
        lambda language: Markup("{} ({})").format(
            name.in_(language), between_ends.join(dict.fromkeys(end.in_(language) for end in ends))
        )
    )
