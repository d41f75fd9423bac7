"""Cells of a table as ids, counts, flags, texts and lists: exactly, or not at all."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import quote
from spmc_tools.importers.fields.times import NaiveMicros, UtcMicros
from spmc_tools.importers.fields.values import CELL_FAULTS, NO_ID, count_of, exact_id, is_lost_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from spmc_tools.importers.files.table_files import Piece

__all__ = [
    "LongIds",
    "cell_count",
    "cell_flag",
    "cell_id",
    "cell_text",
    "filled",
    "is_clock",
    "is_destroyed",
    "is_rounded",
    "items_reader",
    "joined",
    "not_utf8",
    "remembering",
    "says_nothing",
    "why_no_id",
]

_LIST_ITEM = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,\[\]\s'"][^,\]]*)""")
_WHOLE = re.compile(r"\d{1,3}(?:,\d{2,3})+|\d{1,18}(?:\.0+)?")
_SIGNS = {"hashtags": "#\uff03", "mentions": "@"}
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_REMEMBERED = 50_000
_DESTROYED = "not exact (its last digits were lost in a spreadsheet)"
_KEPT_DIGITS = 15
_ODDS_DIGITS = 6


def filled(piece: Piece, positions: Sequence[int], missing: Sequence[str]) -> list[Any]:
    """Return one column: of several the first cell that is filled; "", NaN and the missing words are None."""
    gone = {"", *missing}
    columns = [piece.columns[i] for i in positions]
    if piece.all_text and len(columns) == 1:
        return [None if cell in gone else cell for cell in columns[0]]
    return [next((cell for cell in cells if _is_filled(cell, gone)), None) for cells in zip(*columns, strict=True)]


_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?\s*(?:([AaPp])\.?\s?[Mm]\.?)?")
_DAY_US = 86_400_000_000


def is_clock(cell: Any) -> bool:
    """Whether a cell is a time of day alone."""
    return isinstance(cell, time) or (isinstance(cell, str) and _CLOCK.fullmatch(cell.strip()) is not None)


def joined(piece: Piece, positions: Sequence[int], missing: Sequence[str]) -> list[Any]:
    """Return one time out of a column of days and one of clocks; where one of the two is empty, the other."""
    columns = [filled(piece, [position], missing) for position in positions]
    return [_day_and_clock([cell for cell in cells if cell is not None]) for cells in zip(*columns, strict=True)]


def _day_and_clock(cells: list[Any]) -> Any:
    if len(cells) < 2 or not is_clock(cells[-1]):
        return cells[0] if cells else None
    day, clock = cells[0], cells[-1]
    if isinstance(day, str):
        return f"{day.strip().split(' 00:00')[0]} {clock.isoformat() if isinstance(clock, time) else clock.strip()}"
    if isinstance(clock, str):
        found = _CLOCK.fullmatch(clock.strip())
        hour = int(found[1]) if found else 24
        if found and found[4]:
            hour = hour % 12 + (12 if found[4].casefold() == "p" else 0)
        if not found or hour > 23:
            return day
        clock = time(hour, int(found[2]) % 60, int(found[3] or 0) % 60)
    if isinstance(day, datetime):
        return day.replace(hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=clock.microsecond)
    return datetime.combine(day, clock) if isinstance(day, date) else day


def _is_filled(cell: Any, gone: set[str]) -> bool:
    if cell is None or (isinstance(cell, float) and cell != cell):  # noqa: PLR0124
        return False
    return not (isinstance(cell, str) and cell in gone)


