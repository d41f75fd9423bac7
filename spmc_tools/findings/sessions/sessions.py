"""Groups within sessions of all traces and by time alone, as one table, and who is in which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.findings.assessment.assessment_tables import kind_of
from spmc_tools.findings.sessions.moments import MOMENT, moments_of
from spmc_tools.findings.stacked_rows import with_trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from spmc_tools.findings.assessment.assess import Assessment

__all__ = ["Sessions", "found_sessions"]


@dataclass(frozen=True, slots=True)
class Sessions:
    """Groups within sessions of an investigation.

    Attributes
    ----------
    rows : pandas.DataFrame
        Columns of the table ``sessions``: trace by trace, then by time alone.
    of : dict of account -> list of int
        The groups that each account is in; those of a registered kind are left out.
    by_time : dict of account -> float
        What acting at the same moments adds to its score.
    bin_s : int or None
        Length of a moment in seconds.
    """

    rows: pd.DataFrame
    of: dict[str, list[int]]
    by_time: dict[str, float]
    bin_s: int | None

    def ranks(self, account: str) -> bool:
        """Return whether an account is in any group: a person may look, no more."""
        return account in self.of


def found_sessions(records: pa.Table, assessments: Mapping[str, Assessment], context: Mapping[str, str]) -> Sessions:
    """Return the groups of all assessments and those that time alone shows.

    Parameters
    ----------
    records : pyarrow.Table
        All records, of any kind.
    assessments : mapping of trace -> Assessment
        With the context given.
    context : mapping of account -> kind
        What an officer registered.
    """
    moments = moments_of(records)
    by_time = moments.groups.assign(
        kind=pd.Series(_kinds(moments.groups["accounts"], context), dtype="str"),
        n_context=[sum(account in context for account in accounts) for accounts in moments.groups["accounts"]],
    )
    tables = {name: assessment.sessions for name, assessment in assessments.items()} | {MOMENT: by_time}
    rows = with_trace({name: table for name, table in tables.items() if len(table)})
    rows = rows.assign(session_id=range(1, len(rows) + 1)) if len(rows) else rows
    of: dict[str, list[int]] = {}
    for row in rows.to_dict("records"):
        if not isinstance(row["kind"], str):
            for account in row["accounts"]:
                of.setdefault(account, []).append(row["session_id"])
    return Sessions(rows, of, moments.scores, moments.bin_s)


def _kinds(members: pd.Series[Any], context: Mapping[str, str]) -> list[str | None]:
    return [
        kind_of([context[account] for account in accounts if account in context], len(accounts)) for accounts in members
    ]
