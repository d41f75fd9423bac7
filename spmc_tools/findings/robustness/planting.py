"""Small campaigns put into a collection's own actions: what would have been seen, had they been there.

A campaign is ``n_accounts`` accounts and ``n_objects`` common objects, each of another source, at times spread over the
whole collection at which its own accounts act, or all within one session of three hours; each member takes part in
seven of ten, within ``delay_s`` seconds.
Nothing of the collection is taken away: a member keeps everything else it does.

Notes
-----
Assumptions: members are drawn by lot, so they share no more interests than any accounts do; sources are drawn by lot,
so most are small; every second object is one that somebody else had touched two to five hours before. A real campaign
that prefers popular sources, members with like interests or fresh posts needs more accounts or more objects than a
planted one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from spmc_tools.chance.pairs.occasions import GAP_US
from spmc_tools.chance.pairs.retained import source_of_objects
from spmc_tools.coaction.traces.actions import encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from spmc_tools.schema.arrays import Longs


__all__ = ["SESSION_S", "TAKES_PART", "Campaign", "Soil", "planted", "room_for", "soil"]

TAKES_PART = 0.7
"""Chance of each member to take part in each of the common objects."""

SESSION_S = 3 * 3600
"""A group within one session strikes within so many seconds, at most."""

US = 1_000_000
_EARLIER_US = (2 * 3600 * US, 5 * 3600 * US)
_LATER_US = (180 * US, 6 * 3600 * US)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign to plant.

    Attributes
    ----------
    n_accounts, n_objects : int
        How many accounts act together, and on how many common objects, each of another source.
    delay_s : float
        All act within this many seconds.
    members : {"own", "new"}
        Accounts of the collection that also go on as before; or new accounts, each with as many other actions as an
        account of the collection drawn by lot, on the same sources, minutes to hours after it.
    takes_part : float
        Chance of each member to take part in each of the common objects.
    session : bool
        All of it within :data:`SESSION_S`, as in one evening; else spread over the whole collection, six hours apart.
    """

    n_accounts: int
    n_objects: int
    delay_s: float
    members: str = "own"
    takes_part: float = TAKES_PART
    session: bool = False


@dataclass(frozen=True, slots=True)
class Soil:
    """Actions into which campaigns are planted, with whole numbers for ids, in the order of the ids.

    Attributes
    ----------
    account, object, source, t_us : ndarray of int64, shape (n,)
        The actions; ``source`` is that of the object, as the assessment takes it.
    n_accounts, n_objects, n_sources : int
        All numbers lie below these.
    eligible : ndarray of int64
        Accounts that may become members.
    sources : ndarray of int64
        Sources whose objects a campaign may take up; empty where every object is its own source.
    of_account : dict of id -> number
        The number of each account.
    """

    account: Longs
    object: Longs
    source: Longs
    t_us: Longs
    n_accounts: int
    n_objects: int
    n_sources: int
    eligible: Longs
    sources: Longs
    of_account: dict[Any, int]

    @property
    def span_us(self) -> int:
        """Time from the first action to the last."""
        return int(self.t_us.max() - self.t_us.min()) if self.t_us.size else 0

    def table(self, *more: tuple[Longs, Longs, Longs, Longs]) -> pa.Table:
        """Return the actions, and more of them (account, object, source, time), as :func:`spmc_tools.assess` reads."""
        columns = (self.account, self.object, self.source, self.t_us)
        account, object_, source, t_us = (np.concatenate(column) for column in zip(columns, *more, strict=True))
        return pa.table(
            {
                "account_id": account,
                "object_id": object_,
                "source_id": source,
                "t": pa.array(t_us).cast(pa.timestamp("us", tz="UTC")),
            }
        )


def soil(actions: Any, barred: Iterable[Any] = ()) -> Soil:
    """Return actions ready for planting.

    Parameters
    ----------
    actions : DataFrame, Arrow table, path or glob of Parquet, or Ibis table
        As :func:`spmc_tools.assess` takes them.
    barred : iterable of ids
        Accounts that never become members, as those registered or named already.

    Raises
    ------
    ActionsError
        As :func:`spmc_tools.assess`.
    """
    encoded = encode(actions)
    of_object, _ = source_of_objects(encoded)
    source = of_object[encoded.object].astype(np.int64)
    names = {account: number for number, account in enumerate(encoded.accounts.to_pylist())}
    out = [names[account] for account in barred if account in names]
    return Soil(
        account=encoded.account.astype(np.int64),
        object=encoded.object.astype(np.int64),
        source=source,
        t_us=encoded.t_us,
        n_accounts=len(names),
        n_objects=len(encoded.objects),
        n_sources=int(of_object.max()) + 1 if of_object.size else 0,
        eligible=np.setdiff1d(np.arange(len(names)), np.array(out, np.int64)),
        sources=np.unique(source) if _shared(encoded.object, source) else np.empty(0, np.int64),
        of_account=names,
    )


