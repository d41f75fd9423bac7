"""The short form of the speed table: every row runs or says what is missing; no time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from benchmarks.speed.__main__ import measured
from benchmarks.speed.cases.investigate_rows import cost_of_looks, records, stage_table
from benchmarks.speed.cases.report_of_many import many
from benchmarks.speed.printed import BEGIN, END, table, written
from benchmarks.speed.process import AbsentError, ours, run
from benchmarks.speed.rows import ROWS, Asked, Measured, Row
from spmc_tools.schema import check

ROOT = Path(__file__).resolve().parents[3]

SLOW = {"spark", "report", "investigate-reposts", "investigate-mixed"}
"""Rows that take a minute even when they are short."""


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_rows_of_the_table_run_in_their_short_form(tmp_path: Path) -> None:
    names = [name for name in ROWS if name not in SLOW]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed", "--short", "--rows", *names, "--kept", str(tmp_path / "kept.json")],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    states = {line.partition(":")[0]: line.split(": ")[1] for line in done.stdout.splitlines() if ": " in line}
    assert set(states) >= set(names)
    skipped = {name for name in names if states[name] == "skipped"}
    assert skipped == {"co-reposts", "viral", "hundred-million"}  # no toolkit was given, nor --long
    assert {states[name] for name in set(names) - skipped} == {"measured"}
    assert not (tmp_path / "kept.json").exists()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_looks_of_an_investigation_find_the_same(tmp_path: Path) -> None:
    """That the second look equals one without kept stages is compared by the benchmark itself."""
    looks = cost_of_looks(records(10_000, 1, 0.0), tmp_path)
    assert list(looks) == ["first", "after one more batch", "the same again", "without kept stages"]
    lines = stage_table(looks).splitlines()
    assert lines[0].count("|") == lines[-1].count("|")
    assert any(line.startswith("| co_repost |") for line in lines)
    mixed = records(20_000, 2, 0.3)
    assert check(mixed, "records") == []
    assert pc.sum(pc.equal(mixed["kind"], "post")).as_py() == 6_000
    assert mixed.equals(records(20_000, 2, 0.3))


def test_the_records_of_a_report_of_many() -> None:
    table = many(60, 1)
    assert check(table, "records") == []
    assert pc.count_distinct(table["account_id"]).as_py() <= 5 * 60
    assert table.equals(many(60, 1))


def test_a_row_that_fails_or_lacks_something_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent(_: Asked) -> Measured:
        raise AbsentError("nothing here")

    def failing(_: Asked) -> Measured:
        raise RuntimeError("they differ")

    monkeypatch.setitem(ROWS, "a", Row("a", "w", "t", absent))
    monkeypatch.setitem(ROWS, "b", Row("b", "w", "t", failing))
    asked = Asked(20_000, 1, tmp_path)
    assert measured("a", asked) | {"state": "skipped", "said": "nothing here"} == measured("a", asked)
    assert measured("b", asked)["state"] == "failed"


def test_what_a_process_costs_and_says() -> None:
    cost = ours("import json; sum(range(3_000_000)); print('first'); print(json.dumps({'x': 1}))")
    assert cost.said == {"x": 1}
    assert cost.cpu_s > 0 and cost.wall_s > 0 and cost.peak_mb > 1
    assert ours("print('no json')").said == {"lines": ["no json"]}
    with pytest.raises(RuntimeError, match="ended with status 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"])


def test_the_table_stands_between_the_marks(tmp_path: Path) -> None:
    told: dict[str, Any] = {"date": "2026-01-01", "n": 5, "seed": 1, "load": 1.5, "machine": "a machine"}
    kept = {
        "windows": told | {"state": "measured", "said": "1.2 | ×", "met": True, "facts": {}, "more": "below"},
        "spark": told | {"state": "skipped", "said": "no Java"},
    }
    lines = table(json.loads(json.dumps(kept))).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == 1 + len(ROWS)
    [windows] = [line for line in rows if line.startswith("| windows")]
    assert "1.2 / ×" in windows and "| yes |" in windows and "(a million is 5 here)" in windows
    assert "below" in lines
    assert sum("by this command yet" in line for line in rows) == len(ROWS) - 2
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    written(kept, page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Before\n") and text.endswith("after\n") and "old" not in text
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the marks"):
        written(kept, page)


def test_the_page_has_the_marks() -> None:
    text = (ROOT / "docs" / "measured" / "performance.md").read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
