r"""Which posts of a case are copies of one text, hour after hour: one more hour costs what one hour costs.

Posts are read in blocks: whole hours of IST, one after another, as many as hold :data:`LEAST` own posts. The match keys
of a block that no block before had look for the most similar leader so far and join it, or lead, by the rules of
:mod:`spmc_tools.text.near_duplicates`; inside a block the most used key comes first. So what a block gives depends on
nothing that was posted later, and can be kept by the hash of the texts up to its end. A text keeps its leader, and with
it the name under which a person decided on it, however the day goes on.

Notes
-----
Forms ("Booth 12 in Gaya is open") whose leaders have one form (:mod:`spmc_tools.text.form_key`) are one, and go by the
leader that was there first.

Known errors: those of :mod:`spmc_tools.text.near_duplicates`. Since the first copy leads, not the most used one, a text
that is like an edited copy but not like the first one starts a cluster of its own. Posts that come in late change
their hour and what follows it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from spmc_tools.code_digest import code_digest
from spmc_tools.desks.base.calendar import IST
from spmc_tools.text import minhash
from spmc_tools.text.form_key import written_form
from spmc_tools.text.match_key import match_key
from spmc_tools.text.near_duplicates import leaders_of, settled
from spmc_tools.text.tags import tag_key, tags

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    class Kept(Protocol):
        """What keeps a table by a hash of what it is made of."""

        def of(self, digest: str, anew: Callable[[], pa.Table]) -> pa.Table:
            """Return the table as it is kept, else made anew."""


__all__ = ["LEAST", "Copies", "blocks_of", "copies_of"]

LEAST = 5_000
"""A block is closed at the full hour that gives it at least so many own posts."""

MIN_CHARS = 30
"""Texts whose match key is shorter are copies only where the keys are equal."""

_SHORT = -1
_ALL_LEAD = (2.0, 2.0, 2.0)
_SCHEMA = pa.schema(
    [
        pa.field("key", pa.string()),
        pa.field("head", pa.int32()),
        pa.field("leads", pa.bool_()),
        pa.field("tags", pa.list_(pa.list_(pa.string()))),
    ]
)


class Copies(NamedTuple):
    """What was read from texts.

    Attributes
    ----------
    number : numpy.ndarray
        For each text given its row in the other columns.
    text, key, leader : list of str
        Of each different text of a block: as written, its match key, the key that its copies go by ("": nothing is
        left to compare).
    tags : list of list of [str, str]
        Key and writing of each tag of the text, each key once.
    """

    number: np.ndarray[tuple[int], np.dtype[np.int64]]
    text: list[str]
    key: list[str]
    leader: list[str]
    tags: list[list[list[str]]]


def blocks_of(times: pd.Series[pd.Timestamp], least: int = LEAST) -> list[slice]:
    """Return the blocks of posts that are in order of time, as slices: whole hours of IST, the last one open."""
    if not len(times):
        return []
    hours = times.dt.tz_convert(IST).dt.floor("h").astype("int64").to_numpy()
    ends = np.flatnonzero(np.diff(hours)) + 1
    found, begin = [], 0
    for end in ends.tolist():
        if end - begin >= least:
            found.append(slice(begin, end))
            begin = end
    return [*found, slice(begin, len(times))]


def copies_of(
    texts: Sequence[str], times: pd.Series[pd.Timestamp], kept: Kept | None = None, least: int = LEAST
) -> Copies:
    """Return which texts are copies of each other.

    Parameters
    ----------
    texts : sequence of str
        Own posts, in order of time.
    times : pandas.Series
        When each was posted, UTC.
    kept : Kept, optional
        Where blocks are kept; the result is the same with and without it.
    least : int
        As :data:`LEAST`.
    """
    numbers, written, parts = [], list[str](), []
    state = _State()
    chain, at = f"copies 1 {MIN_CHARS} {least} {code_digest(__name__)}", 0
    for block in blocks_of(times, least):
        codes, found = pd.factorize(np.asarray(texts[block], dtype=object), sort=True)
        own = found.tolist()
        counts = np.bincount(codes, minlength=len(own)).tolist()
        chain = _hash(chain, own, counts)
        table = state.read(own, counts) if kept is None else kept.of(chain, partial(state.read, own, counts))
        if table.schema != _SCHEMA or len(table) != len(own):
            table = state.read(own, counts)
        state.learn(table)
        numbers.append(codes.astype(np.int64) + at)
        written += own
        parts.append(table)
        at += len(own)
    whole = pa.concat_tables(parts) if parts else _SCHEMA.empty_table()
    number = np.concatenate(numbers) if numbers else np.zeros(0, np.int64)
    keys, joined = whole["key"].to_pylist(), whole["head"].to_pylist()
    names = _one_per_form(state.heads, written, keys, joined, np.bincount(number, minlength=len(keys)))
    leaders = [key if head == _SHORT else names[head] for key, head in zip(keys, joined, strict=True)]
    return Copies(number, written, keys, leaders, whole["tags"].to_pylist())


class _State:
    """What the blocks so far gave: the leader of each key, and the index in which the leaders are found.

    The index has the size that the largest block so far needed, so that it is the same whether the blocks before were
    read now or were kept.
    """

    def __init__(self) -> None:
        self.heads: list[str] = []
        self._known: dict[str, int] = {}
        self._most = self._characters = self._held = 0
        self._longest = 1
        self._index: minhash.Index | None = None

    def read(self, texts: Sequence[str], counts: Sequence[int]) -> pa.Table:
        """Return key, leader and tags of each text of a block; the state stays as it was."""
        keys = [match_key(text) for text in texts]
        uses = Counter[str]()
        for key, count in zip(keys, counts, strict=True):
            if len(key) >= MIN_CHARS and key not in self._known:
                uses[key] += count
        order = sorted(uses, key=lambda key: (-uses[key], key))
        heads = list(self.heads)
        led = dict(zip(order, self._settled(order, heads), strict=True)) if order else {}
        place = {head: number for number, head in enumerate(heads)}
        joined = [
            _SHORT if len(key) < MIN_CHARS else place[led[key]] if key in led else self._known[key] for key in keys
        ]
        tagged = [{key: one for one in reversed(tags(text)) if (key := tag_key(one))} for text in texts]
        leads = [head >= 0 and heads[head] == key for key, head in zip(keys, joined, strict=True)]
        columns = [keys, joined, leads, [list(map(list, own.items())) for own in tagged]]
        arrays = [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
        return pa.table(arrays, schema=_SCHEMA)

    def learn(self, table: pa.Table) -> None:
        """Go on to the next block with what this one gave."""
        own = {
            key: head
            for key, head in zip(table["key"].to_pylist(), table["head"].to_pylist(), strict=True)
            if head != _SHORT and key not in self._known
        }
        self._sized(list(own))
        self._known.update(own)
        leading = {
            head: key
            for key, head, leads in zip(*(table[name].to_pylist() for name in ("key", "head", "leads")), strict=True)
            if leads and head >= len(self.heads)
        }
        self.heads += [leading[head] for head in sorted(leading)]

    def _sized(self, keys: Sequence[str]) -> None:
        """Let the index have room for these keys."""
        self._most = max(self._most, len(self.heads) + len(keys))
        self._characters = max(self._characters, sum(map(len, self.heads)) + sum(map(len, keys)))
        self._longest = max([self._longest, *map(len, keys)])

    def _settled(self, keys: Sequence[str], heads: list[str]) -> list[str]:
        """Return the leader of each key; ``heads`` grows by those that lead."""
        self._sized(keys)
        size, room, longest = (1 << max(10, n.bit_length()) for n in (self._most, self._characters, self._longest))
        own = self._index
        if own is None or (own.seen.size, own.runs.size, own.own_runs.size) != (size, room + size + 1, longest + 1):
            self._index = own = minhash.empty_index(size, room, longest)
            self._held = 0
        missing = heads[self._held :]
        if missing:
            points, begins = minhash.encoded(missing)
            minhash.settle(own, points, begins, 0, _ALL_LEAD, np.empty(len(missing), np.int64))
        found: list[str] = settled(own, keys, heads)
        self._held = len(heads)
        return found


def _one_per_form(
    heads: Sequence[str],
    texts: Sequence[str],
    keys: Sequence[str],
    joined: Sequence[int],
    counts: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> list[str]:
    """Return the name of each leader: its own key, or of leaders with one form the key of the first of them."""
    names = list(heads)
    sizes = np.zeros(len(heads), np.int64)
    np.add.at(sizes, np.array([head for head in joined if head != _SHORT], np.int64),
              counts[np.array([head != _SHORT for head in joined], bool)])  # fmt: skip
    written: dict[str, int] = {}
    seen: set[int] = set()
    for text, key, head in zip(texts, keys, joined, strict=True):
        if head != _SHORT and head not in seen and key == heads[head]:
            seen.add(head)
            if written_form(text) is not None:
                written[text] = head
    if len(written) < 2:
        return names
    uses = {text: int(sizes[head]) for text, head in written.items()}
    formed = leaders_of(uses, MIN_CHARS, {text: heads[head] for text, head in written.items()})
    first: dict[str, int] = {}
    for text, head in sorted(written.items(), key=lambda one: one[1]):
        first.setdefault(formed[text], head)
        names[head] = heads[first[formed[text]]]
    return names


def _hash(chain: str, texts: Sequence[str], counts: Sequence[int]) -> str:
    """Return the hash of a block and of all before it: hex."""
    digest = hashlib.sha256(chain.encode())
    for text, count in zip(texts, counts, strict=True):
        content = text.encode("utf-8", "surrogatepass")
        digest.update(f"{count} {len(content)} ".encode() + content)
    return digest.hexdigest()
