"""What groups that strike late say about their members, and the table that shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spmc_tools.findings.assessment.assessment_tables import end_to_end, ids_of, kind_of, numbers_of, source_names
from spmc_tools.findings.tiers.basis import CAP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.chance.groups.late_strikes import LateGroup
    from spmc_tools.coaction.traces.actions import EncodedActions
    from spmc_tools.findings.assessment.account_tests import AccountTests

__all__ = ["LATE_COLUMNS", "largest_first", "late_strikes_table", "late_table", "with_late"]

LATE_COLUMNS = (
    "late_id", "source_id", "accounts", "size", "n_strikes", "n_runs", "p", "q", "scattered", "n_found", "n_context",
    "kind",
)  # fmt: skip

_WHOLE = ("late_id", "size", "n_strikes", "n_runs", "n_found", "n_context")


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


def largest_first(groups: Sequence[LateGroup]) -> list[LateGroup]:
    """Return the groups in the order of their table: the largest first, then by source and smallest member."""
    return sorted(groups, key=lambda late: (-late.members.size, late.source, int(late.members[0])))


def late_table(
    actions: EncodedActions, ids: pd.Series[Any], groups: Sequence[LateGroup], kinds: Mapping[Any, str]
) -> pd.DataFrame:
    """Return the proven late groups, numbered in the given order; ``Assessment`` explains the columns.

    Parameters
    ----------
    actions : EncodedActions
        All actions, for the ids of sources.
    ids : pandas.Series
        Account ids in order of their codes.
    groups : sequence of LateGroup
        The proven ones, :func:`largest_first`.
    kinds : mapping
        Account id -> registered kind.
    """
    names = source_names(actions)
    rows = []
    for number, group in enumerate(groups, start=1):
        accounts = ids.iloc[group.members].tolist()
        registered = [kinds[x] for x in accounts if x in kinds]
        rows.append(
            {
                "late_id": number,
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
            }
        )
    table = pd.DataFrame(rows, columns=list(LATE_COLUMNS))
    return table.astype(dict.fromkeys(_WHOLE, "int64") | dict.fromkeys(("p", "q", "scattered"), "float64"))


def late_strikes_table(actions: EncodedActions, groups: Sequence[LateGroup]) -> pd.DataFrame:
    """Return the strikes of all proven late groups, by group, then in time; ``Assessment`` explains the columns.

    Parameters
    ----------
    actions : EncodedActions
        All actions, for the ids of objects.
    groups : sequence of LateGroup
        The proven ones, :func:`largest_first`.
    """
    return pd.DataFrame(
        {
            "late_id": numbers_of(group.object.size for group in groups),
            "object_id": ids_of(actions.objects, end_to_end((group.object for group in groups), np.int32)),
            "start": end_to_end((group.start_us / 1e6 for group in groups), np.float64),
            "age_s": end_to_end((group.age_us / 1e6 for group in groups), np.float64),
            "n_members": end_to_end((group.n_members for group in groups), np.int64),
        }
    )
