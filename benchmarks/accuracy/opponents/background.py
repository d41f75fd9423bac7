"""The ordinary week of a small world: who there is, what they write and what they read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.opponents.record_rows import RecordRows, Words
from benchmarks.accuracy.worlds.everyday import Reader
from benchmarks.accuracy.worlds.people import People, Pile, rhythm

if TYPE_CHECKING:
    from benchmarks.accuracy.opponents.parts import Background

__all__ = ["Scene", "everyday_posts", "everyday_reading", "scene"]

_TAGS = 400
"""Different everyday tags; the commoner the lower the number."""


@dataclass(frozen=True)
class Scene:
    """What the generators of the parts work on.

    Attributes
    ----------
    rows : RecordRows
        Where they lay their records.
    words : Words
        Texts that nobody has used.
    community, activity : numpy.ndarray
        Circle and relative rate of everyday acts, by number of account.
    ordinary : numpy.ndarray
        Numbers of the ordinary people; the accounts of the parts follow on them.
    """

    rows: RecordRows
    words: Words
    community: np.ndarray
    activity: np.ndarray
    ordinary: np.ndarray

    @property
    def parts(self) -> np.ndarray:
        """Return the accounts of the parts: each has an everyday post, repost and reply at least."""
        return np.arange(self.ordinary.size, self.community.size)

    def settle(self, members: np.ndarray, share: float, rng: np.random.Generator) -> None:
        """Move this share of the members into one circle."""
        self.community[members[rng.random(members.size) < share]] = rng.choice(self.community)

    def authors(self, number: int, near: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return different ordinary accounts, half of them of the commonest circle of these members."""
        home = np.bincount(self.community[near]).argmax()
        weight = np.where(self.community[self.ordinary] == home, 1.0, 0.0)
        weight = 0.5 * weight / max(weight.sum(), 1) + 0.5 / weight.size
        return rng.choice(self.ordinary, number, replace=False, p=weight / weight.sum())


def scene(background: Background, n_accounts: int, seed: int, rng: np.random.Generator) -> Scene:
    """Return an empty week; the first ``background.people`` of the accounts are ordinary."""
    weight = rng.lognormal(0.0, 0.6, background.communities)
    return Scene(
        rows=RecordRows(),
        words=Words(seed, round(background.posts * n_accounts * 1.2) + 2_000),
        community=rng.choice(background.communities, n_accounts, p=weight / weight.sum()),
        activity=rng.lognormal(0.0, 1.0, n_accounts),
        ordinary=np.arange(background.people),
    )


def everyday_posts(background: Background, week: Scene, rng: np.random.Generator) -> None:
    """Add what everybody writes: popularity of a post is Pareto, that of its author too.

    A quarter of the posts has one or two everyday tags, some have an address, a picture or a mention of their own.
    """
    chance = week.activity / week.activity.sum()
    author = np.r_[week.parts, rng.choice(chance.size, round(background.posts * chance.size), p=chance)]
    fame = 1 + rng.pareto(1.3, chance.size)
    weight = fame[author] * (1 + rng.pareto(1.5, author.size))
    t = rhythm(rng, author.size)
    planned = rng.random(author.size) < background.scheduled
    t = np.where(planned, np.floor(t / 60) * 60 + rng.integers(2, size=author.size), t)
    tags = _everyday_tags(author.size, rng)
    urls = _some(
        rng, 0.12, [[f"https://demo-page.example/{n}"] for n in rng.integers(10**9, size=author.size).tolist()]
    )
    numbers = rng.integers(10**12, size=author.size).tolist()
    media = _some(rng, 0.08, [[{"url": None, "sha256": f"{n:064x}", "phash": None}] for n in numbers])
    mentions = _some(rng, 0.05, [[f"a{n:07d}"] for n in rng.integers(chance.size, size=author.size).tolist()])
    text = [tagged(words, own) for words, own in zip(week.words.take(author.size), tags, strict=True)]
    week.rows.post(
        author,
        t,
        text,
        weight=np.minimum(weight, np.quantile(weight, 0.9998)),
        hashtags=tags,
        urls=urls,
        media=media,
        mentions=mentions,
        client=["demo planner" if own else None for own in planned.tolist()],
    )


def everyday_reading(background: Background, week: Scene, rng: np.random.Generator) -> None:
    """Add everyday reposts of all posts that draw any, by people with habits, and some replies."""
    row, author, t, weight = week.rows.posts()
    size = week.activity.size
    people = People(
        roles=("ordinary",),
        role=np.zeros(size, np.int64),
        cell=np.full(size, -1),
        community=week.community,
        activity=week.activity,
        sessions=(rhythm(rng, 2 * size) % 86_400 / 3_600).reshape(size, 2),
    )
    pile = Pile()
    pile.post(author, t, weight)
    reader = Reader(people, pile, background.homophily, rng)
    chance = week.activity / week.activity.sum()
    for kind, mean in (("repost", background.reposts), ("reply", 0.4)):
        actor = np.r_[week.parts, rng.choice(size, round(mean * size), p=chance)]
        post, _, when = reader.read(actor)
        text = week.words.take(actor.size) if kind == "reply" else None
        week.rows.refer(actor, when, row[post], kind=kind, text=text, casual=True)


def tagged(text: str, tags: list[str] | None) -> str:
    """Return the text with its tags at the end."""
    return f"{text} {' '.join(f'#{tag}' for tag in tags)}" if tags else text


def _everyday_tags(size: int, rng: np.random.Generator) -> list[list[str] | None]:
    common = 1 / (np.arange(_TAGS) + 3.0)
    drawn = rng.choice(_TAGS, (size, 2), p=common / common.sum())
    number = np.where(rng.random(size) < 0.25, rng.integers(1, 3, size), 0)
    pairs = zip(drawn.tolist(), number.tolist(), strict=True)
    return [[f"demotag{tag}" for tag in dict.fromkeys(own[:n])] or None for own, n in pairs]


def _some(rng: np.random.Generator, share: float, cells: list[list[object]]) -> list[list[object] | None]:
    """Return the cells, of which only this share is left."""
    return [
        cell if there else None for cell, there in zip(cells, (rng.random(len(cells)) < share).tolist(), strict=True)
    ]
