"""When the post that a record refers to was made: from its own record, else from what its id says.

Ids of posts on X since 4 November 2010 ("snowflakes") carry the time of their making: the bits above the lowest 22 are
milliseconds since 1288834974657 ms of 1970. Ids of other platforms carry none that is documented.

References
----------
Twitter (2010), Announcing Snowflake (engineering blog). Pfeffer et al. (2023), Just another day on Twitter, ICWSM 17,
which uses the property.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["ORIGINAL_AT", "original_at", "with_original_at"]

ORIGINAL_AT = "_original_at"
"""Column that :func:`with_original_at` adds: when the referenced post was made; null where nothing tells."""

_EPOCH_MS = 1_288_834_974_657
_SHIFT = 22
_LEAST = 1 << 37
_DIGITS = (12, 19)
_COARSEST_S = 30.0
_UTC = pa.timestamp("us", tz="UTC")


def with_original_at(records: pa.Table) -> pa.Table:
    """Return the records with the column :data:`ORIGINAL_AT`."""
    return records.append_column(ORIGINAL_AT, original_at(records))


def original_at(records: pa.Table) -> pa.Array:
    """Return when the post that each record refers to was made, timestamp in UTC; null where nothing tells.

    Parameters
    ----------
    records : pyarrow.Table
        ``record_id, created_at, ref_record_id`` and, where there are, ``platform`` and ``time_precision_s``. The time
        of an original counts where its clock is known to 30 s or better, or its step is not told.

    Notes
    -----
    A post that was quoted from memory by an export may carry an id that is not its own; a delay below zero then is no
    delay.
    """
    refs = records["ref_record_id"].combine_chunks()
    from_id = _from_id(records, refs)
    fine = _fine(records)
    keys, wanted = records["record_id"].combine_chunks(), refs
    if "platform" in records.column_names:
        platforms = records["platform"].combine_chunks()
        joined = {"null_handling": "replace", "null_replacement": ""}
        keys = pc.binary_join_element_wise(platforms, keys, "\x1f", **joined)
        wanted = pc.binary_join_element_wise(platforms, refs, "\x1f", **joined)
    known = pa.table({"key": keys, "t": records["created_at"]}).filter(fine)
    first = known.group_by("key", use_threads=False).aggregate([("t", "min")])
    where = pc.index_in(wanted, value_set=first["key"].combine_chunks())
    from_records = first["t_min"].combine_chunks().take(where)
    from_records = pc.if_else(pc.is_valid(refs), from_records, pa.scalar(None, from_records.type))
    return pc.coalesce(from_records.cast(_UTC), from_id)


def _fine(records: pa.Table) -> pa.Array:
    if "time_precision_s" not in records.column_names:
        return pa.array([True] * len(records), type=pa.bool_())
    fine = pc.less_equal(records["time_precision_s"].combine_chunks(), _COARSEST_S)
    return pc.fill_null(fine, fill_value=True)


def _from_id(records: pa.Table, refs: pa.Array) -> pa.Array:
    """Return what the ids of X say; null for other platforms and for ids that are no snowflakes."""
    if "platform" not in records.column_names:
        return pa.nulls(len(refs), _UTC)
    coded = refs.dictionary_encode()
    times = [_snowflake_us(value) for value in coded.dictionary.to_pylist()]
    read = pa.array(times, type=pa.int64()).cast(_UTC).take(coded.indices)
    on_x = pc.fill_null(pc.equal(records["platform"].combine_chunks(), "x"), fill_value=False)
    return pc.if_else(on_x, read, pa.scalar(None, _UTC))


def _snowflake_us(value: str) -> int | None:
    least, most = _DIGITS
    if not (value.isascii() and value.isdigit() and least <= len(value) <= most):
        return None
    number = int(value)
    if not _LEAST <= number < 1 << 63:
        return None
    return ((number >> _SHIFT) + _EPOCH_MS) * 1000
