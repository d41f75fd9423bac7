"""What holds whether a child is forked or a program of its own: frames, refusals, the time that counts."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace

import pytest

from spmc_tools.cage import cage, spawned_child
from spmc_tools.cage.cage import Limits, answer_of, caged
from spmc_tools.errors import MappingError

SMALL = Limits(60, 1 << 30)


@pytest.fixture(
    autouse=True,
    params=[pytest.param("forked", marks=pytest.mark.skipif(os.name == "nt", reason="nothing forks")), "spawned"],
)
def kind(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(request.param)


def test_frames_come_in_order_with_their_tables() -> None:
    frames = list(caged("spmc_tools.cage.works:counts", {"n": 3}, SMALL, "x"))
    assert [frame.head for frame in frames] == [{"i": 0}, {"i": 1}, {"i": 2}]
    assert [frame.tables["t"].to_pydict() for frame in frames] == [
        {"x": [i] * 3, "s": ["क", None, "b"]} for i in range(3)
    ]
    assert [frame.content for frame in frames] == [b"plain", b"", b""]


def test_what_work_raises_on_purpose_comes_through(heads) -> None:
    with pytest.raises(MappingError) as caught:
        heads("refuses")
    assert str(caught.value) == "line one \\u001b[31m"  # no sign that a terminal would obey
    assert (caught.value.key, caught.value.facts, caught.value.exit_code) == ("k", {"n": 3}, 2)


def test_an_answer_is_the_head_of_the_last_frame() -> None:
    assert answer_of("spmc_tools.cage.works:counts", {"n": 3}, SMALL, "x") == {"i": 2}


def test_what_a_library_prints_is_no_frame_and_no_secret_is_known(heads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPMC_PASSPHRASE", "word")
    (said,) = heads("surroundings")
    assert "PATH" in {name.upper() for name in said["names"]}
    assert "SPMC_PASSPHRASE" not in said["names"]


def test_the_time_that_the_reader_takes_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    later = [0.0]
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + later[0])
    for module in (cage, spawned_child):
        monkeypatch.setattr(module, "time", clock)
    frames = caged("spmc_tools.cage.works:comes_later", {"seconds": 1}, SMALL, "x")
    next(frames)
    later[0] = 1000.0  # the clock says so while nobody reads, and when the next frame is asked for
    time.sleep(4 * spawned_child._LOOK_S)
    assert [frame.head["i"] for frame in frames] == [1, 2]
