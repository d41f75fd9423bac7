"""Ordinary patterns of groups whose texts are loosely alike again and again.

Such a group names nobody, so nothing is held back, and no officers can name it against a pattern: the patterns only
answer, beside chance, whether something ordinary explains it. They are those of
:mod:`~spmc_tools.findings.clusters.ordinary_patterns`, with the same limits, each time of likeness being one object:
daily round and one origin of the whole group, appointment where half of its members keep theirs.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from spmc_tools.findings.clusters.appointments import APPOINTED_SHARE, appointed_share, exact_seconds
from spmc_tools.findings.clusters.ordinary_patterns import (
    BEHIND_S,
    ORIGIN_SHARE,
    PATTERNS,
    ROUND_SHARE,
    origin_share,
    round_share,
)
from spmc_tools.findings.sessions.rewritten import REWRITTEN, rewritten_actions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

__all__ = ["with_patterns"]


def with_patterns(sessions: pd.DataFrame, records: pa.Table) -> pd.DataFrame:
    """Return the groups within hours with ``patterns``: the names of those that fit, null where none is asked here.

    Parameters
    ----------
    sessions : pandas.DataFrame
        Rows of the table ``sessions``. Groups of rewritten texts are asked, unless they are of a registered kind.
    records : pyarrow.Table
        All records.
    """
    patterns: list[list[str] | None] = [None] * len(sessions)
    if not len(sessions):
        return sessions
    asked = (sessions["trace"] == REWRITTEN) & sessions["kind"].isna()
    if asked.any():
        acts = rewritten_actions(sessions[asked], records)
        acts = acts.append_column("second", pc.divide(acts["t"].cast("int64"), 1_000_000))
        exact = exact_seconds(records, set(acts["record_id"].to_pylist()))
        posts = acts.select(["object_id", "account_id", "second", "record_id"]).to_pandas()
        posts["exact"] = posts["record_id"].map(exact)
        for place in np.flatnonzero(asked):
            objects, members = sessions["objects"].iloc[place], sessions["accounts"].iloc[place]
            patterns[place] = _fitting(posts[posts["object_id"].isin(objects)], members)
    return sessions.assign(patterns=pd.Series(patterns, index=sessions.index, dtype=object))


def _fitting(posts: pd.DataFrame, members: Sequence[str]) -> list[str]:
    """Return the patterns that fit a group, in the order of all patterns.

    ``posts``: ``object_id, account_id, second, exact`` of its texts that were alike.
    """
    at: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for thing, account, second in zip(posts["object_id"], posts["account_id"], posts["second"], strict=True):
        at[thing].append((int(second), account))
    own = {
        account: [None if pd.isna(second) else int(second) for second in rows]
        for account, rows in posts.groupby("account_id")["exact"]
    }
    kept = sum(appointed_share(own.get(account, [])) >= APPOINTED_SHARE for account in members)
    fits = {
        "appointment": 2 * kept >= len(members),
        "daily_round": round_share([min(times)[0] for times in at.values()]) >= ROUND_SHARE,
        "one_origin": origin_share(_first(at)) >= ORIGIN_SHARE,
    }
    return [name for name in PATTERNS if fits.get(name)]


def _first(at: Mapping[str, Sequence[tuple[int, str]]]) -> list[str | None]:
    """Return who wrote first at each time; None where several did in that second, or the others came at once."""
    first: list[str | None] = []
    for posts in at.values():
        ordered = sorted(posts)
        second = ordered[0][0]
        alone = len({account for moment, account in ordered if moment == second}) == 1
        behind = float(np.median([moment for moment, _ in ordered])) - second
        first.append(ordered[0][1] if alone and behind >= BEHIND_S else None)
    return first
