"""Values of the watch board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.report.values.declaration import Declaration
from spmc_tools.report.values.privacy import Code, Count, Day, Flag, Wording
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from spmc_tools.desks.watch.board import Board

__all__ = ["SECTIONS", "BoardCase", "BoardDays", "CalendarDay", "ReturnOfDay", "WatchBoard", "watch_board"]


@section_values
class CalendarDay:
    """Days of the calendar from ``first`` to ``last``, both inclusive; ``in_days`` 0: they run; ``title`` by language.

    ``where``: the constituencies of a poll, None: all; ``source``: of the calendar's line.
    """

    title: dict[Code, Wording]
    what: Code
    first: Day
    last: Day
    phase: Count | None
    where: Wording | None
    in_days: Count
    unconfirmed: Flag
    moon: Flag
    source: Wording


@section_values
class BoardCase:
    """A case of the same folder: its name, its days and the state in which it is."""

    case: Wording
    date_from: Day
    date_to: Day
    event: Wording | None
    expires: Day | None
    state: Code


@section_values
class ReturnOfDay:
    """Referrals that reached each state on a day, and the handles watched at its end."""

    day: Day
    flagged: Count
    verified: Count
    sent: Count
    removed: Count
    fir: Count
    cleared: Count
    watched: Count


@section_values
class BoardDays:
    """The day of a board, how many ``days`` it looks back, and how many ``ahead``; ``is_past``: the day is over."""

    today: Day
    is_past: Flag
    days: Count
    ahead: Count


@section_values
class WatchBoard(BoardDays):
    """The board of a day, as :class:`spmc_tools.desks.watch.board.Board` has it, and what follows from it.

    ``running`` and ``expired`` cases; ``sums`` of the returns by state; ``watched`` at the end of the last day;
    ``next``: what comes after today; ``now``: what runs today.
    """

    coming: tuple[CalendarDay, ...]
    cases: tuple[BoardCase, ...]
    unread: Count
    returns: tuple[ReturnOfDay, ...] | None
    running: Count
    expired: Count
    sums: dict[Code, Count]
    watched: Count | None
    next: CalendarDay | None
    now: tuple[CalendarDay, ...]


def watch_board(board: Board) -> WatchBoard:
    """Return the board, with the sums of its daily return and what is next."""
    from spmc_tools.desks.watch.board import STATES

    coming = tuple(CalendarDay(**row) for row in board.coming)
    cases = tuple(BoardCase(**row) for row in board.cases)
    returns = None if board.returns is None else tuple(ReturnOfDay(**row) for row in board.returns)
    return WatchBoard(
        today=board.today,
        is_past=board.is_past,
        days=board.days,
        ahead=board.ahead,
        coming=coming,
        cases=cases,
        unread=board.unread,
        returns=returns,
        running=sum(case.state == "running" for case in cases),
        expired=sum(case.state == "expired" for case in cases),
        sums={state: sum(getattr(day, state) for day in returns or ()) for state in STATES},
        watched=returns[-1].watched if returns else None,
        next=next((day for day in coming if day.in_days > 0), None),
        now=tuple(day for day in coming if day.in_days == 0),
    )


SECTIONS = (Declaration("watch_board", ("board",), watch_board, WatchBoard),)
"""The sections that stand in this module."""
