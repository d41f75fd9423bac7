"""Accounts active in the same minutes day after day; see :mod:`spmc_tools.chance.accounts.common_minutes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from spmc_tools.chance.accounts.common_minutes import MIN_DAYS, lockstep
from spmc_tools.chance.statistics.false_discovery import adjusted
from spmc_tools.findings.detectors.detector import signals

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["MIN_RECORDS", "clock_lockstep", "lacks"]

MIN_RECORDS = 30
LONGEST_DAYS = 10_000
"""Records further apart are not compared: every minute between them takes room, and one wrong year makes millions."""

_COARSEST_S = 60.0
_MINUTE_US = 60_000_000
_INDIA_MIN = 330
"""Minutes from UTC to the time of India: its days and its weeks are those that people live by."""


def clock_lockstep(records: pa.Table, seed: int = 0) -> pd.DataFrame:
    """Return accounts with a partner in the same minutes on five days or more: p, q, minutes in common, the partner.

    Days begin at midnight in India.

    Parameters
    ----------
    records : pyarrow.Table
        ``account_id, created_at`` and, where there is, ``time_precision_s``: what is known to more than a minute is
        left out.
    seed : int
        Of the draws.

    Returns
    -------
    pandas.DataFrame
        ``n_seen``: minutes in common with the partner; ``expected``: null (the model is one of draws).
    """
    names, account, minute = _active(records)
    if not len(names):
        return signals([])
    found = lockstep(account, minute, len(names), seed)
    q = adjusted(found.p, len(names))
    return signals(
        [
            {
                "account_id": names[i],
                "p": float(found.p[i]),
                "q": float(q[i]),
                "measure": "minutes_in_common",
                "n_seen": float(found.minutes[i]),
                "value": None,
                "n_partners": 1,
                "partners": [names[int(found.partner[i])]],
            }
            for i in np.flatnonzero(found.t > 0).tolist()
        ]
    )


def lacks(records: pa.Table) -> str | None:
    """Say why the clock cannot be looked at: too few days, no two accounts with enough records, or too long a time."""
    days = _days(_minutes(_to_the_minute(records)))
    if days < MIN_DAYS:
        return f"Times are known to the minute on {days} days of the records; it takes {MIN_DAYS} such days."
    names, _, minute = _active(records)
    if len(names) < 2:
        return f"Fewer than two accounts have {MIN_RECORDS} records with times known to the minute."
    days = _days(minute)
    if days < MIN_DAYS:
        return (
            f"The accounts with {MIN_RECORDS} records or more with times known to the minute have them on {days} days; "
            f"it takes {MIN_DAYS} days."
        )
    period = int(minute.max() - minute.min()) // 1440
    if period > LONGEST_DAYS:
        return (
            f"The records lie up to {period:,} days apart, and minutes are compared over at most {LONGEST_DAYS:,}; "
            "look at a shorter period, or correct the times that are wrong."
        )
    return None


def _days(minutes: np.ndarray) -> int:
    """Return on how many days some minutes of :func:`_minutes` lie."""
    return len(np.unique(minutes // 1440))


def _minutes(records: pa.Table) -> np.ndarray:
    """Return the minutes of some records since 1970-01-01 00:00 in India."""
    minutes: np.ndarray = records["created_at"].cast("int64").to_numpy() // _MINUTE_US + _INDIA_MIN
    return minutes


def _to_the_minute(records: pa.Table) -> pa.Table:
    """Return the records whose times are known to a minute or better; where nothing is said of it, all."""
    if "time_precision_s" not in records.column_names:
        return records
    fine = pc.less_equal(records["time_precision_s"], _COARSEST_S)
    return records.filter(pc.fill_null(fine, fill_value=True))


def _active(records: pa.Table) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the accounts with enough records, by id, and their active minutes, each once."""
    records = _to_the_minute(records)
    counts = records["account_id"].value_counts()
    enough = counts.filter(pc.greater_equal(counts.field("counts"), MIN_RECORDS)).field("values")
    names = sorted(enough.to_pylist())
    active = records.filter(pc.is_in(records["account_id"], value_set=enough))
    place = {name: code for code, name in enumerate(names)}
    coded = active["account_id"].combine_chunks().dictionary_encode()
    codes = np.array([place[name] for name in coded.dictionary.to_pylist()], dtype=np.int64)
    account = codes[coded.indices.to_numpy(zero_copy_only=False)] if len(active) else np.empty(0, np.int64)
    minute = _minutes(active)
    pairs = np.unique(np.stack([account, minute], axis=1), axis=0) if len(active) else np.empty((0, 2), np.int64)
    return names, pairs[:, 0].copy(), pairs[:, 1].copy()
