"""Write ``docs/reference/licences.md``: name, version and licence of every package that the program runs with.

Python's packages are those of ``requirements.lock``, with the licence that each installed one states of itself; those
of the network view stand in ``js/package-lock.json``.
"""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 40
"""A licence field that is longer holds the licence itself, not its name."""

HEAD = """# Licences

SPMC Notebook is under GPL-3.0-or-later. The packages that it runs with, at the versions of `requirements.lock`, with
the licence that each states of itself. Written by `make licences`; a test compares names and versions with the lock.

| package | version | licence |
|---|---|---|
"""

IN_THE_BROWSER = """
## The network view

What the bundle of the network view is made of and built with, from `js/package-lock.json`.

| package | version | licence |
|---|---|---|
"""


def licence(stated: metadata.PackageMetadata) -> str:
    """Return the licence expression of a package, else its classifier, else its short licence field."""
    if stated.get("License-Expression"):
        return str(stated["License-Expression"])
    classifiers = stated.get_all("Classifier") or []
    classified = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    if classified:
        return ", ".join(classified)
    field = str(stated.get("License") or "").strip()
    return field if 0 < len(field) <= LONGEST else "not stated"


def locked() -> list[tuple[str, str, str]]:
    """Return name, version and marker of each package of ``requirements.lock``; the marker may be empty."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)==(\S+)(?: ; ([^\\\n]+?))? *\\?$", text, re.MULTILINE)
    return [(name, version, marker.strip()) for name, version, marker in found]


def python_row(name: str, version: str, marker: str) -> str:
    """Return the row of a package; one that is for other machines only says so in the place of its licence."""
    try:
        stated = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return f"| {name} | {version} | not installed where this was written: only for `{marker}` |"
    return f"| {name} | {version} | {licence(stated)} |"


def network_view_rows() -> list[str]:
    """Return a row for each package of the network view; parts of them for one kind of machine are left out."""
    packages = json.loads((ROOT / "js" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return [
        f"| {path.removeprefix('node_modules/')} | {found['version']} | {found.get('license', 'not stated')} |"
        for path, found in sorted(packages.items())
        if path and not (found.get("dev") or found.get("optional"))
    ]


def page() -> str:
    """Return the whole page."""
    rows = [python_row(*package) for package in locked()]
    return HEAD + "\n".join(rows) + "\n" + IN_THE_BROWSER + "\n".join(network_view_rows()) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "reference" / "licences.md").write_text(page(), encoding="utf-8")
