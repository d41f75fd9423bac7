"""Bursts without any object, over all records: which seconds, and which accounts are in them again and again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.chance.events.burst_bins import bursts
from spmc_tools.chance.statistics.false_discovery import LEVEL
from spmc_tools.findings.events.events import exact_times

__all__ = ["InBursts", "found_bursts"]


@dataclass(frozen=True, slots=True)
class InBursts:
    """Bursts of an investigation.

    ``rows``: columns of the table ``bursts``, in order of time. ``accounts``: account -> (bursts it is in, q), of
    those in two or more. ``notes``: what was learned; empty where bursts were not looked for.
    """

    rows: list[dict[str, Any]]
    accounts: dict[str, tuple[int, float]]
    notes: dict[str, Any] = field(default_factory=dict)

    def ranks(self, account: str) -> bool:
        """Return whether an account is in more bursts than chance explains: a person may look, no more."""
        return account in self.accounts and self.accounts[account][1] < LEVEL


def found_bursts(records: pa.Table) -> InBursts:
    """Return the bursts of the records whose clock goes by the second.

    Parameters
    ----------
    records : pyarrow.Table
        All records, of any kind.
    """
    exact = records.filter(pa.array(exact_times(records)))
    if not len(exact):
        return InBursts([], {})
    ids = sorted(exact["account_id"].unique().to_pylist())
    account = pc.index_in(exact["account_id"].combine_chunks(), value_set=pa.array(ids)).to_numpy()
    found = bursts(account.astype(np.int64), exact["created_at"].cast(pa.int64()).to_numpy(), len(ids))
    columns = (found.start_us, found.n_accounts, found.expected, found.p, found.q)
    names = ("bin_start", "n_accounts", "expected", "p", "q")
    rows = [
        dict(zip(names, row, strict=True)) | {"bin_s": float(found.bin_s)}
        for row in zip(*(column.tolist() for column in columns), strict=True)
    ]
    for row in rows:
        row["bin_start"] = pd.Timestamp(row["bin_start"], unit="us", tz="UTC")
    again = np.flatnonzero(found.in_bursts >= 2).tolist()
    accounts = {ids[i]: (int(found.in_bursts[i]), float(found.account_q[i])) for i in again}
    notes = {"n_records": len(exact), "bin_s": found.bin_s, "n_bursts": len(rows)}
    return InBursts(rows, accounts, notes | {"alpha": found.alpha, "share": found.share})
