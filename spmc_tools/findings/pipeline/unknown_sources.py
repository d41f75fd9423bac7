"""An assessment of objects whose authors nobody knows: it ranks, and names nobody.

Without the authors ten posts of one star look like ten sources, and a fandom like a campaign. All such posts together
are therefore taken as one source, which never is enough to name anybody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from spmc_tools.findings.assessment.assess import Assessment

__all__ = ["NOTE", "naming_nobody"]

NOTE = "unknown: posts whose author no record names count as one source, so that nobody is named"
"""The note ``sources`` of such an assessment; ``names_nobody`` stands beside it."""


def naming_nobody(assessment: Assessment) -> Assessment:
    """Return the same edges, probabilities and ranks, where every basis is at most "one" and nobody is named.

    Parameters
    ----------
    assessment : Assessment
        Of actions without any source, each object its own.
    """
    accounts, clusters, groups = assessment.accounts, assessment.clusters, assessment.groups
    basis = accounts["basis"].astype(object).where(accounts["basis"].isna(), "one")
    basis = basis.where(basis.notna(), None)
    kind = accounts["kind"].astype(object).where(accounts["kind"] == "late", None)
    return replace(
        assessment,
        accounts=accounts.assign(
            named=False,
            basis=pd.Series(basis, dtype=accounts["basis"].dtype),
            kind=pd.Series(kind, dtype=accounts["kind"].dtype),
            n_sources=accounts["n_sources"].clip(upper=1),
        ),
        clusters=clusters.assign(n_named=0).astype(clusters.dtypes.to_dict()),
        groups=groups.assign(n_named=0).astype(groups.dtypes.to_dict()),
        notes=assessment.notes | {"sources": NOTE, "names_nobody": True},
    )
