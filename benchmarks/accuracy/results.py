"""Measured weeks, kept as JSON lines so that a run can be continued and short runs add up."""

from __future__ import annotations

import ast
import hashlib
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.accuracy.declare import World

__all__ = ["Kept", "code_digest", "statements", "world_digest"]

ROOT = Path(__file__).resolve().parents[2]
_RESTS_ON = ("schema.py", "compiled.py", "text/*.py", "coaction/*.py", "chance/*.py", "network/*.py", "findings/*.py")
_SIMULATOR = ("people", "everyday", "crowds", "campaigns", "simulate", "measure", "scoring")


def _digest(files: list[Path], more: str = "") -> str:
    digest = hashlib.sha256(more.encode())
    for path in files:
        digest.update(path.name.encode() + b"\0" + statements(path.read_text(encoding="utf-8")).encode() + b"\0")
    return digest.hexdigest()[:16]


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


@cache
def code_digest() -> str:
    """Return a digest of the package's code on which findings rest; its docstrings and comments do not enter."""
    package = ROOT / "spmc_tools"
    return _digest(sorted(path for part in _RESTS_ON for path in package.glob(part)))


def world_digest(world: World) -> str:
    """Return a digest of a declaration and the simulator's code; words and number of seeds do not enter."""
    here = Path(__file__).resolve().parent
    names = [*_SIMULATOR, *(["peers"] if world.peers else []), *(["end_to_end"] if world.records else [])]
    return _digest([here / f"{name}.py" for name in names], repr(replace(world, title="", seeds=0)))


class Kept:
    """The folder of results: one file of JSON lines per world, a line per week measured.

    A line counts only for the code, the simulator and the declaration that it was measured with.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, world: World) -> dict[int, dict[str, Any]]:
        """Return the weeks of this world that were measured with the present code, by seed."""
        path = self._path(world)
        if not path.exists():
            return {}
        found = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                told = json.loads(line)
            except json.JSONDecodeError:  # the last line of a run that was cut off
                continue
            if (told["code"], told["declared"]) == (code_digest(), world_digest(world)):
                found[told["seed"]] = told
        return dict(sorted(found.items()))

    def add(self, world: World, told: dict[str, Any]) -> None:
        """Append one measured week."""
        self.folder.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"code": code_digest(), "declared": world_digest(world), **told})
        with self._path(world).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _path(self, world: World) -> Path:
        return self.folder / f"{world.name}.jsonl"
