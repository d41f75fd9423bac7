"""The command that writes a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.cli.keys import signer_of
from spmc_tools.cli.options import CaseCommand, Cases, Json, on_case
from spmc_tools.cli.output import cases_folder, say, show_run
from spmc_tools.errors import ParameterError, quote
from spmc_tools.progress import bars

__all__ = ["rates", "report"]


@on_case
def report(
    command: CaseCommand,
    notebook: Annotated[str, typer.Argument(metavar="NOTEBOOK", help="Name in notebooks/, or a path to an .ipynb.")],
    parameters: Annotated[
        list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help="Parameter of the notebook; may be repeated.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="en, hi or both (a file for each); else that of the case.")] = None,
    edition: Annotated[str, typer.Option(help="full or redacted.")] = "full",
    pdf: Annotated[bool, typer.Option("--pdf", help="Print a PDF too, with the system's Chromium.")] = False,
) -> None:
    """Run a notebook on a case and write one HTML file. Its path is the last line."""
    from spmc_tools.report.running.run import run_notebook

    opened = command.open()
    with bars() as progress:
        done = run_notebook(
            opened,
            notebook,
            _pairs(parameters or []),
            language=lang or opened.settings.language,
            edition=edition,
            pdf=pdf,
            signer=signer_of(opened.officer),
            progress=progress,
        )
    show_run(command.context, command.as_json, done)


def rates(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write them as a page, too; a new file.")
    ] = None,
    lang: Annotated[str, typer.Option(help="Of the page: en, hi or both.")] = "en",
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Say what reviews said of groups over all cases, by kind. Numbers only; officers are not named."""
    from spmc_tools.report.page.rates_page import rate_lines, rates_page
    from spmc_tools.report.rates.own_rates import own_rates
    from spmc_tools.report.values.section_values import to_json

    found = own_rates(cases_folder(context, cases))
    lines = rate_lines(found)
    if out is not None:
        if out.exists():
            raise ParameterError(f"{quote(out.name)} exists already; give a new file.")
        with os_errors(f"The rates cannot be written to {quote(out.name)}"):
            write_file(out, rates_page(found, lang).encode("utf-8", "backslashreplace"))
        lines.append(str(out.resolve()))
    say(context, as_json, to_json(found) | ({"page": str(out.resolve())} if out else {}), lines)


def _pairs(values: list[str]) -> dict[str, str]:
    """Split ``name=value`` options."""
    pairs: dict[str, str] = {}
    for value in values:
        name, sign, text = value.partition("=")
        if not sign:
            raise ParameterError(f"-p: found {quote(value)}, wanted name=value; type for example -p seed=1.")
        if name in pairs:
            raise ParameterError(f"-p: the parameter {name!r} is given twice; type it once.")
        pairs[name] = text
    return pairs
