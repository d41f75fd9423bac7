"""Which claim a post carries by its picture: the same file, or one that looks alike.

A post's pictures are those its platform names (``media`` of the record) and those that were attached to it. A picture
carries a claim where

* the SHA-256 of both files is equal: the same file, or
* their perceptual hashes differ in at most :data:`COUNTED_BITS` of 64 bits: scaled, compressed, a little brighter.

Up to :data:`~spmc_tools.coaction.traces.written_hashes.ALIKE_BITS` a picture is one to *look at*, which is not
counted: among
cards with text on one template every ninth pair lies that near, one in 170 within the bits that are counted.

A perceptual hash that stands beside a file holds for every copy of that file. A picture may carry several claims.

Known errors: crops, mirrored pictures and new text over a large part are missed; two pictures on one template (a form,
a screenshot of one program, a logo) look alike without saying the same. What was measured stands in
``docs/howto/desks.md``. A match is a pointer for an officer who looks, never a proof.

References
----------
Zauner (2010), Implementation and benchmarking of perceptual image hash functions, thesis, Upper Austria University of
Applied Sciences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from spmc_tools.coaction.traces.written_hashes import ALIKE_BITS, file_hash, look_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

__all__ = ["COUNTED_BITS", "Picture", "PictureMatch", "claimed_pictures", "pictures_of", "same_pictures"]


COUNTED_BITS = 4
"""A post whose picture differs from a claim's by at most so many bits counts as carrying it."""


class Picture(NamedTuple):
    """A picture as its hashes: SHA-256 and perceptual hash, small letters; None where it is not known."""

    file: str | None
    look: str | None


class PictureMatch(NamedTuple):
    """Place of the post and of the claim among those given, and by how many bits the pictures differ.

    ``bits`` None: it is the same file.
    """

    post: int
    claim: int
    bits: int | None


def pictures_of(records: pd.DataFrame, attachments: Iterable[Mapping[str, Any]]) -> list[tuple[int, Picture]]:
    """Return the pictures of posts as place of the post and picture, in order of posts.

    Parameters
    ----------
    records : pandas.DataFrame
        With ``platform`` and ``record_id``; ``media`` may lack.
    attachments : iterable of mapping
        Rows of ``attachments``: ``platform, record_id, attachment_sha256, phash``.
    """
    found: list[tuple[int, Picture]] = []
    if "media" in records:
        for place, media in enumerate(records["media"]):
            if media is None or isinstance(media, float) or not len(media):
                continue
            found += [(place, Picture(file_hash(medium["sha256"]), look_hash(medium["phash"]))) for medium in media]
    rows = list(attachments)
    if rows:
        where = {pair: n for n, pair in enumerate(zip(records["platform"], records["record_id"], strict=True))}
        for row in rows:
            place = where.get((row["platform"], row["record_id"]), -1)
            if place >= 0:
                found.append((place, Picture(file_hash(row["attachment_sha256"]), look_hash(row["phash"]))))
    kept = [(place, picture) for place, picture in found if picture.file or picture.look]
    return sorted(kept, key=lambda pair: pair[0])


def claimed_pictures(claims: Iterable[Mapping[str, Any]]) -> list[Picture]:
    """Return the picture of each claim, in order; both hashes None where it has none."""
    return [Picture(file_hash(claim["media_sha256"]), look_hash(claim["media_phash"])) for claim in claims]


def same_pictures(pictures: Sequence[tuple[int, Picture]], claims: Sequence[Picture]) -> list[PictureMatch]:
    """Return which posts may carry which claim by a picture, one match for each pair, by post and claim.

    Matches of more than :data:`COUNTED_BITS` bits are to be looked at; those of more than ten are left out.

    Parameters
    ----------
    pictures : sequence of (place, Picture)
        Of :func:`pictures_of`.
    claims : sequence of Picture
        Of :func:`claimed_pictures`.

    Notes
    -----
    Of several pictures of a post that carry one claim, the same file counts before the one that differs least.
    """
    import numpy as np

    looks = {posted.file: posted.look for _, posted in pictures if posted.file and posted.look}
    looks |= {claimed.file: claimed.look for claimed in claims if claimed.file and claimed.look}
    known = [claimed.look or looks.get(claimed.file or "") for claimed in claims]
    best: dict[tuple[int, int], int | None] = {}
    files: dict[str, list[int]] = {}
    for number, picture in enumerate(claims):
        if picture.file:
            files.setdefault(picture.file, []).append(number)
    for place, picture in pictures:
        best |= {(place, number): None for number in files.get(picture.file or "", [])}
    claim_looks = [(number, look) for number, look in enumerate(known) if look]
    seen = [(place, look) for place, posted in pictures if (look := posted.look or looks.get(posted.file or ""))]
    if claim_looks and seen:
        different, back = np.unique(np.array([int(look, 16) for _, look in seen], dtype=np.uint64), return_inverse=True)
        for number, look in claim_looks:
            bits = np.bitwise_count(different ^ np.uint64(int(look, 16)))[back]
            for n in np.flatnonzero(bits <= ALIKE_BITS).tolist():
                key = (seen[n][0], number)
                if key not in best or ((before := best[key]) is not None and bits[n] < before):
                    best[key] = int(bits[n])
    return [PictureMatch(post, claim, bits) for (post, claim), bits in sorted(best.items())]
