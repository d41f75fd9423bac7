"""Crowds that act together for benign reasons. They are the hard negatives: whoever names any of them is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.worlds.people import DAY, DAYS, HOUR, rhythm

if TYPE_CHECKING:
    from benchmarks.accuracy.worlds.declare import World
    from benchmarks.accuracy.worlds.people import People, Pile

__all__ = ["fans", "greetings", "live", "newsrooms", "offices", "quoters", "volunteers"]


def fans(world: World, people: People, pile: Pile, rng: np.random.Generator) -> None:
    """Add stars and fans: a quarter of the fans is on push notification (median 35 s), the others take minutes."""
    stars = people.members("star").reshape(len(world.fandoms), world.stars)
    everybody = people.members("fan")
    for number, followed in enumerate(stars):
        members = everybody[people.cell[everybody] == number]
        pushed = rng.random(members.size) < 0.25
        for star in followed:
            t = rhythm(rng, world.star_posts)
            posts = pile.post(np.full(t.size, star), t, 8.0 * (1 + np.log10(members.size)))
            share, median = np.where(pushed, 0.5, 0.2), np.where(pushed, 35.0, 480.0)
            follow(rng, pile, star, posts, t, members=members, share=share, median_s=median)


def live(world: World, people: People, pile: Pile, rng: np.random.Generator) -> None:
    """Add live matches (one desk, one evening each) and a tournament (five desks, every evening): goals and wickets.

    Viewers repost a desk's posts within a minute or two and shout the same few words.
    """
    viewers, desks = people.members("viewer"), people.members("live_desk")
    evenings = [(int(d), desks[k : k + 1], 32) for k, d in enumerate(rng.permutation(DAYS)[: world.matches])]
    evenings += [(day, desks[world.matches :], 40) for day in range(1, 1 + world.tournament)]
    shouts = pile.new(9)
    for day, on_air, number in evenings:
        here = viewers[rng.random(viewers.size) < 0.7]
        t = day * DAY + 18 * HOUR + np.sort(rng.random(number)) * 3.5 * HOUR
        for post_t in t:
            desk = rng.choice(on_air)
            post = pile.post(np.array([desk]), np.array([post_t]), 3.0)
            follow(rng, pile, desk, post, np.array([post_t]), members=here, share=0.17, median_s=50.0)
        spoken = rng.choice(here, here.size)
        pile.share("text", spoken, rng.choice(shouts, spoken.size), t[rng.integers(t.size, size=spoken.size)] + 40)


def newsrooms(world: World, people: People, pile: Pile, rng: np.random.Generator) -> None:
    """Add wires and newsrooms: each prints most headlines word for word within minutes, and stories of its own.

    With ``on_schedule`` a headline waits for second 0 of the next five-minute slot.
    """
    desks = people.members("newsroom")
    for wire in people.members("wire"):
        t = rhythm(rng, 42)
        headlines = pile.new(t.size)
        pile.share("text", np.full(t.size, wire), headlines, t)
        printed = rng.random((desks.size, t.size)) < 0.6
        desk, story = np.nonzero(printed)
        at = t[story] + rng.lognormal(np.log(110), 0.8, desk.size)
        pile.share("text", desks[desk], headlines[story], np.ceil(at / 300) * 300 if world.on_schedule else at)
    own = rhythm(rng, desks.size * 70)
    pile.post(rng.choice(desks, own.size) if desks.size else own.astype(np.int64), own, 1.5)


def offices(_world: World, people: People, pile: Pile, rng: np.random.Generator) -> None:
    """Add district offices that repost every notice of their headquarters within half an hour."""
    for office_hq in people.members("office_hq"):
        t = np.repeat(np.arange(DAYS), 3) * DAY + (9 + 9 * rng.random(3 * DAYS)) * HOUR
        posts = pile.post(np.full(t.size, office_hq), t, 6.0)
        follow(rng, pile, office_hq, posts, t, members=people.members("office"), share=0.8, median_s=480.0)


def quoters(_world: World, people: People, pile: Pile, rng: np.random.Generator) -> None:
    """Add accounts with a quotation each morning at their own minute, often a round one, from one book of sayings."""
    members = people.members("quoter")
    book = pile.new(90)
    minute = rng.integers(330, 540, members.size)
    minute = np.where(rng.random(members.size) < 0.5, minute // 15 * 15, minute)
    of_the_day = rng.choice(book, DAYS)
    for day in range(DAYS):
        t = day * DAY + minute * 60 + rng.integers(50, size=members.size)
        common = rng.random(members.size) < 0.25
        pile.share("text", members, np.where(common, of_the_day[day], rng.choice(book, members.size)), t)


def volunteers(_world: World, people: People, pile: Pile, rng: np.random.Generator) -> None:
    """Add volunteers who repost three leaders, and three open trend alerts: given texts under given tags.

    *Voluntary*: they say so themselves, and are counted apart.
    """
    leaders, members = people.members("volunteer_leader"), people.members("volunteer")
    if not members.size:
        return
    for leader in leaders:
        t = rhythm(rng, 14)
        posts = pile.post(np.full(t.size, leader), t, 4.0)
        follow(rng, pile, leader, posts, t, members=members, share=0.4, median_s=300.0)
    for day in (1, 3, 5):
        start = day * DAY + 18 * HOUR
        here = rng.choice(members, (members.size, 2)).ravel()
        pile.share("tag", here, pile.new(1), start + 900 * rng.random(here.size))
        pile.share("text", here, rng.choice(pile.new(8), here.size), start + 900 * rng.random(here.size))


def greetings(world: World, people: People, pile: Pile, rng: np.random.Generator) -> None:
    """Add a festival morning (texts, tags, pictures, six famous greetings) and two mornings of polling-day tags."""
    ordinary = np.flatnonzero(people.activity > 0)

    def crowd(share: float) -> np.ndarray:
        return ordinary[rng.random(ordinary.size) < share]

    morning = 3 * DAY + 7 * HOUR
    famous = rng.choice(ordinary, 6)
    posts = pile.post(famous, morning - 1800 * rng.random(6), 10.0)
    for trace, share, things in (("text", 1.0, 6), ("tag", 0.6, 5), ("image", 0.25, 4)):
        here = crowd(world.greeters * share)
        pile.share(trace, here, rng.choice(pile.new(things), here.size), morning + 2 * HOUR * rng.random(here.size))
    here = crowd(world.greeters * 0.3)
    pick = rng.integers(6, size=here.size)
    pile.refer("repost", here, posts[pick], famous[pick], morning + 2 * HOUR * rng.random(here.size))
    for day in (2, 5):
        here = crowd(0.15)
        t = day * DAY + 8 * HOUR + rng.exponential(1.5 * HOUR, here.size)
        pile.share("tag", here, rng.choice(pile.new(4), here.size), t)


def follow(
    rng: np.random.Generator,
    pile: Pile,
    author: int,
    posts: np.ndarray,
    born: np.ndarray,
    *,
    members: np.ndarray,
    share: float | np.ndarray,
    median_s: float | np.ndarray,
) -> None:
    """Add reposts of ``posts`` by ``members``: each with the chance ``share``, after a log-normal delay."""
    row, column = np.nonzero(rng.random((posts.size, members.size)) < share)
    median = np.broadcast_to(median_s, members.shape)[column]
    t = born[row] + median * rng.lognormal(0.0, 0.9, row.size)
    pile.refer("repost", members[column], posts[row], np.full(row.size, author), t)
