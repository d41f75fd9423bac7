"""A look in little memory: the same result from disk, and what is not run for want of room."""

from __future__ import annotations

import hashlib
import logging
import math
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.case.store.case import create_case
from spmc_tools.coaction.traces.memory_plan import assess_need, copies_need, order_need, using
from spmc_tools.errors import ParameterError, SpmcError
from spmc_tools.findings.pipeline import memory_budget, on_disk
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.findings.pipeline.memory_budget import ON_DISK
from spmc_tools.findings.pipeline.on_disk import ordered_on_disk
from spmc_tools.findings.result.received_records import received
from spmc_tools.schema import RECORDS

START = pd.Timestamp("2025-11-01", tz="UTC")


def posts(n: int = 4_000, seed: int = 3) -> pd.DataFrame:
    """Return reposts and texts of 200 accounts; ten of them copy each other and repost together."""
    rng = np.random.default_rng(seed)
    said = [None if k % 2 else f"लोग कतार में खड़े हैं और मतदान चल रहा है {k % 400}" for k in range(n)]
    return pd.DataFrame(
        {
            "record_id": [f"r{k}" for k in rng.permutation(n)],
            "platform": "x",
            "account_id": [f"a{k}" for k in rng.integers(0, 200, n)],
            "created_at": START + pd.to_timedelta(rng.integers(0, 5 * 86_400, n), unit="s"),
            "time_precision_s": 1.0,
            "kind": ["repost" if k % 2 else "post" for k in range(n)],
            "text": said,
            "ref_record_id": [f"p{k % 300}" if k % 2 else None for k in range(n)],
            "ref_account_id": [f"b{k % 40}" if k % 2 else None for k in range(n)],
        }
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_records_from_disk_are_those_from_memory(data: st.DataObject) -> None:
    n = data.draw(st.integers(0, 30))
    text = st.none() | st.text(st.characters(codec="utf-8"), max_size=8)
    given_ = pa.table(
        {
            "record_id": pa.array(
                data.draw(st.lists(st.sampled_from("abcdefgh"), min_size=n, max_size=n)), pa.string()
            ),
            "account_id": pa.array(data.draw(st.lists(st.sampled_from("xyz"), min_size=n, max_size=n)), pa.string()),
            "created_at": pa.array(
                data.draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), pa.timestamp("us", "UTC")
            ),
            "text": pa.array(data.draw(st.lists(text, min_size=n, max_size=n)), pa.string()),
            "hashtags": pa.array(
                data.draw(st.lists(st.none() | st.lists(text), min_size=n, max_size=n)), pa.list_(pa.string())
            ),
        }
    )
    cut = data.draw(st.integers(0, n))
    pieces = pa.concat_tables([given_.slice(0, cut), given_.slice(cut)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(on_disk, "ROWS_AT_A_TIME", 7)
        there = received(pieces, partial(ordered_on_disk, folder=None))
    here = received(given_)
    assert there.table.to_pydict() == here.table.to_pydict()
    assert there.table.schema == here.table.schema
    assert there.notes == here.notes


def test_little_memory_changes_the_way_and_not_the_findings(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    records = posts()
    whole = investigate(records, ["co_repost"])
    size = int(records.memory_usage(index=False, deep=True).sum())
    allowed = order_need(len(records), size) - 1
    assert assess_need(2_000) + 1_000_000 < allowed  # so that the trace itself fits
    with using(f"{allowed / 1e6:.6f}MB", None, str(tmp_path)), caplog.at_level(logging.WARNING):
        tight = investigate(records, ["co_repost"])
    assert "is done on disk, with the same result" in caplog.text
    megabytes = math.floor((allowed + 1) / 1e6) + 1, math.floor(allowed / 1e6)
    assert f"{len(records)} records need about {megabytes[0]} MB to be brought into order, " in caplog.text
    assert f" allows {megabytes[1]} MB: " in caplog.text
    assert tight.notes["records"].pop(ON_DISK)["allowed_bytes"] == allowed
    assert tight.notes == whole.notes
    for name, table in whole.tables().items():
        assert tight.tables()[name].to_pydict() == table.to_pydict(), name
    assert not list(tmp_path.iterdir())


def test_a_trace_for_which_there_is_no_room_is_not_run_and_says_so() -> None:
    records = posts()
    texts = sum(len(text.encode()) for text in records["text"].dropna())
    needed = 0.9 * copies_need(2_000, texts)
    assert needed > assess_need(2_000) + 500_000
    with using(f"{needed / 1e6:.6f}MB", None, None):
        found = investigate(records, ["co_repost", "copypasta"])
    refused = {row["trace"]: row for row in found.not_run if row["code"] == "too_large"}
    assert list(refused) == ["copypasta"]
    assert refused["copypasta"]["reason"].startswith("2000 texts need about")
    assert "case.toml allows" in refused["copypasta"]["reason"]
    assert set(found.notes["traces"]) == {"co_repost"}
    pd.testing.assert_frame_equal(found.edges, investigate(records, ["co_repost"]).edges)


def test_with_more_memory_a_case_is_looked_at_again(tmp_path: Path) -> None:
    """What had no room is no result to keep to."""
    case = create_case("made-up", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-09")
    source = tmp_path / "posts.jsonl"
    source.write_text("made up")
    digest = hashlib.sha256(b"made up").hexdigest()
    frame = posts(600).assign(source_sha256=digest, source_row=1).astype(object)
    rows = frame.where(frame.notna(), None).to_dict("records")
    with case.new_batch(source, digest) as batch:
        batch.write(records=RECORDS.from_rows(rows))
        batch.commit(format="test", read=len(rows), duplicates=0)
    whole = investigate(case, ["co_repost"])
    needed = 0.9 * copies_need(300, 0)
    case.change_settings("a small machine", memory_limit=f"{needed / 1e6:.6f}MB")
    small = investigate(case, ["copypasta"])
    assert [row["code"] for row in small.not_run] == ["too_large"]
    case.change_settings("a larger one", memory_limit="2GB")
    large = investigate(case, ["copypasta"])
    assert "too_large" not in {row["code"] for row in large.not_run} and "copypasta" in large.notes["traces"]
    entry = case.ledger.entries()[-1]["payload"]
    assert entry["reused"] is False and "did not fit into the memory" in entry["made_anew"]
    investigate(case, ["copypasta"])
    assert case.ledger.entries()[-1]["payload"]["reused"] is True
    assert investigate(case, ["co_repost"]).derived == whole.derived
    assert case.ledger.entries()[-1]["payload"]["reused"] is True


def test_actions_that_do_not_fit_are_not_assessed() -> None:
    records = posts()
    with using(f"{assess_need(2_000) / 1e6:.6f}MB", None, None):  # no room beside the records
        found = investigate(records, ["co_repost"])
    assert ("co_repost", "too_large") in {(row["trace"], row["code"]) for row in found.not_run}
    assert not len(found.edges)


def test_records_that_could_not_be_sorted_stop_the_look() -> None:
    with (
        using("100KB", None, None),
        pytest.raises(ParameterError, match=r"investigate: 4000 records need at least 1 MB, case\.toml allows"),
    ):
        investigate(posts(), ["co_repost"])


def test_a_scratch_folder_that_may_not_be_written_is_named() -> None:
    table = pa.table({"text": ["अ", "b"]})
    with pytest.raises(SpmcError, match="the folder for what does not fit into memory"):
        ordered_on_disk({"text": table["text"]}, pa.array([1, 0]), Path("/proc/1/none"))


@pytest.mark.parametrize("n", [1, 3, 1000])
def test_the_texts_of_a_frame_count_for_what_it_takes(n):
    """Two thousand letters a row in a column of objects, which hold eight bytes each beside their texts."""
    frame = pd.DataFrame({"text": pd.Series(["x" * 2000] * n, dtype=object)})
    assert 2000 * n < memory_budget._bytes(frame) < 2200 * n
