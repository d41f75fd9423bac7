"""Arguments and options that several commands take; each is declared, with its help, once."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spmc_tools.cli.output import cases_folder, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spmc_tools.case.store.case import Case

__all__ = ["CaseCommand", "CaseId", "Cases", "Json", "Officer", "Reason", "RunId", "ScheduleFile", "on_case"]


CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Name of the case: small letters, digits, - and _.")]
Cases = Annotated[
    Path | None,
    typer.Option("--cases", metavar="DIR", help="Where cases live; else SPMC_CASES, else data/cases."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a finished run: the name of its folder in reports/.")]
Reason = Annotated[str, typer.Option(help="Why, for the log.")]
Officer = Annotated[str, typer.Option("--as", metavar="NAME", help="Name of the officer.")]
ScheduleFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="Schedule; see docs/howto/schedule.md.")]


@dataclass(frozen=True, slots=True)
class CaseCommand:
    """A command on a case as it was typed: which case, where cases live, and how the result is printed."""

    context: typer.Context
    case: str
    cases: Path | None
    as_json: bool

    def open(self) -> Case:
        """Return the case, opened."""
        from spmc_tools.case.store.case import open_case

        return open_case(self.case, cases=self.folder())

    def folder(self) -> Path | None:
        """Return the folder of cases that was asked for."""
        return cases_folder(self.context, self.cases)

    def say(self, result: Mapping[str, object], lines: Sequence[str]) -> None:
        """Print a result: one JSON object, or lines for a person."""
        say(self.context, self.as_json, result, lines)


def on_case(work: Callable[..., None]) -> Callable[..., None]:
    """Return a command for the command line: CASE first, what ``work`` takes itself, ``--cases`` and ``--json`` last.

    Parameters
    ----------
    work : callable
        What the command does: takes a :class:`CaseCommand`, then its own arguments and options by name.
    """

    def command(context: typer.Context, case: CaseId, cases: Cases = None, as_json: Json = False, **typed: Any) -> None:
        work(CaseCommand(context, case, cases, as_json), **typed)

    context, case, *options, _typed = inspect.signature(command, eval_str=True).parameters.values()
    _command, *arguments = inspect.signature(work, eval_str=True).parameters.values()
    parameters = [context, case, *arguments, *options]
    command.__name__, command.__doc__ = work.__name__, work.__doc__
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    # the parser of the command line reads the signature
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command
