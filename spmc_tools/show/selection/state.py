"""Everything that is chosen in the explorer as one value that never changes, and the steps that led to it.

A panel that changes something makes a new state out of the one that it shows; :class:`History` keeps those before it.
Nothing of the custody log is in here: marks are undone by an entry of their own, a choice by going back a step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Filters", "History", "Period", "Selected", "Side", "Sides", "State"]

S = TypeVar("S")

Period = tuple["pd.Timestamp", "pd.Timestamp"]
"""Two moments in UTC, both inclusive."""


@dataclass(frozen=True, slots=True)
class Selected:
    """What is chosen: ids of accounts, the two ids of an edge, a group's number, and a period in UTC (None: all)."""

    accounts: tuple[str, ...] = ()
    edge: tuple[str, str] | None = None
    cluster: int | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which links are shown; None: whatever they are.

    Attributes
    ----------
    trace : str or None
        Name of the trace.
    window_s : float or None
        In step within exactly this window, in seconds.
    q : float or None
        At most.
    tier : {"A", "B", "C"} or None
        Both accounts in this tier or above.
    """

    trace: str | None = None
    window_s: float | None = None
    q: float | None = None
    tier: str | None = None

    def asked(self) -> dict[str, str | float]:
        """Return what is asked for, by name; empty where every link is shown."""
        named = {"trace": self.trace, "window_s": self.window_s, "q": self.q, "tier": self.tier}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is chosen in the explorer.

    Attributes
    ----------
    language : {"en", "hi"}
        Of the words.
    selected : Selected
        Accounts, edge or group, and the period.
    filters : Filters
        Which links are shown.
    all_accounts : bool
        Whether the network holds every account; else the strongest.
    color_by : {"cluster", "trace", "tier", "first"}
        What colours of the network say.
    folded : tuple of int
        Numbers of the groups that are one dot.
    """

    language: str = "en"
    selected: Selected = Selected()
    filters: Filters = Filters()
    all_accounts: bool = False
    color_by: str = "cluster"
    folded: tuple[int, ...] = ()

    def narrows(self) -> bool:
        """Say whether some links may lie outside of what is chosen: there is a filter or a period."""
        return bool(self.filters.asked()) or self.selected.period is not None

    def selecting(
        self, accounts: tuple[str, ...] = (), edge: tuple[str, str] | None = None, cluster: int | None = None
    ) -> State:
        """Return this state with other accounts, another edge or group chosen, in the same period."""
        return replace(self, selected=Selected(accounts, edge, cluster, self.selected.period))

    def within(self, period: Period | None) -> State:
        """Return this state with another period; None: all time."""
        return replace(self, selected=replace(self.selected, period=period))


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a comparison shows: a run by its number in the custody log (0: this one), and a period of it."""

    look: int
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared with what."""

    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class History(Generic[S]):
    """A state and the steps on both sides of it.

    Attributes
    ----------
    now : S
        The state that is shown.
    before : tuple of S
        The states that were left by a change, oldest first.
    after : tuple of S
        The states that were left by going back, the next one first.
    """

    now: S
    before: tuple[S, ...] = ()
    after: tuple[S, ...] = ()

    def changed(self, state: S) -> History[S]:
        """Return the history with one more step; this one where the state is the same. What was undone is gone then."""
        return self if state == self.now else History(state, (*self.before, self.now))

    def undo(self) -> History[S]:
        """Return the history one step back; this one where there is none."""
        if not self.before:
            return self
        return History(self.before[-1], self.before[:-1], (self.now, *self.after))

    def redo(self) -> History[S]:
        """Return the history one step forward again; this one where nothing was undone."""
        if not self.after:
            return self
        return History(self.after[0], (*self.before, self.now), self.after[1:])
