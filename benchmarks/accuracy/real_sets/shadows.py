"""Shadows of how a table was collected: they tell labelled accounts from a crowd without anybody acting together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import numpy as np

    from benchmarks.accuracy.real_sets.real_tables import RealTable

__all__ = ["is_empty", "shadows"]

_FRAME = ["record_id", "account_id", "created_at", "platform", "time_precision_s"]
"""Columns that every record has."""


def is_empty(column: pd.Series) -> np.ndarray:
    """Return where a column holds nothing: null, a text without a character, a list without an item."""
    empty: np.ndarray = column.isna().to_numpy(bool, copy=True)
    empty |= [hasattr(value, "__len__") and len(value) == 0 for value in column]
    return empty


def shadows(table: RealTable) -> dict[str, np.ndarray]:
    """Return posts, active days, records in the same hours, and each column's share of an account's empty records.

    Days and hours are UTC. Records in the same hours: the mean, over an account's records, of the number of records
    that all accounts have in that hour. Who posts when the collection is full shares bins of time for no other reason.

    An empty column can point either way, so its filled share stands beside it; a column that is empty, or filled, in
    all records points nowhere and has no entry.
    """
    records, accounts = table.records, table.labelled.index
    days = records["created_at"].dt.floor("D").groupby(records["account_id"]).nunique()
    hour = records["created_at"].dt.floor("h")
    in_hour = hour.map(hour.value_counts()).groupby(records["account_id"]).mean()
    found = {
        "number of posts": table.n_posts.to_numpy(float),
        "active days": days.reindex(accounts).to_numpy(float),
        "records of everybody in its hours": in_hour.reindex(accounts).to_numpy(float),
    }
    for name in records.columns.difference(_FRAME, sort=False):
        empty = is_empty(records[name])
        if empty.any() and not empty.all():
            share = pd.Series(empty, records.index).groupby(records["account_id"]).mean()
            found[f"share with {name} empty"] = share.reindex(accounts).to_numpy(float)
            found[f"share with {name} filled"] = 1 - found[f"share with {name} empty"]
    return found
