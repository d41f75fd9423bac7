"""What the section *accounts* holds: the accounts that may be named, and the linked pairs of all groups."""

from __future__ import annotations

from spmc_tools.report.values.privacy import AccountId, Code, Count, Flag, Handle, Number
from spmc_tools.report.values.section_values import section_values
from spmc_tools.report.values.withholding import Withholding

__all__ = ["AccountTable", "NamedAccount", "PairOfGroup", "PairTable"]


@section_values
class NamedAccount(Withholding):
    """An account in tier A or B.

    Attributes
    ----------
    n : int
        Its number in the report.
    name : str or None
        Its handle.
    group : int or None
        Place of its card, from 1.
    links : int
        Linked pairs with named accounts of its group.
    grounds : tuple of str
        What it rests on: pairs that stand out, a group, or both.
    signed : int
        Its posts that sign an event.
    in_step, records : int
        Its posts in step, as the cards count them, and all its posts.
    weak : bool
        It rests on little more than the limit.
    patterns : tuple of str
        Ordinary patterns that explain a trace of it.
    mark : str or None
        The officers' mark that stands.
    pseudonym : str
        By which exports call it.
    """

    withheld = ("name",)
    """The pseudonym stands under ``id``."""

    n: Count
    name: Handle | None
    id: AccountId
    group: Count | None
    platform: Code | None
    traces: tuple[Code, ...]
    links: Count
    grounds: tuple[Code, ...]
    signed: Count
    in_step: Count
    records: Count
    weak: Flag
    mark: Code | None
    pseudonym: Code
    patterns: tuple[Code, ...] = ()


@section_values
class PairOfGroup:
    """A linked pair by the numbers of its accounts; ``group`` is the place of its card, from 1."""

    group: Count
    a: Count
    b: Count
    trace: Code
    window_s: Number | None
    seen: Count
    expected: Number
    p: Number
    q: Number


@section_values
class PairTable:
    """Linked pairs of all groups that chance explains least, by group and numbers; ``all``: how many there are."""

    rows: tuple[PairOfGroup, ...]
    all: Count


@section_values
class AccountTable:
    """The accounts in tier A or B by number; how many were ``seen`` and stand in which tier; their linked pairs."""

    rows: tuple[NamedAccount, ...]
    seen: Count
    tiers: dict[Code, Count]
    pairs: PairTable

    def accounts_by_number(self) -> dict[int, str]:
        """Return the id of the account that each number of the report stands for."""
        return {row.n: row.id for row in self.rows}
