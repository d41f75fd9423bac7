"""Cases that hold made-up records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import spmc_tools as spmc
from spmc_tools.case.files.durable import sha256_file
from spmc_tools.schema import RECORDS

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def added(case: Any, rows: pd.DataFrame, folder: Path, name: str) -> None:
    """Keep records in a case as one import, from a file of this name in the folder."""
    source = folder / f"{name}.jsonl"
    source.write_text(rows.to_json(orient="records", lines=True, date_format="iso"), encoding="utf-8")
    digest = sha256_file(source)
    listed = json.loads(rows.assign(source_sha256=digest).to_json(orient="records", date_format="iso"))
    for row, when in zip(listed, rows["created_at"], strict=True):
        row["created_at"] = when.to_pydatetime()
    with case.new_batch(source, digest) as batch:
        batch.write(records=RECORDS.from_rows(listed))
        batch.commit(format="made-up", read=len(rows), duplicates=0)


def case_of(rows: pd.DataFrame, folder: Path, case_id: str = "kept") -> Any:
    """Return a new case with these records."""
    told = {"title": "T", "purpose": "P", "legal_basis": "L", "officer": "O"}
    made = spmc.create_case(case_id, date_from="2025-11-01", date_to="2025-11-09", **told)
    added(made, rows, folder, case_id)
    return made
