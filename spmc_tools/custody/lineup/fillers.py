r"""Two groups of ordinary accounts that match a group in size, activity and kind of posts, drawn by seed.

For each account of the group, in an order by lot, and for each of the two others in turn, one of the nearest accounts
that are still free is taken by lot: of at most three that lie within .25 of the nearest one. With *n* posts in the days
of the group, the shares *k* of its posts that are of each kind, and the share *c* that is about something which another
account posted as well (the same repost, the same text), two accounts lie

.. math:: |\log_2 (1 + n) - \log_2 (1 + n')| + \sum_i |k_i - k'_i| / 2 + |c - c'|

apart. Who is in any group, in a tier, on the list of known accounts or marked by an officer is no ordinary account.

Notes
-----
Known limit: the draw makes accounts alike one by one, not as a circle of acquaintances. A crowd of fans shares more
than its accounts drawn one by one do, so that a line-up is easier than a group beside another real group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["LEAST_ROWS", "LEAST_SHARE", "MOST_ROWS", "Drawn", "draw", "likeness_of_accounts"]

MOST_ROWS, LEAST_ROWS = 24, 3
"""Accounts of a group that are drawn, and without how many nothing is drawn."""

LEAST_SHARE = 0.25
"""A filler posts at least this share of what the group posts; else the picture would tell it by its ink."""

_NEAREST, _AS_NEAR = 3, 0.25


@dataclass(frozen=True, slots=True)
class Drawn:
    """The accounts of finding and fillers, as many each; ``why``: none could be drawn (``few`` or ``quiet``)."""

    panels: tuple[tuple[str, ...], ...]
    why: str | None = None


def likeness_of_accounts(posts: pd.DataFrame) -> pd.DataFrame:
    """Return by account how much and what it posts: ``n`` (log), the share of each kind, and ``common``."""
    kinds = posts["kind"].fillna("post").astype(str) if "kind" in posts else pd.Series("post", index=posts.index)
    thing = posts["text"].astype(object)
    if "ref_record_id" in posts:
        reposted = posts["ref_record_id"].notna() & (kinds == "repost")
        thing = thing.where(~reposted, "\0" + posts["ref_record_id"].astype(str))
    users = posts["account_id"].groupby(thing).nunique()
    common = thing.map(users).fillna(0) > 1
    table = pd.crosstab(posts["account_id"], kinds, normalize="index") / 2
    by_account = posts["account_id"].groupby(posts["account_id"])
    table["common"] = common.groupby(posts["account_id"]).mean()
    table["n"] = np.log2(1 + by_account.size())
    return table.sort_index()


def draw(posts: pd.DataFrame, members: Sequence[str], apart: Collection[str], lot: np.random.Generator) -> Drawn:
    """Return the accounts of the group that are shown, and of two fillers.

    Parameters
    ----------
    posts : pandas.DataFrame
        All posts in the days of the group: ``account_id, text``, and ``kind, ref_record_id`` where there are any.
    members : sequence of str
        Accounts of the group.
    apart : collection of str
        Accounts that are not ordinary.
    lot : numpy.random.Generator
        What is drawn with.
    """
    table = likeness_of_accounts(posts)
    own = [account for account in sorted(members) if account in table.index]
    free = table[~table.index.isin(set(apart) | set(members))]
    size = min(len(own), MOST_ROWS, len(free) // 2)
    if size < min(LEAST_ROWS, len(members)) or size < 2:
        return Drawn((), "few")
    chosen = [own[place] for place in lot.permutation(len(own))[:size].tolist()]
    names, values = free.index.to_numpy(), free.to_numpy(dtype="float64")
    open_ones = np.ones(len(names), dtype=bool)
    fillers: tuple[list[str], list[str]] = ([], [])
    for account in chosen:
        apart_by = np.abs(values - table.loc[account].to_numpy(dtype="float64")).sum(axis=1)
        apart_by += lot.random(len(apart_by)) * 1e-9  # of equal ones any may come
        for filler in fillers:
            apart_by[~open_ones] = np.inf
            nearest = np.argsort(apart_by)[:_NEAREST]
            nearest = nearest[apart_by[nearest] <= apart_by[nearest[0]] + _AS_NEAR]
            taken = int(lot.choice(nearest))
            open_ones[taken] = False
            filler.append(str(names[taken]))
    counts = posts["account_id"].value_counts()
    least = LEAST_SHARE * counts.reindex(chosen).sum()
    if any(counts.reindex(filler).sum() < least for filler in fillers):
        return Drawn((), "quiet")
    return Drawn((tuple(chosen), tuple(fillers[0]), tuple(fillers[1])))
