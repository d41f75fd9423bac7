"""Numbers of reviews by kind of group; they hold no account, no officer, no case and no text."""

from __future__ import annotations

from spmc_tools.report.values.privacy import Code, Count, Flag, Number
from spmc_tools.report.values.section_values import section_values

__all__ = ["Counted", "Rate", "RateRow", "Rates"]


@section_values
class Rate:
    """A share ``k`` of ``n`` with its exact 95 % interval; ``few``: too few yet to say anything by it."""

    k: Count
    n: Count
    low: Number
    high: Number
    few: Flag


@section_values
class RateRow:
    """Groups of one kind.

    Attributes
    ----------
    trace, rests : str
        What most of their posts are, and what they rest on: ``pairs``, ``group``, ``events``, or ``none`` where nobody
        is named. Of an ordinary pattern: its name, and ``pattern``.
    shown, named : int
        Groups, and those in which somebody is named.
    upheld, not_upheld, needs_more : int
        What their last reviews said.
    reasons : dict
        The ordinary reasons that reviewers took them to have, and how often.
    overturned : Rate
        Not upheld, of those that were upheld or not.
    fillers : Rate
        Line-ups in which ordinary accounts were chosen, of all answers.
    unsure : int
        Line-ups in which none was chosen.
    """

    trace: Code
    rests: Code
    shown: Count
    named: Count
    upheld: Count
    not_upheld: Count
    needs_more: Count
    reasons: dict[Code, Count]
    overturned: Rate
    fillers: Rate
    unsure: Count


@section_values
class Counted:
    """How much was counted.

    Attributes
    ----------
    cases, reports : int
        That were counted; ``unread`` cases could not be, and ``older`` reports do not tell their groups' kinds.
    skipped, impossible : int
        Line-ups that were skipped with a reason, and those for which too few ordinary accounts posted.
    """

    cases: Count
    unread: Count
    reports: Count
    older: Count
    skipped: Count
    impossible: Count


@section_values
class Rates(Counted):
    """All kinds and all ordinary patterns, in their own order; ``whole``: all groups together."""

    whole: RateRow
    kinds: tuple[RateRow, ...]
    patterns: tuple[RateRow, ...]

    def of(self, trace: str, rests: str) -> RateRow | None:
        """Return the row of a kind; None where no group of it was shown."""
        return next((row for row in self.kinds if (row.trace, row.rests) == (trace, rests)), None)
