"""Work on what was received, done by a confined child of a warden; its answer comes in frames.

A parser is put in by one line: a generator of :class:`~spmc_tools.cage.answer_frames.Frame`, called by its name through
:func:`caged`. Whatever ends the child (an abort, no memory, no time, an exception nobody foresaw) is one error with one
sentence for the one who asked; what the child raised on purpose is raised here again.

A child has no network, opens nothing for writing, starts nothing, and is gone when its answer was read. Of the network
that is a name space of its own where the system lets one be made, and a filter of system calls on Linux; elsewhere the
limits of memory, processor and open files are all there is. On Windows each child is a program of its own, in a job
that limits its memory and processor time and starts nothing.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time
import unicodedata
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.cage.answer_frames import DeathError, Frame, function_of, received
from spmc_tools.errors import FormatError, SpmcError, quote
from spmc_tools.operating_system import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spmc_tools.cage.spawned_child import SpawnedChild

__all__ = ["WHAT_THEN", "Limits", "answer_of", "caged", "end_warden", "held", "limits_for", "outside_of_the_cage"]

_LENGTH = struct.Struct("<I")
_START_S = 120.0
_MB = 1 << 20
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TZ", "TZDIR")
"""What the warden knows of the surroundings: no keys, no passphrases, no proxies."""

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); from spmc_tools.cage.warden import main; "
    "main(int(sys.argv[1]))"
)

_SECONDS, _SECONDS_A_MB = 30.0, 20.0
_MEMORY, _MEMORY_A_BYTE = 2 << 30, 20
_OPEN_FILES = 64
_SAID = 5000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a piece of work may take: seconds of waiting for it, bytes of memory, open files.

    ``writes``: whether it may open files for writing, as SQLite does where it reads a log that others write to.
    """

    seconds: float
    memory: int
    open_files: int = _OPEN_FILES
    writes: bool = False


def limits_for(size: int, seconds: int | None = None, memory_mb: int | None = None, more_s: float = 0.0) -> Limits:
    """Return what reading a file of a size may take.

    Parameters
    ----------
    size : int
        Its bytes.
    seconds, memory_mb : int, optional
        What ``case.toml`` says; None: 30 s and 20 s more for each MB; 2 GB and 20 bytes more for each byte.
    more_s : float
        Seconds that something beside the file takes.
    """
    time_s = float(seconds) if seconds is not None else _SECONDS + _SECONDS_A_MB * size / _MB
    memory = memory_mb * _MB if memory_mb is not None else _MEMORY + _MEMORY_A_BYTE * size
    return Limits(time_s + more_s, memory)


WHAT_THEN = (
    "nothing of it was kept. Ask for the file again, or for another form of it (CSV, JSON); where it is sound and "
    "large, read_seconds and read_memory_mb in case.toml allow more."
)
"""The end of a sentence of a file that is imported."""


