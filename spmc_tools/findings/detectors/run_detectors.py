"""Detectors run over what an investigation has: their tables, what they rank, and what could not be run and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.chance.statistics.false_discovery import LEVEL
from spmc_tools.findings.tiers.scores import Scored

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from spmc_tools.findings.detectors.detector import AccountDetector

__all__ = ["Detected", "detected"]


@dataclass(frozen=True, slots=True)
class Detected:
    """What one detector gave: rows of ``account_signals`` or of ``tag_surges``, what it ranks, why it was not run."""

    signals: pd.DataFrame | None = None
    surges: pd.DataFrame | None = None
    scored: dict[str, Scored] = field(default_factory=dict)
    not_run: dict[str, Any] | None = None


def detected(
    detector: AccountDetector, records: pa.Table, accounts: pa.Table | None, actions: Mapping[str, pa.Table]
) -> Detected:
    """Return what a detector gives over checked records.

    Parameters
    ----------
    detector : AccountDetector
        Of the catalogue.
    records : pyarrow.Table
        As an investigation received them.
    accounts : pyarrow.Table or None
        The accounts table of a case; None for a DataFrame.
    actions : mapping of trace -> pyarrow.Table
        Those of ``detector.of_traces`` that there are.
    """

    def refused(code: str, reason: str, **facts: Any) -> Detected:
        return Detected(not_run={"trace": detector.name, "window_s": None, "reason": reason, "code": code, **facts})

    if not len(records):
        return refused("nothing_to_look_at", "No record holds what this trace looks at.")
    if detector.needs_accounts and (accounts is None or not len(accounts)):
        return refused("needs_accounts", "There is no table of accounts; only a case with imported accounts has one.")
    missing = [*_missing(records, detector.needs)]
    missing += _missing(accounts, detector.needs_accounts) if accounts is not None else []
    if missing:
        return refused("lacks_column", f"The records lack {', '.join(missing)}.", columns=missing)
    tables = detector.tables({"records": records, "accounts": accounts, "actions": dict(actions)})
    too_little = detector.lacks(*tables)
    if too_little:
        return refused("too_little", too_little)
    frame = detector.detect(*tables)
    if detector.use == "tags":
        return Detected(surges=frame)
    frame = frame.assign(detector=detector.name, use=detector.use)
    return Detected(signals=frame, scored=_ranked(frame, detector) if detector.use == "rank" else {})


def _missing(table: pa.Table, needs: tuple[str, ...]) -> list[str]:
    def holds(name: str) -> bool:
        return name in table.column_names and table[name].null_count < len(table)

    return [need.replace("|", " or ") for need in needs if not any(holds(name) for name in need.split("|"))]


def _ranked(frame: pd.DataFrame, detector: AccountDetector) -> dict[str, Scored]:
    """Return the accounts with q < .05: they are listed, without a basis and without a score."""
    best = frame[frame["q"] < LEVEL].sort_values(["q", "p", "account_id"], kind="stable").drop_duplicates("account_id")
    return {
        str(row["account_id"]): Scored(
            detector.name,
            None,
            float(row["q"]),
            0.0,
            named=False,
            kind="detector",
            rank_only=True,
            facts=(
                0 if pd.isna(row["n_partners"]) else int(row["n_partners"]),
                int(row["n_seen"]),
                None if pd.isna(row["expected"]) else float(row["expected"]),
            ),
        )
        for row in best.to_dict("records")
    }
