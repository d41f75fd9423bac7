"""Where accounts stand in the network: positions from the package's layout, each worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

__all__ = ["Positions", "laid_out"]


class Positions:
    """Positions: of everybody with a link where these are few, else of those that are drawn; each worked out once.

    ``edges`` are those of all accounts, and of things with who touched them; ``alone`` are accounts without any.
    """

    def __init__(self, edges: pd.DataFrame, seed: int, alone: Sequence[str] = ()) -> None:
        self.edges, self.seed, self.alone = edges, seed, alone
        self.all: dict[Any, tuple[int, int]] | None = None
        self.strongest: dict[Any, tuple[int, int]] | None = None

    def of(self, pairs: pd.DataFrame, most: int | None) -> Mapping[Any, tuple[int, int]]:
        """Return a position for every account of these pairs that is drawn."""
        ends = set(self.edges["account_a"]) | set(self.edges["account_b"])
        if most is None or len(ends) <= most or self.all is not None:
            if self.all is None:
                self.all = laid_out(self.edges, self.seed, self.alone)
            return self.all
        if self.strongest is None:
            self.strongest = {}
        missing = {*pairs["account_a"], *pairs["account_b"], *self.alone} - set(self.strongest)
        if missing:
            self.strongest = laid_out(pairs, self.seed, self.alone)
        return self.strongest


def laid_out(edges: pd.DataFrame, seed: int, alone: Sequence[str] = ()) -> dict[Any, tuple[int, int]]:
    """Return a position for every end of these edges and for who has none."""
    import networkx as nx

    from spmc_tools.network.layout import layout

    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(alone)
    graph.add_edges_from(_ends(edges))
    return layout(graph, seed)


def _ends(edges: pd.DataFrame) -> Iterator[tuple[str, str]]:
    return zip(edges["account_a"].astype(str), edges["account_b"].astype(str), strict=True)
