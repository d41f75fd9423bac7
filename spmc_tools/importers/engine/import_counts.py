"""What became of the rows of one file: counted piece by piece, and told in the end."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spmc_tools.case.store.batches import RowsOfFile
from spmc_tools.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Counts", "FileResult"]

_REASONS_COUNTED = 1000
_REASONS_TOLD = 3
_MANY_REFUSED = 0.1
_QUOTED = re.compile('".*"')


@dataclass(frozen=True, slots=True)
class FileResult(RowsOfFile):
    """What became of one file.

    ``kept`` counts records, events of groups, and account rows of files that list accounts; ``accounts`` all account
    rows written, also those that stood beside posts. ``group_events`` counts events by kind, ``growth`` how many
    came and went in each month. ``note`` is one line for the person, or "". ``other_account`` and ``other_text``
    count duplicates that name another account, hold another text, than the post that was received first.
    """

    name: str
    sha256: str
    note: str
    other_account: int = 0
    other_text: int = 0
    group_events: dict[str, int] = field(default_factory=dict)
    growth: tuple[tuple[str, int, int], ...] = ()

    def differences(self) -> list[str]:
        """Say how many duplicates differ from the post that was received first; empty where none does."""
        said = (
            (self.other_account, "names another account", "name another account"),
            (self.other_text, "holds another text", "hold another text"),
        )
        return [
            f"{n:,} {'duplicate' if n == 1 else 'duplicates'} {singular if n == 1 else more} than the post that was "
            "received first"
            for n, singular, more in said
            if n
        ]


@dataclass(slots=True)
class Counts:
    """The counts of one file while it is read."""

    read: int = 0
    records: int = 0
    kept_accounts: int = 0
    duplicates: int = 0
    refused: int = 0
    accounts: int = 0
    outside: int = 0
    other_account: int = 0
    other_text: int = 0
    group_events: dict[str, int] = field(default_factory=dict)
    growth: tuple[tuple[str, int, int], ...] = ()
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add_reasons(self, reasons: Iterable[str]) -> None:
        """Count reasons that differ in more than what they quote; beyond a thousand only those already known."""
        for reason in reasons:
            shape = _QUOTED.sub('"…"', reason)
            if shape in self.reasons or len(self.reasons) < _REASONS_COUNTED:
                self.reasons[shape] += 1
                self.examples.setdefault(shape, reason)

    def told(self) -> list[str]:
        """Return the most frequent reasons with their counts, each with the first that was found."""
        found = [
            f"{count:,} × {self.examples[shape][:200]}" for shape, count in self.reasons.most_common(_REASONS_TOLD)
        ]
        others = self.refused - sum(count for _, count in self.reasons.most_common(_REASONS_TOLD))
        return [*found, *([f"{others:,} × other reasons"] if others else [])]

    def remarks(self, mapped: bool) -> list[str]:
        """Say why rows were refused; and of a mapped table with many of them, that it is imported once."""
        if not self.refused:
            return []
        said = [f"refused: {', '.join(self.told())}"]
        if mapped and self.refused > _MANY_REFUSED * self.read:
            said.append(
                f"{self.refused / self.read:.0%} of its rows are refused, and a file is imported once: a mapping that "
                "is mended later cannot bring them in; --dry-run shows the outcome first"
            )
        return said

    @property
    def kept(self) -> int:
        """Rows that are kept, of every table."""
        return self.records + self.kept_accounts

    def require_sum(self, name: str) -> None:
        """Raise :class:`~spmc_tools.errors.IntegrityError` where a row was lost or counted twice."""
        if self.read != self.kept + self.duplicates + self.refused:
            raise IntegrityError(
                f"{name}: {self.read:,} rows read, but {self.kept:,} kept + {self.duplicates:,} duplicates + "
                f"{self.refused:,} refused; nothing of it was imported."
            )
