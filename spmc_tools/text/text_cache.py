"""What was read from texts before: the same text is not read a second time.

Reading a text (its match key, its form) costs some twenty times as much as finding it among those known. What is known
is kept by the hash of a text, not by the text.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Reading = Callable[[str], str | None]

__all__ = ["Memory", "digest_of", "remembered", "remembering"]


class Memory(Protocol):
    """What gives the readings that are known, and takes new ones."""

    def known(self, name: str, digests: Sequence[bytes]) -> list[tuple[str | None] | None]:
        """Return for each text, by its hash, what was read from it, as a tuple of one; None where it is not known."""

    def learn(self, name: str, readings: Iterable[tuple[bytes, str | None]]) -> None:
        """Take what was read from texts, by their hashes."""


_MEMORY: ContextVar[Memory | None] = ContextVar("memory of texts", default=None)


@contextmanager
def remembering(memory: Memory | None) -> Iterator[None]:
    """Use a memory inside the block; None: none."""
    token = _MEMORY.set(memory)
    try:
        yield
    finally:
        _MEMORY.reset(token)


def digest_of(text: str) -> bytes:
    """Return the hash by which a text is known: 16 bytes of BLAKE2b."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def remembered(name: str, texts: Sequence[str], read: Reading) -> list[str | None]:
    """Return what ``read`` gives for each text; what the memory of the block knows is not read again.

    Parameters
    ----------
    name : str
        Name of the reading: one name, one function.
    texts : sequence of str
        Each once; a text that stands twice is read twice.
    read : callable
        Of one text alone: nothing else may change what it gives.
    """
    memory = _MEMORY.get()
    if memory is None:
        return [read(text) for text in texts]
    digests = [digest_of(text) for text in texts]
    known = memory.known(name, digests)
    new = {digest: read(text) for text, digest, stored in zip(texts, digests, known, strict=True) if stored is None}
    if new:
        memory.learn(name, new.items())
    return [new[digest] if stored is None else stored[0] for digest, stored in zip(digests, known, strict=True)]
