"""Action tables: what may be given, what is refused, and the numbered form that the kernel reads.

An action table has ``account_id``, ``object_id`` (text or whole numbers) and ``t`` (times, or seconds since
1970); ``source_id`` and ``record_id`` are optional. It may be a DataFrame, an Arrow table, a path or glob of
Parquet files, or an Ibis table. :func:`parts` reads any of them piece by piece and refuses what cannot be
counted; :func:`encode` numbers the ids of the whole.
"""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Sized
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.coaction.traces.arrow_columns import from_numpy, one_array, to_numpy
from spmc_tools.errors import ActionsError, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EncodedActions", "TimeKind", "encode", "of_spark", "parts", "size"]

Codes: TypeAlias = npt.NDArray[np.int32]
Micros: TypeAlias = npt.NDArray[np.int64]
TimeKind: TypeAlias = Literal["datetime", "int", "float"]

REQUIRED = ("account_id", "object_id", "t")
OPTIONAL = ("source_id", "record_id")

_LIMIT_US = 1 << 61
_ROWS_AT_A_TIME = 1 << 20
_PER_UNIT = {"s": 1_000_000, "ms": 1_000}


@dataclass(frozen=True)
class EncodedActions:
    """Actions in the order given, with ids as whole numbers that stand in the order of the ids.

    Attributes
    ----------
    account, object : int32 array of shape (n,)
        Codes into ``accounts`` and ``objects``.
    source : int32 array of shape (n,) or None
        Codes into ``sources``, -1 where a row has none; None: no row names a source.
    t_us : int64 array of shape (n,)
        Microseconds since 1970 (UTC), rounded down from nanoseconds, to the nearest from seconds.
    accounts, objects, sources : pyarrow.Array
        The ids of each code, ascending and each once: text by code point, whole numbers by value.
    record : pyarrow.Array or None
        ``record_id`` as given; None: the table has no such column.
    n : int
        Number of actions.
    time_kind : {"datetime", "int", "float"}
        How ``t`` was given: times, or seconds.
    """

    account: Codes
    object: Codes
    source: Codes | None
    t_us: Micros
    accounts: pa.Array
    objects: pa.Array
    sources: pa.Array | None
    record: pa.Array | None
    n: int
    time_kind: TimeKind


def encode(actions: object, optional: tuple[str, ...] = OPTIONAL) -> EncodedActions:
    """Return the actions with their ids numbered in the order of the ids; no row is dropped.

    Parameters
    ----------
    actions : DataFrame, Arrow table, path or glob of Parquet, or Ibis table
        Columns as in the head of this module; others are not read.
    optional : tuple of str
        Which of ``source_id`` and ``record_id`` to read where present; what is not read is None in the result.

    Raises
    ------
    ActionsError
        A column is missing or of a type that cannot be read, or an id or a time is null; the sentence names
        column and row (rows count from 0, over all files in the order of their names).
    """
    tables = list(parts(actions, optional))
    kind = time_kind_of(tables[0])
    whole = _joined(tables)
    account, accounts = _numbered(whole["account_id"], "account_id")
    objects_of, objects = _numbered(whole["object_id"], "object_id")
    t_us = to_numpy(whole["t_us"])
    source = sources = record = None
    if "source_id" in whole.column_names and whole["source_id"].null_count < len(whole):
        source, sources = _numbered(whole["source_id"], "source_id")
    if "record_id" in whole.column_names:
        record = one_array(whole["record_id"])
    return EncodedActions(account, objects_of, source, t_us, accounts, objects, sources, record, len(whole), kind)


def parts(actions: object, optional: tuple[str, ...] = ()) -> Iterator[pa.Table]:
    """Yield the actions piece by piece, checked; pieces hold rows, but for a single one where there are none.

    Parameters
    ----------
    actions : DataFrame, Arrow table, path or glob of Parquet, or Ibis table
        Read once, in order.
    optional : tuple of str
        Which of ``source_id`` and ``record_id`` to keep where present.

    Yields
    ------
    pyarrow.Table
        ``account_id`` and ``object_id`` (text, int64, or dictionaries of these), ``t_us`` (int64), the
        optional columns. The metadata key ``time_kind`` of its schema says how ``t`` was given.

    Raises
    ------
    ActionsError
        As :func:`encode`.
    """
    first = empty = None
    row = 0
    for raw in _raw(actions, (*REQUIRED, *optional)):
        part = _checked(raw, optional, row)
        if not len(part):
            empty = part
            continue
        first = part if first is None else first
        _same_kinds(first, part, row)
        row += len(part)
        yield part
    if first is None and empty is not None:
        yield empty


