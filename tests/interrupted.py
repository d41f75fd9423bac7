"""A server that a test starts, where, and how it ends: as with Ctrl-C, by force where it does not obey."""

from __future__ import annotations

import signal
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def interrupted_at_the_end(command: list[str], within_s: float, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a process and interrupt it when the block ends; it has so many seconds to go."""
    with subprocess.Popen(command, text=True, **options) as server:
        try:
            yield server
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(within_s)
            finally:
                server.kill()


def port_of_its_own() -> int:
    """Return a port by lot: the first free one would be that of every test that looks for one at the same time."""
    with socket.create_server(("127.0.0.1", 0)) as drawn:
        port: int = drawn.getsockname()[1]
    return port
