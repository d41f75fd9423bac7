"""Columns between Arrow and numpy without a copy, and without loading pandas.

``pyarrow.array`` and ``to_numpy`` import pandas to look at what they are given, which costs a short run a third of
its time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["from_numpy", "one_array", "to_numpy"]


def from_numpy(values: npt.NDArray[Any]) -> pa.Array:
    """Return an Arrow array over whole or floating numbers; the memory is shared where it is contiguous."""
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


def to_numpy(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[Any]:
    """Return the numbers of a column without nulls (truth values as 0 and 1); not to be written to."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    if not len(column):
        return np.zeros(0, column.type.to_pandas_dtype())
    numbers: npt.NDArray[Any] = np.from_dlpack(one_array(column))
    return numbers


def one_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column as one Arrow array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
