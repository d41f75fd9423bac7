"""Single values of hostile JSON and cells, read exactly or not at all.

An id is a string to the last digit or it is no id; a count is a whole number that fits; a text is a text.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

__all__ = ["LOST_ID", "TOO_DEEP", "as_json", "count_of", "exact_id", "first_of", "is_lost_id", "json_row", "text_of"]

LOST_ID = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+\d{1,3}")
"""An id that a spreadsheet or a float turned into 8.29E+17: its last digits are gone."""

TOO_DEEP = b"(nested too deeply to be shown)"
"""What stands for JSON that the parser reads but no writer writes."""

_FLOAT_TEXT = re.compile(r"(\d+)\.0")
_EXACT_FLOAT = 2**53
_MOST = 2**63


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


def text_of(value: object) -> str | None:
    """Return a text as it is; None where it is empty or none."""
    return value if isinstance(value, str) and value else None


def first_of(*values: object) -> str | None:
    """Return the first value that is a text and not empty."""
    for value in values:
        if isinstance(value, str) and value:
            return value
    return None


def count_of(value: object) -> int | None:
    """Return a whole number from 0 that fits 63 bits; None for everything else."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST:
        return value
    return None


def json_row(line: bytes, whole: bool) -> dict[str, Any] | str:
    """Return the JSON object of a line, or the reason why there is none.

    Depth and numbers are bounded by the parser; half a surrogate pair, NaN and raw NUL bytes are no JSON.
    """
    if not whole:
        return "the line is longer than 16 MB"
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return f"not valid JSON: {error.msg} at character {error.pos}"
    if not isinstance(found, dict):
        return "JSON, but no object"
    return found
