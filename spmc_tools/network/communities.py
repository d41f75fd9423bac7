"""Communities and cores of a network of linked accounts.

igraph does the work; this module gives it a fixed order and a seed, so that the same edges give the same numbers.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from spmc_tools.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.schema.arrays import Longs

__all__ = ["core_numbers", "leiden"]

Objective: TypeAlias = Literal["modularity", "CPM"]


def leiden(
    edges: pd.DataFrame, resolution: float = 1.0, seed: int = 0, *, objective: Objective = "modularity"
) -> dict[Any, int]:
    """Return the community of each account on an edge: 0 is the largest, ties go by the smallest id.

    Leiden on weighted modularity (or the constant Potts model), run until nothing improves. Whatever the order of the
    rows or of a row's two ends, the same seed gives the same communities.

    Parameters
    ----------
    edges : pandas.DataFrame
        ``account_a``, ``account_b`` and ``weight`` (positive; 1 where the column is absent). A pair on several rows
        gets its largest weight; an account linked to itself is ignored.
    resolution : float
        Higher gives more and smaller communities.
    seed : int
        Of the random order in which Leiden visits accounts.
    objective : "modularity" or "CPM"
        CPM, the constant Potts model: a community is denser inside, and towards others thinner, than the resolution.

    Raises
    ------
    ParameterError
        Where a weight is not a positive number.

    Notes
    -----
    A community is a dense part of the network, not an organisation: two groups that share a member may be one, and a
    large loose one may be several.

    References
    ----------
    Traag, Waltman, van Eck (2019), From Louvain to Leiden: guaranteeing well-connected communities, Scientific
    Reports 9, 5233.
    """
    ids, graph, weights = _graph(edges)
    if not ids:
        return {}
    import igraph as ig

    ig.set_random_number_generator(random.Random(seed))  # noqa: S311
    try:
        found = graph.community_leiden(objective, weights=weights, resolution=resolution, n_iterations=-1)
    finally:
        ig.set_random_number_generator(random)
    members = sorted((sorted(c) for c in found), key=lambda c: (-len(c), c[0]))
    return {ids[k]: number for number, community in enumerate(members) for k in community}


def core_numbers(edges: pd.DataFrame) -> dict[Any, int]:
    """Return the core number of each account on an edge: the largest k so that it is in a part with degrees >= k.

    Parameters
    ----------
    edges : pandas.DataFrame
        ``account_a`` and ``account_b``; a pair on several rows counts once, an account linked to itself not at all.
    """
    ids, graph, _ = _graph(edges)
    return dict(zip(ids, graph.coreness(), strict=True)) if ids else {}


def _graph(edges: pd.DataFrame) -> tuple[list[Any], Any, list[float]]:
    """Return ids in their own order, the graph over their places, and its weights in the order of its edges."""
    import igraph as ig

    weight = np.asarray(edges["weight"] if "weight" in edges else np.ones(len(edges)), dtype=np.float64)
    if not (np.isfinite(weight) & (weight > 0)).all():
        bad = int(np.flatnonzero(~(np.isfinite(weight) & (weight > 0)))[0])
        raise ParameterError(f"Edge weights must be positive numbers; row {bad} has {weight[bad]}.")
    codes, ids = _numbered(edges["account_a"], edges["account_b"])
    low = np.minimum(codes[: len(edges)], codes[len(edges) :])
    high = np.maximum(codes[: len(edges)], codes[len(edges) :])
    order = np.lexsort((high, low))
    order = order[low[order] != high[order]]
    low, high, weight = low[order], high[order], weight[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    starts = np.flatnonzero(first)
    largest = np.maximum.reduceat(weight, starts).tolist() if starts.size else []
    names = [str(x) if isinstance(x, str) else x for x in ids.tolist()]
    links = np.column_stack([low[starts], high[starts]]).astype(np.int64, copy=False)
    return names, ig.Graph(n=len(names), edges=links), largest


def _numbered(one: pd.Series[Any], other: pd.Series[Any]) -> tuple[Longs, Any]:
    """Return the place of each id of both columns among the different ones in their own order, and those."""
    import pandas as pd

    if one.dtype == other.dtype == np.int64:  # resamples number their accounts, and there are many of them
        ids, codes = np.unique(np.concatenate([one.to_numpy(), other.to_numpy()]), return_inverse=True)
        return codes.astype(np.int64, copy=False), ids
    found, different = pd.factorize(pd.concat([one, other], ignore_index=True), sort=True)
    return np.asarray(found, dtype=np.int64), different
