"""Waiting for what another program holds, aloud: soon whoever watches is told, and a stop is heard.

A case is worked on by a notebook, a scheduled run and the command line at once; each writes into the custody log for a
moment. Where one holds it longer the others wait. They try again about every second, so that a stop by the officer is
heard.

Tenacity would make this worse: the pause is the time-out of SQLite's or the file lock's own try, for which it hands on
no time that is left, and its import, with asyncio and Tornado, costs about as much as that of the whole command line.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Voice = Callable[[bool], object]

__all__ = ["TRY_S", "Wait", "call_waiting", "waiting"]

TRY_S = 0.7
"""Each try waits so many seconds; the first one silently."""

_everywhere: list[Voice | None] = [None]
_here: ContextVar[Voice | None] = ContextVar("here", default=None)


def call_waiting(voice: Voice | None) -> None:
    """Let ``voice(True)`` say that this process waits, and ``voice(False)`` that it goes on; None: nobody is told."""
    _everywhere[0] = voice


@contextmanager
def waiting(voice: Voice) -> Iterator[None]:
    """Within the block let another voice say so: that of the form in which somebody pressed a button."""
    token = _here.set(voice)
    try:
        yield
    finally:
        _here.reset(token)


class Wait:
    """One wait, for at most so many seconds.

    Parameters
    ----------
    longest_s : float
        In all.
    """

    def __init__(self, longest_s: float) -> None:
        self._until = time.monotonic() + longest_s
        self._voice: Voice | None = None

    def try_s(self) -> float:
        """Return how long the next try may last, in seconds."""
        return max(0.0, min(TRY_S, self._until - time.monotonic()))

    def again(self) -> bool:
        """Say whether there is time for another try; the first time whoever watches is told."""
        if time.monotonic() >= self._until:
            return False
        if self._voice is None:
            self._voice = _here.get() or _everywhere[0]
            if self._voice is not None:
                self._voice(True)
        return True

    def over(self) -> None:
        """Tell whoever was told that it goes on."""
        if self._voice is not None:
            self._voice(False)
            self._voice = None
