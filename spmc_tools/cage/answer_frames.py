"""What goes from the caged process to the one that waits: a head in JSON, tables as Arrow streams, plain bytes.

Nothing here can run a program when it is read. The one who waits believes no length and no table: both are checked.
"""

from __future__ import annotations

import importlib
import json
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

__all__ = ["DeathError", "Frame", "encoded", "function_of", "nothing", "received"]

_LENGTHS = struct.Struct("<IQ")
_MOST_HEAD = 64 << 20
_MOST_BODY = 4 << 30
_PLAIN = ""


class DeathError(Exception):
    """The child is dead or silent; the message is the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One piece of an answer: a ``head`` (whatever JSON holds), ``tables`` by name, ``content`` (a piece of a file)."""

    head: dict[str, Any]
    tables: dict[str, pa.Table] = field(default_factory=dict)
    content: bytes = b""


def function_of(work: str) -> Callable[..., Iterator[Frame]]:
    """Return the function of a name ``spmc_tools.module:function``; a generator of frames."""
    module, _, name = work.partition(":")
    if not module.startswith("spmc_tools."):
        raise ValueError(f"{work!r} is no work of this program")
    found: Callable[..., Iterator[Frame]] = getattr(importlib.import_module(module), name)
    return found


def nothing() -> Iterator[Frame]:
    """Give one empty frame: the work that shows whether a confined process can be had at all."""
    yield Frame({})


def encoded(frame: Frame) -> Iterator[bytes | memoryview]:
    """Give the pieces of a frame as they are written."""
    bodies: list[tuple[str, Any]] = [(_PLAIN, frame.content)] if frame.content else []
    if frame.tables:
        import pyarrow as pa

        for name, table in frame.tables.items():
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
            bodies.append((name, memoryview(sink.getvalue())))
    parts = [[name, len(body)] for name, body in bodies]
    head = json.dumps([frame.head, parts], ensure_ascii=True).encode()
    yield _LENGTHS.pack(len(head), sum(size for _, size in parts))
    yield head
    for _, body in bodies:
        yield body


def received(read: Callable[[int], bytearray]) -> Frame:
    """Return the next frame.

    Parameters
    ----------
    read : callable
        Gives so many bytes, or raises.

    Raises
    ------
    ValueError
        Where it is no sound frame.
    """
    size, whole = _LENGTHS.unpack(read(_LENGTHS.size))
    if size > _MOST_HEAD or whole > _MOST_BODY:
        raise ValueError("a frame is longer than any")
    head, parts = json.loads(bytes(read(size)))
    if sum(length for _, length in parts) != whole or not isinstance(head, dict):
        raise ValueError("a frame is not as long as it says")
    tables: dict[str, pa.Table] = {}
    content = b""
    for name, length in parts:
        body = read(length)
        if name == _PLAIN:
            content = bytes(body)
            continue
        import pyarrow as pa

        with pa.ipc.open_stream(pa.py_buffer(body)) as stream:
            tables[name] = stream.read_all()
        tables[name].validate(full=True)
    return Frame(head, tables, content)
