"""The two planted campaigns of the week; their members have an everyday life like anybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.sample_case.election_week.world import DAY, HOUR, rhythm

if TYPE_CHECKING:
    from benchmarks.sample_case.election_week.world import Cast, Pile, Settings

__all__ = ["amplifiers", "copied_rumours", "cover"]


def copied_rumours(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add a rumour about polling booths every 17 hours or so, posted by three of four members within seven minutes.

    15 % of the copies have other words in the slots, which an exact key does not match. Every third text was seen
    hours before from one member, and every third comes back a day later from some of them. Texts are
    at least 8 hours apart.
    """
    members = people.members("campaign_copy")
    if not members.size:
        return
    step = 10 * DAY / settings.copy_texts
    for number in range(settings.copy_texts):
        start = (number + 0.5) * step + (rng.random() - 0.5) * (step - 8 * HOUR)
        waves = [(start, 0.75)]
        if number % 3 == 1:
            pile.post(rng.choice(members, 1), start - (2 + 3 * rng.random()) * HOUR, "copy", number, weight=0.3)
        if number % 3 == 2:
            waves.append((start + (20 + 10 * rng.random()) * HOUR, 0.35))
        for at, share in waves:
            here = members[rng.random(members.size) < share]
            t = at + 420 * rng.random(here.size)
            edited = rng.random(here.size) < 0.15
            pile.post(here[~edited], t[~edited], "copy", number, weight=0.3)
            pile.post(here[edited], t[edited], "slot", number, weight=0.3)


def amplifiers(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add strikes of the second campaign: seven of ten members repost one small account's post within 58 seconds.

    The length is ``strike_s``. Strikes are at least 10 hours apart and go round the ``boosted`` accounts; every second
    one takes up a post that is 2 to 30 hours old, the others (all, where ``old`` is false) one of 1 to 10 minutes.
    """
    members, sources = people.members("campaign_amplify"), rng.permutation(people.members("boosted"))
    if not members.size:
        return
    step = 10 * DAY / settings.strikes
    for strike in range(settings.strikes):
        at = (strike + 0.5) * step + (rng.random() - 0.5) * (step - 10 * HOUR)
        old = settings.old and strike % 2 == 1
        age = (2 + 28 * rng.random()) * HOUR if old else (1 + 9 * rng.random()) * 60
        source = sources[strike % sources.size]
        post = pile.post(source, np.array([max(at - age, 60.0)]), "organic", 10_000_000 + strike, weight=1)
        here = members[rng.random(members.size) < 0.7]
        pile.refer(here, post[0], at + settings.strike_s * rng.random(here.size))


def cover(settings: Settings, people: Cast, pile: Pile, rng: np.random.Generator) -> None:
    """Add what members of the first campaign write to look like others: stories, some linked to a site of their own."""
    for member in people.members("campaign_copy") if settings.copy_stories else ():
        t = rhythm(rng, settings.copy_stories)
        linked = (rng.random(t.size) < settings.copy_site).astype(np.int64)
        for variant in (0, 1):
            own = linked == variant
            pile.post(member, t[own], "story", member * 1000 + np.arange(t.size)[own], variant=variant, weight=1)
