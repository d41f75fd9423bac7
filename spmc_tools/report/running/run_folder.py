"""The hidden folder in which a run is built, and what killed runs left: a report that was logged, or nothing at all."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from spmc_tools.case.files.durable import sha256_file, sync_dir
from spmc_tools.operating_system import move, remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from spmc_tools.case.store.case import Case

__all__ = ["building", "clear_broken_off"]

_NEW, _LOCK = ".new-", ".lock"
_YOUNG_S = 60.0
"""Younger folders are left alone: a run takes its lock a moment after it made its folder."""


@contextmanager
def building(case: Case, run_id: str) -> Iterator[Path]:
    """Give a folder to build the run in; it is put in its place at the end, or removed."""
    from filelock import FileLock

    reports = case.path / "reports"
    reports.mkdir(mode=0o700, exist_ok=True)
    clear_broken_off(case)
    outer = reports / f"{_NEW}{run_id}"
    folder = outer / run_id
    folder.mkdir(parents=True, mode=0o700)
    with FileLock(outer / _LOCK, mode=0o600):
        try:
            yield folder
            move(folder, reports / run_id)
            sync_dir(reports)
        finally:
            remove_tree(outer, ignore_errors=True)


def clear_broken_off(case: Case) -> None:
    """Finish or take away what killed runs left: a report that was logged is put in its place, anything else goes.

    A run under way holds a lock, which ends with its program; folders without one are of an older version and stay.
    """
    from filelock import FileLock, Timeout

    logged = {
        str(e["payload"].get("run_id")): e["payload"].get("manifest_sha256")
        for e in case.ledger.entries()
        if e["kind"] == "report"
    }
    for outer in sorted((case.path / "reports").glob(f"{_NEW}*")):
        if outer.is_symlink() or not (outer / _LOCK).is_file() or time.time() - outer.stat().st_mtime < _YOUNG_S:
            continue
        run_id = outer.name.removeprefix(_NEW)
        folder, place = outer / run_id, outer.parent / run_id
        with suppress(OSError, Timeout), FileLock(outer / _LOCK, timeout=0):
            if run_id in logged and not os.path.lexists(place) and _is_logged(folder, logged[run_id]):
                move(folder, place)
                sync_dir(outer.parent)
            remove_tree(outer, ignore_errors=True)


def _is_logged(folder: Path, digest: object) -> bool:
    try:
        return sha256_file(folder / "manifest.json") == digest
    except OSError:
        return False
