"""Write a bundle: one archive from which an office PC without a network installs the program.

``make bundle ARGS=win_amd64`` writes ``build/bundle/spmc-notebook-VERSION-win_amd64.zip``. In it lie the wheels of
every package that the program runs with, each with its hash, for Python 3.11, 3.12 and 3.13; the program's own wheel
with network view and sample case; the documentation; the list of licences and the SBOM; the installer. Nothing in it
has to be built: a package without a wheel for the platform is refused. Of the same wheels it has the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
PYTHONS = ("3.11", "3.12", "3.13")
PIP = "pip"
BIG_MB = 10
_WHEN = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Platform:
    """A kind of machine: ``resolver`` as uv names it, ``tags`` of its wheels, ``system`` as Python says it."""

    resolver: str
    tags: tuple[str, ...]
    system: str
    installers: tuple[str, ...]


PLATFORMS = {
    "win_amd64": Platform("x86_64-pc-windows-msvc", ("win_amd64",), r"^win-amd64$", ("install.cmd",)),
    "manylinux": Platform(
        "x86_64-manylinux_2_28",
        (*(f"manylinux_2_{n}_x86_64" for n in range(28, 4, -1)), "manylinux2014_x86_64", "manylinux2010_x86_64"),
        r"^linux-x86_64$",
        ("install.sh",),
    ),
    "macos": Platform(
        "aarch64-apple-darwin",
        tuple(f"macosx_{n}_0_arm64" for n in (14, 13, 12, 11))
        + tuple(f"macosx_{n}_0_universal2" for n in (14, 13, 12, 11))
        + ("macosx_10_9_universal2", "macosx_10_13_universal2"),
        r"^macosx-.*-(arm64|universal2)$",
        ("install.sh",),
    ),
}


def wanted(platform: Platform, python: str, folder: Path) -> Path:
    """Write what has to be installed on a platform, with all hashes that the lock knows, and return the file."""
    path = folder / f"requirements-{python.replace('.', '')}.txt"
    command = [
        sys.executable, "-m", "uv", "pip", "compile", "-q", "pyproject.toml", "-c", "requirements.lock",
        "--python-platform", platform.resolver, "--python-version", python, "--generate-hashes", "--no-annotate",
        "--no-header", "--no-emit-index-url", "--no-emit-find-links", "-o", str(path),
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)
    return path


def fetch(platform: Platform, python: str, listed: Path, wheels: Path) -> None:
    """Have pip fetch the wheels of a list, each compared with its hash; one without a wheel ends it."""
    tags = [part for tag in platform.tags for part in ("--platform", tag)]
    command = [
        sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
        "--only-binary", ":all:", "--python-version", python, "--implementation", "cp", *tags,
        "--require-hashes", "-r", str(listed), "-d", str(wheels),
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)


def only_used(listed: Path, wheels: Path, own: Path) -> None:
    """Write a list anew, with the hashes of the wheels that lie in the bundle; the program's own comes last."""
    by_hash = {hashlib.sha256(path.read_bytes()).hexdigest(): path.name for path in wheels.glob("*.whl")}
    lines = []
    for block in re.split(r"\n(?=\S)", listed.read_text(encoding="utf-8").strip()):
        hashes = [found for found in re.findall(r"sha256:([0-9a-f]{64})", block) if found in by_hash]
        if not hashes:
            raise SystemExit(f"No wheel of {block.split(' ')[0]} lies in the bundle.")
        name = re.split(r"[\s;\\]", block, maxsplit=1)[0]
        lines.append(" \\\n".join([name, *(f"    --hash=sha256:{found}" for found in sorted(hashes))]))
    digest = hashlib.sha256(own.read_bytes()).hexdigest()
    name, version = own.name.split("-")[:2]
    lines.append(f"{name.replace('_', '-')}=={version} \\\n    --hash=sha256:{digest}")
    listed.write_text("\n".join(lines) + "\n", encoding="utf-8")


def beside(folder: Path) -> list[str]:
    """Copy what lies beside the program: documentation where it was built, licences, SBOM, the licence itself."""
    reference = ROOT / "docs" / "reference"
    for path in (reference / "licences.md", reference / "sbom.cdx.json", ROOT / "LICENSE", ROOT / "CHANGELOG.md"):
        shutil.copyfile(path, folder / path.name)
    names = ["LICENSE", "licences.md", "CHANGELOG.md"]
    if (ROOT / "build" / "site").is_dir():
        shutil.copytree(
            ROOT / "build" / "site", folder / "docs", ignore=shutil.ignore_patterns(".doctrees", ".buildinfo")
        )
        names.append("docs")
    return names


