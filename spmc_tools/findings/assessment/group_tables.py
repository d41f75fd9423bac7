"""The tables of an assessment that show groups: each with the numbers that a reader needs to recompute it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spmc_tools.findings.assessment.assessment_tables import end_to_end, ids_of, kind_of, numbers_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from spmc_tools.coaction.traces.actions import EncodedActions
    from spmc_tools.findings.assessment.pair_tests import PairTests
    from spmc_tools.findings.assessment.weak_edge_groups import Group, WeakEdges

__all__ = [
    "GROUP_COLUMNS",
    "broad_occasions_table",
    "group_table",
    "in_groups",
    "with_groups",
]

GROUP_COLUMNS = (
    "group_id", "accounts", "size", "n_broad", "n_broad_late", "n_stretches", "n_named", "n_context", "kind",
    "cluster_id",
)  # fmt: skip

_WHOLE = ("group_id", "size", "n_broad", "n_broad_late", "n_stretches", "n_named", "n_context")


def in_groups(pairs: PairTests, weak: WeakEdges, group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return p° of each listed pair that is a weak edge inside one proven group, 1 for all others.

    Parameters
    ----------
    pairs : PairTests
        All listed pairs.
    weak : WeakEdges
        The weak edges.
    group : ndarray of int64, shape (n_accounts,)
        Number of the proven group of each account, -1 without any.
    """
    found = np.ones(pairs.a.size)
    inside = (group[weak.a] >= 0) & (group[weak.a] == group[weak.b])
    if inside.any():
        key = weak.a[inside].astype(np.int64) * group.size + weak.b[inside]
        wanted = pairs.a.astype(np.int64) * group.size + pairs.b
        place = np.minimum(np.searchsorted(key, wanted), key.size - 1)
        hit = key[place] == wanted
        found[hit] = weak.p[inside][place[hit]]
    return found


def group_table(
    ids: pd.Series[Any], groups: Sequence[Group], kinds: Mapping[Any, str], clusters: pd.DataFrame
) -> pd.DataFrame:
    """Return the proven groups, largest first; ``Assessment`` explains the columns."""
    exploded = clusters[["cluster_id", "accounts"]].explode("accounts")
    cluster_of = dict(zip(exploded["accounts"], exploded["cluster_id"], strict=True))
    rows = []
    for number, group in enumerate(groups, start=1):
        accounts = ids.iloc[group.members].tolist()
        registered = [kinds[x] for x in accounts if x in kinds]
        kind = kind_of(registered, len(accounts))
        cluster_ids = [cluster_of[x] for x in accounts if x in cluster_of]
        rows.append(
            {
                "group_id": number,
                "accounts": accounts,
                "size": len(accounts),
                "n_broad": group.broad.n,
                "n_broad_late": group.broad.n_late,
                "n_stretches": group.broad.n_stretches,
                "n_named": sum(
                    x not in kinds for x, f in zip(accounts, group.found, strict=True) if f and kind is None
                ),
                "n_context": len(registered),
                "kind": kind,
                "cluster_id": min(set(cluster_ids), key=lambda c: (-cluster_ids.count(c), c)) if cluster_ids else None,
            }
        )
    table = pd.DataFrame(rows, columns=list(GROUP_COLUMNS))
    return table.astype(dict.fromkeys(_WHOLE, "int64") | {"cluster_id": "Int64", "kind": "str"})


def broad_occasions_table(actions: EncodedActions, groups: Sequence[Group]) -> pd.DataFrame:
    """Return the broad occasions of all proven groups, by group, then as counted; ``Assessment`` explains the columns.

    Parameters
    ----------
    actions : EncodedActions
        All actions, for the ids of objects.
    groups : sequence of Group
        The proven ones, in the order of their table.
    """
    broad = [group.broad for group in groups]
    return pd.DataFrame(
        {
            "group_id": numbers_of(occasions.object.size for occasions in broad),
            "object_id": ids_of(actions.objects, end_to_end((occasions.object for occasions in broad), np.int32)),
            "start": end_to_end((occasions.start_us / 1e6 for occasions in broad), np.float64),
            "n_members": end_to_end((occasions.n_members for occasions in broad), np.int64),
            "n_crowd": end_to_end((occasions.n_crowd for occasions in broad), np.int64),
        }
    )


def with_groups(clusters: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Return the clusters with the numbers of the largest proven group of each."""
    first = groups.drop_duplicates("cluster_id").set_index("cluster_id")
    of_cluster = [first.loc[c] if c in first.index else None for c in clusters["cluster_id"]]

    def whole(name: str) -> pd.Series[Any]:
        values = [None if g is None else g[name] for g in of_cluster]
        return pd.Series(values, index=clusters.index, dtype="Int64")

    return clusters.assign(group_id=whole("group_id"), n_broad=whole("n_broad"), group_size=whole("size"))
