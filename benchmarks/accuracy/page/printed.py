"""Numbers as the tables print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.measurement.scoring import clopper_pearson

if TYPE_CHECKING:
    from benchmarks.accuracy.measurement.summary import Share

__all__ = ["number", "per_10k", "share", "upper_bound"]


def number(value: float, digits: int = 3) -> str:
    """Return the number, or a dash where it is nan."""
    return "–" if value != value else f"{value:.{digits}f}"  # noqa: PLR0124 -- nan


def share(given: Share, digits: int = 2) -> str:
    """Return the share with its exact interval; a dash where nothing was drawn."""
    if not given.draws:
        return "–"
    low, high = given.interval
    return f"{given.value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def per_10k(given: Share) -> str:
    """Return the share per ten thousand with its exact interval."""
    low, high = given.interval
    return f"{1e4 * given.value:.2f} [{1e4 * low:.2f}, {1e4 * high:.2f}]"


def upper_bound(given: Share) -> float:
    """Return the one-sided exact 95 % upper bound of a share."""
    return clopper_pearson(given.hits, given.draws, level=0.9)[1]
