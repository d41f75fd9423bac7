"""Tables in ODS workbooks, SQLite databases and JSON, opened as those of ``table_files.py`` are.

A row's number is the row of the sheet; in a database the row in the order it is stored, from 1; in JSON the line or
element. A nested JSON field is called by its path, ``author.id``.
"""

from __future__ import annotations

import sqlite3
import zipfile
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as url_quote

from spmc_tools.errors import FormatError, quote
from spmc_tools.importers.fields.rows import RAW_LIMIT, Refusal
from spmc_tools.importers.fields.values import CELL_FAULTS, json_rows
from spmc_tools.importers.files.header_rows import LOOKED_AT, header_of
from spmc_tools.importers.files.pieces import PIECE_ROWS, Piece, sheet_pieces
from spmc_tools.importers.files.read import is_utf8
from spmc_tools.importers.files.unpack import RATIO_FROM, RATIO_LIMIT, damages
from spmc_tools.importers.files.workbook import sheets_alike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from spmc_tools.importers.files.read import Source

__all__ = ["Database", "JsonTable", "OpenDocument"]

_SHEET_BYTES = 1024**3
_MOST_CELLS = 50_000_000
_LOOKED_AT = 1000
_MOST_FIELDS = 500
_DEEPEST = 5


class OpenDocument:
    """The sheets of an ODS workbook that have the same columns, or the one that is named; held in memory as a whole."""

    def __init__(self, source: Source, sheet: str | None) -> None:
        self._source = source
        self.notes: list[str] = []
        sheets = self._read(sheet)
        heads = {title: header_of(rows[:LOOKED_AT]) for title, rows in sheets.items()}
        read, said = sheets_alike(heads, source.name)
        found = [head for title in read if (head := heads[title]) is not None]
        self.notes += [*said, *dict.fromkeys(head.note for head in found if head.note)]
        self.header = found[0].names
        self._below: list[tuple[int, list[Any]]] = []
        before = 0
        for title, head in zip(read, found, strict=True):
            if before:
                self.notes.append(f"the rows of sheet {quote(title, 40)} are numbered from {before + 1:,} on")
            first = head.place + head.there
            self._below += [(before + n, row) for n, row in enumerate(sheets[title], 1) if n > first]
            before += len(sheets[title])

    def _read(self, sheet: str | None) -> dict[str, list[list[Any]]]:
        from python_calamine import CalamineError, CalamineWorkbook

        name = self._source.name
        broken = f"{name} is a broken ODS workbook; ask for the file again."
        try:
            with self._source.disk() as disk, zipfile.ZipFile(disk) as archive:
                parts = archive.infolist()
                manifest = archive.read("META-INF/manifest.xml")[:10_000_000] if _has_manifest(parts) else b""
        except damages() as error:
            raise FormatError(broken) from error
        if b"encryption-data" in manifest or any(part.flag_bits & 1 for part in parts):
            raise FormatError(f"{name} is password-protected; save it without a password.")
        total = sum(part.file_size for part in parts)
        if total > _SHEET_BYTES or (total > RATIO_FROM and total > RATIO_LIMIT * self._source.size):
            raise FormatError(f"{name}: unpacks to {total // 2**20:,} MB, more than is safe; save it as CSV.")
        try:
            with self._source.disk() as disk:
                book = CalamineWorkbook.from_filelike(disk)
            names = book.sheet_names
            if sheet is not None and sheet not in names:
                raise FormatError(f"{name} has no sheet {quote(sheet)}; it has {', '.join(map(quote, names[:20]))}.")
            chosen = {title: book.get_sheet_by_name(title) for title in ([sheet] if sheet is not None else names)}
            if sum(one.total_height * one.total_width for one in chosen.values()) > _MOST_CELLS:
                raise FormatError(f"{name}: the sheets have more than {_MOST_CELLS:,} cells; save them as CSV.")
            return {title: _without_ends(one.to_python(skip_empty_area=False)) for title, one in chosen.items()}
        except FormatError:
            raise
        except (CalamineError, OSError, ValueError, IndexError) as error:
            raise FormatError(broken) from error

    def pieces(self, columns: Sequence[int] | None = None) -> Iterator[Piece]:
        """Give the rows in order; see :class:`~spmc_tools.importers.files.table_files.Table`."""
        below = (
            (number, tuple(None if cell == "" or cell in CELL_FAULTS else cell for cell in cells))
            for number, cells in self._below
        )
        return sheet_pieces(self._source, below, len(self.header), columns)


