"""A detector of accounts or tags: a plain function from tables to a table, declared once.

A detector of accounts returns one row per account and measure with the columns ``COLUMNS``; at most ``PARTNERS`` other
accounts are listed in one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

__all__ = ["COLUMNS", "PARTNERS", "AccountDetector", "signals"]

COLUMNS = ("account_id", "p", "q", "measure", "n_seen", "expected", "value", "n_partners", "partners")
PARTNERS = 20


@dataclass(frozen=True, slots=True)
class AccountDetector:
    """One detector, declared once.

    Attributes
    ----------
    name, question : str
        Its name in tables, parameters and reports; what it asks, in words.
    takes : tuple of str
        Tables that its function takes, in order: ``"records"``, ``"accounts"`` (None where there is none), or
        ``"actions"``, a mapping of trace -> actions of ``of_traces``.
    detect : callable
        Tables -> DataFrame with the columns :data:`COLUMNS` (of a detector of tags: those of ``tag_surges``).
    lacks : callable
        The same tables -> a sentence that says why there is too little to go on, or None.
    use : "rank", "context" or "tags"
        *rank*: q < .05 puts an account on the list of tier C. *context*: is only shown. *tags*: says nothing of
        accounts.
    needs : tuple of str
        Columns of the records that must hold something; ``"a|b"`` is satisfied by either.
    needs_accounts : tuple of str
        The same of the accounts table, which only a case has.
    reference : str
        Where it was described.
    of_traces : tuple of str
        Traces whose actions it reads.
    """

    name: str
    question: str
    takes: tuple[str, ...]
    detect: Callable[..., pd.DataFrame]
    lacks: Callable[..., str | None]
    use: Literal["rank", "context", "tags"]
    reference: str
    needs: tuple[str, ...] = ()
    needs_accounts: tuple[str, ...] = ()
    of_traces: tuple[str, ...] = ()

    def tables(self, by_name: Mapping[str, pa.Table | Mapping[str, pa.Table] | None]) -> list[Any]:
        """Return the tables that its function takes, in order."""
        return [by_name[name] for name in self.takes]


def signals(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a table with :data:`COLUMNS`, ordered by measure, p and account; a missing key is null."""
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["partners"] = [
        list(partners)[:PARTNERS] if isinstance(partners, (list, tuple)) else [] for partners in frame["partners"]
    ]
    return frame.sort_values(["measure", "p", "account_id"], kind="stable", ignore_index=True)
