"""Whether a cluster survives when some of the objects it rests on are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spmc_tools.network.communities import leiden

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spmc_tools.schema.arrays import Floats, Longs

__all__ = ["RESOLUTION", "stability"]

RESAMPLES = 50
LEFT_OUT = 0.2

RESOLUTION = 0.5
"""Of Leiden: at 1, modularity splits one tight group along chance differences of its weights."""

KEPT = 0.75
"""A cluster is kept by a resample where one of its clusters has at least this Jaccard similarity to it."""

_LINKED = 2


def stability(
    pairs: Longs,
    weight: Floats,
    shared: tuple[Longs, Longs],
    clusters: Sequence[frozenset[int]],
    seed: int = 0,
) -> list[float]:
    r"""Return for each cluster the share of 50 resamples, each without a fifth of the objects, that keep it.

    A pair stays in a resample if at least two of its objects do, with its weight times the share that does. Leiden
    finds clusters anew; :math:`|A \cap B| / |A \cup B| \ge .75` for one of them keeps the cluster.

    Parameters
    ----------
    pairs : ndarray of int64, shape (n_pairs, 2)
        The two accounts of each edge, as numbers.
    weight : ndarray of float64, shape (n_pairs,)
        Positive.
    shared : (ndarray of int64, ndarray of int64)
        Parallel: which pair, and which object it is in step on. Objects are numbered from 0.
    clusters : sequence of frozenset of int
        The clusters found with all objects.
    seed : int
        Of what is left out, and of Leiden.

    Notes
    -----
    A stable cluster can still be of a benign kind; an unstable one says that its edge is not where it was drawn.

    References
    ----------
    Hennig (2007), Cluster-wise assessment of cluster stability, Computational Statistics & Data Analysis 52(1).
    """
    pair, object_ = shared
    n_objects = int(object_.max()) + 1 if object_.size else 0
    full = np.maximum(np.bincount(pair, minlength=len(pairs)), 1)
    rng = np.random.default_rng(seed)
    kept = np.zeros(len(clusters), dtype=np.int64)
    for draw in range(RESAMPLES):
        stays = np.ones(n_objects, dtype=bool)
        stays[rng.permutation(n_objects)[: round(n_objects * LEFT_OUT)]] = False
        left = np.bincount(pair[stays[object_]], minlength=len(pairs))
        on = left >= _LINKED
        edges = pd.DataFrame(
            {"account_a": pairs[on, 0], "account_b": pairs[on, 1], "weight": weight[on] * (left / full)[on]}
        )
        kept += _found_again(clusters, leiden(edges, RESOLUTION, seed + draw))
    return [float(count) / RESAMPLES for count in kept]


def _found_again(clusters: Sequence[frozenset[int]], community: dict[int, int]) -> Longs:
    members: dict[int, set[int]] = {}
    for account, number in community.items():
        members.setdefault(number, set()).add(account)
    again = np.zeros(len(clusters), dtype=np.int64)
    for place, cluster in enumerate(clusters):
        for number in {community[account] for account in cluster if account in community}:
            other = members[number]
            if len(cluster & other) >= KEPT * len(cluster | other):
                again[place] = 1
    return again
