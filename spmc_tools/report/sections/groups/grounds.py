"""What the named accounts of a group rest on: pairs that stand out, or a group in which no single pair does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.sections.groups.event_values import Events, events_of
from spmc_tools.report.values.privacy import Code, Count, Number
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.report.sections.groups.shown_groups import Group

__all__ = [
    "ChanceRange",
    "Grounds",
    "GroupMember",
    "ProvenGroup",
    "below_in_one_kind",
    "chance_range",
    "grounds",
    "of_accounts",
]

RANGE = 0.99
"""Share of the chance distribution that the grey range of a chart holds."""

HALF = 0.5
"""An expectation below this is said as one occasion in so many."""

_RANKING = ("untimed", "detector")
"""Kinds of rows of accounts that only rank."""

MEMBERS = 8
"""Members whose figures are drawn; the table holds all."""


@section_values
class ChanceRange:
    """What chance gives in 99 of 100 cases of this expectation: ``low`` and ``high``, inclusive; one in ``one_in``.

    ``one_in`` is None where the expectation is a half or more.
    """

    expected: Number
    one_in: Count | None
    low: Count
    high: Count


@section_values
class GroupMember(ChanceRange):
    """A named account of a proven group: occasions in company (``seen``), company, P and q beside its expectation.

    ``expected``, from which P is computed, is Λ over the company (at least one): what chance expects of its pairs
    in the group, added up, over how many of them meet at once.
    """

    n: Count
    label: Code
    seen: Count
    company: Number
    p: Number
    q: Number


@section_values
class ProvenGroup:
    """A group in which no single pair need stand out.

    Attributes
    ----------
    size : int
        s.
    n_broad, n_broad_late : int
        Broad occasions, B, and those of them that are late.
    least : int
        Members that a broad occasion needs.
    members : tuple of GroupMember
        Its named accounts by number; ``drawn``: the first of them for the picture.
    """

    trace: Code
    size: Count
    n_broad: Count
    n_broad_late: Count
    least: Count
    members: tuple[GroupMember, ...]
    drawn: tuple[GroupMember, ...]


@section_values
class Grounds:
    """On what the accounts of a group that may be named rest.

    Attributes
    ----------
    pairs : int
        Accounts named by pairs that stand out.
    group_only, event_only : int
        Accounts named as members of a proven group alone, and by events alone.
    events : Events
        Of the group.
    groups : tuple of ProvenGroup
        The proven groups behind the accounts, largest first.
    """

    pairs: Count
    group_only: Count
    event_only: Count
    events: Events
    groups: tuple[ProvenGroup, ...]


def chance_range(expected: float) -> ChanceRange:
    """Return what chance gives in 99 of 100 cases of this expectation."""
    from scipy.stats import poisson

    tail = (1 - RANGE) / 2
    return ChanceRange(
        expected=float(expected),
        one_in=round(1 / expected) if 0 < expected < HALF else None,
        low=int(poisson.ppf(tail, expected)),
        high=int(poisson.ppf(1 - tail, expected)),
    )


def of_accounts(found: Findings, accounts: Collection[str]) -> dict[str, set[str]]:
    """Return what each account with basis *several* rests on: "pair", "group", or both in different traces.

    The set of an account without such a basis is empty.
    """
    speaking = found.account_traces
    several = speaking[(speaking["basis"] == "several") & speaking["kind"].notna()]
    kinds: dict[str, set[str]] = {account: set() for account in accounts}
    for account, kind in zip(several["account_id"], several["kind"], strict=True):
        if account in kinds:
            kinds[account].add(kind)
    return kinds


def below_in_one_kind(found: Findings, level: float) -> set[str]:
    """Return the accounts with a basis and a q below a level in one trace; what only ranks has no part in it.

    A name asks for that, and not for the q over all traces.
    """
    rows = found.account_traces
    return set(rows.loc[rows["basis"].notna() & (rows["q"] < level) & ~rows["kind"].isin(_RANKING), "account_id"])


def grounds(found: Findings, group: Group, number: Mapping[str, int]) -> Grounds:
    """Return on what the accounts of a group that may be named rest; ``number``: account -> its number."""
    accounts = found.accounts.set_index("account_id")
    kinds_of = of_accounts(found, group.named)
    behind = found.proven_groups[found.proven_groups["cluster_id"] == group.cluster_id]
    proven = [_proven(found, row, group, number) for row in behind.to_dict("records")]
    return Grounds(
        pairs=sum("pair" in kinds for kinds in kinds_of.values()),
        group_only=sum("group" in kinds and "pair" not in kinds for kinds in kinds_of.values()),
        event_only=sum(
            not kinds and isinstance(accounts.at[account, "event_tier"], str) for account, kinds in kinds_of.items()
        ),
        events=events_of(found, group.cluster_id),
        groups=tuple(kept_group for kept_group in sorted(proven, key=lambda entry: -entry.size) if kept_group.members),
    )


def _proven(found: Findings, row: Mapping[Any, Any], group: Group, number: Mapping[str, int]) -> ProvenGroup:
    listed = found.group_members[found.group_members["group_id"] == row["group_id"]]
    named = listed[listed["found"].astype(bool) & listed["account_id"].isin(group.named)].to_dict("records")
    members = sorted((_member(member, number[member["account_id"]]) for member in named), key=lambda member: member.n)
    strongest = sorted(members, key=lambda member: (member.p, member.n))[:MEMBERS]
    return ProvenGroup(
        trace=row["trace"],
        size=int(row["size"]),
        n_broad=int(row["n_broad"]),
        n_broad_late=int(row["n_broad_late"]),
        least=max(4, -(-int(row["size"]) // 3)),
        members=tuple(members),
        drawn=tuple(sorted(strongest, key=lambda member: member.n)),
    )


def _member(row: Mapping[Any, Any], n: int) -> GroupMember:
    chance = chance_range(row["expected"])
    return GroupMember(
        n=n,
        label=str(n),
        seen=int(row["n_occasions"]),
        company=float(row["company"]),
        p=float(row["p"]),
        q=float(row["q"]),
        expected=chance.expected,
        one_in=chance.one_in,
        low=chance.low,
        high=chance.high,
    )
