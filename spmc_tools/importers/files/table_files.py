"""Tables as files: CSV in its varieties, XLSX, ODS, Parquet, SQLite, JSON, opened to a header and pieces of columns.

A row's number is the one a spreadsheet shows: the header is row 1, a record with line breaks inside quotes is one row.
In Parquet, which has no header row, the first row is 1.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections import deque
from itertools import islice
from statistics import mode
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import FormatError, quote
from spmc_tools.importers.fields.rows import RAW_LIMIT, Refusal
from spmc_tools.importers.fields.times import UNITS, NaiveMicros, UtcMicros
from spmc_tools.importers.fields.values import CELL_FAULTS
from spmc_tools.importers.files.formulas import cells_without_result
from spmc_tools.importers.files.header_rows import LOOKED_AT, header_of
from spmc_tools.importers.files.pieces import PIECE_CHARACTERS, PIECE_ROWS, Piece, Table, piece_of, sheet_pieces
from spmc_tools.importers.files.read import JSON_FORMS, LINE_LIMIT
from spmc_tools.importers.files.unpack import RATIO_FROM, RATIO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    import pyarrow as pa

    from spmc_tools.importers.files.read import Source

__all__ = ["FLAT_FORMS", "TABLE_FORMS", "Piece", "Table", "open_table"]

FLAT_FORMS = ("text_table", "xlsx", "ods", "parquet", "sqlite")
"""Forms that are tables and nothing else."""

TABLE_FORMS = (*FLAT_FORMS, *JSON_FORMS)
"""Forms that can be read as a table."""

_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED = 256 * 1024
_SNIFFED_RECORDS = 100
_MOSTLY = 0.6
_RESCAN_BUDGET = 256 * 1024 * 1024
_MORE_LINES = 128 * 1024
"""Most characters of a record beyond its first line: a quote that stays open longer was never closed."""

_BARE_RETURN = re.compile(r"\r(?!\n|\Z)")
_RETURN, _ITSELF = "\ufdd0", "\ufdd1"
"""Stand for a carriage return inside a line while it is parsed, and before each of the two that a file holds."""
_OF_THE_FILE = re.compile(f"[{_RETURN}{_ITSELF}]")
_STAND_IN = re.compile(f"{_ITSELF}([{_RETURN}{_ITSELF}])|{_RETURN}")

_TOO_LONG = "the line is longer than 16 MB"
_BLOCK = 1024 * 1024
_SHEET_ROWS = 1_048_576
_SHEET_BYTES = 8 * 1024**3
_STRINGS_BYTES = 1024**3


def open_table(
    source: Source, *, sheet: str | None = None, delimiter: str | None = None, fields: Sequence[str] = ()
) -> Table:
    """Return a table over a file.

    Parameters
    ----------
    source : Source
        Of a form in :data:`TABLE_FORMS`.
    sheet : str, optional
        Name of the sheet of a workbook or the table of a database; None: the first, the only one.
    delimiter : str, optional
        One character; None: told by the first rows.
    fields : sequence of str
        Of JSON: names to look for, also where the first rows lack them; none: those of the first rows.

    Raises
    ------
    FormatError
        Where it cannot be opened or has no header.
    """
    if source.form == "text_table":
        return _TextTable(source, delimiter)
    if source.form == "xlsx":
        return _Workbook(source, sheet)
    if source.form == "parquet":
        return _Parquet(source)
    from spmc_tools.importers.files import other_tables

    if source.form == "ods":
        return other_tables.OpenDocument(source, sheet)
    if source.form == "sqlite":
        return other_tables.Database(source, sheet)
    return other_tables.JsonTable(source, fields)


class _Lines:
    """Physical lines of a text, which can be given back to be read again."""

    def __init__(self, stream: TextIO, *, holds_returns: bool = False) -> None:
        self._stream = stream
        self._holds_returns = holds_returns
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        self._more = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._fresh()
        if not line:
            raise StopIteration
        self._more = self._more + len(line) if self.taken else 0
        self.taken.append(line)
        if len(line) > LINE_LIMIT:
            raise csv.Error(_TOO_LONG)
        if self._more > _MORE_LINES:
            raise csv.Error("a quote is opened and not closed")
        return line

    def _fresh(self) -> str:
        """Return the next line; of one that is too long its beginning, and the rest is read and forgotten."""
        line = self._stream.readline(LINE_LIMIT + 1)
        rest, size = line, LINE_LIMIT + 1
        while len(rest) == size and not rest.endswith("\n"):
            rest, size = self._stream.readline(_BLOCK), _BLOCK
        if _RETURN in line or _ITSELF in line:
            line = _OF_THE_FILE.sub(lambda found: _ITSELF + found[0], line)
        return _BARE_RETURN.sub(_RETURN, line) if self._holds_returns and "\r" in line else line

    def give_back(self, lines: Sequence[str]) -> None:
        """Put lines in front of those still to come."""
        self._back.extendleft(reversed(lines))


class _TextTable:
    """A table as text: delimiter told by its first rows, quotes and line breaks inside them kept."""

    def __init__(self, source: Source, delimiter: str | None) -> None:
        self._source = source
        csv.field_size_limit(max(csv.field_size_limit(), LINE_LIMIT))
        remark = source.settle_encoding()
        self.notes = [remark] if remark else []
        with self._source.text() as stream:
            start = stream.read(_SNIFFED)
        self._lead = 0
        if start[:4].lower() == "sep=" and start[5:6] in "\r\n":
            delimiter, self._lead = delimiter or start[4], 1
            start = start.split("\n", 1)[-1]
        self.delimiter = delimiter or _delimiter(start)
        self._newline = "\n" if "\n" in start else ""
        if self.delimiter == "\t" and source.path.name.lower().endswith((".csv", ".csv.gz")):
            self.notes.append("named .csv, but its columns stand between tabs: read so")
        header = header_of(list(islice(self._records(start), LOOKED_AT)))
        if header is None:
            raise FormatError(f"{source.name} has no header row that can be read.")
        self.header, self._headless = header.names, not header.there
        self._lead += header.place
        self.notes += [header.note] if header.note else []

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
        self._swallowing: list[int] = []
        size = 0
        with self._source.text(self._newline) as stream:
            for number, row in self._numbered(stream):
                if isinstance(row, Refusal):
                    refused.append(row)
                else:
                    numbers.append(number)
                    rows.append(row)
                    size += sum(map(len, row))
                self._source.rows_seen += 1
                if len(rows) + len(refused) >= PIECE_ROWS or size >= PIECE_CHARACTERS:
                    yield piece_of(numbers, rows, wanted, refused, all_text=True)
                    numbers, rows, refused, size = [], [], [], 0
        self._say_swallowed()
        yield piece_of(numbers, rows, wanted, refused, all_text=True)

    def _say_swallowed(self) -> None:
        """Remark on rows with a quote that reaches over lines which are whole rows by themselves."""
        found = self._swallowing
        if not found:
            return
        shown = ", ".join(f"{number:,}" for number in found[:5]) + (", …" if len(found) > 5 else "")
        which = "1 row holds" if len(found) == 1 else f"{len(found):,} rows hold"
        remark = (
            f"{which} lines inside quotes that look like rows of their own (row {shown}): look whether a quote is wrong"
        )
        if remark not in self.notes:
            self.notes.append(remark)

    def _numbered(self, stream: TextIO) -> Iterator[tuple[int, list[str] | Refusal]]:
        """Give each record after the header with its row number; a malformed one as a refusal."""
        lines = _Lines(stream, holds_returns=self._newline == "\n")
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        wide = len(self.header)
        number, budget, headed = 0, _RESCAN_BUDGET, False
        lead = self._lead
        while True:
            lines.taken.clear()
            row, problem = _next_record(reader)
            if row is None and problem is None:
                return
            number += 1
            if not headed:
                headed = number > lead and row != []
                if not (headed and self._headless):
                    continue
            if row == []:
                continue
            if row is not None and len(row) == wide:
                if len(lines.taken) > 1 and wide > 2 and _hides_rows(lines.taken[1:], self.delimiter, wide, row[0]):
                    self._swallowing.append(number)
                if any(_RETURN in line or _ITSELF in line for line in lines.taken):
                    row = [_as_it_was(cell) for cell in row]
                yield number, row
                continue
            taken = list(lines.taken)
            again = taken[1:] if problem or _hides_rows(taken[1:], self.delimiter, wide) else []
            budget -= sum(map(len, again))
            raw = _as_it_was(taken[0] if again else "".join(taken))
            why = _why(row, wide, problem, again)
            yield number, Refusal(number, why, raw[: RAW_LIMIT + 1].rstrip("\r\n"))
            if budget > 0:
                lines.give_back(again)
                continue
            for line in again:
                number += 1
                yield (
                    number,
                    Refusal(number, "part of a record whose quote is not closed", _as_it_was(line)[:RAW_LIMIT]),
                )


def _as_it_was(text: str) -> str:
    """Return a text of the file with its carriage returns, from a line as it was parsed."""
    return _STAND_IN.sub(lambda found: found[1] or "\r", text)


def _next_record(reader: Any) -> tuple[list[str] | None, str | None]:
    """Return the next record, or what is wrong with it; both None at the end."""
    try:
        return next(reader, None), None
    except csv.Error as error:
        return None, str(error)


def _hides_rows(lines: Sequence[str], delimiter: str, wide: int, like: str | None = None) -> bool:
    """Whether one of the lines that a quote swallowed is a whole row by itself, begun in the form of ``like``."""
    for line in lines:
        if line.count(delimiter) < wide - 1:
            continue
        row, _ = _next_record(csv.reader([line], delimiter=delimiter, strict=True))
        if row is not None and len(row) == wide and (like is None or _form(row[0]) == _form(like)):
            return True
    return False


def _form(cell: str) -> str:
    """Return the form of a cell: numbers and words as such, the signs between them."""
    return re.sub(r"[^\W\d]+", "a", re.sub(r"\d+", "0", cell.strip()))


def _why(row: list[str] | None, wide: int, problem: str | None, again: Sequence[str]) -> str:
    if problem == _TOO_LONG and not again:
        return problem
    if again or (problem and "unexpected end" in problem):
        return "a quote is opened and not closed"
    if row is None:
        return f"malformed: {problem}"
    many = "many" if len(row) > wide else "few"
    return f"too {many} fields: {len(row)} instead of {wide}"


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
        if not widths:
            continue
        wide = widths[0] if widths[0] > 1 else mode(widths)  # a title above the header stands in one cell
        share = sum(w == wide for w in widths) / len(widths)
        if wide > 1 and (share, wide) > score and (widths[0] > 1 or share > _MOSTLY):
            best, score = candidate, (share, wide)
    return best


class _Workbook:
    """One sheet of an XLSX workbook."""

    def __init__(self, source: Source, sheet: str | None) -> None:
        self._source = source
        self._part: str | None = None
        self.notes: list[str] = []
        self._require_modest()
        rows = self._rows(sheet)
        self._sheet = sheet
        top = []
        for _, row in rows:
            top.append(_without_end(row))
            if sum(map(bool, top)) >= LOOKED_AT:
                break
        rows.close()
        header = header_of(top)
        if header is None:
            raise FormatError(f"{source.name}: the sheet holds no header row.")
        self._header_row = header.place + header.there
        self._say_formulas()
        self.header = header.names
        self.notes += [header.note] if header.note else []

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

    def _say_formulas(self) -> None:
        """Remark on cells that hold a formula whose result nobody saved: they read as empty."""
        if self._part is None:
            return
        try:
            with (
                self._source.disk() as disk,
                zipfile.ZipFile(disk) as archive,
                archive.open(self._part.lstrip("/")) as stream,
            ):
                count = cells_without_result(stream)
        except Exception as error:
            raise FormatError(f"{self._source.name} is a broken XLSX workbook; ask for the file again.") from error
        if count:
            cells = "1 cell holds a formula" if count == 1 else f"{count:,} cells hold formulas"
            self.notes.append(
                f"{cells} without a saved result and count as empty: open the workbook in a spreadsheet program, "
                "save it and import that"
            )

    def _rows(self, sheet: str | None) -> Any:
        """Give (sheet row, cells) of the whole sheet, gaps included; every fault of the workbook is a FormatError."""
        import openpyxl

        name = self._source.name
        with warnings.catch_warnings(), self._source.disk() as disk:
            warnings.simplefilter("ignore")
            try:
                book = openpyxl.load_workbook(disk, read_only=True, data_only=True, keep_links=False)
                sheets = {worksheet.title: worksheet for worksheet in book.worksheets}
                if sheet is not None and sheet not in sheets:
                    known = ", ".join(map(quote, list(sheets)[:20]))
                    raise FormatError(f"{name} has no sheet {quote(sheet)}; it has {known}.")
                if not sheets:
                    raise FormatError(f"{name} has no sheet with cells.")
                chosen = sheets[sheet] if sheet is not None else next(iter(sheets.values()))
                if sheet is None and len(sheets) > 1 and not self.notes:
                    self.notes.append(f"first sheet read, {quote(chosen.title)}, of {len(sheets)}")
                self._part = getattr(chosen, "_worksheet_path", None)
                chosen.reset_dimensions()
                for number, row in enumerate(chosen.iter_rows(values_only=True), 1):
                    if number > _SHEET_ROWS:
                        raise FormatError(f"{name}: the sheet has more than {_SHEET_ROWS:,} rows, which no sheet has.")
                    yield number, tuple(None if cell in CELL_FAULTS else cell for cell in row)
            except FormatError:
                raise
            except Exception as error:
                raise FormatError(f"{name} is a broken XLSX workbook; ask for the file again.") from error

    def pieces(self, columns: Sequence[int] | None = None) -> Iterator[Piece]:
        """Give the rows in order; see :class:`Table`."""
        below = ((number, row) for number, row in self._rows(self._sheet) if number > self._header_row)
        return sheet_pieces(self._source, below, len(self.header), columns)


def _without_end(row: Sequence[Any]) -> list[Any]:
    """Return a row without the empty cells at its end."""
    cells = list(row)
    while cells and cells[-1] is None:
        cells.pop()
    return cells


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
        except UnicodeDecodeError as error:
            raise FormatError(
                f"{source.name}: the name of a column is no UTF-8: nobody can say which it is; ask for the file again."
            ) from error
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
    """Return a column of Parquet as Python values.

    Times are :class:`UtcMicros` or :class:`NaiveMicros`, whole decimals int, bytes text (what is not UTF-8 as lone
    surrogates).
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_timestamp(kind):
        made = UtcMicros if kind.tz is not None else NaiveMicros
        times, down = (1, 1000) if kind.unit == "ns" else (UNITS[kind.unit], 1)
        return [None if v is None else made(v * times // down) for v in column.cast(pa.int64()).to_pylist()]
    if pa.types.is_decimal(kind):
        return [int(v) if v is not None and v == v.to_integral_value() else v for v in column.to_pylist()]
    if kind in (pa.binary(), pa.large_binary(), pa.binary_view()) or pa.types.is_fixed_size_binary(kind):
        return [None if v is None else v.decode("utf-8", "surrogateescape") for v in column.to_pylist()]
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