def sums(folder: Path) -> str:
    """Return one line a file, hash and name, in the order of names."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}" for path in paths
    ]
    return "\n".join(lines) + "\n"


def packed(folder: Path, archive: Path) -> None:
    """Write a folder as a zip whose bytes depend on its files alone."""
    with zipfile.ZipFile(archive, "w") as made:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", _WHEN)
            info.compress_type = zipfile.ZIP_STORED if path.suffix == ".whl" else zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = (0o755 if path.suffix in {".sh", ".py"} else 0o644) << 16
            with path.open("rb") as stream, made.open(info, "w") as out:
                shutil.copyfileobj(stream, out, 1 << 20)


def bundle(name: str, pythons: tuple[str, ...], own: Path, pip: str, out: Path) -> Path:
    """Write the bundle of a platform and return its path.

    Parameters
    ----------
    name : str
        Of :data:`PLATFORMS`.
    pythons : tuple of str
        Versions of Python, as ``3.13``.
    own : pathlib.Path
        The program's own wheel.
    pip : str
        The pip that installs, with its version and hash, as a line of a list.
    out : pathlib.Path
        The folder of bundles.
    """
    platform, version = PLATFORMS[name], own.name.split("-")[1]
    folder = out / f"spmc-notebook-{version}-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    listed = [wanted(platform, python, folder) for python in pythons]
    for python, path in zip(pythons, listed, strict=True):
        print(f"{name}: wheels for Python {python}", flush=True)
        fetch(platform, python, path, wheels)
    (folder / "pip.txt").write_text(pip + "\n", encoding="utf-8")
    fetch(platform, pythons[-1], folder / "pip.txt", wheels)
    (folder / "pip.txt").unlink()
    shutil.copyfile(own, wheels / own.name)
    for path in listed:
        only_used(path, wheels, own)
    for script in ("install.py", *platform.installers):
        shutil.copyfile(HERE / script, folder / script)
    about = {
        "version": version, "platform": name, "system": platform.system,
        "pythons": [python.replace(".", "") for python in pythons], "beside": beside(folder),
    }  # fmt: skip
    (folder / "bundle.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    (folder / "SHA256SUMS").write_text(sums(folder), encoding="utf-8")
    archive = out / f"{folder.name}.zip"
    packed(folder, archive)
    return archive


def pip_line() -> str:
    """Return the newest pip as a line of a list with hashes."""
    command = [
        sys.executable, "-m", "uv", "pip", "compile", "-q", "-", "--generate-hashes", "--no-annotate", "--no-header",
        "--no-emit-index-url", "--no-emit-find-links",
    ]  # fmt: skip
    return subprocess.run(command, input=PIP, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()


def told(archive: Path) -> str:
    """Return what a bundle holds: its hash, its size, and what in it is large."""
    with zipfile.ZipFile(archive) as made:
        sizes = {info.filename.rsplit("/", 1)[-1]: info.file_size for info in made.infolist()}
    large = sorted(((size, name) for name, size in sizes.items() if size > BIG_MB << 20), reverse=True)
    lines = [f"{hashlib.sha256(archive.read_bytes()).hexdigest()}  {archive.name}"]
    lines.append(f"{archive.stat().st_size / 1e6:.0f} MB, {len(sizes)} files; above {BIG_MB} MB:")
    return "\n".join([*lines, *(f"  {size / 1e6:5.0f} MB  {name}" for size, name in large)])


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("platforms", nargs="+", choices=sorted(PLATFORMS))
    parser.add_argument("--pythons", nargs="+", default=PYTHONS, choices=PYTHONS, help="versions of Python")
    parser.add_argument("--wheel", type=Path, help="the program's own wheel; else the newest in build/wheel")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bundle")
    asked = parser.parse_args()
    made = [asked.wheel] if asked.wheel else sorted((ROOT / "build" / "wheel").glob("spmc_notebook-*.whl"))
    if not made or not made[-1].is_file():
        raise SystemExit("There is no wheel of the program; type: make wheel")
    os.environ.setdefault("PIP_NO_INPUT", "1")
    pip = pip_line()
    for name in asked.platforms:
        print(told(bundle(name, tuple(asked.pythons), made[-1].resolve(), pip, asked.out.resolve())), flush=True)


if __name__ == "__main__":
    main()
