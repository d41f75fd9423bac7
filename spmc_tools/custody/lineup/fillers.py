r"""Two groups of ordinary accounts that match a group in size, activity and kind of posts, drawn by seed.

For each account of the group, in an order by lot, and for each of the two others in turn, one of the nearest accounts
that are still free is taken by lot: of at most three that lie within .25 of the nearest one. With *n* posts in the days
of the group, the shares *k* of its posts that are of each kind, and the share *c* that is about something which another
account posted as well (the same repost, the same text), two accounts lie

.. math:: |\log_2 (1 + n) - \log_2 (1 + n')| + \sum_i |k_i - k'_i| / 2 + |c - c'|

apart. This is drawn 16 times, and the pair of fillers is kept that lies nearest to the group as a set: by the logarithm
of all its posts, the means of its shares, and the share of its posts that are about something which another of its own
accounts posted as well; of two fillers the one farther off counts. Who is in any group, in a tier, on the list of known
accounts or marked by an officer is no ordinary account.

Notes
-----
Known limit: a set of ordinary accounts is matched by what it posts, not as a circle of acquaintances. A crowd of fans
shares more than the nearest such set does, so that a line-up is easier than a group beside another real group.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["LEAST_ROWS", "LEAST_SHARE", "MOST_ROWS", "Drawn", "draw", "likeness_of_accounts"]

MOST_ROWS, LEAST_ROWS = 24, 3
"""Accounts of a group that are drawn, and without how many nothing is drawn."""

LEAST_SHARE = 0.25
"""A filler posts at least this share of what the group posts; else the picture would tell it by its ink."""

_NEAREST, _AS_NEAR, _DRAWS = 3, 0.25, 16


@dataclass(frozen=True, slots=True)
class Drawn:
    """The accounts of finding and fillers, as many each; ``why``: none could be drawn (``few`` or ``quiet``)."""

    panels: tuple[tuple[str, ...], ...]
    why: str | None = None


def things_of_posts(posts: pd.DataFrame) -> pd.Series[Any]:
    """Return what each post is about: the post that it repeats, else its text."""
    thing: pd.Series[Any] = posts["text"].astype(object)
    if "ref_record_id" in posts and "kind" in posts:
        reposted = posts["ref_record_id"].notna() & (posts["kind"] == "repost")
        thing = thing.where(~reposted, "\0" + posts["ref_record_id"].astype(str))
    return thing


def likeness_of_accounts(posts: pd.DataFrame) -> pd.DataFrame:
    """Return by account how much and what it posts: ``n`` (log), the share of each kind, and ``common``."""
    kinds = posts["kind"].fillna("post").astype(str) if "kind" in posts else pd.Series("post", index=posts.index)
    thing = things_of_posts(posts)
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
    sets = _Sets(posts, table)
    wanted = sets.of(chosen)
    tries = [_one_by_one(chosen, table, free, lot) for _ in range(_DRAWS)]
    fillers = min(tries, key=lambda pair: max(float(np.abs(sets.of(filler) - wanted).sum()) for filler in pair))
    counts = posts["account_id"].value_counts()
    least = LEAST_SHARE * counts.reindex(chosen).sum()
    if any(counts.reindex(filler).sum() < least for filler in fillers):
        return Drawn((), "quiet")
    return Drawn((tuple(chosen), tuple(fillers[0]), tuple(fillers[1])))


def _one_by_one(
    chosen: Sequence[str], table: pd.DataFrame, free: pd.DataFrame, lot: np.random.Generator
) -> tuple[list[str], list[str]]:
    """Return two fillers whose accounts are each near to one of the group."""
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
    return fillers


class _Sets:
    """What sets of accounts are like as a whole."""

    def __init__(self, posts: pd.DataFrame, table: pd.DataFrame) -> None:
        things = pd.DataFrame({"account_id": posts["account_id"], "thing": things_of_posts(posts)}).dropna()
        self._things = things.groupby("account_id")["thing"].agg(list).to_dict()
        self._table = table

    def of(self, accounts: Sequence[str]) -> np.ndarray:
        """Return logarithm of all posts, means of the shares, and the share that the set's own accounts share."""
        rows = self._table.loc[list(accounts)]
        users = Counter(thing for account in accounts for thing in set(self._things.get(account, ())))
        own = [users[thing] > 1 for account in accounts for thing in self._things.get(account, ())]
        total = float((2 ** rows["n"] - 1).sum())
        means = rows.drop(columns="n").mean().to_numpy(dtype="float64")
        return np.array([np.log2(1 + total), *means, float(np.mean(own)) if own else 0.0])
