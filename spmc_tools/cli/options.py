"""Arguments and options that several commands take; each is declared, with its help, once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["CaseId", "Cases", "Json", "Officer", "RunId", "ScheduleFile"]


CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Name of the case: small letters, digits, - and _.")]
Cases = Annotated[
    Path | None,
    typer.Option("--cases", metavar="DIR", help="Where cases live; else SPMC_CASES, else data/cases."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a finished run: the name of its folder in reports/.")]
Officer = Annotated[str, typer.Option("--as", metavar="NAME", help="Name of the officer.")]
ScheduleFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="Schedule; see docs/howto/schedule.md.")]
