r"""Ordinary patterns in what an account posts and reposts in step: shown, and not named.

Two accounts that post the same thing within minutes did so together; whether an ordinary pattern explains it is another
question. Four patterns are measured for each account and each trace that would name it; a trace that one of them
explains shows the account (tier C) and does not name it. Appointment and one origin are asked of posts, followers of
reposts, and the daily round of both: fans who are called at seven each evening keep it as a bulletin does. A fifth,
posts that are ready made and nothing else in common, is :mod:`~spmc_tools.findings.clusters.second_marks`.

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
* **Followers**: who follows the same pages reposts what they publish while it is new, and comes back to each of them. A
  repost in step is that of a follower where it comes at most half an hour after the first repost of the same post, and
  the account reposts the same page on another day too, in step or not. The trace is explained where at least
  :data:`FOLLOWED_SHARE` of the reposts in step are, and their median is a minute or more after the first repost.

Daily round and one origin are asked of the account's own posts, and of those of its whole cluster, each object once, at
the time of the first of them: what explains the common things of a group explains each member. Followers are asked of
the whole cluster, and of the account alone where it is in none.

Notes
-----
Known errors. A campaign that keeps to the same hours every day, or pastes what one of its own always posts first, is
shown and not named by these traces, and so is one that takes up the same pages day after day, always while a post is
new; an institution whose notices come at all hours from several desks is not explained.
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

from spmc_tools.findings.clusters.account_rows import explained_by
from spmc_tools.findings.clusters.appointments import APPOINTED_SHARE, appointed_share, exact_seconds
from spmc_tools.findings.clusters.benign_pattern import EXPLAINED
from spmc_tools.findings.clusters.same_posts import records_in_step
from spmc_tools.findings.tiers.scores import naming

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from spmc_tools.findings.clusters.clusters import Ground
    from spmc_tools.findings.tiers.scores import Scored

__all__ = [
    "BEHIND_S", "FOLLOWED_SHARE", "ORIGIN_OBJECTS", "ORIGIN_SHARE", "PATTERNS", "READY_MADE", "ROUND_SHARE",
    "OrdinaryPatterns", "fitting", "followed_share", "ordinary_patterns", "origin_share", "round_share",
]  # fmt: skip

ROUND_SHARE = 0.5
"""From this share on, corrected for chance, inclusive, a trace is a daily round."""

ORIGIN_SHARE, ORIGIN_OBJECTS = 0.6, 5
"""From this share of at least so many objects on, inclusive, a trace has one origin."""

FOLLOWED_SHARE = 0.65
"""From this share of the reposts in step on, inclusive, an account follows the same pages as the others."""

READY_MADE = "ready_made_alone"
"""Nothing but ready-made posts speaks for the account: no pattern was measured, a second mark is missing."""

PATTERNS = ("appointment", "daily_round", "one_origin", "followers", READY_MADE)
"""Names of the patterns, in the order of the table."""

ROUNDS = frozenset({*EXPLAINED, "co_repost"})
"""Traces of which a daily round is asked."""

BEHIND_S = 60
"""Who comes after the first by this many seconds or more, by the median, may have taken it up."""

_LEAST = {
    "appointment": APPOINTED_SHARE,
    "daily_round": ROUND_SHARE,
    "one_origin": ORIGIN_SHARE,
    "followers": FOLLOWED_SHARE,
}
_NEW_S = 1_800
_DAY_S, _NEAR_S, _SLOTS, _OTHER_DAYS, _MOST_BY_CHANCE = 86_400, 900, 30, 2, 0.5


@dataclass(frozen=True, slots=True)
class OrdinaryPatterns:
    """Traces of accounts that an ordinary pattern explains.

    ``rows``: columns of the table ``ordinary_patterns``, by account, trace and pattern.
    """

    rows: list[dict[str, Any]]

    @property
    def traces(self) -> dict[str, frozenset[str]]:
        """Account -> traces that a pattern explains; accounts without any are left out."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.rows:
            found[row["account_id"]].add(row["trace"])
        return {account: frozenset(traces) for account, traces in found.items()}

    @property
    def notes(self) -> dict[str, int]:
        """Pattern -> number of accounts that have it."""
        having = {
            pattern: {row["account_id"] for row in self.rows if row["pattern"] == pattern} for pattern in PATTERNS
        }
        return {pattern: len(accounts) for pattern, accounts in having.items()}

    def with_alone(self, alone: Mapping[str, Collection[str]]) -> OrdinaryPatterns:
        """Return these and the accounts and traces for which nothing but ready-made posts speaks."""
        rows = [
            *self.rows,
            *(_row(account, trace, READY_MADE, None, False) for account, traces in alone.items() for trace in traces),
        ]
        return OrdinaryPatterns(sorted(rows, key=_order))


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
    rows, ground, benign : mapping, Ground, mapping
        As for :func:`~spmc_tools.findings.clusters.same_posts.same_posts`.
    cluster_of : mapping of account -> int
        Its cluster; accounts in none are judged by their own posts alone.
    """
    speaking = {}
    for account, scored in rows.items():
        traces = [name for name in naming(scored, explained_by(benign.get(account))) if name in ROUNDS]
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
    explains = {key: _shares(key[1], about[key[1]], sorted(listed), times) for key, listed in of_group.items()}
    found = []
    for (account, trace), listed in posts.items():
        seen = sorted(listed)
        own = _shares(trace, about[trace], seen, times)
        if trace in EXPLAINED:
            own["appointment"] = appointed_share([exact.get(record) for record in seen])
        group = explains[cluster_of[account], trace] if account in cluster_of else {}
        if group:
            own.pop("followers", None)
        for pattern, least in _LEAST.items():
            if own.get(pattern, 0.0) >= least:
                found.append(_row(account, trace, pattern, own[pattern], False))
            elif group.get(pattern, 0.0) >= least:
                found.append(_row(account, trace, pattern, group[pattern], True))
    return OrdinaryPatterns(sorted(found, key=_order))


def _row(account: str, trace: str, pattern: str, share: float | None, of_group: bool) -> dict[str, Any]:
    return {"account_id": account, "trace": trace, "pattern": pattern, "share": share, "of_group": of_group}


def _order(row: Mapping[str, Any]) -> tuple[str, str, int]:
    return row["account_id"], row["trace"], PATTERNS.index(row["pattern"])


def _shares(trace: str, about: _About, records: Sequence[str], times: Mapping[str, int]) -> dict[str, float]:
    """Return how far each of the patterns of groups explains some posts, each object once."""
    at: dict[str, list[int]] = defaultdict(list)
    for record in records:
        for thing in about.objects(record):
            at[thing].append(times[record])
    shares = {"daily_round": round_share([min(seconds) for seconds in at.values()])}
    if trace in EXPLAINED:
        behind = {thing: float(np.median(seconds)) - about.first[thing][0] for thing, seconds in at.items()}
        shares["one_origin"] = origin_share(
            [about.first[thing][1] if behind[thing] >= BEHIND_S else None for thing in at]
        )
    else:
        shares["followers"] = followed_share(about.reposts(records, times))
    return shares


def fitting(rows: pd.DataFrame, accounts: Collection[str]) -> tuple[str, ...]:
    """Return the patterns that explain a trace of at least half of some accounts, in the order of :data:`PATTERNS`.

    Parameters
    ----------
    rows : pandas.DataFrame
        The table ``ordinary_patterns``.
    accounts : collection of str
        One account, or the members of a group.
    """
    having = rows[rows["account_id"].isin(set(accounts))].groupby("pattern")["account_id"].nunique()
    return tuple(name for name in PATTERNS if having.get(name, 0) and 2 * having[name] >= len(set(accounts)))


def round_share(seconds: Sequence[int]) -> float:
    """Return the share of posts that keep their hour, corrected for chance; at most 1, 0 where nothing can be told.

    Parameters
    ----------
    seconds : sequence of int
        Times of an account's posts in step, seconds since 1970 UTC.
    """
    from scipy.stats import poisson  # half a second for every report that asks for nothing here

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


def followed_share(reposts: Sequence[tuple[int, int]]) -> float:
    """Return the share of some reposts that followers of the same pages make; 0 without any, or by strikes in seconds.

    Parameters
    ----------
    reposts : sequence of (int, int)
        Seconds since the first repost of the same post, and days on which the account reposts the page.
    """
    if not reposts or np.median([behind for behind, _ in reposts]) < BEHIND_S:
        return 0.0
    return sum(behind <= _NEW_S and n_days >= 2 for behind, n_days in reposts) / len(reposts)


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
        self._source = dict(zip(mine["object_id"].to_pylist(), mine["source_id"].to_pylist(), strict=True))
        self._account = dict(zip(mine["record_id"].to_pylist(), mine["account_id"].to_pylist(), strict=True))
        self._days = _days_on_pages(actions, mine["account_id"].combine_chunks().unique())
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

    def reposts(self, records: Sequence[str], times: Mapping[str, int]) -> list[tuple[int, int]]:
        """Return how long after the first repost each of some reposts came, and on how many days its page is reposted.

        The days are those of the account, in and out of step.
        """
        return [
            (times[record] - self.first[thing][0], self._days[self._account[record], self._source[thing]])
            for record in records
            for thing in self.objects(record)
        ]


def _days_on_pages(actions: pa.Table, accounts: pa.Array) -> dict[tuple[str, str], int]:
    """Return on how many days UTC each of some accounts acted on each source."""
    theirs = actions.filter(pc.is_in(actions["account_id"], value_set=accounts))
    day = pc.divide(theirs["t"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()), 1_000_000 * _DAY_S)
    whole = pa.table({"account": theirs["account_id"], "source": theirs["source_id"], "day": day})
    days = whole.group_by(["account", "source"]).aggregate([("day", "count_distinct")])
    pairs = zip(days["account"].to_pylist(), days["source"].to_pylist(), strict=True)
    return dict(zip(pairs, days["day_count_distinct"].to_pylist(), strict=True))


def _seconds(records: pa.Table, wanted: set[str]) -> dict[str, int]:
    kept = records.filter(pc.is_in(records["record_id"], value_set=pa.array(sorted(wanted), pa.string())))
    seconds = pc.divide(kept["created_at"].cast(pa.int64()), 1_000_000)
    return dict(zip(kept["record_id"].to_pylist(), seconds.to_pylist(), strict=True))
