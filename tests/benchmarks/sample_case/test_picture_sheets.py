"""The claim with a picture in the sample: its sheets say what the pictures are, by another way to their hashes."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.sample_case import picture_sheets

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "data" / "sample"


def sheet(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((SAMPLE / name).read_text(encoding="utf-8").splitlines()))


def look(path: Path) -> int:
    """Return the signs of the 64 lowest frequencies of a picture, by the formula of the cosine transform."""
    with Image.open(path) as picture:
        grey = np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.LANCZOS), dtype=float)
    k, n = np.arange(8)[:, None], np.arange(32)[None, :]
    wave = np.cos(np.pi * (n + 0.5) * k / 32)
    low = wave @ grey @ wave.T
    return int("".join("1" if bit else "0" for bit in (low > np.median(low)).ravel()), 2)


def test_the_sheets_are_what_the_generator_writes_of_these_pictures() -> None:
    assert (SAMPLE / "attachments.csv").read_bytes() == picture_sheets.attachments_csv(SAMPLE)
    assert (SAMPLE / "picture_claims.csv").read_bytes() == picture_sheets.picture_claims_csv(SAMPLE)
    assert (SAMPLE / "attachments.csv").read_bytes() != picture_sheets.attachments_csv(SAMPLE, seed=1)


def test_the_hashes_are_those_of_the_pictures() -> None:
    rows = sheet("attachments.csv")
    assert Counter(row["name"] for row in rows) == picture_sheets.ATTACHED
    for row in rows:
        path = SAMPLE / "pictures" / row["name"]
        assert row["attachment_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert int(row["phash"], 16) == look(path)
    claim = sheet("picture_claims.csv")[0]
    bits = {row["name"]: (int(row["phash"], 16) ^ int(claim["media_phash"], 16)).bit_count() for row in rows}
    assert claim["media_sha256"] in {row["attachment_sha256"] for row in rows if row["name"] == "door.png"}
    assert max(bits["door_small.png"], bits["door_again.jpg"], bits["door_sign.png"]) <= 4
    assert 4 < bits["door_bright.png"] <= 10 < bits["street.png"]


def test_no_account_shows_it_twice_and_the_readme_says_how_many() -> None:
    rows = sheet("attachments.csv")
    assert len({row["record_id"] for row in rows}) == len(rows)
    assert f"| 2, {len(rows)} |" in (SAMPLE / "README.md").read_text(encoding="utf-8")


def test_pictures_can_be_drawn_again(tmp_path: Path) -> None:
    picture_sheets.draw(tmp_path)
    for name in picture_sheets.ATTACHED:
        with Image.open(tmp_path / name) as drawn, Image.open(SAMPLE / "pictures" / name) as kept:
            assert drawn.size == kept.size
        assert (look(tmp_path / name) ^ look(SAMPLE / "pictures" / name)).bit_count() <= 2


@pytest.mark.parametrize("name", picture_sheets.ATTACHED)
def test_pictures_are_small(name: str) -> None:
    assert (SAMPLE / "pictures" / name).stat().st_size < 8_000
