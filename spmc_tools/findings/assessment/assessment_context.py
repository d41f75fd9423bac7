"""An assessment as it is where accounts are registered: what is shown and who is named changes, no number does.

So a case need not be assessed again because an officer registered a newsroom.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.findings.assessment.assessment_tables import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.findings.assessment.assess import Assessment

__all__ = ["in_context"]


def in_context(assessment: Assessment, context: Mapping[Any, str]) -> Assessment:
    """Return what ``assess`` gives with a context, from what it gave without one.

    Parameters
    ----------
    assessment : Assessment
        Of the same actions, windows, strata and seed, with ``context=None``.
    context : mapping
        Account id -> kind, as :func:`~spmc_tools.findings.assessment.assess.assess` takes it.
    """
    if not context:
        return assessment
    accounts = assessment.accounts
    clusters, groups = _shown(assessment.clusters, context), _shown(assessment.groups, context)
    several = set(accounts.loc[accounts["basis"] == "several", "account_id"])
    names = accounts["account_id"].tolist()
    shielded = {
        x for table in (clusters, groups) for members in table.loc[table["kind"].notna(), "accounts"] for x in members
    }
    may_be_named = pd.Series([x not in context and x not in shielded for x in names], dtype=bool)
    clusters["n_named"] = [
        sum(x in several and x not in context for x in members) if pd.isna(kind) else 0
        for members, kind in zip(clusters["accounts"], clusters["kind"], strict=True)
    ]
    found = assessment.group_members.loc[assessment.group_members["found"], ["group_id", "account_id"]]
    n_found = found.loc[[x not in context for x in found["account_id"]], "group_id"].value_counts()
    groups["n_named"] = groups["group_id"].map(n_found).where(groups["kind"].isna()).fillna(0)
    late = _shown(assessment.late, context)
    there = sum(x in context for x in names)
    whole = {"n_named": "int64", "n_context": "int64"}
    return replace(
        assessment,
        accounts=accounts.assign(
            named=(accounts["basis"] == "several") & may_be_named,
            context=pd.Series([context.get(x) for x in names], dtype="str"),
        ),
        clusters=clusters.astype(whole | {"kind": "str"}),
        groups=groups.astype(whole | {"kind": "str"}),
        late=late.astype({"n_context": "int64"}),
        sessions=_shown(assessment.sessions, context).astype({"n_context": "int64", "kind": "str"}),
        notes=assessment.notes | {"n_context": there, "n_context_not_seen": len(context) - there},
    )


def _shown(table: pd.DataFrame, context: Mapping[Any, str]) -> pd.DataFrame:
    """Return a table of accounts that act together with their kind and how many of them are registered."""
    registered = [[context[x] for x in members if x in context] for members in table["accounts"]]
    kinds = [
        [kind_of(member_kinds, len(all_))] for member_kinds, all_ in zip(registered, table["accounts"], strict=True)
    ]
    return table.assign(
        n_context=[len(member_kinds) for member_kinds in registered], kind=pd.DataFrame(kinds, columns=["kind"])["kind"]
    )
