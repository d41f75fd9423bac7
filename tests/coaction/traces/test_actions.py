"""Action tables in every form that may be given, and everything that is refused."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spmc_tools.coaction.traces.actions import EncodedActions, encode
from spmc_tools.errors import ActionsError

if TYPE_CHECKING:
    from pathlib import Path

ibis_of_another_day = pytest.mark.filterwarnings(  # ibis 12 asks pandas 3 and DuckDB 2 by their old names
    "ignore:fetch_arrow_table:DeprecationWarning", "ignore:The 'future.infer_string' option"
)

ACCOUNTS = ["b", "a", "c", "a", "क", "😀", "｡"]
OBJECTS = [10, 2, 10, -3, 2, 2, 10]
SECONDS = [5, 0, -1, 7, 7, 8, 9]


def table() -> pa.Table:
    times = pa.array([s * 1_000_000 for s in SECONDS], pa.timestamp("us", tz="UTC"))
    return pa.table({"account_id": ACCOUNTS, "object_id": OBJECTS, "t": times})


def decoded(e: EncodedActions) -> list[tuple[object, object, int]]:
    accounts, objects = e.accounts.to_pylist(), e.objects.to_pylist()
    return [(accounts[a], objects[o], int(t)) for a, o, t in zip(e.account, e.object, e.t_us, strict=True)]


EXPECTED = list(zip(ACCOUNTS, OBJECTS, [s * 1_000_000 for s in SECONDS], strict=True))


def test_codes_stand_in_the_order_of_the_ids() -> None:
    e = encode(table())
    assert e.accounts.to_pylist() == sorted(set(ACCOUNTS))  # Python compares by code point
    assert e.objects.to_pylist() == [-3, 2, 10]
    assert decoded(e) == EXPECTED
    assert (e.account.dtype, e.object.dtype, e.t_us.dtype) == (np.int32, np.int32, np.int64)
    assert (e.n, e.time_kind, e.source, e.sources, e.record) == (7, "datetime", None, None, None)


def dictionary_table() -> pa.Table:
    broken_up = pa.chunked_array([
        pa.DictionaryArray.from_arrays(pa.array([1, 0], pa.int8()), ["a", "b", "never used"]),
        pa.DictionaryArray.from_arrays(pa.array([0, 3, 2, 1, 4], pa.int8()), ["c", "क", "a", "a", "😀"]),
    ])  # fmt: skip
    broken_up = pa.chunked_array([*broken_up.chunks])
    wanted = pa.chunked_array([broken_up.cast(pa.string()).combine_chunks()])
    assert wanted.to_pylist() == ["b", "a", "c", "a", "a", "क", "😀"]
    return pa.table({"account_id": broken_up, "object_id": OBJECTS, "t": SECONDS})


def test_dictionaries_may_differ_repeat_and_hold_what_is_not_used() -> None:
    e = encode(dictionary_table())
    assert e.accounts.to_pylist() == ["a", "b", "c", "क", "😀"]
    assert [row[0] for row in decoded(e)] == ["b", "a", "c", "a", "a", "क", "😀"]


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
def test_every_kind_of_text_is_read(kind: pa.DataType) -> None:
    given = table().set_column(0, "account_id", pa.array(ACCOUNTS).cast(kind))
    assert decoded(encode(given)) == EXPECTED
    assert encode(given).accounts.type == pa.string()


@pytest.mark.parametrize("kind", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.dictionary(pa.int8(), pa.int16())])
def test_every_kind_of_whole_number_is_read(kind: pa.DataType) -> None:
    given = table().set_column(1, "object_id", pa.array(OBJECTS, kind))
    assert decoded(encode(given)) == EXPECTED
    assert encode(given).objects.type == pa.int64()


@ibis_of_another_day
def test_every_form_of_table_is_read(tmp_path: Path) -> None:
    whole = table()
    frame = whole.to_pandas()
    (tmp_path / "parts").mkdir()
    pq.write_table(whole.slice(0, 3), tmp_path / "parts" / "1.parquet")
    pq.write_table(whole.slice(3, 0), tmp_path / "parts" / "2.parquet")
    pq.write_table(whole.slice(3), tmp_path / "parts" / "3.parquet", row_group_size=2)
    kept = ibis.duckdb.connect()
    kept.con.register("mine", whole)
    forms = [
        frame,
        frame.astype({"account_id": object, "object_id": object, "t": object}),
        frame.astype({"account_id": "category", "object_id": "category"}).set_index(pd.Index([9] * 7)),
        whole.combine_chunks().to_batches()[0],
        pa.concat_tables([whole.slice(0, 2), whole.slice(2, 0), whole.slice(2)]),
        tmp_path / "parts",
        str(tmp_path / "parts" / "*.parquet"),
        ibis.memtable(frame),
        kept.table("mine").filter(ibis._.t.notnull()),
    ]
    for form in forms:
        assert decoded(encode(form)) == EXPECTED, type(form)
    pq.write_table(whole, tmp_path / "one[1].parquet")
    assert decoded(encode(tmp_path / "one[1].parquet")) == EXPECTED


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Kolkata"])
def test_times_of_every_unit_and_zone_are_the_same_moments(unit: str, zone: str | None) -> None:
    given = table().set_column(2, "t", pa.array(SECONDS, pa.timestamp("s", tz=zone)).cast(pa.timestamp(unit, tz=zone)))
    assert decoded(encode(given)) == EXPECTED
    assert decoded(encode(given.to_pandas())) == EXPECTED


def test_a_time_of_another_zone_is_that_moment_in_utc() -> None:
    noon = dt.datetime(2025, 11, 6, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))
    e = encode(pd.DataFrame({"account_id": ["a"], "object_id": ["o"], "t": [noon]}))
    assert e.t_us.tolist() == [int(noon.timestamp()) * 1_000_000]


def test_nanoseconds_are_rounded_down_and_fractions_to_the_nearest_microsecond() -> None:
    base = {"account_id": ["a"] * 4, "object_id": ["o"] * 4}
    nanos = pa.array([1999, -1, -1000, 1_700_000_000_123_456_789], pa.timestamp("ns"))
    assert encode(pa.table(base | {"t": nanos})).t_us.tolist() == [1, -1, -1, 1_700_000_000_123_456]
    e = encode(pd.DataFrame(base | {"t": [0.1, -0.25, 1_700_000_000.000001, 0.0000004]}))
    assert (e.t_us.tolist(), e.time_kind) == ([100_000, -250_000, 1_700_000_000_000_001, 0], "float")
    assert encode(pd.DataFrame(base | {"t": [1, 2, 3, -4]})).time_kind == "int"


def test_sources_may_be_missing_and_records_are_kept() -> None:
    given = table().append_column("source_id", pa.array(["y", None, "x", "y", None, None, "x"]))
    given = given.append_column("record_id", pa.array([f"r{i}" for i in range(7)]))
    e = encode(given)
    assert e.source is not None
    assert e.source.tolist() == [1, -1, 0, 1, -1, -1, 0]
    assert e.sources.to_pylist() == ["x", "y"]
    assert e.record.to_pylist() == [f"r{i}" for i in range(7)]
    nothing = given.set_column(3, "source_id", pa.nulls(7, pa.string()))
    assert encode(nothing).source is None


def test_an_empty_table_has_no_actions() -> None:
    for form in (
        pd.DataFrame({"account_id": [], "object_id": [], "t": []}),
        table().slice(0, 0),
        table().schema.empty_table(),
    ):
        e = encode(form)
        assert (e.n, len(e.accounts), len(e.objects), e.account.size, e.t_us.size) == (0, 0, 0, 0, 0)


def with_value(column: str, values: list[object]) -> pd.DataFrame:
    good = {"account_id": ["a", "b", "c"], "object_id": ["o", "o", "o"], "t": [1, 2, 3]}
    return pd.DataFrame(good | {column: pd.Series(values, dtype=object) if "\ud800" in values else values})


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("account_id", ["a", None, "c"], ["account_id", "row 1", "null"]),
        ("object_id", [1.0, 2.0, np.nan], ["object_id", "row 2", "null"]),
        ("object_id", [None, None, None], ["object_id", "row 0", "null"]),
        ("t", [1.0, np.nan, 3.0], ["column t", "row 1", "null"]),
        ("t", [pd.Timestamp(0, tz="UTC"), pd.NaT, None], ["column t", "row 1", "null"]),
        ("t", [1.0, 2.0, np.inf], ["column t", "row 2", "inf"]),
        ("t", [1, -(2**62), 3], ["column t", "row 1", "73,000 years"]),
        ("t", [1.0, 1e30, 3.0], ["column t", "row 1", "73,000 years"]),
        ("t", ["2025-01-01", "x", "y"], ["column t", "string", "to_datetime"]),
        ("t", [True, False, True], ["column t", "bool"]),
        ("t", [dt.date(2025, 1, 1)] * 3, ["column t", "date32"]),
        ("t", [1, "x", 3], ["column t", "row 1", '"x"']),
        ("account_id", [1.5, 2.0, 3.0], ["account_id", "fractions"]),
        ("account_id", [b"a", b"b", b"c"], ["account_id", "binary"]),
        ("account_id", [True, False, True], ["account_id", "bool"]),
        ("account_id", ["a", 1, "c"], ["account_id", "row 1", "int"]),
        ("account_id", [1, 2, "c"], ["account_id", "row 2", "str"]),
        ("account_id", ["a", "b", "\ud800"], ["account_id", "row 2", "\\ud800"]),
        ("account_id", [1, 2**63, 3], ["account_id", "row 1", "text"]),
        ("account_id", [1, 2**70, 3], ["account_id", "row 1"]),
        ("account_id", [["a"], ["b"], ["c"]], ["account_id", "list"]),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused_with_its_column_and_row(
    column: str, values: list[object], words: list[str]
) -> None:
    with pytest.raises(ActionsError) as caught:
        encode(with_value(column, values))
    sentence = str(caught.value)
    assert all(word in sentence for word in words), sentence
    assert sentence.isprintable()


def test_missing_and_doubled_columns_are_named() -> None:
    with pytest.raises(ActionsError, match=r"column t is missing; columns found: \"account_id\", \"object_id\""):
        encode(table().drop_columns(["t"]))
    frame = table().to_pandas()
    with pytest.raises(ActionsError, match="column t stands there more than once"):
        encode(pd.concat([frame, frame[["t"]]], axis=1))
    with pytest.raises(ActionsError, match="column account_id is missing; columns found: none"):
        encode(pd.DataFrame())
    for nothing in (None, 7, [("a", "o", 1)], object()):
        with pytest.raises(ActionsError, match="wanted a DataFrame, an Arrow table"):
            encode(nothing)


def test_rows_count_over_all_files(tmp_path: Path) -> None:
    pq.write_table(table(), tmp_path / "1.parquet")
    bad = table().set_column(0, "account_id", pa.array(["a", "b", None, "c", "d", "e", "f"]))
    pq.write_table(bad, tmp_path / "2.parquet")
    with pytest.raises(ActionsError, match="account_id, row 9 is null"):
        encode(tmp_path)


def test_files_must_agree(tmp_path: Path) -> None:
    pq.write_table(table(), tmp_path / "1.parquet")
    pq.write_table(table().set_column(2, "t", pa.array(SECONDS)), tmp_path / "2.parquet")
    with pytest.raises(ActionsError, match="column t changes its type at row 7"):
        encode(tmp_path)
    pq.write_table(table().set_column(1, "object_id", pa.array(ACCOUNTS)), tmp_path / "2.parquet")
    with pytest.raises(ActionsError, match="object_id changes between text and whole numbers at row 7"):
        encode(tmp_path)


def test_files_that_are_not_there_or_not_parquet(tmp_path: Path) -> None:
    for where in (
        tmp_path,
        tmp_path / "no.parquet",
        str(tmp_path / "*.parquet"),
        "s3://bucket/a.parquet",
        "n" * 300,
        "a\0b",
        "",
    ):
        with pytest.raises(ActionsError, match="no Parquet file at"):
            encode(where)
    (tmp_path / "text.parquet").write_text("account_id,object_id,t\n")
    with pytest.raises(ActionsError, match="cannot be read as Parquet"):
        encode(tmp_path / "text.parquet")
    pq.write_table(table(), tmp_path / "cut.parquet")
    whole = (tmp_path / "cut.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[:4] + b"\xff" * 200 + whole[204:])
    with pytest.raises(ActionsError, match="cannot be read"):
        encode(tmp_path / "cut.parquet")


def test_text_that_is_not_utf8_is_refused() -> None:
    bytes_as_text = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, 2], np.int32)), pa.py_buffer(b"\xff\xfe")]
    )
    given = pa.table({"account_id": bytes_as_text, "object_id": ["o"], "t": [1]})
    with pytest.raises(ActionsError, match="account_id holds ids that cannot be read"):
        encode(given)


def test_a_broken_dictionary_is_refused() -> None:
    outside = pa.DictionaryArray.from_arrays(pa.array([0, 5], pa.int8()), ["a"], safe=False)
    with pytest.raises(ActionsError, match="account_id is a broken dictionary"):
        encode(pa.table({"account_id": outside, "object_id": ["o", "o"], "t": [1, 2]}))
    null_inside = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), pa.array(["a", None]))
    with pytest.raises(ActionsError, match="account_id, row 1 is null"):
        encode(pa.table({"account_id": null_inside, "object_id": ["o", "o"], "t": [1, 2]}))
