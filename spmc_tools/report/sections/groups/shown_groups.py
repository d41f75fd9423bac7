"""The groups that a report shows, the numbers its accounts go by, and their names as the data gives them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spmc_tools.findings.clusters.ordinary_patterns import fitting
from spmc_tools.report.sections.groups.benign import NewsroomPattern, pattern_rows
from spmc_tools.report.values.privacy import Code, Count
from spmc_tools.report.values.section_values import section_values

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings

__all__ = [
    "NAMED", "Group", "GroupSetAside", "every_cluster", "groups", "handles", "named_accounts", "numbers", "set_aside",
]  # fmt: skip

NAMED = ("A", "B")
"""Tiers whose accounts may be named, after review."""


@dataclass(frozen=True)
class Group:
    """One cluster with at least one account that may be named.

    ``named`` and ``others`` are its members in tier A or B, and the rest, both in the order of their ids, which ranks
    nobody; ``row`` is its row of ``found.clusters``.
    """

    cluster_id: int
    named: tuple[str, ...]
    others: tuple[str, ...]
    row: dict[str, Any] = field(repr=False)

    @property
    def members(self) -> tuple[str, ...]:
        """All its accounts."""
        return self.named + self.others


@section_values
class GroupSetAside:
    """A cluster in which nobody is named, and why.

    Attributes
    ----------
    context : str or None
        Its registered kind.
    registered, not_registered : int
        Members that an officer registered, and the rest of a cluster that has such a kind, else 0.
    sources : int or None
        Distinct sources of its links; None: not counted.
    basis : dict of str to int
        Members by what their links rest on: ``several``, ``few``, ``one``.
    patterns : tuple of str
        Ordinary patterns that explain a trace of half of the members or more.
    newsrooms : tuple of NewsroomPattern
        The members that look like newsrooms by what they post.
    """

    size: Count
    traces: tuple[Code, ...]
    context: Code | None
    registered: Count
    not_registered: Count
    sources: Count | None
    basis: dict[Code, Count]
    newsrooms: tuple[NewsroomPattern, ...]
    patterns: tuple[Code, ...] = ()


def named_accounts(found: Findings) -> pd.DataFrame:
    """Return the accounts in tier A or B, in the order of their ids."""
    accounts: pd.DataFrame = found.accounts
    return accounts[accounts["tier"].isin(NAMED)].sort_values("account_id", kind="stable")


def _members(found: Findings) -> list[tuple[dict[str, Any], list[str], list[str]]]:
    may = set(named_accounts(found)["account_id"])
    rows = []
    for cluster in found.clusters.to_dict("records"):
        row = {str(name): value for name, value in cluster.items()}
        row["context"] = row["context"] if isinstance(row.get("context"), str) else None
        members = sorted(row["accounts"])
        rows.append((row, [a for a in members if a in may], [a for a in members if a not in may]))
    return rows


def groups(found: Findings) -> list[Group]:
    """Return the clusters that hold an account in tier A or B, in the order of ``found.clusters``."""
    return [
        Group(int(row["cluster_id"]), tuple(named), tuple(others), row)
        for row, named, others in _members(found)
        if named
    ]


def every_cluster(found: Findings) -> list[Group]:
    """Return all clusters, those without an account that may be named too, in the order of ``found.clusters``."""
    return [Group(int(row["cluster_id"]), tuple(named), tuple(others), row) for row, named, others in _members(found)]


def set_aside(found: Findings) -> tuple[GroupSetAside, ...]:
    """Return the clusters without such an account, in the order of ``found.clusters``."""
    basis = dict(zip(found.accounts["account_id"], found.accounts["basis"], strict=True))
    rows: list[GroupSetAside] = []
    for row, named, others in _members(found):
        if named:
            continue
        bases = [basis.get(account) for account in others]
        registered = int(row.get("n_context") or 0)
        rows.append(
            GroupSetAside(
                size=len(others),
                traces=tuple(row["traces"]),
                context=row["context"],
                registered=registered,
                not_registered=len(others) - registered if row["context"] else 0,
                sources=row.get("n_sources"),
                basis={name: bases.count(name) for name in ("several", "few", "one")},
                patterns=fitting(found.ordinary_patterns, others),
                newsrooms=pattern_rows(found, others),
            )
        )
    return tuple(rows)


def numbers(found: Findings) -> dict[str, int]:
    """Return the number by which the report calls each account in tier A or B: from 1, group by group."""
    order = [account for group in groups(found) for account in group.named]
    order += [account for account in named_accounts(found)["account_id"] if account not in set(order)]
    return {account: n for n, account in enumerate(order, start=1)}


def handles(case: Case) -> dict[str, str]:
    """Return the user name of each account, as it was seen last; accounts without one are not in it."""
    table = case.table("accounts", ["account_id", "platform", "handle", "observed_at"]).to_pandas()
    table = table[table["handle"].notna()].sort_values("observed_at", kind="stable", na_position="first")
    named = dict(zip(table["account_id"], table["handle"], strict=True))
    named.update(zip(table["platform"] + ":" + table["account_id"], table["handle"], strict=True))
    return named
