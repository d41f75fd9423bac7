"""Which row of a table is its header: below titles, or nowhere, where the first row is data already."""

from __future__ import annotations

import re
from datetime import date, datetime
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LOOKED_AT", "Header", "header_of", "looks_like_data", "row_names"]

LOOKED_AT = 40
"""Rows from the top that tell where the header is."""

_MOST_TITLES = 15
_TITLE_CELLS = 2
_LOOKED_BELOW = 10
_DATA = re.compile(
    r"https?://\S+|\d{4}-\d{1,2}-\d{1,2}(?:[ T].*)?|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?:[ ,T].*)?|\d{8,}(?:\.\d+)?"
    r"|\d{1,2}[ -][^\W\d]{3,12}[ ,.-]+\d{2,4}(?:[ ,T].*)?|[^\W\d]{3,9}\.? \d{1,2},? \d{4}(?:[ ,T].*)?"
)


class Header(NamedTuple):
    """The place of the header among the rows that were looked at; ``names`` are made up where there is none."""

    place: int
    names: tuple[str, ...]
    there: bool
    note: str


def _filled(row: Sequence[Any]) -> int:
    return sum(cell is not None and cell != "" for cell in row)


def looks_like_data(cell: Any) -> bool:
    """Whether a cell is an address, a date or a long number."""
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
    A title is a row above with one or two filled cells, where the rows below have more; and one that has fewer filled
    cells than a row below that can be the header, as where a workbook groups its columns in a row of merged cells. The
    first row is data where it and the row below hold an address, a date or a long number in the same column: no header
    is called so. Of a table of one row, that row alone tells.
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
    titles += _more_titles(rows, filled[titles:])
    place = filled[titles]
    row, below = rows[place], rows[filled[titles + 1]] if titles + 1 < len(filled) else ()
    alone = titles + 1 == len(filled) and any(map(looks_like_data, row))
    if alone or any(looks_like_data(a) and looks_like_data(b) for a, b in zip(row, below, strict=False)):
        names = tuple(f"column {n}" for n in range(1, len(row) + 1))
        return Header(place, names, False, "no header row: the first row is data, and the columns are numbered")
    note = ""
    if titles:
        above = f"{titles} rows" if titles > 1 else "1 row"
        note = f"{above} above the header (row {place + 1}) are titles and no data"
    return Header(place, tuple("" if cell is None else str(cell) for cell in row), True, note)


def _more_titles(rows: Sequence[Sequence[Any]], filled: Sequence[int]) -> int:
    """Return how many of the first rows stand above one that has more cells and looks more like a header."""
    for n, place in enumerate(filled[1 : _MOST_TITLES + 1], 1):
        below = [rows[one] for one in filled[n + 1 : n + 1 + _LOOKED_BELOW]]
        wider = all(_filled(rows[one]) < _filled(rows[place]) for one in filled[:n])
        if wider and _is_header_of(rows[place], below):
            return n
    return 0


def _is_header_of(row: Sequence[Any], below: Sequence[Sequence[Any]]) -> bool:
    """Whether a row is different words, and the rows below are as wide and hold data in one of its columns."""
    cells = [cell for cell in row if cell is not None and cell != ""]
    if not below or len(set(map(str, cells))) < len(cells) or not all(map(_is_word, cells)):
        return False
    if median(map(_filled, below)) > len(cells):
        return False
    columns = range(len(row))
    return any(sum(looks_like_data(one[i]) for one in below if i < len(one)) * 2 > len(below) for i in columns)


def _is_word(cell: Any) -> bool:
    return isinstance(cell, str) and any(map(str.isalpha, cell)) and not looks_like_data(cell)


def row_names(header: Header, rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], str]:
    """Return the columns of a text whose rows have one cell more than its header, and what is said of it.

    Parameters
    ----------
    header : Header
        As :func:`header_of` found it.
    rows : sequence
        The first records, empty ones too.

    Notes
    -----
    R writes the name of each row, mostly its number, before the first column and no header for it; other programs end
    each row with a delimiter. Where neither is so, the header stays, and the rows are refused as too wide.
    """
    below = [row for row in rows[header.place + 1 :] if row]
    wide = len(header.names)
    if not header.there or not below or {len(row) for row in below} != {wide + 1}:
        return header.names, ""
    if not any(row[-1] for row in below):
        return (*header.names, ""), ""
    if len({row[0] for row in below}) == len(below) and all(row[0].isdecimal() for row in below):
        return ("", *header.names), "rows begin with their number, for which the header has no column, as R writes them"
    return header.names, ""
