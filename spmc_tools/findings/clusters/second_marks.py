"""Findings that rest on ready-made posts alone: shown, and not named without a second mark from other posts.

A text, a row of tags or a picture can be passed on by anybody who received it. Readers of an open list,
branches of an office, believers and volunteers with a ready text post the same within minutes, often for weeks; so may
a campaign. By such posts alone nothing separates them, and an account that nothing but these speak for is shown
(tier C). A *second mark* is something that receiving the same posts does not bring about:

* **Other trace**: reposts, replies, mentions or links in step that may name the account by themselves, on other posts
  than the texts: a link inside a text that is passed on is no second mark.
* **Event**: a text on common seconds by one client, or by the account's own count
  (:mod:`spmc_tools.findings.events.events`).
* **Session**: a group within hours (:mod:`spmc_tools.findings.sessions.sessions`) in a trace of reposts, replies or
  mentions, which its pairs give away: one by rare meetings, by common strikes or by a circle's hot things alone is
  no mark.
* **Made together**: at least :data:`MADE_TOGETHER` accounts of its cluster were made on the same conspicuous day
  (:mod:`spmc_tools.findings.detectors.account_cohort`).

Where at least :data:`GROUP_SHARE` of the accounts of a cluster that ready-made posts would name have a mark, it holds
for all of them.

Notes
-----
Known errors. Pages that an institution made on one day have the mark and are no campaign. A campaign that copies texts
and does nothing else together is shown and not named.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from spmc_tools.findings.clusters.account_rows import explained_by, tier_by_unexplained_events
from spmc_tools.findings.clusters.benign_pattern import EXPLAINED
from spmc_tools.findings.sessions.moments import MOMENT
from spmc_tools.findings.sessions.rewritten import REWRITTEN
from spmc_tools.findings.tiers.scores import naming

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

    import pandas as pd

    from spmc_tools.findings.events.events import EventAccount
    from spmc_tools.findings.tiers.scores import Scored

__all__ = ["GROUP_SHARE", "MADE_TOGETHER", "READY", "in_other_sessions", "made_together", "ready_made_alone"]

READY = frozenset({"copypasta", "co_hashtag_sequence", "co_media"})
"""Traces of posts that are ready made."""

MADE_TOGETHER = 3
"""Accounts of one cluster made on one conspicuous day, at least, inclusive."""

GROUP_SHARE = 0.5
"""From this share of a cluster on, inclusive, a mark of its members holds for all of them."""


def ready_made_alone(  # noqa: PLR0913, PLR0917 -- all that may be a mark, each by its name
    rows: Mapping[str, Sequence[Scored]],
    benign: Mapping[str, Mapping[str, Any]],
    ordinary: Mapping[str, Collection[str]],
    events: Mapping[str, EventAccount],
    cluster_of: Mapping[str, int],
    marked: Collection[str],
    same: Mapping[str, Collection[frozenset[str]]],
) -> dict[str, frozenset[str]]:
    """Return the traces that would name an account for which ready-made posts and no second mark speak.

    Parameters
    ----------
    rows : mapping of account -> sequence of Scored
        What each trace says of it.
    benign : mapping of account -> mapping
        Newsroom patterns; traces that one explains do not name.
    ordinary : mapping of account -> collection of str
        Traces that an ordinary pattern explains; these do not name either.
    events : mapping of account -> EventAccount
        What events say of it.
    cluster_of : mapping of account -> int
        Its cluster; accounts in none are judged by themselves.
    marked : collection of str
        Accounts with a mark from sessions or from the day on which they were made.
    same : mapping of account -> collection of frozenset
        Two traces each that rest on the same posts of the account.
    """
    alone: dict[str, frozenset[str]] = {}
    has_mark: dict[str, bool] = {}
    for account, scored in rows.items():
        explained = explained_by(benign.get(account))
        speaking = frozenset(naming(scored, {*explained, *ordinary.get(account, ())}))
        ready = speaking & READY
        if not ready:
            continue
        apart = [
            name
            for name in speaking - READY
            if all(frozenset((name, own)) not in same.get(account, ()) for own in ready)
        ]
        by_events = tier_by_unexplained_events(events.get(account), explained)
        has_mark[account] = bool(apart) or by_events in {"A", "B"} or account in marked
        if not has_mark[account]:
            alone[account] = speaking
    members = Counter(cluster_of[account] for account in has_mark if account in cluster_of)
    with_mark = Counter(cluster_of[account] for account, has in has_mark.items() if has and account in cluster_of)
    whole = {cluster for cluster, n in members.items() if with_mark[cluster] >= GROUP_SHARE * n}
    return {account: traces for account, traces in alone.items() if cluster_of.get(account) not in whole}


def in_other_sessions(sessions: pd.DataFrame) -> set[str]:
    """Return the accounts in groups within hours of reposts, replies or mentions that their pairs give away."""
    if not len(sessions):
        return set()
    by_pairs = sessions["p"].notna() & (sessions["n_ties"] > 0)
    other = ~sessions["trace"].isin({*EXPLAINED, MOMENT, REWRITTEN}) & sessions["kind"].isna() & by_pairs
    return {account for accounts in sessions.loc[other, "accounts"] for account in accounts}


def made_together(signals: Iterable[pd.DataFrame], cluster_of: Mapping[str, int]) -> set[str]:
    """Return the accounts that were made on one conspicuous day with others of their cluster.

    Parameters
    ----------
    signals : iterable of pandas.DataFrame
        Tables of signals of all detectors.
    cluster_of : mapping of account -> int
        Its cluster; accounts in none are left out.
    """
    on: dict[tuple[int, str], set[str]] = defaultdict(set)
    for table in signals:
        if not len(table):
            continue
        days = table[table["measure"] == "made_on_one_day"]
        for account, day in zip(days["account_id"], days["value"], strict=True):
            if account in cluster_of:
                on[cluster_of[account], str(day)].add(account)
    return {account for accounts in on.values() if len(accounts) >= MADE_TOGETHER for account in accounts}
