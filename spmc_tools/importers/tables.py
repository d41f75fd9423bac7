"""Tables as files: CSV in its varieties, XLSX, Parquet, opened to a header and pieces of columns.

A row's number is the one a spreadsheet shows: the header is row 1, a record with line breaks inside quotes is one row.
In Parquet, which has no header row, the first row is 1.
"""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from spmc_tools.errors import FormatError, quote
from spmc_tools.importers.build import RAW_LIMIT, Refusal
from spmc_tools.importers.read import LINE_LIMIT, RATIO_FROM, RATIO_LIMIT
from spmc_tools.importers.times import NaiveMicros, UtcMicros

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    import pyarrow as pa

    from spmc_tools.importers.read import Source

__all__ = ["Piece", "Table", "open_table"]

PIECE_ROWS = 50_000
"""Rows that are held in memory at once."""

_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED = 256 * 1024
_SNIFFED_RECORDS = 100
_RESCAN_BUDGET = 256 * 1024 * 1024
_SHEET_ROWS = 1_048_576
_SHEET_BYTES = 8 * 1024**3
_STRINGS_BYTES = 1024**3


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


def open_table(source: Source, *, sheet: str | None = None, delimiter: str | None = None) -> Table:
    """Return a table over a file.

    Parameters
    ----------
    source : Source
        Of the form ``text_table``, ``xlsx`` or ``parquet``.
    sheet : str, optional
        Name of the sheet of a workbook; None: the first.
    delimiter : str, optional
        One character; None: told by the first rows.

    Raises
    ------
    FormatError
        Where it cannot be opened or has no header.
    """
    if source.form == "text_table":
        return _TextTable(source, delimiter)
    if source.form == "xlsx":
        return _Workbook(source, sheet)
    return _Parquet(source)


