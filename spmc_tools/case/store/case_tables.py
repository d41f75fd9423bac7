"""One table out of the imports that are in use, and one row per post, whatever was received twice.

A post that comes again is kept as a row of ``observations``. It changes nothing of the post's text or place; what can
change after posting is taken from the observation that is latest (by ``collected_at``, else by the import):

* ``metrics`` and ``collected_at``: of the latest observation that gives any figure;
* ``edited_at``: the latest that any observation tells; ``deleted_seen_at``: the earliest.

Where the first file of a post is set aside, the next observation stands in for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.large_tables import taken
from spmc_tools.errors import TableError, quote
from spmc_tools.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from spmc_tools.case.store.batches import Batch

    Sound = Callable[[Mapping[str, Any]], Path]

__all__ = ["first_rows", "read_rows", "read_table", "records_of"]

_KEY = ("platform", "record_id")
_CHANGING = ("metrics", "collected_at", "edited_at", "deleted_seen_at")
_LATEST = """
SELECT min(seq) AS first,
       arg_max({'m': metrics, 'c': collected_at}, nth) FILTER (WHERE counted) AS best,
       arg_max(collected_at, nth) AS seen,
       max(edited_at) AS edited_at,
       min(deleted_seen_at) AS deleted_seen_at
FROM (
    SELECT *, row_number() OVER (ORDER BY coalesce(collected_at, imported_at), seq) AS nth,
           coalesce(metrics.likes, metrics.reposts, metrics.replies, metrics.views) IS NOT NULL AS counted
    FROM again
)
GROUP BY platform, record_id
ORDER BY first
"""


def read_table(
    name: str, columns: Sequence[str] | None, batches: Sequence[Batch], sound: Sound, overlapping: bool
) -> pa.Table:
    """Return a table of these imports, in their order.

    Parameters
    ----------
    name : str
        A table that an import writes.
    columns : sequence of str or None
        In this order; None: all of the schema.
    batches : sequence of Batch
        The imports in use.
    sound : callable
        Description of a table file -> its path, after comparing its hash.
    overlapping : bool
        Whether two imports can hold one post as a record, as after an import was set aside and taken back.

    Raises
    ------
    TableError
        Where the table or a column is unknown.
    """
    import pyarrow as pa

    if name not in TABLES:
        raise TableError(f"Unknown table {quote(name)}; a case holds {', '.join(TABLES)}.")
    schema = TABLES[name].schema
    wanted = list(schema.names if columns is None else columns)
    for column in wanted:
        if column not in schema.names:
            raise TableError(f"{name} has no column {quote(column)}; its columns: {', '.join(schema.names)}.")
    if name == "records" and (overlapping or any("observations" in b.tables for b in batches)):
        return _once(wanted, batches, sound).select(wanted)
    schema = pa.schema([schema.field(column) for column in wanted], metadata=schema.metadata)
    parts = [_read(sound(b.tables[name]), wanted, schema) for b in batches if name in b.tables]
    return pa.concat_tables(parts) if parts else schema.empty_table()


def records_of(columns: Sequence[str], batches: Sequence[Batch], sound: Sound) -> pa.Table:
    """Return the posts that imports brought as records, in their order, without what they brought again.

    Parameters
    ----------
    columns : sequence of str
        Of the records.
    batches : sequence of Batch
        Imports of which no two hold one post as a record.
    sound : callable
        Description of a table file -> its path, after comparing its hash.
    """
    import pyarrow as pa

    whole = TABLES["records"].schema
    schema = pa.schema([whole.field(column) for column in columns], metadata=whole.metadata)
    parts = [_read(sound(b.tables["records"]), columns, schema) for b in batches if "records" in b.tables]
    return pa.concat_tables(parts) if parts else schema.empty_table()


def read_rows(columns: Sequence[str], batches: Sequence[Batch], sound: Sound, rows: Sequence[int]) -> pa.Table | None:
    """Return some rows of the records without reading all; None where posts were observed again.

    Parameters
    ----------
    columns, batches, sound : sequence of str, sequence of Batch, callable
        As for :func:`records_of`.
    rows : sequence of int
        Places in the table of all records, from 0, each below its length; the result has their order.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if any("observations" in batch.tables for batch in batches):
        return None
    whole = TABLES["records"].schema
    schema = pa.schema([whole.field(column) for column in columns], metadata=whole.metadata)
    parts, places = [schema.empty_table()], {}
    start = found = 0
    for batch in batches:
        if "records" not in batch.tables:
            continue
        path = sound(batch.tables["records"])
        stop = start + pq.read_metadata(path).num_rows
        here = sorted({row - start for row in rows if start <= row < stop})
        if here:
            parts.append(_read_some(path, columns, schema, here))
            places.update({start + row: found + n for n, row in enumerate(here)})
            found += len(here)
        start = stop
    return pa.concat_tables(parts).take(pa.array([places[row] for row in rows], pa.int64()))


