"""What a confined child does, however it came to be: one piece of work, its frames, and a last one of how it ended."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from spmc_tools.cage.answer_frames import Frame, encoded, function_of
from spmc_tools.errors import SpmcError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["serve"]


def serve(request: dict[str, Any], data: int, held: tuple[str, ...]) -> None:
    """Do a piece of work and write its frames; the last one says how it ended.

    Parameters
    ----------
    request : dict
        ``work`` and its ``arguments``.
    data : int
        The descriptor that the frames are written to.
    held : tuple of str
        What holds this process, for the one who asked.
    """
    no_memory = b"".join(encoded(Frame({"ended": "memory"})))
    try:
        for frame in function_of(request["work"])(**request["arguments"]):
            _write(data, encoded(frame))
        last = Frame({"ended": "done", "held": held})
    except MemoryError:
        _write(data, iter([no_memory]))
        return
    except SpmcError as error:
        kind = type(error)
        more = {name: value for name, value in vars(error).items() if isinstance(value, (str, int, dict, type(None)))}
        last = Frame(
            {"ended": "refused", "error": f"{kind.__module__}:{kind.__name__}", "said": str(error), "of": more}
        )
    except BrokenPipeError:
        return
    except Exception as error:  # a fault of a parser is a refusal of the file, with its name for who mends it
        last = Frame({"ended": "fault", "kind": type(error).__name__, "said": str(error)[:200]})
    _write(data, encoded(last))


def _write(data: int, pieces: Iterator[bytes | memoryview]) -> None:
    for piece in pieces:
        view = memoryview(piece)
        while view:
            view = view[os.write(data, view) :]
