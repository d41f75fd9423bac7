"""Tables as files: CSV in its varieties, XLSX, ODS, Parquet, SQLite, JSON, opened to a header and pieces of columns.

A row's number is the one a spreadsheet shows: the header is row 1, a record with line breaks inside quotes is one row.
In Parquet, which has no header row, the first row is 1.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from itertools import islice
from statistics import mode
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import FormatError
from spmc_tools.importers.fields.rows import RAW_LIMIT, Refusal
from spmc_tools.importers.fields.times import UNITS, NaiveMicros, UtcMicros
from spmc_tools.importers.files.header_rows import LOOKED_AT, header_of, looks_like_data, row_names
from spmc_tools.importers.files.pieces import PIECE_CHARACTERS, PIECE_ROWS, Piece, Table, piece_of
from spmc_tools.importers.files.read import JSON_FORMS, LINE_LIMIT
from spmc_tools.importers.files.workbook import Workbook

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

_R_QUOTE = '\\"'
_BY_BLANKS = re.compile(r'"[^"\n]*"(?: "[^"\n]*")+ *\r?\n')
"""The header of a table as R's ``write.table`` leaves it where nobody names a separator."""

_TOO_LONG = "the line is longer than 16 MB"
_BLOCK = 1024 * 1024


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
        return Workbook(source, sheet)
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

    def __init__(self, stream: TextIO, *, holds_returns: bool = False, slashes: bool = False) -> None:
        self._stream, self._slashes = stream, slashes
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
        if self._slashes and _R_QUOTE in line:
            line = line.replace(_R_QUOTE, '""')
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
        self._slashes = _R_QUOTE in start and _quotes_by_slash(start)
        start = start.replace(_R_QUOTE, '""') if self._slashes else start
        self.delimiter = delimiter or (" " if _BY_BLANKS.match(start) else _delimiter(start))
        self._newline = "\n" if "\n" in start else ""
        if self.delimiter == "\t" and source.path.name.lower().endswith((".csv", ".csv.gz")):
            self.notes.append("named .csv, but its columns stand between tabs: read so")
        rows = list(islice(self._records(start), LOOKED_AT))
        header = header_of(rows)
        if header is None:
            raise FormatError(f"{source.name} has no header row that can be read.")
        self.header, remark = row_names(header, rows)
        self._headless = not header.there
        self._lead += header.place
        self.notes += filter(None, [header.note, remark])
        if self._slashes:
            self.notes.append('quotes inside texts are written \\" and read as quotes')

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
        lines = _Lines(stream, holds_returns=self._newline == "\n", slashes=self._slashes)
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
                if len(lines.taken) > 1 and wide > 2 and _hides_rows(lines.taken[1:], self.delimiter, wide, row):
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


def _hides_rows(lines: Sequence[str], delimiter: str, wide: int, like: Sequence[str] | None = None) -> bool:
    """Whether one of the lines that a quote swallowed is a whole row by itself, begun in the form of ``like``."""
    for line in lines:
        if line.count(delimiter) < wide - 1:
            continue
        row, _ = _next_record(csv.reader([line], delimiter=delimiter, strict=True))
        if row is not None and len(row) == wide and (like is None or _is_like(row, like)):
            return True
    return False


def _is_like(row: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two rows begin alike, and are dates, addresses or long numbers in the same columns."""
    if _form(row[0]) != _form(other[0]):
        return False
    return all(looks_like_data(a) for a, b in zip(row, other, strict=True) if looks_like_data(b))


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


def _quotes_by_slash(start: str) -> bool:
    r"""Whether a text is better to parse where ``\"`` is a quote inside a text, as R writes it."""
    cut = start if len(start) < _SNIFFED else start[: start.rfind("\n") + 1]
    return _malformed(cut.replace(_R_QUOTE, '""')) < _malformed(cut)


def _malformed(text: str) -> int:
    """Return how many of the first lines cannot be parsed with any delimiter."""
    delimiter = " " if _BY_BLANKS.match(text) else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    bad = 0
    for _ in range(_SNIFFED_RECORDS):
        row, problem = _next_record(reader)
        if row is None and problem is None:
            break
        bad += problem is not None
    return bad


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
