"""Privacy classes: what a field of a section holds, and hence what stands in its place in the redacted edition.

Every field of a section's values carries one (:mod:`spmc_tools.report.values.section_values` refuses a field without).
The names of fields mean nothing to redaction.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Self

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

__all__ = [
    "AccountId",
    "Bin",
    "Clock",
    "Code",
    "Count",
    "Day",
    "DisplayName",
    "FileName",
    "Flag",
    "Handle",
    "Hour",
    "Number",
    "Parts",
    "Place",
    "Privacy",
    "Quoted",
    "RecordId",
    "Site",
    "Thing",
    "Time",
    "WebAddress",
    "Wording",
]


class Privacy(Enum):
    """What a field holds; the value is what the redacted edition shows in its place."""

    ACCOUNT = "the pseudonym of the account"
    HANDLE = "the pseudonym of the account whose handle it is"
    DISPLAY_NAME = "nothing"
    RECORD = "nothing: the id of a post leads to the post"
    TEXT = "the text without mentions, addresses, numbers and raw names"
    PARTS = "the text masked, and what differs from the posts beside it marked anew"
    ADDRESS = "the text without mentions, addresses, numbers and raw names; an address is one of these"
    SITE = "a label, the same for the same site"
    THING = "a label, the same for the same shared object"
    FILE = "a label, the same for the same received file"
    PLACE = "the text without raw names"
    TIME = "the hour in which it lies (IST)"
    BIN = "itself where the bins are an hour or longer, else the hour in which it lies (IST)"
    CLOCK = "itself: a time of the calendar, of the office or of a report, at which no account acted"
    CODE = "itself: a word of this program, or a hash"
    NUMBER = "itself"
    WORDING = "the text without raw names: words of the office or of this program"


class Hour(datetime):
    """A moment of which no more than its hour is known: it lies somewhere in the hour that begins here."""

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """Return the hour (of the zone of a moment) in which it lies."""
        zone = moment.tzinfo
        return cls(moment.year, moment.month, moment.day, moment.hour, tzinfo=zone, fold=moment.fold)

    def isoformat(self, sep: str = "T", timespec: str = "hours") -> str:
        """Return the hour as ISO 8601 writes it, without minutes: 2025-11-06T14+05:30."""
        return super().isoformat(sep, timespec)


class _MomentOrHour:
    """Reads an ISO time without minutes as an :class:`Hour`, and leaves one as it is."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        from pydantic_core import core_schema

        def read(value: Any, moment: Any) -> Any:
            if isinstance(value, Hour):
                return value
            if isinstance(value, str) and re.fullmatch(r"[0-9-]{10}T[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})", value):
                return Hour.of(datetime.fromisoformat(value))
            return moment(value)

        return core_schema.no_info_wrap_validator_function(read, handler(source))


AccountId = Annotated[str, Privacy.ACCOUNT]
"""Id of an account, as the case keys it."""

Handle = Annotated[str, Privacy.HANDLE]
"""Handle of an account, or its id where it has none."""

DisplayName = Annotated[str, Privacy.DISPLAY_NAME]
"""Name that an account gives itself; the field must allow None."""

RecordId = Annotated[str, Privacy.RECORD]
"""Id of a post; the field must allow None."""

Quoted = Annotated[str, Privacy.TEXT]
"""Words of a post, a profile or a message."""

Parts = Annotated[tuple[tuple[str, bool], ...], Privacy.PARTS]
"""Words of a post in pieces, each with whether it differs from the posts beside it in the same tuple."""

WebAddress = Annotated[str, Privacy.ADDRESS]
"""Address of a page."""

Site = Annotated[str, Privacy.SITE]
"""Name of a site whose addresses were shared."""

Thing = Annotated[str, Privacy.THING]
"""Id of a shared object: a post, an address, a text, a tag sequence."""

FileName = Annotated[str, Privacy.FILE]
"""Name of a received file; its hash stands in ``sha256`` of the same object where there is one."""

Place = Annotated[str, Privacy.PLACE]
"""Name of a state, a district, a channel or a page."""

Time = Annotated[datetime, Privacy.TIME, _MomentOrHour()]
"""Moment at which an account acted, or was seen to act first or last."""

Bin = Annotated[datetime, Privacy.BIN, _MomentOrHour()]
"""Start of a bin of a count over time; its length in seconds stands in ``bin_s`` of the same object."""

Clock = Annotated[datetime, Privacy.CLOCK]
"""Moment of the calendar, of the office or of a report."""

Day = Annotated[date, Privacy.CLOCK]
"""Day of the calendar (IST)."""

Code = Annotated[str, Privacy.CODE]
"""Word of this program (a kind, a trace, a state), or a hash."""

Count = Annotated[int, Privacy.NUMBER]
"""Whole number."""

Number = Annotated[int | float, Privacy.NUMBER]
"""Number; what is not finite becomes None."""

Flag = Annotated[bool, Privacy.NUMBER]
"""Yes or no."""

Wording = Annotated[str, Privacy.WORDING]
"""Words of the office (a title, a reason) or of this program."""
