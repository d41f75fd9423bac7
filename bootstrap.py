"""Set up the environment in ``.venv/`` and run the project's tasks, with nothing but Python's standard library.

``make demo`` and ``make test`` call this script; on a machine without make, type::

    python bootstrap.py demo
    python bootstrap.py test

Every package comes from the lock files with its hash; a second run finds the environment as it is and takes seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
SPMC = BIN / ("spmc.exe" if os.name == "nt" else "spmc")
CORE, TEST, SCALE, DOCS, AUDIT = (
    ROOT / f"requirements{part}.lock" for part in ("", "-test", "-scale", "-docs", "-audit")
)
STARTED = time.monotonic()


def say(text: str) -> None:
    """Print one line that says what is being done, with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:5.0f} s] {text}", flush=True)


def stop(sentence: str) -> None:
    """End with one sentence on standard error."""
    print(sentence, file=sys.stderr)
    raise SystemExit(1)


def run(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a command of the environment; end with its exit code when it fails."""
    code = subprocess.run([str(part) for part in command], cwd=ROOT, env=env, check=False).returncode
    if code:
        raise SystemExit(code)


def run_with_bar(command: list[str | Path], total: int) -> None:
    """Run pip and show how many of ``total`` packages it has looked at; on failure show what it said."""
    seen, said = 0, []
    with subprocess.Popen(
        [str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        for line in pip.stdout or ():
            said.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied", "Ignoring ")):
                seen = min(seen + 1, total)
            if sys.stdout.isatty():
                doing = "installing" if line.startswith("Installing") else f"{seen}/{total}"
                print(f"\r  [{'#' * (40 * seen // total):<40}] {doing:<12}", end="", flush=True)
    if sys.stdout.isatty():
        print()
    if pip.returncode:
        sys.stderr.writelines(said[-20:])
        raise SystemExit(pip.returncode)


def fingerprint(*locks: Path) -> str:
    """Return what an environment depends on: the Python it was made with, the locks and the project's own file."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (*locks, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def has(stamp: str, wanted: str) -> bool:
    """Tell whether the environment already holds what ``stamp`` stands for."""
    path = VENV / f".{stamp}.stamp"
    return path.is_file() and path.read_text() == wanted


def make_environment() -> None:
    """Make ``.venv/`` where there is none that works."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where a too old Python is told so
        stop(f"Python {sys.version.split()[0]} is too old: 3.11 or newer is wanted. Type: make PYTHON=python3.11 demo")
    works = PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], check=False, capture_output=True)
    if works and works.returncode == 0:
        return
    say(f"Making the environment in {VENV.name}/ with Python {sys.version.split()[0]}")
    shutil.rmtree(VENV, ignore_errors=True)
    run(sys.executable, "-m", "venv", VENV)


def install(stamp: str, *locks: Path, project: bool = True) -> None:
    """Install one set of locked packages, and the project itself, unless they are already there."""
    wanted = fingerprint(*locks)
    if has(stamp, wanted):
        return
    pip: list[str | Path] = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--progress-bar", "off"]
    for lock in locks:
        packages = sum(1 for line in lock.read_text().splitlines() if "==" in line)
        say(f"Installing {packages} packages from {lock.name}; the first time this takes a minute or two")
        # --no-deps: a lock holds every package that is needed, also where one asks for less than [tool.uv] allows it
        run_with_bar([*pip, "--require-hashes", "--no-deps", "-r", lock], packages)
    if project:
        say("Installing the project itself")
        run(*pip, "-q", "--no-deps", "--no-build-isolation", "-e", ROOT)
    (VENV / f".{stamp}.stamp").write_text(wanted)


def network_view() -> None:
    """Have the network view of the explorer; without it the explorer shows a picture and says so.

    Where a wheel lies in ``build/wheel/``, as ``make wheel`` writes it, the view is taken out of it, with its hashes
    compared: no npm, no network. Else it is built from ``js/``.
    """
    wheels = sorted((ROOT / "build" / "wheel").glob("spmc_notebook-*.whl"))
    take = [PYTHON, ROOT / "js" / "build.py", "--from", wheels[-1]] if wheels else None
    if take and not subprocess.run(take, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode:
        say(f"The network view comes from {wheels[-1].name}")
        return
    say("Building the network view from js/")
    if subprocess.run([PYTHON, ROOT / "js" / "build.py"], cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode:
        say("The network view could not be built: the explorer will show a still picture in its place")


def packages() -> None:
    """Install the packages that the program runs with, and the program."""
    make_environment()
    # The larger set of packages holds the smaller one at the same versions: the lock test compares them.
    if not has("test", fingerprint(TEST)):
        install("core", CORE)


def core() -> None:
    """Set up what an investigator needs."""
    packages()
    network_view()


def from_debian(programs: tuple[str, ...], package: str, tests: str) -> None:
    """Install a package of Debian for some tests where its programs are missing and where that is possible."""
    if any(shutil.which(name) for name in programs):
        return
    if shutil.which("apt-get") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        say(f"No {programs[0]} here, and no way to install it: the {tests} tests will be skipped and say so")
        return
    say(f"Installing {package} for the {tests} tests")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "-y", "install", package]):
        if subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL).returncode:
            say(f"{package} could not be installed: the {tests} tests will be skipped and say so")
            return


def developer() -> None:
    """Set up what the test suite needs: the test extras, the scale extras, a browser, Java."""
    make_environment()
    install("test", TEST)
    install("scale", SCALE, project=False)
    network_view()
    from_debian(("chromium", "chromium-browser", "google-chrome"), "chromium", "browser")
    from_debian(("java",), "openjdk-17-jre-headless", "Spark")


def demo() -> None:
    """Import the sample case, investigate it, render the report; the last line is the path of the HTML."""
    core()
    say("Running the sample case")
    run(SPMC, "demo")


def test(arguments: list[str]) -> None:
    """Run the whole suite: style, types, tests. Arguments after ``--`` go to pytest instead of the whole suite."""
    developer()
    if not arguments:
        say("Style: ruff")
        run(PYTHON, "-m", "ruff", "check", ".")
        run(PYTHON, "-m", "ruff", "format", "--check", ".")
        say("Types: mypy --strict, beside the tests")
    with types_beside(not arguments):
        say("Tests: pytest")
        # a file's tests stay in one process: they share what they were made from; one process more than there are
        # processors, since those in a browser or a child process wait for a quarter of their time
        several = ["-n", str(min((os.cpu_count() or 1) + 1, 4)), "--dist", "loadfile", "--no-loadscope-reorder"]
        # each of some hundred processes would compile the program anew where the machine is told to keep no bytecode
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        run(PYTHON, "-m", "pytest", *(arguments or several), env=environment)


@contextmanager
def types_beside(wanted: bool) -> Iterator[None]:
    """Check the types while something else runs; say afterwards what came of it, and end where they are wrong."""
    if not wanted:
        yield
        return
    command = [PYTHON, "-m", "mypy", "-p", "spmc_tools"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as checked:
        try:
            yield
        finally:
            print(checked.communicate()[0], end="", flush=True)
    if checked.returncode:
        raise SystemExit(checked.returncode)


def soak(arguments: list[str]) -> None:
    """Run the long loads and fault runs of the folders of ``soak/``, one after the other."""
    developer()
    for program in sorted((ROOT / "soak").glob("*/[!_]*.py")):
        if not arguments or program.stem in arguments:
            say(f"soak/{program.parent.name}/{program.name}")
            run(PYTHON, "-m", f"soak.{program.parent.name}.{program.stem}")


def mutate(arguments: list[str]) -> None:
    """Put small faults into the package, one at a time, and list those that no test finds; takes hours."""
    developer()
    run(PYTHON, "-m", "benchmarks.mutation", *arguments)


def docs() -> None:
    """Build the documentation into build/site; a warning is an error. The last line is the path of its first page."""
    packages()
    install("docs", DOCS, project=False)
    say("Building the documentation")
    built = ROOT / "build" / "site"
    shutil.rmtree(built, ignore_errors=True)
    sphinx = [PYTHON, "-m", "sphinx", "-q", "--fail-on-warning", "--keep-going", "-b", "html"]
    run(*sphinx, "-d", ROOT / "build" / "doctrees", "-c", ROOT / "docs" / "site", ROOT / "docs", built)
    print(built / "index.html")


def wheel() -> None:
    """Build the wheel, network view and all, into build/wheel; of the same sources it has the same bytes."""
    packages()
    say("Building the wheel")
    built = ROOT / "build" / "wheel"
    shutil.rmtree(built, ignore_errors=True)
    run(PYTHON, "-m", "pip", "-q", "wheel", "--no-deps", "--no-build-isolation", "-w", built, ROOT)
    for path in built.iterdir():
        print(hashlib.sha256(path.read_bytes()).hexdigest(), path)


def bundle(arguments: list[str]) -> None:
    """Write the archives from which PCs without a network install the program; arguments: win_amd64 manylinux macos."""
    developer()
    wheel()
    docs()
    run(PYTHON, "-m", "release.bundle", *(arguments or ["win_amd64", "manylinux", "macos"]))


def audit() -> None:
    """Ask what is known of the locked packages, Python's and JavaScript's; the last line says what came of it.

    Exit code 0: nothing is known. 1: something is. 3: nobody could be asked, as on a machine without a network.
    """
    packages()
    own = ROOT / "build" / "audit"
    where = own / BIN.name / PYTHON.name
    if not where.exists():
        say("Making an environment for pip-audit alone")
        run(sys.executable, "-m", "venv", own)
    pip = [where, "-m", "pip", "-q", "--disable-pip-version-check", "install", "--require-hashes", "--no-deps"]
    subprocess.run([*pip, "-r", ROOT / "requirements-audit.lock"], check=False)  # without it, audit.py says so
    say("Asking pip-audit and npm audit")
    run(PYTHON, ROOT / "docs" / "site" / "audit.py")


def licences() -> None:
    """Write licences.md and sbom.cdx.json of docs/reference: what the program runs with, and under which licences."""
    packages()
    run(PYTHON, ROOT / "docs" / "site" / "licences.py")


def lock() -> None:
    """Write the lock files anew from pyproject.toml."""
    make_environment()
    install("test", TEST)
    # "fewest": one version of each package for every Python, so that results and types are those that were checked
    flags = "--universal --fork-strategy fewest --python-version 3.11 --generate-hashes"
    quiet = "--no-emit-index-url --no-emit-find-links --no-annotate --no-header -q"
    compile_ = [PYTHON, "-m", "uv", "pip", "compile", *flags.split(), *quiet.split(), "pyproject.toml"]
    run(*compile_, "--extra", "build", "-o", CORE)
    run(*compile_, "--extra", "build", "--extra", "dev", "-c", CORE, "-o", TEST)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    extras["audit"] = ["pip-audit>=2.9"]  # in an environment of its own: no part of the program
    for extra, options in (("scale", ("-o", SCALE)), ("docs", ("-c", TEST, "-o", DOCS)), ("audit", ("-o", AUDIT))):
        names = VENV / f"{extra}.in"
        names.write_text("\n".join(extras[extra]) + "\n")
        run(*[part if part != "pyproject.toml" else names for part in compile_], *options)


def main() -> None:
    """Read the command line."""
    listed = (demo, test, developer, docs, licences, wheel, bundle, audit, lock, soak, mutate)
    tasks = {task.__name__: task for task in listed} | {"setup": core}
    parser = argparse.ArgumentParser(description="Set up SPMC Notebook and run its tasks.")
    parser.add_argument("task", choices=tasks)
    wanted = "test: paths for pytest; soak: programs; bundle: platforms; mutate: its options, as --mutants 40"
    parser.add_argument("arguments", nargs="*", help=wanted)
    given, rest = parser.parse_known_args()
    task = tasks[given.task]
    if task in (test, soak, mutate, bundle):
        task([*given.arguments, *rest])
    elif given.arguments or rest:
        stop(f"{given.task} takes no arguments; found {' '.join([*given.arguments, *rest])}.")
    else:
        task()


if __name__ == "__main__":
    main()
