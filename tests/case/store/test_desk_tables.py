"""Rows of the desks are kept, hashed and verified as records are."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from spmc_tools.errors import IntegrityError, TableError
from spmc_tools.schema import DESK_TABLES, PAGE_SNAPSHOTS

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case


def empty_value(kind: pa.DataType, place: int) -> object:
    if pa.types.is_timestamp(kind):
        return datetime(2025, 11, place + 1, tzinfo=UTC)
    return {pa.int64(): place, pa.float64(): float(place), pa.bool_(): True}.get(kind, f"value {place}")


def filled(name: str, sha256: str, n: int = 3) -> pa.Table:
    """Rows with a value in every column that must have one."""
    rows = []
    for place in range(n):
        row = {c.name: empty_value(c.type, place) for c in DESK_TABLES[name].columns if c.required}
        rows.append(row | {"source_sha256": sha256, "source_row": place + 1})
    return DESK_TABLES[name].from_rows(rows)


@pytest.fixture
def source(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "sheet.csv"
    path.write_text("made up\n" * 4, encoding="utf-8")
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", DESK_TABLES)
def test_every_desk_table_is_kept_and_verified(case: Case, source: tuple[Path, str], name: str) -> None:
    from spmc_tools.custody.review.verify import verify

    path, sha256 = source
    assert not (case.path / "tables" / name).exists()
    rows = filled(name, sha256)
    with case.new_batch(path, sha256) as batch:
        batch.write(**{name: rows})
        done = batch.commit(format="sheet", read=4, duplicates=1, kept_accounts=3)
    assert case.table(name).equals(rows) and done.tables[name]["rows"] == 3 == done.kept
    assert verify(case.path).ok
    kept = case.path / done.tables[name]["path"]
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes()[:-1] + b"!")
    assert not verify(case.path).ok
    with pytest.raises(IntegrityError, match=name):
        type(case)(case.path).table(name)


def test_rows_that_do_not_add_up_leave_nothing(case: Case, source: tuple[Path, str]) -> None:
    path, sha256 = source
    with case.new_batch(path, sha256) as batch:
        batch.write(page_snapshots=filled("page_snapshots", sha256))
        with pytest.raises(IntegrityError, match="0 kept"):
            batch.commit(format="sheet", read=3, duplicates=0)
    assert case.batches() == [] and len(case.table("page_snapshots")) == 0
    assert case.table("page_snapshots").schema == PAGE_SNAPSHOTS.schema


def test_an_unknown_table_is_named(case: Case, source: tuple[Path, str]) -> None:
    path, sha256 = source
    with (
        case.new_batch(path, sha256) as batch,
        pytest.raises(TableError, match=r'"snapshots"; an import writes records'),
    ):
        batch.write(snapshots=filled("page_snapshots", sha256))
