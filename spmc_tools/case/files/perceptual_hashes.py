"""Perceptual hashes of pictures: alike where two pictures look alike. Pointers for an officer who looks, never proofs.

``phash`` is computed always, and is what the desks compare. PDQ, which platforms and lists of known pictures exchange,
is computed where ``pdqhash`` is installed (extra ``pdq``: it comes as source, and takes a C++ compiler); nothing here
compares by it.

Known false positives: pictures of text, and pictures with large plain parts, agree by chance in either; a PDQ quality
below 50 says that the hash is of little worth.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from spmc_tools.cage.answer_frames import Frame
from spmc_tools.cage.cage import answer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spmc_tools.cage.cage import Limits

__all__ = ["can_pdq", "looks", "looks_of", "pdq_of", "picture_hash"]

Found = TypeVar("Found")

_PICTURES = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_MOST_PIXELS = 100_000_000


def picture_hash(path: Path) -> str | None:
    """Return the perceptual hash of a picture, 16 hex digits; None where the file is no picture that can be read.

    Notes
    -----
    pHash: the signs of the 64 lowest frequencies of the cosine transform of the picture at 32 × 32 grey pixels. Two
    pictures with the same hash look alike at that size; crops, borders and pictures of text can agree or differ by
    chance. It is a pointer for an officer who looks, never a proof.

    References
    ----------
    Zauner 2010, Implementation and benchmarking of perceptual image hash functions (thesis).
    """
    return _seen(path, _phash)


def can_pdq() -> bool:
    """Whether ``pdqhash`` is installed and loads on this machine."""
    try:
        import pdqhash  # noqa: F401
    except ImportError:
        return False
    return True


def pdq_of(path: Path) -> dict[str, Any] | None:
    """Return the PDQ hash of a picture and its quality: ``{"hash": 64 hex digits, "quality": 0 to 100}``.

    None where the file is no picture that can be read, or ``pdqhash`` is not installed. The first frame of several
    counts; how the camera was held (EXIF) is not looked at.

    References
    ----------
    Facebook 2019, The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm
    (github.com/facebook/ThreatExchange, hashing.pdf).
    """
    return _seen(path, _pdq) if can_pdq() else None


def looks(path: str) -> Iterator[Frame]:
    """Give both hashes of a picture; done in the cage."""
    yield Frame({"phash": picture_hash(Path(path)), "pdq": pdq_of(Path(path))})


def looks_of(path: Path, name: str, limits: Limits) -> tuple[str | None, dict[str, Any] | None]:
    """Return both hashes of a picture that was received, which a confined process looks at.

    Raises
    ------
    FormatError
        Where that process died at it.
    """
    then = "nothing was attached. Capture the post again, or save the picture in another form."
    found = answer_of(f"{__name__}:looks", {"path": str(path.absolute())}, limits, name, then)
    return found["phash"], found["pdq"]


def _seen(path: Path, look: Callable[[Any], Found]) -> Found | None:
    """Return what a function makes of a picture; None where the file is none that can be read safely."""
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(path, formats=_PICTURES) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    return None
                return look(picture)
        except (UnidentifiedImageError, Image.DecompressionBombError, ValueError, SyntaxError, OSError, MemoryError):
            return None


def _phash(picture: Any) -> str:
    import imagehash

    return str(imagehash.phash(picture))


def _pdq(picture: Any) -> dict[str, Any]:
    import numpy as np
    import pdqhash

    bits, quality = pdqhash.compute(np.array(picture.convert("RGB")))
    return {"hash": np.packbits(bits.astype(np.uint8)).tobytes().hex(), "quality": int(quality)}
