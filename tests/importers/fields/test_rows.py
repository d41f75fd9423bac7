"""Rows as Arrow tables that fit the schema."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from spmc_tools.importers.fields.rows import Account, Record, Refusal, accounts_table, records_table, refused_table
from spmc_tools.schema import ACCOUNTS, RECORDS, check


def test_rows_name_every_column_of_the_schema():
    metrics = {"likes", "reposts", "replies", "views"}
    assert {*Record._fields} - metrics | {"metrics", "source_sha256"} == set(RECORDS.names)
    assert {*Account._fields} | {"source_sha256"} == set(ACCOUNTS.names)


def test_no_rows_are_an_empty_table():
    for made, name in ((records_table, "records"), (accounts_table, "accounts"), (refused_table, "refused")):
        table = made([], "ab")
        assert table.num_rows == 0 and not check(table, name)


def test_times_are_exact_and_metrics_null_where_none_is_known():
    rows = [
        Record("1", "x", "a", 1_617_894_450_123_457, "post", 3),
        Record("2", "x", "a", 0, "reply", 4, views=0, urls=[], media=[{"url": "u", "sha256": None, "phash": None}]),
    ]
    table = records_table(rows, "ab")
    assert not check(table, "records")
    one, two = table.to_pylist()
    assert one["created_at"] == datetime(2021, 4, 8, 15, 7, 30, 123457, tzinfo=UTC)
    assert one["metrics"] is None and one["urls"] is None
    assert two["metrics"] == {"likes": None, "reposts": None, "replies": None, "views": 0}
    assert (two["urls"], two["media"]) == ([], [{"url": "u", "sha256": None, "phash": None}])


def test_an_account_looks_the_same_whatever_its_row():
    one = Account("1", "x", 5, handle="a")
    assert one.look == one._replace(source_row=6).look != one._replace(handle="b").look


def test_a_refused_row_is_cut_and_writable():
    [row] = refused_table([Refusal(1, "why", "\udcff" + "अ" * 20_000)], "ab").to_pylist()
    assert row["raw"].startswith("\\udcffअ") and row["raw"].count("अ") == 9_999


def test_half_a_surrogate_pair_in_a_text_is_an_error():
    with pytest.raises(UnicodeEncodeError):
        records_table([Record("1", "x", "a", 0, "post", 1, text="\ud800")], "ab")
