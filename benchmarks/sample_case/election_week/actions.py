"""A simulated week as action tables, without texts: what :func:`spmc_tools.assess` takes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.sample_case.election_week import wording
from benchmarks.sample_case.election_week.world import GENRES, ROLES
from spmc_tools.coaction.traces.objects import SHORTEST_TEXT
from spmc_tools.text.match_key import match_keys
from spmc_tools.text.near_duplicates import leader_keys

if TYPE_CHECKING:
    from benchmarks.sample_case.election_week.world import World

__all__ = ["account_ids", "copied_text", "reposts", "truth", "written_text"]


def account_ids(world: World) -> np.ndarray:
    """Return the id of each account by its number, as the X part of the sample writes it."""
    return np.array([f"9000000000000{number:06d}" for number in range(world.role.size)])


def reposts(world: World) -> pd.DataFrame:
    """Return account_id, object_id (the reposted original), source_id (its author), t (seconds since 1970)."""
    chosen = world.references["kind"] == 0
    ref, ids = world.references["ref"][chosen], account_ids(world)
    return pd.DataFrame(
        {
            "account_id": ids[world.references["actor"][chosen]],
            "object_id": ref,
            "source_id": ids[world.originals["author"][ref]],
            "t": world.references["t_ms"][chosen] / 1000,
        }
    )


def copied_text(world: World) -> pd.DataFrame:
    """Return account_id, object_id and source_id (the text, both), t; a text of its own is an object of its own.

    Everyday posts and slot-edited copies are unlike all others; sayings, greetings, rumours and headlines under one
    rubric are equal where number and variant are. Texts too short for a match (live posts, some greetings) are kept:
    that makes the crowd harder, not easier.
    """
    genre, number, variant = (world.originals[name] for name in ("genre", "number", "variant"))
    shared = np.isin(genre, [GENRES.index(name) for name in ("saying", "festival", "polling", "news", "copy", "live")])
    own = 10**9 + np.arange(genre.size)
    text = np.where(shared, (genre * 100 + variant) * 100_000 + number, own)
    return pd.DataFrame(
        {
            "account_id": account_ids(world)[world.originals["author"]],
            "object_id": text,
            "source_id": text,
            "t": world.originals["t_ms"] / 1000,
        }
    )


def written_text(world: World, *, near: bool) -> pd.DataFrame:
    """Return the same columns as :func:`copied_text`, from the words of the posts as the package reads them.

    Match keys of at least thirty characters; ``near``: under the leader of their cluster of copies, else each its own.
    """
    keys = match_keys(said.text for said in wording.originals(world, np.random.default_rng(world.settings.seed)))
    counts = Counter(key for key in keys if len(key) >= SHORTEST_TEXT)
    leaders = leader_keys(counts, SHORTEST_TEXT) if near else {key: key for key in counts}
    text = pd.Series([leaders.get(key) for key in keys], dtype="str")
    table = pd.DataFrame(
        {
            "account_id": account_ids(world)[world.originals["author"]],
            "object_id": text,
            "source_id": text,
            "t": world.originals["t_ms"] / 1000,
        }
    )
    return table[text.notna()].reset_index(drop=True)


def truth(world: World) -> pd.Series:
    """Return the role of every account, by account id."""
    return pd.Series(np.array(ROLES)[world.role], index=account_ids(world), name="role")
