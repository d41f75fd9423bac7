"""The command that looks for accounts that acted together."""

from __future__ import annotations

from typing import Annotated

import typer

from spmc_tools.cli.options import CaseCommand, on_case
from spmc_tools.progress import bars

__all__ = ["investigate"]


@on_case
def investigate(
    command: CaseCommand,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn.")] = 0,
) -> None:
    """Look for accounts that acted together beyond chance. What is found is kept in the case for reports."""
    from spmc_tools.findings.pipeline.investigate import investigate as look

    opened = command.open()
    with bars() as progress:
        found = look(opened, seed=seed, progress=progress)
    counts = {"accounts": len(found.accounts), "edges": len(found.edges), "clusters": len(found.clusters)}
    named = int(found.accounts["tier"].isin(["A", "B"]).sum()) if len(found.accounts) else 0
    apart = opened.n_not_compared()
    lines = [
        f"{counts['accounts']:,} accounts looked at, {counts['edges']:,} edges, {counts['clusters']:,} clusters; "
        f"{named:,} accounts in tier A or B",
        *([f"{apart:,} posts whose account is not certain, kept for reading, not compared"] if apart else []),
        *(
            (f"Not run: {row['trace']}: {row['reason']}" for row in found.not_run)
            if len(found.accounts)
            else ["Nothing was run: there is no post that could be compared with others."]
        ),
        f"Next: spmc report {opened.id} election_watch"
        if len(found.accounts)
        else f"Next: spmc import {opened.id} FILE",
    ]
    command.say(
        {
            **counts,
            "not_compared": apart,
            "not_run": found.not_run,
            "derived": str(found.derived and found.derived.resolve()),
        },
        lines,
    )
