"""Install SPMC Notebook from the folder that this file lies in, update it, or take it away; without a network.

Called by ``install.cmd`` (Windows) and ``install.sh``; no administrator, nothing but Python's standard library. All
that is in the bundle is compared with ``SHA256SUMS`` before anything is changed. Each version gets a folder of its own;
the starters are moved to it when it works, so a broken installation leaves the one before as it was. Cases, keys and
settings lie elsewhere and are never touched.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
WINDOWS = os.name == "nt"
SUMS, ABOUT, WHEELS, WANTED = "SHA256SUMS", "bundle.json", "wheels", "requirements-{}.txt"
STARTERS = {"spmc-app": "app", "spmc-lab": "lab", "spmc": ""}
LEAST_FREE = 3 * 10**9


class RefusedError(Exception):
    """The message says what is wrong and what to do; nothing was changed."""


def usual_folder() -> Path:
    """Return where the program goes when nobody says otherwise: a folder of the user's own."""
    if WINDOWS:
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "SPMC Notebook"
    return Path.home() / ".local" / "share" / "spmc-notebook"


def starters_folder() -> Path:
    """Return where the starters go: the start menu on Windows, the user's own programs elsewhere."""
    if WINDOWS:
        roaming = Path(os.environ.get("APPDATA") or Path.home())
        return roaming / "Microsoft" / "Windows" / "Start Menu" / "Programs" / "SPMC Notebook"
    return Path.home() / ".local" / "bin"


def checked(bundle: Path) -> dict[str, object]:
    """Compare every file of the bundle with its hash and return what the bundle says of itself.

    Raises
    ------
    RefusedError
        Where a file differs, is missing, or is one too many.
    """
    try:
        lines = (bundle / SUMS).read_text(encoding="utf-8").splitlines()
        about = json.loads((bundle / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RefusedError(
            f"{SUMS} or {ABOUT} is missing here or cannot be read; unpack the whole archive again."
        ) from None
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    there = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    there = {name for name in there if not name.startswith("python/") and "__pycache__" not in name} - {SUMS}
    if wrong := sorted(there ^ set(listed)):
        raise RefusedError(
            f"{wrong[0]} is {'not listed' if wrong[0] in there else 'missing'}; unpack the archive again."
        )
    for name, digest in listed.items():
        with (bundle / name).open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != digest:
                raise RefusedError(f"{name} is not the file that the bundle was made with; ask for the bundle again.")
    return dict(about)


def version_folder(about: dict[str, object], bundle: Path) -> str:
    """Return the name of the folder of a version: its number and the first letters of the hash of all its files."""
    digest = hashlib.sha256((bundle / SUMS).read_bytes()).hexdigest()[:8]
    return f"{about['version']}-{digest}"


def require_fitting(about: dict[str, object], folder: Path) -> str:
    """Return the name of this Python, as ``313``, where the bundle is for it and there is room.

    Raises
    ------
    RefusedError
        Where it is not, or there is none.
    """
    python, platform = f"{sys.version_info[0]}{sys.version_info[1]}", sysconfig.get_platform()
    pythons = about.get("pythons")
    if not isinstance(pythons, list) or python not in pythons:
        wanted = ", ".join(f"{one[0]}.{one[1:]}" for one in pythons or ())
        raise RefusedError(f"This is Python {python[0]}.{python[1:]}; the bundle is for {wanted}. Install one of them.")
    if not re.search(str(about["system"]), platform):
        raise RefusedError(
            f"This machine is {platform}; the bundle is for {about['platform']}. Ask for the one for it."
        )
    there = next(one for one in (folder, *folder.parents) if one.is_dir())
    if (free := shutil.disk_usage(there).free) < LEAST_FREE:
        raise RefusedError(f"Only {free / 1e9:.1f} GB are free in {there}; {LEAST_FREE / 1e9:.0f} GB are wanted.")
    return python


def environment(target: Path) -> Path:
    """Make the environment of a version and return its Python; a Python without ``venv`` is copied whole."""
    try:
        import venv  # noqa: F401, PLC0415 -- the embeddable Python of Windows has none
    except ImportError:
        home = Path(sys.executable).parent
        shutil.copytree(home, target)
        for path in target.glob("python*._pth"):  # it says what is on the path, and leaves out what is installed
            names = [
                line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
            ]
            names += [line for line in ("Lib\\site-packages", "import site") if line not in names]
            path.write_text("\n".join(names) + "\n", encoding="utf-8")
        return target / Path(sys.executable).name
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(target)], check=True)
    return target / ("Scripts/python.exe" if WINDOWS else "bin/python")


