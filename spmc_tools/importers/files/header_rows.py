"""Which row of a table is its header: below titles, or nowhere, where the first row is data already."""

from __future__ import annotations

import re
from datetime import date, datetime
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LOOKED_AT", "Header", "header_of"]

LOOKED_AT = 40
"""Rows from the top that tell where the header is."""

_MOST_TITLES = 15
_TITLE_CELLS = 2
_DATA = re.compile(
    r"https?://\S+|\d{4}-\d{1,2}-\d{1,2}(?:[ T].*)?|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?:[ ,T].*)?|\d{8,}(?:\.\d+)?"
)


class Header(NamedTuple):
    """The place of the header among the rows that were looked at; ``names`` are made up where there is none."""

    place: int
    names: tuple[str, ...]
    there: bool
    note: str


def _filled(row: Sequence[Any]) -> int:
    return sum(cell is not None and cell != "" for cell in row)


def _is_data(cell: Any) -> bool:
    if isinstance(cell, (datetime, date)):
        return True
    return isinstance(cell, str) and _DATA.fullmatch(cell.strip()) is not None


def header_of(rows: Sequence[Sequence[Any]]) -> Header | None:
    """Return which of the first rows of a table is the header; None where no row is filled.

    Parameters
    ----------
    rows : sequence
        From the top, empty ones too.

    Notes
    -----
    A title is a row above with one or two filled cells, where the rows below have more. The first row is data where it
    and the row below hold an address, a date or a long number in the same column: no header is called so.
    """
    filled = [place for place, row in enumerate(rows) if _filled(row)]
    if not filled:
        return None
    typical = median(_filled(rows[place]) for place in filled)
    titles = 0
    while (
        titles < min(_MOST_TITLES, len(filled) - 1)
        and _filled(rows[filled[titles]]) <= _TITLE_CELLS
        and typical > _TITLE_CELLS
    ):
        titles += 1
    place = filled[titles]
    row, below = rows[place], rows[filled[titles + 1]] if titles + 1 < len(filled) else ()
    if any(_is_data(a) and _is_data(b) for a, b in zip(row, below, strict=False)):
        names = tuple(f"column {n}" for n in range(1, len(row) + 1))
        return Header(place, names, False, "no header row: the first row is data, and the columns are numbered")
    note = ""
    if titles:
        above = f"{titles} rows" if titles > 1 else "1 row"
        note = f"{above} above the header (row {place + 1}) are titles and no data"
    return Header(place, tuple("" if cell is None else str(cell) for cell in row), True, note)
