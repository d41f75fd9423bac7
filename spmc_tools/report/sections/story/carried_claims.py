"""Which claims of the case's register the accounts of groups carry, with state, official version and what came after.

A claim is matched to posts as the rumour desk does it (:mod:`spmc_tools.desks.rumours.rumour`): posts that deny it do
not carry it. All posts of the accounts count, in step or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.desks.rumours.rumour import rumour_desk
from spmc_tools.report.sections.story.story_values import CarriedClaim

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.rumours.rumour import RumourDesk

__all__ = ["carried_claims", "claims_desk"]

TEXT = 300


def claims_desk(case: Case, records: pd.DataFrame, accounts: Collection[str]) -> RumourDesk | None:
    """Return the register over the posts of these accounts; None where it is empty or there is no such post."""
    mine = records[records["account_id"].isin(accounts)].reset_index(drop=True)
    return rumour_desk(case, mine) if len(mine) else None


def carried_claims(desk: RumourDesk | None, accounts: Collection[str]) -> tuple[CarriedClaim, ...]:
    """Return the claims that these accounts carry, the one that most of them carry first; withdrawn ones do not count.

    Notes
    -----
    Known errors: those of :mod:`spmc_tools.text.claim_match`. A post after the official version was not necessarily
    written by somebody who had seen it.
    """
    if desk is None:
        return ()
    found = []
    for claim_id, claim in desk.claims.items():
        posts = desk.carrying(claim_id)
        posts = posts[posts["account_id"].isin(accounts)]
        if claim["status"] == "withdrawn" or not len(posts):
            continue
        official = claim["official_at"]
        found.append(
            CarriedClaim(
                claim_id=claim_id,
                status=claim["status"],
                text=claim["text"][:TEXT],
                official_at=official,
                accounts=int(posts["account_id"].nunique()),
                posts=len(posts),
                after=None if official is None else int((posts["created_at"] > official).sum()),
            )
        )
    return tuple(sorted(found, key=_order))


def _order(claim: CarriedClaim) -> tuple[int, bool, int, str]:
    """Return the place of a claim: most accounts first, of equal ones an answered one, then most posts."""
    return -claim.accounts, claim.official_at is None, -claim.posts, claim.claim_id
