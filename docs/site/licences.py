"""Write ``docs/reference/licences.md`` and ``docs/reference/sbom.cdx.json``: every package that the program runs with.

The second is the same as a list of parts for programs (CycloneDX 1.6): name, version, licence, address as a package
URL, of the network view's packages the SHA-512 of the lock. It holds no time: the same
locks give the same bytes.

Python's packages are those of ``requirements.lock``, with the licence that each installed one states of itself; those
of the network view stand in ``js/package-lock.json``.
"""

from __future__ import annotations

import base64
import json
import re
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 40
"""A licence field that is longer holds the licence itself, not its name."""

HEAD = """# Licences

SPMC Notebook is under GPL-3.0-or-later. The packages that it runs with, at the versions of `requirements.lock`, with
the licence that each states of itself. Written by `make licences`; a test compares names and versions with the lock.

AUDIT

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


def audited() -> str:
    """Return the sentence that says when `make audit` last asked, and what came of it."""
    path = ROOT / "docs" / "reference" / "audit.json"
    if not path.is_file():
        return (
            "What is known of their faults, `make audit` asks where a network is (pip-audit, npm audit). "
            "It has not been run where both could be asked."
        )
    kept = json.loads(path.read_text(encoding="utf-8"))
    known = sum(len(of["known"]) for of in kept["asked"].values())
    what = f"{known} faults were known then, listed in `audit.json`" if known else "none was known then"
    return (
        "What is known of their faults, `make audit` asks where a network is (pip-audit, npm audit). "
        f"Last run: {kept['date']}; {what}."
    )


def page() -> str:
    """Return the whole page."""
    rows = [python_row(*package) for package in locked()]
    return (
        HEAD.replace("AUDIT", audited())
        + "\n".join(rows)
        + "\n"
        + IN_THE_BROWSER
        + "\n".join(network_view_rows())
        + "\n"
    )


def sbom(listed: str) -> str:
    """Return the list of parts, CycloneDX 1.6 as JSON; ``listed``: the page, of which it takes the licences."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in listed.splitlines() if line[:2] == "| "]
    stated = {(row[0], row[1]): row[2] for row in rows if not row[2].startswith("not ")}
    scripts = json.loads((ROOT / "js" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    found = [_part(f"pkg:pypi/{name}@{version}", name, version, stated) for name, version, _ in locked()]
    for path, told in sorted(scripts.items()):
        name = path.removeprefix("node_modules/")
        if path and not (told.get("dev") or told.get("optional")):
            part = _part(f"pkg:npm/{quote(name)}@{told['version']}", name, told["version"], stated)
            digest = base64.b64decode(told["integrity"].removeprefix("sha512-")).hex()
            found.append(part | {"hashes": [{"alg": "SHA-512", "content": digest}]})
    own = {"type": "application", "name": "spmc-notebook", "licenses": [{"license": {"id": "GPL-3.0-or-later"}}]}
    content = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own},
        "components": found,
    }
    return json.dumps(content, indent=1, ensure_ascii=True) + "\n"


def _part(purl: str, name: str, version: str, stated: dict[tuple[str, str], str]) -> dict[str, object]:
    known = stated.get((name, version))
    licences = {} if known is None else {"licenses": [{"license": {"name": known}}]}
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, **licences}


if __name__ == "__main__":
    (ROOT / "docs" / "reference" / "licences.md").write_text(page(), encoding="utf-8")
    (ROOT / "docs" / "reference" / "sbom.cdx.json").write_text(sbom(page()), encoding="utf-8")
