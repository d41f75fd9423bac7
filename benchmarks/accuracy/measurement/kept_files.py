"""A folder of outcomes, a JSON file each, that count only for the code that they were measured with."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.measurement.results import ROOT, statements
from spmc_tools.code_digest import import_closure

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["KeptFiles", "measuring_digest", "stem"]


@cache
def measuring_digest(module: str) -> str:
    """Return a digest of a module and of all that it imports here; docstrings and comments do not enter."""
    digest = hashlib.sha256()
    for name, path in import_closure(module, ROOT / "benchmarks").sources.items():
        digest.update(name.encode() + b"\0" + statements(path.read_text(encoding="utf-8")).encode() + b"\0")
    return digest.hexdigest()[:16]


def stem(name: str) -> str:
    """Return a name as a file can bear it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class KeptFiles:
    """The folder: files that are whole, or not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, pattern: str) -> list[Any]:
        """Return what stands in the files whose names fit, by name."""
        return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(self.folder.glob(pattern))]

    def write(self, name: str, seed: int, content: object) -> None:
        """Keep this, in the place of what was kept of the same name and seed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{stem(name)}-{seed}.json"
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(content), encoding="utf-8")
        unfinished.replace(path)
