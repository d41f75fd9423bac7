"""TOML files that a centre writes by hand: settings of the machine, rules, mappings of a desk's tables."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_toml"]

_MOST_BYTES = 1 << 20


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a file of at most 1 MB holds: what is larger was written by nobody, and takes long to read.

    Raises
    ------
    ValueError
        Where it is larger, no UTF-8, no TOML, or nested too deeply.
    OSError
        Where it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError("it is larger than 1 MB")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
