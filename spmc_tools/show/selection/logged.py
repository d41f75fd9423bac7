"""What the custody log says of accounts: their marks and the officer's list; and what others add while it is shown.

Nobody's mark is taken for seen before it was shown: while somebody writes a reason, what others say of the same
accounts is shown, and the mark is refused once, with whose it is.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spmc_tools.case.acts.account_lists import account_list, matched_accounts
from spmc_tools.case.acts.marks import marks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spmc_tools.case.acts.account_lists import AccountList
    from spmc_tools.case.acts.marks import Mark, Marks
    from spmc_tools.case.store.case import Case

__all__ = ["EVERY_S", "Listed", "Logged", "MarksOfOthers", "listed_in", "look_often", "news_of"]

EVERY_S = 3.0
"""How often an open explorer looks whether the custody log has grown."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The officer's list as it was kept (None: there is none), the accounts that it means, what of it means none."""

    kept: AccountList | None
    accounts: frozenset[str]
    unmatched: tuple[str, ...]


def listed_in(case: Case, ids: Iterable[str], handles: Mapping[str, str]) -> Listed:
    """Return the list that holds in a case, matched to accounts by :func:`matched_accounts`.

    Raises
    ------
    IntegrityError
        Where the custody log cannot be read.
    """
    kept = account_list(case)
    return Listed(kept, *matched_accounts(kept.accounts if kept else (), ids, handles))


@dataclass(frozen=True, eq=False)
class Logged:
    """What the custody log said when it was read last; two of them are the same only where they are one."""

    marks: Marks
    listed: Listed


class MarksOfOthers:
    """The marks of a case as they stood when the log was read last, and whether it has grown since.

    Parameters
    ----------
    case : Case
        Whose log it is.

    Attributes
    ----------
    before : Marks or None
        What an officer had seen who writes a reason while marks of others came in; None: all that stands.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self.before: Marks | None = None
        self._last = self._read_of = self._state()

    def _state(self) -> list[tuple[int, int]]:
        """Return sizes and times of the log's files: they are another where something was written."""
        found = []
        for name in (self._case.ledger.path.name, self._case.ledger.path.name + "-wal"):
            with suppress(OSError):
                file_stat = self._case.ledger.path.with_name(name).stat()
                found.append((file_stat.st_size, file_stat.st_mtime_ns))
        return found

    def now(self, known: Marks) -> Marks | None:
        """Return the marks as they stand where they are others than those known; else None.

        A log that has just grown is read again the next time: what is written may not yet be there to be read.

        Raises
        ------
        SpmcError
            Where the log cannot be read; it is tried again the next time.
        """
        state = self._state()
        settled, self._last = state == self._last, state
        if state == self._read_of:
            return None
        marks = marks_of(self._case)
        if settled:
            self._read_of = state
        return marks if marks.seen != known.seen else None


def news_of(before: Marks, after: Marks) -> tuple[set[str], list[Mark], int]:
    """Return the accounts of which something new is said, the new marks, and how many were undone or put back."""
    accounts = {account for account, seq in after.seen.items() if before.seen.get(account) != seq}
    new = [mark for seq, mark in after.made.items() if seq not in before.made]
    moved = set(before.undone) ^ set(after.undone)
    return accounts, new, len(moved & set(before.made))


def look_often(look: Callable[[], None]) -> asyncio.Task[None] | None:
    """Call a method every few seconds while its object is there; None where no notebook is open, or in a run."""
    if os.environ.get("SPMC_RUN"):
        return None
    method = weakref.WeakMethod(look)

    async def often() -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            call = method()
            if call is None:
                return
            call()
            del call

    with suppress(RuntimeError):
        return asyncio.get_running_loop().create_task(often())
    return None
