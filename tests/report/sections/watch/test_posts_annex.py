"""All posts of the findings beside the report: the very rows that the groups rest on, and none for other editions."""

from __future__ import annotations

import csv

import pytest

from spmc_tools.report.scope.scope import in_period
from spmc_tools.report.sections.watch.handover import exports
from spmc_tools.report.sections.watch.posts_annex import ANNEX, COLUMNS


@pytest.fixture
def found(small_case, make_findings):
    records = in_period(small_case).records.copy()
    records.loc[0, "text"] = "=HYPERLINK(1)"
    records["url"] = ["https://x.example/status/" + record for record in records["record_id"]]
    made = make_findings(records, ["acct1", "acct2", "acct3"])
    made.case, made.derived = small_case, None
    return made


def test_every_post_of_the_groups_stands_in_the_annex_with_its_row(found, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    monkeypatch.setenv("SPMC_EXPORTS", str(folder))
    monkeypatch.setenv("SPMC_EDITION", "full")
    assert exports(found).posts == 18  # six texts by three of the five accounts
    with (folder / ANNEX).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS and len(rows) == 18
    records = found.records.set_index("record_id")
    for row in rows:
        own = records.loc[row["record_id"]]
        assert (row["account_id"], int(row["row"])) == (own.account_id, own.source_row)
        assert row["address"] == f"https://x.example/status/{row['record_id']}" and row["file"] == "received.jsonl"
        assert row["handle"] == row["account_id"].replace("acct", "handle_") and row["group"] == "1"
        assert row["account"] == row["account_id"][-1] and row["sha256"] == own.source_sha256
    assert rows[0]["created_at"] == "2025-11-03T09:30:00+05:30"  # 04:00 UTC
    assert rows[0]["text"] == "'=HYPERLINK(1)"
    assert {row["account_id"] for row in rows} == {"acct1", "acct2", "acct3"}


@pytest.mark.parametrize("edition", ["redacted", ""])
def test_other_editions_have_no_annex(found, tmp_path, monkeypatch, edition) -> None:
    monkeypatch.setenv("SPMC_EXPORTS", str(tmp_path))
    monkeypatch.setenv("SPMC_EDITION", edition)
    assert exports(found).posts is None and not (tmp_path / ANNEX).exists()


def test_without_a_group_there_is_no_annex(small_case, make_findings, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SPMC_EXPORTS", str(tmp_path))
    monkeypatch.setenv("SPMC_EDITION", "full")
    made = make_findings(in_period(small_case).records, ["acct1", "acct2"], None)
    made.derived = None
    assert exports(made).posts is None and not (tmp_path / ANNEX).exists()
