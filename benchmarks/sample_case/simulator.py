"""Write the synthetic sample case: an election week in Bihar, 3 to 12 November 2025, Indian time.

Run ``python -m benchmarks.sample_case.simulator --out data/sample``; the same seed gives the same files, byte for byte.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.sample_case.election_week import other_exports, x_export
from benchmarks.sample_case.election_week.actions import truth
from benchmarks.sample_case.election_week.texts import PLACES
from benchmarks.sample_case.election_week.week import simulate
from benchmarks.sample_case.election_week.world import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.sample_case.election_week.world import World

__all__ = ["main", "sample_files"]


def sample_files(settings: Settings) -> dict[str, bytes]:
    """Return the generated files of the sample case by name, with their bytes."""
    x_words, x_damage, telegram, csv_part = (
        np.random.default_rng(s) for s in np.random.SeedSequence([settings.seed, 1]).spawn(4)
    )
    world = simulate(settings)
    x_lines = x_export.damaged(x_export.lines(world, x_words), x_damage)
    return {
        "x_election_week.jsonl.gz": _gzip("\n".join(x_lines) + "\n"),
        "telegram_channels.jsonl.gz": _gzip("\n".join(other_exports.channels(telegram, 420)) + "\n"),
        "page_posts.csv": other_exports.pages(csv_part, 320).encode(),
        "truth.csv": _truth(world),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the files and print each with its size and SHA-256."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; made where it is not there")
    parser.add_argument("--seed", type=int, default=Settings.seed)
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    for name, content in sample_files(Settings(seed=given.seed)).items():
        (given.out / name).write_bytes(content)
        print(f"{hashlib.sha256(content).hexdigest()}  {len(content):>9,} bytes  {name}")


def _gzip(text: str) -> bytes:
    """Return the text compressed, without a file name or time in it."""
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def _truth(world: World) -> bytes:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("account_id", "role"))
    table.writerows(truth(world).items())
    table.writerows((f"demo_{name}_khabar", "channel") for name, _ in PLACES[:10])
    table.writerows((f"demo-page-{page}", "page") for page in range(8))
    return out.getvalue().encode()


if __name__ == "__main__":
    main()
