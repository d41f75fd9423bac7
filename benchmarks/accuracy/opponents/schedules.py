"""Programs that post on a clock, each in words of its own: schedulers, and bots that tell a score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.worlds.people import DAY, HOUR, rhythm

if TYPE_CHECKING:
    from benchmarks.accuracy.opponents.background import Scene
    from benchmarks.accuracy.opponents.parts import Schedulers, ScoreBots

__all__ = ["schedulers", "score_bots"]


def schedulers(part: Schedulers, week: Scene, cast: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Add own words on second 0 of the slots of a grid."""
    members = cast[part.role]
    author = np.repeat(members, rng.poisson(7 * part.daily / part.pace, members.size))
    grid = part.grid_min * 60
    t = np.floor(rhythm(rng, author.size) / grid) * grid
    week.rows.post(author, t, week.words.take(author.size), client=["demo planner"] * author.size, weight=1.0)


def score_bots(part: ScoreBots, week: Scene, cast: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Add the score after each over: every bot has a form of its own, the numbers are the same."""
    members = cast[part.role]
    forms = [" ".join(text.split()[:9]) for text in week.words.take(members.size)]
    start = int(rng.integers(1, 6)) * DAY + 19 * HOUR
    at = np.sort(start + rng.random(part.updates) * 3.5 * HOUR)
    runs = np.cumsum(rng.integers(0, 14, part.updates))
    row, bot = np.nonzero(rng.random((part.updates, members.size)) < 0.9)
    text = [f"{forms[b]} {runs[r]}/{r // 6} ({r + 1})" for r, b in zip(row.tolist(), bot.tolist(), strict=True)]
    lag = part.pace * rng.uniform(1, 15, row.size)
    week.rows.post(members[bot], at[row] + lag, text, client=["demo bot kit"] * row.size)
