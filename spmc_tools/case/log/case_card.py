"""A case as a notebook shows it: what it is about, how much came in, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.case.files.html_cards import card
from spmc_tools.errors import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.case.log.settings import CaseSettings

__all__ = ["case_card"]


def case_card(
    case_id: str, settings: CaseSettings, rows_kept: Sequence[int], *, problem: str | None, expired: bool
) -> str:
    """Return a case as HTML in plain words, every value escaped.

    Parameters
    ----------
    case_id : str
        Name of its folder.
    settings : CaseSettings
        What ``case.toml`` holds.
    rows_kept : sequence of int
        Of each import in use.
    problem : str or None
        The first difference in the custody log; None: none.
    expired : bool
        Whether its last day has passed.
    """
    lines = [f"{quote(settings.title, 200)}, {settings.date_from} to {settings.date_to}"]
    if problem is not None:
        lines.append(f"Its custody log is broken, so nothing is written to it: {problem}.")
        return card(f"Case {case_id}", lines, f"spmc verify {case_id}")
    files = "1 import" if len(rows_kept) == 1 else f"{len(rows_kept):,} imports"
    rows = "1 row kept" if sum(rows_kept) == 1 else f"{sum(rows_kept):,} rows kept"
    lines.append(f"{files} in use, {rows}.")
    if expired:
        lines.append(f"It expired on {settings.expires}: it can be read, and nothing comes into it.")
        return card(f"Case {case_id}", lines, f'spmc extend {case_id} --to DATE --reason "…"')
    return card(f"Case {case_id}", lines, "spmc.investigate(case)" if rows_kept else f"spmc import {case_id} FILE")
