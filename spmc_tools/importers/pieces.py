"""What every table is once it is opened: a header, and pieces of columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spmc_tools.importers.build import Refusal

__all__ = ["PIECE_ROWS", "Piece", "Table", "piece_of"]

PIECE_ROWS = 50_000
"""Rows that are held in memory at once."""


@dataclass(slots=True)
class Piece:
    """Some rows: their numbers, their columns by position, and the rows between them that are malformed.

    ``read`` counts both. A cell is a str (text tables: ``all_text``) or what XLSX or Parquet hold.
    """

    numbers: list[int]
    columns: dict[int, Sequence[Any]]
    refused: list[Refusal] = field(default_factory=list)
    all_text: bool = False

    @property
    def read(self) -> int:
        """Rows of this piece, good and malformed."""
        return len(self.numbers) + len(self.refused)


class Table(Protocol):
    """An opened table."""

    header: tuple[str, ...]
    notes: list[str]

    def pieces(self, columns: Sequence[int] | None = None) -> Iterator[Piece]:
        """Give the rows in order; ``columns`` None means all."""


def piece_of(
    numbers: list[int],
    rows: Sequence[Sequence[Any]],
    wanted: Sequence[int],
    refused: list[Refusal],
    *,
    all_text: bool = False,
) -> Piece:
    """Return rows as a piece: the columns at the positions ``wanted``, with the malformed rows between them."""
    columns = list(zip(*rows, strict=True)) if rows else []
    return Piece(numbers, {i: columns[i] if columns else () for i in wanted}, refused, all_text)
