"""The short form of the speed table: every row runs or says what is missing; no time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from benchmarks.speed import process
from benchmarks.speed.__main__ import main, measured
from benchmarks.speed.cases import investigate_rows
from benchmarks.speed.cases.investigate_rows import cost_of_looks, records, stage_table
from benchmarks.speed.cases.report_of_many import many
from benchmarks.speed.printed import BEGIN, END, table, written
from benchmarks.speed.process import AbsentError, Cost, ours, run
from benchmarks.speed.rows import ROWS, Asked, Measured, Row
from spmc_tools.schema import check
from tests.programs_here import run_here

ROOT = Path(__file__).resolve().parents[3]

SLOW = {"spark", "report", "investigate-reposts", "investigate-mixed"}
"""Rows that take a minute even when they are short."""


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what a row measures in a process of its own in this one; what processes cost is another test's subject."""
    elsewhere = subprocess.run

    def ran(command: list[str], **given: Any) -> subprocess.CompletedProcess[str]:
        return run_here(command, **given) if command[0] == sys.executable else elsewhere(command, **given)

    def cost_of(command: list[str], environment: dict[str, str] | None = None) -> Cost:
        began, before = time.perf_counter(), os.times()
        done = ran(command, env=os.environ | (environment or {}), cwd=ROOT)
        if done.returncode:
            raise RuntimeError(done.stderr)
        cpu_s = max(sum(os.times()[:2]) - sum(before[:2]), 0.01)
        return Cost(cpu_s, time.perf_counter() - began, 1.0, process.said_in(done.stdout.splitlines()))

    monkeypatch.setattr(subprocess, "run", ran)
    monkeypatch.setattr(process, "run", cost_of)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_rows_of_the_table_run_in_their_short_form(
    here: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [name for name in ROWS if name not in SLOW]
    assert main(["--short", "--rows", *names, "--kept", str(tmp_path / "kept.json")]) == 0
    states = states_in(capsys.readouterr().out)
    assert set(states) >= set(names)
    skipped = {name for name in names if states[name] == "skipped"}
    assert skipped == {"co-reposts", "viral", "hundred-million"}  # no toolkit was given, nor --long
    assert {states[name] for name in set(names) - skipped} == {"measured"}
    assert not (tmp_path / "kept.json").exists()


def states_in(printed: str) -> dict[str, str]:
    return {line.partition(":")[0]: line.split(": ")[1] for line in printed.splitlines() if ": " in line}


def test_a_row_runs_in_processes_of_its_own(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed", "--short", "--rows", "windows", "--kept", str(tmp_path / "k.json")],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert states_in(done.stdout)["windows"] == "measured"


def test_a_look_is_a_process_of_its_own() -> None:
    told = investigate_rows.cost("import json, os, sys; print(json.dumps([os.getpid(), sys.argv[1:]]))", "a", "b")
    assert told[0] != os.getpid() and told[1] == ["a", "b"]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_looks_of_an_investigation_find_the_same(here: None, tmp_path: Path) -> None:
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
