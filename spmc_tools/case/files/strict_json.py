"""JSON that can be read in one way only: what holds a key twice, or no number, is none."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["read_json"]


def read_json(content: bytes | str) -> Any:
    """Return what a JSON text holds.

    Raises
    ------
    ValueError
        Where it is none, holds a key twice, ``NaN`` or ``Infinity``, or is nested too deeply.
    """
    try:
        return json.loads(content, object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no number")
