"""Open calls and what spreads from hand to hand: fan pages, volunteers, an outage of trains, a challenge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.opponents.background import tagged
from benchmarks.accuracy.opponents.record_rows import PLACES
from benchmarks.accuracy.worlds.people import DAY, HOUR, rhythm

if TYPE_CHECKING:
    from benchmarks.accuracy.opponents.background import Scene
    from benchmarks.accuracy.opponents.parts import Calls, Challenge, Outage

__all__ = ["calls", "challenge", "outage"]


def calls(part: Calls, week: Scene, cast: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Add the calls, the texts pasted under their tag, and reposts of the calls and of the leaders' other posts."""
    leaders, members = cast[part.leader], cast[part.role]
    week.settle(members, 0.5, rng)
    for number, day in enumerate(part.days):
        start = day * DAY + part.hour * HOUR
        tags = [f"democall{part.role}{number}"]
        given = [tagged(text, tags) for text in week.words.take(part.texts)]
        hour = f"{part.hour:g}:00"
        said = [f"{hour} {text}" for text in _drawn(given, leaders.size, rng)]
        call = week.rows.post(leaders, start - 600, said, hashtags=[tags] * leaders.size, weight=4.0)
        here = members[rng.random(members.size) < part.share]
        t = start + part.pace * part.within_s * rng.beta(1, 2, here.size)
        week.rows.post(here, t, _drawn(given, here.size, rng), hashtags=[tags] * here.size)
        again = members[rng.random(members.size) < 0.5 * part.share]
        t = start - 600 + part.pace * 300 * rng.lognormal(0.0, 0.9, again.size)
        week.rows.refer(again, t, rng.choice(call, again.size))
    author = np.repeat(leaders, part.leader_posts)
    born = rhythm(rng, author.size)
    posts = week.rows.post(author, born, week.words.take(author.size), weight=4.0)
    row, column = np.nonzero(rng.random((posts.size, members.size)) < 0.4)
    week.rows.refer(members[column], born[row] + part.pace * 300 * rng.lognormal(0.0, 0.9, row.size), posts[row])


def outage(part: Outage, week: Scene, cast: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Add one report, its reposts, and complaints in own words under the same tags."""
    members, start = cast[part.role], 2 * DAY + 8 * HOUR + 600
    week.settle(members, 0.3, rng)
    span = part.hours * HOUR * part.pace
    author = np.repeat(members, rng.integers(1, 4, members.size))
    tags = [
        ["demotrain", "demoline7"] if first else ["demoline7", "demotrain"] for first in rng.random(author.size) < 0.6
    ]
    text = [tagged(words, own) for words, own in zip(week.words.take(author.size), tags, strict=True)]
    t = start + span * rng.beta(1.3, 2.2, author.size)
    week.rows.post(author, t, text, hashtags=tags, mentions=[["demo_railway"]] * author.size, weight=1.5)
    report = week.rows.post(rng.choice(week.ordinary), start + 300, week.words.take(1), weight=20.0)
    again = members[rng.random(members.size) < 0.5]
    week.rows.refer(again, start + 300 + span * rng.beta(1, 3, again.size), int(report[0]))


def challenge(part: Challenge, week: Scene, cast: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Add one phrase that goes from hand to hand, each completing it with the name of a place."""
    members = cast[part.role]
    t = np.full(members.size, 1.5 * DAY + rng.random() * DAY)
    for hand in range(1, members.size):
        t[hand] = t[int(rng.integers(hand))] + part.pace * 2 * HOUR * rng.lognormal(0.0, 0.8)
    hour = t % DAY / HOUR
    t = np.where(hour < 6, t - t % DAY + (6 + 2 * rng.random(t.size)) * HOUR, t)
    phrase = " ".join(week.words.take(1)[0].split()[:12])
    text = [f"{phrase} {PLACES[n]}" for n in rng.integers(len(PLACES), size=t.size).tolist()]
    week.rows.post(members, t, text, hashtags=[["demochallenge"]] * t.size, weight=1.5)


def _drawn(texts: list[str], size: int, rng: np.random.Generator) -> list[str]:
    return [texts[n] for n in rng.integers(len(texts), size=size).tolist()]
