"""What every table is once it is opened: a header, and pieces of columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from spmc_tools.importers.fields.rows import RAW_LIMIT, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spmc_tools.importers.files.read import Source

__all__ = ["PIECE_CHARACTERS", "PIECE_ROWS", "Piece", "Table", "piece_of", "sheet_pieces"]

PIECE_ROWS = 50_000
"""Rows that are held in memory at once."""

PIECE_CHARACTERS = 64 * 1024 * 1024
"""Characters of a text table that are held in memory at once, and one row more."""


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


def sheet_pieces(
    source: Source, rows: Iterable[tuple[int, Sequence[Any]]], wide: int, columns: Sequence[int] | None
) -> Iterator[Piece]:
    """Give the rows of a sheet in order: empty ones left out, short ones filled up, those that are too wide refused.

    Parameters
    ----------
    source : Source
        Whose ``rows_seen`` counts them.
    rows : iterable
        Number and cells of each row below the header; an empty cell is None.
    wide : int
        Columns of the header.
    columns : sequence of int or None
        Those wanted; None means all.
    """
    wanted = range(wide) if columns is None else columns
    source.rows_seen = 0
    numbers: list[int] = []
    kept: list[tuple[Any, ...]] = []
    refused: list[Refusal] = []
    for number, row in rows:
        if all(cell is None for cell in row):
            continue
        source.rows_seen += 1
        if any(cell is not None for cell in row[wide:]):
            raw = "\t".join("" if cell is None else str(cell) for cell in row)
            refused.append(Refusal(number, f"cells beyond the header's {wide} columns", raw[: RAW_LIMIT + 1]))
        else:
            numbers.append(number)
            kept.append((*row[:wide], *(None,) * (wide - len(row))))
        if len(kept) + len(refused) >= PIECE_ROWS:
            yield piece_of(numbers, kept, wanted, refused)
            numbers, kept, refused = [], [], []
    yield piece_of(numbers, kept, wanted, refused)
