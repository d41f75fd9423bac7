"""Clusters of events beside communities of pairs: which of them are one, and who belongs where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spmc_tools.findings.events.event_clusters import SHARED, EventCluster

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Part", "parts"]


@dataclass(frozen=True, slots=True)
class Part:
    """Accounts that make one cluster: in the order of their ids.

    ``stability`` is that of the largest community in it, None where it rests on events alone; ``events`` are the
    numbers of its events, none where it rests on pairs alone.
    """

    accounts: tuple[str, ...]
    stability: float | None
    events: tuple[int, ...] = ()


def parts(
    communities: Sequence[Sequence[str]], kept: Sequence[float], events: Sequence[EventCluster], stable: float
) -> list[Part]:
    """Return the clusters of an investigation; no account is in two, none has fewer than two.

    Parameters
    ----------
    communities : sequence of sequence of str
        Accounts that hang together by significant pairs; no account is in two.
    kept : sequence of float
        Stability of each.
    events : sequence of EventCluster
        The largest first; no account is in two.
    stable : float
        Communities of at least this stability keep their accounts.

    Notes
    -----
    A stable community and a cluster of events are one if they share at least three accounts and half of the smaller
    one's; a community goes to the largest cluster of events that is like it. Else an account in both stays in its
    stable community, and leaves one that is not stable.
    """
    home = {account: n for n, members in enumerate(communities) if kept[n] >= stable for account in members}
    found: list[Part] = []
    gone: set[str] = set()
    merged: set[int] = set()
    for cluster in events:
        shared: dict[int, int] = {}
        for account in cluster.accounts:
            if account in home:
                shared[home[account]] = shared.get(home[account], 0) + 1
        joined = [
            n
            for n, count in sorted(shared.items())
            if n not in merged and count >= SHARED and 2 * count >= min(len(communities[n]), len(cluster.accounts))
        ]
        merged.update(joined)
        accounts = {a for a in cluster.accounts if a not in gone and home.get(a) in {None, *joined}}
        accounts.update(account for n in joined for account in communities[n])
        if len(accounts) < 2:
            continue
        gone |= accounts
        largest = max(joined, key=lambda n: (len(communities[n]), -n), default=None)
        found.append(
            Part(tuple(sorted(accounts)), None if largest is None else kept[largest], tuple(sorted(cluster.events)))
        )
    for n, community in enumerate(communities):
        left = tuple(sorted(set(community) - gone))
        if n not in merged and len(left) >= 2:
            found.append(Part(left, kept[n]))
    return found
