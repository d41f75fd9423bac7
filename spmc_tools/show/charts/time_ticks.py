"""Where the ticks of a time axis stand: at whole hours or days of IST."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["ticks"]

_STEPS_S = (
    10, 60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 1_209_600, 2_592_000,
    7_776_000,
)  # fmt: skip


def ticks(first: datetime, last: datetime, most: int = 5) -> list[datetime]:
    """Return whole hours or days between two moments in IST, about ``most`` of them."""
    length = (last - first).total_seconds()
    step = next((step for step in _STEPS_S if length / step <= most), 365 * 86_400)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    n = -(-int((first - midnight).total_seconds() + 1) // step)
    return [moment for k in range(most + 2) if (moment := midnight + timedelta(seconds=step * (n + k))) <= last]
