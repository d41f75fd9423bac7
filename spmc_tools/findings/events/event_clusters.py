"""Events that are one: they name the same accounts, or some of them on one schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["EventCluster", "Schedule", "clustered"]

SHARED, ON_SCHEDULE = 3, 2
"""Accounts that two events must share; that two events on one schedule must share."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The client and the first of the two seconds of the minute on which an event rests."""

    client: str
    second: int

    def is_that_of(self, other: Schedule) -> bool:
        """Return whether the client is the same and the pairs of seconds meet."""
        return self.client == other.client and (self.second - other.second) % 60 in {0, 1, 59}


@dataclass(frozen=True, slots=True)
class EventCluster:
    """Accounts of events that are one, in the order of their ids, and the numbers of the events, ascending from 1."""

    accounts: tuple[str, ...]
    events: tuple[int, ...]


def clustered(members: Sequence[frozenset[str]], schedules: Sequence[Schedule | None]) -> list[EventCluster]:
    """Return the clusters of events, largest first; each account is in one of them, none has fewer than two.

    Two events are one if they share at least three accounts and half of the smaller one's, or at least two where both
    rest on one client and second.

    Parameters
    ----------
    members : sequence of frozenset of str
        The accounts that each event names; event number i + 1 is at place i.
    schedules : sequence of Schedule or None
        Of each event.

    Notes
    -----
    An account in events of two clusters goes to the larger one; one whose companions all went there goes with them.
    """
    first = list(range(len(members)))

    def root(i: int) -> int:
        while first[i] != i:
            first[i] = first[first[i]]
            i = first[i]
        return i

    for i, j, n in _sharing(members):
        schedule, other = schedules[i], schedules[j]
        planned = schedule is not None and other is not None and schedule.is_that_of(other)
        alike = n >= SHARED and 2 * n >= min(len(members[i]), len(members[j]))
        if alike or (planned and n >= ON_SCHEDULE):
            low, high = sorted((root(i), root(j)))
            first[high] = low
    whole: dict[int, list[int]] = {}
    for i, accounts in enumerate(members):
        if accounts:
            whole.setdefault(root(i), []).append(i)
    parts = [(frozenset[str]().union(*(members[i] for i in events)), events) for events in whole.values()]
    parts.sort(key=lambda part: (-len(part[0]), part[1]))
    return _apart(parts)


def _apart(parts: list[tuple[frozenset[str], list[int]]]) -> list[EventCluster]:
    """Return clusters that share nobody, from parts that may, the largest first."""
    made: list[tuple[set[str], list[int]]] = []
    home: dict[str, int] = {}
    for accounts, events in parts:
        left = accounts - home.keys()
        if len(left) >= 2:
            place = len(made)
            made.append((set(left), list(events)))
        elif left and len(accounts) >= 2:
            others = [home[account] for account in accounts - left]
            place = min(set(others), key=lambda n: (-others.count(n), n))
            made[place][0].update(left)
            made[place][1].extend(events)
        else:
            continue
        home.update(dict.fromkeys(left, place))
    return [EventCluster(tuple(sorted(accounts)), tuple(sorted(i + 1 for i in events))) for accounts, events in made]


def _sharing(members: Sequence[frozenset[str]]) -> list[tuple[int, int, int]]:
    """Return the pairs of events that share at least two accounts, and how many they share."""
    from scipy.sparse import coo_array

    ids = {account: n for n, account in enumerate(sorted(frozenset[str]().union(*members)))}
    rows = [i for i, accounts in enumerate(members) for _ in accounts]
    if not rows:
        return []
    columns = [ids[account] for accounts in members for account in sorted(accounts)]
    on = coo_array((np.ones(len(rows), np.int64), (rows, columns)), shape=(len(members), len(ids))).tocsr()
    shared = (on @ on.T).tocoo()
    kept = (shared.row < shared.col) & (shared.data >= ON_SCHEDULE)
    return sorted(zip(*(x[kept].tolist() for x in (shared.row, shared.col, shared.data)), strict=True))
