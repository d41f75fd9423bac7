"""The committed sheets are those of the generator, byte for byte, and say that they are made up."""

from __future__ import annotations

from benchmarks.sample_case.measure_sheets import sheets
from spmc_tools.resources import resource


def test_the_same_seed_gives_the_committed_sheets() -> None:
    for name, content in sheets().items():
        assert resource("data", "sample", name).read_bytes() == content, name


def test_another_seed_gives_other_posts_and_the_same_last_round() -> None:
    one, other = sheets(1), sheets(2)
    assert one["x_content.csv"] != other["x_content.csv"]
    last = [
        [line.split(",")[:4] for line in made["page_snapshots.csv"].decode().splitlines() if "2025-11-10" in line]
        for made in (one, other)
    ]
    assert last[0] == last[1]
