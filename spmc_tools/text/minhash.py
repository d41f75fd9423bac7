"""An index that finds, among texts put into it, those most like one: character 5-grams, MinHash 128, LSH 32 × 4.

A text is the set of its runs of five characters. Under a random order of all runs, the first one of a text is that of
another with a chance equal to their Jaccard similarity; 128 orders make a signature, and texts whose signatures agree
in four values side by side meet in one of 32 buckets. Only *leaders* are put into the index, and a bucket takes no
more than :data:`BUCKET` of them, so that a phrase which a hundred thousand texts share costs each of them a bounded
look. What meets in a bucket is compared exactly: signatures only say where to look.

References
----------
Broder (1997), On the resemblance and containment of documents, SEQUENCES; Leskovec, Rajaraman, Ullman (2020), Mining
of Massive Datasets, chapter 3 (banding).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spmc_tools.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from spmc_tools.schema.arrays import Codes, Floats, Longs

__all__ = ["BANDS", "BUCKET", "GRAM", "ROWS", "Index", "Near", "empty_index", "encoded", "lead", "near", "settle"]

GRAM = 5
"""Characters of a run; a shorter text is one run."""

BANDS, ROWS = 32, 4
"""Two texts of similarity s meet with the chance 1 - (1 - s^4)^32: .74 at .45, .88 at .5, .9998 at .7."""

BUCKET = 64
"""Most leaders in a bucket: those that came first."""

_HASHES = BANDS * ROWS
_SEED = 20_251_106
_LEADERS, _LOOKS, _RUNS, _NEAR = 0, 1, 2, 3


class Index(NamedTuple):
    """The leaders so far, and the text that was looked up last; made by :func:`empty_index`, changed in place.

    ``salt, factor``: the 128 orders. ``heads, after, whose, tags``: buckets as chains of entries. ``runs, starts``:
    the hashed runs of each leader, ascending. ``seen``: look at which a leader was last met. ``own_*``: the text looked
    up last. ``near_*``: leaders near it. ``size``: leaders, looks, runs of the text, leaders near it.
    """

    salt: NDArray[np.uint32]
    factor: NDArray[np.uint32]
    heads: Longs
    after: Longs
    whose: Codes
    tags: NDArray[np.uint32]
    runs: NDArray[np.uint32]
    starts: Longs
    seen: Longs
    own_runs: NDArray[np.uint32]
    own_signature: NDArray[np.uint32]
    own_bands: NDArray[np.uint64]
    near_leader: Codes
    near_jaccard: Floats
    near_containment: Floats
    size: Longs


class Near(NamedTuple):
    """A leader near a text: its number, the Jaccard similarity, the share of the smaller set that lies in the other."""

    leader: int
    jaccard: float
    containment: float


def empty_index(texts: int, characters: int, longest: int) -> Index:
    """Return an index for at most this many texts, with at most so many characters in all and in one of them.

    Notes
    -----
    Memory is taken as leaders come: 4 bytes per character and about 550 per leader.
    """
    draws = np.random.default_rng(_SEED).integers(0, 1 << 32, (2, _HASHES), dtype=np.uint64).astype(np.uint32)
    entries, most = BANDS * max(texts, 1), BANDS * BUCKET
    return Index(
        salt=draws[0],
        factor=draws[1] | np.uint32(1),
        heads=np.full(1 << max(10, (entries // 2).bit_length()), -1, np.int64),
        after=np.empty(entries, np.int64),
        whose=np.empty(entries, np.int32),
        tags=np.empty(entries, np.uint32),
        runs=np.empty(characters + texts + 1, np.uint32),
        starts=np.zeros(texts + 1, np.int64),
        seen=np.zeros(max(texts, 1), np.int64),
        own_runs=np.empty(longest + 1, np.uint32),
        own_signature=np.empty(_HASHES, np.uint32),
        own_bands=np.empty(BANDS, np.uint64),
        near_leader=np.empty(most, np.int32),
        near_jaccard=np.empty(most),
        near_containment=np.empty(most),
        size=np.zeros(4, np.int64),
    )


def encoded(texts: Sequence[str]) -> tuple[NDArray[np.uint32], Longs]:
    """Return the code points of texts one after another, and where each begins (one more than there are texts)."""
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32)
    return points, np.concatenate(([0], np.cumsum([len(text) for text in texts], dtype=np.int64)))


def settle(  # noqa: PLR0913, PLR0917 -- the compiled loop takes what it reads and writes
    index: Index,
    points: NDArray[np.uint32],
    begins: Longs,
    at: int,
    limits: tuple[float, float, float],
    leaders: Longs,
) -> int:
    """Look texts up in turn until one needs a closer look; return its number, or how many there are.

    Parameters
    ----------
    index : Index
        Changed in place.
    points, begins
        From :func:`encoded`.
    at : int
        Number of the text to begin with.
    limits : tuple of float
        ``joins, jaccard, containment``: a text with a leader of Jaccard similarity ``joins`` or more joins the most
        similar one, the earlier of equals. Else, with a leader at or above one of the other two, it needs a closer
        look at :func:`near`, after which the caller may let it :func:`lead`. Else it leads.
    leaders : numpy.ndarray
        Written for every text that is settled: the number of its leader.
    """
    return int(_settle(index, points, begins, at, limits, leaders))


def near(index: Index) -> list[Near]:
    """Return the leaders near the text that was looked up last, the most similar first, then the earlier."""
    count = int(index.size[_NEAR])
    columns = (index.near_leader[:count], index.near_jaccard[:count], index.near_containment[:count])
    found = [Near(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    return sorted(found, key=lambda candidate: (-candidate.jaccard, candidate.leader))


def lead(index: Index) -> int:
    """Put the text that was looked up last into the index; return its number among the leaders."""
    return int(_lead(index))


@compiled
def _hashed_runs(points, low, high, into):  # type: ignore[no-untyped-def]
    """Write the hashes of the runs of five characters, ascending and each once; return how many."""
    count = max(1, high - low - GRAM + 1)
    for i in range(count):
        mixed = np.uint64(0x9E3779B97F4A7C15)
        for j in range(low + i, min(low + i + GRAM, high)):
            mixed = (mixed ^ np.uint64(points[j])) * np.uint64(0xFF51AFD7ED558CCD)
            mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xC4CEB9FE1A85EC53)
        into[i] = np.uint32(mixed >> np.uint64(32))
    into[:count].sort()
    kept = 1
    for i in range(1, count):
        if into[i] != into[kept - 1]:
            into[kept] = into[i]
            kept += 1
    return kept


@compiled
def _sign(index):  # type: ignore[no-untyped-def]
    """Write the signature of the text looked up, and the hash of each band of four values."""
    salt, factor, signature = index.salt, index.factor, index.own_signature
    signature[:] = np.uint32(0xFFFFFFFF)
    for i in range(index.size[_RUNS]):
        run = index.own_runs[i]
        for k in range(_HASHES):
            value = np.uint32(np.uint32(run ^ salt[k]) * factor[k])
            value = np.uint32(np.uint32(value ^ (value >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
            signature[k] = min(signature[k], value)
    for band in range(BANDS):
        mixed = np.uint64(band + 1) * np.uint64(0x9E3779B97F4A7C15)
        for k in range(ROWS * band, ROWS * band + ROWS):
            mixed = (mixed ^ np.uint64(signature[k])) * np.uint64(0xFF51AFD7ED558CCD)
            mixed ^= mixed >> np.uint64(32)
        index.own_bands[band] = mixed


@compiled
def _shared(a, b):  # type: ignore[no-untyped-def]
    """Return how many values two ascending arrays have in common."""
    i = j = count = 0
    while i < a.size and j < b.size:
        x, y = a[i], b[j]
        count += x == y
        i += x <= y
        j += y <= x
    return count


@compiled
def _look(index, jaccard, containment):  # type: ignore[no-untyped-def]
    """Compare the text looked up with every leader that it meets; return the most similar one, and how similar."""
    text_runs, size = index.own_runs[: index.size[_RUNS]], index.size
    size[_LOOKS] += 1
    size[_NEAR] = 0
    best, likeness = -1, -1.0
    for band in range(BANDS):
        mixed = index.own_bands[band]
        tag = np.uint32(mixed >> np.uint64(32))
        entry = index.heads[np.int64(mixed & np.uint64(index.heads.size - 1))]
        while entry >= 0:
            leader = index.whose[entry]
            if index.tags[entry] == tag and index.seen[leader] != size[_LOOKS]:
                index.seen[leader] = size[_LOOKS]
                other = index.runs[index.starts[leader] : index.starts[leader + 1]]
                both = _shared(text_runs, other)
                alike, inside = both / (text_runs.size + other.size - both), both / min(text_runs.size, other.size)
                if alike > likeness or (alike == likeness and leader < best):
                    best, likeness = leader, alike
                if alike >= jaccard or inside >= containment:
                    index.near_leader[size[_NEAR]] = leader
                    index.near_jaccard[size[_NEAR]] = alike
                    index.near_containment[size[_NEAR]] = inside
                    size[_NEAR] += 1
            entry = index.after[entry]
    return best, likeness


@compiled
def _lead(index):  # type: ignore[no-untyped-def]
    """Add the text looked up to the buckets that are not full."""
    size = index.size
    leader = size[_LEADERS]
    for band in range(BANDS):
        mixed = index.own_bands[band]
        tag, slot = np.uint32(mixed >> np.uint64(32)), np.int64(mixed & np.uint64(index.heads.size - 1))
        inside = 0
        entry = index.heads[slot]
        while entry >= 0:
            inside += index.tags[entry] == tag
            entry = index.after[entry]
        if inside < BUCKET:
            fresh = BANDS * leader + band
            index.tags[fresh], index.whose[fresh], index.after[fresh] = tag, leader, index.heads[slot]
            index.heads[slot] = fresh
    low = index.starts[leader]
    index.runs[low : low + size[_RUNS]] = index.own_runs[: size[_RUNS]]
    index.starts[leader + 1] = low + size[_RUNS]
    size[_LEADERS] += 1
    return leader


@compiled
def _settle(index, points, begins, at, limits, leaders):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    joins, jaccard, containment = limits
    for i in range(at, begins.size - 1):
        index.size[_RUNS] = _hashed_runs(points, begins[i], begins[i + 1], index.own_runs)
        _sign(index)
        best, likeness = _look(index, jaccard, containment)
        if likeness >= joins:
            leaders[i] = best
        elif index.size[_NEAR]:
            return i
        else:
            leaders[i] = _lead(index)
    return begins.size - 1
