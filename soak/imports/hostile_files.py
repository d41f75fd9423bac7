"""Draw thousands of files of each kind: nothing but a sentence comes out, and the counts always add up.

The files and what must hold are those of the tests (``tests/importers/files/test_hostile_files.py``), which draw forty
of a kind. The seed is printed, and ``--seed`` draws the same ones again.

    python -m soak.imports.hostile_files --draws 2000 --seed 1
"""

from __future__ import annotations

import argparse
import os
import secrets
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2] / "tests" / "importers" / "files" / "test_hostile_files.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000, help="files of each kind")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    arguments = parser.parse_args()
    os.environ["SPMC_FILES_DRAWN"] = str(arguments.draws)
    print(f"seed {arguments.seed}", flush=True)
    options = ["-k", "test_any", f"--hypothesis-seed={arguments.seed}", "--durations=0", "-n", "0"]
    raise SystemExit(int(pytest.main([str(TESTS), *options])))


if __name__ == "__main__":
    main()
