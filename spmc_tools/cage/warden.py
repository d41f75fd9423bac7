"""The warden: a small process that has loaded the parsers, and forks a confined child for each piece of work.

It reads nothing that was received. Each job comes over one socket, with two descriptors: where the child writes its
frames, and a line on which the warden says how the child ended, and hears that nobody waits any longer. It ends with
the one who started it.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from typing import Any

from spmc_tools.cage.answer_frames import function_of
from spmc_tools.cage.confinement import confine
from spmc_tools.cage.served_work import serve

__all__ = ["main"]

_LENGTH = struct.Struct("<I")


def main(descriptor: int) -> None:
    """Serve until the other end of the socket is closed."""
    control = socket.socket(fileno=descriptor)
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    lines: dict[int, socket.socket] = {}
    control.sendall(b"r")
    while True:
        poll = select.poll()
        for end in (control, woken, *lines.values()):
            poll.register(end, select.POLLIN)
        ready = {number for number, _ in poll.poll()}
        if woken.fileno() in ready:
            with suppress(BlockingIOError):
                while woken.recv(4096):
                    pass
        for child, line in list(lines.items()):
            if line.fileno() in ready:
                os.kill(child, signal.SIGKILL)
        _bury(lines)
        if control.fileno() in ready:
            job = _job(control)
            if job is None:
                break
            request, (data, told) = job
            with suppress(Exception):  # the child says what is wrong with it
                _prepare(request["work"])
            child = os.fork()
            if child == 0:
                _child(request, data, (control, woken, wake, *lines.values()), told)
            os.close(data)
            lines[child] = socket.socket(fileno=told)
    for child in lines:
        os.kill(child, signal.SIGKILL)


def _prepare(work: str) -> None:
    """Load the module of a piece of work, and what it says that it needs, once for all its children."""
    module = sys.modules[function_of(work).__module__]
    for name in getattr(module, "NEEDS", ()):
        importlib.import_module(name)


def _bury(lines: dict[int, socket.socket]) -> None:
    """Say of each child that ended how it did."""
    for child in list(lines):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            line = lines.pop(child)
            with suppress(OSError), line:
                line.sendall(json.dumps(os.waitstatus_to_exitcode(status)).encode())


def _job(control: socket.socket) -> tuple[dict[str, Any], tuple[int, int]] | None:
    content, descriptors, _, _ = socket.recv_fds(control, _LENGTH.size, 2)
    if not content:
        return None
    while len(content) < _LENGTH.size:
        content += control.recv(_LENGTH.size - len(content))
    (left,) = _LENGTH.unpack(content)
    told = bytearray()
    while len(told) < left:
        told += control.recv(left - len(told))
    return json.loads(told), (descriptors[0], descriptors[1])


def _child(request: dict[str, Any], data: int, ends: tuple[socket.socket, ...], told: int) -> None:
    """Do the work and end; never returns."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in ends:
            end.close()
        os.close(told)
        with suppress(OSError):
            os.chdir(request["folder"])
        held = confine(request["seconds"], request["memory"], request["open_files"], request["writes"])
        serve(request, data, held)
        code = 0
    except BaseException:  # whatever is wrong, nothing of the warden may run on in the child
        code = 1
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
