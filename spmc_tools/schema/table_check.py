"""The tables that a case keeps, by name, and what is wrong with one that does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from spmc_tools.errors import TableError, quote
from spmc_tools.schema.desk_tables import DESK_TABLES
from spmc_tools.schema.posts_and_accounts import ACCOUNTS, ACTIONS, GROUP_EVENTS, KINDS, OBSERVATIONS, RECORDS, REFUSED

if TYPE_CHECKING:
    import pandas as pd

    from spmc_tools.schema.table import Table

__all__ = ["TABLES", "Problem", "check", "require"]

TABLES: dict[str, Table] = (
    {t.name: t for t in (RECORDS, OBSERVATIONS, ACCOUNTS, REFUSED, ACTIONS)}
    | DESK_TABLES
    | {GROUP_EVENTS.name: GROUP_EVENTS}
)
"""All tables that a case keeps, by name."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a table: ``row`` is None where the whole column is meant."""

    column: str
    row: int | None
    sentence: str


def check(table: pa.Table | pd.DataFrame, name: str) -> list[Problem]:
    """Say everything that is wrong with a table; an empty list means that it fits.

    Parameters
    ----------
    table : pyarrow.Table or pandas.DataFrame
        The table to look at; extra columns are a problem too.
    name : str
        One of :data:`TABLES`.

    Returns
    -------
    list of Problem
        In the order of the columns; at most one problem per column.
    """
    if name not in TABLES:
        known = ", ".join(TABLES)
        raise TableError(f"Unknown table {quote(name)}; known tables: {known}.")
    declared = TABLES[name]
    arrow = table if isinstance(table, pa.Table) else pa.Table.from_pandas(table, preserve_index=False)
    problems: list[Problem] = []
    for column in declared.columns:
        if column.name not in arrow.column_names:
            problems.append(Problem(column.name, None, f"{name}: column {column.name} is missing."))
            continue
        values = arrow[column.name]
        if values.type != column.type:
            problems.append(
                Problem(column.name, None, f"{name}.{column.name}: found {values.type}, wanted {column.type}.")
            )
        elif column.required and values.null_count:
            row = values.is_null().to_pylist().index(True)
            problems.append(
                Problem(column.name, row, f"{name}.{column.name}: row {row} is null, which this column never is.")
            )
        elif column.name == "kind":
            for row, kind in enumerate(values.to_pylist()):
                if kind not in KINDS:
                    wanted = ", ".join(KINDS)
                    problems.append(
                        Problem("kind", row, f"{name}.kind: row {row} is {quote(kind)}, wanted one of {wanted}.")
                    )
                    break
    problems.extend(
        Problem(extra, None, f"{name}: column {quote(extra)} is not part of this table.")
        for extra in arrow.column_names
        if extra not in declared.names
    )
    return problems


def require(table: pa.Table | pd.DataFrame, name: str) -> None:
    """Raise :class:`~spmc_tools.errors.TableError` with the first problem of a table, if it has one."""
    problems = check(table, name)
    if problems:
        raise TableError(problems[0].sentence)
