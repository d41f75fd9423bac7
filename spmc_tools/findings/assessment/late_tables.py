"""What groups that strike late say about their members, and the table that shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spmc_tools.findings.assessment.assessment_tables import ids_of, kind_of, source_names
from spmc_tools.findings.tiers.basis import CAP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.chance.groups.late_strikes import LateGroup
    from spmc_tools.coaction.traces.actions import EncodedActions
    from spmc_tools.findings.assessment.account_tests import AccountTests

__all__ = ["LATE_COLUMNS", "late_table", "with_late"]

LATE_COLUMNS = (
    "source_id", "accounts", "size", "n_strikes", "n_runs", "p", "q", "scattered", "n_found", "n_context", "kind",
    "members", "strikes",
)  # fmt: skip

_WHOLE = ("size", "n_strikes", "n_runs", "n_found", "n_context")


def with_late(tests: AccountTests, groups: Sequence[LateGroup]) -> AccountTests:
    """Return the same, where a member found in a late group is at least *one*, of kind "late", and ranks higher.

    An account that already has the kind "pair" or "group" keeps it, and *few* stays *few*.

    Parameters
    ----------
    tests : AccountTests
        What pairs and groups say.
    groups : sequence of LateGroup
        The proven ones.
    """
    basis, kind, score = tests.basis.copy(), tests.kind.copy(), tests.score.copy()
    for group in groups:
        members = group.members[group.found]
        score[members] += np.minimum(-np.log(group.member_p[group.found]), CAP)
        basis[members[basis[members] == None]] = "one"  # noqa: E711 -- element by element
        kind[members[kind[members] == None]] = "late"  # noqa: E711
    return replace(tests, basis=basis, kind=kind, score=score)


def late_table(
    actions: EncodedActions, ids: pd.Series[Any], groups: Sequence[LateGroup], kinds: Mapping[Any, str]
) -> pd.DataFrame:
    """Return the proven late groups, largest first; ``Assessment`` explains the columns.

    Parameters
    ----------
    actions : EncodedActions
        All actions, for the ids of objects and sources.
    ids : pandas.Series
        Account ids in order of their codes.
    groups : sequence of LateGroup
        The proven ones.
    kinds : mapping
        Account id -> registered kind.
    """
    names = source_names(actions)
    rows = []
    for group in sorted(groups, key=lambda late: (-late.members.size, late.source, int(late.members[0]))):
        accounts = ids.iloc[group.members].tolist()
        registered = [kinds[x] for x in accounts if x in kinds]
        rows.append(
            {
                "source_id": names[group.source],
                "accounts": accounts,
                "size": len(accounts),
                "n_strikes": group.object.size,
                "n_runs": group.n_runs,
                "p": group.p,
                "q": group.q,
                "scattered": group.scattered,
                "n_found": int(group.found.sum()),
                "n_context": len(registered),
                "kind": kind_of(registered, len(accounts)),
                "members": _members(accounts, group),
                "strikes": _strikes(actions, group),
            }
        )
    table = pd.DataFrame(rows, columns=list(LATE_COLUMNS))
    return table.astype(dict.fromkeys(_WHOLE, "int64") | dict.fromkeys(("p", "q", "scattered"), "float64"))


def _members(accounts: list[Any], group: LateGroup) -> list[dict[str, Any]]:
    return _listed(
        account_id=accounts,
        n_strikes=group.n_strikes.tolist(),
        expected=group.expected.tolist(),
        p=group.member_p.tolist(),
        q=group.member_q.tolist(),
        found=group.found.tolist(),
    )


def _strikes(actions: EncodedActions, group: LateGroup) -> list[dict[str, Any]]:
    return _listed(
        object_id=ids_of(actions.objects, group.object).tolist(),
        start=(group.start_us / 1e6).tolist(),
        age_s=(group.age_us / 1e6).tolist(),
        n_members=group.n_members.tolist(),
    )


def _listed(**columns: list[Any]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
