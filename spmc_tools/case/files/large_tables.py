"""Rows taken from tables of any size: one Arrow array of text holds at most 2 GB, ten million posts hold more.

Notes
-----
Arrow counts the bytes of one array of text in 31 bits, and joins all pieces of a column before it takes rows of it: a
column of more text cannot be sorted as it is. Here its pieces are joined with wider counts, and its rows come back in
pieces that each hold less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

__all__ = ["PIECE_BYTES", "pieces_of_text", "taken", "wide"]

PIECE_BYTES = 1 << 30
"""About how many bytes of text one piece of a column holds at most; a single longer text is a piece of its own."""


def taken(table: pa.Table, rows: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Return rows of a table in the order asked for, with the same types, however much text it holds.

    Parameters
    ----------
    table : pyarrow.Table
    rows : pyarrow array of whole numbers
        Positions, from 0, none null.
    """
    import pyarrow as pa

    columns = [_taken(column, rows) for column in table.columns]
    return pa.table(columns, schema=table.schema)


def _taken(column: pa.ChunkedArray, rows: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa

    if not pa.types.is_string(column.type) or column.nbytes <= PIECE_BYTES:
        return column.take(rows)
    return pa.chunked_array(pieces_of_text(wide(column), rows), pa.string())


def wide(column: pa.ChunkedArray) -> pa.Array:
    """Return a column of text as one array that counts its bytes in 63 bits."""
    import pyarrow as pa

    return column.cast(pa.large_string()).combine_chunks()


def pieces_of_text(text: pa.Array, rows: pa.Array | pa.ChunkedArray, most: int | None = None) -> Iterator[pa.Array]:
    """Yield the texts at some rows, in their order, as arrays of plain text of at most about ``most`` bytes.

    Parameters
    ----------
    text : pyarrow.LargeStringArray
        As :func:`wide` gives it.
    rows : pyarrow array of whole numbers
        Positions in it.
    most : int, optional
        Bytes; :data:`PIECE_BYTES` where None.
    """
    import numpy as np
    import pyarrow as pa

    most = PIECE_BYTES if most is None else most
    ends = np.frombuffer(text.buffers()[1], np.int64)[text.offset : text.offset + len(text) + 1]
    at = np.asarray(rows)
    upto = np.cumsum(ends[at + 1] - ends[at])
    whole = int(upto[-1]) if upto.size else 0
    cuts = np.unique(np.concatenate([[0], np.searchsorted(upto, np.arange(most, whole, most)) + 1, [upto.size]]))
    for begin, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        yield text.take(pa.array(at[begin:end])).cast(pa.string())
