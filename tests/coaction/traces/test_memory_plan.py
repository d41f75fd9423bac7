"""What a stage may use: as asked, as the case says, as the machine has; and that the plan is no wish."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from spmc_tools.coaction.traces.memory_plan import bytes_of, kernel_need, limits_now, machine_memory, must_fit, using
from spmc_tools.errors import ParameterError
from spmc_tools.operating_system import usable_processors

if TYPE_CHECKING:
    from pathlib import Path


def test_amounts_are_read_in_both_kinds_of_units() -> None:
    assert [bytes_of(text) for text in ("8GB", " 1.5 gib ", "500MiB", "1KB", "1024TiB")] == [
        8 * 10**9, 3 * 2**29, 500 * 2**20, 1000, 2**50,
    ]  # fmt: skip


def test_what_is_asked_for_wins_over_the_case_and_the_case_over_the_machine(tmp_path: Path) -> None:
    total, free = machine_memory()
    assert 0 < free <= total
    alone = limits_now()
    assert alone.memory <= total and alone.said_by == "this machine"
    with using("300MB", 1, str(tmp_path)):
        now = limits_now()
        assert (now.memory, now.threads, now.scratch, now.said_by) == (
            300 * 10**6, 1, str(tmp_path), "case.toml",
        )  # fmt: skip
        assert limits_now("200MB").memory == 200 * 10**6
        assert limits_now("200MB").scratch == str(tmp_path)
    assert limits_now().threads == alone.threads
    assert limits_now("900TB").memory <= total


def test_settings_that_cannot_be_used_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="memory_limit: found"), using("much", None, None):
        pass
    with (
        pytest.raises(ParameterError, match=r"temp_directory: .* is no folder"),
        using(None, None, str(tmp_path / "x")),
    ):
        pass


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak of a process from /proc")
def test_the_kernel_needs_no_more_than_was_planned() -> None:
    code = """
import psutil, sys
import numpy as np, pyarrow as pa
import spmc_tools as spmc
def rows(n):
    rng = np.random.default_rng(1)
    ids = rng.integers(0, n // 10, n)
    return pa.table({"account_id": ids, "object_id": rng.integers(0, n // 2, n), "t": np.arange(n)})
spmc.coactions(rows(1_000), 1)
given = rows(int(sys.argv[1]))
before = psutil.Process().memory_info().rss
spmc.coactions(given, 1)
most = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))  # ru_maxrss knows the parent's, too
print(int(most.split()[1]) * 1024 - before)
"""
    n = 1_000_000
    said = subprocess.run([sys.executable, "-c", code, str(n)], check=True, capture_output=True, text=True).stdout
    assert 0 < int(said) <= kernel_need(n, 0, n // 10, usable_processors())


def test_a_stage_without_another_engine_stops_before_it_starts() -> None:
    with using("1MB", None, None):
        must_fit(5_000, "actions", "co_repost")
        with pytest.raises(ParameterError, match=r"co_repost: 7000 actions need at least 2 MB, case\.toml allows"):
            must_fit(7_000, "actions", "co_repost")
