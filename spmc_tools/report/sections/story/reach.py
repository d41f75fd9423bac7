"""How many followers the accounts of a group have, as last seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.report.sections.story.story_values import Reach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.case.store.case import Case

__all__ = ["followers_of", "reach"]


def followers_of(case: Case) -> dict[str, int]:
    """Return the followers of each account as they were seen last, under its id alone and with its platform."""
    columns = ["account_id", "platform", "followers", "observed_at"]
    table = case.table("accounts", columns).to_pandas()
    table = table[table["followers"].notna()].sort_values("observed_at", kind="stable", na_position="first")
    counts = table["followers"].astype("int64")
    found = dict(zip(table["account_id"], counts.tolist(), strict=True))
    found.update(zip(table["platform"] + ":" + table["account_id"], counts.tolist(), strict=True))
    return found


def reach(followers: Mapping[str, int], accounts: Sequence[str]) -> Reach | None:
    """Return the followers of these accounts together; None where those of no account are known.

    Notes
    -----
    Who follows several is counted several times, and nobody knows from it who saw a post.
    """
    known = [followers[account] for account in accounts if account in followers]
    return Reach(followers=sum(known), known=len(known), of=len(accounts)) if known else None
