"""Trials of mutants: each in a copy of the project of its own, against the tests that mirror its module."""

from __future__ import annotations

import ast
import compileall
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from py_compile import PycInvalidationMode
from queue import SimpleQueue
from typing import TYPE_CHECKING

from benchmarks.mutation.mutants import Mutant, mutated
from benchmarks.mutation.sample import ROOT, mirroring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["FOUND", "Trial", "Workplace", "earlier", "tried"]

FOUND = frozenset({"killed", "too long"})
"""Outcomes in which a test told the mutant: it failed, or it went on much longer than it does."""

_COPIED = (
    "spmc_tools", "tests", "templates", "notebooks", "benchmarks", "data", "docs", "js", "pyproject.toml",
    "README.md", "LICENSE", "CONTRIBUTING.md", "bootstrap.py", "hatch_build.py", "Makefile",
)  # fmt: skip
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "out", "cases", "lab", "mutation")
_FIRST_S, _LEAST_S = 120.0, 20.0
_NO_TESTS = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mutant.

    ``outcome``: *killed* (a test failed that passes without the fault), *too long* (stopped at three times what the
    tests take), *lived* (all passed); ``of``: the SHA-256 of the module without the fault; ``seconds``: what the tests
    took; ``by``: the test that failed, empty where none did.
    """

    mutant: Mutant
    outcome: str
    of: str
    seconds: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class _Run:
    """How a run of tests ended: its exit code, None where it was stopped; its seconds by the clock and of processor."""

    code: int | None
    clock_s: float
    processor_s: float
    by: str


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
        package = folder / "spmc_tools"
        for part in (package, folder / "tests"):
            compileall.compile_dir(part, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
        self._imports = {path: _imported(path, folder) for path in package.rglob("*.py")}
        self._usual: dict[tuple[str, ...], _Run] = {}
        self._passing: set[str] = set()
        self._forks = subprocess.Popen(
            [sys.executable, "-P", Path(__file__).with_name("forked.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": "0"},
        )

    def close(self) -> None:
        """End the process that runs the tests."""
        self._forks.communicate()

    def tried(self, mutant: Mutant, *, whole_folder: bool = True) -> Trial:
        """Return what becomes of a mutant; the module stands as it stood afterwards, with its time of change.

        Parameters
        ----------
        mutant : Mutant
            Of a module of the copy.
        whole_folder : bool
            Whether one that the first tests of :func:`mirroring` do not find is tried against the others too.

        Raises
        ------
        RuntimeError
            Where the tests fail without the fault: nothing can be said then.
        """
        place = self.folder / mutant.path
        started, outcome, by = time.monotonic(), "lived", ""
        passed: list[str] = []
        for test in mirroring(mutant.path, self.folder)[: None if whole_folder else 1]:
            tests = (test, *(f"--ignore={one}" for one in passed))
            run = self._with_fault(mutant, tests, _FIRST_S)
            if run.code is None and self._without_fault(tests).processor_s * 3 + _LEAST_S > _FIRST_S:
                run = self._with_fault(mutant, tests, self._without_fault(tests).processor_s * 3 + _LEAST_S)
            if run.code is None:
                outcome = "too long"
            elif run.code not in {0, _NO_TESTS}:
                outcome, by = "killed", run.by
                self._fails_with_it_alone(run, tests)
            if outcome != "lived":
                break
            passed.append(test)
        digest = hashlib.sha256(place.read_bytes()).hexdigest()
        return Trial(mutant, outcome, digest, round(time.monotonic() - started, 1), by)

    def _with_fault(self, mutant: Mutant, tests: tuple[str, ...], limit_s: float) -> _Run:
        """Return how tests run with the fault; the module stands as it stood afterwards."""
        place = self.folder / mutant.path
        source, stands = place.read_text(encoding="utf-8"), place.stat()
        with self._compiled_without(place) as cache:
            place.write_text(mutated(source, mutant), encoding="utf-8")
            try:
                return self._run(tests, limit_s, cache)
            finally:
                place.write_text(source, encoding="utf-8")
                os.utime(place, ns=(stands.st_atime_ns, stands.st_mtime_ns))

    @contextmanager
    def _compiled_without(self, place: Path) -> Iterator[Path]:
        """Give a folder of compiled loops without those that may hold the module as it was; keep what others add."""
        outdated = {place}
        while more := {path for path, imports in self._imports.items() if imports & outdated} - outdated:
            outdated |= more
        kept = self.folder / ".compiled"
        kept.mkdir(exist_ok=True)
        left_out = shutil.ignore_patterns(*(f"{path.stem}.*" for path in outdated))
        with tempfile.TemporaryDirectory(prefix="spmc-compiled-") as anew:
            shutil.copytree(kept, anew, ignore=left_out, dirs_exist_ok=True)
            yield Path(anew)
            shutil.copytree(anew, kept, ignore=left_out, dirs_exist_ok=True)

    def _fails_with_it_alone(self, run: _Run, tests: tuple[str, ...]) -> None:
        """Raise where the test that failed fails without the fault, too; each is looked at once."""
        test = run.by.split(" - ")[0].split("[")[0]
        if not test:  # the process broke down
            self._without_fault(tests)
        elif test not in self._passing:
            alone = self._run((test,) if "::" in test else (test, "--collect-only"), None, self.folder / ".compiled")
            if alone.code != 0:
                raise RuntimeError(f"{test} fails without any fault; mend it first.")
            self._passing.add(test)

    def _without_fault(self, tests: tuple[str, ...]) -> _Run:
        """Return how the tests run without a fault."""
        if tests not in self._usual:
            run = self._run(tests, None, self.folder / ".compiled")
            if run.code not in {0, _NO_TESTS}:
                raise RuntimeError(f"{tests[0]} fails without any fault; mend it first: {run.by}")
            self._usual[tests] = run
        return self._usual[tests]

    def _run(self, tests: tuple[str, ...], limit_s: float | None, cache: Path) -> _Run:
        """Run tests, with the same examples each time; they are stopped at a limit of processor time.

        A busy machine decides nothing so; tests that wait instead are stopped after thirty times the limit.
        """
        options = ["-x", "-q", "--no-header", "--tb=no", "--assert=plain", "-p", "no:cacheprovider"]
        options += ["-o", "timeout=0", "--hypothesis-seed=0", "-m", "not browser", *tests]
        started, output = time.monotonic(), self.folder / ".output"
        code, processor_s = self._forked(
            {
                "folder": str(self.folder),
                "cache": str(cache),
                "output": str(output),
                "limit_s": round(limit_s or 0),
                "arguments": options,
            },
            None if limit_s is None else 30 * limit_s,
        )
        lines = output.read_text(encoding="utf-8", errors="replace").splitlines()
        failed = (line.split(maxsplit=1)[1] for line in lines if line.startswith(("FAILED ", "ERROR ")))
        code = None if code in {-signal.SIGXCPU, -signal.SIGKILL} else code
        return _Run(code, time.monotonic() - started, processor_s, next(failed, ""))

    def _forked(self, asked: dict[str, str | int | list[str]], wait_s: float | None) -> tuple[int, float]:
        """Return the exit code of a run and its processor time; it is killed after so many seconds by the clock."""
        to, of = self._forks.stdin, self._forks.stdout
        assert to is not None and of is not None  # both are pipes
        to.write(json.dumps(asked) + "\n")
        to.flush()
        process = int(of.readline())
        late = threading.Timer(wait_s if wait_s is not None else threading.TIMEOUT_MAX, _kill, [process])
        late.daemon = True
        late.start()
        try:
            code, processor_s = json.loads(of.readline())
        finally:
            late.cancel()
        return code, processor_s


def _kill(process: int) -> None:
    """End a process and those that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)