def remembering(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that answers as ``read`` and remembers some answers for texts: cells repeat."""
    known: dict[str, Any] = {}

    def again(cell: Any) -> Any:
        if not isinstance(cell, str):
            return read(cell)
        if cell in known:
            return known[cell]
        found = read(cell)
        if len(known) < _REMEMBERED:
            known[cell] = found
        return found

    return again


def cell_id(cell: Any) -> str | None:
    """Return a cell as an exact id; None where it is none or lost digits (:func:`why_no_id` says which)."""
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "surrogateescape")
    if isinstance(cell, str):
        text = cell.strip()
        if text in NO_ID or (not text.isalnum() and (text in CELL_FAULTS or is_lost_id(text))):
            return None
        return (text[:-2] if text.endswith(".0") and text[:-2].isdecimal() else text) or None
    if isinstance(cell, Decimal):
        return str(int(cell)) if cell.is_finite() and cell == cell.to_integral_value() else None
    return None if isinstance(cell, (UtcMicros, NaiveMicros)) else exact_id(cell)


class LongIds:
    """Whether a column of ids was rounded to 15 digits, as a spreadsheet does that shows numbers in full.

    829123456789012345 comes out as 829123456789012000. One such id can be genuine; a column in which every id of 17 and
    more digits ends so is not, once chance would do it less than once in a million. Shorter ids tell nothing.
    """

    def __init__(self) -> None:
        self.exact = False
        self._seen: set[str] = set()

    @property
    def rounded(self) -> bool:
        """Whether every long id that was seen ends in zeros from the sixteenth digit on, and they are enough."""
        return not self.exact and sum(len(digits) - _KEPT_DIGITS for digits in self._seen) >= _ODDS_DIGITS

    def add(self, cells: Iterable[Any]) -> None:
        """Take in cells; the first long id that is not rounded settles the column."""
        for cell in cells:
            if self.exact:
                return
            if (zeros := is_rounded(cell)) is None:
                continue
            if not zeros:
                self.exact = True
            elif len(self._seen) < _ODDS_DIGITS:
                self._seen.add(str(cell).strip())


def is_rounded(cell: Any) -> bool | None:
    """Return whether an id of 17 and more digits ends in zeros from the sixteenth on; None for every other cell."""
    text = str(cell) if type(cell) is int else cell
    if not isinstance(text, str) or len(text) <= _KEPT_DIGITS + 1:
        return None
    text = text.strip()
    if len(text) <= _KEPT_DIGITS + 1 or not (text.isascii() and text.isdecimal()):
        return None
    return not text[_KEPT_DIGITS:].strip("0")


def says_nothing(cell: Any) -> bool:
    """Whether a cell holds a spreadsheet's error or a program's word for "nothing here"."""
    return isinstance(cell, str) and ((text := cell.strip()) in NO_ID or text in CELL_FAULTS)


def is_destroyed(cell: Any) -> bool:
    """Whether a cell is an id whose last digits a spreadsheet destroyed, as 8.29E+17."""
    return cell is not None and cell_id(cell) is None and why_no_id(cell) == _DESTROYED


def why_no_id(cell: Any) -> str:
    """Return why a cell that is filled is no id, to be put after its name and "is"."""
    if isinstance(cell, str):
        text = cell.strip()
        if text in CELL_FAULTS:
            return f"{quote(text)}, an error that a spreadsheet shows where a formula failed"
        if text in NO_ID:
            return f'{quote(text)}, a word for "nothing here"'
        return _DESTROYED if text else "blank"
    if isinstance(cell, bool):
        return "true or false, no id"
    if isinstance(cell, (date, UtcMicros, NaiveMicros)):
        return "a time, no id"
    if isinstance(cell, (list, tuple, dict)):
        return "a list, no id"
    if isinstance(cell, float) and cell.is_integer() and cell > 0:
        return _DESTROYED
    return "a number with a fraction or below 0" if isinstance(cell, (float, Decimal)) else "of a type that is no id"


def cell_text(cell: Any) -> str | None:
    """Return a cell as a text; bytes that are not UTF-8 come as lone surrogates."""
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "surrogateescape")
    return None if cell is None else str(cell) or None


def cell_count(cell: Any) -> int | None:
    """Return a cell as a whole number from 0; ``1,234`` and ``12.0`` are numbers, ``1.2K`` is not."""
    if isinstance(cell, str):
        text = cell.strip()
        if text.isascii() and text.isdecimal() and len(text) < 19:
            return int(text)
        return count_of(int(text.split(".")[0].replace(",", ""))) if _WHOLE.fullmatch(text) else None
    if isinstance(cell, float):
        return count_of(int(cell)) if cell.is_integer() else None
    return count_of(cell)


def cell_flag(cell: Any) -> bool | None:
    """Return a cell as true or false; None where it is neither."""
    return cell if isinstance(cell, bool) else _FLAGS.get(str(cell).strip().casefold())


def items_reader(name: str, separator: str | None) -> Callable[[Any], list[str] | None]:
    """Return a function from a cell to a list: of a list, a list written as text, or parts between separators.

    Parameters
    ----------
    name : str
        The field: # is taken off hashtags, @ off mentions.
    separator : str or None
        None: lists written as text, else blanks and |, and for hashtags and mentions also commas and semicolons.
    """
    signs = _SIGNS.get(name, "")
    between = re.compile(r"[\s,;|]+" if signs else r"[\s|]+")

    def read(cell: Any) -> list[str] | None:
        parts: Iterable[str]
        if isinstance(cell, (list, tuple)):
            parts = [str(item) for item in cell if item is not None]
        else:
            text = str(cell).strip()
            if separator is not None:
                parts = text.split(separator)
            elif text.startswith("[") and text.endswith("]"):
                parts = [re.sub(r"\\(.)", r"\1", a or b) or c for a, b, c in _LIST_ITEM.findall(text[1:-1])]
            else:
                parts = between.split(text)
        found = [part.strip().lstrip(signs) if signs else part.strip() for part in parts]
        return [part for part in found if part] or None

    return remembering(read)


def not_utf8(columns: Iterable[Sequence[Any]]) -> set[int]:
    """Return the positions of rows with a text that cannot be written as UTF-8.

    Parameters
    ----------
    columns : iterable of sequence
        Equally long; texts and lists of texts are looked at.
    """
    bad: set[int] = set()
    for column in columns:
        texts = [value for value in column if type(value) is str]
        lists = [value for value in column if type(value) is list]
        if _is_utf8(texts) and _is_utf8(chain.from_iterable(_strings(lists))):
            continue
        for i, value in enumerate(column):
            if not _is_utf8([value] if isinstance(value, str) else _one(value)):
                bad.add(i)
    return bad


def _strings(lists: Iterable[list[Any]]) -> Iterable[list[str]]:
    return (_one(value) for value in lists)


def _one(value: Any) -> list[str]:
    if not isinstance(value, list):
        return []
    return [str(item["url"]) if isinstance(item, dict) else str(item) for item in value]


def _is_utf8(texts: Iterable[str]) -> bool:
    try:
        "".join(texts).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
