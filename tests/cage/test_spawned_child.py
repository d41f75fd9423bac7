"""A child of its own for each piece of work: the promises of a forked one, wherever programs can start."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from spmc_tools.cage import cage, spawned_child
from spmc_tools.cage.cage import Limits, answer_of, caged, held
from spmc_tools.errors import FormatError, MappingError

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = Limits(60, 1 << 30)
THEN = "nothing was kept."
HERE = str(Path(__file__).parent)
FIND = f"import spmc_tools.cage as c; c.__path__.append({HERE!r}); "


@pytest.fixture(autouse=True)
def works(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have work done as on Windows, and let the children find the works of these tests as part of the package."""
    monkeypatch.setattr(cage, "WINDOWS", True)
    start = spawned_child._START.replace("from spmc_tools.cage.spawned", f"{FIND} from spmc_tools.cage.spawned")
    monkeypatch.setattr(spawned_child, "_START", start)
    spawned_child.end_spare()
    yield
    spawned_child.end_spare()


def heads(work: str, limits: Limits = SMALL, **arguments: object) -> list[dict]:
    return [frame.head for frame in caged(f"spmc_tools.cage.works:{work}", arguments, limits, '"x.ods"', THEN)]


def test_frames_come_in_order_with_their_tables() -> None:
    frames = list(caged("spmc_tools.cage.works:counts", {"n": 3}, SMALL, "x"))
    assert [frame.head for frame in frames] == [{"i": 0}, {"i": 1}, {"i": 2}]
    assert [frame.tables["t"].to_pydict() for frame in frames] == [
        {"x": [i] * 3, "s": ["क", None, "b"]} for i in range(3)
    ]


@pytest.mark.parametrize("work", ["hangs", "sleeps", "half_a_frame"])
def test_what_takes_too_long_is_ended(work: str) -> None:
    heads("counts", n=1)  # the next child has started by now
    before = time.monotonic()
    with pytest.raises(FormatError, match="was not read within 5 s; nothing was kept"):
        heads(work, Limits(5, 1 << 30))
    assert time.monotonic() - before < 60


def test_an_abort_and_a_fault_are_one_sentence() -> None:
    with pytest.raises(FormatError, match=r'^"x.ods" made the program that reads it break off'):
        heads("aborts")
    with pytest.raises(FormatError, match=r'its reader failed at it \("ZeroDivisionError'):
        heads("fails")


def test_what_work_raises_on_purpose_comes_through() -> None:
    with pytest.raises(MappingError):
        heads("refuses")


def test_what_takes_too_much_memory_is_ended() -> None:
    with pytest.raises(FormatError, match="needs more than 512 MB"):
        heads("eats", Limits(60, 512 << 20))


def test_an_answer_is_the_head_of_the_last_frame_and_what_is_printed_is_none() -> None:
    assert answer_of("spmc_tools.cage.works:counts", {"n": 3}, SMALL, "x") == {"i": 2}
    assert held() == (("memory", "processor", "no_program") if os.name == "nt" else ())


def test_one_child_waits_in_advance_and_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    real = spawned_child._started
    monkeypatch.setattr(spawned_child, "_started", lambda: started.append(real()) or started[-1])
    assert [one["i"] for one in heads("counts", n=2)] == [0, 1]
    assert heads("counts", n=1) == [{"i": 0}]
    assert len(started) == 3, "the second piece of work took the child that waited"
    spawned_child.end_spare()
    assert [psutil.pid_exists(one.pid) for one in started] == [False] * 3
    assert [one.poll() is None for one in started] == [False] * 3


def test_a_child_knows_no_secret_of_the_one_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPMC_PASSPHRASE", "word")
    assert "SPMC_PASSPHRASE" not in {name for one in heads("surroundings") for name in one["names"]}
