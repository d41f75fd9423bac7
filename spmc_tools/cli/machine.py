"""Commands on this machine: the app, JupyterLab, the demonstration, what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from spmc_tools.cli.options import Cases, Json
from spmc_tools.cli.output import cases_folder, say, show_run
from spmc_tools.progress import bars

__all__ = ["app", "demo", "doctor", "lab"]


def app(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(metavar="N", help="Port on 127.0.0.1; else the first free one.")] = None,
    lang: Annotated[str, typer.Option(help="Of the first page: hi or en.")] = "hi",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Open the pages for officers, from file to report by forms."""
    from spmc_tools.app.pages.app_server import prepare_app, run_app
    from spmc_tools.case.store.case_folder import cases_dir

    ready = prepare_app(cases_dir(cases_folder(context, cases)), port, lang)
    lines = ["Open this address in the browser of this machine; Ctrl-C here stops it:", ready.url]
    say(context, as_json, {"url": ready.url, "cases": str(ready.cases)}, lines)
    run_app(ready, browser)


def lab(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Work folder of the notebooks; else lab beside the cases.")
    ] = None,
    port: Annotated[int | None, typer.Option(metavar="N", help="Port on 127.0.0.1; else the first free one.")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Open JupyterLab on this machine alone. The notebooks and the sample case are ready; Ctrl-C stops it."""
    from spmc_tools.demo import sample_case
    from spmc_tools.lab import lost_port, prepare, run_lab

    where = cases_folder(context, cases)
    with bars() as progress:
        sample_case(where, progress)
    code, lost = 0, True
    while lost:
        ready = prepare(folder, where, port, browser)
        lines = [
            f"Notebooks in {ready.folder}",
            "Open this address in the browser of this machine; Ctrl-C here stops it:",
        ]
        say(context, as_json, {"url": ready.url, "folder": str(ready.folder)}, [*lines, ready.url])
        code = run_lab(ready)
        lost = bool(code) and port is None and lost_port(ready)
    if code:
        typer.echo(f"JupyterLab ended with code {code}; what it said stands above.", err=True)
        raise typer.Exit(1)


def demo(context: typer.Context, cases: Cases = None, as_json: Json = False) -> None:
    """Take the synthetic sample case from files to report. The path of the report is the last line."""
    from spmc_tools.demo import run_demo

    quiet = as_json or context.find_root().obj["json"]
    with bars() as progress:
        done = run_demo(
            cases_folder(context, cases),
            say=None if quiet else lambda line: typer.echo(line, err=True),
            progress=progress,
        )
    show_run(context, as_json, done)


def doctor(
    context: typer.Context,
    cases: Cases = None,
    profile_of: Annotated[
        str | None,
        typer.Option("--profile", metavar="CASE", help="Also: where time and memory went in its last investigation."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what this machine lacks and which cases need care. These are past their date or have a broken chain."""
    from spmc_tools.doctor import examine, kept_stages, profile
    from spmc_tools.version import about

    where = cases_folder(context, cases)
    kept = kept_stages(where)
    stages = profile(profile_of, where) if profile_of is not None else None
    found = examine(where)
    known = about()
    lines = [
        f"Version {known['version']} (sources {known['sources'][:12]}), Python {known['python']}, "
        f"{known['system']} {known['machine']}, no GPU used."
    ]
    lines += [f"Problem: {p['what']} {p['do']}".rstrip() for p in found["problems"]]
    lines += [f"Note: {n['what']} {n['do']}".rstrip() for n in found["notes"]]
    lines += [f"Case {k['case']} keeps {k['files']} stages, {k['bytes'] / 1e6:,.1f} MB." for k in kept]
    lines.append(f"{len(found['problems'])} problems." if found["problems"] else "No problems.")
    if stages is not None:
        lines += [_stage_line(stage) for stage in stages] or [f"{profile_of}: no investigation was logged with times."]
    result = {**found, "about": known, "kept_stages": kept, **({} if stages is None else {"profile": stages})}
    say(context, as_json, result, lines)


def _stage_line(stage: dict[str, Any]) -> str:
    peak = "" if stage["peak_mb"] is None else f", {stage['peak_mb']:,} MB at most so far"
    return f"{stage['stage']}: {stage['cpu_s']:.1f} s of processor, {stage['wall_s']:.1f} s by the clock{peak}"
