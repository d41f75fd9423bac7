"""The table of real data: on the screen, and as the first table of ``docs/measured/accuracy.md``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.accuracy.measurement.results import code_digest
from benchmarks.accuracy.real_sets.figures import cells
from benchmarks.accuracy.real_sets.measure import best_peer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.accuracy.real_sets.figures import Figures
    from benchmarks.accuracy.real_sets.measure import Measured, Row

__all__ = ["END", "START", "filled", "page_lines", "write"]

START, END = "<!-- real data -->", "<!-- end: real data -->"
_HEAD = (
    "data",
    "ranking",
    "AP in bins of post count",
    "ours − it",
    "AP",
    "in bins, common days",
    "AP, common days",
    "named: labelled, others",
    "tier C: labelled, others",
)


def page_lines(found: Sequence[Measured]) -> list[str]:
    """Return the sentence above the table, and the table: a row for each ranking, a row for each crowd."""
    rows = [line for table in found for line in _rows(table)]
    about = [_about(table) for table in found]
    return [
        f"Code {code_digest(records=True)}.",
        "",
        f"| {' | '.join(_HEAD)} |",
        f"|{'---|' * len(_HEAD)}",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        *about,
    ]


def _rows(table: Measured) -> list[list[str]]:
    tiers = table.tiers
    counts = [f"{tiers.named_right}, {tiers.named_others}", f"{tiers.listed_right}, {tiers.listed_others}"]
    if not table.rows:
        named = f"**{tiers.named_others}**" if tiers.named_others else "0"
        return [[f"`{table.name}`", "nobody may be named", *["–"] * 5, f"–, {named}", f"–, {tiers.listed_others}"]]
    best = best_peer(table)
    return [
        [f"`{table.name}`", *cells(_titled(row, best)), *(counts if row.kind == "ours" else ["", ""])]
        for row in _shown(table)
    ]


def _shown(table: Measured) -> list[Row]:
    """Return the rows that rank anybody; of a column's empty and filled share the one that tells the labels better."""
    return [row for row in table.rows if not _ranks_nobody(row) and not _weaker_side(row, table)]


def _ranks_nobody(row: Row) -> bool:
    return row.figures.constant and row.kind in ("peer", "shadow")


def _weaker_side(row: Row, table: Measured) -> bool:
    sides = {"empty": "filled", "filled": "empty"}
    stem, _, side = row.figures.name.rpartition(" ")
    if row.kind != "shadow" or side not in sides:
        return False
    other = next(x.figures for x in table.rows if x.figures.name == f"{stem} {sides[side]}")
    return (row.figures.matched, side == "empty") < (other.matched, side != "empty")


def _titled(row: Row, best: Row | None) -> Figures:
    name = row.figures.name
    if row is best:
        name = f"{name} (**best peer**)"
    elif row.kind in ("shadow", "chance"):
        name = f"*{row.kind}:* {name}"
    if row.kind == "ours":
        return replace(row.figures, name=name, ahead=float("nan"))
    return replace(row.figures, name=name)


def _about(table: Measured) -> str:
    who = f"{table.labelled.n:,} labelled and {table.others.n:,} other" if table.rows else f"{table.others.n:,}"
    text = f"- `{table.name}`: {table.n_records:,} records of {who} accounts on {table.n_days} days (UTC)"
    if not table.rows:
        return text + "."
    constant = sum(map(_ranks_nobody, table.rows))
    days = "all of them common" if table.n_common_days == table.n_days else f"{table.n_common_days} of them common"
    judged = f"three posts or more: {table.labelled.n_judged:,} and {table.others.n_judged:,}"
    left_out = f" {constant} rankings give everybody the same and are left out." if constant else ""
    return f"{text}, {days}; {judged}.{left_out}"


def filled(text: str, found: Sequence[Measured]) -> str:
    """Return the document with the part between the markers written anew.

    Raises
    ------
    ValueError
        Where the document does not hold the two markers once each, in order.
    """
    inner = re.compile(re.escape(START) + ".*?" + re.escape(END), re.DOTALL)
    body = "\n".join([START, *page_lines(found), END])
    new, times = inner.subn(lambda _found: body, text)
    if times != 1:
        raise ValueError(f"The document has {times} parts between {START} and {END}, wanted 1.")
    return new


def write(path: Path, found: Sequence[Measured]) -> None:
    """Fill the part of real data; the rest of the document stays."""
    path.write_text(filled(path.read_text(encoding="utf-8"), found), encoding="utf-8")
