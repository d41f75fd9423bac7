"""Privacy classes: what a field of a section holds, and hence what stands in its place in the redacted edition.

Every field of a section's values carries one (:mod:`spmc_tools.report.values.section_values` refuses a field without).
The names of fields mean nothing to redaction.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Annotated

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

Time = Annotated[datetime, Privacy.TIME]
"""Moment at which an account acted, or was seen to act first or last."""

Bin = Annotated[datetime, Privacy.BIN]
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
