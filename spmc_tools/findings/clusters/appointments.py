"""Traces of an account that rest on an appointment that a scheduler keeps: shown, and not named.

Shops of a chain post one offer a day at 10:00:00, each by the scheduler of the same program; so may a campaign. Nothing
in the records separates the two. An own post in step is *appointed* if it stands on a scheduler's second of the minute
(:data:`~spmc_tools.chance.events.own_count.SCHEDULED`) and the account has another such post in the trace at the same
minute of another day. A trace of posts (texts, links, tags, pictures) rests on an appointment if at least
:data:`APPOINTED_SHARE` of the account's posts in step are appointed. Reposts cannot be planned so, and stay as they
are; posts whose clock does not go by the second are never appointed.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.chance.events.own_count import SCHEDULED
from spmc_tools.findings.clusters.account_rows import explained_by
from spmc_tools.findings.clusters.benign_pattern import EXPLAINED
from spmc_tools.findings.clusters.same_posts import records_in_step
from spmc_tools.findings.events.events import exact_times
from spmc_tools.findings.tiers.scores import naming

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from spmc_tools.findings.clusters.clusters import Ground
    from spmc_tools.findings.tiers.scores import Scored

__all__ = ["APPOINTED_SHARE", "appointed_share", "appointments"]

APPOINTED_SHARE = 0.5
"""From this share of the posts in step on, inclusive, a trace rests on an appointment."""

_SECONDS_OF_DAY = 86_400


def appointments(
    records: pa.Table, rows: Mapping[str, Sequence[Scored]], ground: Ground, benign: Mapping[str, Mapping[str, Any]]
) -> dict[str, frozenset[str]]:
    """Return for each account that a trace of posts may name which of these traces rest on an appointment.

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

    Returns
    -------
    dict of account -> frozenset of str
        Accounts without such a trace are left out.
    """
    speaking = {}
    for account, scored in rows.items():
        traces = [name for name in naming(scored, explained_by(benign.get(account))) if name in EXPLAINED]
        if traces:
            speaking[account] = traces
    posts = records_in_step(speaking, ground)
    seconds = _exact_seconds(records, {record for listed in posts.values() for record in listed})
    found: dict[str, set[str]] = defaultdict(set)
    for (account, trace), listed in posts.items():
        if appointed_share([seconds.get(record) for record in listed]) >= APPOINTED_SHARE:
            found[account].add(trace)
    return {account: frozenset(traces) for account, traces in found.items()}


def appointed_share(seconds: Sequence[int | None]) -> float:
    """Return the share of an account's posts that are appointed; 0 without any.

    Parameters
    ----------
    seconds : sequence of int or None
        Times of its posts in step, seconds since 1970 UTC; None where the clock does not go by the second.
    """
    days: dict[int, set[int]] = defaultdict(set)
    planned = [second for second in seconds if second is not None and second % 60 in SCHEDULED]
    for second in planned:
        days[second % _SECONDS_OF_DAY // 60].add(second // _SECONDS_OF_DAY)
    kept = sum(len(days[second % _SECONDS_OF_DAY // 60]) >= 2 for second in planned)
    return kept / len(seconds) if seconds else 0.0


def _exact_seconds(records: pa.Table, wanted: set[str]) -> dict[str, int]:
    """Return the second since 1970 of those wanted records whose clock goes by the second."""
    mine = pc.is_in(records["record_id"], value_set=pa.array(sorted(wanted), pa.string()))
    kept = records.filter(pc.and_(mine, pa.array(exact_times(records))))
    seconds = pc.divide(kept["created_at"].cast(pa.int64()), 1_000_000)
    return dict(zip(kept["record_id"].to_pylist(), seconds.to_pylist(), strict=True))
