"""The rows of a file as they cross the border of the cage: tables without the hash of their file.

Whose rows they are the keeping side knows and says; of the posts it looks at the few columns by which it tells a new
one from one that it has, and keeps or leaves out whole rows of the table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from spmc_tools.importers.fields.rows import TABLES_OF_ROWS, GroupEvent, desk_table
from spmc_tools.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from spmc_tools.importers.engine.importer import Chunk

__all__ = ["ReceivedChunk", "Seen", "chosen", "received_chunk", "renamed", "tables_of"]

_SOURCE = "source_sha256"
_DESK = "desk:"


class Seen(NamedTuple):
    """Of a post what tells whether it is new; ``place`` is its row in the table of its chunk."""

    record_id: str
    platform: str
    account_id: str
    created_at: int
    kind: str
    source_row: int
    time_precision_s: float | None
    surface_id: str | None
    text: str | None
    conversation_id: str | None
    ref_record_id: str | None
    edited_at: int | None
    deleted_seen_at: int | None
    place: int


@dataclass(slots=True)
class ReceivedChunk:
    """A piece of a file that came out of the cage; see :class:`~spmc_tools.importers.engine.importer.Chunk`."""

    read: int
    kept_accounts: int
    duplicates: int
    table: pa.Table | None = None
    records: list[Seen] = field(default_factory=list)
    accounts: pa.Table | None = None
    refused: pa.Table | None = None
    events: list[GroupEvent] = field(default_factory=list)
    desk: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def tables_of(chunk: Chunk) -> dict[str, pa.Table]:
    """Return the rows of a chunk as tables, on the side of the cage."""
    made = {
        "records": chunk.records, "accounts": chunk.accounts, "group_events": chunk.events, "refused": chunk.refused,
    }  # fmt: skip
    found = {name: TABLES_OF_ROWS[name](rows, "") for name, rows in made.items() if rows}
    found |= {_DESK + name: desk_table(name, rows, "") for name, rows in chunk.desk.items()}
    return {name: table.drop_columns([_SOURCE]) for name, table in found.items()}


def received_chunk(counts: Mapping[str, int], tables: Mapping[str, pa.Table], sha256: str) -> ReceivedChunk:
    """Return the chunk that came out of the cage, its rows named as those of the file with this hash.

    Raises
    ------
    ValueError, KeyError, TypeError
        Where it is not as a chunk is.
    """
    whole = {name: _whole(table, name.removeprefix(_DESK), sha256) for name, table in tables.items()}
    chunk = ReceivedChunk(int(counts["read"]), int(counts["kept_accounts"]), int(counts["duplicates"]))
    if min(chunk.read, chunk.kept_accounts, chunk.duplicates) < 0:
        raise ValueError("a count is below 0")
    chunk.table, chunk.accounts, chunk.refused = (whole.get(name) for name in ("records", "accounts", "refused"))
    if chunk.table is not None:
        chunk.records = _seen(chunk.table)
    if "group_events" in whole:
        names = GroupEvent._fields
        chunk.events = [GroupEvent(**{name: row[name] for name in names}) for row in _rows(whole["group_events"])]
    chunk.desk = {name.removeprefix(_DESK): list(_rows(table)) for name, table in whole.items() if name[:5] == _DESK}
    return chunk


def chosen(table: pa.Table, records: Sequence[Seen]) -> pa.Table:
    """Return the rows of a table that these records are, under their ids as they are now."""
    import pyarrow as pa

    if len(records) != table.num_rows or any(record.place != i for i, record in enumerate(records)):
        table = table.take(pa.array([record.place for record in records], pa.int64()))
    return table


def renamed(table: pa.Table, records: Sequence[Seen]) -> pa.Table:
    """Return :func:`chosen` rows with the ids that the records have now."""
    import pyarrow as pa

    found = chosen(table, records)
    ids = pa.array([record.record_id for record in records], pa.string())
    return found.set_column(found.schema.get_field_index("record_id"), found.schema.field("record_id"), ids)


def _whole(table: pa.Table, name: str, sha256: str) -> pa.Table:
    """Return a table in the schema of the case, with the hash of its file."""
    import pyarrow as pa

    schema = TABLES[name].schema
    if table.schema.names != [column for column in schema.names if column != _SOURCE]:
        raise ValueError(f"{name} has other columns")
    table = table.combine_chunks()
    arrays = [
        pa.repeat(pa.scalar(sha256, pa.string()), table.num_rows) if column == _SOURCE else table[column]
        for column in schema.names
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _seen(table: pa.Table) -> list[Seen]:
    columns = [_values(table[name]) for name in Seen._fields[:-1]]
    return list(map(Seen._make, zip(*columns, range(table.num_rows), strict=False)))


def _values(column: pa.ChunkedArray) -> Iterable[Any]:
    """Return the values of a column as Python has them, times as whole microseconds; in bulk."""
    import pyarrow as pa

    if column.null_count == len(column):
        return repeat(None, len(column))
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    if pa.types.is_string(column.type) or not column.null_count:
        found: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
        return found
    return list(column.to_pylist())


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Give rows as they were before they were columns: times as whole microseconds, without the hash of the file."""
    import pyarrow as pa

    names = [name for name in table.schema.names if name != _SOURCE]
    columns = [
        (table[name].cast(pa.int64()) if pa.types.is_timestamp(table[name].type) else table[name]).to_pylist()
        for name in names
    ]
    for row in zip(*columns, strict=True):
        yield dict(zip(names, row, strict=True))
