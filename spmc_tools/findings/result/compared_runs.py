"""Two looks, or two periods of one look, side by side: who and which links are in one, in the other, in both.

A difference is no event: an account can be new because more was collected. A period holds the links whose time from
first to last common action meets it, also where no action falls into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spmc_tools.findings.clusters.evidence import carrying
from spmc_tools.findings.clusters.matched_groups import matched

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.findings.result.findings import Findings

    Period = tuple[pd.Timestamp, pd.Timestamp] | None

__all__ = ["Compared", "compared", "links_within"]

_TIERS = ("A", "B", "C")


@dataclass(frozen=True)
class Compared:
    """What differs.

    Attributes
    ----------
    accounts : pandas.DataFrame
        ``account_id, tier_before, tier_after, links_before, links_after``: every account whose tier, or whose having
        any link, differs; by id. A null tier: none.
    groups : pandas.DataFrame
        ``before, after`` (numbers of the groups; null: no such group), ``size_before, size_after, joined, left``.
    links : dict
        ``before, after, both`` (pairs of accounts).
    """

    accounts: pd.DataFrame
    groups: pd.DataFrame
    links: dict[str, int]


def links_within(found: Findings, period: Period = None) -> pd.DataFrame:
    """Return the significant links whose time from first to last meets a period; both ends inclusive, None is all."""
    edges = found.edges[carrying(found.edges)]
    if period is None:
        return edges
    low, high = period
    return edges[(edges["first_t"] <= high) & (edges["last_t"] >= low)]


def compared(before: Findings, after: Findings, period_before: Period = None, period_after: Period = None) -> Compared:
    """Return what differs between two looks, each inside a period.

    Parameters
    ----------
    before, after : Findings
        Two looks at the same accounts; one and the same to compare two periods.
    period_before, period_after : (pandas.Timestamp, pandas.Timestamp), optional
        Both ends inclusive; None: all time.

    Notes
    -----
    Tiers are those of the whole look: a period has none of its own. Inside a period only accounts with a link in it
    keep their tier here. Groups are those of the looks, with the members that have a link in the period.
    """
    import pandas as pd

    sides = [_Side(before, period_before), _Side(after, period_after)]
    ids = sorted({*sides[0].partners, *sides[1].partners, *sides[0].tiers, *sides[1].tiers})
    rows = []
    for account in ids:
        tiers = [side.tiers.get(account) for side in sides]
        links = [side.partners.get(account, 0) for side in sides]
        if tiers[0] != tiers[1] or bool(links[0]) != bool(links[1]):
            rows.append((account, *tiers, *links))
    names = ["account_id", "tier_before", "tier_after", "links_before", "links_after"]
    pairs = [side.pairs for side in sides]
    counts = {"before": len(pairs[0]), "after": len(pairs[1]), "both": len(pairs[0] & pairs[1])}
    accounts = pd.DataFrame(rows, columns=names).astype({"tier_before": object, "tier_after": object})
    for name in ("tier_before", "tier_after"):
        accounts[name] = accounts[name].where(accounts[name].notna(), None)
    return Compared(accounts, _groups(*sides), counts)


class _Side:
    """One of the two: its pairs, how many links each account has, tiers, and groups with their members."""

    def __init__(self, found: Findings, period: Period) -> None:
        links = links_within(found, period)
        self.pairs = set(zip(links["account_a"].astype(str), links["account_b"].astype(str), strict=True))
        self.partners: dict[str, int] = {}
        for pair in self.pairs:
            for account in pair:
                self.partners[account] = self.partners.get(account, 0) + 1
        accounts = found.accounts[found.accounts["tier"].isin(_TIERS)]
        tiers = dict(zip(accounts["account_id"].astype(str), accounts["tier"].astype(str), strict=True))
        self.tiers = (
            tiers if period is None else {account: tier for account, tier in tiers.items() if account in self.partners}
        )
        self.groups: dict[int, frozenset[str]] = {}
        for row in found.clusters.to_dict("records"):
            members = frozenset(str(account) for account in row["accounts"])
            inside = members if period is None else members & set(self.partners)
            if inside:
                self.groups[int(row["cluster_id"])] = inside


def _groups(before: _Side, after: _Side) -> pd.DataFrame:
    import pandas as pd

    old, new = list(before.groups.items()), list(after.groups.items())
    same = matched([members for _, members in old], [members for _, members in new])
    rows: list[dict[str, Any]] = [_row(old[a], new[b]) for a, b in same.same]
    rows += [_row(None, new[b]) for b in same.new]
    rows += [_row(old[a], None) for a in same.gone]
    names = ["before", "after", "size_before", "size_after", "joined", "left"]
    return pd.DataFrame(rows, columns=names).astype("Int64")


def _row(old: tuple[int, frozenset[str]] | None, new: tuple[int, frozenset[str]] | None) -> dict[str, Any]:
    was, now = frozenset() if old is None else old[1], frozenset() if new is None else new[1]
    return {
        "before": None if old is None else old[0],
        "after": None if new is None else new[0],
        "size_before": len(was),
        "size_after": len(now),
        "joined": len(now - was),
        "left": len(was - now),
    }
