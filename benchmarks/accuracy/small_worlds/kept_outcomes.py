"""Outcomes of small worlds, one JSON file per world and seed, so that a run can be continued and short runs add up."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from benchmarks.accuracy.measurement.kept_files import KeptFiles, measuring_digest, stem
from benchmarks.accuracy.measurement.results import code_digest
from benchmarks.accuracy.small_worlds.outcome import Outcome, Ranking, Tally

__all__ = ["KeptOutcomes"]


class KeptOutcomes(KeptFiles):
    """The folder of outcomes. A file counts only for the package, and the worlds, that it was measured with."""

    def of(self, world: str) -> dict[int, Outcome]:
        """Return the outcomes of this world that the present code gave, by seed, ascending."""
        found = {}
        for kept in self.read(f"{stem(world)}-*.json"):
            outcome = _read(kept["outcome"])
            if outcome.world == world and kept["code"] == code_digest(True) and kept["worlds"] == _worlds():
                found[outcome.seed] = outcome
        return dict(sorted(found.items()))

    def add(self, outcome: Outcome) -> None:
        """Keep one outcome, in the place of an earlier one of the same world and seed."""
        kept = {"code": code_digest(True), "worlds": _worlds(), "outcome": asdict(outcome)}
        self.write(outcome.world, outcome.seed, kept)


def _worlds() -> str:
    """Return a digest of what makes and measures a small world: opponents, and all that a measurement imports here."""
    return measuring_digest("benchmarks.accuracy.small_worlds.outcome")


def _read(kept: Any) -> Outcome:
    """Return the outcome that :func:`dataclasses.asdict` and JSON made into this."""
    rankings = {name: Ranking(ranking["ap"], tuple(ranking["drawn"])) for name, ranking in kept["rankings"].items()}
    tallies = {kind: Tally(**kept[kind]) for kind in ("members", "others")}
    return Outcome(**kept | tallies | {"rankings": rankings})
