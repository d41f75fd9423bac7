"""Back from an edge to the records that carry it, and from a record to the row of the file it came from.

An edge's records are worked out again from the actions whenever they are asked for: nothing that is shown as evidence
was copied along the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.chance.statistics.false_discovery import LEVEL
from spmc_tools.coaction.traces.objects import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from spmc_tools.schema.arrays import Longs

__all__ = [
    "COLUMNS",
    "SIGNIFICANT",
    "carrying",
    "evidence_records",
    "in_step",
    "objects_in_step",
    "own_records_in_step",
    "records_in_step",
    "widest",
]

SIGNIFICANT = LEVEL
"""An edge with q below this is significant."""

COLUMNS = ("trace", "object_id", "window_s", "significant", "counted", "event_id", "traces", "n_objects")
"""What evidence says beside the columns of the records."""

_LINK = ("record_id", "object_id", "window_s", "significant", "counted", "trace", "order", "event_id")
_EDGES = pa.schema(
    [
        ("edge", pa.int64()),
        ("account_a", pa.string()),
        ("account_b", pa.string()),
        ("window_us", pa.int64()),
        ("timed", pa.bool_()),
    ]
)
_ANY_TIME_US = 1 << 62
_ACTIONS = f"""
create temp table acting as
select account_id, object_id, coalesce(source_id, '{UNKNOWN}') as source_id, epoch_us(t) as t_us, record_id,
       exists (select 1 from hot h where h.object_id = a.object_id
               and epoch_us(a.t) >= h.start_us and epoch_us(a.t) < h.end_us) as hot,
       exists (select 1 from hot h where h.object_id = a.object_id and h.start_us is null) as wide
