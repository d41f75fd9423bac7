"""Which proven groups stand behind a cluster over all traces, with the numbers that a report prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

__all__ = ["proven_groups"]

_SHOWN = ("size", "n_broad", "n_broad_late", "n_stretches", "members")


def proven_groups(accounts: Sequence[str], groups: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Return the proven groups of all traces more than half of whose members are in a cluster.

    Parameters
    ----------
    accounts : sequence of str
        The cluster.
    groups : mapping of trace -> pandas.DataFrame
        As in :class:`~spmc_tools.findings.assessment.assess.Assessment`.
    """
    inside = frozenset(accounts)
    return [
        {"trace": trace, **{name: group[name] for name in _SHOWN}}
        for trace, frame in groups.items()
        for group in frame.to_dict("records")
        if 2 * len(inside.intersection(group["accounts"])) > len(group["accounts"])
    ]
