"""What a check has found so far, of a case, a run or a pack alike."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spmc_tools.case.files.durable import sha256_file
from spmc_tools.errors import quote

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.x509 import Certificate

__all__ = ["LACKS", "Tally", "Verification", "shown", "span", "unreadable"]

LACKS = ("anchor", "after_anchor", "time_stamp", "authority", "signature", "keys", "case", "received")
"""What a check may be unable to show, most telling first.

No anchor; entries after the last one; no time stamp; nobody said whose certificate signed the time stamps; nobody
signed; keys of which this machine has none; the case is not here; the received files are not in a pack.
"""

_MOST_SENTENCES = 10_000


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check found.

    Attributes
    ----------
    ok : bool
        Nothing differs, and there is no doubt either.
    checked : int
        Files and log entries looked at.
    first_difference : str or None
        The file or log entry, and what differs; None where nothing does.
    differences : tuple of str
        All of them, in the order they were found.
    not_checked : tuple of str
        What could not be looked at here, and why.
    notes : tuple of str
        What a reader must know that is no difference, as a withdrawal.
    doubts : tuple of str
        What an honest machine can bring about, too, and somebody must explain: entries of the log that are dated before
        the one before them, or between which the clock was moved; a key that is another one on this machine.
    after_anchor : int or None
        How many entries of the log lie after the last one that an anchor vouches for; None: no anchor was compared.
    lacks : tuple of (str, int)
        What this check could not show, by kind (:data:`LACKS`), and how many there are of it.
    """

    ok: bool
    checked: int
    first_difference: str | None
    differences: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    after_anchor: int | None = None
    lacks: tuple[tuple[str, int], ...] = ()

    @property
    def whole(self) -> bool:
        """Nothing differs; doubts are told apart, and hinder no review, pack or backup."""
        return not self.differences


@dataclass
class Tally:
    """What a running check has found so far; ``hashes`` keeps each file's hash, as runs share their inputs."""

    checked: int = 0
    differences: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    hashes: dict[Path, str | None] = field(default_factory=dict)
    roots: list[Certificate] | None = None
    anchor: str | None = None
    after_anchor: int | None = None
    lacking: dict[str, int] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def _add(self, sentences: list[str], sentence: str) -> None:
        if sentence not in self._told and len(sentences) < _MOST_SENTENCES:
            self._told.add(sentence)
            sentences.append(sentence)

    def differs(self, what: str, how: str) -> None:
        """Add a difference, once."""
        self._add(self.differences, f"{shown(what)}: {how}")

    def skip(self, sentence: str) -> None:
        """Say what was not looked at."""
        self._add(self.not_checked, sentence)

    def lack(self, kind: str, number: int = 1) -> None:
        """Add to what this check cannot show; ``kind`` is of :data:`LACKS`."""
        if kind not in LACKS:
            raise ValueError(kind)
        self.lacking[kind] = self.lacking.get(kind, 0) + number

    def note(self, sentence: str) -> None:
        """Say what a reader must know."""
        self._add(self.notes, sentence)

    def doubt(self, what: str, how: str) -> None:
        """Add what somebody must explain."""
        self._add(self.doubts, f"{shown(what)}: {how}")

    def file(self, folder: Path, relative: str, sha256: object, told_as: str | None = None) -> None:
        """Compare one file with the hash it should have."""
        path = folder / relative
        self.checked += 1
        if path not in self.hashes:
            try:
                self.hashes[path] = sha256_file(path)
            except OSError as error:
                self.hashes[path] = None
                self.differs(told_as or relative, unreadable(error))
        found = self.hashes[path]
        if found is not None and found != sha256:
            self.differs(told_as or relative, "its content is not what was recorded (SHA-256 differs)")

    def result(self) -> Verification:
        """Return all of it."""
        return Verification(
            ok=not self.differences and not self.doubts,
            checked=self.checked,
            first_difference=self.differences[0] if self.differences else None,
            differences=tuple(self.differences),
            not_checked=tuple(self.not_checked),
            notes=tuple(self.notes),
            doubts=tuple(self.doubts),
            after_anchor=self.after_anchor,
            lacks=tuple((kind, self.lacking[kind]) for kind in LACKS if kind in self.lacking),
        )


def shown(path: str) -> str:
    """Return a name as a message shows it."""
    return quote(path, 300)[1:-1]


def unreadable(error: OSError) -> str:
    """Say why a file cannot be read."""
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return "it is missing"
    if error.errno == errno.ELOOP:
        return "it is a link, not a file"
    return f"it cannot be read ({(error.strerror or 'the system refused').lower()})"


def span(seconds: float) -> str:
    """Return a length of time in words."""
    for unit, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:,.0f} {name}"
    return f"{seconds:,.3f} seconds"