def _shared(object_: NDArray[Any], source: Longs) -> bool:
    """Return whether any source has several objects: else each object is its own."""
    pairs = np.unique(np.stack([object_.astype(np.int64), source]), axis=1)
    return bool(np.unique(pairs[1]).size < pairs.shape[1])


def room_for(ground: Soil, delay_s: float) -> int:
    """Return how many separate occasions fit between the first action and the last: six hours and the delay each."""
    delay_us = int(delay_s * US)
    return max(0, (ground.span_us - delay_us) // (GAP_US + delay_us + 1))


def planted(ground: Soil, campaign: Campaign, rng: np.random.Generator) -> tuple[pa.Table, Longs]:
    """Return the actions with one campaign in them, and the numbers of its members, ascending.

    Parameters
    ----------
    ground : Soil
        Where to plant; it is not changed.
    campaign : Campaign
        At most :func:`room_for` objects and as many accounts as are eligible.
    rng : numpy.random.Generator
        Draws members, sources and times.
    """
    if campaign.members == "new":
        donors = rng.choice(ground.eligible, campaign.n_accounts, replace=False)
        members = ground.n_accounts + np.arange(campaign.n_accounts)
        everyday = [_everyday(ground, int(d), int(m), rng) for d, m in zip(donors, members, strict=True)]
    else:
        members = np.sort(rng.choice(ground.eligible, campaign.n_accounts, replace=False))
        everyday = []
    sources = _sources(ground, campaign.n_objects, rng)
    strikes = []
    for number, at in enumerate(_times(ground, campaign, rng)):
        new = ground.n_objects + number
        who = members[rng.random(members.size) < campaign.takes_part]
        when = at + rng.integers(0, int(campaign.delay_s * US) + 1, who.size)
        if number % 2:
            others = np.setdiff1d(ground.eligible, members)
            first = rng.choice(others if others.size else members, 1)
            who, when = np.append(first, who), np.append(at - rng.integers(*_EARLIER_US), when)
        strikes.append((who, np.full(who.size, new), np.full(who.size, sources[number]), when))
    return ground.table(*everyday, *strikes), members


def _sources(ground: Soil, n: int, rng: np.random.Generator) -> Longs:
    """Return n different sources: those of the collection by lot; new ones where there are none or too few."""
    drawn = rng.permutation(ground.sources)[:n]
    return np.concatenate([drawn, ground.n_sources + ground.n_objects + np.arange(n - drawn.size)])


def _times(ground: Soil, campaign: Campaign, rng: np.random.Generator) -> Longs:
    """Return when the members strike: once in each equal part of the time, when an account acts, six hours apart.

    Within one session: at times by lot in a stretch that begins when an account acts.
    """
    if campaign.session:
        start = rng.choice(np.sort(ground.t_us))  # by time: the same whatever the order of the rows
        return np.sort(start + rng.integers(0, SESSION_S * US, campaign.n_objects))
    first, room = int(ground.t_us.min()), int(campaign.delay_s * US)
    step = max(1, (ground.span_us - room) // campaign.n_objects)
    free = max(1, step - GAP_US - room)
    hours = np.sort(ground.t_us)
    times = np.empty(campaign.n_objects, np.int64)
    for number in range(campaign.n_objects):
        start = first + number * step
        low, high = np.searchsorted(hours, [start, start + free])
        times[number] = hours[rng.integers(low, high)] if high > low else start + rng.integers(0, free)
    return times


def _everyday(ground: Soil, donor: int, member: int, rng: np.random.Generator) -> tuple[Longs, Longs, Longs, Longs]:
    """Return other actions of a new account: for each of a donor's, one on the same source, minutes to hours later."""
    rows = np.flatnonzero(ground.account == donor)
    like = [rng.choice(np.flatnonzero(ground.source == ground.source[row])) for row in rows]
    chosen = np.array(like, np.int64)
    later = ground.t_us[chosen] + rng.integers(*_LATER_US, chosen.size)
    return np.full(chosen.size, member), ground.object[chosen], ground.source[chosen], later
