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
from spmc_tools.findings.events.events import exact_times

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["APPOINTED_SHARE", "appointed_share", "exact_seconds"]

APPOINTED_SHARE = 0.5
"""From this share of the posts in step on, inclusive, a trace rests on an appointment."""

_SECONDS_OF_DAY = 86_400


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


def exact_seconds(records: pa.Table, wanted: set[str]) -> dict[str, int]:
    """Return the second since 1970 UTC of those wanted records whose clock goes by the second, by record.

    Parameters
    ----------
    records : pyarrow.Table
        All records.
    wanted : set of str
        Ids of records; others are left out.
    """
    mine = pc.is_in(records["record_id"], value_set=pa.array(sorted(wanted), pa.string()))
    kept = records.filter(pc.and_(mine, pa.array(exact_times(records))))
    seconds = pc.divide(kept["created_at"].cast(pa.int64()), 1_000_000)
    return dict(zip(kept["record_id"].to_pylist(), seconds.to_pylist(), strict=True))
