"""Rows of an importer as Arrow tables in the schema of a case.

An importer makes plain tuples, :class:`Record` and :class:`Account`; here they become columns. Times are whole
microseconds since 1970 in UTC, so nothing is rounded on the way.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.schema import ACCOUNTS, DESK_TABLES, GROUP_EVENTS, RECORDS, REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spmc_tools.schema import Table

__all__ = [
    "RAW_LIMIT",
    "TABLES_OF_ROWS",
    "Account",
    "GroupEvent",
    "Record",
    "Refusal",
    "accounts_table",
    "desk_table",
    "group_events_table",
    "records_table",
    "refused_table",
]

RAW_LIMIT = 10_000
"""Characters of a refused row that are kept in ``refused.raw``."""

_METRICS = ("likes", "reposts", "replies", "views")


class Record(NamedTuple):
    """One post: the columns of ``records`` without ``source_sha256``; times in µs, the metrics side by side."""

    record_id: str
    platform: str
    account_id: str
    created_at: int
    kind: str
    source_row: int
    time_precision_s: float | None = None
    url: str | None = None
    surface_id: str | None = None
    text: str | None = None
    lang: str | None = None
    ref_record_id: str | None = None
    ref_account_id: str | None = None
    conversation_id: str | None = None
    edited_at: int | None = None
    deleted_seen_at: int | None = None
    urls: list[str] | None = None
    hashtags: list[str] | None = None
    mentions: list[str] | None = None
    media: list[dict[str, str | None]] | None = None
    client: str | None = None
    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    views: int | None = None
    collected_at: int | None = None


class Account(NamedTuple):
    """One account at one moment: the columns of ``accounts`` without ``source_sha256``; times in µs."""

    account_id: str
    platform: str
    source_row: int
    handle: str | None = None
    display_name: str | None = None
    created_at: int | None = None
    description: str | None = None
    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    verified: bool | None = None
    location_text: str | None = None
    observed_at: int | None = None

    @property
    def look(self) -> tuple[object, ...]:
        """Everything but the row it stood on: equal where a file repeats the same account unchanged."""
        return (*self[:2], *self[3:])


class GroupEvent(NamedTuple):
    """One event of a group: the columns of ``group_events`` without ``source_sha256``; times in µs."""

    event_id: str
    platform: str
    surface_id: str
    event: str
    happened_at: int
    source_row: int
    time_precision_s: float | None = None
    actor: str | None = None
    affected: list[str] | None = None
    value: str | None = None
    text: str | None = None


class Refusal(NamedTuple):
    """One row that could not be kept: its number, the reason in one sentence, the row as text."""

    source_row: int
    reason: str
    raw: str | None = None


def _column(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    """Return an Arrow array; times come as whole microseconds."""
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    return pa.array(values, kind)


def records_table(rows: Sequence[Record], sha256: str) -> pa.Table:
    """Return rows as a table of ``schema.RECORDS``, in the order given.

    Parameters
    ----------
    rows : sequence of Record
        May be empty.
    sha256 : str
        Hash of the file that they stand in.

    Raises
    ------
    UnicodeEncodeError
        Where a text holds half of a surrogate pair.
    """
    columns = dict(zip(Record._fields, zip(*rows, strict=True), strict=True)) if rows else {}
    arrays = []
    for column in RECORDS.columns:
        if column.name == "source_sha256":
            arrays.append(pa.repeat(pa.scalar(sha256, pa.string()), len(rows)))
        elif column.name == "metrics":
            parts = [pa.array(columns.get(name, ()), pa.int64()) for name in _METRICS]
            none = reduce(pc.and_, [part.is_null() for part in parts])
            arrays.append(pa.StructArray.from_arrays(parts, _METRICS, mask=none))
        else:
            arrays.append(_column(columns.get(column.name, ()), column.type))
    return pa.Table.from_arrays(arrays, schema=RECORDS.schema)


def accounts_table(rows: Sequence[Account], sha256: str) -> pa.Table:
    """Return rows as a table of ``schema.ACCOUNTS``, in the order given; see :func:`records_table`."""
    return _plain_table(rows, Account._fields, ACCOUNTS, sha256)


def group_events_table(rows: Sequence[GroupEvent], sha256: str) -> pa.Table:
    """Return rows as a table of ``schema.GROUP_EVENTS``, in the order given; see :func:`records_table`."""
    return _plain_table(rows, GroupEvent._fields, GROUP_EVENTS, sha256)


def _plain_table(rows: Sequence[tuple[Any, ...]], names: Sequence[str], table: Table, sha256: str) -> pa.Table:
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {}
    arrays = [
        pa.repeat(pa.scalar(sha256, pa.string()), len(rows))
        if column.name == "source_sha256"
        else _column(columns.get(column.name, ()), column.type)
        for column in table.columns
    ]
    return pa.Table.from_arrays(arrays, schema=table.schema)


def desk_table(name: str, rows: Sequence[Mapping[str, object]], sha256: str) -> pa.Table:
    """Return rows as a table of ``schema.DESK_TABLES``, in the order given; a missing key is null, times are in µs."""
    arrays = [
        pa.repeat(pa.scalar(sha256, pa.string()), len(rows))
        if column.name == "source_sha256"
        else _column([row.get(column.name) for row in rows], column.type)
        for column in DESK_TABLES[name].columns
    ]
    return pa.Table.from_arrays(arrays, schema=DESK_TABLES[name].schema)


def refused_table(rows: Sequence[Refusal], sha256: str) -> pa.Table:
    r"""Return rows as a table of ``schema.REFUSED``; ``raw`` is cut at :data:`RAW_LIMIT` characters.

    What cannot be written as UTF-8 (half a surrogate pair) stands as a ``\u`` escape in ``raw``.
    """
    return REFUSED.from_rows(
        [
            {
                "source_sha256": sha256,
                "source_row": row.source_row,
                "reason": row.reason,
                "raw": None
                if row.raw is None
                else row.raw[:RAW_LIMIT].encode("utf-8", "backslashreplace").decode("utf-8"),
            }
            for row in rows
        ]
    )


TABLES_OF_ROWS: dict[str, Callable[[Any, str], pa.Table]] = {
    "records": records_table, "accounts": accounts_table, "group_events": group_events_table, "refused": refused_table,
}  # fmt: skip
"""By the name of a table: what makes it from rows of its kind and the hash of their file."""
