"""Opponents with texts of their own: rewritten ones, common minutes, and one form posted by accounts in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.opponents.background import tagged
from benchmarks.accuracy.opponents.parts import Strikes
from benchmarks.accuracy.opponents.record_rows import PLACES, swapped
from benchmarks.accuracy.opponents.strikes import times
from benchmarks.accuracy.worlds.people import DAY, DAYS, HOUR

if TYPE_CHECKING:
    from benchmarks.accuracy.opponents.background import Scene
    from benchmarks.accuracy.opponents.parts import Copies, Turns

__all__ = ["copies", "turns"]


def copies(part: Copies, week: Scene, cast: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Add occasions on which members post one text with words exchanged, or texts of their own."""
    members = cast["member"]
    week.settle(members, 0.5, rng)
    for start in times(Strikes(strikes=part.strikes, spread_s=part.spread_s), rng).tolist():
        here = members[rng.random(members.size) < part.share]
        if part.swapped is None:
            text = week.words.take(here.size)
        else:
            base, *spare = week.words.take(9)
            pool = [word for other in spare for word in other.split()]
            text = [swapped(rng, base, part.swapped, pool) for _ in here]
        at = start + rng.random(here.size) * part.spread_s if part.spread_s else np.floor(start / 60) * 60
        week.rows.post(here, at, text)


def turns(part: Turns, week: Scene, cast: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Add the posts of one form after the other, each with places in its slots, by accounts in turn."""
    members = cast[part.role]
    start = DAY + 9 * HOUR if part.members * part.per_member * part.step_s < 5.5 * DAY else 0.0
    number = min(part.members * part.per_member, int((DAYS * DAY - start) // part.step_s))
    account = np.concatenate([rng.permutation(members) for _ in range(part.per_member)])[:number]
    minute = np.floor((start + np.arange(number) * part.step_s) / 60) * 60
    on_time = rng.random(number) < part.on_time
    second = np.where(on_time, rng.choice(part.seconds, number), rng.integers(60, size=number))
    forms = week.words.take(part.forms)
    tags = [[f"demoturn{n // 60 * 2}", f"demoturn{n // 60 * 2 + 1}"] if part.tags else None for n in range(number)]
    text = [_filled(forms[n * part.forms // number], n, tags[n], rng) for n in range(number)]
    client = [part.client if part.client and signed else None for signed in rng.random(number) < 0.95]
    week.rows.post(account, minute + second, text, hashtags=tags if part.tags else None, client=client)


def _filled(form: str, number: int, tags: list[str] | None, rng: np.random.Generator) -> str:
    places = ", ".join(PLACES[n] for n in rng.choice(len(PLACES), int(rng.integers(3, 5)), replace=False))
    return tagged(f"{1 + number % 40} / 40 {form} {places}", tags)
