"""Pages of the documentation of which a part is written by a test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def assert_written(page: Path, written: str, begin: str, end: str) -> None:
    """Hold that a page says this between two marks; with ``SPMC_WRITE_DOCS`` it is written there first."""
    before, rest = page.read_text(encoding="utf-8").split(begin)
    now, after = rest.split(end)
    if os.environ.get("SPMC_WRITE_DOCS"):
        page.write_text(before + begin + written + end + after, encoding="utf-8")
        now = written
    assert now == written
