"""Accounts that an officer cleared stay out of later findings, unless evidence came after the mark.

New evidence is a record behind the account's finding that the case received after the mark was made: a record that
was there already has been looked at. Nothing is dropped: a cleared account keeps its row, its edges and its numbers; it
has no tier, and how many these are stands in ``notes["cleared"]``.

Known false negative: an account cleared by mistake stays out until new material comes or the mark is withdrawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.case.acts.marks import CLEARED, files_known, marks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.case.store.case import Case
    from spmc_tools.findings.result.findings import Findings

__all__ = ["set_aside", "with_tiers"]

_TIERS = ["A", "B", "C"]


def set_aside(found: Findings, case: Case) -> None:
    """Take the tier from cleared accounts without new evidence, and note how many there are.

    Parameters
    ----------
    found : Findings
        Of this case; ``accounts`` and the counts ``n_named`` change, ``notes["cleared"]`` is filled: ``set_aside``
        (accounts that would have a tier), ``again`` (cleared, but with new evidence), both lists of ids in order.
    case : Case
        Whose marks hold.
    """
    cleared = {account: mark for account, mark in marks_of(case).standing().items() if mark.mark == CLEARED}
    noted: dict[str, list[str]] = {"set_aside": [], "again": []}
    found.notes = {**found.notes, "cleared": noted}
    with_tier = found.accounts["tier"].isin(_TIERS) & found.accounts["account_id"].isin(list(cleared))
    if not with_tier.any():
        return
    known = files_known(case, {mark.seq for mark in cleared.values()})
    for account in sorted(found.accounts.loc[with_tier, "account_id"]):
        sources = found.evidence(str(account))["source_sha256"].dropna()
        new = not set(sources) <= known[cleared[account].seq]
        noted["again" if new else "set_aside"].append(str(account))
    if noted["set_aside"]:
        with_tiers(found, dict.fromkeys(noted["set_aside"]))


def with_tiers(found: Findings, tiers: Mapping[str, str | None]) -> None:
    """Give accounts another tier (None: none) by an officer's act; order and counts of findings follow."""
    accounts = found.accounts.copy()
    now = dict(zip(accounts["account_id"], accounts["tier"], strict=True)) | dict(tiers)
    accounts["tier"] = accounts["account_id"].map(now.get).astype(accounts["tier"].dtype)
    order = accounts["tier"].map({tier: place for place, tier in enumerate(_TIERS)}).fillna(len(_TIERS))
    keys = accounts.assign(order=order, score=-accounts["score"])
    place = keys.sort_values(["order", "score", "account_id"], kind="stable").index
    found.accounts = accounts.loc[place].reset_index(drop=True)
    named = set(found.accounts.loc[found.accounts["tier"].isin(["A", "B"]), "account_id"])
    if len(found.clusters):
        counts: Any = [sum(account in named for account in members) for members in found.clusters["accounts"]]
        found.clusters = found.clusters.assign(n_named=counts)
    if len(found.events):
        ids = found.account_events.loc[found.account_events["account_id"].isin(named), "event_id"].tolist()
        found.events = found.events.assign(n_named=[ids.count(event) for event in found.events["event_id"]])