def size(actions: object) -> tuple[int, int]:
    """Return how many actions there are and how many bytes their ids will take unpacked, before any is read.

    Both are 0 where it cannot be known cheaply. Ids of Parquet files are read packed, and count as nothing.
    """
    import pyarrow.parquet as pq

    if isinstance(actions, EncodedActions):
        return actions.n, 0
    if isinstance(actions, str | os.PathLike):
        try:
            return sum(pq.read_metadata(path).num_rows for path in _parquet_files(actions)), 0
        except (pa.ArrowException, OSError):
            return 0, 0  # reading it says what is wrong
    if isinstance(actions, pa.Table):
        return len(actions), sum(actions[n].nbytes for n in REQUIRED[:2] if actions.column_names.count(n) == 1)
    pandas = type(actions).__module__.startswith("pandas.")
    return (len(actions) if pandas and isinstance(actions, Sized) else 0), 0


def of_spark(thing: object, name: str) -> bool:
    """Say whether something is a DataFrame or SparkSession, classic or of Spark Connect; Spark is not loaded for it."""
    return any(c.__module__.startswith("pyspark.sql") and c.__name__ == name for c in type(thing).__mro__)


def time_kind_of(part: pa.Table) -> TimeKind:
    """Return how ``t`` was given in a piece that :func:`parts` yielded."""
    kind: TimeKind = part.schema.metadata[b"time_kind"].decode()
    return kind