def _read_some(path: Path, wanted: Sequence[str], schema: pa.Schema, rows: Sequence[int]) -> pa.Table:
    """Read some rows of a file, which are in order; DuckDB passes over what lies between them."""
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    written = set(pq.read_schema(path).names)
    there = [column for column in wanted if column in written]
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        numbers = ", ".join(map(str, rows))
        table = database.read_parquet(str(path), file_row_number=True).filter(f"file_row_number IN ({numbers})")
        table = table.order("file_row_number").select(*there).to_arrow_table()
    for column in wanted:
        if column not in there:
            table = table.append_column(column, pa.nulls(len(table), schema.field(column).type))
    return table.select(list(wanted)).cast(schema)


def _read(path: Path, wanted: Sequence[str], schema: pa.Schema) -> pa.Table:
    """Read a file; a column that was added to the schema after it was written is null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        written = set(file.schema_arrow.names)
        there = [column for column in wanted if column in written]
        table = file.read(columns=there)
    for column in wanted:
        if column not in there:
            table = table.append_column(column, pa.nulls(len(table), schema.field(column).type))
    return table.select(list(wanted)).cast(schema)


def _once(wanted: Sequence[str], batches: Sequence[Batch], sound: Sound) -> pa.Table:
    """Return each post once: its first observation, with what changed since."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = TABLES["records"].schema
    changing = [column for column in wanted if column in _CHANGING]
    needed = list(dict.fromkeys([*wanted, *_KEY, *(_CHANGING if changing else ())]))
    schema = pa.schema([whole.field(column) for column in needed], metadata=whole.metadata)
    parts, moments = [], []
    for batch in batches:
        for name in ("records", "observations"):
            if name in batch.tables:
                parts.append(_read(sound(batch.tables[name]), needed, schema))
                moments.append(pa.repeat(pa.scalar(batch.imported_at, pa.timestamp("us", tz="UTC")), len(parts[-1])))
    if not parts:
        return schema.empty_table()
    every = pa.concat_tables(parts)
    numbered = every.select(list(_KEY)).append_column("seq", pa.array(range(len(every)), pa.int64()))
    groups = numbered.group_by(list(_KEY), use_threads=False).aggregate([("seq", "min"), ("seq", "count")])
    first = groups["seq_min"].take(pc.sort_indices(groups["seq_min"]))
    if not changing or len(groups) == len(every):
        return taken(every, first)
    repeated = groups.filter(pc.greater(groups["seq_count"], 1)).select(list(_KEY))
    again = every.append_column("seq", numbered["seq"]).append_column("imported_at", pa.chunked_array(moments))
    return _with_latest(every, first, _semi(again, repeated), schema)


def first_rows(files: Iterable[Path], keys: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str | None]]:
    """Return account and text, as received first, of these posts; what the files do not hold is not there.

    Parameters
    ----------
    files : iterable of pathlib.Path
        Tables of records and observations in the order of import; read a piece at a time.
    keys : set of (str, str)
        Platform and record id.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = pa.array(sorted({record_id for _, record_id in keys}), pa.string())
    found: dict[tuple[str, str], tuple[str, str | None]] = {}
    for path in files:
        for piece in _pieces(path, [*_KEY, "account_id", "text"]):
            there = piece.filter(pc.is_in(piece["record_id"], value_set=ids))
            for platform, record_id, account, text in zip(*(c.to_pylist() for c in there.columns), strict=True):
                if (platform, record_id) in keys:
                    found.setdefault((platform, record_id), (account, text))
    return found


def _pieces(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(columns=columns)


def _semi(again: pa.Table, repeated: pa.Table) -> pa.Table:
    """Return the rows whose key is repeated, found by their numbers: Arrow joins no lists and structs."""
    keys = again.select([*_KEY, "seq"]).join(repeated, list(_KEY), join_type="left semi")
    return taken(again, keys["seq"].combine_chunks().sort())


def _with_latest(every: pa.Table, first: Any, again: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the first rows with the changing columns of the repeated ones brought up to date."""
    import duckdb
    import pyarrow as pa
    import pyarrow.compute as pc

    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.register("again", again.select([*_KEY, "seq", "imported_at", *_CHANGING]))
        latest: Any = database.sql(_LATEST).to_arrow_table().combine_chunks()
    best = latest["best"].combine_chunks()
    has_best = best.is_valid()
    fresh = {
        "metrics": pc.struct_field(best, "m"),
        "collected_at": pc.if_else(has_best, pc.struct_field(best, "c"), latest["seen"].combine_chunks()),
        "edited_at": latest["edited_at"],
        "deleted_seen_at": latest["deleted_seen_at"],
    }
    updated = taken(every, latest["first"])
    for column in _CHANGING:
        field = schema.field(column)
        values = fresh[column].cast(field.type)
        updated = updated.set_column(updated.column_names.index(column), field, values)
    rest = pc.filter(first, pc.invert(pc.is_in(first, value_set=latest["first"].combine_chunks())))
    joined = pa.concat_tables([taken(every, rest), updated.cast(schema)])
    order = pc.sort_indices(pa.concat_arrays([_one(rest), _one(latest["first"])]))
    return taken(joined, order)


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    import pyarrow as pa

    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
