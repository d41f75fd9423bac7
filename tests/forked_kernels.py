"""Kernels of reports that are forked off one process in which the program is imported: the import is most of a run.

A kernel of its own command line is tested in ``tests/report/running/test_run.py``. What forked kernels cost is not
among the times of this process and its children: the process that forks them ends after it.
"""

from __future__ import annotations

import atexit
import json
import multiprocessing
import os
import subprocess
import sys
from functools import cache
from multiprocessing import reduction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess

IMPORTED = ["tests.loaded_for_kernels"]
ROOT = Path(__file__).resolve().parent.parent


class Handed:
    """An open file of this process that a forked one has, too."""

    def __init__(self, number: int) -> None:
        self.number: Any = number

    def __getstate__(self) -> dict[str, Any]:
        return {"number": reduction.DupFd(self.number)}


@cache
def _path_of(python: str, places: str | None) -> tuple[str, ...]:
    """Return where a module is looked for by a Python that is started with this ``PYTHONPATH``."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if places is not None:
        environment["PYTHONPATH"] = places
    told = subprocess.run(
        [python, "-c", "import json, sys; print(json.dumps(sys.path[1:]))"],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    return tuple(json.loads(told.stdout))


def _kernel(
    arguments: list[str],
    environment: Mapping[str, str],
    folder: str,
    path: tuple[str, ...],
    files: dict[int, Handed],
    said: Connection,
):
    """Be the kernel that the command line starts: with its environment, folder, output and a session of its own."""
    os.setsid()
    said.send_bytes(b"")
    said.close()
    for number, handed in files.items():
        own = handed.number.detach()
        os.dup2(own, number)
        os.close(own)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = path  # a forked process has that of the tests
    # the class took the parent from the environment when it was imported
    sys.argv = [*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"]
    from ipykernel import kernelapp

    try:
        kernelapp.launch_new_instance()
    finally:
        atexit._run_exitfuncs()


class Forked:
    """A forked process with the names that ``subprocess.Popen`` has for what a kernel's manager asks."""

    stdin = stdout = stderr = None

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid = process.pid
        self.kill, self.terminate = process.kill, process.terminate

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self.poll()

    def send_signal(self, signum: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, signum)


def forking(launch: Callable[..., Any]) -> Callable[..., Any]:
    """``jupyter_client.launcher.launch_kernel``, for the command line of the program's kernel; others go to it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)

    def launched(command: list[str], **given: Any) -> Any:
        if command[:3] != [sys.executable, "-m", "ipykernel_launcher"]:
            return launch(command, **given)
        said, says = context.Pipe(duplex=False)
        files = {1: Handed(_number(given.get("stdout"), 1)), 2: Handed(_number(given.get("stderr"), 2))}
        environment = dict(given.get("env") or os.environ)
        arguments = [command[0], *command[3:]]
        folder, path = str(given.get("cwd") or Path.cwd()), _path_of(command[0], environment.get("PYTHONPATH"))
        process = context.Process(target=_kernel, args=(arguments, environment, folder, path, files, says))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONHASHSEED", environment.get("PYTHONHASHSEED", "0"))
            patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
            process.start()
        says.close()
        said.recv_bytes()  # before, a signal to its group would reach this process
        said.close()
        return Forked(process)

    return launched


def _number(stream: Any, otherwise: int) -> int:
    return otherwise if stream is None else stream if isinstance(stream, int) else stream.fileno()
