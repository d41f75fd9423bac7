"""The records of a DataFrame or a case, checked and brought into one order, whatever order they came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.case.files.large_tables import taken
from spmc_tools.errors import TableError, quote
from spmc_tools.schema import KINDS, RECORDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import pandas as pd

    Ordered: TypeAlias = Callable[[dict[str, pa.ChunkedArray], pa.Array], pa.Table]

__all__ = ["REQUIRED", "USED", "Received", "described", "received"]

REQUIRED = ("record_id", "account_id", "created_at")
"""Columns without which nothing can be said."""

USED = (
    "record_id", "platform", "account_id", "created_at", "time_precision_s", "kind", "text", "ref_record_id",
    "ref_account_id", "urls", "hashtags", "source_sha256", "source_row",
)  # fmt: skip
"""Columns that the traces and the evidence read."""

_FIRST_US, _LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999, inclusive: others have no date."""

_ORDER = ("created_at", "platform", "record_id", "account_id", "source_sha256", "source_row", "text")


@dataclass(frozen=True, slots=True)
class Received:
    """Checked records.

    ``table``: the columns of :data:`USED` that there are, by time, then id, each record once; other columns that
    came along are kept beside them. ``notes``: what was assumed or set aside, counted.
    """

    table: pa.Table
    notes: dict[str, Any] = field(default_factory=dict)


def received(records: pd.DataFrame | pa.Table, lay_out: Ordered | None = None) -> Received:
    """Return checked records.

    Parameters
    ----------
    records : pandas.DataFrame or pyarrow.Table
        Columns of the table ``records``; any may be absent except :data:`REQUIRED`. Ids may be text or whole numbers.
    lay_out : callable, optional
        Columns (a dict, which it empties) and positions -> a table of the rows at these positions: where the records
        are brought into order on disk. None: in memory.

    Returns
    -------
    Received
        The same for the same rows in any order. A record id that comes twice (on one platform) is kept once.

    Raises
    ------
    TableError
        Where a column is missing, of a type that cannot be read, or holds a null that it never may.
    """
    if not isinstance(records, pa.Table) and not hasattr(records, "columns"):
        raise TableError(f"Wanted records as a DataFrame or a case, found {quote(type(records).__name__)}.")
    notes: dict[str, Any] = {}
    table = _columns(records, notes)
    for name in REQUIRED:
        if table[name].null_count:
            row = pc.is_null(table[name]).to_pylist().index(True)
            raise TableError(f"records.{name}: row {row} is null, which this column never is.")
    rows = _once(table, notes)
    if lay_out is None:
        table = taken(table, rows)
    else:
        columns = dict(zip(table.column_names, table.columns, strict=True))
        del table, records
        table = lay_out(columns, rows)
    for name in ("account_id", "record_id"):
        table = _apart(table, name, notes)
    if "kind" in table.column_names:
        strange = pc.invert(pc.is_in(table["kind"], value_set=pa.array(KINDS)))
        count = pc.sum(pc.fill_null(strange, fill_value=True)).as_py() or 0
        if count:
            notes["records_of_unknown_kind"] = count
    return Received(table if lay_out is not None else table.combine_chunks(), notes)


def described(accounts: pa.Table, records: pa.Table) -> pa.Table:
    """Return the accounts table of a case with the ids that checked records have: with the platform where they do.

    Parameters
    ----------
    accounts : pyarrow.Table
        Schema ``ACCOUNTS``.
    records : pyarrow.Table
        As :func:`received` gives them.
    """
    known = records["account_id"].unique()
    apart = pc.binary_join_element_wise(accounts["platform"], accounts["account_id"], ":")
    ids = pc.if_else(pc.is_in(apart, value_set=known), apart, accounts["account_id"])
    return accounts.set_column(accounts.column_names.index("account_id"), "account_id", ids)


def _columns(records: pd.DataFrame | pa.Table, notes: dict[str, Any]) -> pa.Table:
    names = list(records.column_names if isinstance(records, pa.Table) else records.columns)
    for name in REQUIRED:
        if name not in names:
            found = ", ".join(quote(n, 30) for n in names[:12])
            raise TableError(f"records: column {name} is missing; found {found or 'no column'}.")
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise TableError(f"records: column {quote(twice)} comes twice.")
    wanted = [name for name in RECORDS.names if name in names]
    return pa.table({name: _column(records[name], name, notes) for name in wanted})


