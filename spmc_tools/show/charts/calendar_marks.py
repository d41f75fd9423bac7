"""What the calendar marks in a chart: its bands, and the words of a page for them, which are given.

Every section whose chart has a time axis takes its bands from here, and its template says them through the macro
``calendar`` of ``parts.html.j2``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from markupsafe import Markup

from spmc_tools.desks.base.calendar import IST, bands, find_event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.base.calendar import Band, Event
__all__ = ["MOST", "MarkedBand", "between", "event_of", "label", "last_day", "marks", "told"]

MOST = 8
"""Bands that a caption names; where there are more, a table does."""


class MarkedBand(Protocol):
    """A band as a chart marks it: one of the calendar (:class:`spmc_tools.desks.base.calendar.Band`) or of a report."""

    @property
    def what(self) -> str:
        """``poll``, ``count``, ``festival`` or ``silence``."""

    @property
    def start(self) -> datetime:
        """The first moment of it."""

    @property
    def end(self) -> datetime:
        """The first moment after it."""

    @property
    def title(self) -> Mapping[str, Any]:
        """Its name by language."""

    @property
    def phase(self) -> int | None:
        """The phase of a poll or silence period that has several."""

    @property
    def unconfirmed(self) -> bool:
        """Whether nobody confirmed its days."""


def event_of(case: Case) -> Event | None:
    """Return the event of a case; None where it names none that the calendar has."""
    return find_event(case.settings.event)


def between(start: datetime, end: datetime, event: Event | None) -> list[Band]:
    """Return what a chart marks from one moment to another, both inclusive.

    As :func:`spmc_tools.desks.base.calendar.bands` has them: festivals, and polls, counts and silence periods of the
    event. Silence periods and polls of single constituencies are left out: a chart of everything cannot show them.
    """
    return [band for band in bands(start, end + timedelta(microseconds=1), event) if band.where is None]


def label(words: Any, band: MarkedBand) -> Any:
    """Return what a band is called: the festival by its name, a poll or silence period with its phase."""
    what, phase = band.what, band.phase
    if what == "festival":
        return words.title(band.title)
    if phase is None:
        return words.say(f"band.{what}")
    return words.say(f"band.{what}.phase", phase=phase)


def marks(
    words: Any, values: Sequence[MarkedBand], text: Callable[[Any], str] | None = None
) -> list[tuple[str, str, datetime, datetime]]:
    """Return bands as :mod:`spmc_tools.show.charts.time_axis` draws them; without ``text`` their labels are empty."""
    return [
        (
            band.what,
            text(label(words, band)) if text else "",
            band.start,
            band.end,
        )
        for band in values
    ]


def last_day(band: MarkedBand) -> datetime:
    """Return a moment of the last day of a band."""
    return band.end - timedelta(seconds=1)


def told(words: Any, values: Sequence[MarkedBand]) -> list[Any]:
    """Return the sentences of a caption: what each form means, what is marked where, and that some is unconfirmed.

    What is not drawn is not explained; more than :data:`MOST` bands are not named.
    """
    there = {band.what for band in values}
    return [
        words.say("calendar.silence") if "silence" in there else None,
        words.say("calendar.festival") if "festival" in there else None,
        words.say("calendar.line") if there & {"poll", "count"} else None,
        words.say("calendar.named", what=_listed(words, values)) if 0 < len(values) <= MOST else None,
        words.say("volume.unconfirmed") if any(band.unconfirmed for band in values) else None,
    ]


def _listed(words: Any, values: Sequence[MarkedBand]) -> Any:
    years = {end.astimezone(IST).year for band in values for end in (band.start, last_day(band))}
    ready = [_with_days(words, band, dated=len(years) > 1) for band in values]
    return words.each(lambda _: Markup("; ").join(said.form for said in ready))


def _with_days(words: Any, band: MarkedBand, *, dated: bool) -> Any:
    """Return a band with its first and last day, a silence period with its hours too; ``dated`` with the year."""
    day = words.day if dated else words.day_short
    start, end = band.start, band.end
    silence = band.what == "silence"
    ends = [day(start), day(end if silence else last_day(band))]
    if silence:
        clocks = [f"{moment.astimezone(IST):%H:%M}" for moment in (start, end)]
        ends = [
            words.each(lambda _, day=day, clock=clock: Markup("{} {}").format(day.form, clock))
            for day, clock in zip(ends, clocks, strict=True)
        ]
    name, between_ends = label(words, band), Markup(" – ")
    named_ends = between_ends.join(dict.fromkeys(end.form for end in ends))
    return words.each(lambda _: Markup("{} ({})").format(name.form, named_ends))
