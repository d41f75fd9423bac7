"""The first rows of a list, and how many it has in all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from spmc_tools.report.values.privacy import Count
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Listed"]

Row = TypeVar("Row")


@section_values
class Listed(Generic[Row]):
    """The first ``rows`` of a list, as many as there is room for, of ``all``; it is read as these rows."""

    rows: tuple[Row, ...]
    all: Count

    def __iter__(self) -> Iterator[Row]:
        """Go through the rows that are held."""
        return iter(self.rows)

    def __len__(self) -> int:
        """Return how many rows are held."""
        return len(self.rows)

    def __getitem__(self, place: int) -> Row:
        """Return the row at a place, from 0."""
        return self.rows[place]

    @property
    def more(self) -> int:
        """Rows of the list that are not held."""
        return self.all - len(self.rows)
