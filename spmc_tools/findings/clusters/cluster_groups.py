"""Which proven groups stand behind the clusters over all traces, with the numbers that a report prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.findings import stored_results as stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from spmc_tools.findings.assessment.assess import Assessment

__all__ = ["proven_groups"]

_SHOWN = ("size", "n_broad", "n_broad_late", "n_stretches")


def proven_groups(
    clusters: Sequence[Mapping[str, Any]], assessments: Mapping[str, Assessment]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the groups of all traces more than half of whose members are in a cluster, and the members of each.

    Parameters
    ----------
    clusters : sequence of mapping
        ``cluster_id`` and ``accounts`` of each.
    assessments : mapping of trace -> Assessment

    Returns
    -------
    groups, members : pandas.DataFrame
        The tables ``proven_groups`` and ``group_members``.
    """
    rows: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    for cluster in clusters:
        inside = frozenset(cluster["accounts"])
        for trace, assessment in assessments.items():
            for group in assessment.groups.to_dict("records"):
                if 2 * len(inside.intersection(group["accounts"])) > len(group["accounts"]):
                    number = {"group_id": len(rows) + 1}
                    shown = {name: group[name] for name in _SHOWN}
                    rows.append({**number, "cluster_id": cluster["cluster_id"], "trace": trace, **shown})
                    of_group = assessment.group_members["group_id"] == group["group_id"]
                    members += [row | number for row in assessment.group_members[of_group].to_dict("records")]
    tables = (stored.table_of(rows, "proven_groups"), stored.table_of(members, "group_members"))
    return stored.framed(tables[0]), stored.framed(tables[1])
