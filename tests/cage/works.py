"""Work that misbehaves, for the tests of the cage; it is loaded as a module of the package."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

from spmc_tools.cage.answer_frames import Frame
from spmc_tools.errors import MappingError


def counts(n):
    import pyarrow as pa

    for i in range(n):
        yield Frame({"i": i}, {"t": pa.table({"x": [i] * 3, "s": ["क", None, "b"]})}, b"plain" if i == 0 else b"")


def tries(path):
    """Say of each thing that a parser has no business with whether it went."""

    def thread():
        one = threading.Thread(target=list)
        one.start()
        one.join()

    asked = {
        "socket": socket.socket,
        "connect": lambda: socket.create_connection(("127.0.0.1", 9), 1),
        "write": lambda: Path(path).with_name("made").write_text("x"),
        "append": lambda: Path(path).open("a").close(),
        "unlink": lambda: Path(path).unlink(),
        "rename": lambda: Path(path).rename(Path(path).with_name("other")),
        "truncate": lambda: os.truncate(path, 0),
        "program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "process": lambda: os.fork() or os._exit(0),
        "kill": lambda: os.kill(os.getppid(), 0),
        "read": lambda: Path(path).read_bytes(),
        "thread": thread,
        "files": lambda: [os.open(path, os.O_RDONLY) for _ in range(200)],
    }
    went = {}
    for name, ask in asked.items():
        try:
            ask()
            went[name] = True
        except OSError:
            went[name] = False
    yield Frame({"went": went, "secrets": [k for k in os.environ if "SECRET" in k], "folder": str(Path.cwd())})


def hangs():
    yield Frame({})
    while True:
        pass


def sleeps():
    yield Frame({})
    time.sleep(3600)


def half_a_frame():
    yield Frame({})
    for descriptor in range(3, 30):
        try:
            os.write(descriptor, b"\xff" * 7)
        except OSError:
            continue
    time.sleep(3600)


def aborts():
    yield Frame({})
    os.abort()


def eats():
    yield Frame({})
    held = []
    while True:
        held.append(bytearray(16 << 20))


def fails():
    yield Frame({})
    raise ZeroDivisionError("no \x1b[31m such")


def refuses():
    yield Frame({})
    raise MappingError("line one \x1b[31m", key="k", n=3)


def surroundings():
    print("a library talks")
    yield Frame({"names": sorted(os.environ)})


def comes_later(seconds):
    yield Frame({"i": 0})
    yield Frame({"i": 1})
    time.sleep(seconds)
    yield Frame({"i": 2})
