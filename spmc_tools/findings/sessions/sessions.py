"""Groups within sessions of all traces, by time alone and of rewritten texts, as one table, and who is in which."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from spmc_tools.findings.assessment.assessment_tables import kind_of
from spmc_tools.findings.sessions.moments import MOMENT, moments_of
from spmc_tools.findings.sessions.rewritten import REWRITTEN, rewritten_texts
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
        Columns of the table ``sessions``: trace by trace, then by time alone, then rewritten texts.
    of : dict of account -> list of int
        The groups that each account is in; those of a registered kind are left out.
    by_time : dict of account -> float
        What acting at the same moments adds to its score.
    bin_s : int or None
        Length of a moment in seconds.
    by_rewriting : dict of account -> float
        What texts that are alike again and again add to its score.
    rewritten : dict
        What is to be said of the search for them; empty where it was not made.
    """

    rows: pd.DataFrame
    of: dict[str, list[int]]
    by_time: dict[str, float]
    bin_s: int | None
    by_rewriting: dict[str, float] = field(default_factory=dict)
    rewritten: dict[str, int] = field(default_factory=dict)

    def ranks(self, account: str) -> bool:
        """Return whether an account is in any group: a person may look, no more."""
        return account in self.of


def found_sessions(
    records: pa.Table,
    assessments: Mapping[str, Assessment],
    context: Mapping[str, str],
    actions: Mapping[str, pa.Table] | None = None,
) -> Sessions:
    """Return the groups of all assessments, those that time alone shows and those of rewritten texts.

    Parameters
    ----------
    records : pyarrow.Table
        All records, of any kind.
    assessments : mapping of trace -> Assessment
        With the context given.
    context : mapping of account -> kind
        What an officer registered.
    actions : mapping of trace -> pyarrow.Table, optional
        Actions of the traces that were run; None: rewritten texts are not looked for.
    """
    moments = moments_of(records)
    rewritten = rewritten_texts(records, actions or {})
    tables = {name: assessment.sessions for name, assessment in assessments.items()}
    tables |= {MOMENT: _with_kinds(moments.groups, context), REWRITTEN: _with_kinds(rewritten.groups, context)}
    rows = with_trace({name: table for name, table in tables.items() if len(table)})
    rows = rows.assign(session_id=range(1, len(rows) + 1)) if len(rows) else rows
    of: dict[str, list[int]] = {}
    for row in rows.to_dict("records"):
        if not isinstance(row["kind"], str):
            for account in row["accounts"]:
                of.setdefault(account, []).append(row["session_id"])
    return Sessions(rows, of, moments.scores, moments.bin_s, rewritten.scores, rewritten.notes)


def _with_kinds(groups: pd.DataFrame, context: Mapping[str, str]) -> pd.DataFrame:
    return groups.assign(
        kind=pd.Series(_kinds(groups["accounts"], context), dtype="str"),
        n_context=[sum(account in context for account in accounts) for accounts in groups["accounts"]],
    )


def _kinds(members: pd.Series[Any], context: Mapping[str, str]) -> list[str | None]:
    return [
        kind_of([context[account] for account in accounts if account in context], len(accounts)) for accounts in members
    ]
