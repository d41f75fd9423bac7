"""Rows of an evidence pack as a sheet for a spreadsheet, in which no cell is read as a formula."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from spmc_tools.findings.result.exports import formula_safe

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["as_sheet", "inert"]


def as_sheet(rows: Sequence[Any], kind: type[Any]) -> bytes:
    """Return rows of a dataclass as CSV: UTF-8 with a mark, the names of the fields first, one line each."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(kind)], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: inert(value) for name, value in asdict(row).items()} for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def inert(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    return formula_safe(value) if isinstance(value, str) else value
