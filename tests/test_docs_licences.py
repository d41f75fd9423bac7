"""The list of licences names exactly the packages that the program runs with."""

from __future__ import annotations

import base64
import json
import re
import runpy
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


def test_the_list_of_parts_is_that_of_the_locks_and_up_to_date() -> None:
    page = ROOT / "docs" / "reference"
    text = (page / "sbom.cdx.json").read_text(encoding="utf-8")
    listed = (page / "licences.md").read_text(encoding="utf-8")
    assert text == runpy.run_path(str(ROOT / "docs" / "site" / "licences.py"))["sbom"](listed), "type: make licences"
    found = json.loads(text)
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    wanted = {"pkg:pypi/" + line.split()[0].replace("==", "@") for line in lines if line and line[0] not in " #"}
    scripts = json.loads((ROOT / "js" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, version, _ in rows(BROWSER):
        wanted.add(f"pkg:npm/{name.replace('@', '%40')}@{version}")
        (part,) = [one for one in found["components"] if one["name"] == name and "npm" in one["purl"]]
        digest = base64.b64encode(bytes.fromhex(part["hashes"][0]["content"])).decode()
        assert scripts[f"node_modules/{name}"]["integrity"] == f"sha512-{digest}"
    parts = [one["purl"] for one in found["components"]]
    assert len(parts) == len(set(parts)) and set(parts) == wanted
    assert all(one["bom-ref"] == one["purl"] for one in found["components"])
