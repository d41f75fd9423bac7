"""A process of its own for everything that is measured, and what it cost."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "AbsentError", "Cost", "module", "ours", "run", "said_in", "whole_numbers"]

ROOT = Path(__file__).resolve().parents[2]


class AbsentError(Exception):
    """What a row needs is not on this machine; the message says what."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds (user and system, of the process and its children), seconds by the clock, peak MB, what it said."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    said: dict[str, Any]


def whole_numbers(description: str | None, **defaults: int) -> argparse.Namespace:
    """Return the whole numbers that were typed as ``--NAME N``, each with the default of its name."""
    parser = argparse.ArgumentParser(description=description)
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args()


def run(command: list[str], environment: dict[str, str] | None = None) -> Cost:
    """Run a command to its end; ``said`` is its last line on standard output where that is JSON.

    Raises
    ------
    RuntimeError
        Where it fails, with the end of what it said.
    """
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given = os.environ | {"PYTHONPATH": str(ROOT)} | (environment or {})
        process = subprocess.Popen(command, cwd=ROOT, env=given, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        out.seek(0)
        err.seek(0)
        lines = out.read().decode().splitlines()
        if process.returncode:
            told = " ".join(err.read().decode().splitlines()[-3:])
            raise RuntimeError(f"{' '.join(command[:3])} … ended with status {process.returncode}: {told[-300:]}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, said_in(lines))


def said_in(lines: list[str]) -> dict[str, Any]:
    """Return the last of the lines that a process printed where that is a JSON object, else all of them."""
    try:
        said = json.loads(lines[-1]) if lines else {}
    except ValueError:
        said = {"lines": lines}
    return said if isinstance(said, dict) else {}


def ours(code: str, *arguments: object) -> Cost:
    """Run a piece of code in this interpreter, in a process of its own."""
    return run([sys.executable, "-c", code, *map(str, arguments)])


def module(name: str, *arguments: object, python: str | None = None) -> Cost:
    """Run a module, such as ``benchmarks.speed.kernel.bytes_moved``, from the root of the project."""
    return run([python or sys.executable, "-m", name, *map(str, arguments)])
