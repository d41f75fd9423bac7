"""Cases with nothing in them, and files in a folder that is watched."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from spmc_tools.case.store.case import Case, create_case

if TYPE_CHECKING:
    from pathlib import Path


def plain_case(case_id: str, **settings: Any) -> Case:
    """A new case of November 2025; settings that do not matter are one letter."""
    plain = {"title": "t", "purpose": "p", "legal_basis": "l", "date_from": "2025-11-01", "date_to": "2025-11-30"}
    return create_case(case_id, **plain | settings)


def put_aged(folder: Path, name: str, text: str, age_s: float = 60) -> Path:
    """Write a file that nobody has touched for ``age_s`` seconds."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - age_s, time.time() - age_s))
    return path