class _Warden:
    """The warden of this process."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        path = json.dumps([entry for entry in sys.path if entry])
        env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        env |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 -- this interpreter, words of ours
                [sys.executable, "-P", "-c", _START, str(theirs.fileno()), path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None if os.environ.get("SPMC_DEBUG") else subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=env,
                start_new_session=True,
            )
        self.owner = os.getpid()
        self._control = ours
        ours.settimeout(_START_S)
        if ours.recv(1) != b"r":
            raise OSError("the process that reads received files did not start")
        self._lock = threading.Lock()

    def alive(self) -> bool:
        return self.owner == os.getpid() and self._process.poll() is None

    def end(self) -> None:
        """Close the line to the warden, which ends with it; a copy of this process leaves it alone."""
        self._control.close()
        if self.owner == os.getpid():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)

    def job(self, request: Mapping[str, Any], data: int, line: int) -> None:
        content = json.dumps(request).encode()
        with self._lock:
            socket.send_fds(self._control, [_LENGTH.pack(len(content))], [data, line])
            self._control.sendall(content)


_warden: _Warden | None = None
_starting = threading.Lock()
_outside = False


def _the_warden() -> _Warden:
    global _warden  # noqa: PLW0603 -- one for each process, made when it is needed
    with _starting:
        if _warden is None or not _warden.alive():
            if _warden is not None:
                _warden.end()
            _warden = _Warden()
        return _warden


@atexit.register
def end_warden() -> None:
    """End the warden of this process; the next piece of work begins another."""
    global _warden
    found, _warden = _warden, None
    if found is not None:
        found.end()


@contextmanager
def outside_of_the_cage() -> Iterator[None]:
    """Do the work in this process, for tests that put something in the place of a part of it."""
    global _outside  # noqa: PLW0603
    before, _outside = _outside, True
    try:
        yield
    finally:
        _outside = before


class _Line:
    """One child at work, as the one who waits sees it."""

    def __init__(self, work: str, arguments: Mapping[str, Any], limits: Limits) -> None:
        self._left, self._limits = limits.seconds, limits
        self._data, theirs = os.pipe()
        self._told, line = socket.socketpair()
        request = {
            "work": work, "arguments": dict(arguments), "folder": str(Path.cwd()),
            "seconds": 2 * limits.seconds, "memory": limits.memory, "open_files": limits.open_files,
            "writes": limits.writes,
        }  # fmt: skip
        try:
            with line:
                _the_warden().job(request, theirs, line.fileno())
        except BaseException:
            self.end()
            raise
        finally:
            os.close(theirs)
        self._poll = select.poll()
        self._poll.register(self._data, select.POLLIN)

    def read(self, size: int) -> bytearray:
        content = bytearray(size)
        view = memoryview(content)
        while view:
            before = time.monotonic()
            ready = self._poll.poll(max(0.0, self._left) * 1000)
            self._left -= time.monotonic() - before
            if not ready:
                raise DeathError(f"was not read within {self._limits.seconds:,.0f} s")
            got = os.readv(self._data, [view])
            if not got:
                raise DeathError(self._how_it_ended())
            view = view[got:]
        return content

    def _how_it_ended(self) -> str:
        code = None
        with suppress(OSError, ValueError):
            self._told.settimeout(10)
            code = json.loads(self._told.recv(64) or b"null")
        if code in (-24, -9) and code == -24:
            return f"took more than {2 * self._limits.seconds:,.0f} s of the processor"
        if isinstance(code, int) and code < 0:
            return f"made the program that reads it break off (signal {-code})"
        return "made the program that reads it break off"

    def end(self) -> None:
        """End the child, if it is still there."""
        with suppress(OSError):
            os.close(self._data)
        with suppress(OSError), self._told:
            self._told.shutdown(socket.SHUT_WR)
            self._told.settimeout(10)
            while self._told.recv(64):
                pass


def _line(work: str, arguments: Mapping[str, Any], limits: Limits) -> _Line | SpawnedChild:
    """Return a child at work, of the kind that this system can have."""
    if not WINDOWS:
        return _Line(work, arguments, limits)
    from spmc_tools.cage.spawned_child import SpawnedChild

    return SpawnedChild(work, arguments, limits.seconds, limits.memory)


def caged(work: str, arguments: Mapping[str, Any], limits: Limits, name: str, then: str = WHAT_THEN) -> Iterator[Frame]:
    """Give the frames of a piece of work that a confined child does.

    Parameters
    ----------
    work : str
        ``spmc_tools.module:function``, a generator of frames.
    arguments : mapping
        Its arguments by name; whatever JSON holds.
    limits : Limits
        What it may take.
    name : str
        The file that is read, quoted, as sentences begin.
    then : str
        How a sentence ends that tells of the child's death: what became of it, what to do.

    Raises
    ------
    SpmcError
        What the work raised on purpose.
    FormatError
        Where the child died, or was ended since it took too long.
    """
    if _outside:
        yield from function_of(work)(**json.loads(json.dumps(dict(arguments))))
        return
    line = _line(work, arguments, limits)
    try:
        while True:
            try:
                frame = received(line.read)
            except (DeathError, MemoryError) as death:
                raise FormatError(f"{name} {death}; {then}") from None
            except Exception:
                raise FormatError(f"{name} made the program that reads it break off; {then}") from None
            ended = frame.head.get("ended")
            if ended is None:
                yield frame
                continue
            if ended == "done":
                return
            raise _error_of(frame.head, name, limits, then)
    finally:
        line.end()


def answer_of(
    work: str, arguments: Mapping[str, Any], limits: Limits, name: str, then: str = WHAT_THEN
) -> dict[str, Any]:
    """Return the head of the one frame of a piece of work; see :func:`caged`."""
    found: dict[str, Any] = {}
    for frame in caged(work, arguments, limits, name, then):
        found = frame.head
    return found


def held() -> tuple[str, ...]:
    """Return what holds a child on this machine; see :func:`~spmc_tools.cage.confinement.confine`.

    Raises
    ------
    OSError
        Where no child can be had.
    """
    line = _line("spmc_tools.cage.answer_frames:nothing", {}, limits_for(0))
    try:
        received(line.read)
        return tuple(received(line.read).head["held"])
    except (DeathError, KeyError, ValueError) as error:
        raise OSError(str(error)) from error
    finally:
        line.end()


def _error_of(head: Mapping[str, Any], name: str, limits: Limits, then: str) -> SpmcError:
    if head["ended"] == "memory":
        return FormatError(f"{name} needs more than {limits.memory // _MB:,} MB of memory to be read; {then}")
    if head["ended"] != "refused":
        fault = quote(f"{head.get('kind')}: {head.get('said')}", 120)
        return FormatError(f"{name} cannot be read: its reader failed at it ({fault}); {then}")
    module, _, kind = str(head.get("error")).partition(":")
    found = getattr(importlib.import_module(module), kind, None) if module.startswith("spmc_tools.") else None
    made = SpmcError.__new__(found if isinstance(found, type) and issubclass(found, SpmcError) else FormatError)
    Exception.__init__(made, _plain(str(head.get("said"))))
    made.__dict__.update({"key": None, "facts": {}} | dict(head.get("of") or {}))
    return made


def _plain(text: str) -> str:
    """Return a sentence of the child without signs that a terminal would obey."""
    bad = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}}
    bad -= set("\n\u200c\u200d")
    return "".join(f"\\u{ord(c):04x}" if c in bad else c for c in text[:_SAID])
