"""The groups that a report shows, the numbers its accounts go by, and their names as the data gives them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.case.store import Case

__all__ = ["NAMED", "Group", "groups", "handles", "named_accounts", "numbers", "set_aside"]

NAMED = ("A", "B")
"""Tiers whose accounts may be named, after review."""


@dataclass(frozen=True)
class Group:
    """One cluster with at least one account that may be named.

    ``named`` and ``others`` are its members in tier A or B by rank, and the rest, in the order of their ids; ``row``
    is its row of ``found.clusters``.
    """

    cluster_id: int
    named: tuple[str, ...]
    others: tuple[str, ...]
    row: dict[str, Any] = field(repr=False)

    @property
    def members(self) -> tuple[str, ...]:
        """All its accounts."""
        return self.named + self.others


def named_accounts(found: Any) -> pd.DataFrame:
    """Return the accounts in tier A or B, by rank."""
    accounts: pd.DataFrame = found.accounts
    chosen = accounts[accounts["tier"].isin(NAMED)]
    return chosen.sort_values(["score", "account_id"], ascending=[False, True], kind="stable")


def _members(found: Any) -> list[tuple[dict[str, Any], list[str], list[str]]]:
    rank = {account: n for n, account in enumerate(named_accounts(found)["account_id"])}
    rows = []
    for row in found.clusters.to_dict("records"):
        row["context"] = row["context"] if isinstance(row.get("context"), str) else None
        named = sorted((a for a in row["accounts"] if a in rank), key=lambda a: rank[a])
        rows.append((row, named, sorted(a for a in row["accounts"] if a not in rank)))
    return rows


def groups(found: Any) -> list[Group]:
    """Return the clusters that hold an account in tier A or B, in the order of ``found.clusters``."""
    return [
        Group(int(row["cluster_id"]), tuple(named), tuple(others), row)
        for row, named, others in _members(found)
        if named
    ]


def set_aside(found: Any) -> list[dict[str, Any]]:
    """Return the clusters without such an account: size, traces, registered kind, and how many rest on what."""
    basis = dict(zip(found.accounts["account_id"], found.accounts["basis"], strict=True))
    rows = []
    for row, named, others in _members(found):
        if named:
            continue
        told = [basis.get(account) for account in others]
        rows.append(
            {
                "size": len(others),
                "traces": list(row["traces"]),
                "context": row["context"],
                "sources": row.get("n_sources"),
                "basis": {name: told.count(name) for name in ("several", "few", "one")},
            }
        )
    return rows


def numbers(found: Any) -> dict[str, int]:
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
