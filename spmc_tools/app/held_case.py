"""The case that the pages are about: one for the whole server, whatever page is open."""

from __future__ import annotations

import threading
import zlib
from dataclasses import dataclass

__all__ = ["COLOURS", "Held", "HeldCase"]

COLOURS = 8
"""How many colours there are; two cases may share one, so that the name always stands beside it."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the pages are about at one moment: the id of a ``case`` (None: none is chosen), and their ``language``."""

    case: str | None
    language: str

    @property
    def colour(self) -> int:
        """The colour of the case, 0 to 7, alike on every day."""
        return zlib.crc32((self.case or "").encode()) % COLOURS


class HeldCase:
    """The one case of the server, and its language; ``held`` is what it begins with."""

    def __init__(self, held: Held) -> None:
        self._held, self._lock = held, threading.Lock()

    @property
    def now(self) -> Held:
        """What is held now."""
        with self._lock:
            return self._held

    def choose(self, case: str | None) -> None:
        """Let every page be about another case."""
        with self._lock:
            self._held = Held(case, self._held.language)

    def speak(self, language: str) -> None:
        """Let every page be in another language."""
        with self._lock:
            self._held = Held(self._held.case, language)

    def is_shown(self, case: str | None) -> bool:
        """Say whether a page that was made for a case may write: only where that case is held now."""
        return case is not None and case == self.now.case
