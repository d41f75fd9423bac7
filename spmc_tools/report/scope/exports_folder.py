"""Where the files go that a run writes beside its page."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["EDITION", "FOLDER", "exports_folder"]

EDITION = "SPMC_EDITION"
"""Environment variable: the edition that the run makes."""

FOLDER = "SPMC_EXPORTS"
"""Environment variable of a run: where its exports go. Outside a run nothing is written."""


def exports_folder(chosen: Path | None = None) -> Path | None:
    """Return the folder that was chosen, else that of the exports of the run; None where there is no run."""
    folder = os.environ.get(FOLDER)
    return chosen or (Path(folder) if folder else None)
