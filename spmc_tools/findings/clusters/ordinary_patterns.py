r"""Ordinary patterns in the texts, links, tags and pictures that an account posts in step: shown, and not named.

Two accounts that post the same thing within minutes did so together; whether an ordinary pattern explains it is another
question. Three patterns are measured for each account and each trace of posts that would name it; a trace that one of
them explains shows the account (tier C) and does not name it.

* **Appointment**: :mod:`~spmc_tools.findings.clusters.appointments`; of an account alone.
* **Daily round**: bulletins, offers and greetings keep their hour. A post in step keeps its hour where the account has
  others within a quarter of an hour of the same time of day on at least two other days. With the share :math:`s` of
  posts that do, and the share :math:`c = P(\mathrm{Poisson}((n - 1) / 30) \ge 2)` that *n* posts at any of fifteen
  waking hours have by chance, the trace is a daily round where :math:`(s - c) / (1 - c)` is at least
  :data:`ROUND_SHARE`. Where :math:`c > .5`, from 52 posts on, nothing can be told.
* **One origin**: branches paste what the head office, the agency or the department writes. Of the objects that the
  account's posts in step are about, at least :data:`ORIGIN_OBJECTS`, the share that the same account posted first, with
  nobody else in the same second, is at least :data:`ORIGIN_SHARE`. An object counts where the posts come a minute or
  more behind it, by their median: who strikes within seconds does not wait for a notice.

The last two are asked of the account's own posts, and of those of its whole cluster, each object once, at the time of
the first of them: what explains the common things of a group explains each member. Reposts and replies are no posts of
this kind and stay as they are.

Notes
-----
Known errors. A campaign that keeps to the same hours every day, or pastes what one of its own always posts first, is
shown and not named by these traces; an institution whose notices come at all hours from several desks is not explained.
The limits were chosen on simulated worlds of ordinary structures and hold against campaigns there whose members post
first in turn (``docs/measured/accuracy.md``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import poisson

from spmc_tools.findings.clusters.account_rows import explained_by
from spmc_tools.findings.clusters.appointments import APPOINTED_SHARE, appointed_share, exact_seconds
from spmc_tools.findings.clusters.benign_pattern import EXPLAINED
from spmc_tools.findings.clusters.same_posts import records_in_step
from spmc_tools.findings.tiers.scores import naming

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.findings.clusters.clusters import Ground
    from spmc_tools.findings.tiers.scores import Scored

__all__ = [
    "ORIGIN_OBJECTS", "ORIGIN_SHARE", "ROUND_SHARE", "OrdinaryPatterns", "ordinary_patterns", "origin_share",
    "patterns_of_group", "round_share",
]  # fmt: skip

ROUND_SHARE = 0.5
"""From this share on, corrected for chance, inclusive, a trace is a daily round."""

ORIGIN_SHARE, ORIGIN_OBJECTS = 0.6, 5
"""From this share of at least so many objects on, inclusive, a trace has one origin."""

_OF_GROUPS = ("daily_round", "one_origin")
_BEHIND_S = 60
_DAY_S, _NEAR_S, _SLOTS, _OTHER_DAYS, _MOST_BY_CHANCE = 86_400, 900, 30, 2, 0.5


@dataclass(frozen=True, slots=True)
class OrdinaryPatterns:
    """Traces of accounts that an ordinary pattern explains.

    ``traces``: account -> these traces; accounts without any are left out. ``notes``: pattern -> accounts that have it.
    """

    traces: dict[str, frozenset[str]]
    notes: dict[str, int]


def ordinary_patterns(
    records: pa.Table,
    rows: Mapping[str, Sequence[Scored]],
    ground: Ground,
    benign: Mapping[str, Mapping[str, Any]],
    cluster_of: Mapping[str, int],
) -> OrdinaryPatterns:
    """Return for each account that a trace of posts may name which of these traces an ordinary pattern explains.

    Parameters
    ----------
    records : pyarrow.Table
        All records.
    rows : mapping of account -> sequence of Scored
        What each trace says of it.
    ground : Ground
        Edges, actions, objects set aside and events.
    benign : mapping of account -> mapping
        Newsroom patterns; traces that one explains are not looked at.
    cluster_of : mapping of account -> int
        Its cluster; accounts in none are judged by their own posts alone.
    """
    speaking = {}
    for account, scored in rows.items():
        traces = [name for name in naming(scored, explained_by(benign.get(account))) if name in EXPLAINED]
        if traces:
            speaking[account] = traces
    posts = records_in_step(speaking, ground)
    wanted = {record for listed in posts.values() for record in listed}
    exact, times = exact_seconds(records, wanted), _seconds(records, wanted)
    about = {trace: _About(ground.actions[trace], wanted) for trace in {trace for _, trace in posts}}
    of_group: dict[tuple[int, str], set[str]] = defaultdict(set)
    for (account, trace), listed in posts.items():
        if account in cluster_of:
            of_group[cluster_of[account], trace] |= listed
    explains = {key: _explained(about[key[1]], sorted(listed), times) for key, listed in of_group.items()}
    found: dict[str, set[str]] = defaultdict(set)
    having: dict[str, set[str]] = {name: set() for name in ("appointment", *_OF_GROUPS)}
    for (account, trace), listed in posts.items():
        seen = sorted(listed)
        patterns = _explained(about[trace], seen, times)
        if account in cluster_of:
            patterns |= explains[cluster_of[account], trace]
        if appointed_share([exact.get(record) for record in seen]) >= APPOINTED_SHARE:
            patterns |= {"appointment"}
        for name in patterns:
            found[account].add(trace)
            having[name].add(account)
    traces_of = {account: frozenset(traces) for account, traces in found.items()}
    return OrdinaryPatterns(traces_of, {name: len(accounts) for name, accounts in having.items()})


def patterns_of_group(records: pa.Table, actions: pa.Table, posts: Mapping[str, set[str]]) -> frozenset[str]:
    """Return the ordinary patterns that fit the posts in step of a group: what a page names beside the group.

    Daily round and one origin are asked of all its posts, as :func:`ordinary_patterns` asks them of a cluster;
    appointment of each account, and it fits where it holds for at least half of them.

    Parameters
    ----------
    records : pyarrow.Table
        All records.
    actions : pyarrow.Table
        Schema ``ACTIONS``, of the trace.
    posts : mapping of account -> set of str
        Its records in step.
    """
    wanted = {record for listed in posts.values() for record in listed}
    if not wanted:
        return frozenset()
    exact, times = exact_seconds(records, wanted), _seconds(records, wanted)
    about = _About(actions, wanted)
    held = [appointed_share([exact.get(record) for record in sorted(listed)]) for listed in posts.values()]
    appointed = 2 * sum(share >= APPOINTED_SHARE for share in held) >= len(held)
    fits = _explained(about, sorted(wanted), times)
    return fits | {"appointment"} if appointed else fits


def _explained(about: _About, records: Sequence[str], times: Mapping[str, int]) -> frozenset[str]:
    """Return which of the patterns of groups explain some posts, each object once."""
    at: dict[str, list[int]] = defaultdict(list)
    for record in records:
        for thing in about.objects(record):
            at[thing].append(times[record])
    behind = {thing: float(np.median(seconds)) - about.first[thing][0] for thing, seconds in at.items()}
    origins = [about.first[thing][1] if behind[thing] >= _BEHIND_S else None for thing in at]
    holds = {
        "daily_round": round_share([min(seconds) for seconds in at.values()]) >= ROUND_SHARE,
        "one_origin": origin_share(origins) >= ORIGIN_SHARE,
    }
    return frozenset(name for name in _OF_GROUPS if holds[name])


def round_share(seconds: Sequence[int]) -> float:
    """Return the share of posts that keep their hour, corrected for chance; at most 1, 0 where nothing can be told.

    Parameters
    ----------
    seconds : sequence of int
        Times of an account's posts in step, seconds since 1970 UTC.
    """
    at = np.array(seconds, np.int64)
    if not at.size:
        return 0.0
    apart = np.abs(at[:, None] % _DAY_S - at[None, :] % _DAY_S)
    near = np.minimum(apart, _DAY_S - apart) <= _NEAR_S
    day = np.round((at[:, None] - at[None, :]) / _DAY_S).astype(np.int64)  # of two at one hour of the day
    rows = zip(day, near, strict=True)
    other_days = [np.unique(row[close & (row != 0)]).size for row, close in rows]
    kept = float(np.mean(np.array(other_days) >= _OTHER_DAYS))
    by_chance = float(poisson.sf(_OTHER_DAYS - 1, (at.size - 1) / _SLOTS))
    return (kept - by_chance) / (1 - by_chance) if by_chance <= _MOST_BY_CHANCE else 0.0


def origin_share(first: Sequence[str | None]) -> float:
    """Return the share of objects that the same account posted first; 0 of fewer than five objects.

    Parameters
    ----------
    first : sequence of str or None
        Who posted each object first; None where several did in the same second.
    """
    if len(first) < ORIGIN_OBJECTS:
        return 0.0
    counts = Counter(account for account in first if account is not None)
    return max(counts.values(), default=0) / len(first)


class _About:
    """What some records are about, and who posted each of these objects first.

    ``first``: object -> second since 1970 UTC of its first post, and who posted it; None where several did in that
    second.

    Parameters
    ----------
    actions : pyarrow.Table
        Schema ``ACTIONS``, of one trace.
    wanted : set of str
        Records that are asked for.
    """

    def __init__(self, actions: pa.Table, wanted: set[str]) -> None:
        mine = actions.filter(pc.is_in(actions["record_id"], value_set=pa.array(sorted(wanted), pa.string())))
        self._objects: dict[str, set[str]] = defaultdict(set)
        for record, thing in zip(mine["record_id"].to_pylist(), mine["object_id"].to_pylist(), strict=True):
            self._objects[record].add(thing)
        on = actions.filter(pc.is_in(actions["object_id"], value_set=mine["object_id"].combine_chunks().unique()))
        seconds = pc.divide(on["t"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()), 1_000_000).to_pylist()
        self.first: dict[str, tuple[int, str | None]] = {}
        for thing, account, second in zip(
            on["object_id"].to_pylist(), on["account_id"].to_pylist(), seconds, strict=True
        ):
            before = self.first.get(thing)
            if before is None or second < before[0]:
                self.first[thing] = (second, account)
            elif second == before[0] and account != before[1]:
                self.first[thing] = (second, None)

    def objects(self, record: str) -> list[str]:
        """Return the objects of a record, in order."""
        return sorted(self._objects.get(record, ()))


def _seconds(records: pa.Table, wanted: set[str]) -> dict[str, int]:
    kept = records.filter(pc.is_in(records["record_id"], value_set=pa.array(sorted(wanted), pa.string())))
    seconds = pc.divide(kept["created_at"].cast(pa.int64()), 1_000_000)
    return dict(zip(kept["record_id"].to_pylist(), seconds.to_pylist(), strict=True))