def _imported(path: Path, root: Path) -> frozenset[Path]:
    """Return the modules of the package that a module names in its imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    places = (root.joinpath(*name.split(".")) for name in found if name.startswith("spmc_tools"))
    return frozenset(place.with_suffix(".py") for place in places)


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
    mutants: Sequence[Mutant],
    kept: Path,
    *,
    workers: int,
    until: float,
    tell: Callable[[Trial], None],
    whole_folder: bool = True,
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
    whole_folder : bool
        As :meth:`Workplace.tried` takes it; where it is False, one that lived earlier is not tried again.
    """
    before, places = earlier(kept), SimpleQueue[Workplace]()
    kept.parent.mkdir(parents=True, exist_ok=True)

    def one(mutant: Mutant) -> Trial | None:
        of = hashlib.sha256((ROOT / mutant.path).read_bytes()).hexdigest()
        known = before.get((mutant, of))
        if known is not None and (known.outcome in FOUND or not whole_folder):
            return known
        if time.monotonic() > until:
            return None
        place = places.get()
        try:
            trial = place.tried(mutant, whole_folder=whole_folder)
        finally:
            places.put(place)
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(trial), ensure_ascii=False) + "\n")
        tell(trial)
        return trial

    with tempfile.TemporaryDirectory(prefix="spmc-mutants-") as folder:
        for number in range(workers):
            places.put(Workplace(Path(folder, str(number))))
        try:
            with ThreadPoolExecutor(workers) as pool:
                return [trial for trial in pool.map(one, mutants) if trial is not None]
        finally:
            while not places.empty():
                places.get().close()
