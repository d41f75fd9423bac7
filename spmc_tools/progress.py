"""Progress of long work: stage, how far, time left; in a terminal and in a notebook, and quiet where nobody watches."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Tell = Callable[[str, int, int], None]

__all__ = ["bars", "watched"]

QUIET = "SPMC_RUN"
"""Environment variable of a run (a report, a scheduled job): no bars then."""

_AFTER_S = 2.0


def watched() -> bool:
    """Say whether somebody may be looking: standard error is a terminal, or a notebook's kernel runs this."""
    return not os.environ.get(QUIET) and (sys.stderr.isatty() or "ipykernel" in sys.modules)


@contextmanager
def bars() -> Iterator[Tell]:
    """Yield a callable (stage, done, total) that draws a bar for each stage; a total of 0 is not known.

    The first bar appears after two seconds: short work shows none. All are gone when the work ends, also where it
    is interrupted. Where nobody watches nothing is drawn.
    """
    if not watched():
        yield lambda _stage, _done, _total: None
        return
    drawn = _Drawn(time.monotonic())
    try:
        yield drawn.show
    finally:
        drawn.stop()


class _Drawn:
    """Bars that wait until the work has taken long enough to be worth one."""

    def __init__(self, started: float) -> None:
        self.started = started
        self.bars: Any = None
        self.tasks: dict[str, Any] = {}

    def show(self, stage: str, done: int, total: int) -> None:
        """Draw or move the bar of a stage."""
        if self.bars is None:
            if time.monotonic() - self.started < _AFTER_S:
                return
            self.bars = _started()
        if stage not in self.tasks:
            self.tasks[stage] = self.bars.add_task(stage, total=total or None)
        self.bars.update(self.tasks[stage], completed=done, total=total or None)

    def stop(self) -> None:
        """Take the bars away."""
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
