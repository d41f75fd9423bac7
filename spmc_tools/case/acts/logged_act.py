"""What an officer did, as the custody log tells of it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LoggedAct"]


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """One act: ``seq`` and ``at`` (UTC) of its entry in the custody log, and who did it."""

    seq: int
    at: str
    by: str
