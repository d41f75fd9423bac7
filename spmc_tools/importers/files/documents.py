"""JSON that is one document instead of lines: its elements one by one, without holding the whole of it.

An array gives its elements, an object itself, several objects in a row each of them. Of Telegram's own exports, whose
messages lie inside a chat, each message comes with the head of its chat: ``{"chat": {…}, "message": {…}}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from spmc_tools.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ELEMENT_LIMIT", "elements"]

ELEMENT_LIMIT = 64 * 1024 * 1024
"""Longest element of a document in bytes."""

_HEAD_LIMIT = 64 * 1024
_DEPTH_LIMIT = 1_000_000
_TOKEN = re.compile(rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+([{}\[\]])', re.DOTALL)
_MESSAGES = re.compile(rb'"messages"\s*:\s*$')
_BLANK = b" \t\r\n,"
_PAIRS = {0x5D: 0x5B, 0x7D: 0x7B}


def elements(blocks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Give the elements of a document as JSON texts, in order.

    Parameters
    ----------
    blocks : iterator of bytes
        The document as UTF-8, cut anywhere.
    name : str
        The file, for messages.

    Raises
    ------
    FormatError
        Where brackets do not match, the document ends early, or an element is longer than :data:`ELEMENT_LIMIT`.
    """
    return iter(_Cutter(blocks, name))


class _Cutter:
    """Walks the brackets of a document; ``buffer[0]`` is byte ``base`` of it."""

    def __init__(self, blocks: Iterator[bytes], name: str) -> None:
        self._blocks, self._name = blocks, name
        self._buffer, self._base, self._pos = b"", 0, 0
        self._open: list[tuple[int, int]] = []
        self._inside: int | None = None
        self._since = 0
        self._head: bytes | None = None
        self._hollow = False
        self._done = 0

    def __iter__(self) -> Iterator[bytes]:
        while (at := self._next()) is not None:
            bracket = self._buffer[at - self._base]
            found = self._opened(bracket, at) if bracket in b"[{" else self._closed(bracket, at)
            if found is not None:
                self._done += 1
                yield found
        if self._open:
            raise FormatError(
                f"{self._name} ends in the middle of its JSON, after {self._done:,} whole elements; nothing of it was "
                "imported; ask for the file again."
            )
        rest = self._buffer[self._pos - self._base :]
        if rest.strip(_BLANK + b";"):
            yield rest

    def _next(self) -> int | None:
        """Return where the next bracket stands, or None at the end."""
        while True:
            found = _TOKEN.match(self._buffer, self._pos - self._base)
            if found:
                self._pos = self._base + found.end()
                return self._base + found.start(1)
            block = next(self._blocks, b"")
            if not block:
                return None
            self._forget()
            self._buffer += block
            if len(self._buffer) > ELEMENT_LIMIT + len(block):
                raise FormatError(
                    f"{self._name}: element {self._done + 1:,} of its JSON is longer than {ELEMENT_LIMIT // 2**20} MB; "
                    "if it is one large answer, ask for it as one JSON object per line."
                )

    def _forget(self) -> None:
        """Let go of what no element still to come needs."""
        keep = self._since if self._inside is not None or not self._open or not self._hollow else self._open[-1][1]
        if keep > self._base:
            self._buffer = self._buffer[keep - self._base :]
            self._base = keep

    def _text(self, start: int, end: int) -> bytes:
        return self._buffer[start - self._base : end - self._base]

    def _opened(self, bracket: int, at: int) -> bytes | None:
        gap = None
        if len(self._open) > _DEPTH_LIMIT:
            raise FormatError(f"{self._name}: its JSON is nested too deeply.")
        if self._inside is None:
            if not self._open:
                gap = self._gap(at)
                self._since, self._hollow = at, False
            if bracket == 0x5B and self._streams(at):
                self._inside, self._since, self._hollow = len(self._open) + 1, at + 1, True
        elif len(self._open) == self._inside:
            gap = self._gap(at)
            self._since = at
        self._open.append((bracket, at))
        return gap

    def _closed(self, bracket: int, at: int) -> bytes | None:
        if not self._open or self._open[-1][0] != _PAIRS[bracket]:
            raise FormatError(f"{self._name} is no valid JSON: a bracket at byte {at:,} closes nothing.")
        self._open.pop()
        depth = len(self._open)
        if self._inside is None:
            if depth:
                return None
            found = None if self._hollow else self._text(self._since, at + 1)
            self._since = at + 1
            return found
        if depth == self._inside:
            found = self._text(self._since, at + 1)
            self._since = at + 1
            return found if self._head is None else b'{"chat":%b,"message":%b}' % (self._head, found)
        if depth == self._inside - 1:
            gap = self._gap(at)
            self._inside, self._since, self._head = None, at + 1, None
            return gap
        return None

    def _gap(self, at: int) -> bytes | None:
        """Return what stands between two elements where it is more than blanks and commas."""
        between = self._text(self._since, at).strip(_BLANK)
        return between or None

    def _streams(self, at: int) -> bool:
        """Whether an array that opens here holds the elements: the document itself, or the messages of a chat."""
        if not self._open:
            return True
        bracket, start = self._open[-1]
        if bracket != 0x7B or at - start > _HEAD_LIMIT or start < self._base:
            return False
        before = self._text(start, at)
        key = _MESSAGES.search(before)
        if not key:
            return False
        try:
            head = orjson.loads(before[: key.start()].rstrip().rstrip(b",") + b"}")
        except orjson.JSONDecodeError:
            return False
        if not {"type", "id"} <= head.keys():
            return False
        self._head = orjson.dumps(head)
        return True
