"""The memory of a look: records that are brought into order on disk, and traces for which there is no room.

Before a stage starts, its need is estimated from the measured bytes of a row
(:mod:`spmc_tools.coaction.traces.memory_plan`)
and compared with what the case's settings, or this machine, allow. Records that do not fit twice are brought into order
on disk and read from there; a trace that does not fit is not run, and the findings say so. Nothing else changes: what
can be looked at gives the same numbers.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from spmc_tools.coaction.traces.memory_plan import MOST_TEXT, assess_need, copies_need, limits_now, must_fit, order_need
from spmc_tools.findings.pipeline.on_disk import ordered_on_disk
from spmc_tools.findings.result.received_records import received

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from spmc_tools.coaction.traces.trace import Trace
    from spmc_tools.findings.result.received_records import Received

__all__ = ["ON_DISK", "in_order", "no_room_for_actions", "no_room_for_texts"]

ON_DISK = "brought_into_order_on_disk"
"""The note of records that lie on disk: what they would have needed, what was allowed, and who says so."""

_FEW = 100_000
_LOG = logging.getLogger(__name__)


def in_order(records: list[pd.DataFrame | pa.Table]) -> Received:
    """Return checked records in their order; on disk where memory is too small for that.

    Parameters
    ----------
    records : list of one pandas.DataFrame or pyarrow.Table
        Taken out of the list, so that it is let go as soon as it is written.

    Raises
    ------
    ParameterError
        Where even sorting them would not fit.
    """
    table = records.pop()
    if not hasattr(table, "columns"):
        return received(table)  # which says what it is
    limits = limits_now()
    must_fit(len(table), "records", "investigate")
    needed = order_need(len(table), _bytes(table))
    if needed <= limits.memory:
        return received(table)
    _LOG.warning(
        "%d records need about %d MB to be brought into order, %s allows %d MB: it is done on disk, "
        "with the same result.",
        *(len(table), needed // 10**6 + 1, limits.said_by, limits.memory // 10**6),
    )
    box = [table]
    del table
    found = received(box.pop(), partial(ordered_on_disk, folder=Path(limits.scratch) if limits.scratch else None))
    found.notes[ON_DISK] = {
        "needed_bytes": needed, "allowed_bytes": limits.memory, "said_by": limits.said_by,
    }  # fmt: skip
    return found


def no_room_for_texts(records: Received, trace: Trace) -> dict[str, Any] | None:
    """Return why the copies among these texts cannot be looked for here; None where they can."""
    if trace.object != "near_duplicate":
        return None
    texts = records.table["text"]
    n_texts = len(texts) - texts.null_count
    reason = _too_much(copies_need(n_texts, texts.nbytes), _held(records), f"{n_texts} texts")
    if reason is None and texts.nbytes > MOST_TEXT:
        gigabytes = texts.nbytes / 1e9
        reason = (
            f"{n_texts} texts of {gigabytes:.1f} GB are more than the {MOST_TEXT / 1e9:.0f} GB among which copies are "
            "looked for; look at a shorter period."
        )
    return None if reason is None else _refused(trace, reason)


def no_room_for_actions(records: Received, actions: Mapping[str, pa.Table], trace: Trace) -> dict[str, Any] | None:
    """Return why a trace cannot be assessed here, beside the actions of those before it; None where it can."""
    held = _held(records) + sum(table.nbytes for table in actions.values())
    n_actions = len(actions[trace.name])
    reason = _too_much(assess_need(n_actions), held, f"{n_actions} actions")
    return None if reason is None else _refused(trace, reason)


def _held(records: Received) -> int:
    return 0 if ON_DISK in records.notes else int(records.table.nbytes)


def _too_much(need: int, held: int, what: str) -> str | None:
    limits = limits_now()
    needed = need + held
    if needed <= limits.memory:
        return None
    return (
        f"{what} need about {needed // 10**6 + 1} MB, {limits.said_by} allows {limits.memory // 10**6} MB; give more "
        "(memory_limit in case.toml), or look at a shorter period."
    )


def _refused(trace: Trace, reason: str) -> dict[str, Any]:
    return {"trace": trace.name, "window_s": None, "reason": reason, "code": "too_large"}


def _bytes(records: pd.DataFrame | pa.Table) -> int:
    if not isinstance(records, pa.Table):
        first = records.head(_FEW)
        return int(np.sum(first.memory_usage(index=False, deep=True)) * len(records) / max(len(first), 1))
    return int(records.nbytes)
