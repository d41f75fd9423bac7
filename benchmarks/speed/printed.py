"""The table in ``docs/measured/performance.md``, between two marks, from what was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.speed.rows import ROWS

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BEGIN", "END", "table", "written"]

BEGIN = "<!-- written by: python -m benchmarks.speed --write -->"
END = "<!-- end -->"
_MET = {True: "yes", False: "**no**", None: "–"}


def table(kept: dict[str, Any]) -> str:
    """Return all rows as Markdown, in their order: those measured, and those that were not, with the reason."""
    lines = ["| work | target | measured | met | date, load |", "|---|---|---|---|---|"]
    below = []
    for name, row in ROWS.items():
        told = kept.get(name)
        if told is None:
            lines.append(f"| {row.work} | {row.target} | not measured by this command yet | – | |")
            continue
        said = told["said"] if told["state"] == "measured" else f"{told['state']}: {told['said']}"
        size = "" if told["n"] == 1_000_000 else f" (a million is {told['n']:,} here)"
        when = f"{told['date']}, {told['load']}"
        said = said.replace("|", "/")
        lines.append(f"| {row.work}{size} | {row.target} | {said} | {_MET[told.get('met')]} | {when} |")
        if told.get("more"):
            below.append(f"### {row.work[0].upper()}{row.work[1:]}{size}\n\n{told['more']}")
    machines = sorted({told["machine"] for told in kept.values()})
    return "\n".join([*lines, "", f"On: {'; '.join(machines)}.", "", "\n\n".join(below)]).rstrip() + "\n"


def written(kept: dict[str, Any], page: Path) -> None:
    """Put the table between the marks of a page.

    Raises
    ------
    ValueError
        Where the page has no such marks.
    """
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page.name} lacks the marks {BEGIN} and {END}.")
    page.write_text(f"{before}{BEGIN}\n\n{table(kept)}\n{END}{after}", encoding="utf-8")