def text_or_int(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return ids of a piece as plain text or int64, whatever they were packed as."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.int64() if pa.types.is_integer(column.type) else pa.large_string())


# -- reading ----------------------------------------------------------------------------------------------------


def _raw(actions: object, wanted: tuple[str, ...]) -> Iterator[pa.Table]:
    family = type(actions).__module__.partition(".")[0]
    if isinstance(actions, str | os.PathLike):
        yield from _from_parquet(_parquet_files(actions), wanted)
    elif isinstance(actions, pa.Table | pa.RecordBatch):
        table = pa.Table.from_batches([actions]) if isinstance(actions, pa.RecordBatch) else actions
        yield _selected(table, wanted)
    elif family == "pandas" and type(actions).__name__ == "DataFrame":
        yield _from_pandas(actions, wanted)
    elif family == "ibis" and hasattr(actions, "to_parquet"):
        yield from _from_ibis(actions, wanted)
    else:
        raise ActionsError(
            f"Actions: found {quote(type(actions).__name__)}, wanted a DataFrame, an Arrow table, "
            "a path or glob of Parquet files, or an Ibis table."
        )


def _need(names: list[str], where: str = "Actions") -> None:
    for name in REQUIRED:
        if names.count(name) != 1:
            seen = ", ".join(quote(n, 30) for n in names[:12]) or "none"
            fault = "is missing" if name not in names else "stands there more than once"
            raise ActionsError(f"{where}: column {name} {fault}; columns found: {seen}.")
    for name in OPTIONAL:
        if names.count(name) > 1:
            raise ActionsError(f"{where}: column {name} stands there more than once; keep one of them.")


def _selected(table: pa.Table, wanted: tuple[str, ...]) -> pa.Table:
    _need(table.column_names)
    return table.select([name for name in wanted if name in table.column_names])


def _from_pandas(frame: Any, wanted: tuple[str, ...]) -> pa.Table:
    names = [str(name) for name in frame.columns]
    _need(names)
    return pa.table({name: _from_series(frame[name], name) for name in wanted if name in names})


def _from_series(series: Any, name: str) -> pa.ChunkedArray:
    try:
        found = pa.Array.from_pandas(series)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        _refuse_object(series, name, error)
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def _refuse_object(series: Any, name: str, error: Exception) -> NoReturn:
    """Say which row of a column of Python objects does not go with the rows before it."""
    wanted = "times, or seconds as numbers" if name == "t" else "all text or all whole numbers"
    expected: type | None = None
    for row, value in enumerate(series):
        try:
            if not pa.scalar(value, from_pandas=True).is_valid:
                continue
            expected = expected or type(value)
            fits = type(value) is expected
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            fits = False
        if not fits:
            raise ActionsError(
                f"Actions: column {name}, row {row} holds {quote(value)} ({type(value).__name__}), wanted {wanted}."
            ) from error
    raise ActionsError(f"Actions: column {name} cannot be read, wanted {wanted}.") from error


def _parquet_files(where: str | os.PathLike[str]) -> list[Path]:
    path = Path(where)
    try:
        if not os.fspath(where):
            files = []
        elif path.is_dir():
            files = sorted(path.rglob("*.parquet"))
        elif path.exists():
            files = [path]
        else:
            files = sorted(Path(name) for name in glob.glob(str(where), recursive=True))  # noqa: PTH207 (may be absolute)
    except (OSError, ValueError):  # a name that no file can have
        files = []
    if not files:
        raise ActionsError(f"Actions: no Parquet file at {quote(where, 200)}; give a path, a folder or a glob.")
    return files


def _from_parquet(files: list[Path], wanted: tuple[str, ...]) -> Iterator[pa.Table]:
    import pyarrow.parquet as pq

    for path in files:
        try:
            metadata = pq.read_metadata(path)
            schema = metadata.schema.to_arrow_schema()
            _need(schema.names, f"Actions: file {quote(path.name)}")
            columns = [name for name in wanted if name in schema.names]
            packed = [name for name in columns if name != "record_id" and _is_text(schema.field(name).type)]
            with pq.ParquetFile(path, metadata=metadata, read_dictionary=packed) as file:
                yield pa.Table.from_batches([], schema).select(columns)
                for batch in file.iter_batches(_ROWS_AT_A_TIME, columns=columns):
                    yield pa.Table.from_batches([batch]).select(columns)
        except (pa.ArrowException, OSError) as error:
            raise ActionsError(f"Actions: file {quote(path.name)} cannot be read as Parquet.") from error


def _from_ibis(table: Any, wanted: tuple[str, ...]) -> Iterator[pa.Table]:
    names = list(table.columns)
    _need(names)
    chosen = table.select(*(name for name in wanted if name in names))
    with tempfile.TemporaryDirectory(prefix="spmc-actions-") as folder:
        file = Path(folder, "actions.parquet")
        chosen.to_parquet(file)
        yield from _from_parquet([file], wanted)


# -- checking ---------------------------------------------------------------------------------------------------


def _checked(raw: pa.Table, optional: tuple[str, ...], row: int) -> pa.Table:
    columns = {name: _ids(raw[name], name, row) for name in ("account_id", "object_id")}
    columns["t_us"], kind = _microseconds(raw["t"], row)
    for name in optional:
        if name in raw.column_names:
            columns[name] = _ids(raw[name], name, row, nulls=True) if name == "source_id" else raw[name]
    return pa.table(columns).replace_schema_metadata({"time_kind": kind})


def _same_kinds(first: pa.Table, part: pa.Table, row: int) -> None:
    if part is first:
        return
    if time_kind_of(first) != time_kind_of(part):
        raise ActionsError(f"Actions: column t changes its type at row {row}; all files need the same.")
    for name in ("account_id", "object_id", "source_id"):
        if (name in first.column_names) != (name in part.column_names):
            raise ActionsError(f"Actions: column {name} stands in some files only; it changes at row {row}.")
        if name in part.column_names and _is_int(first[name].type) != _is_int(part[name].type):
            raise ActionsError(
                f"Actions: column {name} changes between text and whole numbers at row {row}; all files need the same."
            )


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_int(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(_value_type(kind)))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _ids(column: pa.ChunkedArray, name: str, row: int, *, nulls: bool = False) -> pa.ChunkedArray:
    """Return ids as text or int64, or a dictionary of these without a null in it."""
    kind = _value_type(column.type)
    if pa.types.is_null(kind) or not len(column):
        column = column.cast(pa.int64() if pa.types.is_integer(kind) else pa.string())
    elif pa.types.is_floating(kind):
        _refuse_null(column, name, row, nulls)
        raise ActionsError(
            f"Actions: column {name} holds numbers with fractions ({kind}), wanted text or whole numbers."
        )
    elif not (_is_text(kind) or pa.types.is_integer(kind)):
        raise ActionsError(f"Actions: column {name} holds {quote(kind)}, wanted text or whole numbers.")
    if pa.types.is_dictionary(column.type):
        column = _sound_dictionary(column, name)
    elif pa.types.is_integer(kind):
        column = _as_int64(column, name, row)
    _refuse_null(column, name, row, nulls)
    return column


def _sound_dictionary(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        raise ActionsError(f"Actions: column {name} is a broken dictionary: {quote(error, 120)}.") from error
    if any(chunk.dictionary.null_count for chunk in column.chunks):
        column = column.cast(column.type.value_type)
    return column


def _as_int64(column: pa.ChunkedArray, name: str, row: int) -> pa.ChunkedArray:
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid as error:
        big = pc.greater(column, pa.scalar(2**63 - 1, pa.uint64())).index(True).as_py()
        raise ActionsError(
            f"Actions: column {name}, row {row + big} holds a number above 2^63; give such ids as text."
        ) from error


def _refuse_null(column: pa.ChunkedArray, name: str, row: int, nulls: bool) -> None:
    if nulls or not len(column):
        return
    null = column.is_null(nan_is_null=True) if pa.types.is_floating(column.type) else column.is_null()
    if column.null_count or pa.types.is_floating(column.type):
        at = null.index(True).as_py()
        if at >= 0:
            what = "time" if name == "t" else "id"
            raise ActionsError(f"Actions: column {name}, row {row + at} is null; every action needs its {what}.")


def _microseconds(column: pa.ChunkedArray, row: int) -> tuple[pa.ChunkedArray, TimeKind]:
    """Return times as whole microseconds and how they were given."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_null(kind):
        column, kind = column.cast(pa.timestamp("us", tz="UTC")), pa.timestamp("us", tz="UTC")
    _refuse_null(column, "t", row, nulls=False)
    if pa.types.is_timestamp(kind):
        ticks = to_numpy(column.cast(pa.int64()))
        return _in_range(ticks // 1_000 if kind.unit == "ns" else ticks, _PER_UNIT.get(kind.unit, 1), row), "datetime"
    if pa.types.is_integer(kind):
        big = pa.types.is_uint64(kind)
        seconds = to_numpy(column.cast(pa.float64() if big else pa.int64(), safe=False))
        return _in_range(seconds, 1_000_000, row), "int"
    if pa.types.is_floating(kind):
        return _in_range(to_numpy(column.cast(pa.float64())), 1_000_000, row), "float"
    raise ActionsError(
        f"Actions: column t holds {quote(kind)}, wanted times or seconds since 1970; "
        "pandas.to_datetime(..., utc=True) makes times of text."
    )


def _in_range(ticks: npt.NDArray[Any], per_tick: int, row: int) -> pa.ChunkedArray:
    """Return ``ticks * per_tick`` in int64; refuse what lies beyond ± 2^61 µs (73,000 years)."""
    outside = ~((ticks > -(_LIMIT_US // per_tick)) & (ticks < _LIMIT_US // per_tick))
    if outside.any():
        at = int(np.argmax(outside))
        raise ActionsError(
            f"Actions: column t, row {row + at} holds {quote(ticks[at])}, which is no time "
            "within 73,000 years of 1970; seconds are wanted, not milliseconds."
        )
    if ticks.dtype.kind == "f":
        ticks = np.floor(ticks * per_tick + 0.5).astype(np.int64)
    elif per_tick != 1:
        ticks = ticks.astype(np.int64) * per_tick
    return pa.chunked_array([from_numpy(ticks.astype(np.int64, copy=False))])


# -- numbering --------------------------------------------------------------------------------------------------


def _joined(tables: list[pa.Table]) -> pa.Table:
    if any(t.schema != tables[0].schema for t in tables):
        tables = [_unpacked(t) for t in tables]
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise ActionsError(
            "Actions: column record_id changes its type between files; all files need the same."
        ) from error


def _unpacked(table: pa.Table) -> pa.Table:
    for i, field in enumerate(table.schema):
        if field.name.endswith("_id") and field.name != "record_id":
            table = table.set_column(i, field.name, text_or_int(table[field.name]))
    return table


def _places(values: pa.Array) -> tuple[int, int, tuple[int, ...]]:
    """Return where an array lies in memory: two at one place are the same."""
    return values.offset, len(values), tuple(buffer.address for buffer in values.buffers() if buffer is not None)


def _numbered(column: pa.ChunkedArray, name: str) -> tuple[Codes, pa.Array]:
    """Return the code of each row (-1 where null) and the ids, ascending, each once and each in use."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    if len({_places(chunk.dictionary) for chunk in column.chunks}) > 1:  # else costly, and one dictionary already
        column = column.unify_dictionaries()
    kind = column.type.value_type
    if not column.num_chunks:
        return np.zeros(0, np.int32), pa.array([], pa.int64() if pa.types.is_integer(kind) else pa.string())
    values = column.chunk(0).dictionary
    indices = pa.chunked_array([c.indices for c in column.chunks]).cast(pa.int32())
    codes = to_numpy(indices.fill_null(-1) if indices.null_count else indices)
    used = np.zeros(len(values) + 1, np.bool_)
    used[codes] = True
    used = used[:-1]
    try:
        values.validate(full=True)
        values = values.cast(pa.int64() if pa.types.is_integer(kind) else pa.string())
    except pa.ArrowInvalid as error:
        raise ActionsError(f"Actions: column {name} holds ids that cannot be read: {quote(error, 120)}.") from error
    order = to_numpy(pc.sort_indices(values))
    order = order[used[order]]
    ids = values.take(from_numpy(order))
    new = np.ones(len(order), np.bool_)
    new[1:] = to_numpy(pc.not_equal(ids[1:], ids[:-1]))
    rank = np.full(len(values) + 1, -1, np.int32)
    rank[order] = np.cumsum(new) - 1
    return rank[codes], ids.take(from_numpy(np.flatnonzero(new)))
