"""The tables of a finding: their columns, their form as DataFrames, and how a case keeps them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spmc_tools.case.durable import os_errors, sync_dir, sync_file, write_file
from spmc_tools.schema import RESULTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["SCHEMAS", "framed", "kept", "read", "table_of"]

SCHEMAS = {
    "accounts": RESULTS["account_findings"].schema,
    "edges": RESULTS["edges"].schema,
    "clusters": RESULTS["clusters"].schema,
    "excluded": RESULTS["excluded"].schema,
}
_NULLABLE_WHOLE = {"cluster_id"}
_DONE = "notes.json"


def table_of(rows: list[dict[str, Any]] | pd.DataFrame, name: str) -> pa.Table:
    """Return an Arrow table with the columns of one of :data:`SCHEMAS`; a column that is absent is null."""
    schema = SCHEMAS[name]
    if isinstance(rows, list):
        return pa.Table.from_pylist(rows, schema=schema)
    columns = [
        pa.array(rows[field.name], from_pandas=True).cast(field.type, safe=False)
        if field.name in rows
        else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def framed(table: pa.Table) -> pd.DataFrame:
    """Return a table as pandas: lists are Python lists, ``cluster_id`` is a nullable whole number."""
    frame: pd.DataFrame = table.to_pandas()
    for field in table.schema:
        if pa.types.is_list(field.type):
            frame[field.name] = pd.Series(table[field.name].to_pylist(), index=frame.index, dtype=object)
        elif field.name in _NULLABLE_WHOLE:
            frame[field.name] = pd.array(table[field.name].to_pylist(), dtype="Int64")
    return frame


def kept(folder: Path, tables: Mapping[str, pa.Table], notes: Mapping[str, Any]) -> None:
    """Keep tables and notes in a folder; the notes come last, so that a folder with notes is whole.

    Raises
    ------
    CaseError, SpmcError
        Where the folder cannot be written.
    """
    with os_errors("The findings cannot be kept in the case"):
        for name, table in tables.items():
            part = folder / f".{name}.{os.getpid()}.part"
            try:
                pq.write_table(table, part)
                sync_file(part)
                part.replace(folder / f"{name}.parquet")
            finally:
                part.unlink(missing_ok=True)
        sync_dir(folder)
        write_file(folder / _DONE, json.dumps(notes, ensure_ascii=False, sort_keys=True, indent=1).encode())


def read(folder: Path) -> tuple[dict[str, pa.Table], dict[str, Any]] | None:
    """Return what :func:`kept` wrote; None where it is not whole or not of this form, so that it is made again."""
    try:
        notes = json.loads((folder / _DONE).read_text(encoding="utf-8"))
        tables = {name: pq.read_table(folder / f"{name}.parquet") for name in SCHEMAS}
    except (OSError, ValueError, pa.ArrowException):
        return None
    if not isinstance(notes, dict) or any(not table.schema.equals(SCHEMAS[name]) for name, table in tables.items()):
        return None
    return tables, notes
