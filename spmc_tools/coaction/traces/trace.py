"""A trace: the declaration of one kind of action, and the one engine that reads actions from records."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.coaction.traces.objects import OBJECTS, SOURCES
from spmc_tools.coaction.traces.posted_at import with_original_at
from spmc_tools.errors import ParameterError, TableError, quote
from spmc_tools.schema import ACTIONS, KINDS

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

__all__ = ["Trace", "lacking", "observed", "read_actions"]

_UTC = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Trace:
    """One kind of action, declared once.

    Attributes
    ----------
    name, question : str
        Its name in tables, parameters and reports; what it asks, in words.
    kinds : tuple of str
        Kinds of records that it reads; others are not its actions.
    object : str
        Key of :data:`~spmc_tools.coaction.traces.objects.OBJECTS`: what a record touches.
    source : str
        Key of :data:`~spmc_tools.coaction.traces.objects.SOURCES`: whose that is. Occasions are counted on different
        sources.
    windows_s : tuple of int
        Default windows in seconds, inclusive.
    needs : tuple of str
        Columns of the records that must hold something; ``"urls|text"`` is satisfied by either.
    reference : str
        Where it was described.
    min_objects : int
        Two accounts that share fewer objects have no edge.
    untimed : bool
        Whether objects that two accounts share at any two times are counted too. Such a layer ranks, and never names.
    table : "records" or "accounts"
        Which table it reads.
    within : Trace, optional
        The trace that reads the same actions, of the same kinds of records, more finely: an account found in both is
        found in one.

    Raises
    ------
    ParameterError
        Where a key or a kind is not known, or ``within`` reads records of other kinds.
    """

    name: str
    question: str
    kinds: tuple[str, ...]
    object: str
    source: str
    windows_s: tuple[int, ...]
    needs: tuple[str, ...]
    reference: str
    min_objects: int = 2
    untimed: bool = False
    table: str = "records"
    within: Trace | None = None

    def __post_init__(self) -> None:
        parts: list[tuple[str, Collection[str], str]] = [
            (self.object, OBJECTS, "object key"),
            (self.source, SOURCES, "source key"),
            *((kind, KINDS, "kind of record") for kind in self.kinds),
        ]
        for value, known, what in parts:
            if value not in known:
                raise ParameterError(
                    f"Trace {quote(self.name)}: {what} {quote(value)} is not known; known: {', '.join(known)}."
                )
        if self.within is not None and set(self.within.kinds) != set(self.kinds):
            raise ParameterError(
                f"Trace {quote(self.name)}: it reads the kinds {', '.join(self.kinds)}, but {quote(self.within.name)}, "
                f"which it names in within, reads {', '.join(self.within.kinds)}; give both the same kinds, or leave "
                "within out."
            )


def lacking(records: pa.Table, trace: Trace) -> list[str]:
    """Return the columns that a trace needs and the records lack or hold only nulls in; empty where all are there."""

    def holds(name: str) -> bool:
        return name in records.column_names and records[name].null_count < len(records)

    return [need for need in trace.needs if not any(holds(name) for name in need.split("|"))]


def _of_kinds(table: pa.Table, trace: Trace) -> pa.Table:
    """Return the records of the kinds that a trace reads, with the time of what they refer to where it needs that."""
    _require(table, ("record_id", "account_id", "created_at", "kind"), trace)
    whole = with_original_at(table) if trace.object == "author_reached_fast" else table
    return whole.filter(pc.is_in(table["kind"], value_set=pa.array(trace.kinds))).combine_chunks()


def observed(table: pa.Table) -> pa.Table:
    """Return rows of the accounts table in the form of records: the time is when the account looked like this.

    Parameters
    ----------
    table : pyarrow.Table
        ``account_id`` and other columns of ``ACCOUNTS``; ``record_id`` is made of the file and the row.
    """
    seen = table["observed_at"] if "observed_at" in table.column_names else pa.nulls(len(table), _UTC)
    digests = table["source_sha256"] if "source_sha256" in table.column_names else pa.nulls(len(table), pa.string())
    rows = table["source_row"] if "source_row" in table.column_names else pa.array(range(len(table)), pa.int64())
    record_ids = pc.binary_join_element_wise(
        "account", digests, rows.cast(pa.string()), ":", null_handling="replace", null_replacement=""
    )
    columns = {name: table[name] for name in table.column_names if name not in {"created_at", "record_id"}}
    return pa.table(columns | {"created_at": seen, "record_id": record_ids}).combine_chunks()


def _declared(table: pa.Table) -> pa.Table:
    """Return the table with its texts as plain text, however Arrow holds them: large, as views or in a dictionary."""
    for number, field in enumerate(table.schema):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
        if text and field.type != pa.string():
            table = table.set_column(number, field.name, table[field.name].cast(pa.string()))
    return table


def _require(table: pa.Table, always: tuple[str, ...], trace: Trace) -> None:
    for name in always:
        if name not in table.column_names:
            raise TableError(f"{trace.table}: column {name} is missing, which trace {trace.name} needs.")
    missing = [need for need in trace.needs if not any(name in table.column_names for name in need.split("|"))]
    if missing:
        raise TableError(
            f"{trace.table}: column {missing[0].replace('|', ' or ')} is missing, which trace {trace.name} needs."
        )


def read_actions(records: pa.Table | pd.DataFrame, trace: Trace) -> pa.Table:
    """Return the actions that one trace reads from records, in the schema ``ACTIONS``.

    Parameters
    ----------
    records : pyarrow.Table or pandas.DataFrame
        Columns of ``RECORDS``; at least record_id, account_id, created_at, kind and what the trace needs. For a trace
        of the accounts table: columns of ``ACCOUNTS``, at least account_id.
    trace : Trace
        Any declaration.

    Returns
    -------
    pyarrow.Table
        One row per record and object, in the order of the records. ``source_id`` is null throughout where no record
        tells whose the objects are. The schema's metadata ``skipped`` holds, as JSON, how many records could not be
        read and why.

    Raises
    ------
    TableError
        Where the records lack a column; the sentence names it.
    """
    table = records if isinstance(records, pa.Table) else pa.Table.from_pandas(records, preserve_index=False)
    table = _declared(table)
    if trace.table == "accounts":
        _require(table, ("account_id",), trace)
    rows = observed(table) if trace.table == "accounts" else _of_kinds(table, trace)
    touched = OBJECTS[trace.object](rows)
    sources = SOURCES[trace.source](rows, touched)
    acting = rows.select(["account_id", "created_at", "record_id"]).take(touched.row)
    schema = ACTIONS.schema
    columns = {
        "trace": pa.array([trace.name], type=pa.string()).take(pa.nulls(len(acting), pa.int64()).fill_null(0)),
        "account_id": acting["account_id"],
        "object_id": touched.object,
        "source_id": sources,
        "t": acting["created_at"],
        "record_id": acting["record_id"],
    }
    ordered = pa.table([columns[f.name] for f in schema], names=schema.names).cast(schema, safe=False)
    by_row = pc.sort_indices(
        pa.table({"row": touched.row, "object": touched.object}),
        sort_keys=[("row", "ascending"), ("object", "ascending")],
    )
    return ordered.take(by_row).replace_schema_metadata({**schema.metadata, b"skipped": json.dumps(touched.skipped)})
