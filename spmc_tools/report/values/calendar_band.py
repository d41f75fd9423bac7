"""A stretch of time that a chart marks, as the values of every section with a time axis hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.report.values.privacy import Clock, Code, Count, Flag, Wording
from spmc_tools.report.values.section_values import section_values, values_from

if TYPE_CHECKING:
    from spmc_tools.desks.base.calendar import Band

__all__ = ["CalendarBand", "calendar_band"]


@section_values
class CalendarBand:
    """A festival, poll, count or silence period: ``start`` is in it and ``end`` is not; ``title`` by language."""

    what: Code
    start: Clock
    end: Clock
    title: dict[Code, Wording]
    phase: Count | None
    unconfirmed: Flag


def calendar_band(band: Band) -> CalendarBand:
    """Return a band of the calendar as values."""
    return values_from(CalendarBand, band)
