"""Planted campaigns: strikes by the members of a cell on posts, texts, tags or pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.worlds.people import DAY, DAYS, HOUR

if TYPE_CHECKING:
    from benchmarks.accuracy.worlds.declare import Campaign, World
    from benchmarks.accuracy.worlds.people import People, Pile

__all__ = ["campaigns"]


def campaigns(world: World, people: People, pile: Pile, rng: np.random.Generator) -> np.ndarray:
    """Add every cell of every campaign; return the accounts of their camouflage, one entry for each everyday act."""
    camouflage = [np.empty(0, np.int64)]
    for campaign in world.campaigns:
        everybody = people.members(f"campaign:{campaign.kind}")
        for cell in np.unique(people.cell[everybody]):
            members = everybody[people.cell[everybody] == cell]
            acted = _cell(campaign, people, pile, members, rng)
            if campaign.life is not None:
                wanted = acted * campaign.life / max(1 - campaign.life, 1e-9)
                camouflage.append(np.repeat(members, rng.poisson(wanted)))
    return np.concatenate(camouflage)


def _cell(campaign: Campaign, people: People, pile: Pile, members: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add the strikes of one cell; return how many acts each member made."""
    sources = _sources(campaign, people, members, rng)
    acted = np.zeros(members.size)
    for strike, at in enumerate(_strikes(campaign.occasions, rng)):
        here = np.flatnonzero(rng.random(members.size) < campaign.share)
        t = at + campaign.spread_s * rng.random(here.size)
        if campaign.scheduled:
            t = np.floor(t / 60) * 60
        acted[here] += 1
        kept = rng.random(here.size) >= campaign.deleted
        actor, t = members[here[kept]], t[kept]
        if campaign.how in ("repost", "reply"):
            source = sources[strike % sources.size]
            born = max(at - _age(campaign.age, strike, rng), 60.0)
            post = pile.post(np.array([source]), np.array([born]), 2.0)
            pile.refer(campaign.how, actor, post, np.full(actor.size, source), np.maximum(t, born + 1))
        else:
            thing = np.full(actor.size, pile.new(1)[0])
            if campaign.how == "text":
                edited = np.flatnonzero(rng.random(actor.size) < campaign.edited)
                thing[edited] = pile.edited(thing[edited])
            pile.share(campaign.how, actor, thing, t)
    return acted


def _sources(campaign: Campaign, people: People, members: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the accounts that are boosted or attacked: ordinary ones, in part of the cell's commonest community."""
    ordinary = people.members("organic")
    homes = np.bincount(people.community[members])
    own = ordinary[people.community[ordinary] == homes.argmax()]
    near = rng.random(campaign.sources) < campaign.home
    if own.size < campaign.sources:
        own = ordinary
    return np.where(near, rng.choice(own, campaign.sources, replace=False), rng.choice(ordinary, campaign.sources))


def _strikes(number: int, rng: np.random.Generator) -> np.ndarray:
    """Return times between 8 and 23 o'clock, evenly over the days, at a random place of each stretch."""
    place = (np.arange(number) + rng.random(number) * 0.6) * (DAYS / number)
    day = np.floor(place)
    return day * DAY + (8 + 15 * (place - day)) * HOUR


def _age(age: str, strike: int, rng: np.random.Generator) -> float:
    """Return how many seconds before the strike the post was written."""
    kind = ("fresh", "old")[strike % 2] if age == "mixed" else age
    low, high = {"fresh": (60, 600), "publication": (5, 60), "old": (2 * HOUR, 30 * HOUR)}[kind]
    return low + (high - low) * float(rng.random())
