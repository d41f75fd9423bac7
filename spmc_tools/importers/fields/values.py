"""Single values of hostile JSON and cells, read exactly or not at all.

An id is a string to the last digit or it is no id; a count is a whole number that fits; a text is a text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import orjson

from spmc_tools.errors import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CELL_FAULTS",
    "LOST_ID",
    "NO_ID",
    "TOO_DEEP",
    "Json",
    "as_json",
    "count_of",
    "dict_of",
    "exact_id",
    "flag_of",
    "is_lost_id",
    "json_row",
    "json_rows",
    "list_of",
    "media_of",
    "strings_of",
    "text_of",
]

Json = dict[str, Any]
"""One JSON object."""

LOST_ID = re.compile(r"[+-]?\d{1,3}(?:(?:[.,]\d+)?[eE]\+|[.,]\d+[eE])\d{1,3}")
"""An id that a spreadsheet or a float turned into 8.29E+17 (Java: 8.29E17, by thousands: 829.1E+15): digits gone."""

TOO_DEEP = b"(nested too deeply to be shown)"
"""What stands for JSON that the parser reads but no writer writes."""

CELL_FAULTS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"})
"""What a spreadsheet shows where a formula failed: no value, and no id that several rows share."""

NO_ID = frozenset(
    {"null", "NULL", "Null", "none", "None", "NONE", "nan", "NaN", "NAN", "NA", "<NA>", "NaT", "\\N", "undefined"}
)
"""Words that programs write for "nothing here"; kept as ids they would make one account or post of several."""

_FLOAT_TEXT = re.compile(r"(\d+)\.0")
_EXACT_FLOAT = 2**53
_MOST = 2**63
_DEPTH = 1024


def as_json(value: object) -> bytes:
    """Return a value as JSON text, for showing and comparing; one that is nested too deeply says so instead."""
    try:
        return orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        return TOO_DEEP


def exact_id(value: object) -> str | None:
    """Return an id as a string, digit by digit as given; None where it is missing or not exact.

    A whole number is exact; a float is only below 2**53; 8.29E+17 never is.
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and value.is_integer() and 0 <= value < _EXACT_FLOAT:
        return str(int(value))
    return None


def is_lost_id(value: str) -> bool:
    """Whether a cell's text was an id before a spreadsheet or a float rounded it."""
    if LOST_ID.fullmatch(value):
        return True
    found = _FLOAT_TEXT.fullmatch(value)
    return found is not None and int(found[1][:20]) >= _EXACT_FLOAT


def text_of(value: object, *others: object) -> str | None:
    """Return a text as it is: the first of the values that is one and not empty; None where there is none."""
    if isinstance(value, str) and value:
        return value
    return next((other for other in others if isinstance(other, str) and other), None)


def count_of(value: object) -> int | None:
    """Return a whole number from 0 that fits 63 bits; None for everything else."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST:
        return value
    return None


def flag_of(value: object) -> bool | None:
    """Return true or false as it is; None for everything else."""
    return value if isinstance(value, bool) else None


def json_row(line: bytes, whole: bool) -> dict[str, Any] | str:
    """Return the JSON object of a line, or the reason why there is none.

    Depth and numbers are bounded by the parser; half a surrogate pair, NaN and raw NUL bytes are no JSON.
    """
    if not whole:
        return "the line is longer than 16 MB"
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return _why_no_json(error)
    if not isinstance(found, dict):
        return "JSON, but no object"
    return _why_twice(line, found) or found


def _why_no_json(error: orjson.JSONDecodeError) -> str:
    """Return why JSON cannot be read; JSON that is nested too deeply may be valid, and is refused all the same."""
    if error.msg.startswith("depth limit"):
        return f"nested deeper than {_DEPTH:,} levels (at character {error.pos:,}), as no export is"
    if "not valid UTF-8" in error.msg:
        return "not valid JSON: it holds bytes that are not UTF-8"
    return f"not valid JSON: {error.msg} at character {error.pos}"


def json_rows(line: bytes, whole: bool) -> list[Json] | str:
    """Return the JSON objects of a line or element: it is one, or a list of them; or the reason why there are none."""
    if line[:1] != b"[":
        found = json_row(line, whole)
        return found if isinstance(found, str) else [found]
    if not whole:
        return json_row(line, whole=False)  # type: ignore[return-value]
    try:
        items = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return _why_no_json(error)
    sound = items and all(isinstance(item, dict) for item in items)
    return (_why_twice(line, items) or items) if sound else "JSON, but no object"


def _why_twice(line: bytes, found: object) -> str:
    """Return why JSON with a key that stands twice in one object is refused; "" where none does.

    The parser keeps the last of two without a word. A key that it dropped took its colon along: so the colons of the
    text and of what was kept of it are as many, or the text is read again, slowly. One that stands in a string as an
    escape shows in one of the two alone. A first one that is an empty list says nothing that could be lost: archives of
    Mastodon hold an empty ``orderedItems`` before the full one.
    """
    if line.count(b":") == as_json(found).count(b":") and b"\\u003a" not in line and b"\\u003A" not in line:
        return ""
    try:
        json.loads(line, object_pairs_hook=_once)
    except _TwiceError as error:
        return f"ambiguous: the key {quote(error)} stands twice in one object"
    except (ValueError, RecursionError):
        return ""
    return ""


class _TwiceError(Exception):
    """The key that stands twice."""


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if seen.get(key, []) != []:
            raise _TwiceError(key)
        seen[key] = value


def list_of(value: object) -> list[Any]:
    """Return a list as it is; [] for everything else."""
    return value if isinstance(value, list) else []


def dict_of(value: object) -> Json:
    """Return an object as it is; {} for everything else."""
    return value if isinstance(value, dict) else {}


def strings_of(values: object) -> list[str] | None:
    """Return the texts of a list that are not empty, in order; None where there are none."""
    found = [v for v in list_of(values) if isinstance(v, str) and v]
    return found or None


def media_of(addresses: Iterable[object]) -> list[dict[str, str | None]] | None:
    """Return addresses of pictures and films as ``records.media``, each once; None where there are none."""
    found = dict.fromkeys(url for url in addresses if isinstance(url, str) and url)
    return [{"url": url, "sha256": None, "phash": None} for url in found] or None
