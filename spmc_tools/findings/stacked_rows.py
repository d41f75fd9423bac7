"""Rows of several frames in one, and a table of results in its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.findings import stored_results as stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["in_form", "stacked", "with_trace"]


def stacked(frames: Sequence[pd.DataFrame | None]) -> pd.DataFrame:
    """Return the rows of all frames that have any, one frame after the other."""
    full = [frame for frame in frames if frame is not None and len(frame)]
    return pd.concat(full, ignore_index=True) if full else pd.DataFrame({"trace": []})


def with_trace(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of frames by trace, each with its ``trace``."""
    return stacked([frame.assign(trace=name) for name, frame in frames.items()])


def in_form(rows: list[dict[str, Any]] | pd.DataFrame, name: str) -> pd.DataFrame:
    """Return rows in the form of one of the tables of results (:data:`spmc_tools.findings.stored_results.SCHEMAS`)."""
    return stored.framed(stored.table_of(rows, name))
