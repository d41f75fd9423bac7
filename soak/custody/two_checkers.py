"""Thousands of changed packs, looked at by the program and by the checker that is one file: both must say the same.

python -m soak.custody.two_checkers --packs 1000 --seed 1
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import time
from pathlib import Path

from soak.scratch import peak_mb, scratch
from tests.custody.review.mutated_packs import archives, mutated
from tests.custody.review.test_two_checkers import said_by_both, signed_pack_of
from tests.forgery import zipped
from tests.report_fixtures import MEMBERS, TEXTS, filled_case


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with scratch() as folder:
        os.environ["SPMC_OFFICER_KEYS"] = str(folder / "officers")
        case = filled_case(folder, TEXTS, MEMBERS, [f"handle_{n}" for n in range(1, 6)])
        files, keys = signed_pack_of(case)
        os.environ["SPMC_OFFICER_KEYS"] = str(folder / "nobody")
        chance, path = random.Random(options.seed), folder / "m.zip"
        bytes_of = archives(zipped(folder / "whole.zip", files).read_bytes(), chance)
        said: collections.Counter[str] = collections.Counter()
        began = time.monotonic()
        for number in range(options.packs):
            if chance.random() < 0.3:
                path.write_bytes(next(bytes_of))
            else:
                zipped(path, mutated(files, chance, keys))
            program, alone, why = said_by_both(path)
            said[program] += 1
            if program != alone:
                kept = Path.cwd() / f"disagree-{options.seed}-{number}.zip"
                kept.write_bytes(path.read_bytes())
                raise SystemExit(f"{kept}: the program says {program}, the checker {alone}: {why}")
        peak = peak_mb()
        print(
            f"{options.packs:,} packs, both the same: {dict(said)}; {time.monotonic() - began:.0f} s, {peak} MB at most"
        )


if __name__ == "__main__":
    main()
