"""Rows of a table brought into an order on disk, where twice the table does not fit into memory.

Columns of text are written out one after the other and let go; then the rows are taken in their new order, a part at a
time, and written again. What comes back reads from the file through the system's page cache: it is no memory that
anybody must have. The files have no name in the folder and are gone with the last table that reads them, or with the
process.
"""

from __future__ import annotations

import mmap
import tempfile
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.case.files.durable import os_errors
from spmc_tools.case.files.large_tables import pieces_of_text

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ROWS_AT_A_TIME", "ordered_on_disk"]

ROWS_AT_A_TIME = 200_000


def ordered_on_disk(columns: dict[str, pa.ChunkedArray], rows: pa.Array, folder: Path | None) -> pa.Table:
    """Return rows of some columns in the order asked for, as a table that lies in a file.

    Parameters
    ----------
    columns : dict of name -> pyarrow.ChunkedArray
        Emptied on the way, so that each is let go as soon as it is written.
    rows : pyarrow array of whole numbers
        Positions, none null.
    folder : Path or None
        Where the files lie; None: the system's folder for such.

    Raises
    ------
    CaseError
        Where the disk is full or may not be written.
    """
    names = list(columns)
    schema = pa.schema([pa.field(name, columns[name].type) for name in names])
    with os_errors("the folder for what does not fit into memory"):
        there = {name: _laid_out(columns.pop(name), folder) for name in names}
        with tempfile.TemporaryFile(dir=folder) as file:
            with pa.ipc.new_file(file, schema) as writer:
                for start in range(0, len(rows), ROWS_AT_A_TIME):
                    part = rows.slice(start, ROWS_AT_A_TIME)
                    writer.write_table(pa.table([_at(there[name], part) for name in names], schema=schema))
            return pa.ipc.open_file(pa.BufferReader(_mapped(file))).read_all()


def _at(column: pa.Array, rows: pa.Array) -> pa.ChunkedArray:
    if pa.types.is_large_string(column.type):
        return pa.chunked_array(pieces_of_text(column, rows), pa.string())
    return pa.chunked_array([column.take(rows)])


def _laid_out(column: pa.ChunkedArray, folder: Path | None) -> pa.Array:
    """Return a column as one array; one of text has its letters in a file and counts them in 63 bits."""
    if not pa.types.is_string(column.type) or not column.nbytes:
        return column.combine_chunks()
    valid = pa.array(np.asarray(pc.is_valid(column)))
    length = pc.fill_null(pc.binary_length(column), 0)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.asarray(length, np.int64))])
    if not offsets[-1]:
        return column.cast(pa.large_string()).combine_chunks()
    with tempfile.TemporaryFile(dir=folder) as file:
        for chunk in column.chunks:
            _write_letters(chunk, file)
        letters = _mapped(file)
    buffers = [valid.buffers()[1], pa.py_buffer(offsets), letters]
    return pa.Array.from_buffers(pa.large_string(), len(column), buffers)


def _write_letters(chunk: pa.Array, file: IO[bytes]) -> None:
    """Write the letters of a piece of text, those of nulls left out."""
    whole = pc.fill_null(chunk, "") if chunk.null_count else chunk
    _, places, letters = whole.buffers()
    if letters is None or not len(whole):
        return
    offsets = np.frombuffer(places, np.int32)[whole.offset : whole.offset + len(whole) + 1]
    file.write(memoryview(letters)[int(offsets[0]) : int(offsets[-1])])


def _mapped(file: Any) -> pa.Buffer:
    file.flush()
    return pa.py_buffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
