"""Outcomes of small worlds, one JSON file per world and seed, so that a run can be continued and short runs add up."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.measurement.results import ROOT, code_digest, statements
from benchmarks.accuracy.small_worlds.outcome import Outcome, Ranking, Tally
from spmc_tools.code_digest import import_closure

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["KeptOutcomes", "measuring_digest"]


@cache
def measuring_digest() -> str:
    """Return a digest of what makes and measures a small world: opponents, and all that a measurement imports here.

    Docstrings and comments do not enter.
    """
    closure = import_closure("benchmarks.accuracy.small_worlds.outcome", ROOT / "benchmarks")
    digest = hashlib.sha256()
    for name, path in closure.sources.items():
        digest.update(name.encode() + b"\0" + statements(path.read_text(encoding="utf-8")).encode() + b"\0")
    return digest.hexdigest()[:16]


class KeptOutcomes:
    """The folder of outcomes. A file counts only for the package, and the worlds, that it was measured with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, world: str) -> dict[int, Outcome]:
        """Return the outcomes of this world that the present code gave, by seed, ascending."""
        found = {}
        for path in self.folder.glob(f"{_stem(world)}-*.json"):
            kept = json.loads(path.read_text(encoding="utf-8"))
            outcome = _read(kept["outcome"])
            if outcome.world == world and kept["code"] == code_digest(True) and kept["worlds"] == measuring_digest():
                found[outcome.seed] = outcome
        return dict(sorted(found.items()))

    def add(self, outcome: Outcome) -> None:
        """Keep one outcome, in the place of an earlier one of the same world and seed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = {"code": code_digest(True), "worlds": measuring_digest(), "outcome": asdict(outcome)}
        path = self.folder / f"{_stem(outcome.world)}-{outcome.seed}.json"
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(kept), encoding="utf-8")
        unfinished.replace(path)


def _stem(world: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", world.lower()).strip("-")


def _read(kept: Any) -> Outcome:
    """Return the outcome that :func:`dataclasses.asdict` and JSON made into this."""
    rankings = {name: Ranking(ranking["ap"], tuple(ranking["drawn"])) for name, ranking in kept["rankings"].items()}
    tallies = {kind: Tally(**kept[kind]) for kind in ("members", "others")}
    return Outcome(**kept | tallies | {"rankings": rankings})
