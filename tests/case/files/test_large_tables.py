"""Rows of tables with more text than one Arrow array holds, on small ones: a piece is made to hold a few bytes only."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmc_tools.case.files import large_tables
from spmc_tools.case.files.large_tables import pieces_of_text, taken, wide

TEXTS = st.lists(st.none() | st.text(max_size=12), min_size=1, max_size=30)


@given(TEXTS, st.data())
def test_rows_come_as_python_takes_them(texts: list[str | None], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=40))
    cut = data.draw(st.integers(0, len(texts)))
    column = pa.chunked_array([pa.array(texts[:cut], pa.string()), pa.array(["x", *texts[cut:]], pa.string())[1:]])
    table = pa.table({"text": column, "n": pa.array(range(len(texts)))})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_tables, "PIECE_BYTES", 16)
        found = taken(table, pa.array(rows, pa.int64()))
    assert found.schema == table.schema
    assert found["text"].to_pylist() == [texts[row] for row in rows]
    assert found["n"].to_pylist() == rows
    assert all(chunk.nbytes < 2_200 for chunk in found["text"].chunks)  # forty rows of the longest text at most


def test_pieces_hold_what_was_asked_for_and_one_longer_text_at_most() -> None:
    text = wide(pa.chunked_array([["ab", None, "abc"], ["अआ", "x" * 50, ""]]))
    rows = pa.array([5, 4, 3, 2, 1, 0, 0])
    pieces = list(pieces_of_text(text, rows, most=8))
    assert [piece.to_pylist() for piece in pieces] == [["", "x" * 50], ["अआ"], ["abc", None, "ab", "ab"]]
    assert all(piece.type == pa.string() for piece in pieces)
    assert list(pieces_of_text(text, pa.array([], pa.int64()))) == []
    assert pc.sum(pc.binary_length(text)).as_py() == 2 + 3 + 6 + 50
