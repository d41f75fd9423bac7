"""The hidden folder of a run: what killed runs left is finished or taken away, what is under way stays."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from spmc_tools.custody.review.verify import verify
from spmc_tools.report.running.run_folder import building, clear_broken_off
from spmc_tools.signing.manifest import write_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case


def left_by_a_kill(case: Case, run: str, logged: bool) -> Path:
    outer = case.path / "reports" / f".new-{run}"
    folder = outer / run
    folder.mkdir(parents=True)
    (outer / ".lock").write_bytes(b"")
    (folder / "report.html").write_text("<!doctype html><title>x</title>")
    if logged:
        write_manifest(case, folder)
    old = time.time() - 600
    os.utime(outer, (old, old))
    return outer


def test_a_logged_run_is_put_in_its_place_and_half_a_run_goes(small_case: Case) -> None:
    done, half = left_by_a_kill(small_case, "done", True), left_by_a_kill(small_case, "half", False)
    clear_broken_off(small_case)
    assert not done.exists() and not half.exists()
    assert sorted(path.name for path in (small_case.path / "reports").iterdir()) == ["done"]
    assert verify(small_case.path, log=False).ok


def test_another_manifest_than_the_logged_one_is_no_report(small_case: Case) -> None:
    done = left_by_a_kill(small_case, "done", True)
    (done / "done" / "manifest.json").write_text("{}")
    clear_broken_off(small_case)
    assert not (small_case.path / "reports" / "done").exists()


def test_a_run_under_way_stays(small_case: Case) -> None:
    outer = left_by_a_kill(small_case, "busy", False)
    with FileLock(outer / ".lock"):
        clear_broken_off(small_case)
        assert outer.exists()
    young = left_by_a_kill(small_case, "young", False)
    os.utime(young)
    clear_broken_off(small_case)
    assert young.exists() and not outer.exists()


def test_a_run_that_fails_leaves_nothing(small_case: Case) -> None:
    with pytest.raises(RuntimeError, match="broken"), building(small_case, "one") as folder:
        assert folder.is_dir()
        raise RuntimeError("broken")
    assert list((small_case.path / "reports").iterdir()) == []
    with building(small_case, "two"):
        pass
    assert [path.name for path in (small_case.path / "reports").iterdir()] == ["two"]
