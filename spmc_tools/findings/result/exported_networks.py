"""Findings as networks for Gephi, Cytoscape and the like: of accounts, and of accounts and the things they touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from spmc_tools.findings.clusters.evidence import carrying
from spmc_tools.findings.clusters.ordinary_patterns import PATTERNS
from spmc_tools.network.build import build

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["accounts_graph", "gexf", "graphml", "objects_graph"]


class Tables(Protocol):
    """What the graphs are drawn from."""

    @property
    def accounts(self) -> pd.DataFrame:
        """As in the findings."""

    @property
    def edges(self) -> pd.DataFrame:
        """As in the findings."""

    @property
    def ordinary_patterns(self) -> pd.DataFrame:
        """As in the findings."""

    @property
    def objects(self) -> Callable[[], pd.DataFrame]:
        """Gives ``account_id, trace, object_id, by, record_id``."""


def accounts_graph(found: Tables, shown: Callable[[str], str], about: Mapping[str, str]) -> Any:
    """Return every account that may be named and the edges that carry a finding with their ends, as a networkx graph.

    Parameters
    ----------
    found : Tables
        Of an investigation.
    shown : callable
        Account id -> what stands for it; two that come to the same are numbered.
    about : mapping
        Data of the graph.

    Returns
    -------
    networkx.Graph
        As :func:`spmc_tools.network.build.build` makes it, by what is shown; nodes have ``basis`` besides: several,
        few, one, event, session, burst or nothing; and ``pattern``: the ordinary patterns that explain a trace of it.
    """
    import networkx as nx

    accounts = _by_id(found.accounts)
    graph = build(found.edges[carrying(found.edges)], found.accounts)
    for account in sorted(accounts):
        if accounts[account]["tier"] in {"A", "B"} and account not in graph:
            graph.add_node(account, **_place(accounts[account]))
    pattern_of = _patterns(found)
    for account in graph:
        graph.nodes[account].update(basis=_basis(accounts[account]), pattern=pattern_of.get(account, ""))
    names = _distinct(list(graph), shown)
    drawn = nx.Graph(**about)
    drawn.add_nodes_from((names[node], graph.nodes[node]) for node in sorted(graph, key=names.__getitem__))
    ends = {tuple(sorted((names[a], names[b]))): facts for a, b, facts in graph.edges(data=True)}
    drawn.add_edges_from((*pair, ends[pair]) for pair in sorted(ends))
    return drawn


def objects_graph(found: Tables, shown: Callable[[str], str], about: Mapping[str, str]) -> Any:
    """Return accounts with a tier, the things that it rests on, and who touched which, as a networkx graph.

    Parameters
    ----------
    found, shown, about
        As for :func:`accounts_graph`.

    Returns
    -------
    networkx.Graph
        Nodes have ``kind``: "account" with ``tier, cluster, basis, pattern``, or "object" with ``trace`` and
        ``n_accounts``; objects are numbered over all traces, those of most accounts first within each. Links have
        ``n_records`` and ``by``.
    """
    import networkx as nx

    accounts = {account: row for account, row in _by_id(found.accounts).items() if not pd.isna(row["tier"])}
    names = _distinct(sorted(accounts), shown)
    drawn, pattern_of = nx.Graph(**about), _patterns(found)
    for account in sorted(names, key=names.__getitem__):
        place, basis, pattern = _place(accounts[account]), _basis(accounts[account]), pattern_of.get(account, "")
        drawn.add_node(names[account], kind="account", **place, basis=basis, pattern=pattern)
    rows = found.objects()
    sizes: Any = rows.groupby(["trace", "object_id"])["account_id"].nunique()
    order = sorted(sizes.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    number = {thing: f"{thing[0]} {place}" for place, (thing, _) in enumerate(order, start=1)}
    for thing, size in order:
        drawn.add_node(number[thing], kind="object", trace=thing[0], n_accounts=int(size))
    each: Any = rows.groupby(["account_id", "trace", "object_id"], sort=True)
    links = [
        (names[account], number[trace, thing], ",".join(sorted(set(touched["by"]))), touched["record_id"].nunique())
        for (account, trace, thing), touched in each
    ]
    for account, node, by, n_records in sorted(links):
        drawn.add_edge(account, node, by=by, n_records=int(n_records))
    return drawn


def graphml(graph: Any, path: Path) -> None:
    """Write a graph as GraphML."""
    import networkx as nx

    nx.write_graphml_xml(graph, path, named_key_ids=True)


def gexf(graph: Any, path: Path) -> None:
    """Write a graph as GEXF; its data stand in the description."""
    from xml.etree import ElementTree

    import networkx as nx
    from networkx.readwrite.gexf import GEXFWriter

    description = "; ".join(f"{name} {value}" for name, value in graph.graph.items())
    if not description:
        nx.write_gexf(graph, path)
        return
    writer: Any = GEXFWriter(encoding="utf-8", prettyprint=True)
    writer.add_graph(graph)
    meta = writer.xml.find("meta")
    if meta is not None:
        ElementTree.SubElement(meta, "description").text = description
    with path.open("wb") as stream:
        writer.write(stream)


def _by_id(accounts: pd.DataFrame) -> dict[str, dict[str, Any]]:
    wanted = ["account_id", "tier", "cluster_id", "basis", "event_tier", "sessions", "n_bursts"]
    rows: list[dict[str, Any]] = accounts[wanted].to_dict("records")  # type: ignore[assignment]
    return {row["account_id"]: row for row in rows}


def _patterns(found: Tables) -> dict[str, str]:
    """Return the ordinary patterns of each account that has any, between commas."""
    rows = found.ordinary_patterns
    having: dict[str, set[str]] = {}
    for account, pattern in zip(rows["account_id"], rows["pattern"], strict=True):
        having.setdefault(account, set()).add(pattern)
    return {account: ",".join(name for name in PATTERNS if name in names) for account, names in having.items()}


def _distinct(accounts: Sequence[str], shown: Callable[[str], str]) -> dict[str, str]:
    """Return what stands for each account; where two come to the same, all are numbered."""
    names = {account: shown(account) for account in accounts}
    if len(set(names.values())) < len(names):
        return {account: f"{name}#{number}" for number, (account, name) in enumerate(names.items(), start=1)}
    return names


def _place(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return tier and cluster of an account as text and number, as every format holds them."""
    tier, cluster = row["tier"], row["cluster_id"]
    return {"tier": "" if pd.isna(tier) else str(tier), "cluster": 0 if pd.isna(cluster) else int(cluster)}


def _basis(row: Mapping[str, Any]) -> str:
    """Return what the tier of an account rests on: its basis by pairs and groups, else event, session or burst."""
    if not pd.isna(row["basis"]):
        return str(row["basis"])
    if not pd.isna(row["event_tier"]):
        return "event"
    return "session" if len(row["sessions"]) else "burst" if row["n_bursts"] else ""
