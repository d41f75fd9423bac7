"""Formulas in the XML of a sheet whose results nobody saved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spmc_tools.importers.files.received_file import BLOCK

if TYPE_CHECKING:
    from typing import IO

__all__ = ["cells_without_result"]

_NO_RESULT = re.compile(rb"<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>\s*|<v>\s*</v>\s*)?</c>")
"""No two of its repeats can share a byte, so its time grows with the sheet and not faster."""


def cells_without_result(stream: IO[bytes]) -> int:
    """Return how many cells of a sheet's XML hold a formula and no result of it."""
    count, rest = 0, b""
    while block := stream.read(BLOCK):
        text = rest + block
        cut = text.rfind(b"</c>") + 4 if b"</c>" in text else 0
        count += len(_NO_RESULT.findall(text, 0, cut)) if b"<f" in text else 0
        rest = text[cut:][-4 * BLOCK :]
    return count
