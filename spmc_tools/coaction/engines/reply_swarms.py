"""Reply swarms: five accounts or more that reply to one post within ten minutes.

A swarm is no finding: it says where people came together, and stands beside the trace of replies as context. **Known
false positives**: every post that many people read; service desks, live threads, calls for questions, accidents.
Reference: Pote et al. (2025), ICWSM 19.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from spmc_tools.schema import REPLY_SWARMS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FEWEST", "WITHIN_S", "reply_swarms"]

FEWEST = 5
WITHIN_S = 600


def reply_swarms(actions: pa.Table) -> pd.DataFrame:
    """Return the posts with a swarm in the columns of ``reply_swarms``, most accounts first.

    Parameters
    ----------
    actions : pyarrow.Table
        Schema ``ACTIONS``, of replies. Each account counts once per post, with its first reply; ten minutes inclusive.
        Of several equal stretches the earliest is given.
    """
    frame = actions.select(["object_id", "account_id", "source_id"]).to_pandas()
    frame["t"] = actions["t"].cast(pa.int64()).to_numpy()
    first = frame.groupby(["object_id", "account_id"], sort=True).agg(t=("t", "min"), source_id=("source_id", "min"))
    rows: list[dict[str, Any]] = []
    for object_id, replies in first.reset_index().groupby("object_id", sort=True):
        if len(replies) < FEWEST:
            continue
        t = np.sort(replies["t"].to_numpy())
        ends = np.searchsorted(t, t + WITHIN_S * 1_000_000, side="right")
        best = int(np.argmax(ends - np.arange(t.size)))
        n = int(ends[best]) - best
        if n >= FEWEST:
            source = replies["source_id"].dropna()
            rows.append(
                {
                    "object_id": object_id,
                    "source_id": source.min() if len(source) else None,
                    "first_t": int(t[best]),
                    "last_t": int(t[ends[best] - 1]),
                    "n_accounts": n,
                    "n_accounts_ever": len(replies),
                }
            )
    rows.sort(key=lambda row: (-row["n_accounts"], row["object_id"]))
    swarms: pd.DataFrame = pa.Table.from_pylist(rows, schema=REPLY_SWARMS.schema).to_pandas()
    return swarms
