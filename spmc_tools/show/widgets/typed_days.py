"""Days and moments as they are typed in India."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

__all__ = ["day_of", "moment_typed"]

IST = ZoneInfo("Asia/Kolkata")
_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?")


def day_of(typed: str) -> str:
    """Return a day as 2017-02-22, typed so or as 22-02-2017, 22/2/17 or 22.2.2017; what is no day stays as it is."""
    found = _DAY.fullmatch(typed.strip())
    if found is None:
        return typed.strip()
    day, month, year = (int(part) for part in found.groups())
    with suppress(ValueError):
        return date(year + 2000 if year < 100 else year, month, day).isoformat()
    return typed.strip()


def moment_typed(typed: str) -> str | None:
    """Return a moment with its zone, as 2025-11-09T18:00:00+05:30; None where it is none.

    Parameters
    ----------
    typed : str
        A day as :func:`day_of` reads it and a time of day, as ``22-02-2025 14:30``, in Indian time; or ISO with a zone.
    """
    with suppress(ValueError):
        whole = datetime.fromisoformat(typed.strip())
        if whole.tzinfo is not None:
            return whole.isoformat()
    parts = typed.strip().replace("T", " ").split()
    clock = _CLOCK.fullmatch(parts[1]) if len(parts) == 2 else None
    if clock is None:
        return None
    hour, minute, second = (int(part or 0) for part in clock.groups())
    with suppress(ValueError):
        day = date.fromisoformat(day_of(parts[0]))
        return datetime.combine(day, time(hour, minute, second), IST).isoformat()
    return None
