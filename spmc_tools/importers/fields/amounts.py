"""Counts as people and platforms write them: 6.65 lakh, 1.27 करोड़, 1,23,456, 12.7K, ६,६५,०००; <10 is none."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

__all__ = ["amount", "step_of"]

_UNITS = {
    "": 1, "k": 1_000, "thousand": 1_000, "हजार": 1_000, "हज़ार": 1_000, "m": 1_000_000, "million": 1_000_000,
    "lakh": 100_000, "lakhs": 100_000, "lac": 100_000, "lacs": 100_000, "l": 100_000, "लाख": 100_000,
    "crore": 10_000_000, "crores": 10_000_000, "cr": 10_000_000, "करोड़": 10_000_000, "b": 1_000_000_000,
}  # fmt: skip
_FORM = re.compile(r"(-?)(\d+(?:,\d{2,3})*|\d*)(?:\.(\d+))?\s*([^\W\d]*[\u0900-\u097f]*)\.?")
_LARGEST = 10**15
_LONGEST = 100
"""Signs of a cell beyond which it is no count; reading thousands of digits as a number takes long, or fails."""


def _parts(cell: Any) -> tuple[str, str, int] | None:
    """Return whole part with its sign, decimals and unit of a cell; None where it is no such count."""
    text = unicodedata.normalize("NFC", str(cell)).strip().casefold()
    text = "".join(str(unicodedata.decimal(char, char)) for char in text)
    found = _FORM.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        return None
    units = {unicodedata.normalize("NFC", name): size for name, size in _UNITS.items()}
    return (
        (found[1] + (found[2].replace(",", "") or "0"), found[3] or "", units[found[4]]) if found[4] in units else None
    )


def amount(cell: Any) -> float | None:
    """Return a count as a number, exactly where it is whole; None for a blank, ``<10``, ``hidden`` or a per cent.

    Parameters
    ----------
    cell : str, int, float or None
        Commas group in threes or as 1,23,456; a unit may follow (lakh, crore, K, M, लाख, करोड़); digits of any script.

    Notes
    -----
    A comma is never a decimal point: ``6,65`` reads as 665.
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, (int, float)):
        return float(cell) if abs(cell) < _LARGEST else None  # NaN compares false
    parts = None if isinstance(cell, str) and len(cell) > _LONGEST else _parts(cell)
    if parts is None:
        return None
    whole, decimals, unit = parts
    value = float(int(whole + decimals) * unit) / 10 ** len(decimals)
    return value if abs(value) < _LARGEST else None


def step_of(cell: Any) -> int | None:
    """Return the step that a count's way of writing rounds to: 1000 for ``6.65 lakh``, 1 for 6,65,012; None if none."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return 1
    parts = None if cell is None or (isinstance(cell, str) and len(cell) > _LONGEST) else _parts(cell)
    return None if parts is None else max(1, parts[2] // 10 ** len(parts[1]))
