"""What a report says of its case, of the received files and rows, and of how much was posted when."""

from __future__ import annotations

from dataclasses import replace

from spmc_tools.report.values.calendar_band import CalendarBand
from spmc_tools.report.values.privacy import (
    Clock,
    Code,
    Count,
    Day,
    FileName,
    Flag,
    Number,
    Place,
    Quoted,
    Time,
    Wording,
)
from spmc_tools.report.values.section_values import section_values, values_from
from spmc_tools.report.words.refusals import unquoted

__all__ = [
    "ClockStep",
    "Data",
    "DayCount",
    "Gap",
    "LocalSilence",
    "LookedAt",
    "Purpose",
    "ReceivedFile",
    "RefusedRows",
    "RegisteredKind",
    "RowCounts",
    "Volume",
    "WhyRefused",
]


@section_values
class RegisteredKind:
    """How many accounts an officer registered as of this kind."""

    kind: Code
    n: Count


@section_values
class Purpose:
    """Title, purpose, legal basis, period and event of a case, and which days of it the report looks at.

    ``event``: the title of the calendar's event, by language; ``event_name``: what was asked for, whether or not the
    calendar has it; ``left_out``: records outside the days that are looked at.
    """

    case: Wording
    title: Wording
    purpose: Wording
    legal_basis: Wording
    case_from: Day
    case_to: Day
    date_from: Day | None
    date_to: Day | None
    left_out: Count
    event: dict[Code, Wording] | None
    event_name: Wording | None
    officer: Wording
    expires: Day | None
    registered: tuple[RegisteredKind, ...]


@section_values
class RowCounts:
    """Rows read = kept + duplicates + refused; of duplicates, those that name another account or hold another text."""

    read: Count
    kept: Count
    duplicates: Count
    refused: Count
    other_account: Count
    other_text: Count


@section_values
class ReceivedFile(RowCounts):
    """A received file and what became of its rows; ``accounts``: rows of the table of accounts."""

    name: FileName
    sha256: Code
    format: Code
    imported_at: Clock
    accounts: Count


@section_values
class WhyRefused:
    """A reason that is a value of another reason, by its kind."""

    kind: Code
    values: dict[Code, Quoted]


@section_values
class RefusedRows:
    """Rows that were refused for reasons of one kind: the commonest of these reasons, and how many others there are.

    ``reason``: as the case keeps it; ``kind``: as :func:`spmc_tools.report.words.refusals.told` says, None where none
    fits; ``values``: what stands in the words of this kind; ``n``: rows.
    """

    reason: Quoted | None
    kind: Code | None
    values: dict[Code, Quoted | WhyRefused]
    n: Count
    others: Count

    def for_redaction(self) -> RefusedRows:
        """Return the rows without what stood in them: no table of the case holds it, and no check would know it."""
        values = {
            name: replace(value, values=unquoted(value.values))
            if isinstance(value, WhyRefused)
            else unquoted(value, name)
            for name, value in self.values.items()
        }
        # a kind with its values says all of the reason
        return replace(self, reason=None if self.kind else unquoted(self.reason), values=values)


@section_values
class Gap:
    """A stretch without a record: when the last record before it was posted, and how long it is."""

    start: Time
    seconds: Number


@section_values
class ClockStep:
    """How many records have times in steps of so many seconds; None: the step is not known."""

    step_s: Number | None
    n: Count


@section_values
class LookedAt:
    """What a report looks at: ``records`` from the ``first`` to the ``last``, posts of ``accounts`` that are compared.

    ``outside`` of the records lie outside the days of the case, ``not_compared`` are of accounts that are not compared.
    """

    first: Time | None
    last: Time | None
    outside: Count
    accounts: Count
    not_compared: Count
    records: Count


@section_values
class Data(LookedAt):
    """What was received and what of it this report looks at.

    ``set_aside``: files that are left out; ``tables``: rows in use of the tables that the desks look at, by name,
    without empty ones.
    """

    files: tuple[ReceivedFile, ...]
    set_aside: Count
    totals: RowCounts
    reasons: tuple[RefusedRows, ...]
    other_reasons: Count
    gaps: tuple[Gap, ...]
    precision: tuple[ClockStep, ...]
    chain_problem: Flag
    tables: dict[Code, Count]


@section_values
class DayCount:
    """Records of one day (IST), and those of them in a silence period."""

    day: Day
    n: Count
    silence: Count


@section_values
class LocalSilence(CalendarBand):
    """A silence period with hours of its own, and the constituencies that it holds for."""

    where: Place

    @classmethod
    def of(cls, band: CalendarBand, where: str) -> LocalSilence:
        """Return a silence period of these constituencies."""
        return values_from(cls, band, where=where)


@section_values
class Volume:
    """Records in each hour or day (IST) from ``start`` on; None where there is no record.

    ``event_unknown``: an event was asked for that the calendar does not have. ``outside``: records on other days than
    those of the report or the case, which are in no count of these.
    """

    step: Code
    step_s: Number | None = None
    start: Clock | None = None
    counts: tuple[Count, ...] = ()
    bands: tuple[CalendarBand, ...] = ()
    own_hours: tuple[LocalSilence, ...] = ()
    days: tuple[DayCount, ...] = ()
    outside: Count = 0
    event_unknown: Flag
    event_name: Wording | None = None
