"""Bars appear after a second where somebody watches, and stages are timed one after the other."""

from __future__ import annotations

import io
import sys
import time

import pytest

from spmc_tools import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Somebody looks (set in the test itself: pytest puts its own stderr in place before each test)."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.delenv(progress.QUIET, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return shown


@pytest.fixture(autouse=True)
def program_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stages by the program's own names, whatever language another test has set in this process."""
    monkeypatch.setattr(progress, "_called", [str])


def test_short_work_shows_nothing_and_long_work_its_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with progress.bars() as tell:
        tell("co_repost", 1, 4)
    assert terminal.getvalue() == ""
    monkeypatch.setattr(progress, "_AFTER_S", 0.0)
    with pytest.raises(KeyboardInterrupt), progress.bars() as tell:
        tell("co_repost", 1, 4)
        raise KeyboardInterrupt
    assert "co_repost" in terminal.getvalue() and "1/4" in terminal.getvalue()


def test_a_first_stage_that_takes_long_is_said_before_the_second_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    monkeypatch.setattr(progress, "_AFTER_S", 0.05)
    with progress.bars() as tell:
        tell("records", 0, 4)
        until = time.monotonic() + 5
        while "records" not in terminal.getvalue() and time.monotonic() < until:
            time.sleep(0.02)
        assert "records" in terminal.getvalue() and "0/4" in terminal.getvalue()
    monkeypatch.setattr(progress, "_AFTER_S", 0.2)
    terminal = watched(monkeypatch)
    with progress.bars() as tell:
        tell("records", 0, 4)
    time.sleep(0.4)
    assert terminal.getvalue() == ""  # nothing comes after the work has ended


def test_one_bar_goes_through_all_stages_in_the_words_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    watched(monkeypatch)
    monkeypatch.setattr(progress, "_AFTER_S", 0.0)
    progress.call_stages({"co_repost": "रीपोस्ट", "clusters": "समूह"}.get)
    drawn = progress._Drawn(0.0)
    try:
        for stage, done in (("co_repost", 1), ("clusters", 2), ("clusters", 3)):
            drawn.show(stage, done, 4)
            (task,) = drawn.bars.tasks
            assert (task.description, task.completed, task.total) == (progress._called[0](stage), done, 4)
        drawn.show("co_repost", 10, 700)  # another work: its own bar in place of the old one
        (task,) = drawn.bars.tasks
        assert (task.completed, task.total) == (10, 700)
        drawn.show("co_repost", 20, 0)
        (task,) = drawn.bars.tasks
        assert task.total is None
    finally:
        drawn.stop()


def test_a_run_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    monkeypatch.setattr(progress, "_AFTER_S", 0.0)
    monkeypatch.setenv(progress.QUIET, "run-1")
    with progress.bars() as tell:
        tell("co_repost", 1, 4)
    assert terminal.getvalue() == ""


def test_stages_follow_each_other_and_are_passed_on() -> None:
    passed: list[tuple[str, int, int]] = []
    tell, stages = progress.timed(lambda *told: passed.append(told))
    told = [("records", 0, 2), ("clusters", 0, 2), ("clusters", 1, 2)]
    for one in told:
        tell(*one)
    sum(range(2_000_000))
    found = stages()
    assert passed == told
    assert [stage["stage"] for stage in found] == ["records", "clusters"]
    assert found[1]["cpu_s"] > found[0]["cpu_s"] >= 0
    assert stages() == found
