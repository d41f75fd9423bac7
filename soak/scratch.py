"""What a load needs: a folder for cases and keys, workers that share them, its memory, an end with what broke."""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Collection, Iterator


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder that is gone afterwards, and have ``SPMC_CASES`` and ``SPMC_KEYS`` name folders inside it."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["SPMC_CASES"], os.environ["SPMC_KEYS"] = f"{name}/cases", f"{name}/keys"
        yield Path(name)


def worker_command(module: str, work: str, path: Path | str) -> list[str]:
    """Return the command that does one work of a module, on a path, in a process of its own."""
    return [sys.executable, "-m", module, "--work", work, "--path", str(path)]


def options_or_work(
    parser: argparse.ArgumentParser, works: Collection[str], do: Callable[[str, Path], None]
) -> argparse.Namespace | None:
    """Return the options that were typed; None in a worker, whose work is done when this returns."""
    parser.add_argument("--work", choices=works, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work is None:
        return options
    do(options.work, options.path)
    return None


def peak_mb() -> int:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def count_wrong(wrong: Counter[str], where: str, error: BaseException, name: str, content: bytes) -> None:
    """Count what went wrong; the first time write the input that did it under this name, here, and say so."""
    if not wrong[where]:
        (Path.cwd() / name).write_bytes(content)
        print(f"{name}: {where}: {str(error)[:120]}", flush=True)
    wrong[where] += 1


def stop_where_wrong(wrong: Counter[str]) -> None:
    """End with what went wrong, the most frequent first; return where nothing did."""
    if wrong:
        raise SystemExit("\n".join(f"{count} x {where}" for where, count in wrong.most_common()))
