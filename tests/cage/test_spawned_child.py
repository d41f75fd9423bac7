"""A child of its own for each piece of work: the promises of a forked one, wherever programs can start."""

from __future__ import annotations

import os
import time

import psutil
import pytest

from spmc_tools.cage import spawned_child
from spmc_tools.cage.cage import Limits, held
from spmc_tools.errors import FormatError

pytestmark = pytest.mark.usefixtures("spawned")


@pytest.mark.parametrize("work", ["hangs", "sleeps", "half_a_frame"])
def test_what_takes_too_long_is_ended(work: str, heads) -> None:
    heads("counts", n=1)  # the next child has started by now
    before = time.monotonic()
    with pytest.raises(FormatError, match="was not read within 2 s; nothing was kept"):
        heads(work, Limits(2, 1 << 30))
    assert time.monotonic() - before < 60


def test_an_abort_and_a_fault_are_one_sentence(heads) -> None:
    with pytest.raises(FormatError, match=r'^"x.ods" made the program that reads it break off'):
        heads("aborts")
    with pytest.raises(FormatError, match=r'its reader failed at it \("ZeroDivisionError'):
        heads("fails")


def test_what_takes_too_much_memory_is_ended(heads) -> None:
    with pytest.raises(FormatError, match="needs more than 512 MB"):
        heads("eats", Limits(60, 512 << 20))


def test_one_child_waits_in_advance_and_none_is_left(heads, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    real = spawned_child._started
    monkeypatch.setattr(spawned_child, "_started", lambda: started.append(real()) or started[-1])
    assert [one["i"] for one in heads("counts", n=2)] == [0, 1]
    assert heads("counts", n=1) == [{"i": 0}]
    assert len(started) == 3, "the second piece of work took the child that waited"
    spawned_child.end_spare()
    assert [psutil.pid_exists(one.pid) for one in started] == [False] * 3
    assert [one.poll() is None for one in started] == [False] * 3


def test_what_holds_is_said() -> None:
    assert held() == (("memory", "processor", "no_program") if os.name == "nt" else ())
