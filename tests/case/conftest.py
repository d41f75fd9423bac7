"""A small case, and imports into it with tables made up here."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.store.case import Case, create_case
from spmc_tools.schema import ACCOUNTS, RECORDS, REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

    from spmc_tools.case.store.batches import Batch

FACTS = {
    "title": "Exercise",
    "purpose": "to exercise the case folder",
    "legal_basis": "none, synthetic data",
    "date_from": "2025-10-06",
    "date_to": "2025-11-16",
    "officer": "S. I. Kumari",
}


@pytest.fixture(scope="session")
def facts() -> dict:
    return dict(FACTS)


@pytest.fixture
def case() -> Case:
    return create_case("one", **FACTS)


def rows_of(ids: list[str], sha256: str) -> pa.Table:
    return RECORDS.from_rows(
        [
            {
                "record_id": record_id,
                "platform": "x",
                "account_id": f"a{i % 3}",
                "created_at": datetime(2025, 11, 1, 0, 0, i % 60, tzinfo=UTC),
                "kind": "post",
                "text": f"नमस्ते {record_id}",
                "urls": ["https://example.org/"] if i % 2 else None,
                "metrics": {"likes": 2**60 + i, "reposts": None, "replies": 0, "views": None},
                "source_sha256": sha256,
                "source_row": i,
            }
            for i, record_id in enumerate(ids, start=1)
        ]
    )


@pytest.fixture
def records_of() -> Callable[[list[str], str], pa.Table]:
    return rows_of


@pytest.fixture
def add(tmp_path: Path) -> Callable[..., Batch]:
    """Import a made-up file: ``add(case, "a.csv", ["1", "2"])``."""

    def do(case: Case, name: str, ids: list[str], content: bytes | None = None) -> Batch:
        source = tmp_path / name
        source.write_bytes(content if content is not None else "\n".join([name, *ids]).encode())
        sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
        account = {"account_id": "a1", "platform": "x", "followers": 2**53 + 1, "verified": None}
        bad = {"reason": "no time", "raw": "…"}
        at = {"source_sha256": sha256, "source_row": 1}
        with case.new_batch(source, sha256) as batch:
            known = {record_id for _, record_id in case.known_ids()}
            fresh = [record_id for record_id in ids if record_id not in known]
            batch.write(records=rows_of(fresh, sha256), accounts=ACCOUNTS.from_rows([account | at]))
            batch.write(refused=REFUSED.from_rows([bad | at]))
            return batch.commit(
                format="made-up", read=len(ids) + 1, duplicates=len(ids) - len(fresh), details={"note": "ok"}
            )

    return do


@pytest.fixture
def snapshot() -> Callable[[Path], dict[str, bytes | None]]:
    """Every name below a folder with its content; two are equal where not a byte differs."""

    def do(folder: Path) -> dict[str, bytes | None]:
        return {
            p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None for p in sorted(folder.rglob("*"))
        }

    return do
