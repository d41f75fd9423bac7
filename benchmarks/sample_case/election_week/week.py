"""One simulated week from its settings: the pieces put together in their order."""

from __future__ import annotations

import numpy as np

from benchmarks.sample_case.election_week import campaigns, crowds
from benchmarks.sample_case.election_week.world import Pile, Settings, World, cast, everyday, finish, spread

__all__ = ["simulate"]


def simulate(settings: Settings) -> World:
    """Return the week that these settings and their seed make; equal settings make equal weeks.

    Every part draws from a stream of its own, so that a change to one part leaves the others as they were.
    """
    each = [np.random.default_rng(s) for s in np.random.SeedSequence(settings.seed).spawn(14)]
    streams = iter(each)
    people, pile = cast(settings, next(streams)), Pile()
    everyday(settings, people, pile, next(streams))
    crowds.fans(settings, people, pile, next(streams))
    crowds.newsroom(settings, people, pile, next(streams))
    crowds.volunteers(settings, people, pile, next(streams))
    crowds.match_day(settings, people, pile, next(streams))
    crowds.offices(settings, people, pile, next(streams))
    crowds.greetings(settings, people, pile, next(streams))
    campaigns.copied_rumours(settings, people, pile, next(streams))
    campaigns.amplifiers(settings, people, pile, next(streams))
    crowds.stories(settings, people, pile, each[12])
    campaigns.cover(settings, people, pile, each[13])
    spread(settings, people, pile, next(streams))
    return finish(settings, people, pile)
