"""The tables: complete, checked with a sentence, and without any column about what people believe."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from spmc_tools import schema
from spmc_tools.errors import TableError

NEVER = {
    "religion", "faith", "caste", "jati", "party", "politic", "ethnic", "race", "sect", "ideolog", "opinion",
    "community", "leaning", "minority", "bot", "guilty", "fake", "risk",
}  # fmt: skip


def row(**changes: object) -> dict:
    made = {
        "record_id": "1", "platform": "x", "account_id": "7", "created_at": datetime(2025, 11, 6, tzinfo=UTC),
        "kind": "post", "source_sha256": "0" * 64, "source_row": 1,
    }  # fmt: skip
    return made | changes


@pytest.mark.parametrize("table", schema.TABLES.values(), ids=schema.TABLES)
def test_no_column_about_what_people_are_or_believe(table: schema.Table) -> None:
    for column in table.columns:
        words = column.name.replace("_", " ").split()
        assert not any(word.startswith(tuple(NEVER)) for word in words), column.name
        assert column.meaning


@pytest.mark.parametrize("table", schema.TABLES.values(), ids=schema.TABLES)
def test_schema_carries_name_and_version(table: schema.Table) -> None:
    assert table.schema.metadata == {b"spmc_table": table.name.encode(), b"schema_version": b"1"}
    assert len(set(table.names)) == len(table.names)


def test_a_good_table_has_no_problem() -> None:
    assert schema.check(schema.RECORDS.from_rows([row()]), "records") == []


def test_each_problem_says_where_and_what() -> None:
    good = schema.RECORDS.from_rows([row(), row()])
    text = pa.array(["2025", "2026"])
    wrong = good.drop_columns(["kind"]).set_column(5, "created_at", text).append_column("mood", text)
    wrong = wrong.set_column(3, "surface_id", pa.nulls(2, pa.string()))
    sentences = [p.sentence for p in schema.check(wrong, "records")]
    assert "records: column kind is missing." in sentences
    assert "records.created_at: found string, wanted timestamp[us, tz=UTC]." in sentences
    assert 'records: column "mood" is not part of this table.' in sentences
    assert len(sentences) == 3


def test_null_and_unknown_kind_name_their_row() -> None:
    null = schema.RECORDS.from_rows([row(), row(account_id=None)])
    assert [(p.column, p.row) for p in schema.check(null, "records")] == [("account_id", 1)]
    kind = schema.RECORDS.from_rows([row(), row(), row(kind="boast")])
    assert [(p.column, p.row) for p in schema.check(kind, "records")] == [("kind", 2)]
    with pytest.raises(TableError, match="boast"):
        schema.require(kind, "records")


def test_unknown_table_is_named() -> None:
    with pytest.raises(TableError, match="records, observations, accounts, refused, actions, messages"):
        schema.check(pa.table({}), "recods")
