"""The network of a finding: accounts as nodes, their significant edges as links, for networkx and for files."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pandas as pd

__all__ = ["build", "one_row_per_pair"]


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
        As :func:`one_row_per_pair` takes them: a pair may stand on several rows.
    accounts : pandas.DataFrame
        ``account_id, tier, cluster_id``; accounts without an edge are left out.

    Returns
    -------
    networkx.Graph
        Nodes have ``tier`` ("A", "B", "C" or "") and ``cluster`` (0 where none); edges have ``n_occasions``,
        ``expected``, ``p``, ``q``, ``window_s`` of the pair's least probable row and ``traces``, names with commas.
        Only text and numbers, so that every file format holds them.

    Notes
    -----
    An edge says that two accounts acted together more than expected, not that they know of each other.
    """
    graph: nx.Graph[Any] = nx.Graph()
    pairs = one_row_per_pair(edges)
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
        )
    return graph