def install_wheels(python: Path, bundle: Path, name: str) -> None:
    """Install the wheels of the bundle, each with its hash, by the pip that lies among them."""
    pip = next((bundle / WHEELS).glob("pip-*.whl"))
    site = python.parent / "Lib" / "site-packages"
    where = ["--target", str(site)] if not (python.parent.parent / "pyvenv.cfg").is_file() else []
    command = [
        str(python), str(pip / "pip"), "install", "-q", "--disable-pip-version-check", "--no-index", "--no-deps",
        "--no-warn-script-location", "--require-hashes", "--find-links", str(bundle / WHEELS), *where,
        "-r", str(bundle / WANTED.format(name)),
    ]  # fmt: skip
    clean = {key: value for key, value in os.environ.items() if not key.upper().startswith(("PIP_", "PYTHON"))}
    done = subprocess.run(command, env=clean, check=False, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise RefusedError(f"The packages could not be installed: {said[-1] if said else done.returncode}")


def tried(python: Path, about: dict[str, object]) -> None:
    """Start the program once; it has to say its version."""
    command = [str(python), "-I", "-m", "spmc_tools", "--version"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    if done.returncode or str(about["version"]) not in done.stdout:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise RefusedError(f"What was installed does not start: {said[-1] if said else done.returncode}")


def starter(python: Path, task: str) -> str:
    """Return the text of a starter: cases lie in the user's own folder unless ``SPMC_CASES`` says otherwise."""
    if not WINDOWS:
        lines = ["#!/bin/sh", ': "${SPMC_CASES:=$HOME/SPMC/cases}"', "export SPMC_CASES"]
        return "\n".join([*lines, f'exec {shlex.quote(str(python))} -I -m spmc_tools {task} "$@"', ""])
    where, own = str(python).replace("%", "%%"), os.environ.get("LOCALAPPDATA")
    if own and python.is_relative_to(own):  # names of users may hold letters that a batch file does not
        where = "%LOCALAPPDATA%" + where[len(own.replace("%", "%%")) :]
    lines = ["@echo off", 'if not defined SPMC_CASES set "SPMC_CASES=%USERPROFILE%\\SPMC\\cases"', "chcp 65001 >nul"]
    return "\r\n".join([*lines, f'"{where}" -I -m spmc_tools {task} %*', ""])


def write_starters(python: Path, folder: Path) -> None:
    """Write the starters, each in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, task in STARTERS.items():
        path = folder / (f"{name}.cmd" if WINDOWS else name)
        part = path.with_name(f".{path.name}.part")
        part.write_text(starter(python, task), encoding="utf-8", newline="")
        part.chmod(0o755)
        part.replace(path)


def install(bundle: Path, folder: Path, starters: Path) -> str:
    """Install or update, and return the sentence that says what was done.

    Raises
    ------
    RefusedError
        Where something is wrong; the version that was installed before is as it was.
    """
    began = time.monotonic()
    about = checked(bundle)
    name = require_fitting(about, folder)
    target = folder / "versions" / version_folder(about, bundle)
    before = current(folder)
    if not (target / "complete").is_file():
        shutil.rmtree(target, ignore_errors=True)  # of an installation that was broken off
        target.mkdir(parents=True)
        try:
            python = environment(target / "python")
            install_wheels(python, bundle, name)
            tried(python, about)
        except BaseException:
            shutil.rmtree(target, ignore_errors=True)
            raise
        for more in about.get("beside") or []:  # type: ignore[attr-defined]
            copy = shutil.copytree if (bundle / more).is_dir() else shutil.copy2
            copy(bundle / more, target / more)
        (target / "complete").write_text(str(python.relative_to(target).as_posix()), encoding="utf-8")
    python = target / (target / "complete").read_text(encoding="utf-8")
    write_starters(python, starters)
    part = folder / "current.part"
    part.write_text(target.name, encoding="utf-8")
    part.replace(folder / "current")
    kept = {target.name, before}
    for old in (folder / "versions").iterdir():
        if old.name not in kept:
            shutil.rmtree(old, ignore_errors=True)
    what = f"Version {about['version']} is installed in {target} ({time.monotonic() - began:.0f} s)."
    return f"{what} Start it with {starters / next(iter(STARTERS))}; cases, keys and settings were not touched."


def current(folder: Path) -> str | None:
    """Return the name of the version that the starters lead to."""
    try:
        return (folder / "current").read_text(encoding="utf-8").strip()
    except OSError:
        return None


def back(folder: Path, starters: Path) -> str:
    """Go back to the version before, which an update leaves in its place."""
    now = current(folder)
    names = sorted(one.parent.name for one in (folder / "versions").glob("*/complete") if one.parent.name != now)
    if not names:
        raise RefusedError("There is no version before this one.")
    target = folder / "versions" / names[-1]
    write_starters(target / (target / "complete").read_text(encoding="utf-8"), starters)
    (folder / "current").write_text(target.name, encoding="utf-8")
    return f"The starters lead to {target.name} again."


def uninstall(folder: Path, starters: Path) -> str:
    """Take the program away; cases, keys and settings stay."""
    if current(folder) is None:
        raise RefusedError(f"Nothing is installed in {folder}; say with --folder where it is.")
    for name in STARTERS:
        (starters / (f"{name}.cmd" if WINDOWS else name)).unlink(missing_ok=True)
    for name in ("versions", "current"):
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for place in (folder, starters):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
    return "The program is gone. Cases, keys and settings lie where they were."


def main() -> int:
    """Read the command line; 0: done, 1: refused with a sentence."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("task", nargs="?", default="install", choices=("install", "check", "back", "uninstall"))
    parser.add_argument("--folder", type=Path, default=usual_folder(), help="where the program goes")
    parser.add_argument("--starters", type=Path, default=starters_folder(), help="where the starters go")
    asked = parser.parse_args()
    folder, starters = asked.folder.absolute(), asked.starters.absolute()
    try:
        if asked.task == "check":
            about = checked(HERE)
            print(f"Every file is the one that the bundle of version {about['version']} was made with.")
        elif asked.task == "back":
            print(back(folder, starters))
        elif asked.task == "uninstall":
            print(uninstall(folder, starters))
        else:
            print(install(HERE, folder, starters))
    except RefusedError as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, subprocess.SubprocessError) as error:
        print(f"It could not be done: {error}. What was installed before is as it was.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
