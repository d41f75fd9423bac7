"""A rumour that travels as a picture, for the sample case: pictures drawn here, who posted them, and its register.

``python -m benchmarks.sample_case.picture_sheets --out data/sample`` draws ``pictures/``, and writes
``attachments.csv`` (which post showed which picture, with its hashes) and ``picture_claims.csv`` (the claim that goes
with it) beside the files of the simulated week, whose posts it takes. Nothing in the pictures is real: a wall, a door
and a lock out of rectangles.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageEnhance

from benchmarks.sample_case.desk_sheets import csv_bytes
from spmc_tools.case.acts.attach import picture_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ATTACHED", "attachments_csv", "draw", "main", "picture_claims_csv"]

SIZE = (320, 240)
FIRST = datetime(2025, 11, 6, 4, 10, tzinfo=UTC)
OFFICIAL = FIRST + timedelta(hours=3, minutes=35)
LAST = FIRST + timedelta(hours=22)
TOOL = "benchmarks/picture_sheets.py"
"""This program in the attachments of the sample case: its first name, which stays so that the file does."""

ATTACHED = {
    "door.png": 5,  # the claim's own file
    "door_small.png": 3,
    "door_again.jpg": 3,
    "door_bright.png": 2,  # six bits off: for an officer to look at
    "door_sign.png": 2,  # with a notice on the wall, four bits off: counted as alike
    "street.png": 2,  # another picture: not of this claim
}
"""Picture and number of posts that show it."""

BEFORE = 9
"""Posts that show a picture after the first one and before the official version."""

CLAIM = "चित्र दिखाकर कहा जा रहा है कि बूथ संख्या 999 के दरवाजे पर ताला लगा है और वहाँ मतदान रोक दिया गया है।"
VERSION = "चित्र छुट्टी के दिन का है। बूथ संख्या 999 खुला है और वहाँ मतदान सामान्य रूप से चल रहा है।"


def draw(folder: Path) -> None:
    """Draw the pictures into a folder."""
    door = _door()
    held = io.BytesIO()
    door.save(held, "JPEG", quality=35)
    (folder / "door_again.jpg").write_bytes(held.getvalue())
    made = {
        "door": door,
        "door_small": door.resize((160, 120)),
        "door_bright": ImageEnhance.Brightness(door).enhance(1.06),
        "door_sign": _pinned(door),
        "street": _street(),
    }
    for name, picture in made.items():
        picture.save(folder / f"{name}.png", optimize=True)


def _door() -> Image.Image:
    picture = Image.new("RGB", SIZE, (214, 196, 160))
    pen = ImageDraw.Draw(picture)
    for row in range(8):
        for column in range(9):
            x, y = column * 40 - 20 * (row % 2), row * 30
            pen.rectangle((x, y, x + 38, y + 28), outline=(180, 158, 120))
    pen.rectangle((105, 50, 215, 240), fill=(86, 110, 74), outline=(40, 52, 34), width=4)
    pen.rectangle((158, 50, 162, 240), fill=(40, 52, 34))
    pen.rectangle((132, 136, 188, 146), fill=(120, 120, 120))
    pen.arc((145, 128, 175, 166), 180, 360, fill=(60, 60, 60), width=6)
    pen.rectangle((142, 146, 178, 178), fill=(196, 160, 48), outline=(90, 70, 16), width=2)
    pen.rectangle((20, 60, 90, 108), fill="white", outline="black", width=2)
    pen.text((32, 68), "BOOTH 999\n  DEMO", fill="black")
    pen.rectangle((0, 225, 320, 240), fill=(120, 112, 100))
    return picture


def _pinned(door: Image.Image) -> Image.Image:
    picture = door.copy()
    pen = ImageDraw.Draw(picture)
    pen.rectangle((236, 120, 306, 204), fill=(250, 250, 240), outline=(60, 60, 60))
    for line in range(6):
        pen.rectangle((244, 130 + 12 * line, 298 - 10 * (line % 2), 134 + 12 * line), fill=(90, 90, 90))
    return picture


def _street() -> Image.Image:
    picture = Image.new("RGB", SIZE, (150, 190, 226))
    pen = ImageDraw.Draw(picture)
    pen.polygon(((0, 240), (130, 120), (190, 120), (320, 240)), fill=(88, 88, 92))
    pen.rectangle((0, 60, 95, 200), fill=(178, 104, 80))
    pen.rectangle((230, 30, 320, 190), fill=(98, 92, 128))
    pen.text((240, 40), "DEMO", fill="white")
    return picture


def attachments_csv(folder: Path, seed: int = 21) -> bytes:
    """Return which post showed which picture: posts of the polling day, one of each account."""
    rng = random.Random(seed)
    posts = _posts(folder)
    rows: list[dict[str, Any]] = []
    names = [name for name, n in ATTACHED.items() for _ in range(n)]
    before = [post for post in posts[1:] if post[0] < OFFICIAL]
    after = [post for post in posts if post[0] >= OFFICIAL]
    chosen = [posts[0], *sorted(rng.sample(before, BEFORE)), *sorted(rng.sample(after, len(names) - 1 - BEFORE))]
    order = ["door.png", *rng.sample(names[1:], len(names) - 1)]
    for name, (at, record_id) in zip(order, chosen, strict=True):
        path = folder / "pictures" / name
        rows.append(
            {
                "attachment_sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "platform": "x",
                "record_id": record_id, "method": "download", "tool": TOOL,
                "officer": "Demo Officer", "captured_at": (at + timedelta(minutes=40)).isoformat(),
                "name": name, "phash": picture_hash(path), "note": "SYNTHETIC",
            }
        )  # fmt: skip
    return csv_bytes(tuple(rows[0]), rows)


def _posts(folder: Path) -> list[tuple[datetime, str]]:
    """Return time and id of the first own post of each everyday account after the first moment."""
    truth = (folder / "truth.csv").read_text(encoding="utf-8").splitlines()[1:]
    everyday = {line.split(",")[0] for line in truth if line.split(",")[1] == "organic"}
    found: dict[str, tuple[datetime, str]] = {}
    for line in gzip.decompress((folder / "x_election_week.jsonl.gz").read_bytes()).decode().splitlines():
        try:
            row = json.loads(line)
            at, who, own = datetime.fromisoformat(row["created_at"]), row["author_id"], "referenced_tweets" not in row
        except (ValueError, KeyError, TypeError):
            continue
        if own and who in everyday and FIRST <= at <= LAST and (who not in found or (at, row["id"]) < found[who]):
            found[who] = (at, row["id"])
    return sorted(found.values())


def picture_claims_csv(folder: Path) -> bytes:
    """Return the claim that the picture carries, first open, then refuted."""
    path = folder / "pictures" / "door.png"
    said = {
        "claim_id": "DEMO-R6", "text": CLAIM, "media_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "media_phash": picture_hash(path), "source_url": "https://demo-post.example/picture",
        "first_seen": (FIRST + timedelta(minutes=50)).isoformat(), "entered_by": "Demo Officer",
    }  # fmt: skip
    rows = [
        {**said, "status": "open", "entered_at": (FIRST + timedelta(minutes=55)).isoformat()},
        {**said, "status": "refuted", "official_version": VERSION, "official_at": OFFICIAL.isoformat(),
         "official_url": "https://demo-police.example/facts/6", "reviewed_by": "Demo Reviewer",
         "entered_at": (OFFICIAL + timedelta(minutes=10)).isoformat()},
    ]  # fmt: skip
    columns = ("claim_id", "text", "media_sha256", "media_phash", "source_url", "first_seen", "official_version",
               "official_url", "official_at", "status", "entered_by", "entered_at", "reviewed_by")  # fmt: skip
    return csv_bytes(columns, rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the pictures and write both sheets into a folder that holds the files of the simulated week."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args(arguments).out
    (out / "pictures").mkdir(exist_ok=True)
    draw(out / "pictures")
    (out / "attachments.csv").write_bytes(attachments_csv(out))
    (out / "picture_claims.csv").write_bytes(picture_claims_csv(out))


if __name__ == "__main__":
    main()
