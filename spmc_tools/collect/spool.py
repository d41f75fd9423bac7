"""What a collection has received and not yet imported: a folder inside the case, whole after every page.

``<case>/.collect/<key of the target>/`` holds ``answers`` (what came back, appended) and ``state.json`` (how many bytes
of it are whole, where the next page begins). A kill loses the page that was under way, which is asked for again.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import os_errors, sync_dir, write_file
from spmc_tools.errors import CaseError, IntegrityError
from spmc_tools.operating_system import open_descriptor, remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.collect.target import Target

__all__ = ["FOLDER", "Spool", "State", "open_spool"]

FOLDER = ".collect"
"""Its place in a case; it goes with the case when that is disposed of."""


@dataclass(slots=True)
class State:
    """Where a collection stands.

    Attributes
    ----------
    cursor : str or None
        Where the next page begins.
    bytes, pages, posts, requests, outside : int
        Whole bytes kept, pages kept, posts in them, requests sent, pages left out as outside the period.
    begun_at : str
        UTC.
    ended : str or None
        Why nothing more is asked: "complete", "period", "posts", "requests"; None: it is under way.
    notes : list of str
        What could not be read.
    """

    begun_at: str
    cursor: str | None = None
    bytes: int = 0
    pages: int = 0
    posts: int = 0
    requests: int = 0
    outside: int = 0
    ended: str | None = None
    notes: list[str] = field(default_factory=list)


class Spool:
    """The folder of one collection; see the module."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers = folder / "answers"

    def state(self) -> State | None:
        """Return where it stands; None where nothing was begun.

        Raises
        ------
        IntegrityError
            Where it holds less than it says.
        """
        try:
            found = State(**json.loads((self.folder / "state.json").read_bytes()))
            size = self.answers.stat().st_size
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            found, size = State(""), -1
        if size < found.bytes:
            raise IntegrityError(
                f"What was collected in {self.folder} is not whole; look at it, and delete the folder to begin again."
            )
        return found

    def begin(self, state: State) -> None:
        """Begin anew: nothing is kept yet."""
        with os_errors("The collection cannot be kept"):
            self.answers.write_bytes(b"")
            self.save(state)

    def keep(self, content: bytes, state: State) -> None:
        """Append a page, then say that it is whole; ``state.bytes`` is moved on."""
        with os_errors("The collection cannot be kept"):
            descriptor = open_descriptor(self.answers, os.O_RDWR | os.O_CREAT)
            with os.fdopen(descriptor, "r+b") as stream:
                stream.truncate(state.bytes)
                stream.seek(state.bytes)
                stream.write(content)
                stream.flush()
                os.fsync(descriptor)
            state.bytes += len(content)
            self.save(state)

    def save(self, state: State) -> None:
        """Write where it stands."""
        facts: dict[str, Any] = asdict(state)
        with os_errors("The collection cannot be kept"):
            write_file(self.folder / "state.json", json.dumps(facts, ensure_ascii=False).encode())

    def finished(self, name: str, state: State) -> Path:
        """Return the file of what was collected, under the name that it is imported by."""
        path = self.folder / name
        with os_errors("The collection cannot be kept"), self.answers.open("rb") as whole, path.open("wb") as made:
            made.write(whole.read(state.bytes))
            made.flush()
            os.fsync(made.fileno())
        return path

    def clear(self) -> None:
        """Take the folder away: what was in it is part of the case."""
        with os_errors("The folder of the collection cannot be taken away"):
            remove_tree(self.folder)
            sync_dir(self.folder.parent)


@contextmanager
def open_spool(case: Case, target: Target) -> Iterator[Spool]:
    """Give the folder of a target; no other process collects it meanwhile.

    Raises
    ------
    CaseError
        Where another process does.
    """
    from filelock import FileLock, Timeout

    folder = case.path / FOLDER / target.key
    with os_errors("The collection cannot be kept"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with FileLock(case.path / FOLDER / f"{target.key}.lock", timeout=0, mode=0o600):
            yield Spool(folder)
    except Timeout:
        raise CaseError(f"{target.shown} is being collected into case {case.id} by another program.") from None
