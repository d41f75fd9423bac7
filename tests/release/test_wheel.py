"""The wheel: the same sources give the same bytes, and the network view in it is the one on record."""

from __future__ import annotations

import hashlib
import os
import runpy
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = ("tests", ".git", ".venv", "build", "node_modules", "soak", "benchmarks", "*cache*", "cases", "lab")
JS = runpy.run_path(str(ROOT / "js" / "build.py"))
BUILD = """
import sys
from hatchling.builders.wheel import WheelBuilder
print(next(WheelBuilder(sys.argv[1]).build(directory=sys.argv[2], versions=["standard"])))
"""

pytestmark = pytest.mark.skipif(not JS["is_built"](), reason="the network view is not built here (make setup)")


def built(folder: Path) -> Path:
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder), str(folder / "out")], capture_output=True, text=True, check=True
    )
    return Path(done.stdout.splitlines()[-1])


def test_two_builds_of_the_same_sources_are_the_same_bytes(tmp_path: Path) -> None:
    """In two folders, with files of another day and of other modes."""
    first, second = tmp_path / "one", tmp_path / "two" / "deeper"
    for folder, day in ((first, 1_600_000_000), (second, 1_700_000_000)):
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        for path in folder.rglob("*"):
            os.utime(path, (day, day), follow_symlinks=False)
            if path.is_file() and not path.is_symlink():
                path.chmod(0o644 if folder is first else 0o600)
    one, two = built(first), built(second)
    with zipfile.ZipFile(one) as archive:
        names = archive.namelist()
        view = archive.read("spmc_tools/_resources/js/dist/network_view.js")
    assert len(names) > 600 and hashlib.sha256(view).hexdigest() in JS["RECORD"].read_text(encoding="utf-8")
    assert hashlib.sha256(one.read_bytes()).hexdigest() == hashlib.sha256(two.read_bytes()).hexdigest()


def test_the_network_view_that_is_built_is_the_one_on_record() -> None:
    assert JS["built_hashes"](JS["BUILT"].parent) == JS["RECORD"].read_text(encoding="utf-8")
