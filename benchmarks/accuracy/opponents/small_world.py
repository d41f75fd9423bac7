"""One small world from its declaration and seed: ordinary people, the parts, and the truth about everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy.opponents import calls, notices, schedules, strikes, texts
from benchmarks.accuracy.opponents.background import everyday_posts, everyday_reading, scene
from benchmarks.accuracy.opponents.parts import (
    Calls,
    Challenge,
    Copies,
    Fandom,
    Notices,
    Outage,
    Schedulers,
    ScoreBots,
    Strikes,
    Turns,
)
from benchmarks.accuracy.opponents.record_rows import account_id

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from benchmarks.accuracy.opponents.background import Scene
    from benchmarks.accuracy.opponents.parts import Declaration, Part

__all__ = ["SmallWorld", "made"]

_GENERATORS: dict[type, Callable[..., None]] = {
    Strikes: strikes.strikes,
    Fandom: strikes.fandom,
    Copies: texts.copies,
    Turns: texts.turns,
    Notices: notices.notices,
    Calls: calls.calls,
    Schedulers: schedules.schedulers,
    ScoreBots: schedules.score_bots,
    Outage: calls.outage,
    Challenge: calls.challenge,
}


@dataclass(frozen=True)
class SmallWorld:
    """``records`` in the project's schema, in order of time; ``roles``: the role of each account, seen or not."""

    records: pd.DataFrame
    roles: dict[str, str]


def made(declaration: Declaration, seed: int) -> SmallWorld:
    """Return the world that this declaration and seed make; equal ones make equal worlds.

    Background, parts and export draw from streams of their own.

    Parameters
    ----------
    declaration : Declaration
        A row of ``OPPONENTS`` or ``STRUCTURES``, or one with other people, client, clock or platforms
        (:func:`dataclasses.replace`).
    seed : int
        Of everything.
    """
    people = declaration.background.people
    sizes = [_sizes(part) for part in declaration.parts]
    roles = ["ordinary"] * people
    casts = []
    for size in sizes:
        cast = {}
        for role, number in size.items():
            cast[role] = np.arange(len(roles), len(roles) + number)
            roles += [role] * number
        casts.append(cast)
    streams = iter(
        [np.random.default_rng(s) for s in np.random.SeedSequence([seed, 20_261_201]).spawn(4 + 2 * len(casts))]
    )
    week = scene(declaration.background, len(roles), seed, next(streams))
    everyday_posts(declaration.background, week, next(streams))
    for part, cast in zip(declaration.parts, casts, strict=True):
        _GENERATORS[type(part)](part, week, cast, next(streams))
    everyday_reading(declaration.background, week, next(streams))
    for part, cast in zip(declaration.parts, casts, strict=True):
        if isinstance(part, Strikes):
            strikes.strikes_after_reading(part, week, cast, next(streams))
    return _finished(declaration, week, roles, _gone(declaration, casts), np.random.default_rng([seed, 78]))


def _sizes(part: Part) -> dict[str, int]:
    """Return the roles of the accounts of a part, and how many there are of each."""
    if isinstance(part, Strikes | Copies):
        return {"member": part.members}
    if isinstance(part, Fandom):
        return {"member": part.members, "star": part.stars, "fan": part.fans}
    if isinstance(part, Calls):
        return {part.leader: part.leaders, part.role: part.members}
    if isinstance(part, Notices) and part.source:
        return {part.source: part.sources, part.role: part.members}
    return {part.role: part.members}


def _gone(declaration: Declaration, casts: list[dict[str, np.ndarray]]) -> np.ndarray:
    """Return the accounts of which no record was collected."""
    gone = [np.empty(0, np.int64)]
    for part, cast in zip(declaration.parts, casts, strict=True):
        if isinstance(part, Turns) and part.left:
            gone.append(cast[part.role][part.left :])
    return np.concatenate(gone)


def _finished(
    declaration: Declaration, week: Scene, roles: list[str], gone: np.ndarray, rng: np.random.Generator
) -> SmallWorld:
    """Return records and roles under ids that tell nothing."""
    ids = rng.permutation(len(roles))
    records = week.rows.table(ids, rng, precision_s=declaration.precision_s, platforms=declaration.platforms)
    truth: dict[str, str] = {}
    for second_home in range(declaration.platforms):
        names = account_id(ids, np.full(ids.size, bool(second_home)))
        missing = set(names[gone].tolist())
        records = records[~records["account_id"].isin(missing)]
        truth |= {name: role for name, role in zip(names.tolist(), roles, strict=True) if name not in missing}
    records = records.reset_index(drop=True)
    records["source_row"] = np.arange(1, len(records) + 1)
    return SmallWorld(records if declaration.client else records.drop(columns="client"), truth)
