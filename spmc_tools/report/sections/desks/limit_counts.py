"""What could not be used or is odd in the rows of a desk, as counts that its section on limits shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.report.values.privacy import Code, Count
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LimitCount", "Limits", "limit_counts"]


@section_values
class LimitCount:
    """How often it happened: ``what`` names the sentence of the page."""

    what: Code
    n: Count


@section_values
class Limits:
    """The counts of a desk that are not 0."""

    counts: tuple[LimitCount, ...]


def limit_counts(counts: Iterable[tuple[str, int]]) -> tuple[LimitCount, ...]:
    """Return the counts that are not 0, in their order."""
    return tuple(LimitCount(what=what, n=n) for what, n in counts if n)
