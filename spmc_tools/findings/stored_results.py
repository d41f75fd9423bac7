"""The tables of a finding: their columns, their form as DataFrames, and how a case keeps them."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spmc_tools.case.files.durable import os_errors, sha256_file, sync_dir, sync_file, write_file
from spmc_tools.errors import IntegrityError
from spmc_tools.schema import RESULTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["SCHEMAS", "framed", "kept", "kept_values", "read", "read_values", "table_of"]

SCHEMAS = {
    "accounts": RESULTS["account_findings"].schema,
    "account_traces": RESULTS["account_traces"].schema,
    "account_events": RESULTS["account_events"].schema,
    "account_patterns": RESULTS["account_patterns"].schema,
    "ordinary_patterns": RESULTS["ordinary_patterns"].schema,
    "edges": RESULTS["edges"].schema,
    "clusters": RESULTS["clusters"].schema,
    "proven_groups": RESULTS["proven_groups"].schema,
    "group_members": RESULTS["group_members"].schema,
    "cluster_patterns": RESULTS["cluster_patterns"].schema,
    "events": RESULTS["events"].schema,
    "signed": RESULTS["signed"].schema,
    "bursts": RESULTS["bursts"].schema,
    "sessions": RESULTS["sessions"].schema,
    "excluded": RESULTS["excluded"].schema,
    "signals": RESULTS["account_signals"].schema,
    "tag_surges": RESULTS["tag_surges"].schema,
    "reply_swarms": RESULTS["reply_swarms"].schema,
}
_NULLABLE_WHOLE = {"cluster_id", "clock_second"}
_DONE = "notes.json"
_VALUES = "values.json"


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
    """Return a table as pandas: lists are Python values, some whole numbers nullable."""
    frame: pd.DataFrame = table.to_pandas()
    for field in table.schema:
        if pa.types.is_list(field.type):
            frame[field.name] = pd.Series(table[field.name].to_pylist(), index=frame.index, dtype=object)
        elif field.name in _NULLABLE_WHOLE:
            frame[field.name] = pd.array(table[field.name].to_pylist(), dtype="Int64")
    return frame


def kept(folder: Path, tables: Mapping[str, pa.Table], notes: Mapping[str, Any]) -> dict[str, str]:
    """Keep tables and notes in a folder and return the SHA-256 of each file; the notes come last.

    Raises
    ------
    CaseError, SpmcError
        Where the folder cannot be written.
    """
    hashes: dict[str, str] = {}
    with os_errors("The findings cannot be kept in the case"):
        for name, table in tables.items():
            part = folder / f".{name}.{os.getpid()}.part"
            try:
                pq.write_table(table, part)
                sync_file(part)
                hashes[f"{name}.parquet"] = sha256_file(part)
                part.replace(folder / f"{name}.parquet")
            finally:
                part.unlink(missing_ok=True)
        sync_dir(folder)
        content = json.dumps(notes, ensure_ascii=False, sort_keys=True, indent=1).encode()
        write_file(folder / _DONE, content)
    return hashes | {_DONE: hashlib.sha256(content).hexdigest()}


def read(
    folder: Path, hashes: Mapping[str, Any] | None, *, in_part: bool = False
) -> tuple[dict[str, pa.Table], dict[str, Any]] | None:
    """Return what :func:`kept` wrote; None where nothing lies there.

    Parameters
    ----------
    folder : pathlib.Path
        Where it was kept.
    hashes : mapping or None
        SHA-256 by name of file, as the custody log tells them; None: the log tells of none.
    in_part : bool
        Whether results will do in which a check did not fit into memory; else they are made again, since there may be
        more of it now.

    Raises
    ------
    IntegrityError
        Where a file is missing, not the one of ``hashes``, or not of this form: it is made again then.
    """
    if not any(folder.glob("*.parquet")) and not (folder / _DONE).exists():
        return None
    if hashes is None:
        raise IntegrityError("no entry of the custody log tells of the results that lay there")
    names = (*(f"{name}.parquet" for name in SCHEMAS), _DONE)
    if not hashes.keys() >= set(names):
        raise IntegrityError("the results that lay there are of another form")
    content = {name: _unchanged(folder / name, hashes.get(name)) for name in names}
    try:
        notes = json.loads(content[_DONE])
        tables = {name: pq.read_table(pa.BufferReader(content[f"{name}.parquet"])) for name in SCHEMAS}
    except (ValueError, RecursionError, pa.ArrowException):
        raise IntegrityError("the results that lay there cannot be read") from None
    if not isinstance(notes, dict) or any(not table.schema.equals(SCHEMAS[name]) for name, table in tables.items()):
        raise IntegrityError("the results that lay there are of another form")
    if not in_part and any(row.get("code") == "too_large" for row in notes.get("not_run", [])):
        raise IntegrityError("a check did not fit into the memory of the look that made what lay there")
    return tables, notes


def _unchanged(path: Path, digest: object) -> bytes:
    """Return the content of a file that has this hash; what is compared is what is read."""
    try:
        content = path.read_bytes()
    except OSError:
        raise IntegrityError(f"{path.name} was missing or could not be read") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise IntegrityError(f"{path.name} was not the file that the custody log tells of: its SHA-256 differed")
    return content


def kept_values(folder: Path, values: Mapping[str, Any]) -> dict[str, str]:
    """Keep values that JSON holds in a folder and return the SHA-256 of the file.

    Raises
    ------
    CaseError, SpmcError
        Where the folder cannot be written.
    """
    content = json.dumps(values, ensure_ascii=False, sort_keys=True, indent=1).encode()
    with os_errors("The results cannot be kept in the case"):
        write_file(folder / _VALUES, content)
    return {_VALUES: hashlib.sha256(content).hexdigest()}


def read_values(folder: Path, hashes: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what :func:`kept_values` wrote; None where nothing lies there.

    Raises
    ------
    IntegrityError
        Where the file is not the one of ``hashes``, or holds no such values: it is made again then.
    """
    if not (folder / _VALUES).exists():
        return None
    if hashes is None:
        raise IntegrityError("no entry of the custody log tells of the results that lay there")
    content = _unchanged(folder / _VALUES, hashes.get(_VALUES))
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        raise IntegrityError("the results that lay there cannot be read") from None
    if not isinstance(values, dict):
        raise IntegrityError("the results that lay there are of another form")
    return values
