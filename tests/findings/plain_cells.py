"""Which cells of the public tables of findings, or of an assessment, hold more than a value or a list of values."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pandas as pd

from spmc_tools.findings.assessment.assess import Assessment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.findings.result.findings import Findings

__all__ = ["nested", "public_tables"]

_LISTS = (list, tuple, set, frozenset)


def public_tables(found: Findings | Assessment) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every table of the findings or the assessment, and those that are made of findings for a cluster, by name."""
    for field in fields(found):
        if isinstance(value := getattr(found, field.name), pd.DataFrame):
            yield field.name, value
    if isinstance(found, Assessment):
        return
    for cluster in found.clusters["cluster_id"]:
        yield f"evidence({cluster})", found.evidence(int(cluster))
        if found.clusters.set_index("cluster_id")["n_edges"][cluster]:
            yield f"roles({cluster})", found.roles(int(cluster))
            yield f"timeline({cluster})", found.timeline(int(cluster))


def nested(found: Findings | Assessment) -> list[str]:
    """The columns, as ``table.column``, with a dictionary in a cell, or a list that holds more than plain values."""
    return [
        f"{name}.{column}"
        for name, table in public_tables(found)
        for column, cells in table.items()
        if any(_is_nested(cell) for cell in cells)
    ]


def _is_nested(cell: object) -> bool:
    inside = list(cell) if isinstance(cell, _LISTS) or (hasattr(cell, "tolist") and getattr(cell, "ndim", 0)) else []
    return isinstance(cell, dict) or any(isinstance(item, (dict, *_LISTS)) for item in inside)
