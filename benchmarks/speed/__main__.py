"""Measure the rows of the table in ``docs/measured/performance.md``, one after the other, and write it.

    python -m benchmarks.speed --peer-python PYTHON --write            # everything
    python -m benchmarks.speed --rows windows import --write           # some rows; the others stay as they were kept
    python -m benchmarks.speed --short                                 # 20,000 in place of each million, no table

PYTHON is an interpreter of an environment of its own: ``python -m venv peer`` and
``peer/bin/pip install coordination-network-toolkit==1.5.2``. A row that needs what is not here is skipped and says what
is missing; a row that fails is told, and the command ends with 1. Results are kept in ``benchmarks/out/speed.json``,
each with its date, size, seed and the load of the machine before it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.speed.printed import written
from benchmarks.speed.process import ROOT, AbsentError
from benchmarks.speed.rows import ROWS, Asked

if TYPE_CHECKING:
    from collections.abc import Sequence


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", default=["all"], metavar="NAME", help=f"all, or of: {', '.join(ROWS)}")
    parser.add_argument("--n", type=int, default=1_000_000, help="what stands for each million")
    parser.add_argument("--short", action="store_true", help="the same as --n 20000, and no table in docs/")
    parser.add_argument("--long", action="store_true", help="also what takes half an hour and more")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer-python", help="an interpreter with coordination-network-toolkit==1.5.2")
    parser.add_argument("--kept", type=Path, default=ROOT / "benchmarks" / "out" / "speed.json")
    parser.add_argument("--write", action="store_true", help="write the table into docs/measured/performance.md")
    asked = parser.parse_args(given)
    if unknown := [name for name in asked.rows if name not in ROWS and name != "all"]:
        parser.error(f"unknown rows: {', '.join(unknown)}; known are all, {', '.join(ROWS)}")
    return asked


def measured(name: str, asked: Asked) -> dict[str, Any]:
    """Return one row as it is kept: measured, skipped or failed, with what was around it."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    told: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "n": asked.n,
        "seed": asked.seed,
        "load": None if load is None else round(load, 1),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
    }
    try:
        found = ROWS[name].measure(asked)
    except AbsentError as reason:
        return told | {"state": "skipped", "said": str(reason)}
    except (RuntimeError, OSError, ValueError, KeyError) as error:
        return told | {"state": "failed", "said": f"{type(error).__name__}: {error}"}
    return told | {"state": "measured", "said": found.said, "met": found.met, "facts": found.facts, "more": found.more}


def main(given: Sequence[str] | None = None) -> int:
    """Measure, keep, print, write; return 1 where a row failed."""
    asked = arguments(given)
    n = 20_000 if asked.short else asked.n
    names = list(ROWS) if "all" in asked.rows else asked.rows
    kept: dict[str, Any] = json.loads(asked.kept.read_text(encoding="utf-8")) if asked.kept.exists() else {}
    failed = False
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            found = measured(name, Asked(n, asked.seed, Path(folder), asked.peer_python, asked.long))
        failed |= found["state"] == "failed"
        if found["state"] != "skipped" or kept.get(name, {}).get("state") != "measured":
            kept[name] = found
        print(f"{name}: {found['state']}: {found['said']}", flush=True)
        if not asked.short:
            asked.kept.parent.mkdir(parents=True, exist_ok=True)
            asked.kept.write_text(json.dumps(kept, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    if asked.write and not asked.short:
        written(kept, ROOT / "docs" / "measured" / "performance.md")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
