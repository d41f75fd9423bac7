"""Trials of mutants: each in a copy of the project of its own, against the tests that mirror its module."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from benchmarks.mutation.mutants import Mutant, mutated
from benchmarks.mutation.sample import ROOT, mirroring

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["FOUND", "Trial", "Workplace", "earlier", "tried"]

FOUND = frozenset({"killed", "too long"})
"""Outcomes in which a test told the mutant: it failed, or it went on much longer than it does."""

_COPIED = (
    "spmc_tools", "tests", "templates", "notebooks", "benchmarks", "data", "docs", "js", "pyproject.toml",
    "README.md", "LICENSE", "CONTRIBUTING.md", "bootstrap.py", "hatch_build.py", "Makefile",
)  # fmt: skip
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "out", "cases", "lab", "mutation")
_LEAST_S = 60.0
_NO_TESTS = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mutant.

    ``outcome``: *killed* (a test failed), *too long* (stopped at three times what the tests take), *lived* (all
    passed); ``of``: the SHA-256 of the module without the fault; ``seconds``: what the tests took.
    """

    mutant: Mutant
    outcome: str
    of: str
    seconds: float


class Workplace:
    """A copy of the project in which one mutant at a time is tried.

    Parameters
    ----------
    folder : pathlib.Path
        An empty one.
    root : pathlib.Path
        Of the project that is copied.
    """

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        self.folder = folder
        for name in _COPIED:
            if (root / name).is_dir():
                shutil.copytree(root / name, folder / name, ignore=_LEFT_OUT)
            elif (root / name).exists():
                shutil.copy2(root / name, folder / name)
        self._usual_s: dict[str, float] = {}

    def tried(self, mutant: Mutant) -> Trial:
        """Return what becomes of a mutant; the module stands as it stood afterwards.

        Raises
        ------
        RuntimeError
            Where the tests fail without the fault: nothing can be said then.
        """
        place = self.folder / mutant.path
        source = place.read_text(encoding="utf-8")
        started, outcome = time.monotonic(), "lived"
        # loops compiled earlier, in other modules too, may hold this one's as it was: they are compiled anew
        with tempfile.TemporaryDirectory(prefix="spmc-compiled-") as anew:
            cache = Path(anew) if "@compiled" in source else None
            for test in mirroring(mutant.path, self.folder):
                limit = self._limit(test)
                place.write_text(mutated(source, mutant), encoding="utf-8")
                try:
                    code = self._run(test, limit, cache)
                finally:
                    place.write_text(source, encoding="utf-8")
                outcome = "lived" if code in {0, _NO_TESTS} else "killed" if code is not None else "too long"
                if outcome != "lived":
                    break
        digest = hashlib.sha256(source.encode()).hexdigest()
        return Trial(mutant, outcome, digest, round(time.monotonic() - started, 1))

    def _limit(self, test: str) -> float:
        """Return how long the tests may take: three times what they take without a fault, and a minute more."""
        if test not in self._usual_s:
            started = time.monotonic()
            if self._run(test, None, None) not in {0, _NO_TESTS}:
                raise RuntimeError(f"{test} fails without any fault; mend it first.")
            self._usual_s[test] = time.monotonic() - started
        return _LEAST_S + 3 * self._usual_s[test]

    def _run(self, test: str, limit_s: float | None, cache: Path | None) -> int | None:
        """Return the exit code of the tests, None where they were stopped; examples are the same each time."""
        environment = os.environ | {
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NUMBA_CACHE_DIR": str(cache or self.folder / ".compiled"),
            "SPMC_SHARED_DATA": str(self.folder / "none"),
        }
        options = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-m", "not browser"]
        with subprocess.Popen(
            [sys.executable, "-m", "pytest", *options, test],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as pytest:
            try:
                return pytest.wait(limit_s)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(pytest.pid, signal.SIGKILL)
                return None


def earlier(path: Path) -> dict[tuple[Mutant, str], Trial]:
    """Return the trials kept in a file of JSON lines, by mutant and module; empty where there is none."""
    found = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            kept = json.loads(line)
            trial = Trial(Mutant(**kept.pop("mutant")), **kept)
            found[trial.mutant, trial.of] = trial
    return found


def tried(
    mutants: Sequence[Mutant], kept: Path, *, workers: int, until: float, tell: Callable[[Trial], None]
) -> list[Trial]:
    """Return the trials of as many mutants as there is time for, in their order.

    A mutant that was found earlier is not tried again while its module is the same; one that lived is, as the tests
    may have become better.

    Parameters
    ----------
    mutants : sequence of Mutant
        In the order in which they are tried.
    kept : pathlib.Path
        JSON lines, one a trial, added to as they end.
    workers : int
        How many are tried at once, each in a copy of the project.
    until : float
        As ``time.monotonic()`` counts: no trial starts later.
    tell : callable
        Called with each trial as it ends.
    """
    before, places = earlier(kept), SimpleQueue[Workplace]()
    kept.parent.mkdir(parents=True, exist_ok=True)

    def one(mutant: Mutant) -> Trial | None:
        of = hashlib.sha256((ROOT / mutant.path).read_bytes()).hexdigest()
        known = before.get((mutant, of))
        if known is not None and known.outcome in FOUND:
            return known
        if time.monotonic() > until:
            return None
        place = places.get()
        try:
            trial = place.tried(mutant)
        finally:
            places.put(place)
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(trial), ensure_ascii=False) + "\n")
        tell(trial)
        return trial

    with tempfile.TemporaryDirectory(prefix="spmc-mutants-") as folder:
        for number in range(workers):
            places.put(Workplace(Path(folder, str(number))))
        with ThreadPoolExecutor(workers) as pool:
            return [trial for trial in pool.map(one, mutants) if trial is not None]
