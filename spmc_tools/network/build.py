"""The network of a finding: accounts as nodes, the edges that carry it as links, for networkx and for files.

An edge carries a finding if its q is below .05, or if it is a weak edge inside a proven group: there the group stands
out, and no single pair need do so. ``carried_by`` tells the two apart.
"""

from __future__ import annotations

from typing import Any

import networkx as nx
import pandas as pd

from spmc_tools.chance.statistics.false_discovery import LEVEL

__all__ = ["BY_GROUP", "BY_Q", "build", "one_row_per_pair"]

BY_Q, BY_GROUP = "q", "proven group"
"""What makes an edge carry a finding: its own q, or only the proven group that it lies in."""


def one_row_per_pair(edges: pd.DataFrame) -> pd.DataFrame:
    """Return one row per pair of accounts over all traces and windows: its least probable row.

    Parameters
    ----------
    edges : pandas.DataFrame
        ``trace, account_a, account_b, window_s, n_occasions, expected, p, q``.

    Returns
    -------
    pandas.DataFrame
        Ordered by the two ids; ``traces`` (list of names, in order) holds every trace the pair has a row in.
    """
    keys = ["account_a", "account_b"]
    ordered = edges.sort_values([*keys, "p", "trace", "window_s"], kind="stable")
    best = ordered.drop_duplicates(keys).sort_values(keys, kind="stable").reset_index(drop=True)
    named = ordered.groupby(keys, sort=True)["trace"].agg(lambda column: sorted(set(column)))
    best["traces"] = pd.Series(named.tolist(), dtype=object)
    return best


def build(edges: pd.DataFrame, accounts: pd.DataFrame) -> nx.Graph[Any]:
    """Return the graph of these edges; nodes and edges come in the order of the ids.

    Parameters
    ----------
    edges : pandas.DataFrame
        As :func:`one_row_per_pair` takes them, only rows that carry a finding: a pair may stand on several.
    accounts : pandas.DataFrame
        ``account_id, tier, cluster_id``; accounts without an edge are left out.

    Returns
    -------
    networkx.Graph
        Nodes have ``tier`` ("A", "B", "C" or "") and ``cluster`` (0 where none); edges have ``n_occasions``,
        ``expected``, ``p``, ``q``, ``window_s`` of the pair's least probable row, ``traces``, names with commas, and
        ``carried_by``: :data:`BY_Q` where a row of the pair has q < .05, else :data:`BY_GROUP`. Only text and numbers,
        so that every file format holds them.

    Notes
    -----
    An edge says that two accounts acted together more than expected, not that they know of each other.
    """
    graph: nx.Graph[Any] = nx.Graph()
    pairs = one_row_per_pair(edges)
    strong = edges[edges["q"] < LEVEL]
    by_q = set(zip(strong["account_a"], strong["account_b"], strict=True))
    tier = accounts.set_index("account_id")["tier"]
    cluster = accounts.set_index("account_id")["cluster_id"]
    for account in sorted({*pairs["account_a"], *pairs["account_b"]}):
        t, c = tier.get(account), cluster.get(account)
        graph.add_node(account, tier="" if pd.isna(t) else str(t), cluster=0 if pd.isna(c) else int(c))
    for row in pairs.itertuples(index=False):
        graph.add_edge(
            row.account_a,
            row.account_b,
            n_occasions=int(row.n_occasions),  # type: ignore[arg-type]
            expected=float(row.expected),  # type: ignore[arg-type]
            p=float(row.p),  # type: ignore[arg-type]
            q=float(row.q),  # type: ignore[arg-type]
            window_s=float(row.window_s),  # type: ignore[arg-type]
            traces=",".join(row.traces),  # type: ignore[arg-type]
            carried_by=BY_Q if (row.account_a, row.account_b) in by_q else BY_GROUP,
        )
    return graph
