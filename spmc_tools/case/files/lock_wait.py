"""Waiting for what another program holds, aloud: soon whoever watches is told, and a stop is heard.

A case is worked on by a notebook, a scheduled run and the command line at once; each writes into the custody log for a
moment. Where one holds it longer the others wait. They try again about every second, so that a stop by the officer is
heard.

The pause between two tries is the time-out of SQLite's or the file lock's own try, so that it ends as soon as the other
program is done. Tenacity tries again; its import, with asyncio and Tornado, costs about as much as that of the whole
command line, and only who has to wait pays for it.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Voice = Callable[[bool], object]

_Made = TypeVar("_Made")

__all__ = ["TRY_S", "call_waiting", "patiently", "waiting"]

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


def patiently(attempt: Callable[[float], _Made], held: Callable[[BaseException], bool], longest_s: float) -> _Made:
    """Return what an attempt gives, tried again while another program holds what it needs.

    Parameters
    ----------
    attempt : callable
        Takes how many seconds it may wait itself: at most :data:`TRY_S`, 0 at the end.
    held : callable
        Whether an error of an attempt says that another program holds what it needs; any other is raised at once.
    longest_s : float
        In all; then the error of the last attempt is raised.

    Notes
    -----
    Before the second attempt whoever watches is told that this process waits, and at the end that it goes on.
    """
    until = time.monotonic() + longest_s
    try:
        return attempt(_try_s(until))
    except Exception as error:
        if not held(error) or time.monotonic() >= until:
            raise
    from tenacity import Retrying, retry_if_exception  # before it is said: a stop within an import leaves half of it

    tries = Retrying(retry=retry_if_exception(held), stop=lambda _: time.monotonic() >= until, reraise=True)
    voice = _here.get() or _everywhere[0] or _silent
    try:
        voice(True)
        return tries(lambda: attempt(_try_s(until)))
    finally:
        voice(False)


def _try_s(until: float) -> float:
    return max(0.0, min(TRY_S, until - time.monotonic()))


def _silent(_waits: bool) -> None:
    """Tell nobody."""