def _column(values: Any, name: str, notes: dict[str, Any]) -> pa.ChunkedArray:
    declared = RECORDS.schema.field(name).type
    try:
        column = (
            values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([pa.array(values, from_pandas=True)])
        )
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        if pa.types.is_timestamp(declared):
            raise _no_time(name, "values of several types") from error
        raise TableError(f"records.{name}: holds values of several types, wanted {declared} in every row.") from error
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_null(column.type):
        return column.cast(declared)
    if pa.types.is_timestamp(declared):
        return _time(column, name, notes)
    if pa.types.is_string(declared) and not _can_be_text(column.type):
        raise TableError(f"records.{name}: found {column.type}, wanted text; read ids and texts as text.")
    try:
        return column.cast(declared)
    except pa.ArrowException as error:
        raise TableError(f"records.{name}: found {quote(column.type)}, wanted {declared}.") from error


def _can_be_text(kind: pa.DataType) -> bool:
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return bool(text or pa.types.is_integer(kind))


def _no_time(name: str, found: str) -> TableError:
    return TableError(
        f"records.{name}: found {found}, wanted times; pandas.to_datetime(…, utc=True) makes times of text."
    )


def _time(column: pa.ChunkedArray, name: str, notes: dict[str, Any]) -> pa.ChunkedArray:
    if not pa.types.is_timestamp(column.type):
        raise _no_time(name, str(column.type))
    if column.type.tz is None:
        notes.setdefault("times_without_zone_read_as_utc", []).append(name)
    try:
        if column.type.unit == "ns":
            ticks = pc.cast(column, pa.int64())
            whole = pc.if_else(pc.less(ticks, 0), pc.subtract(ticks, 999), ticks)  # division truncates; this floors
            return pc.divide(whole, 1000).cast(pa.timestamp("us", tz="UTC"))
        times = column.cast(pa.timestamp("us", tz=column.type.tz)).cast(pa.timestamp("us", tz="UTC"))
    except pa.ArrowException as error:
        raise TableError(
            f"records.{name}: holds a time that is too far from 1970 to be kept in microseconds."
        ) from error
    ticks = times.cast(pa.int64())
    outside = pc.or_(pc.less(ticks, _FIRST_US), pc.greater(ticks, _LAST_US))
    row = pc.index(outside, value=True).as_py()
    if row >= 0:
        raise TableError(
            f"records.{name}: row {row} holds a time outside the years 1 to 9999; correct it, or leave the row out."
        )
    return times


def _once(table: pa.Table, notes: dict[str, Any]) -> pa.Array:
    """Return the positions of the records in their order, each record once: at the first place that it has there."""
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in _ORDER if name in table.column_names])
    keys = [name for name in ("platform", "record_id") if name in table.column_names]
    numbered = table.select(keys).take(order).append_column("place", pa.array(np.arange(len(table))))
    first = numbered.group_by(keys, use_threads=False).aggregate([("place", "min")])
    if len(first) == len(table):
        return order
    notes["duplicate_records_left_out"] = len(table) - len(first)
    return order.take(_one(first["place_min"].take(pc.sort_indices(first["place_min"]))))


def _apart(table: pa.Table, name: str, notes: dict[str, Any]) -> pa.Table:
    """Put the platform before an id that stands for something else on another platform."""
    if "platform" not in table.column_names or len(table["platform"].unique().drop_null()) < 2:
        return table
    pairs = table.group_by([name, "platform"], use_threads=False).aggregate([])
    counts = _one(pairs[name]).value_counts()
    shared = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
    if not len(shared):
        return table
    notes[f"{name}s_on_several_platforms"] = len(shared)
    apart = pc.binary_join_element_wise(
        table["platform"], table[name], ":", null_handling="replace", null_replacement=""
    )
    ids = pc.if_else(pc.is_in(table[name], value_set=shared), apart, table[name])
    return table.set_column(table.column_names.index(name), name, ids)


def _one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
