"""Pictures that look alike: one key per picture from its SHA-256 and its perceptual hash.

A perceptual hash of 64 bits changes in few bits when a picture is scaled, compressed or watermarked. Hashes are gone
through from the most used on (ties: the smaller one). A hash joins the *leader* it is nearest to, if that is at most
ten bits away (ties: the earlier leader); else it leads a group of its own. Members are compared with leaders only: no
chain of small steps ever joins two pictures more than twenty bits apart.

A hash within ten bits of all zeros or all ones is that of a plain surface and would stand for every such picture. It is
not used; the SHA-256 of the file, where known, then speaks alone. Every program has a perceptual hash of its own:
hashes of two programs must not be mixed in one case, as they differ in half of their bits and join nothing.

Known false positives: memes on one template, screenshots of one program, logos, greeting cards. Known misses: crops,
mirrored pictures, new text over a large part.

References
----------
Zauner (2010), Implementation and benchmarking of perceptual image hash functions, thesis, Upper Austria University of
Applied Sciences. Zannettou et al. (2018), On the origins of memes by means of fringe web communities, IMC 18.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from spmc_tools.coaction.traces.written_hashes import ALIKE_BITS, file_hash, look_hash
from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spmc_tools.schema.arrays import Longs

__all__ = ["leaders", "picture_keys"]


def picture_keys(sha256: Sequence[str | None], phash: Sequence[str | None]) -> tuple[list[str | None], dict[str, int]]:
    """Return the key of each picture (null where it has no usable hash), and what could not be used, counted.

    Parameters
    ----------
    sha256, phash : sequence of str or None, of one length
        Hexadecimal, 64 and 16 digits, of any case. Where a file's perceptual hash stands with one of its copies only,
        it holds for all of them.

    Returns
    -------
    keys : list of str or None
        ``phash:`` and the leader's hash, or ``sha256:`` and the hash of the file.
    skipped : dict
        Reason -> number of pictures.
    """
    files, looks = [file_hash(value) for value in sha256], [look_hash(value) for value in phash]
    of_file: dict[str, str] = {}
    for file, look in zip(files, looks, strict=True):
        if file and look:
            of_file[file] = min(look, of_file.get(file, look))
    looks = [of_file.get(file, look) if file else look for file, look in zip(files, looks, strict=True)]
    uses = Counter(look for look in looks if look)
    order = sorted(uses, key=lambda look: (-uses[look], look))
    lead = leaders(np.array([int(look, 16) for look in order], dtype=np.uint64))
    leader = {look: order[k] for look, k in zip(order, lead.tolist(), strict=True)}
    keys = [
        f"phash:{leader[look]}" if look else f"sha256:{file}" if file else None
        for file, look in zip(files, looks, strict=True)
    ]
    unread = keys.count(None)
    return keys, {"no usable hash of the picture": unread} if unread else {}


def leaders(hashes: NDArray[np.uint64]) -> Longs:
    """Return for each hash the place of its leader; a leader has its own.

    Parameters
    ----------
    hashes : ndarray of uint64, shape (n,)
        Each once, the most used first.
    """
    found: Longs = _leaders(hashes, ALIKE_BITS)
    return found


@compiled
def _leaders(hashes, limit):  # type: ignore[no-untyped-def]
    out = np.empty(hashes.size, np.int64)
    lead = np.empty(hashes.size, np.int64)
    n = 0
    for k in range(hashes.size):
        best, where = limit + 1, -1
        for x in range(n):
            v = hashes[k] ^ hashes[lead[x]]
            v -= (v >> np.uint64(1)) & np.uint64(0x5555555555555555)
            v = (v & np.uint64(0x3333333333333333)) + ((v >> np.uint64(2)) & np.uint64(0x3333333333333333))
            v = (v + (v >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
            distance = np.int64((v * np.uint64(0x0101010101010101)) >> np.uint64(56))
            if distance < best:
                best, where = distance, lead[x]
        if where < 0:
            where = k
            lead[n] = k
            n += 1
        out[k] = where
    return out
