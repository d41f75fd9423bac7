"""Records apart by whether they are messages of complaints: what the table ``messages`` names, and all others.

Identities are read of every import, whole rows only of those imports that hold any that are wanted: an inbox is mostly
a file of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.case.store.case_tables import read_table
from spmc_tools.schema import RECORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from spmc_tools.case.store.batches import Batch
    from spmc_tools.case.store.case_tables import Sound

__all__ = ["KEY", "read_apart"]

KEY = ("platform", "record_id")


def read_apart(
    columns: Sequence[str] | None, batches: Sequence[Batch], sound: Sound, *, overlapping: bool, of_inbox: bool
) -> pa.Table:
    """Return the records that the table ``messages`` names (``of_inbox``), or all others, in the order of import.

    Parameters
    ----------
    columns : sequence of str or None
        In this order; None: all of the schema.
    batches, sound, overlapping
        As for :func:`~spmc_tools.case.store.case_tables.read_table`.

    Raises
    ------
    TableError
        Where a column is unknown.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = list(RECORDS.schema.names if columns is None else columns)
    masks = [mask if of_inbox else pc.invert(mask) for mask in _named(batches, sound, overlapping)]
    holding = [(batch, mask) for batch, mask in zip(batches, masks, strict=True) if pc.any(mask).as_py()]
    used = [batch for batch, _ in holding]
    if overlapping or any("observations" in batch.tables for batch in used):
        every = read_table("records", list(dict.fromkeys([*wanted, *KEY])), used, sound, overlapping)
        named = _among(every, read_table("messages", KEY, batches, sound, overlapping=False))
        return every.select(wanted).filter(named if of_inbox else pc.invert(named))
    table = read_table("records", wanted, used, sound, overlapping=False)
    chosen = pa.chunked_array([chunk for _, mask in holding for chunk in mask.chunks], pa.bool_())
    return table if pc.all(chosen).as_py() else table.filter(chosen)


def _named(batches: Sequence[Batch], sound: Sound, overlapping: bool) -> list[pa.ChunkedArray]:
    """Return of each import's posts whether they are messages.

    Where an import brought each record with its message, row by row, they are not looked for among those of others: a
    post is a record of one import only, unless imports overlap or observe it again.
    """
    import pyarrow as pa

    if not batches:
        return []
    ids = [read_table("records", KEY, [batch], sound, overlapping=False) for batch in batches]
    message_ids = [read_table("messages", KEY, [batch], sound, overlapping=False) for batch in batches]
    again = [overlapping or "observations" in batch.tables for batch in batches]
    beside = [len(i) > 0 and not twice and i.equals(o) for i, o, twice in zip(ids, message_ids, again, strict=True)]
    everyone = pa.concat_tables(message_ids)
    left = pa.concat_tables(
        [everyone[:0], *(said for said, alone in zip(message_ids, beside, strict=True) if not alone)]
    )
    return [
        pa.chunked_array([pa.repeat(pa.scalar(True), len(i))]) if alone else _among(i, everyone if twice else left)
        for i, alone, twice in zip(ids, beside, again, strict=True)
    ]


def _among(records: pa.Table, messages: pa.Table) -> pa.ChunkedArray:
    """Return of each record whether one of the messages names it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    named = pa.chunked_array([pa.repeat(pa.scalar(False), len(records))])
    for platform in messages["platform"].unique():
        its = messages.filter(pc.equal(messages["platform"], platform))["record_id"].combine_chunks()
        here = pc.equal(records["platform"], platform)
        named = pc.or_(named, pc.and_(here, pc.is_in(records["record_id"], value_set=its)))
    return named
