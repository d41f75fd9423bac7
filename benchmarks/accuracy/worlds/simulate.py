"""One simulated week from its declaration and seed: the pieces put together, as action tables with truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.accuracy.worlds import campaigns, crowds, everyday
from benchmarks.accuracy.worlds.declare import TRACES
from benchmarks.accuracy.worlds.people import DAY, DAYS, VOLUNTARY, Pile, cast

if TYPE_CHECKING:
    from benchmarks.accuracy.worlds.declare import World
    from benchmarks.accuracy.worlds.people import People

__all__ = ["START_S", "Week", "simulate"]

START_S = 1_762_108_200
"""3 November 2025, 00:00 Indian Standard Time, in seconds since 1970 UTC."""


@dataclass(frozen=True)
class Week:
    """A finished week.

    Attributes
    ----------
    world, seed, homophily, communities
        What was asked for.
    people : People
        Truth: roles and cells by account number.
    posts : tuple
        Author and time (seconds of the week) of every post, by its number.
    tables : dict
        Trace -> DataFrame with account_id, object_id, source_id (whole numbers) and t (seconds since 1970), by t.
    context : dict
        Account -> "newsroom", as an officer registered them.
    base : dict
        Edited copy -> text from which it was made.
    """

    world: World
    seed: int
    homophily: float
    communities: int
    people: People
    posts: tuple[np.ndarray, np.ndarray]
    tables: dict[str, pd.DataFrame]
    context: dict[int, str]
    base: dict[int, int]

    @property
    def campaign(self) -> np.ndarray:
        """Whether each account belongs to a campaign or the network."""
        names = self.people.names
        return np.char.startswith(names, "campaign:") | (names == "network")

    @property
    def voluntary(self) -> np.ndarray:
        """Whether each account is an open volunteer or their leader."""
        return np.isin(self.people.names, VOLUNTARY)


def simulate(world: World, seed: int) -> Week:
    """Return the week that this declaration and seed make; equal ones make equal weeks.

    Every part draws from a stream of its own, so that a change to one part leaves the draws of the others as they
    were.
    """
    homophily, communities = world.drawn(seed)
    streams = iter([np.random.default_rng(s) for s in np.random.SeedSequence([seed, 20_251_103]).spawn(14)])
    people, pile = cast(world, communities, next(streams)), Pile()
    everyday.everyday_posts(world, people, pile, next(streams))
    for crowd in (
        crowds.fans,
        crowds.live,
        crowds.newsrooms,
        crowds.offices,
        crowds.quoters,
        crowds.volunteers,
        crowds.greetings,
    ):
        crowd(world, people, pile, next(streams))
    extra = campaigns.campaigns(world, people, pile, next(streams))
    reader = everyday.Reader(people, pile, homophily, next(streams))
    everyday.everyday_reading(world, people, pile, reader, next(streams), extra=extra)
    everyday.forwards(world, people, pile, reader, next(streams))
    return Week(
        world=world,
        seed=seed,
        homophily=homophily,
        communities=communities,
        people=people,
        posts=(reader.author, reader.t),
        tables={trace: _table(pile, trace, reader.author) for trace in TRACES},
        context=_context(world, people),
        base=pile.base,
    )


def _table(pile: Pile, trace: str, author: np.ndarray) -> pd.DataFrame:
    """Return the acts of one trace inside the week, in order of time: no own reposts, no post reposted twice."""
    columns: list[Any] = [np.concatenate(part) for part in zip(*pile.acts[trace], strict=True)]
    actor, thing, source, t = columns
    keep = (t >= 0) & (t < DAYS * DAY)
    if trace in ("repost", "reply"):
        keep &= author[thing] != actor
        source = author[thing]
    order = np.flatnonzero(keep)
    order = order[np.lexsort((thing[order], actor[order], t[order]))]
    table = pd.DataFrame(
        {
            "account_id": actor[order],
            "object_id": thing[order],
            "source_id": source[order],
            "t": START_S + np.floor(t[order]).astype(np.int64),
        }
    )
    return table.drop_duplicates(["account_id", "object_id"], ignore_index=True) if trace == "repost" else table


def _context(world: World, people: People) -> dict[int, str]:
    """Return the wires and the first ``registered`` share of the newsrooms."""
    if not world.registered:
        return {}
    desks = people.members("newsroom")
    known = [*people.members("wire"), *desks[: round(world.registered * desks.size)]]
    return {int(account): "newsroom" for account in known}
