"""Progress of long work: stage, how far, time left; in a terminal and in a notebook, and quiet where nobody watches."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from spmc_tools.operating_system import peak_memory_mb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Tell = Callable[[str, int, int], None]

__all__ = ["bars", "call_stages", "timed", "unheard", "watched"]

QUIET = "SPMC_RUN"
"""Environment variable of a run (a report, a scheduled job): no bars then."""

_AFTER_S = 1.0
_called: list[Callable[[str], str]] = [str]


def call_stages(name: Callable[[str], str]) -> None:
    """Let bars call each stage as ``name`` says, from now on in this process: in the reader's language."""
    _called[0] = name


def watched() -> bool:
    """Say whether somebody may be looking: standard error is a terminal, or a notebook's kernel runs this."""
    return not os.environ.get(QUIET) and (sys.stderr.isatty() or "ipykernel" in sys.modules)


def unheard(_stage: str, _done: int, _total: int) -> None:
    """Take no notice of a stage: what long work tells of where nobody follows it."""


@contextmanager
def bars() -> Iterator[Tell]:
    """Yield a callable (stage, done, total) that moves one bar and says the stage; a total of 0 is not known.

    The bar appears one second after the first stage was told of, also where that takes longer: short work shows
    none. It is gone when the work ends, also where that is interrupted. Where nobody watches nothing is drawn.
    """
    if not watched():
        yield unheard
        return
    drawn = _Drawn(time.monotonic())
    try:
        yield drawn.show
    finally:
        drawn.stop()


def timed(tell: Tell) -> tuple[Tell, Callable[[], list[dict[str, Any]]]]:
    """Return ``tell`` with a clock in it, and what gives the stages it was told of so far.

    Each stage has its ``stage``, ``cpu_s`` and ``wall_s`` (of this process, all threads; a stage lasts until the next
    is told of) and ``peak_mb``, the most memory that the process had held by its end; None where the system tells none.
    """
    stages: list[dict[str, Any]] = []
    began = [time.process_time(), time.monotonic()]

    def close() -> None:
        if stages and stages[-1]["wall_s"] is None:
            cpu, wall = time.process_time() - began[0], time.monotonic() - began[1]
            stages[-1] |= {"cpu_s": round(cpu, 3), "wall_s": round(wall, 3), "peak_mb": peak_memory_mb()}

    def told(stage: str, done: int, total: int) -> None:
        if not stages or stages[-1]["stage"] != stage:
            close()
            began[:] = [time.process_time(), time.monotonic()]
            stages.append({"stage": stage, "cpu_s": None, "wall_s": None, "peak_mb": None})
        tell(stage, done, total)

    def so_far() -> list[dict[str, Any]]:
        close()
        return stages

    return told, so_far


class _Drawn:
    """One bar that waits until the work has taken long enough to be worth it."""

    def __init__(self, started: float) -> None:
        self.started = started
        self.bars: Any = None
        self.task: Any = None
        self.total = 0
        self.told: tuple[str, int, int] = ("", 0, 0)
        self.waits: threading.Timer | None = None
        self.lock = threading.RLock()

    def show(self, stage: str, done: int, total: int) -> None:
        """Draw or move the bar; where the total is another one it is a work of its own, with a clock of its own."""
        with self.lock:
            self.told = stage, done, total
            left = _AFTER_S - (time.monotonic() - self.started)
            if self.bars is None and left > 0:
                self._wait(left)
                return
            self._move(stage, done, total)

    def _wait(self, seconds: float) -> None:
        """Draw the stage told of last when the time has come, though no other is told of until then."""
        if self.waits is None:
            self.waits = threading.Timer(seconds, copy_context().run, (self._come,))  # the context: which cell's output
            self.waits.daemon = True
            self.waits.start()

    def _come(self) -> None:
        with self.lock:
            if self.waits is not None and self.bars is None:
                self._move(*self.told)

    def _move(self, stage: str, done: int, total: int) -> None:
        if self.bars is None:
            self.bars = _started()
        name = _called[0](stage)
        if self.task is None or total != self.total:
            if self.task is not None:
                self.bars.remove_task(self.task)
            self.task, self.total = self.bars.add_task(name, total=total or None), total
        self.bars.update(self.task, description=name, completed=done)

    def stop(self) -> None:
        """Take the bar away."""
        with self.lock:
            if self.waits is not None:
                self.waits.cancel()
                self.waits = None
            if self.bars is not None:
                self.bars.stop()


def _started() -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    made = Progress(*columns, console=Console(stderr=True), transient=True)
    made.start()
    return made
