"""The tables of a finding: their columns, their form as DataFrames, and how a case keeps them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spmc_tools.case.durable import os_errors, sync_dir, sync_file, write_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ACCOUNTS", "CLUSTERS", "EDGES", "EXCLUDED", "SCHEMAS", "framed", "kept", "read", "table_of"]

_UTC = pa.timestamp("us", tz="UTC")
_NAMES = pa.list_(pa.string())

ACCOUNTS = pa.schema(
    [
        ("account_id", pa.string()),
        ("tier", pa.string()),
        ("basis", pa.string()),
        ("score", pa.float64()),
        ("q", pa.float64()),
        ("traces", _NAMES),
        ("cluster_id", pa.int64()),
        ("n_records", pa.int64()),
        ("first_seen", _UTC),
        ("last_seen", _UTC),
        ("context", pa.string()),
        ("n_sources", pa.int64()),
        (
            "reason",
            pa.list_(
                pa.struct(
                    [
                        ("trace", pa.string()),
                        ("basis", pa.string()),
                        ("q", pa.float64()),
                        ("n_sources", pa.int64()),
                        ("kind", pa.string()),
                        ("n_partners", pa.int64()),
                        ("max_occasions", pa.int64()),
                        ("expected", pa.float64()),
                    ]
                )
            ),
        ),
    ]
)
"""Every account, ranked. ``reason``: what speaks in each trace; ``expected`` is of the pair with most occasions."""

EDGES = pa.schema(
    [
        ("trace", pa.string()),
        ("account_a", pa.string()),
        ("account_b", pa.string()),
        ("n_objects", pa.int64()),
        ("n_pairs", pa.int64()),
        ("n_actions_a", pa.int64()),
        ("n_actions_b", pa.int64()),
        ("first_t", _UTC),
        ("last_t", _UTC),
        ("mean_lag_s", pa.float64()),
        ("n_a_first", pa.int64()),
        ("window_s", pa.float64()),
        ("n_occasions", pa.int64()),
        ("n_sources", pa.int64()),
        ("expected_degree", pa.float64()),
        ("expected_interest", pa.float64()),
        ("expected", pa.float64()),
        ("p", pa.float64()),
        ("q", pa.float64()),
        ("p_group", pa.float64()),
    ]
)
"""Pairs with at least two occasions, by trace, window and ids. ``p_group``: 1 outside proven groups."""

CLUSTERS = pa.schema(
    [
        ("cluster_id", pa.int64()),
        ("size", pa.int64()),
        ("traces", _NAMES),
        ("score", pa.float64()),
        ("stability", pa.float64()),
        ("first_t", _UTC),
        ("last_t", _UTC),
        ("accounts", _NAMES),
        ("context", pa.string()),
        ("n_named", pa.int64()),
        ("n_context", pa.int64()),
        ("n_records", pa.int64()),
        ("n_edges", pa.int64()),
        ("n_objects", pa.int64()),
        ("n_sources", pa.int64()),
        ("max_occasions", pa.int64()),
        ("median_occasions", pa.float64()),
        ("median_expected", pa.float64()),
        ("max_q", pa.float64()),
        (
            "groups",
            pa.list_(
                pa.struct(
                    [
                        ("trace", pa.string()),
                        ("size", pa.int64()),
                        ("n_broad", pa.int64()),
                        ("n_broad_late", pa.int64()),
                        ("n_stretches", pa.int64()),
                        (
                            "members",
                            pa.list_(
                                pa.struct(
                                    [
                                        ("account_id", pa.string()),
                                        ("n_occasions", pa.int64()),
                                        ("company", pa.float64()),
                                        ("expected_pairs", pa.float64()),
                                        ("expected", pa.float64()),
                                        ("p", pa.float64()),
                                        ("q", pa.float64()),
                                        ("found", pa.bool_()),
                                    ]
                                )
                            ),
                        ),
                    ]
                )
            ),
        ),
    ]
)
"""Clusters, ranked. ``n_named``: members in tier A or B. ``median_*``: over the cluster's pairs of accounts.

``groups``: the proven groups most of whose members it holds, by trace: s = ``size``, B = ``n_broad``, and of each
member o = ``n_occasions`` and what chance expects of it, Λ/c = ``expected``.
"""

EXCLUDED = pa.schema(
    [
        ("trace", pa.string()),
        ("object_id", pa.string()),
        ("bin_start", _UTC),
        ("bin_s", pa.float64()),
        ("n_actions", pa.int64()),
        ("share", pa.float64()),
        ("reason", pa.string()),
    ]
)
"""Hot objects that were set aside, by trace, object and time."""

SCHEMAS = {"accounts": ACCOUNTS, "edges": EDGES, "clusters": CLUSTERS, "excluded": EXCLUDED}
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
