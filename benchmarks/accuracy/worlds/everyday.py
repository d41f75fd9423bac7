"""Everyday life: cascades of reposts, replies, forwarded texts, tags and pictures by people with habits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.worlds.people import DAY, HOUR, rhythm

if TYPE_CHECKING:
    from benchmarks.accuracy.worlds.declare import World
    from benchmarks.accuracy.worlds.people import People, Pile

__all__ = ["Reader", "everyday_posts", "everyday_reading", "forwards"]

_FOLLOWED = 12


def everyday_posts(world: World, people: People, pile: Pile, rng: np.random.Generator) -> None:
    """Add what ordinary accounts write: popularity of a post is Pareto, that of its author too."""
    chance = people.activity / people.activity.sum()
    authors = rng.choice(people.activity.size, size=round(world.posts * world.n_accounts), p=chance)
    fame = 1 + rng.pareto(1.3, people.activity.size)
    weight = fame[authors] * (1 + rng.pareto(1.5, authors.size))
    pile.post(authors, rhythm(rng, authors.size), np.minimum(weight, np.quantile(weight, 0.9998)))


class Reader:
    """Draws who reads which post and when; made once all posts are on the pile.

    A reader takes one of a dozen followed authors (two of five times) or any post, of the own community with the
    chance ``homophily``, by popularity. The delay is log-normal on the post's own log-normal time scale; half of the
    acts wait for the reader's next session, the others avoid the night.
    """

    def __init__(self, people: People, pile: Pile, homophily: float, rng: np.random.Generator) -> None:
        self.people, self.homophily, self.rng = people, homophily, rng
        self.author, self.t, weight = (np.concatenate(part) for part in zip(*pile.posts, strict=True))
        self.pace = 40 * 60 * rng.lognormal(0.0, 0.8, self.author.size)
        home = people.community[self.author]
        self.by_home = np.argsort(home, kind="stable")
        self.total = np.concatenate(([0.0], np.cumsum(weight[self.by_home])))
        self.edge = np.searchsorted(home[self.by_home], np.arange(int(people.community.max()) + 2))
        self.by_author = np.argsort(self.author, kind="stable")
        self.first = np.searchsorted(self.author[self.by_author], np.arange(people.role.size + 1))
        self.ahead = rng.normal(0.0, 0.3, (9, people.role.size, 2)).astype(np.float32)
        everybody = np.repeat(np.arange(people.role.size), _FOLLOWED)
        self.followed = self.author[self._any(everybody)].reshape(-1, _FOLLOWED)

    def read(self, actor: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return post, its author and the time, for each of these acts."""
        post = self._any(actor)
        chosen = np.flatnonzero(self.rng.random(actor.size) < 0.4)
        rank = np.minimum(self.rng.geometric(0.2, chosen.size) - 1, _FOLLOWED - 1)
        author = self.followed[actor[chosen], rank]
        low, high = self.first[author], self.first[author + 1]
        post[chosen] = self.by_author[low + (self.rng.random(chosen.size) * (high - low)).astype(np.int64)]
        delay = self.pace[post] * self.rng.lognormal(0.0, 1.2, actor.size)
        return post, self.author[post], self.when(actor, self.t[post] + delay)

    def when(self, actor: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Return the times at which these people come round to it."""
        rng = self.rng
        waits = rng.random(t.size) < 0.5
        day = np.clip(t // DAY, 0, 7).astype(np.int64)
        which = rng.integers(2, size=t.size)
        look = [
            d * DAY + (self.people.sessions[actor, which] + self.ahead[d, actor, which]) * HOUR for d in (day, day + 1)
        ]
        session = np.where(look[0] >= t, look[0], look[1]) + rng.exponential(240.0, t.size)
        hour = (t % DAY) / HOUR
        asleep = (hour < 5) & (rng.random(t.size) < 0.8)
        awake = np.where(asleep, t - t % DAY + 5 * HOUR + rng.exponential(1.5 * HOUR, t.size), t)
        return np.where(waits, np.maximum(session, t), awake)

    def _any(self, actor: np.ndarray) -> np.ndarray:
        home = self.rng.random(actor.size) < self.homophily
        own = self.people.community[actor]
        low = np.where(home, self.total[self.edge[own]], 0.0)
        high = np.where(home, self.total[self.edge[own + 1]], self.total[-1])
        low, high = np.where(high > low, low, 0.0), np.where(high > low, high, self.total[-1])
        drawn = low + self.rng.random(actor.size) * (high - low)
        place = np.searchsorted(self.total, drawn, side="right") - 1
        return self.by_home[np.clip(place, 0, self.author.size - 1)]


def everyday_reading(
    world: World, people: People, pile: Pile, reader: Reader, rng: np.random.Generator, *, extra: np.ndarray
) -> None:
    """Add everyday reposts and replies; ``extra`` are accounts with that many acts of camouflage, one entry each."""
    chance = people.activity / people.activity.sum()
    for trace, mean in (("repost", world.reposts), ("reply", 0.5)):
        actor = rng.choice(people.activity.size, size=round(mean * world.n_accounts), p=chance)
        if trace == "repost":
            actor = np.concatenate((actor, extra))
        pile.refer(trace, actor, *reader.read(actor))


def forwards(world: World, people: People, pile: Pile, reader: Reader, rng: np.random.Generator) -> None:
    """Add what people pass on as their own: texts, tags and pictures with Pareto popularity, mostly at home."""
    chance = people.activity / people.activity.sum()
    for trace, mean in (("text", 0.4), ("tag", 0.4), ("image", 0.3)):
        size = round(mean * world.n_accounts)
        things = pile.new(max(20, size // 8))
        popularity = 1 + rng.pareto(1.2, things.size)
        popularity = np.minimum(popularity, np.quantile(popularity, 0.995))
        pick = rng.choice(things.size, size=size, p=popularity / popularity.sum())
        birth, pace = rhythm(rng, things.size), 3 * HOUR * rng.lognormal(0.0, 1.0, things.size)
        home = rng.choice(people.community, things.size)
        actor = rng.choice(people.activity.size, size=size, p=chance)
        at_home = rng.random(size) < reader.homophily
        order = np.argsort(people.community, kind="stable")
        edge = np.searchsorted(people.community[order], np.arange(int(people.community.max()) + 2))
        low, high = edge[home[pick]], edge[home[pick] + 1]
        own = order[low + (rng.random(size) * (high - low)).astype(np.int64)]
        actor = np.where(at_home & (people.activity[own] > 0), own, actor)
        t = reader.when(actor, birth[pick] + pace[pick] * rng.lognormal(0.0, 1.0, size))
        pile.share(trace, actor, things[pick], t)
