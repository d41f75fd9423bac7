"""The sheets of the desks in the sample: the same seed, the same bytes; they hold the odd rows they promise."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

from benchmarks.sample_case import desk_sheets

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "data" / "sample"


def test_the_sample_is_what_the_generator_writes() -> None:
    assert (SAMPLE / "inbox.csv").read_bytes() == desk_sheets.inbox_csv() != desk_sheets.inbox_csv(seed=1)
    assert (SAMPLE / "claims.csv").read_bytes() == desk_sheets.claims_csv(SAMPLE)
    assert (SAMPLE / "referrals.csv").read_bytes() == desk_sheets.referrals_csv()


def test_the_readme_names_each_sheet_with_its_rows() -> None:
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    for name in ("inbox.csv", "claims.csv", "referrals.csv"):
        rows = list(csv.reader(io.StringIO((SAMPLE / name).read_text(encoding="utf-8"))))
        assert f"| `{name}` |" in readme and f"| {len(rows) - 1:,} |" in readme


def test_the_inbox_holds_what_inboxes_hold() -> None:
    rows = list(csv.DictReader(io.StringIO((SAMPLE / "inbox.csv").read_text(encoding="utf-8"))))
    assert sum(not row["created_at"] for row in rows) == 3
    assert max(Counter(row["record_id"] for row in rows).values()) == 2
    assert {row["is_automatic"] for row in rows} == {"", "true", "false"}
    assert any(row["deleted_seen_at"] for row in rows) and any("90000" in row["text"] for row in rows)
    zones = {row["created_at"][-6:] for row in rows if row["created_at"]}
    assert zones == {"+05:30", "+00:00"}
