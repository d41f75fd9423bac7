"""Who is who in a simulated week: roles, communities, habits; and the pile on which all acts are laid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.worlds.declare import TRACES

if TYPE_CHECKING:
    from benchmarks.accuracy.worlds.declare import World

__all__ = ["DAY", "DAYS", "HOUR", "INSTITUTIONS", "VOLUNTARY", "People", "Pile", "cast", "rhythm"]

HOUR = 3600.0
DAY = 24 * HOUR
DAYS = 7

VOLUNTARY = ("volunteer", "volunteer_leader")
"""They act together openly; counted apart."""

INSTITUTIONS = ("star", "wire", "newsroom", "volunteer_leader", "live_desk", "office_hq", "office")
"""Roles without an everyday life of reposts."""

_HOURS = np.array([1, 0.5, 0.3, 0.3, 0.5, 2, 4, 6, 7, 7, 6, 6, 6, 6, 5, 5, 6, 7, 8, 9, 9, 8, 5, 2.5])


@dataclass(frozen=True)
class People:
    """Accounts by number: ``role`` and ``cell`` (of a campaign, -1 outside) as codes, ``community``, ``activity``.

    ``roles`` names the role codes. ``activity`` is the relative rate of everyday acts, 0 for institutions;
    ``sessions`` are two hours of the day at which each account looks in.
    """

    roles: tuple[str, ...]
    role: np.ndarray
    cell: np.ndarray
    community: np.ndarray
    activity: np.ndarray
    sessions: np.ndarray

    def members(self, role: str) -> np.ndarray:
        """Return the account numbers of one role, ascending."""
        return np.flatnonzero(self.role == self.roles.index(role)) if role in self.roles else np.empty(0, np.int64)

    @property
    def names(self) -> np.ndarray:
        """The role of every account, as text."""
        return np.array(self.roles)[self.role]


@dataclass
class Pile:
    """Posts and acts, collected in chunks; times are seconds since the start of the week.

    A post is an own text as well: text ``n`` of the table of texts is the text of post ``n`` where n is a post's
    number; texts that are written by several accounts have negative numbers. ``base`` gives for an edited copy the
    text from which it was made.
    """

    posts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    acts: dict[str, list[tuple[np.ndarray, ...]]] = field(default_factory=lambda: {name: [] for name in TRACES})
    n_posts: int = 0
    n_things: int = 0
    base: dict[int, int] = field(default_factory=dict)

    def post(self, author: np.ndarray, t: np.ndarray, weight: float | np.ndarray = 0.0) -> np.ndarray:
        """Add posts and return their numbers; ``weight`` is how much of everyday reposting each draws."""
        author, t, weight = np.broadcast_arrays(author, t, weight)
        self.posts.append((author.astype(np.int64), t.astype(np.float64), weight.astype(np.float64)))
        self.n_posts += author.size
        numbers = np.arange(self.n_posts - author.size, self.n_posts)
        self._act("text", author, numbers, numbers, t)
        return numbers

    def refer(self, trace: str, actor: np.ndarray, post: np.ndarray, author: np.ndarray, t: np.ndarray) -> None:
        """Add reposts or replies of posts; the source is the author."""
        self._act(trace, actor, post, author, t)

    def share(self, trace: str, actor: np.ndarray, thing: np.ndarray | int, t: np.ndarray) -> None:
        """Add texts, tag sequences or images that several accounts use; each is its own source."""
        self._act(trace, actor, thing, thing, t)

    def new(self, size: int) -> np.ndarray:
        """Return numbers for shared things that nothing has yet: -1, -2 and so on."""
        self.n_things += size
        return -np.arange(self.n_things - size + 1, self.n_things + 1)

    def edited(self, thing: np.ndarray) -> np.ndarray:
        """Return numbers of edited copies of these texts, each a text of its own."""
        copies = self.new(thing.size)
        self.base.update(zip(copies.tolist(), thing.tolist(), strict=True))
        return copies

    def _act(self, trace: str, *columns: np.ndarray | int) -> None:
        actor, thing, source, t = np.broadcast_arrays(*columns)
        self.acts[trace].append(
            (actor.astype(np.int64), thing.astype(np.int64), source.astype(np.int64), t.astype(np.float64))
        )


def cast(world: World, communities: int, rng: np.random.Generator) -> People:
    """Return the people of a week: a role says nothing about an account's number.

    Activity is log-normal. Fans of a fandom, volunteers and cells of campaigns come in part from few communities;
    their makers (:mod:`crowds`, :mod:`campaigns`) move them there before anything is drawn.
    """
    sizes = {
        "fan": sum(world.fandoms),
        "star": len(world.fandoms) * world.stars,
        "viewer": round(world.n_accounts * (0.05 if world.tournament else 0.03)) if _live(world) else 0,
        "live_desk": world.matches + 5 * bool(world.tournament),
        "wire": world.wires,
        "newsroom": world.newsrooms,
        "volunteer": world.volunteers,
        "volunteer_leader": 3 * bool(world.volunteers),
        "office_hq": bool(world.offices),
        "office": world.offices,
        "quoter": world.quoters,
        **{f"campaign:{c.kind}": c.size * c.cells for c in world.campaigns},
        "network": world.records.network if world.records else 0,
    }
    left = world.n_accounts - sum(sizes.values())
    if left < world.n_accounts // 3:
        raise ValueError(f"{world.name}: {world.n_accounts} accounts are too few for these crowds: {left} are left.")
    roles = ("organic", *sizes)
    role = rng.permutation(np.repeat(np.arange(len(roles)), [left, *sizes.values()]))
    community = _communities(rng, world.n_accounts, communities)
    activity = rng.lognormal(0.0, 1.0, world.n_accounts)
    people = People(
        roles=roles,
        role=role,
        cell=np.full(world.n_accounts, -1),
        community=community,
        activity=activity,
        sessions=rng.choice(24, size=(world.n_accounts, 2), p=_HOURS / _HOURS.sum())
        + rng.random((world.n_accounts, 2)),
    )
    for name in INSTITUTIONS:
        activity[people.members(name)] = 0.0
    _settle(world, people, rng)
    return people


def _live(world: World) -> bool:
    return bool(world.matches or world.tournament)


def _communities(rng: np.random.Generator, size: int, number: int) -> np.ndarray:
    """Return communities of unequal size: the largest is some ten times the smallest."""
    weight = rng.lognormal(0.0, 0.6, number)
    return rng.choice(number, size=size, p=weight / weight.sum())


def _settle(world: World, people: People, rng: np.random.Generator) -> None:
    """Give fandoms, volunteers and campaign cells their numbers and their homes."""
    number = 0

    def move(members: np.ndarray, home: float) -> None:
        own = rng.choice(people.community)
        people.community[members[rng.random(members.size) < home]] = own

    everybody = rng.permutation(people.members("fan"))
    start = 0
    for size in world.fandoms:
        move(everybody[start : start + size], 0.4)
        people.cell[everybody[start : start + size]] = number
        number, start = number + 1, start + size
    move(people.members("volunteer"), 0.5)
    for campaign in world.campaigns:
        members = rng.permutation(people.members(f"campaign:{campaign.kind}"))
        for cell in range(campaign.cells):
            own = members[cell * campaign.size : (cell + 1) * campaign.size]
            move(own, campaign.home)
            people.cell[own] = number
            number += 1
            if campaign.life is not None:  # set apart from everybody's activity: acts are counted out in campaigns
                people.activity[own] = 0.0
    people.cell[people.members("network")] = number


def rhythm(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return times of human activity over the week: quiet nights, busy evenings."""
    hour = rng.choice(24, size=size, p=_HOURS / _HOURS.sum())
    return rng.integers(DAYS, size=size) * DAY + (hour + rng.random(size)) * HOUR
