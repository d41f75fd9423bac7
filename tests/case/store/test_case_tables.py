"""One row per post, whatever came twice: held against a plain loop over every observation."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.case.store.case import Case, create_case
from spmc_tools.case.store.set_aside import set_aside, take_back
from spmc_tools.schema import OBSERVATIONS, RECORDS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

START = datetime(2025, 11, 1, tzinfo=UTC)
COLUMNS = ["record_id", "text", "metrics", "collected_at", "edited_at", "deleted_seen_at", "source_row"]

row = st.fixed_dictionaries(
    {
        "record_id": st.sampled_from("1234"),
        "likes": st.none() | st.integers(0, 9),
        "collected": st.none() | st.integers(0, 5),
        "edited": st.none() | st.integers(0, 5),
        "deleted": st.none() | st.integers(0, 5),
    }
)
files = st.lists(st.lists(row, min_size=1, max_size=5), min_size=1, max_size=4)


def at(hours: int | None) -> datetime | None:
    return None if hours is None else START + timedelta(hours=hours)


def full(one: dict, number: int, sha256: str) -> dict:
    likes = one["likes"]
    return {
        "record_id": one["record_id"], "platform": "x", "account_id": "a", "created_at": START, "kind": "post",
        "text": f"{sha256[:6]} {number}", "source_sha256": sha256, "source_row": number,
        "metrics": None if likes is None else {"likes": likes, "reposts": None, "replies": None, "views": None},
        "collected_at": at(one["collected"]), "edited_at": at(one["edited"]), "deleted_seen_at": at(one["deleted"]),
    }  # fmt: skip


def put(case: Case, folder: Path, name: str, rows: list[dict]) -> list[dict]:
    """Import rows as an importer does: what is known goes to ``observations``."""
    source = folder / name
    source.write_text(name)
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    made = [full(one, n, sha256) for n, one in enumerate(rows, 1)]
    with case.new_batch(source, sha256) as batch:
        known = {i for _, i in case.known_ids()}
        fresh, again = [], []
        for one in made:
            (again if one["record_id"] in known else fresh).append(one)
            known.add(one["record_id"])
        batch.write(records=RECORDS.from_rows(fresh), observations=OBSERVATIONS.from_rows(again))
        batch.commit(format="made-up", read=len(rows), duplicates=len(again))
    return fresh + again


def expected(case: Case, kept: dict[str, list[dict]]) -> list[dict]:
    """The same by a loop over everything that is in use."""
    used = [(b, one) for b in case.batches() for one in kept[b.source_name]]
    found: dict[str, dict] = {}
    for _, one in used:
        found.setdefault(one["record_id"], {k: one[k] for k in COLUMNS})
    for record_id, shown in found.items():
        same = [(b, one) for b, one in used if one["record_id"] == record_id]
        order = sorted(enumerate(same), key=lambda n: (n[1][1]["collected_at"] or n[1][0].imported_at, n[0]))
        counted = [one for _, (_, one) in order if one["metrics"]]
        seen = [one["collected_at"] for _, (_, one) in order if one["collected_at"]]
        shown["metrics"] = counted[-1]["metrics"] if counted else None
        shown["collected_at"] = counted[-1]["collected_at"] if counted else seen[-1] if seen else None
        shown["edited_at"] = max((o["edited_at"] for _, o in same if o["edited_at"]), default=None)
        shown["deleted_seen_at"] = min((o["deleted_seen_at"] for _, o in same if o["deleted_seen_at"]), default=None)
    return list(found.values())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=files, toggles=st.lists(st.integers(0, 3), max_size=4))
def test_each_post_once_with_its_latest_figures(
    tmp_path_factory: pytest.TempPathFactory, facts: dict, files: list[list[dict]], toggles: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("case")
    case = create_case("one", cases=folder / "cases", **facts)
    kept: dict[str, list[dict]] = {}
    for n, rows in enumerate(files):
        kept[f"f{n}"] = put(case, folder, f"f{n}", rows)
        if n < len(toggles):  # between imports too, so that two files can hold one post as a record
            batch = f"{toggles[n] % (n + 1) + 1:06d}"
            (take_back if batch in case.set_aside() else set_aside)(case, batch, "to see")
        assert case.table("records", COLUMNS).to_pylist() == expected(case, kept)
    ids = case.table("records", ["record_id"])["record_id"].to_pylist()
    assert max(Counter(ids).values(), default=1) == 1
    assert {i for _, i in case.known_ids()} == set(ids)
    assert case.records(["text"])["text"].tolist() == case.table("records", ["text"])["text"].to_pylist()


def test_no_post_without_its_list_of_media(case: Case, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"m").hexdigest()
    (tmp_path / "m").write_bytes(b"m")
    media = [{"url": "https://example.org/a.png", "sha256": None, "phash": None}]
    rows = [
        full({"record_id": "1", "likes": n, "collected": n, "edited": None, "deleted": None}, n, sha256) for n in (1, 2)
    ]
    with case.new_batch(tmp_path / "m", sha256) as batch:
        batch.write(
            records=RECORDS.from_rows([rows[0] | {"media": media}]), observations=OBSERVATIONS.from_rows([rows[1]])
        )
        batch.commit(format="made-up", read=2, duplicates=1)
    (one,) = case.table("records").to_pylist()
    assert one["media"] == media and one["metrics"]["likes"] == 2
    assert one["collected_at"] == START + timedelta(hours=2) and one["source_row"] == 1
    assert case.table("records").schema.equals(RECORDS.schema)