def _without_ends(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return rows without the empty cells at their ends."""
    found = []
    for row in rows:
        cells = list(row)
        while cells and cells[-1] in ("", None):
            cells.pop()
        found.append(cells)
    return found


def _has_manifest(parts: Sequence[zipfile.ZipInfo]) -> bool:
    return any(part.filename == "META-INF/manifest.xml" and part.file_size < 10_000_000 for part in parts)


class Database:
    """One table of an SQLite database, opened so that nothing can be written and no view or trigger runs."""

    def __init__(self, source: Source, sheet: str | None) -> None:
        self._source = source
        self.notes: list[str] = []
        with self._open() as connection:
            found = self._all(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
            names = [
                name for name, sql in found
                if isinstance(name, str) and not name.startswith("sqlite_") and not _is_virtual(sql)
            ]  # fmt: skip
            if not names:
                raise FormatError(f"{source.name} is a database without a table.")
            shown = ", ".join(map(quote, names[:20]))
            if sheet is not None and sheet not in names:
                raise FormatError(f"{source.name} has no table {quote(sheet)}; it has {shown}.")
            if sheet is None and len(names) > 1:
                raise FormatError(
                    f"{source.name} is a database of {len(names)} tables; say which in a mapping: [table] sheet = "
                    f'"NAME" (tables: {shown}).'
                )
            self._table = '"' + (sheet or names[0]).replace('"', '""') + '"'
            self.header = tuple(row[1] for row in self._all(connection, f"PRAGMA table_info({self._table})"))
        if not self.header:
            raise FormatError(f"{source.name}: the table has no columns that can be read.")
        if not all(is_utf8(name) for name in (*self.header, self._table)):
            raise FormatError(
                f"{source.name}: the name of a table or column is no UTF-8, so nobody can say which it is; ask for the "
                "file again."
            )

    def _open(self) -> Any:
        from contextlib import closing

        try:
            address = f"file:{url_quote(str(self._source.path.resolve()))}?mode=ro&immutable=1"
            connection = sqlite3.connect(address, uri=True, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise self._broken() from error
        connection.text_factory = lambda cell: cell.decode("utf-8", "surrogateescape")
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA query_only = ON")
        except (sqlite3.Error, UnicodeDecodeError) as error:
            connection.close()
            raise self._broken() from error
        return closing(connection)

    def _broken(self) -> FormatError:
        return FormatError(f"{self._source.name} is a broken SQLite database, or one with a password.")

    def _all(self, connection: sqlite3.Connection, question: str) -> list[Any]:
        try:
            return connection.execute(question).fetchmany(10_000)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self._broken() from error

    def pieces(self, columns: Sequence[int] | None = None) -> Iterator[Piece]:
        """Give the rows in order; see :class:`~spmc_tools.importers.files.table_files.Table`."""
        wanted = list(range(len(self.header)) if columns is None else columns)
        names = ", ".join('"' + self.header[i].replace('"', '""') + '"' for i in wanted) or "1"
        self._source.rows_seen = 0
        with self._open() as connection:
            try:
                cursor = connection.execute(f"SELECT {names} FROM {self._table}")
                while rows := cursor.fetchmany(PIECE_ROWS):
                    start = self._source.rows_seen
                    self._source.rows_seen += len(rows)
                    cells = list(zip(*rows, strict=True))
                    yield Piece(list(range(start + 1, start + 1 + len(rows))), dict(zip(wanted, cells, strict=False)))
            except sqlite3.Error as error:
                raise self._broken() from error


def _is_virtual(sql: object) -> bool:
    return not isinstance(sql, str) or sql.lstrip()[:14].upper() == "CREATE VIRTUAL"


class JsonTable:
    """JSON objects as rows: nested fields are called by their path, lists are cells."""

    def __init__(self, source: Source, fields: Sequence[str]) -> None:
        self._source = source
        remark = source.settle_encoding()
        self.notes = [remark] if remark else []
        self.header = tuple(dict.fromkeys([*fields] or self._seen()))

    def _seen(self) -> list[str]:
        names: dict[str, None] = {}
        for number, (_, line, whole) in enumerate(self._source.values(), 1):
            found = json_rows(line, whole)
            for row in found if not isinstance(found, str) else ():
                names.update(dict.fromkeys(_paths(row)))
            if number >= _LOOKED_AT or len(names) >= _MOST_FIELDS:
                break
        if not names:
            raise FormatError(f"{self._source.name} holds no JSON object with fields.")
        return list(names)[:_MOST_FIELDS]

    def pieces(self, columns: Sequence[int] | None = None) -> Iterator[Piece]:
        """Give the rows in order; see :class:`~spmc_tools.importers.files.table_files.Table`."""
        wanted = list(range(len(self.header)) if columns is None else columns)
        getters = [_getter(self.header[i]) for i in wanted]
        numbers: list[int] = []
        rows: list[list[Any]] = []
        refused: list[Refusal] = []

        def piece() -> Piece:
            cells = list(zip(*rows, strict=True)) if rows else [()] * len(wanted)
            return Piece(numbers, dict(zip(wanted, cells, strict=True)), refused)

        for number, line, whole in self._source.values():
            found = json_rows(line, whole)
            if isinstance(found, str):
                refused.append(Refusal(number, found, line[: 4 * RAW_LIMIT].decode("utf-8", "replace")))
                found = []
            for row in found:
                numbers.append(number)
                rows.append([get(row) for get in getters])
            if len(rows) + len(refused) >= PIECE_ROWS:
                yield piece()
                numbers, rows, refused = [], [], []
        yield piece()


def _paths(found: dict[str, Any], before: str = "", depth: int = 0) -> Iterator[str]:
    for key, value in found.items():
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _paths(value, f"{before}{key}.", depth + 1)
        else:
            yield before + key


def _getter(name: str) -> Callable[[dict[str, Any]], Any]:
    """Return a function from an object to the field of a name or a path; None where it is not there or empty."""
    first, *more = name.split(".")

    def plain(found: dict[str, Any]) -> Any:
        value = found.get(name)
        return None if value in ("", []) else value

    def nested(found: dict[str, Any]) -> Any:
        value: Any = found.get(first)
        for key in more:
            value = value.get(key) if isinstance(value, dict) else None
        value = found.get(name) if value is None else value
        return None if value in ("", []) else value

    return nested if more else plain
