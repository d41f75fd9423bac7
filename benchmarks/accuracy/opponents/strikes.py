"""Opponents who repost together: strikes at chosen times, in chosen order, hidden among other things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.worlds.people import DAY, DAYS, HOUR, rhythm

if TYPE_CHECKING:
    from benchmarks.accuracy.opponents.background import Scene
    from benchmarks.accuracy.opponents.parts import Fandom, Strikes

__all__ = ["fandom", "strikes", "strikes_after_reading", "times"]

_DRIP, _DRIP_S = 4, 900.0


def strikes(part: Strikes, week: Scene, cast: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Add the strikes on posts that are written for them; every second post is old (2 to 30 h), the others fresh."""
    members = cast["member"]
    week.settle(members, 0.5, rng)
    if part.when == "trends":
        return
    at = times(part, rng)
    authors = week.authors(part.sources or at.size, members, rng)
    age = np.where(np.arange(at.size) % 2, rng.uniform(2 * HOUR, 30 * HOUR, at.size), rng.uniform(60, 600, at.size))
    born = np.maximum(at - age, 0.0)
    posts = week.rows.post(authors[np.arange(at.size) % authors.size], born, week.words.take(at.size), weight=2.0)
    for number, (post, start) in enumerate(zip(posts.tolist(), at.tolist(), strict=True)):
        actor, lag = _acts(part, members, number, rng)
        week.rows.refer(actor, start + lag, post)


def strikes_after_reading(part: Strikes, week: Scene, cast: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Add what looks at the finished everyday life: strikes on what is popular at the minute, and decoys."""
    members = cast["member"]
    post, t = week.rows.reposts()
    if part.when == "trends":
        taken: set[int] = set()
        for number, start in enumerate(times(part, rng).tolist()):
            count = np.bincount(post[(t > start - HOUR) & (t <= start)])
            best = next(int(p) for p in np.argsort(-count, kind="stable") if int(p) not in taken)
            taken.add(best)
            actor, lag = _acts(part, members, number, rng)
            week.rows.refer(actor, start + lag, best)
    if part.decoys:
        wanted = part.share * part.strikes * part.decoys / (1 - part.decoys)
        actor = np.repeat(members, rng.poisson(wanted, members.size))
        popular = np.argsort(-np.bincount(post), kind="stable")[:300]
        chosen = rng.choice(popular, actor.size)
        born = week.rows.time_of(chosen)
        week.rows.refer(actor, born + rng.random(actor.size) * (DAYS * DAY - born), chosen)


def times(part: Strikes, rng: np.random.Generator) -> np.ndarray:
    """Return the starts of the strikes, ascending, in seconds of the week."""
    number = part.strikes
    if part.when in ("week", "trends", "full hours"):
        place = (np.arange(number) + rng.random(number) * 0.6) * (DAYS / number)
        day = np.floor(place)
        at = day * DAY + (8 + 15 * (place - day)) * HOUR
        return np.unique(np.floor(at / HOUR) * HOUR) if part.when == "full hours" else at
    if part.when == "shifts":
        day = np.sort(rng.permutation(np.arange(1, DAYS))[: part.shifts])
        start = day * DAY + rng.uniform(9, 20, day.size) * HOUR
        return np.sort(np.repeat(start, number // part.shifts) + rng.random(number) * 2 * HOUR)
    hour = {"evening": 18 + 1.5 * rng.random(), "night": 2.0}[part.when]
    return (int(rng.integers(2, DAYS)) * 24 + hour + 2.9 * np.sort(rng.random(number))) * HOUR


def fandom(part: Fandom, week: Scene, cast: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Add the posts of the stars and who reposts them: fans, and members within a minute of all."""
    fans, members = cast["fan"], cast["member"]
    week.settle(np.r_[fans, members], 0.4, rng)
    author = np.repeat(cast["star"], part.posts)
    born = rhythm(rng, author.size)
    posts = week.rows.post(author, born, week.words.take(author.size), weight=30.0)
    pushed = rng.random(fans.size) < 0.5
    share, median = np.where(pushed, 0.7, 0.3), np.where(pushed, 35.0, 480.0)
    row, fan = np.nonzero(rng.random((posts.size, fans.size)) < share)
    week.rows.refer(fans[fan], born[row] + median[fan] * rng.lognormal(0.0, 0.9, fan.size), posts[row])
    row, member = np.indices((posts.size, members.size)).reshape(2, -1)
    week.rows.refer(members[member], born[row] + rng.uniform(2, 60, row.size), posts[row])


def _acts(part: Strikes, members: np.ndarray, number: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return who takes part in strike ``number``, and how many seconds after its start."""
    if part.at_once:
        actor = rng.choice(members, part.at_once, replace=False)
    else:
        pool = members[number % 2 :: 2] if part.order == "halves" else members
        actor = pool[rng.random(pool.size) < part.share]
    lag = rng.random(actor.size) * part.spread_s
    if part.when == "full hours":
        return actor, np.zeros(actor.size)
    if part.order == "drip":
        lag += rng.permutation(actor.size) // _DRIP * _DRIP_S
    if part.order == "leader first":
        others = actor[actor != members[0]]
        return np.r_[members[0], others], np.r_[0.0, rng.uniform(10, part.spread_s, others.size)]
    return actor, lag
