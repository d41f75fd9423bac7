"""The clock of this workstation: its zone, and whether the system says that it follows a time server."""

from __future__ import annotations

import ctypes
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["MOST_APART_S", "clock_state", "moved_by"]

_UNSYNCHRONISED = 0x0040
_NANOSECONDS = 0x2000
_NO_CLOCK = 5


class _Timex(ctypes.Structure):
    """``struct timex`` of Linux (adjtimex(2)); only read."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def clock_state() -> dict[str, Any]:
    """Return what this machine says of its own clock; never fails.

    Returns
    -------
    dict
        ``zone`` (name as the system gives it), ``utc_offset_s``; ``synchronised`` (True, False, or None where the
        system does not say), ``offset_s`` (what the system still has to correct) and ``max_error_s`` (its own bound),
        both None where it does not say; ``asked`` ("adjtimex" or None); ``boot`` (a number of the start of this
        machine) and ``uptime_s`` (seconds since then, sleep counted), None where the system does not say: a clock that
        is moved moves against them.

    Notes
    -----
    It is what the machine says. Whether its time server was right nobody here can know; a virtual machine can follow
    the clock of its host and still say that it is not synchronised.
    """
    local = datetime.now(UTC).astimezone()
    offset = local.utcoffset()
    state: dict[str, Any] = {
        "zone": time.tzname[max(0, time.localtime().tm_isdst)],
        "utc_offset_s": int(offset.total_seconds()) if offset is not None else 0,
        "synchronised": None,
        "offset_s": None,
        "max_error_s": None,
        "asked": None,
        **_since_start(),
    }
    return state | (_kernel() if sys.platform == "linux" else {})


def _since_start() -> dict[str, Any]:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
        return {"boot": boot, "uptime_s": round(time.clock_gettime(time.CLOCK_BOOTTIME), 1)}
    except (OSError, ValueError, AttributeError):
        return {"boot": None, "uptime_s": None}


def _kernel() -> dict[str, Any]:
    """Return the kernel's own view of its clock; nothing where it does not answer."""
    asked = _Timex()
    try:
        answer = ctypes.CDLL(None).adjtimex(ctypes.byref(asked))
    except (OSError, AttributeError):
        return {}
    if answer < 0:
        return {}
    step = 1e-9 if asked.status & _NANOSECONDS else 1e-6
    following = answer != _NO_CLOCK and not asked.status & _UNSYNCHRONISED
    return {
        "synchronised": following,
        "offset_s": round(asked.offset * step, 9) if following else None,
        "max_error_s": round(asked.maxerror * 1e-6, 6) if following else None,
        "asked": "adjtimex",
    }


MOST_APART_S = 300.0
"""Between two entries the clock and the time since the machine was started may differ so much."""


def moved_by(first: object, second: object, gap: float) -> float | None:
    """Return by how much the clock moved against the time since the start of the machine; None: not, or unknown.

    Parameters
    ----------
    first, second : object
        What two entries say of the clock, as anybody may have written it.
    gap : float
        Seconds between them, by the clock.
    """
    if not isinstance(first, dict) or not isinstance(second, dict) or first.get("boot") != second.get("boot"):
        return None
    ups = [_seconds(clock.get("uptime_s")) for clock in (first, second)]
    if not isinstance(first.get("boot"), str) or ups[0] is None or ups[1] is None:
        return None
    apart = gap - (ups[1] - ups[0])
    return apart if abs(apart) > MOST_APART_S else None


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(str(value))  # of a whole number that is too long for it: infinity
