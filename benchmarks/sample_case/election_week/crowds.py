"""Crowds that act together for benign reasons: fans, newsrooms, volunteers, viewers of a match, offices, well-wishers.

They are the hard negatives of the week: a rule that names any of them is wrong, save that volunteers are counted
apart as *voluntary*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.sample_case.election_week.world import DAY, HOUR, rhythm

if TYPE_CHECKING:
    from benchmarks.sample_case.election_week.world import Cast, Pile, Settings

__all__ = ["fans", "greetings", "match_day", "newsroom", "offices", "stories", "volunteers"]


def fans(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add stars and fans: one in four fans is on notification (median 35 s), the others follow in minutes."""
    everybody = rng.permutation(people.members("fan"))
    ends = np.cumsum(settings.fandoms)
    stars = people.members("star").reshape(len(settings.fandoms), settings.stars)
    for followed, size, end in zip(stars, settings.fandoms, ends, strict=True):
        members = everybody[end - size : end]
        quick = rng.random(members.size) < 0.25
        median = np.where(quick, 35.0, 420.0)
        for star in followed:
            t = rhythm(rng, settings.star_posts)
            posts = pile.post(star, t, "star", star * 1000 + np.arange(t.size), weight=12)
            follow(rng, pile, posts, members, share=np.where(quick, 0.5, 0.25), median_s=median, sigma=0.9)


def newsroom(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add wires and newsrooms: each prints most headlines of its wires within minutes (or on schedule), with a link.

    Under its own rubric a headline is a text of its own (``variant`` 1 to the number of newsrooms).
    """
    for place, wire in enumerate(people.members("wire")):
        t = np.sort(rhythm(rng, settings.headlines))
        numbers = np.arange(t.size) + place * settings.headlines
        pile.post(wire, t, "news", numbers, weight=4)
        for rubric, desk in enumerate(people.members("newsroom"), start=1):
            taken = settings.subscribed == 1 or rng.random() < settings.subscribed
            printed = (rng.random(t.size) < 0.75) & taken
            delay = rng.lognormal(np.log(100), 0.8, t.size)
            at = np.ceil((t + 60) / 300) * 300 if settings.scheduled else t + delay
            verbatim = rng.random(t.size) < settings.verbatim
            for own, variant in ((verbatim, 0), (~verbatim, rubric)):
                chosen = printed & own
                pile.post(desk, at[chosen], "news", numbers[chosen], variant=variant, weight=3)


def stories(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add what newsrooms and wires write themselves, day and evening: each a text of its own, with a link."""
    for role in ("wire", "newsroom"):
        for desk in people.members(role) if settings.stories else ():
            t = rhythm(rng, settings.stories)
            pile.post(desk, t, "story", desk * 1000 + np.arange(t.size), variant=1, weight=2)


def volunteers(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add a polling-awareness drive: volunteers repost their three leaders within a quarter of an hour."""
    leaders = people.members("volunteer_leader")
    t = rhythm(rng, settings.leader_posts)
    posts = pile.post(rng.choice(leaders, t.size), t, "leader", np.arange(t.size), weight=1)
    follow(rng, pile, posts, people.members("volunteer"), share=0.45, median_s=300, sigma=0.8)


def match_day(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add two evenings of a district cup (8 and 9 November): viewers repost the live desks within a minute or two."""
    half = settings.live_posts // 2
    for evening, desk in zip((5, 6), people.members("live_desk"), strict=True):
        t = evening * DAY + 18 * HOUR + np.sort(rng.random(half)) * 3.2 * HOUR
        posts = pile.post(desk, t, "live", evening * 1000 + np.arange(half), weight=1)
        viewers = people.members("match")
        viewers = viewers[rng.random(viewers.size) < 0.7]
        follow(rng, pile, posts, viewers, share=0.2, median_s=50, sigma=0.8)
        spoken = rng.choice(viewers, viewers.size * 2)
        at = evening * DAY + (18 + 3.2 * rng.random(spoken.size)) * HOUR
        pile.post(spoken, at, "live", rng.integers(9, size=spoken.size))


def offices(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add a headquarters and its district offices, which repost every notice within the half hour."""
    t = np.floor(rng.random(settings.office_posts) * 10) * DAY + (9 + 9 * rng.random(settings.office_posts)) * HOUR
    posts = pile.post(people.members("office_hq"), t, "office", np.arange(t.size), weight=6)
    follow(rng, pile, posts, people.members("office"), share=0.8, median_s=480, sigma=0.8)


def greetings(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add wishes on 5 November and on both polling mornings: the same few short texts and tags within two hours."""
    people_who_greet = people.members("greeting")
    for occasion, (genre, day, opens, texts) in enumerate(
        (("festival", 2, 7.0, 5), ("polling", 3, 8.0, 4), ("polling", 8, 8.0, 4))
    ):
        here = people_who_greet[rng.random(people_who_greet.size) < 0.45]
        t = day * DAY + (opens + 2 * rng.random(here.size)) * HOUR
        pile.post(here, t, genre, rng.integers(texts, size=here.size), variant=occasion, weight=0.3)


def follow(
    rng: np.random.Generator,
    pile: Pile,
    posts: np.ndarray,
    members: np.ndarray,
    *,
    share: float | np.ndarray,
    median_s: float | np.ndarray,
    sigma: float,
) -> None:
    """Add reposts of ``posts`` by ``members``: each with the chance ``share``, after a log-normal delay."""
    born = pile.column("t")[posts]
    acts = rng.random((posts.size, members.size)) < share
    row, column = np.nonzero(acts)
    median = np.broadcast_to(median_s, members.shape)[column]
    delay = median * rng.lognormal(0, sigma, row.size)
    pile.refer(members[column], posts[row], born[row] + delay)
