"""What accounts of a table touched, over all traces that pairs are counted in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from spmc_tools.coaction.traces.trace import lacking
from spmc_tools.coaction.traces.trace_catalogue import TRACES, actions_of

if TYPE_CHECKING:
    from benchmarks.accuracy.real_sets.real_tables import RealTable

__all__ = ["COUNTED", "acts_of"]

COUNTED = ("co_repost", "copypasta", "co_hashtag_sequence", "co_url", "co_reply", "co_mention")


def acts_of(table: RealTable) -> pd.DataFrame:
    """Return one row per act: ``trace``, ``account`` (place in ``labelled``), ``thing`` (whole number), ``t_us``.

    ``thing`` is an object of one trace: a text and an address are never the same thing. A trace whose columns the
    records lack has no acts.
    """
    records = pa.Table.from_pandas(table.records, preserve_index=False)
    parts = [
        actions_of(records, name).select(["trace", "account_id", "object_id", "t"]).to_pandas()
        for name in COUNTED
        if not lacking(records, TRACES[name])
    ]
    empty = pd.DataFrame({"trace": [], "account_id": [], "object_id": [], "t": pd.to_datetime([], utc=True)})
    acts = pd.concat(parts, ignore_index=True) if parts else empty
    return pd.DataFrame(
        {
            "trace": acts["trace"].to_numpy(object),
            "account": table.labelled.index.get_indexer(pd.Index(acts["account_id"])),
            "thing": acts.groupby(["trace", "object_id"], sort=False).ngroup().to_numpy("int64"),
            "t_us": acts["t"].astype("datetime64[us, UTC]").astype("int64").to_numpy(),
        }
    )
