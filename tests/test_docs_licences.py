"""The list of licences names exactly the packages that the program runs with."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON, BROWSER = (ROOT / "docs" / "reference" / "licences.md").read_text(encoding="utf-8").split("## The network view")


def rows(part: str) -> list[tuple[str, ...]]:
    """Name, version and licence of each row below the head of the table."""
    table = [line for line in part.splitlines() if line.startswith("| ")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table[1:]]


def test_the_list_is_the_lock() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked = {tuple(line.split()[0].split("==")) for line in lines if line and not line.startswith(" ")}
    assert len(locked) > 150
    assert {row[:2] for row in rows(PYTHON)} == locked
    assert len(rows(PYTHON)) == len(locked)


def test_every_package_has_a_licence_or_a_reason() -> None:
    assert all(len(row) == 3 and row[2] and row[2] != "not stated" for row in [*rows(PYTHON), *rows(BROWSER)])
    absent = [row for row in rows(PYTHON) if row[2].startswith("not installed")]
    assert all(re.search(r"only for `[a-z_]+ == ", row[2]) for row in absent)
    assert len(absent) < 15


def test_licences_are_those_of_the_packages_known_by_heart() -> None:
    licences = {row[0]: row[2] for row in [*rows(PYTHON), *rows(BROWSER)]}
    assert licences["numpy"].startswith("BSD-3-Clause")
    assert licences["requests"] == "Apache Software License"
    assert licences["snscrape"].startswith("GNU General Public License v3")
    assert licences["sigma"] == "MIT"


def test_the_network_view_is_its_lock() -> None:
    packages = json.loads((ROOT / "js" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = {"@fontsource-variable/noto-nastaliq-urdu", "esbuild", "graphology", "sigma"}
    assert {row[0] for row in rows(BROWSER)} >= wanted
    assert all(packages[f"node_modules/{name}"]["version"] == version for name, version, _ in rows(BROWSER))
