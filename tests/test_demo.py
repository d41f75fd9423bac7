"""``spmc demo``: the whole way once, and a second time on the same case."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from spmc_tools.case.store.case import open_case


@pytest.mark.slow
def test_the_demo_runs_twice_and_adds_nothing_the_second_time(tmp_path: Path) -> None:
    pages = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "spmc_tools", "demo", "--json"], check=True, capture_output=True, text=True
        )
        result = json.loads(done.stdout)
        assert result["status"] == "complete"
        pages.append(Path(result["report"]))
    assert pages[0] != pages[1] and all(page.is_file() for page in pages)
    case = open_case("sample")
    assert len(case.batches()) == 17
    kinds = [entry["kind"] for entry in case.ledger.entries()]
    assert (
        kinds.count("import") == 17
        and kinds.count("import_repeated") == 17
        and kinds.count("watch_term") == 3
        and kinds.count("report") == 2
    )
    checked = subprocess.run(
        [sys.executable, "-m", "spmc_tools", "verify", str(case.path), "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(checked.stdout)["ok"]
