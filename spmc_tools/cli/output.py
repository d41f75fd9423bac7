"""What every command shares: where the cases live, and how a result is printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spmc_tools.report.running.run import RunResult

__all__ = ["as_sentence", "cases_folder", "say", "show_run"]


def cases_folder(context: typer.Context, cases: Path | None) -> Path | None:
    """Return the folder of cases that was asked for, before or after the command's name."""
    folder = cases or context.find_root().obj["cases"]
    return Path(folder) if folder else None


def say(context: typer.Context, as_json: bool, result: Mapping[str, object], lines: Sequence[str]) -> None:
    """Print a result: one JSON object, or lines for a person."""
    if as_json or context.find_root().obj["json"]:
        import json

        typer.echo(json.dumps(result, ensure_ascii=False, default=str))
    else:
        for line in lines:
            typer.echo(line)


def show_run(context: typer.Context, as_json: bool, done: RunResult) -> None:
    """Print a run; a failed one ends with exit code 1 after its report was written."""
    page = done.report.resolve()
    reports = {language: str(path.resolve()) for language, path in done.reports.items()}
    result = {"run_id": done.run_id, "status": done.status, "report": str(page), "reports": reports}
    twins = [path for path in reports.values() if path != str(page)]
    say(context, as_json, result, [f"Run {done.run_id}: {done.status}", *twins, str(page)])
    if done.status == "failed":
        typer.echo(f"The run failed; what it computed and why it stopped stand in {page}.", err=True)
        raise typer.Exit(1)


def as_sentence(message: str) -> str:
    """Return a message that ends like a sentence; a block below it (a proposed mapping) stays as it is."""
    text = message.strip()
    return text if "\n" in text or text.endswith((".", "?", "!")) else f"{text}."
