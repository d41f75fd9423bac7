"""Results and kept stages that the custody log tells of: which files they are, and their SHA-256."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.case.log.ledger import Entry

__all__ = ["STAGES", "results_of", "stages_of"]

STAGES = f"derived/{hashlib.sha256(b'stages of investigations').hexdigest()[:32]}/stages"
"""Folder of the stages that investigations keep, relative to the case: a rebuildable cache."""

_WITH_RESULTS = {"investigate", "search", "kept_tables"}
_RESULTS = re.compile(r"derived/[0-9a-f]{32}/[a-z][a-z0-9_-]{0,40}")
_FILE = re.compile(r"[a-z][a-z0-9_]{0,40}\.[a-z]{1,8}")


def results_of(entries: Sequence[Entry]) -> dict[str, dict[str, str]]:
    """Return the folders of results, relative to the case, that these entries tell of; a later entry holds.

    What an entry names outside ``derived/`` is left out.
    """
    found: dict[str, dict[str, str]] = {}
    for entry in entries:
        place, results = entry["payload"].get("derived"), entry["payload"].get("results")
        if entry["kind"] in _WITH_RESULTS and isinstance(place, str) and isinstance(results, dict):
            plain = all(_FILE.fullmatch(str(name)) for name in results)
            if _RESULTS.fullmatch(place) and plain:
                found[place] = {str(name): str(digest) for name, digest in results.items()}
    return found


def stages_of(entries: Sequence[Entry]) -> dict[str, str]:
    """Return the SHA-256 by name of the files of kept stages, as the last entry that tells of them does."""
    for entry in reversed(entries):
        told = entry["payload"].get("kept_stages") if entry["kind"] == "investigate" else None
        files = told.get("results") if isinstance(told, dict) and told.get("derived") == STAGES else None
        if isinstance(files, dict) and all(_FILE.fullmatch(str(name)) for name in files):
            return {str(name): str(digest) for name, digest in files.items()}
    return {}