from actions a
where account_id in (select account_a from wanted) or account_id in (select account_b from wanted)
"""
_STEPS = """
from wanted e
join acting a on a.account_id = e.account_a
join acting b on b.account_id = e.account_b and b.object_id = a.object_id
where abs(a.t_us - b.t_us) <= e.window_us
"""
_COUNTED = "case when e.timed then not a.hot and not b.hot else not a.wide end"


def carrying(edges: pd.DataFrame) -> pd.Series[bool]:
    """Return which edges carry a finding: q < .05, or a weak edge inside a proven group; never one of an untimed layer.

    Parameters
    ----------
    edges : pandas.DataFrame
        ``q``; ``window_s`` (null: untimed, which only ranks) and ``p_group`` where there are.
    """
    strong = edges["q"] < SIGNIFICANT
    strong = strong | (edges["p_group"] < 1) if "p_group" in edges else strong
    return strong & edges["window_s"].notna() if "window_s" in edges else strong


def widest(edges: pd.DataFrame) -> pd.DataFrame:
    """Return one row per trace and pair of accounts: its widest window, those that carry a finding before others.

    Parameters
    ----------
    edges : pandas.DataFrame
        ``trace, account_a, account_b, window_s, q``.

    Returns
    -------
    pandas.DataFrame
        The same columns and ``significant`` (see :func:`carrying`); ordered by trace, account_a, account_b.
    """
    marked = edges.assign(significant=carrying(edges))
    ordered = marked.sort_values(["trace", "account_a", "account_b", "significant", "window_s"], kind="stable")
    return ordered.drop_duplicates(["trace", "account_a", "account_b"], keep="last").reset_index(drop=True)


def _connected(actions: pa.Table, edges: pd.DataFrame, excluded: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """Return a database in memory with the wanted edges and the actions of their accounts, hot ones marked."""
    timed = edges["window_s"].notna().tolist()
    seconds = edges["window_s"].fillna(0).astype(float)
    window = [round(s * 1_000_000) if known else _ANY_TIME_US for s, known in zip(seconds, timed, strict=True)]
    ends = list(edges["account_a"]), list(edges["account_b"])
    wanted = pa.table([range(len(edges)), *ends, window, timed], schema=_EDGES)
    whole = excluded["bin_start"].isna()
    start = pa.array(
        [None if aside else t for t, aside in zip(excluded["bin_start"], whole, strict=True)],
        type=pa.timestamp("us", tz="UTC"),
    ).cast(pa.int64())
    width = pa.array([round(float(s) * 1_000_000) for s in excluded["bin_s"].fillna(0)], type=pa.int64())
    objects = pa.array(list(excluded["object_id"]), type=pa.string())
    hot = pa.table({"object_id": objects, "start_us": start, "end_us": pc.add(start, width)})
    connection = duckdb.connect(config={"threads": 2})
    for name, table in (("wanted", wanted), ("hot", hot), ("actions", actions)):
        connection.register(name, table)
    connection.execute(_ACTIONS)
    return connection


def in_step(actions: pa.Table, edges: pd.DataFrame, excluded: pd.DataFrame) -> pa.Table:
    """Return the records of each edge that have a record of the other account on their object within the window.

    Parameters
    ----------
    actions : pyarrow.Table
        Schema ``ACTIONS``, of one trace.
    edges : pandas.DataFrame
        ``account_a, account_b, window_s``: each pair once. The window is inclusive; null: at any times.
    excluded : pandas.DataFrame
        ``object_id, bin_start, bin_s``: hot objects; what stands on them in these bins does not count for a window.
        Null: an object that does not count where the window is null.

    Returns
    -------
    pyarrow.Table
        ``edge`` (row of ``edges``), ``record_id, account_id, object_id, counted``; each record and object once per
        edge, ordered. ``counted``: false where it is in step on a hot object only.

    Notes
    -----
    All records in step are given, not only the first of an account on an object, which alone the chance model counts.
    """
    connection = _connected(actions, edges, excluded)
    try:
        return connection.sql(
            f"""with step as (select e.edge, a.record_id as record_a, b.record_id as record_b, a.account_id as by_a,
                              b.account_id as by_b, a.object_id, {_COUNTED} as counted {_STEPS}),
            ends as (select edge, record_a as record_id, by_a as account_id, object_id, counted from step
                     union all select edge, record_b, by_b, object_id, counted from step)
            select edge, record_id, account_id, object_id, bool_or(counted) as counted
            from ends group by all order by all"""
        ).to_arrow_table()
    finally:
        connection.close()


def objects_in_step(actions: pa.Table, edges: pd.DataFrame, excluded: pd.DataFrame) -> pa.Table:
    """Return ``edge, object_id, source_id``: objects on which the two accounts are in step, each once, no hot ones.

    Objects without a source share one, :data:`~spmc_tools.coaction.traces.objects.UNKNOWN`.

    Parameters
    ----------
    actions, edges, excluded
        As :func:`in_step`.
    """
    connection = _connected(actions, edges, excluded)
    try:
        query = f"select distinct e.edge, a.object_id, a.source_id {_STEPS} and {_COUNTED} order by all"
        return connection.sql(query).to_arrow_table()
    finally:
        connection.close()


def records_in_step(actions: pa.Table, edges: pd.DataFrame, excluded: pd.DataFrame, group: Longs) -> pa.Table:
    """Return ``group, record_id``: the counted records in step on the edges of each group, each once per group.

    Parameters
    ----------
    actions, edges, excluded
        As :func:`in_step`.
    group : ndarray of int64, shape (len(edges),)
        The number of each edge's group. One pass over the actions serves all groups.
    """
    connection = _connected(actions, edges, excluded)
    try:
        connection.register("grouped", pa.table({"edge": range(len(edges)), "number": pa.array(group, pa.int64())}))
        return connection.sql(
            f"""with step as (select distinct g.number, a.record_id as record_a, b.record_id as record_b
                              {_STEPS.replace("where", "join grouped g on g.edge = e.edge where")}
                              and {_COUNTED})
            select number as "group", record_a as record_id from step union
            select number, record_b from step order by all"""
        ).to_arrow_table()
    finally:
        connection.close()


def own_records_in_step(
    actions: pa.Table, edges: pd.DataFrame, excluded: pd.DataFrame, accounts: Collection[str]
) -> pa.Table:
    """Return ``account_id, record_id``: the counted records in step of some accounts on their edges, each once.

    Parameters
    ----------
    actions, edges, excluded
        As :func:`in_step`.
    accounts : collection of str
        Those whose records are wanted; of the other end of an edge none is given.
    """
    connection = _connected(actions, edges, excluded)
    try:
        connection.register("who", pa.table({"account_id": pa.array(sorted(accounts), pa.string())}))
        return connection.sql(
            f"""with step as (select distinct a.account_id as by_a, a.record_id as record_a, b.account_id as by_b,
                              b.record_id as record_b {_STEPS} and {_COUNTED}),
            ends as (select by_a as account_id, record_a as record_id from step
                     union select by_b, record_b from step)
            select account_id, record_id from ends semi join who using (account_id) order by all"""
        ).to_arrow_table()
    finally:
        connection.close()


def evidence_records(
    records: pa.Table, carried: list[tuple[str, pd.DataFrame, pa.Table]], signed: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the records behind some edges and events in time order, each once, with the row of the file they are from.

    Parameters
    ----------
    records : pyarrow.Table
        All records, in time order.
    carried : list of (trace, edges, records in step)
        In the order of the traces: edges as :func:`widest` gives them, and :func:`in_step` over them.
    signed : pandas.DataFrame, optional
        ``event_id, trace, record_id, object_id``: records that sign events; ``significant``, where they may not.

    Returns
    -------
    pandas.DataFrame
        The columns of the records and :data:`COLUMNS`: ``trace``, ``object_id`` and ``window_s`` of the first trace
        and object that the record carries (the window is null where it is of no edge), ``significant`` (it is of an
        edge that carries a finding, or signs an event), ``counted`` (not only on hot objects), ``event_id`` (the first
        event that it signs, or null), ``traces`` (list) and ``n_objects`` (objects of these edges and events that it
        carries).
    """
    import numpy as np
    import pandas as pd

    parts = [pd.DataFrame({name: [] for name in _LINK}).astype({"record_id": str, "object_id": str, "trace": str})]
    for order, (trace, edges, step) in enumerate(carried):
        frame: Any = step.select(["edge", "record_id", "object_id", "counted"]).to_pandas()
        at = frame["edge"].to_numpy()
        frame["window_s"] = edges["window_s"].to_numpy()[at]
        frame["significant"] = edges["significant"].to_numpy()[at]
        parts.append(frame.assign(trace=trace, order=order, event_id=np.nan))
    if signed is not None and len(signed):
        order_of = {trace: order for order, (trace, _, _) in enumerate(carried)}
        orders = [order_of.get(trace, len(order_of)) for trace in signed["trace"]]
        signed_links = signed[["record_id", "object_id", "trace", "event_id"]].astype({"event_id": "float64"})
        strong = signed.get("significant", True)
        parts.append(signed_links.assign(window_s=np.nan, significant=strong, counted=True, order=orders))
    links = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    links = links.sort_values(
        ["record_id", "significant", "counted", "order", "object_id", "window_s"],
        ascending=[True, False, False, True, True, False],
        kind="stable",
    )
    per_record = links.groupby("record_id", sort=True)
    summary = per_record.agg(
        trace=("trace", "first"),
        object_id=("object_id", "first"),
        window_s=("window_s", "first"),
        significant=("significant", "any"),
        counted=("counted", "any"),
        event_id=("event_id", "min"),
        traces=("trace", lambda column: list(dict.fromkeys(column))),
    )
    summary["n_objects"] = links.drop_duplicates(["record_id", "order", "object_id"]).groupby("record_id").size()
    summary = summary.astype({"significant": bool, "counted": bool, "event_id": "Int64"})
    summary["n_objects"] = summary["n_objects"].fillna(0).astype("int64")
    chosen = records.filter(pc.is_in(records["record_id"], value_set=pa.array(summary.index, type=pa.string())))
    found: pd.DataFrame = chosen.to_pandas().merge(summary.reset_index(), on="record_id", how="left")
    return found