class _Lines:
    """Physical lines of a text, which can be given back to be read again."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._back: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._stream.readline(LINE_LIMIT)
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        """Put lines in front of those still to come."""
        self._back.extendleft(reversed(lines))


class _TextTable:
    """A table as text: delimiter told by its first rows, quotes and line breaks inside them kept."""

    def __init__(self, source: Source, delimiter: str | None) -> None:
        self._source = source
        remark = source.settle_encoding()
        self.notes = [remark] if remark else []
        with self._source.text() as stream:
            start = stream.read(_SNIFFED)
        self._lead = 0
        if start[:4].lower() == "sep=" and start[5:6] in "\r\n":
            delimiter, self._lead = delimiter or start[4], 1
            start = start.split("\n", 1)[-1]
        self.delimiter = delimiter or _delimiter(start)
        header = next((r for r in self._records(start) if r), None)
        if header is None:
            raise FormatError(f"{source.name} has no header row that can be read.")
        self.header = tuple(header)

    def _records(self, text: str) -> Iterator[list[str]]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter)
        try:
            yield from reader
        except csv.Error:
            return

    def pieces(self, columns: Sequence[int] | None = None) -> Iterator[Piece]:
        """Give the rows in order; see :class:`Table`."""
        wanted = range(len(self.header)) if columns is None else columns
        self._source.rows_seen = 0
        numbers: list[int] = []
        rows: list[list[str]] = []
        refused: list[Refusal] = []
        with self._source.text() as stream:
            for number, row in self._numbered(stream):
                if isinstance(row, Refusal):
                    refused.append(row)
                else:
                    numbers.append(number)
                    rows.append(row)
                self._source.rows_seen += 1
                if len(rows) + len(refused) >= PIECE_ROWS:
                    yield _piece(numbers, rows, wanted, refused, all_text=True)
                    numbers, rows, refused = [], [], []
        yield _piece(numbers, rows, wanted, refused, all_text=True)

    def _numbered(self, stream: TextIO) -> Iterator[tuple[int, list[str] | Refusal]]:
        """Give each record after the header with its row number; a malformed one as a refusal."""
        lines = _Lines(stream)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        wide = len(self.header)
        number, budget, headed = 0, _RESCAN_BUDGET, False
        while True:
            lines.taken.clear()
            row, problem = _next_record(reader)
            if row is None and problem is None:
                return
            number += 1
            if not headed:
                headed = number > self._lead and row != []
                continue
            if row == []:
                continue
            if row is not None and len(row) == wide:
                yield number, row
                continue
            taken = list(lines.taken)
            again = taken[1:] if problem or _hides_rows(taken[1:], self.delimiter, wide) else []
            budget -= sum(map(len, again))
            raw = taken[0] if again else "".join(taken)
            why = _why(row, wide, problem, again)
            yield number, Refusal(number, why, raw[: RAW_LIMIT + 1].rstrip("\r\n"))
            if budget > 0:
                lines.give_back(again)
                continue
            for line in again:
                number += 1
                yield number, Refusal(number, "part of a record whose quote is not closed", line[:RAW_LIMIT])


def _next_record(reader: Any) -> tuple[list[str] | None, str | None]:
    """Return the next record, or what is wrong with it; both None at the end."""
    try:
        return next(reader, None), None
    except csv.Error as error:
        return None, str(error)


def _hides_rows(lines: Sequence[str], delimiter: str, wide: int) -> bool:
    """Whether one of the lines that a quote swallowed is a whole row by itself."""
    for line in lines:
        row, _ = _next_record(csv.reader([line], delimiter=delimiter, strict=True))
        if row is not None and len(row) == wide:
            return True
    return False


def _why(row: list[str] | None, wide: int, problem: str | None, again: Sequence[str]) -> str:
    if again or (problem and "unexpected end" in problem):
        return "a quote is opened and not closed"
    if row is None:
        return f"malformed: {problem}"
    many = "many" if len(row) > wide else "few"
    return f"too {many} fields: {len(row)} instead of {wide}"


def _piece(
    numbers: list[int],
    rows: Sequence[Sequence[Any]],
    wanted: Sequence[int],
    refused: list[Refusal],
    *,
    all_text: bool = False,
) -> Piece:
    columns = list(zip(*rows, strict=True)) if rows else []
    return Piece(numbers, {i: columns[i] if columns else () for i in wanted}, refused, all_text)


def _delimiter(start: str) -> str:
    """Return the delimiter that gives the most rows as wide as the first, then the widest rows."""
    best, score = ",", (0.0, 0)
    cut = start if len(start) < _SNIFFED else start[: start.rfind("\n") + 1]
    for candidate in _DELIMITERS:
        reader = csv.reader(io.StringIO(cut, newline=""), delimiter=candidate)
        widths = []
        for _ in range(_SNIFFED_RECORDS):
            row, problem = _next_record(reader)
            if row is None and problem is None:
                break
            if row:
                widths.append(len(row))
        if not widths or widths[0] < 2:
            continue
        share = sum(w == widths[0] for w in widths) / len(widths)
        if (share, widths[0]) > score:
            best, score = candidate, (share, widths[0])
    return best


class _Workbook:
    """One sheet of an XLSX workbook."""

    def __init__(self, source: Source, sheet: str | None) -> None:
        self._source = source
        self.notes: list[str] = []
        self._require_modest()
        rows = self._rows(sheet)
        self._sheet = sheet
        first = next(((n, row) for n, row in rows if any(c is not None for c in row)), None)
        rows.close()
        if first is None:
            raise FormatError(f"{source.name}: the sheet holds no header row.")
        self._header_row = first[0]
        cells = list(first[1])
        while cells and cells[-1] is None:
            cells.pop()
        self.header = tuple("" if cell is None else str(cell) for cell in cells)

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

    def _rows(self, sheet: str | None) -> Any:
        """Give (sheet row, cells) of the whole sheet, gaps included; every fault of the workbook is a FormatError."""
        import openpyxl

        name = self._source.name
        with warnings.catch_warnings(), self._source.disk() as disk:
            warnings.simplefilter("ignore")
            try:
                book = openpyxl.load_workbook(disk, read_only=True, data_only=True, keep_links=False)
                sheets = {one.title: one for one in book.worksheets}
                if sheet is not None and sheet not in sheets:
                    known = ", ".join(map(quote, list(sheets)[:20]))
                    raise FormatError(f"{name} has no sheet {quote(sheet)}; it has {known}.")
                if not sheets:
                    raise FormatError(f"{name} has no sheet with cells.")
                chosen = sheets[sheet] if sheet is not None else next(iter(sheets.values()))
                if sheet is None and len(sheets) > 1 and not self.notes:
                    self.notes.append(f"first sheet read, {quote(chosen.title)}, of {len(sheets)}")
                chosen.reset_dimensions()
                for number, row in enumerate(chosen.iter_rows(values_only=True), 1):
                    if number > _SHEET_ROWS:
                        raise FormatError(f"{name}: the sheet has more than {_SHEET_ROWS:,} rows, which no sheet has.")
                    yield number, tuple(None if cell in _CELL_FAULTS else cell for cell in row)
            except FormatError:
                raise
            except Exception as error:
                raise FormatError(f"{name} is a broken XLSX workbook; ask for the file again.") from error

    def pieces(self, columns: Sequence[int] | None = None) -> Iterator[Piece]:
        """Give the rows in order; see :class:`Table`."""
        wide = len(self.header)
        wanted = range(wide) if columns is None else columns
        self._source.rows_seen = 0
        numbers: list[int] = []
        rows: list[tuple[Any, ...]] = []
        refused: list[Refusal] = []
        for number, row in self._rows(self._sheet):
            if number <= self._header_row or all(cell is None for cell in row):
                continue
            self._source.rows_seen += 1
            if any(cell is not None for cell in row[wide:]):
                raw = "\t".join("" if cell is None else str(cell) for cell in row)
                refused.append(Refusal(number, f"cells beyond the header's {wide} columns", raw[: RAW_LIMIT + 1]))
            else:
                numbers.append(number)
                rows.append((*row[:wide], *(None,) * (wide - len(row))))
            if len(rows) + len(refused) >= PIECE_ROWS:
                yield _piece(numbers, rows, wanted, refused)
                numbers, rows, refused = [], [], []
        yield _piece(numbers, rows, wanted, refused)


_CELL_FAULTS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"})
"""What a workbook holds where a formula failed: no value, and no id that several rows share."""


class _Parquet:
    """A Parquet file; times keep whether they know their zone."""

    def __init__(self, source: Source) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._source = source
        self.notes: list[str] = []
        try:
            with source.disk() as disk:
                self.header = tuple(pq.ParquetFile(disk).schema_arrow.names)
        except (pa.ArrowException, OSError) as error:
            raise FormatError(f"{source.name} is a broken Parquet file; ask for the file again.") from error

    def pieces(self, columns: Sequence[int] | None = None) -> Iterator[Piece]:
        """Give the rows in order; see :class:`Table`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        wanted = list(range(len(self.header)) if columns is None else columns)
        self._source.rows_seen = 0
        start = 1
        try:
            with self._source.disk() as disk:
                for batch in pq.ParquetFile(disk).iter_batches(batch_size=PIECE_ROWS):
                    end = start + batch.num_rows
                    cells: dict[int, Sequence[Any]] = {i: _cells(batch.column(i)) for i in wanted}
                    yield Piece(list(range(start, end)), cells)
                    self._source.rows_seen += batch.num_rows
                    start = end
        except (pa.ArrowException, OSError) as error:
            raise FormatError(f"{self._source.name} is a broken Parquet file; ask for the file again.") from error


def _cells(column: pa.Array) -> list[Any]:
    """Return a column of Parquet as Python values; times as :class:`UtcMicros` or :class:`NaiveMicros`."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_timestamp(kind):
        made = UtcMicros if kind.tz is not None else NaiveMicros
        whole = column.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64()).to_pylist()
        return [None if v is None else made(v) for v in whole]
    try:
        return list(column.to_pylist())
    except (UnicodeDecodeError, ValueError, OverflowError):
        return [_cell(column[i]) for i in range(len(column))]


def _cell(value: Any) -> Any:
    """Return one value of Parquet; what Python cannot hold becomes the text of its bytes, or None."""
    try:
        return value.as_py()
    except UnicodeDecodeError:
        return bytes(value.as_buffer()).decode("utf-8", "surrogateescape")
    except (ValueError, OverflowError):
        return None
