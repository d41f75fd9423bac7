"""Files for the time of one piece of work lie in the case that it is about, and go with it where a kill left them."""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from spmc_tools.case.files.durable import os_errors
from spmc_tools.errors import CaseError
from spmc_tools.operating_system import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LEFT_S", "SCRATCH", "library_files_in", "scratch_in"]

SCRATCH = ".scratch"
"""The folder in a case."""

LEFT_S = 2 * 86_400.0
"""A folder in which nothing was made for as long, in seconds, was left by a program that was killed."""

_one_at_a_time = threading.RLock()


@contextmanager
def scratch_in(case: Path) -> Iterator[Path]:
    """Make a folder in the folder of a case, and take it away at the end with all that is in it.

    What programs left that were killed :data:`LEFT_S` ago or earlier goes, too.

    Parameters
    ----------
    case : pathlib.Path
        The folder of the case.

    Raises
    ------
    CaseError, SpmcError
        Where nothing can be written there, or the place is taken by a link or a file.
    """
    parent = case / SCRATCH
    with os_errors(f"{SCRATCH} of the case cannot be used"):
        if parent.is_symlink() or (parent.exists() and not parent.is_dir()):
            raise CaseError(f"{SCRATCH} of the case is no folder; remove it.")
        parent.mkdir(mode=0o700, exist_ok=True)
        for left in parent.iterdir():
            if left.is_dir() and not left.is_symlink() and left.stat().st_mtime < time.time() - LEFT_S:
                remove_tree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        remove_tree(folder, ignore_errors=True)


@contextmanager
def library_files_in(case: Path) -> Iterator[None]:
    """Let a library that does not ask where its temporary files go, as openpyxl, leave them in the case.

    It holds for the whole process, so that one piece of work does it at a time; what other threads write meanwhile lies
    there, too.
    """
    with _one_at_a_time, scratch_in(case) as folder:
        before, tempfile.tempdir = tempfile.tempdir, str(folder)
        try:
            yield
        finally:
            tempfile.tempdir = before
