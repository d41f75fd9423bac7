"""A child of its own for each piece of work, where a process cannot be forked: on Windows.

One is started in advance, so that a file does not wait for the start of a program. What it is asked stands on its
input, its frames on its output. It is not kept from the network: ``spmc doctor`` says what holds.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil

from spmc_tools.cage.answer_frames import DeathError
from spmc_tools.cage.job_object import TIME_IS_UP, JobObject
from spmc_tools.operating_system import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SpawnedChild", "end_spare", "main"]

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from spmc_tools.cage.spawned_child import main; main()"
)
_PASSED_ON = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TZ", "TZDIR")
"""What a child knows of the surroundings: no keys, no passphrases, no proxies."""

_CHUNK = 1 << 20
_LOOK_S = 0.2
_SLACK = 64 << 20
"""So much more may be taken before a child is ended from outside: its own error says the same better."""


def main() -> None:
    """Read one piece of work from the input, do it, and end."""
    from spmc_tools.cage.served_work import serve

    output = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no frame
    if WINDOWS:
        getattr(__import__("msvcrt"), "setmode")(output, os.O_BINARY)  # type: ignore[attr-defined]  # noqa: B009
    request = json.loads(sys.stdin.buffer.read() or b"null")
    code = 1
    try:
        if request is not None:
            with suppress(OSError):
                os.chdir(request["folder"])
            serve(request, output, tuple(request["held"]))
            code = 0
    finally:
        os._exit(code)


def _started() -> subprocess.Popen[bytes]:
    env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    env |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    path = json.dumps([entry for entry in sys.path if entry])
    program = getattr(sys, "_base_executable", None) or sys.executable  # that of an environment starts another one
    return subprocess.Popen(  # noqa: S603 -- this interpreter, words of ours
        [program, "-P", "-c", _START, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if os.environ.get("SPMC_DEBUG") else subprocess.DEVNULL,
        env=env,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


_spare: subprocess.Popen[bytes] | None = None
_changing = threading.Lock()


def _taken() -> subprocess.Popen[bytes]:
    """Return a child that waits for work, and have the next one start."""
    global _spare  # noqa: PLW0603 -- one for each process
    with _changing:
        found, _spare = _spare, None
        if found is None or found.poll() is not None:
            found = _started()
        with suppress(OSError):
            _spare = _started()
    return found


@atexit.register
def end_spare() -> None:
    """End the child that waits for work; the next piece of work begins another."""
    global _spare
    with _changing:
        found, _spare = _spare, None
    if found is not None:
        found.kill()
        found.communicate()


def _memory_of(process: psutil.Process) -> int:
    """Return the bytes that a process has for itself, in memory or not."""
    return int(process.memory_info().vms)


class SpawnedChild:
    """One child at work, as the one who waits sees it.

    Parameters
    ----------
    work, arguments
        See :func:`~spmc_tools.cage.cage.caged`.
    seconds : float
        Most seconds that are waited for it, the reader's own work between two frames not counted; of the processor
        twice as many.
    memory : int
        Most bytes of memory above what it has when it begins.
    """

    def __init__(self, work: str, arguments: Mapping[str, Any], seconds: float, memory: int) -> None:
        self._seconds, self._memory = seconds, memory
        self._waited, self._since = 0.0, 0.0  # waiting for it that is over; when the present waiting began, 0.0: none
        self._ended = ""
        self._process = _taken()
        self._seen = psutil.Process(self._process.pid)
        self._already = _memory_of(self._seen)
        self._job = JobObject() if WINDOWS else None
        request = {"work": work, "arguments": dict(arguments), "folder": os.getcwd(), "held": self._limited()}  # noqa: PTH109
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()
        assert self._process.stdin is not None  # noqa: S101 -- a pipe
        with suppress(OSError):  # a child that died is told of when its answer is read
            self._process.stdin.write(json.dumps(request).encode())
            self._process.stdin.close()

    def _limited(self) -> tuple[str, ...]:
        if self._job is None:
            return ()
        handle = int(self._process._handle)  # type: ignore[attr-defined]
        return self._job.hold(handle, 2 * self._seconds, self._already + self._memory)

    def _watch(self) -> None:
        """End the child when it takes too long or too much; a job that limits memory does that at the allocation."""
        while not self._over.wait(_LOOK_S):
            with suppress(psutil.Error):
                if _memory_of(self._seen) > self._already + self._memory + _SLACK:
                    self._ended = f"needs more than {self._memory >> 20:,} MB of memory to be read"
            since = self._since
            if since and self._waited + time.monotonic() - since > self._seconds:
                self._ended = f"was not read within {self._seconds:,.0f} s"
            if self._ended:
                self._process.kill()
                return

    def read(self, size: int) -> bytearray:
        """Return so many bytes of the answer.

        Raises
        ------
        DeathError
            Where the child ended before, or was ended.
        """
        assert self._process.stdout is not None  # noqa: S101 -- a pipe
        content = bytearray()
        self._since = time.monotonic()
        try:
            while len(content) < size:
                got = self._process.stdout.read(min(size - len(content), _CHUNK))
                if not got:
                    raise DeathError(self._how_it_ended())
                content += got
        finally:
            self._waited += time.monotonic() - self._since
            self._since = 0.0
        return content

    def _how_it_ended(self) -> str:
        if self._ended:
            return self._ended
        code = None
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(10)
        if code == TIME_IS_UP:
            return f"took more than {2 * self._seconds:,.0f} s of the processor"
        return "made the program that reads it break off" + (f" (code {code})" if code not in (None, 0, 1) else "")

    def end(self) -> None:
        """End the child, if it is still there."""
        self._over.set()
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()
        if self._job is not None:
            self._job.close()
