"""Messages of complaints apart from all other posts, however the files came: held against sets of ids."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.case.store.case import Case, create_case
from spmc_tools.case.store.set_aside import set_aside, take_back
from spmc_tools.errors import TableError
from spmc_tools.schema import MESSAGES, OBSERVATIONS, RECORDS

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2025, 11, 1, tzinfo=UTC)
ROW = st.tuples(
    st.sampled_from("123456"), st.sampled_from(["x", "facebook"]), st.sampled_from(["post", "both", "word"])
)
FILES = st.lists(st.lists(ROW, min_size=1, max_size=6, unique_by=lambda row: row[:2]), min_size=1, max_size=4)


def put(case: Case, folder: Path, name: str, rows: list[tuple[str, str, str]]) -> None:
    """Import rows: a post, a message with its record, or a message alone; a post that is known is an observation."""
    source = folder / name
    source.write_text(name)
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    with case.new_batch(source, sha256) as batch:
        known, fresh, again, said = case.known_ids(), [], [], []
        for number, (record_id, platform, what) in enumerate(rows, 1):
            key = {"platform": platform, "record_id": record_id, "source_sha256": sha256, "source_row": number}
            if what != "post":
                said.append(key | {"thread_id": record_id, "direction": "in"})
            if what != "word":
                whole = key | {"account_id": "a", "created_at": AT, "kind": "post", "text": name}
                (again if (platform, record_id) in known else fresh).append(whole)
        batch.write(
            records=RECORDS.from_rows(fresh), messages=MESSAGES.from_rows(said) if said else None,
            observations=OBSERVATIONS.from_rows(again) if again else None,
        )  # fmt: skip
        batch.commit(
            format="made", read=len(rows), duplicates=len(again), kept_accounts=len(rows) - len(fresh) - len(again)
        )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES, st.booleans())
def test_every_record_is_on_one_side(facts: dict, tmp_path_factory: pytest.TempPathFactory, files, moved: bool) -> None:
    folder = tmp_path_factory.mktemp("inbox")
    case = create_case("one", **facts, cases=folder)
    for number, rows in enumerate(files):
        put(case, folder, f"{number}.csv", rows)
    if moved:
        set_aside(case, "000001", "a look")
        take_back(case, "000001", "it was right")
    columns = ["platform", "text", "record_id"]
    every = case.table("records", columns).to_pylist()
    named = {(row["platform"], row["record_id"]) for row in case.table("messages").to_pylist()}
    inside = [row for row in every if (row["platform"], row["record_id"]) in named]
    assert case.inbox(columns).to_pylist() == inside
    assert case.posts(columns).to_pylist() == [row for row in every if row not in inside]


def test_an_unknown_column_is_refused_also_where_nothing_is_read(case: Case) -> None:
    with pytest.raises(TableError, match=r"no column .colour."):
        case.inbox(["colour"])
    assert case.inbox(["text"]).num_rows == case.posts().num_rows == 0
