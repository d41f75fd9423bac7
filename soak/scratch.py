"""A folder of its own for a run: cases and keys lie in it, also those of the processes that the run starts."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder that is gone afterwards, and have ``SPMC_CASES`` and ``SPMC_KEYS`` name folders inside it."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["SPMC_CASES"], os.environ["SPMC_KEYS"] = f"{name}/cases", f"{name}/keys"
        yield Path(name)
