"""Campaigns and ordinary structures that no simulator here held when the rules were made: written after docs/method.md.

Campaigns (role "member"), each meant to pass below one rule of the page:

- *each pair once*: 25 members, 30 strikes of five, arranged so that any two meet exactly once (lines of an affine plane
  of order five): no pair comes back, and each strike holds five.
- *quotes*: 20 members quote posts of ten authors, 14 times within a minute, each in words of its own: neither repost
  nor reply nor copy.
- *back to the sources*: three strikes on three sources, as in the opponents' row, but each member also reposts another
  post of each struck author on another day: no act is fresh.

Ordinary structures, nobody registered:

- *giveaways* (role "hunter"): 300 people who repost to win; two brands a day, each another one, announce at any hour,
  and a third of the hunters repost, within half an hour of the announcement (median 5 min).
- *missing children* (role "volunteer"): 150 volunteers whom an app alerts; ten police stations post one appeal each in
  the week, and four in ten repost it, median 90 s.
- *critics* (role "critic"): 120 people who quote what eight speakers say, each in own words; four speeches a day, a
  tenth of the critics quote one within hours (median 15 min).
- *reporters* (role "reporter"): 30 reporters who quote six agencies, ten posts a day, a quarter each (median 4 min).
- *private group* (role "friend"): 40 people in a chat; three posts of three unrelated authors are passed to it in the
  week, and six in ten repost, median 4 min.

Usage: python -m benchmarks.accuracy.studies.further_attacks [--seeds 2] [NAME ...]
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import spmc_tools as spmc
from benchmarks.accuracy.measurement.scoring import average_precision
from benchmarks.accuracy.opponents.background import everyday_posts, everyday_reading, scene
from benchmarks.accuracy.opponents.parts import Background
from benchmarks.accuracy.opponents.small_world import SmallWorld
from benchmarks.accuracy.small_worlds.outcome import pairs_in_step, tally
from benchmarks.accuracy.worlds.people import DAY, DAYS, HOUR

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.accuracy.opponents.background import Scene

__all__ = ["ATTACKS", "attack"]


def _spread(number: int, rng: np.random.Generator, *, between: tuple[float, float] = (8, 23)) -> np.ndarray:
    """Return times of the week, evenly over its days, at an hour between these."""
    place = (np.arange(number) + 0.6 * rng.random(number)) * (DAYS / number)
    return np.floor(place) * DAY + rng.uniform(*between, number) * HOUR


def _posts(week: Scene, authors: np.ndarray, at: np.ndarray, rng: np.random.Generator, *, old: bool) -> np.ndarray:
    """Return new posts of these authors that everybody may read, a minute or, every second one, hours before."""
    age = np.where(old & (np.arange(at.size) % 2 == 1), rng.uniform(2 * HOUR, 20 * HOUR, at.size), 60.0)
    return week.rows.post(authors, np.maximum(at - age, 0.0), week.words.take(at.size), weight=2.0)


def _each_pair_once(week: Scene, members: np.ndarray, rng: np.random.Generator) -> None:
    x, y = np.divmod(np.arange(25), 5)
    lines = [np.flatnonzero((y - slope * x) % 5 == start) for slope in range(5) for start in range(5)]
    lines += [np.flatnonzero(x == start) for start in range(5)]
    at = _spread(len(lines), rng)
    posts = _posts(week, week.authors(len(lines), members, rng), at, rng, old=True)
    for number, post, start in zip(rng.permutation(len(lines)), posts, at, strict=True):
        line = lines[number]
        week.rows.refer(members[line], start + 60 * rng.random(line.size), int(post))


def _quotes(week: Scene, members: np.ndarray, rng: np.random.Generator) -> None:
    at = _spread(14, rng)
    posts = _posts(week, week.authors(10, members, rng)[np.arange(14) % 10], at, rng, old=True)
    for post, start in zip(posts, at, strict=True):
        here = members[rng.random(members.size) < 0.7]
        texts = week.words.take(here.size)
        week.rows.refer(here, start + 60 * rng.random(here.size), int(post), kind="quote", text=texts)


def _back_to_the_sources(week: Scene, members: np.ndarray, rng: np.random.Generator) -> None:
    at, authors = _spread(3, rng), week.authors(3, members, rng)
    for post, start in zip(_posts(week, authors, at, rng, old=True), at, strict=True):
        week.rows.refer(members, start + 60 * rng.random(members.size), int(post))
    early = rng.random(15) * 0.5 * DAY
    others = week.rows.post(np.repeat(authors, 5), early, week.words.take(15), weight=2.0)
    for place in range(3):
        chosen = rng.choice(others[5 * place : 5 * place + 5], members.size)
        week.rows.refer(members, DAY * (0.5 + (DAYS - 0.5) * rng.random(members.size)), chosen)


def _on_call(
    week: Scene,
    people: np.ndarray,
    rng: np.random.Generator,
    *,
    calls: int,
    share: float,
    median_s: float,
    sigma: float,
    within_s: float = np.inf,
) -> None:
    at = _spread(calls, rng)
    posts = _posts(week, week.authors(calls, people, rng), at, rng, old=False)
    for post, start in zip(posts, at, strict=True):
        here = people[rng.random(people.size) < share]
        lag = median_s * rng.lognormal(0.0, sigma, here.size)
        week.rows.refer(here[lag < within_s], start + lag[lag < within_s], int(post))


def _giveaways(week: Scene, people: np.ndarray, rng: np.random.Generator) -> None:
    _on_call(week, people, rng, calls=14, share=0.33, median_s=300, sigma=1.0, within_s=1_800)


def _missing_children(week: Scene, people: np.ndarray, rng: np.random.Generator) -> None:
    _on_call(week, people, rng, calls=10, share=0.4, median_s=90, sigma=0.9)


def _private_group(week: Scene, people: np.ndarray, rng: np.random.Generator) -> None:
    _on_call(week, people, rng, calls=3, share=0.6, median_s=240, sigma=1.0)


def _in_own_words(
    week: Scene,
    people: np.ndarray,
    rng: np.random.Generator,
    *,
    speakers: int,
    posts: int,
    share: float,
    median_s: float,
) -> None:
    at = np.sort(rng.integers(DAYS, size=posts) * DAY + rng.uniform(8, 23, posts) * HOUR)
    said = week.authors(speakers, people, rng)[rng.integers(speakers, size=posts)]
    for post, start in zip(_posts(week, said, at, rng, old=False), at, strict=True):
        here = people[rng.random(people.size) < share]
        lag = median_s * rng.lognormal(0.0, 1.2, here.size)
        week.rows.refer(here, start + lag, int(post), kind="quote", text=week.words.take(here.size))


def _critics(week: Scene, people: np.ndarray, rng: np.random.Generator) -> None:
    _in_own_words(week, people, rng, speakers=8, posts=4 * DAYS, share=0.1, median_s=900)


def _reporters(week: Scene, people: np.ndarray, rng: np.random.Generator) -> None:
    _in_own_words(week, people, rng, speakers=6, posts=10 * DAYS, share=0.25, median_s=240)


ATTACKS: dict[str, tuple[str, int, Callable[[Scene, np.ndarray, np.random.Generator], None]]] = {
    "each pair once": ("member", 25, _each_pair_once),
    "quotes": ("member", 20, _quotes),
    "back to the sources": ("member", 20, _back_to_the_sources),
    "giveaways": ("hunter", 300, _giveaways),
    "missing children": ("volunteer", 150, _missing_children),
    "critics": ("critic", 120, _critics),
    "reporters": ("reporter", 30, _reporters),
    "private group": ("friend", 40, _private_group),
}
"""Role, number of accounts, and what they do, by name."""


def attack(name: str, seed: int, people: int = 5_000) -> SmallWorld:
    """Return the week of this name; equal seeds make equal weeks.

    Parameters
    ----------
    name : str
        Of :data:`ATTACKS`.
    seed, people : int
        Of everything; ordinary people beside it.
    """
    role, number, acts = ATTACKS[name]
    background = Background(people=people)
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence([seed, 20_261_203]).spawn(6)]
    week = scene(background, people + number, seed, streams[0])
    everyday_posts(background, week, streams[1])
    accounts = np.arange(people, people + number)
    week.settle(accounts, 0.5, streams[2])
    acts(week, accounts, streams[3])
    everyday_reading(background, week, streams[4])
    ids = np.random.default_rng([seed, 78]).permutation(people + number)
    records = week.rows.table(ids, streams[5], precision_s=1, platforms=1)
    names = np.array([f"a{n:07d}" for n in ids.tolist()])
    roles = dict(zip(names.tolist(), ["ordinary"] * people + [role] * number, strict=True))
    return SmallWorld(records, roles)


def _told(name: str, seed: int) -> str:
    began = time.process_time()
    world = attack(name, seed)
    found = spmc.investigate(world.records)
    accounts = found.accounts.set_index("account_id")
    role = pd.Series(world.roles).reindex(sorted(set(world.records["account_id"])))
    right = role == ATTACKS[name][0]
    tier = accounts["tier"].reindex(role.index)
    score = pd.to_numeric(accounts["score"]).reindex(role.index).fillna(0.0)
    counted = pairs_in_step(world.records).reindex(role.index).fillna(0.0)
    ours, theirs = (average_precision(x.to_numpy(float), right.to_numpy(bool)) for x in (score, counted))
    patterns = found.ordinary_patterns.groupby("pattern")["account_id"].nunique().to_dict()
    return (
        f"{name} {seed}: {tally(tier[right])}; others {tally(tier[~right])}; AP of score {ours:.3f}, of pairs in step "
        f"{theirs:.3f}; patterns {patterns}; {time.process_time() - began:.0f} CPU s"
    )


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=list(ATTACKS))
    parser.add_argument("--seeds", type=int, default=2)
    chosen = parser.parse_args()
    for seed in range(1, chosen.seeds + 1):
        for name in chosen.names:
            print(_told(name, seed), flush=True)


if __name__ == "__main__":
    _main()
