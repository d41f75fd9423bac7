"""What the named accounts of a group rest on: pairs that stand out, or a group in which no single pair does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.sections.groups.event_values import events_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.report.sections.groups.shown_groups import Group

__all__ = ["chance_range", "grounds", "of_account"]

RANGE = 0.99
"""Share of the chance distribution that the grey range of a chart holds."""

HALF = 0.5
"""An expectation below this is said as one occasion in so many."""

MEMBERS = 8
"""Members whose figures are drawn; the table holds all."""


def chance_range(expected: float) -> dict[str, Any]:
    """Return what chance gives in 99 of 100 cases of this expectation: ``low`` and ``high``, inclusive; ``one_in``."""
    from scipy.stats import poisson

    tail = (1 - RANGE) / 2
    return {
        "expected": float(expected),
        "one_in": round(1 / expected) if 0 < expected < HALF else None,
        "low": int(poisson.ppf(tail, expected)),
        "high": int(poisson.ppf(1 - tail, expected)),
    }


def of_account(reasons: Any) -> set[str]:
    """Return what an account with basis *several* rests on: "pair", "group", or both in different traces."""
    return {one["kind"] for one in _listed(reasons) if one.get("basis") == "several" and one.get("kind")}


def grounds(found: Any, group: Group, number: Mapping[str, int]) -> dict[str, Any]:
    """Return on what the accounts of a group that may be named rest.

    Returns
    -------
    dict
        ``pairs``: accounts named by pairs that stand out; ``group_only``: those named as members of a group alone;
        ``groups``: the proven groups behind these, largest first, each with ``trace``, ``size`` (s), ``n_broad`` (B),
        ``n_broad_late``, ``least`` (members that a broad occasion needs) and ``members``: of each of its named accounts
        occasions in company, company, expectation, P and q; ``drawn``: the first of them for the picture.
        ``event_only``: accounts named by events alone; ``events``: as ``event_values.events_of`` gives them.
    """
    accounts = found.accounts.set_index("account_id")
    told = {account: of_account(accounts.at[account, "reason"]) for account in group.named}
    proven = [_proven(one, group, number) for one in _listed(group.row.get("groups"))]
    return {
        "pairs": sum("pair" in kinds for kinds in told.values()),
        "group_only": sum("group" in kinds and "pair" not in kinds for kinds in told.values()),
        "event_only": sum(
            not kinds and isinstance(accounts.at[account, "event_tier"], str) for account, kinds in told.items()
        ),
        "events": events_of(found, group.cluster_id),
        "groups": [one for one in sorted(proven, key=lambda one: -one["size"]) if one["members"]],
    }


def _proven(one: Mapping[str, Any], group: Group, number: Mapping[str, int]) -> dict[str, Any]:
    named = set(group.named)
    members = [
        {
            "n": number[member["account_id"]],
            "label": str(number[member["account_id"]]),
            "seen": int(member["n_occasions"]),
            "company": float(member["company"]),
            "p": float(member["p"]),
            "q": float(member["q"]),
            **chance_range(member["expected"]),
        }
        for member in _listed(one["members"])
        if member["found"] and member["account_id"] in named
    ]
    members.sort(key=lambda member: member["n"])
    strongest = sorted(members, key=lambda member: (member["p"], member["n"]))[:MEMBERS]
    return {
        "trace": one["trace"],
        "size": int(one["size"]),
        "n_broad": int(one["n_broad"]),
        "n_broad_late": int(one["n_broad_late"]),
        "least": max(4, -(-int(one["size"]) // 3)),
        "members": members,
        "drawn": sorted(strongest, key=lambda member: member["n"]),
    }


def _listed(value: Any) -> list[Any]:
    return list(value) if value is not None and not isinstance(value, (str, float)) else []
