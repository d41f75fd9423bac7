"""What became of a sample of mutants, as two tables in Markdown: how many lived of each part, and which."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.mutation.sample import PARTS, ROOT, mirroring, part_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.mutation.trial import Trial

__all__ = ["tables"]


def tables(trials: Sequence[Trial], n_drawn: int, root: Path = ROOT) -> str:
    """Return both tables; those not tried for want of time are counted, never taken for found.

    ``root``: where the tests that mirror a module are looked for.
    """
    count = Counter((part_of(trial.mutant.path), trial.outcome) for trial in trials)
    rows = ["| part | tried | killed | stopped: too long | lived |", "|---|---|---|---|---|"]
    for part in PARTS:
        of = [count[part, outcome] for outcome in ("killed", "too long", "lived")]
        rows.append(f"| {part} | {sum(of)} | {of[0]} | {of[1]} | {of[2]} |")
    lived = sorted((t.mutant for t in trials if t.outcome == "lived"), key=lambda m: (m.path, m.line, m.column))
    rows += ["", f"{len(trials)} of {n_drawn} mutants were tried; {len(lived)} lived.", ""]
    rows += ["| where | before | after | tests that passed |", "|---|---|---|---|"]
    for one in lived:
        tests = ", ".join(mirroring(one.path, root))
        rows.append(f"| `{one.path}:{one.line}` | {_code(one.before)} | {_code(one.after)} | {tests} |")
    return "\n".join(rows) + "\n"


def _code(text: str) -> str:
    """Return code as it stands in a cell, cut at eighty characters."""
    short = text if len(text) <= 80 else text[:79] + "…"
    return f"`{short}`".replace("|", "\\|")
