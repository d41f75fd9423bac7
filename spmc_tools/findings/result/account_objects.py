"""Which accounts touched which things: the graph of accounts and objects behind findings of every kind.

Pairs, events and groups within hours each rest on things that several accounts touched: a post that they reposted, a
text, a link, a moment. Here each thing is a row with the account that touched it, whatever made the finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.findings.clusters.evidence import carrying, in_step, widest
from spmc_tools.findings.sessions.moments import MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["COLUMNS", "account_objects", "in_bursts", "in_sessions"]

COLUMNS = ("account_id", "trace", "object_id", "by", "record_id")
"""``by``: "pairs", "event" or "session"."""


def account_objects(  # noqa: PLR0913, PLR0917 -- what findings rest on, each table by its name
    edges: pd.DataFrame,
    excluded: pd.DataFrame,
    signed: pd.DataFrame,
    sessions: pd.DataFrame,
    actions: Callable[[str], pa.Table],
    accounts: Collection[str],
) -> pd.DataFrame:
    """Return the things behind the findings of some accounts, one row for each record of an account on a thing.

    Parameters
    ----------
    edges, excluded, sessions : pandas.DataFrame
        As in the findings; edges that carry no finding are left out.
    signed : pandas.DataFrame
        ``account_id, trace, object_id, record_id``: records that sign an event.
    actions : callable
        Trace -> its actions.
    accounts : collection of str
        Those that are asked for.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`, ordered; a record on a thing stands once for each kind of finding. A moment, by time alone, is
        no thing.
    """
    parts = [pd.DataFrame({name: pd.Series(dtype=str) for name in COLUMNS})]
    strong = widest(edges[carrying(edges)])
    for trace in dict.fromkeys(strong["trace"]):
        trace_edges = strong[strong["trace"] == trace].reset_index(drop=True)
        hot = excluded[excluded["trace"] == trace]
        step = in_step(actions(trace), trace_edges, hot)
        counted = step.filter(step["counted"]).select(["account_id", "object_id", "record_id"])
        parts.append(counted.to_pandas().assign(trace=trace, by="pairs"))
    parts.append(signed[["account_id", "trace", "object_id", "record_id"]].assign(by="event"))
    parts.append(in_sessions(sessions, actions).assign(by="session"))
    whole = pd.concat([part[list(COLUMNS)] for part in parts], ignore_index=True)
    whole = whole[whole["account_id"].isin(list(accounts))].drop_duplicates()
    found: pd.DataFrame = whole.sort_values(list(COLUMNS), kind="stable", ignore_index=True)
    return found


def in_sessions(sessions: pd.DataFrame, actions: Callable[[str], pa.Table], account: str | None = None) -> pd.DataFrame:
    """Return ``account_id, trace, object_id, record_id`` of members on the things that groups within hours shared.

    Parameters
    ----------
    sessions : pandas.DataFrame
        As in the findings; each names fifty things at most. Groups by time alone shared no thing and are left out.
    actions : callable
        Trace -> its actions.
    account : str, optional
        Of this member only.
    """
    parts = [pd.DataFrame({name: pd.Series(dtype=str) for name in ("account_id", "trace", "object_id", "record_id")})]
    for row in sessions[sessions["trace"] != MOMENT].to_dict("records") if len(sessions) else ():
        members = [account] if account is not None else list(row["accounts"])
        if account is not None and account not in row["accounts"]:
            continue
        table = actions(row["trace"])
        t = table["t"].cast(pa.timestamp("us", tz="UTC"))
        first, last = (
            pa.scalar(row[name].to_pydatetime(), pa.timestamp("us", tz="UTC")) for name in ("first_t", "last_t")
        )
        inside = pc.and_(pc.greater_equal(t, first), pc.less_equal(t, last))
        on = pc.is_in(table["object_id"], value_set=pa.array(row["objects"], pa.string()))
        by = pc.is_in(table["account_id"], value_set=pa.array(members, pa.string()))
        kept = table.filter(pc.and_(pc.and_(inside, on), by)).select(["account_id", "object_id", "record_id"])
        parts.append(kept.to_pandas().assign(trace=row["trace"]))
    found: pd.DataFrame = pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)
    return found


def in_bursts(bursts: pd.DataFrame, records: pa.Table, account: str) -> pd.DataFrame:
    """Return ``record_id, created_at, event_id, trace, object_id, significant`` of an account's records in bursts.

    Parameters
    ----------
    bursts : pandas.DataFrame
        As in the findings; not empty.
    records : pyarrow.Table
        All records.
    account : str
        Whose.
    """
    own = records.filter(pc.equal(records["account_id"], account)).select(["record_id", "created_at"]).to_pandas()
    start = own["created_at"].dt.floor(pd.Timedelta(seconds=float(bursts["bin_s"].iloc[0])))
    inside = own[start.isin(bursts["bin_start"])]
    bins = [str(value) for value in start[inside.index]]
    found: pd.DataFrame = inside.assign(event_id=float("nan"), trace="burst", object_id=bins, significant=False)
    return found
