"""How often a changed copy of a claim's picture is found, and how often another picture is: on pictures drawn here.

``python -m benchmarks.accuracy.studies.claim_pictures --seed 1`` prints a table of docs/howto/desks.md. *Photographs*
are smooth noise with shapes on it; *cards* are lines of text on one template, as rumours are often sent. Half of the
pictures are in the register, each other picture is compared with all of them. Each line: what is counted, then what is
to be looked at too.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import imagehash
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from benchmarks.accuracy.studies.claim_matching import seeded
from spmc_tools.desks.base.rates import wilson
from spmc_tools.desks.rumours.claim_pictures import COUNTED_BITS, Picture, PictureMatch, same_pictures

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = (480, 360)
WORDS = (
    "bridge",
    "closed",
    "booth",
    "today",
    "police",
    "market",
    "warning",
    "school",
    "river",
    "night",
    "road",
    "bank",
)


def photograph(rng: np.random.Generator) -> Image.Image:
    """Return smooth noise of several scales with a dozen shapes on it."""
    whole = np.zeros((SIZE[1], SIZE[0]))
    for cells in (4, 8, 16):
        small = Image.fromarray(rng.integers(0, 255, (cells, cells)).astype("uint8"))
        whole += np.asarray(small.resize(SIZE, Image.Resampling.BICUBIC), dtype=float) / cells
    whole = 255 * (whole - whole.min()) / (np.ptp(whole) or 1)
    picture = Image.fromarray(whole.astype("uint8")).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, w, h = rng.integers(0, 400), rng.integers(0, 300), rng.integers(15, 110), rng.integers(15, 90)
        shade = tuple(rng.integers(0, 255, 3).tolist())
        (pen.ellipse if rng.random() < 0.5 else pen.rectangle)((int(x), int(y), int(x + w), int(y + h)), fill=shade)
    return picture


def card(rng: np.random.Generator) -> Image.Image:
    """Return six lines of text on one template: a red head, a white field, a grey foot."""
    picture = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 480, 70), fill=(170, 20, 20))
    pen.rectangle((0, 320, 480, 360), fill=(120, 120, 120))
    for line in range(6):
        words = " ".join(rng.choice(WORDS, 4))
        pen.text((24, 84 + 38 * line), words, fill="black", font_size=26)
    return picture


def compressed(picture: Image.Image, quality: int) -> Image.Image:
    """Return a picture after JPEG compression."""
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=quality)
    return Image.open(io.BytesIO(held.getvalue()))


def marked(picture: Image.Image, share: float) -> Image.Image:
    """Return a picture with a black box over about this share of it, in a corner."""
    copy = picture.copy()
    side = share**0.5
    ImageDraw.Draw(copy).rectangle((0, 0, int(SIZE[0] * side), int(SIZE[1] * side)), fill="black")
    return copy


def cropped(picture: Image.Image, share: float) -> Image.Image:
    """Return a picture without this share of its width and height at every side."""
    x, y = int(SIZE[0] * share), int(SIZE[1] * share)
    return picture.crop((x, y, SIZE[0] - x, SIZE[1] - y))


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half the size": lambda one: one.resize((240, 180)),
    "compressed again (JPEG, quality 30)": lambda one: compressed(one, 30),
    "half the size, compressed": lambda one: compressed(one.resize((240, 180)), 40),
    "a quarter brighter": lambda one: ImageEnhance.Brightness(one).enhance(1.25),
    "a box over 2 % of it": lambda one: marked(one, 0.02),
    "a box over 10 % of it": lambda one: marked(one, 0.10),
    "2 % cut off at every side": lambda one: cropped(one, 0.02),
    "8 % cut off at every side": lambda one: cropped(one, 0.08),
    "mirrored": lambda one: one.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


def looks(pictures: list[Image.Image]) -> list[Picture]:
    """Return pictures as their perceptual hashes."""
    return [Picture(None, str(imagehash.phash(one))) for one in pictures]


def main() -> None:
    """Print one line for each change and for what is not the same picture."""
    given = seeded(main.__doc__, each=200)
    rng = np.random.default_rng(given.seed)
    for kind, draw in (("photograph", photograph), ("card", card)):
        own, others = ([draw(rng) for _ in range(given.each)] for _ in range(2))
        claims = looks(own)
        for name, change in CHANGES.items():
            found = same_pictures(list(enumerate(looks([change(one) for one in own]))), claims)
            line(f"{kind}: {name}", [m for m in found if m.post == m.claim], given.each)
        found = same_pictures(list(enumerate(looks(others))), claims)
        line(f"{kind}: another one taken for it, of all pairs", found, given.each**2)


def line(name: str, found: list[PictureMatch], n: int) -> None:
    """Print two shares with their Wilson intervals, as a row of a table."""
    said = []
    for k in (sum((m.bits or 0) <= COUNTED_BITS for m in found), len(found)):
        low, high = wilson(k, n) or (0.0, 1.0)
        said.append(f"{k:,} of {n:,}: {k / max(n, 1):.3f} ({low:.3f}–{high:.3f})")
    print(f"| {name} | {said[0]} | {said[1]} |")


if __name__ == "__main__":
    main()
