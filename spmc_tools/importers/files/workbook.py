"""Workbooks (XLSX): sheets of the same columns one after the other, merged cells, formulas without a result."""

from __future__ import annotations

import re
import warnings
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from spmc_tools.errors import FormatError, quote
from spmc_tools.importers.fields.values import CELL_FAULTS
from spmc_tools.importers.files.header_rows import LOOKED_AT, Header, header_of
from spmc_tools.importers.files.pieces import Piece, sheet_pieces
from spmc_tools.importers.files.received_file import BLOCK
from spmc_tools.importers.files.unpack import RATIO_FROM, RATIO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from typing import IO

    from spmc_tools.importers.files.read import Source

__all__ = ["Workbook", "cells_without_result", "merged_downwards", "sheets_alike"]

_SHEET_ROWS = 1_048_576
_SHEET_BYTES = 8 * 1024**3
_STRINGS_BYTES = 1024**3
_MOST_SHEETS = 200
_MOST_MERGED = 100_000
_TABLE_CELLS = 3

_NO_RESULT = re.compile(rb"<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>\s*|<v>\s*</v>\s*)?</c>")
"""No two of its repeats can share a byte, so its time grows with the sheet and not faster."""

_MERGED = re.compile(rb'<(?:\w{1,9}:)?mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_CUT = 64


class Below(NamedTuple):
    """Cells merged over several rows: the rows and the column, from 1; the value stands in the first row."""

    first: int
    last: int
    column: int


def cells_without_result(stream: IO[bytes]) -> int:
    """Return how many cells of a sheet's XML hold a formula and no result of it."""
    count, rest = 0, b""
    while block := stream.read(BLOCK):
        text = rest + block
        cut = text.rfind(b"</c>") + 4 if b"</c>" in text else 0
        count += len(_NO_RESULT.findall(text, 0, cut)) if b"<f" in text else 0
        rest = text[cut:][-4 * BLOCK :]
    return count


def merged_downwards(stream: IO[bytes]) -> list[Below]:
    """Return the cells of a sheet's XML that are merged over several rows, by their first row."""
    found: set[Below] = set()
    rest = b""
    while block := stream.read(BLOCK):
        text = rest + block
        if b"mergeCell " in text:
            for column, first, _, last in _MERGED.findall(text):
                if int(last) > int(first) and len(found) < _MOST_MERGED:
                    found.add(Below(int(first), int(last), _column(column)))
        rest = text[-_CUT:]
    return sorted(found)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def sheets_alike(heads: dict[str, Header | None], name: str) -> tuple[list[str], list[str]]:
    """Return the sheets of a workbook that are read where none is named, and what is said of them.

    Parameters
    ----------
    heads : dict
        The header of each sheet, in their order.
    name : str
        Of the file, for messages.

    Notes
    -----
    The first sheet with a table of three columns and more is read, else the first with a header at all, and with it
    all sheets of the same columns: an export by days has a sheet for each.
    """
    filled = {title: head for title, head in heads.items() if head is not None}
    if not filled:
        raise FormatError(f"{name}: the sheet holds no header row.")
    tables = [title for title, head in filled.items() if sum(map(bool, head.names)) >= _TABLE_CELLS]
    first = (tables or list(filled))[0]
    wanted = filled[first]
    read = [
        title
        for title, head in filled.items()
        if title == first or (wanted.there and head.there and head.names == wanted.names)
    ]
    left = [title for title in filled if title not in read]
    said = []
    if len(heads) > 1:
        shown = ", ".join(quote(title, 40) for title in read[:10])
        said.append(f"sheet read: {shown}, of {len(heads)}" if len(read) == 1 else f"{len(read)} sheets read: {shown}")
    if left:
        shown = ", ".join(quote(title, 40) for title in left[:10])
        said.append(f"not read, since their columns are others: sheets {shown}; save them as files of their own")
    return read, said


class Workbook:
    """The sheets of an XLSX workbook that have the same columns, or the one that is named."""

    def __init__(self, source: Source, sheet: str | None) -> None:
        self._source = source
        self.notes: list[str] = []
        self._require_modest()
        titles = self._titles()
        if sheet is not None and sheet not in titles:
            known = ", ".join(map(quote, titles[:20]))
            raise FormatError(f"{source.name} has no sheet {quote(sheet)}; it has {known}.")
        if not titles:
            raise FormatError(f"{source.name} has no sheet with cells.")
        heads = {title: self._head(title) for title in ([sheet] if sheet is not None else titles[:_MOST_SHEETS])}
        self._sheets, said = sheets_alike(heads, source.name)
        self.notes += said
        found = [head for title in self._sheets if (head := heads[title]) is not None]
        self.header = found[0].names
        self.notes += dict.fromkeys(head.note for head in found if head.note)
        self._header_rows = [head.place + head.there for head in found]
        self._merged = [self._look_at_parts(title) for title in self._sheets]
        self._say_formulas()

    def _require_modest(self) -> None:
        name = self._source.name
        try:
            with self._source.disk() as disk, zipfile.ZipFile(disk) as archive:
                parts = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise FormatError(f"{name} is a broken XLSX workbook; ask for the file again.") from error
        if any(part.flag_bits & 1 for part in parts):
            raise FormatError(f"{name} is password-protected; save it without a password.")
        total = sum(part.file_size for part in parts)
        strings = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
        steep = total > RATIO_FROM and total > RATIO_LIMIT * self._source.size
        if steep or total > _SHEET_BYTES or strings > _STRINGS_BYTES:
            raise FormatError(f"{name}: unpacks to {total // 2**20:,} MB, more than is safe; save it as CSV.")

    def _titles(self) -> list[str]:
        """Return the names of the sheets with cells; every fault of the workbook is a FormatError."""
        self._parts: dict[str, str] = {}
        self._formulas = 0
        with self._opened() as book:
            for worksheet in book.worksheets:
                self._parts[worksheet.title] = getattr(worksheet, "_worksheet_path", "")
        return list(self._parts)

    def _head(self, title: str) -> Header | None:
        rows = self._rows(title)
        top: list[list[Any]] = []
        for _, row in rows:
            top.append(_without_end(row))
            if sum(map(bool, top)) >= LOOKED_AT:
                break
        rows.close()
        return header_of(top)

    def _look_at_parts(self, title: str) -> list[Below]:
        """Return the merged cells of a sheet, and count those that hold a formula whose result nobody saved."""
        part = self._parts.get(title, "").lstrip("/")
        if not part:
            return []
        try:
            with self._source.disk() as disk, zipfile.ZipFile(disk) as archive:
                with archive.open(part) as stream:
                    self._formulas += cells_without_result(stream)
                with archive.open(part) as stream:
                    return merged_downwards(stream)
        except Exception as error:
            raise FormatError(f"{self._source.name} is a broken XLSX workbook; ask for the file again.") from error

    def _say_formulas(self) -> None:
        """Remark on cells that hold a formula whose result nobody saved: they read as empty."""
        if count := self._formulas:
            cells = "1 cell holds a formula" if count == 1 else f"{count:,} cells hold formulas"
            self.notes.append(
                f"{cells} without a saved result and count as empty: open the workbook in a spreadsheet program, "
                "save it and import that"
            )

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        """Open the workbook; every fault while it is looked at is a FormatError."""
        import openpyxl

        with warnings.catch_warnings(), self._source.disk() as disk:
            warnings.simplefilter("ignore")
            try:
                yield openpyxl.load_workbook(disk, read_only=True, data_only=True, keep_links=False)
            except FormatError:
                raise
            except Exception as error:
                raise FormatError(f"{self._source.name} is a broken XLSX workbook; ask for the file again.") from error

    def _rows(self, title: str) -> Generator[tuple[int, tuple[Any, ...]], None, None]:
        """Give (sheet row, cells) of a whole sheet, gaps included."""
        with self._opened() as book:
            chosen = next(worksheet for worksheet in book.worksheets if worksheet.title == title)
            chosen.reset_dimensions()
            for number, row in enumerate(chosen.iter_rows(values_only=True), 1):
                if number > _SHEET_ROWS:
                    name = self._source.name
                    raise FormatError(f"{name}: the sheet has more than {_SHEET_ROWS:,} rows, which no sheet has.")
                yield number, tuple(None if cell in CELL_FAULTS else cell for cell in row)

    def _below(self) -> Iterator[tuple[int, Sequence[Any]]]:
        """Give the rows below the headers of all sheets, numbered through."""
        before = filled = 0
        for title, header_row, merged in zip(self._sheets, self._header_rows, self._merged, strict=True):
            if before:
                self._say(f"the rows of sheet {quote(title, 40)} are numbered from {before + 1:,} on")
            number = 0
            spread = _Spread(merged, header_row)
            for number, row in self._rows(title):
                if number > header_row:
                    yield before + number, spread.row(number, row)
            before += number
            filled += spread.filled
        if filled:
            self._say(f"{filled:,} cells of merged ranges hold what stands in the first row of their range")

    def _say(self, remark: str) -> None:
        if remark not in self.notes:
            self.notes.append(remark)

    def pieces(self, columns: Sequence[int] | None = None) -> Iterator[Piece]:
        """Give the rows in order; see :class:`~spmc_tools.importers.files.pieces.Table`."""
        return sheet_pieces(self._source, self._below(), len(self.header), columns)


class _Spread:
    """Fills the cells of merged ranges downwards: a name that stands once for several posts is that of each."""

    def __init__(self, merged: Sequence[Below], header_row: int) -> None:
        self._coming = [one for one in merged if one.first > header_row][::-1]
        self._open: list[tuple[Below, Any]] = []
        self.filled = 0

    def row(self, number: int, row: Sequence[Any]) -> Sequence[Any]:
        if self._open:
            self._open = [one for one in self._open if one[0].last >= number]
        if self._open and any(cell is not None for cell in row):
            cells = list(row)
            for where, value in self._open:
                cells += [None] * (where.column - len(cells))
                if cells[where.column - 1] is None and value is not None:
                    cells[where.column - 1] = value
                    self.filled += 1
            row = cells
        while self._coming and self._coming[-1].first <= number:
            where = self._coming.pop()
            self._open.append((where, row[where.column - 1] if where.column <= len(row) else None))
        return row


def _without_end(row: Sequence[Any]) -> list[Any]:
    """Return a row without the empty cells at its end."""
    cells = list(row)
    while cells and cells[-1] is None:
        cells.pop()
    return cells
