"""What the calendar marks in a chart of a section, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.report.values.privacy import Clock, Code, Count, Flag, Wording
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from spmc_tools.desks.base.calendar import Band

__all__ = ["CalendarBand", "calendar_band"]


@section_values
class CalendarBand:
    """A poll, a count, a festival or a silence period: half open, ``start`` is in it and ``end`` is not.

    ``title`` by language; ``phase`` of an election; ``unconfirmed``: the calendar's line was not checked.
    """

    what: Code
    start: Clock
    end: Clock
    title: dict[Code, Wording]
    phase: Count | None
    unconfirmed: Flag


def calendar_band(band: Band) -> CalendarBand:
    """Return a band of the calendar as values."""
    return CalendarBand(
        what=band.what,
        start=band.start,
        end=band.end,
        title=band.title,
        phase=band.phase,
        unconfirmed=band.unconfirmed,
    )
