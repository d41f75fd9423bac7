"""Measured weeks, kept as JSON lines so that a run can be continued and short runs add up."""

from __future__ import annotations

import ast
import hashlib
import json
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.code_digest import import_closure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.worlds.declare import World

__all__ = [
    "AGAIN",
    "DECIDES",
    "DECIDE_NOTHING",
    "DIFFERS",
    "EARLIER",
    "Kept",
    "code_digest",
    "rests_on",
    "statements",
    "world_digest",
]

ROOT = Path(__file__).resolve().parents[3]
_PACKAGE = ROOT / "spmc_tools"
DECIDES = ("schema", "compiled", "text", "coaction", "chance", "network", "findings")
DECIDE_NOTHING = (
    # what this data could have shown: beside the findings
    "findings.robustness.power", "findings.robustness.planting",
    # tests hold that results are equal with and without
    "findings.pipeline.stage_cache", "findings.pipeline.stage_values",
    # how findings are written, found and kept
    "findings.result.exports", "findings.result.exported_networks", "findings.clusters.evidence",
    "findings.stored_results", "findings.pipeline.keeping",
)  # fmt: skip
EARLIER, AGAIN, DIFFERS = "measured_with", "same_as", "differs_from"
"""Of a week that stands: the code that measured it; of one measured again: the code that gave the same, or others."""

_SIMULATOR = (
    "worlds/people", "worlds/everyday", "worlds/crowds", "worlds/campaigns", "worlds/simulate",
    "measurement/measure", "measurement/scoring",
)  # fmt: skip


def _digest(files: list[Path], more: str = "") -> str:
    digest = hashlib.sha256(more.encode())
    for path in files:
        digest.update(path.name.encode() + b"\0" + statements(path.read_text(encoding="utf-8")).encode() + b"\0")
    return digest.hexdigest()[:16]


@lru_cache(maxsize=32)  # of the simulator, for every week that is kept
def statements(code: str) -> str:
    """Return what code does, without comments, layout and texts that stand alone (docstrings)."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [  # type: ignore[attr-defined]
                x
                for x in body
                if not (
                    isinstance(x, ast.Expr) and isinstance(x.value, ast.Constant) and isinstance(x.value.value, str)
                )
            ]
    return ast.dump(tree)


def _file(module: str) -> Path:
    place = _PACKAGE.joinpath(*module.removeprefix("spmc_tools").strip(".").split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def rests_on(module: str) -> list[str]:
    """Return the modules that decide what a module of the package finds: what it imports, and what that imports.

    Reading cases, showing progress and what stands in ``DECIDE_NOTHING`` are left out.
    """
    without = {f"spmc_tools.{name}" for name in DECIDE_NOTHING}
    closure = import_closure(f"spmc_tools.{module}", within=DECIDES, without=without)
    return [name.removeprefix("spmc_tools.") for name in closure.sources]


@cache
def code_digest(records: bool = False) -> str:
    """Return a digest of the package's code on which findings rest; its docstrings and comments do not enter.

    Parameters
    ----------
    records : bool
        The code behind ``spmc.investigate``, which weeks of records are measured with, in place of ``spmc.assess``.
    """
    module = "findings.pipeline.investigate" if records else "findings.assessment.assess"
    return _digest([_file(name) for name in rests_on(module)])


def world_digest(world: World) -> str:
    """Return a digest of a declaration and the simulator's code; words and number of seeds do not enter."""
    names = [
        *_SIMULATOR,
        *(["measurement/peers"] if world.peers else []),
        *(["measurement/end_to_end"] if world.records else []),
    ]
    return _digest(
        [ROOT / "benchmarks" / "accuracy" / f"{name}.py" for name in names], repr(replace(world, title="", seeds=0))
    )


def _code(world: World) -> str:
    return code_digest(world.records is not None)


class Kept:
    """The folder of results: one file of JSON lines per world, a line per week measured.

    A line counts only for the code, the simulator and the declaration that it was measured with.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, world: World, codes: Sequence[str] | None = None) -> dict[int, dict[str, Any]]:
        """Return the weeks of this world that were measured with some code, by seed; None: with the present one.

        Where a week measured again differs from an earlier code's, no other week of that code stands.
        """
        wanted = {_code(world)} if codes is None else set(codes)
        declared = world_digest(world)
        path = self._path(world)
        if not path.exists():
            return {}
        found = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                told = json.loads(line)
            except json.JSONDecodeError:  # the last line of a run that was cut off
                continue
            if told["code"] in wanted and told["declared"] == declared:
                found[told["seed"]] = told
        wrong = {told[DIFFERS] for told in found.values() if DIFFERS in told}
        return {seed: told for seed, told in sorted(found.items()) if told.get(EARLIER) not in wrong}

    def add(self, world: World, told: dict[str, Any]) -> None:
        """Append one measured week."""
        self.folder.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"code": _code(world), "declared": world_digest(world), **told})
        with self._path(world).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _path(self, world: World) -> Path:
        return self.folder / f"{world.name}.jsonl"
