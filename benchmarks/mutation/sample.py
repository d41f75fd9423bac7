"""A seeded sample of mutants, as many of each part of the package as of any other."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.mutation.mutants import Mutant, mutants_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PARTS", "ROOT", "drawn", "mirroring", "part_of"]

ROOT = Path(__file__).resolve().parents[2]
PARTS = {
    "chance": "spmc_tools/chance",
    "findings": "spmc_tools/findings",
    "custody log": "spmc_tools/case/log/ledger.py",
    "times": "spmc_tools/importers/fields/times.py",
    "redaction": "spmc_tools/report/redaction",
}
"""The parts whose tests are tried: what is said of people, what proves it, what must not leave."""


def modules(part: str, root: Path = ROOT) -> list[Path]:
    """Return the modules of a part, in order of their names."""
    place = root / PARTS[part]
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def part_of(path: str) -> str:
    """Return the part that a module belongs to."""
    return next(part for part, place in PARTS.items() if path == place or path.startswith(f"{place}/"))


def drawn(n: int, seed: int, root: Path = ROOT, parts: Sequence[str] = tuple(PARTS)) -> list[Mutant]:
    """Return n mutants, or all where there are fewer: an equal number of each part, in an order by chance.

    Parameters
    ----------
    n : int
        At least 1.
    seed : int
        The same seed and source give the same mutants; a longer sample starts with the shorter one of the same seed.
    root : pathlib.Path
        Of the project.
    parts : sequence of str
        Names of :data:`PARTS`.
    """
    queues = []
    for part in parts:
        of_part = [
            mutant
            for path in modules(part, root)
            for mutant in _of_source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
        ]
        random.Random(f"{seed} {part}").shuffle(of_part)
        queues.append(of_part)
    longest = max(map(len, queues))
    in_turn = [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]
    return in_turn[:n]


@cache
def _of_source(path: str, source: str) -> tuple[Mutant, ...]:
    return tuple(mutants_of(path, source))


def mirroring(path: str, root: Path = ROOT) -> list[str]:
    """Return the tests of a module: first the file that mirrors it, where there is one, then its folder of tests.

    Where the folder holds no test file of its own, the tests are those of the folders below it.
    """
    module = Path(path)
    folder = Path("tests", *module.parts[1:-1])
    own = folder / f"test_{module.stem}.py"
    return [place.as_posix() for place in (own, folder) if (root / place).exists()]
