"""The command line: ``spmc new, import, context, investigate, report, verify, schedule, lab, demo, doctor``.

Each command says what it did in a few lines, or with ``--json`` as one object on standard output. What went wrong
goes to standard error as one sentence; the exit code is 2 for bad input, 1 for a failed run, 0 otherwise. Nothing
heavy is imported before a command needs it.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from spmc_tools.errors import ParameterError, SpmcError, quote

__all__ = ["app", "main"]

app = typer.Typer(
    name="spmc",
    help="Find accounts that act together, show the evidence and what chance expects, write one report.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Name of the case: small letters, digits, - and _.")]
Cases = Annotated[
    Path | None,
    typer.Option("--cases", metavar="DIR", help="Where cases live; else SPMC_CASES, else data/cases."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]


def _where(context: typer.Context, cases: Path | None) -> Path | None:
    """Return the folder of cases that was asked for, before or after the command's name."""
    given = cases or context.find_root().obj["cases"]
    return Path(given) if given else None


def _say(context: typer.Context, as_json: bool, result: dict[str, Any], lines: list[str]) -> None:
    """Print a result: one JSON object, or lines for a person."""
    if as_json or context.find_root().obj["json"]:
        import json

        typer.echo(json.dumps(result, ensure_ascii=False, default=str))
    else:
        for line in lines:
            typer.echo(line)


def _with_progress() -> Any:
    from spmc_tools.progress import bars

    return bars()


@app.callback()
def common(
    context: typer.Context,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Find accounts that act together, show the evidence and what chance expects, write one report."""
    context.obj = {"cases": cases, "json": as_json}


@app.command()
def new(
    context: typer.Context,
    case: CaseId,
    title: Annotated[str, typer.Option(help="What the case is called.")],
    purpose: Annotated[str, typer.Option(help="What it is for.")],
    legal_basis: Annotated[str, typer.Option("--legal-basis", help="The provision or order it rests on.")],
    date_from: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, as 2025-11-03.")],
    date_to: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, inclusive.")],
    event: Annotated[str | None, typer.Option(help="Name of an event of the calendar.")] = None,
    language: Annotated[str, typer.Option(help="hi or en.")] = "en",
    officer: Annotated[str | None, typer.Option(help="Who prepares the case; else the name at log-in.")] = None,
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="When the case must be disposed of.")] = None,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Make a case: title, purpose, legal basis and period come before any data."""
    from spmc_tools.case.store import create_case
    from spmc_tools.desks.calendar import events, find_event

    made = create_case(
        case,
        title=title,
        purpose=purpose,
        legal_basis=legal_basis,
        date_from=date_from,
        date_to=date_to,
        event=event,
        language=language,
        officer=officer,
        expires=expires,
        cases=_where(context, cases),
    )
    if event and find_event(event) is None:
        known = ", ".join(one.name for one in events())
        typer.echo(f"Note: the calendar has no event {quote(event)}, so no day is marked; it has {known}.", err=True)
    _say(
        context,
        as_json,
        {"case": made.id, "path": str(made.path.resolve())},
        [f"Case {made.id} made in {made.path.resolve()}", f"Next: spmc import {made.id} FILE"],
    )


@app.command("import")
def import_(
    context: typer.Context,
    case: CaseId,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Export files as they were received.")],
    format_: Annotated[str | None, typer.Option("--format", metavar="NAME", help="Importer to use.")] = None,
    mapping: Annotated[Path | None, typer.Option("--map", metavar="FILE", help="Mapping of columns, as TOML.")] = None,
    tz: Annotated[str | None, typer.Option(metavar="ZONE", help="Zone of times without one: Asia/Kolkata.")] = None,
    date_order: Annotated[str | None, typer.Option(metavar="ORDER", help="dmy, mdy or ymd.")] = None,
    accept_guess: Annotated[bool, typer.Option("--accept-guess", help="Use the mapping that is proposed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and count, change nothing.")] = False,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Bring files into a case; the original is kept byte for byte, and every row is accounted for."""
    from dataclasses import asdict

    from spmc_tools.case.store import open_case
    from spmc_tools.importers.intake import import_files

    opened = open_case(case, cases=_where(context, cases))
    with _with_progress() as progress:
        results = import_files(
            opened,
            files,
            format=format_,
            mapping=mapping,
            tz=tz,
            date_order=date_order,
            accept_guess=accept_guess,
            dry_run=dry_run,
            progress=progress,
        )
    lines = []
    for one in results:
        name = quote(one.name, 120).strip('"')
        lines.append(
            f"{name} ({one.format}): {one.read:,} rows read = {one.kept:,} kept + {one.duplicates:,} duplicates "
            f"+ {one.refused:,} refused; {one.accounts:,} account descriptions"
        )
        if one.note:
            lines.append(f"  {one.note}")
    if dry_run:
        lines.append("Nothing was changed (--dry-run).")
    _say(context, as_json, {"files": [asdict(one) for one in results]}, lines)


@app.command()
def context(
    context: typer.Context,
    case: CaseId,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help="newsroom, official, office, volunteer, business, fan_club, public_figure or other."
        ),
    ],
    accounts: Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="Account ids, as in the records.")],
    reason: Annotated[str, typer.Option(help="Why, for the log: who they are and how you know.")],
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Register newsrooms and official handles: shown with their kind beside findings, and never named by one."""
    from spmc_tools.case.store import open_case

    opened = open_case(case, cases=_where(context, cases))
    opened.add_context(accounts, kind, reason)
    pairs = opened.table("records", ["platform", "account_id"]).group_by(["platform", "account_id"]).aggregate([])
    rows = [(row["platform"], row["account_id"]) for row in pairs.to_pylist()]
    there = {name for platform, account in rows for name in (account, f"{platform}:{account}")}
    absent = [account for account in accounts if account not in there]
    if absent:
        shown = ", ".join(quote(account, 40) for account in absent[:10])
        typer.echo(
            f"Note: no record of this case is from {shown}{', …' if len(absent) > 10 else ''}; "
            "ids are wanted as in the records, not handles.",
            err=True,
        )
    _say(
        context,
        as_json,
        {"case": opened.id, "registered": len(accounts), "context": len(opened.settings.context)},
        [f"{len(accounts):,} registered as {kind}; this case lists {len(opened.settings.context):,} accounts."],
    )


@app.command()
def investigate(
    context: typer.Context,
    case: CaseId,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn.")] = 0,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Look for accounts that acted together more than chance expects; kept in the case for reports."""
    from spmc_tools.case.store import open_case
    from spmc_tools.findings.investigate import investigate as look

    opened = open_case(case, cases=_where(context, cases))
    with _with_progress() as progress:
        found = look(opened, seed=seed, progress=progress)
    counts = {"accounts": len(found.accounts), "edges": len(found.edges), "clusters": len(found.clusters)}
    named = int(found.accounts["tier"].isin(["A", "B"]).sum()) if len(found.accounts) else 0
    lines = [
        f"{counts['accounts']:,} accounts looked at, {counts['edges']:,} edges, {counts['clusters']:,} clusters; "
        f"{named:,} accounts in tier A or B",
        *(f"Not run: {row['trace']}: {row['reason']}" for row in found.not_run),
        f"Next: spmc report {opened.id} election_watch"
        if len(found.accounts)
        else f"Next: spmc import {opened.id} FILE",
    ]
    _say(
        context,
        as_json,
        {**counts, "not_run": found.not_run, "derived": str(found.derived and found.derived.resolve())},
        lines,
    )


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


@app.command()
def report(
    context: typer.Context,
    case: CaseId,
    notebook: Annotated[str, typer.Argument(metavar="NOTEBOOK", help="Name in notebooks/, or a path to an .ipynb.")],
    parameters: Annotated[
        list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help="Parameter of the notebook; may be repeated.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="en, hi or both; else the language of the case.")] = None,
    edition: Annotated[str, typer.Option(help="full or redacted.")] = "full",
    pdf: Annotated[bool, typer.Option("--pdf", help="Print a PDF too, with the system's Chromium.")] = False,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Run a notebook on a case and write one HTML file; its path is the last line."""
    from spmc_tools.case.store import open_case
    from spmc_tools.report.run import run_notebook

    opened = open_case(case, cases=_where(context, cases))
    with _with_progress() as progress:
        done = run_notebook(
            opened,
            notebook,
            _pairs(parameters or []),
            language=lang or opened.settings.language,
            edition=edition,
            pdf=pdf,
            progress=progress,
        )
    _show_run(context, as_json, done)


def _show_run(context: typer.Context, as_json: bool, done: Any) -> None:
    """Print a run; a failed one ends with exit code 1 after its report was written."""
    page = done.report.resolve()
    result = {"run_id": done.run_id, "status": done.status, "report": str(page)}
    _say(context, as_json, result, [f"Run {done.run_id}: {done.status}", str(page)])
    if done.status == "failed":
        typer.echo(f"The run failed; what it computed and why it stopped stand in {page}.", err=True)
        raise typer.Exit(1)


@app.command()
def verify(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A case folder or its name, or the folder of one run.")],
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Recompute every hash of a case or a run, and name the first thing that differs."""
    from spmc_tools.case.store import cases_dir
    from spmc_tools.report.pack import verify as recompute

    named = cases_dir(_where(context, cases)) / path
    if not path.exists() and len(path.parts) == 1 and (named / "case.toml").is_file():
        path = named
    result = recompute(path)
    lines = [f"Differs: {what}." for what in result.differences]
    lines += [f"Not checked: {what}." for what in result.not_checked]
    lines.append(f"{result.checked:,} things checked: {'nothing differs' if result.ok else 'something differs'}.")
    found = {
        "ok": result.ok,
        "checked": result.checked,
        "first_difference": result.first_difference,
        "differences": list(result.differences),
        "not_checked": list(result.not_checked),
    }
    _say(context, as_json, found, lines)
    if not result.ok:
        raise typer.Exit(1)


schedules = typer.Typer(no_args_is_help=True, help="Run reports when they are due: one TOML file with [[job]] tables.")
app.add_typer(schedules, name="schedule")

ScheduleFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="Schedule; see docs/schedule.md.")]


@schedules.command("run")
def schedule_run(context: typer.Context, file: ScheduleFile, cases: Cases = None, as_json: Json = False) -> None:
    """Run the jobs that are due, one after the other; a job that never ran is due at once."""
    from spmc_tools.report.schedule import run_due
    from spmc_tools.report.schedule_file import read_schedule

    quiet = as_json or context.find_root().obj["json"]
    done = run_due(
        read_schedule(file), _where(context, cases), say=None if quiet else lambda line: typer.echo(line, err=True)
    )
    for problem in done.hooks:
        typer.echo(problem, err=True)
    for name, why in done.failed.items():
        typer.echo(f"{name} failed: {_sentence(why)}", err=True)
    result = {
        "due": done.due,
        "done": done.done,
        "failed": list(done.failed),
        "reasons": done.failed,
        "elsewhere": done.elsewhere,
        "reports": done.reports,
        "hooks": done.hooks,
    }
    _say(context, as_json, result, [f"{len(done.due)} due, {len(done.done)} done, {len(done.failed)} failed"])
    if done.failed:
        raise typer.Exit(1)


@schedules.command("list")
def schedule_list(context: typer.Context, file: ScheduleFile, cases: Cases = None, as_json: Json = False) -> None:
    """Say of each job when it ran, how that ended, and when it is due."""
    from spmc_tools.desks.calendar import IST
    from spmc_tools.report.schedule import due_jobs
    from spmc_tools.report.schedule_file import read_schedule

    def hour(moment: Any) -> str:
        return f"{moment.astimezone(IST):%Y-%m-%d %H:%M} IST" if moment is not None else "never"

    rows = due_jobs(read_schedule(file), _where(context, cases))
    lines = []
    for row in rows:
        last = f"{row.last.status} {hour(row.last.started_at)}" if row.last is not None else "never ran"
        due = "due now" if row.due_at is not None else f"due {hour(row.next_at)}"
        lines.append(f"{row.job.name}: {due}; last: {last}" + (f"; {_sentence(row.problem)}" if row.problem else ""))
        if row.last is not None and row.last.reason:
            lines.append(f"  {row.last.reason}")
    ended = [(row.job.name, row.last.status) for row in rows if row.last is not None]
    result = {
        "due": [row.job.name for row in rows if row.due_at is not None],
        "done": [name for name, status in ended if status in {"complete", "partial"}],
        "failed": [name for name, status in ended if status in {"failed", "killed", "refused"}],
        "next": {row.job.name: row.next_at.isoformat() if row.next_at else None for row in rows},
        "problems": {row.job.name: row.problem for row in rows if row.problem},
    }
    _say(context, as_json, result, lines)


@schedules.command("install")
def schedule_install(
    context: typer.Context,
    file: ScheduleFile,
    kind: Annotated[str, typer.Option(help="systemd, cron or windows.")] = "systemd",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files are written.")] = Path(),
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Write the files that start the schedule every five minutes, for you to put in place."""
    from spmc_tools.case.durable import write_file
    from spmc_tools.case.store import cases_dir
    from spmc_tools.report.schedule_file import read_schedule
    from spmc_tools.report.timers import timer_files

    plan = read_schedule(file)
    program = [sys.executable, "-c", "from spmc_tools.cli import main; main()"]
    root = cases_dir(_where(context, cases) or plan.cases).resolve()
    made = timer_files(kind, program, plan.path, root)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            write_file(out / name, text.encode())
    except OSError as error:
        raise ParameterError(f"--out: {quote(out)} cannot be written: {error.strerror or error}.") from None
    paths = [str((out / name).resolve()) for name in made]
    unit = next(iter(made)).removesuffix(".service")
    after = {
        "systemd": f"Next: copy them to ~/.config/systemd/user/, then systemctl --user enable --now {unit}.timer",
        "cron": "Next: add the line to crontab -e",
        "windows": f"Next: schtasks /Create /TN SPMC /XML {paths[0]}",
    }[kind]
    _say(context, as_json, {"due": [], "done": [], "failed": [], "written": paths}, [*paths, after])


@app.command()
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
    """Open JupyterLab on this machine alone, with the notebooks and the sample case ready; Ctrl-C stops it."""
    from spmc_tools.demo import sample_case
    from spmc_tools.lab import prepare, run_lab

    where = _where(context, cases)
    with _with_progress() as progress:
        sample_case(where, progress)
    ready = prepare(folder, where, port, browser)
    lines = [f"Notebooks in {ready.folder}", "Open this address in the browser of this machine; Ctrl-C here stops it:"]
    _say(context, as_json, {"url": ready.url, "folder": str(ready.folder)}, [*lines, ready.url])
    code = run_lab(ready)
    if code:
        typer.echo(f"JupyterLab ended with code {code}; what it said stands above.", err=True)
        raise typer.Exit(1)


@app.command()
def demo(context: typer.Context, cases: Cases = None, as_json: Json = False) -> None:
    """Import the synthetic sample case, investigate it, write its report; the path is the last line."""
    from spmc_tools.demo import run_demo

    quiet = as_json or context.find_root().obj["json"]
    with _with_progress() as progress:
        done = run_demo(
            _where(context, cases), say=None if quiet else lambda line: typer.echo(line, err=True), progress=progress
        )
    _show_run(context, as_json, done)


@app.command()
def doctor(
    context: typer.Context,
    cases: Cases = None,
    profile_of: Annotated[
        str | None,
        typer.Option("--profile", metavar="CASE", help="Also: where time and memory went in its last investigation."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what this machine lacks, and which cases are past their date or have a broken chain."""
    from spmc_tools.doctor import examine, profile

    where = _where(context, cases)
    stages = profile(profile_of, where) if profile_of is not None else None
    found = examine(where)
    lines = [f"Problem: {p['what']} {p['do']}".rstrip() for p in found["problems"]]
    lines += [f"Note: {n['what']} {n['do']}".rstrip() for n in found["notes"]]
    lines.append(f"{len(found['problems'])} problems." if found["problems"] else "No problems.")
    if stages is not None:
        lines += [_stage_line(stage) for stage in stages] or [f"{profile_of}: no investigation was logged with times."]
    _say(context, as_json, {**found, **({} if stages is None else {"profile": stages})}, lines)


def _stage_line(stage: dict[str, Any]) -> str:
    peak = "" if stage["peak_mb"] is None else f", {stage['peak_mb']:,} MB at most so far"
    return f"{stage['stage']}: {stage['cpu_s']:.1f} s of processor, {stage['wall_s']:.1f} s by the clock{peak}"


def _sentence(message: str) -> str:
    """Return a message that ends like a sentence; a block below it (a proposed mapping) stays as it is."""
    text = message.strip()
    return text if "\n" in text or text.endswith((".", "?", "!")) else f"{text}."


def _wrong_use(error: typer.TyperException) -> int:
    """Say in one sentence what is wrong with the command as it was typed; return the exit code."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)
    else:
        command = context.command_path if context is not None else "spmc"
        typer.echo(f"{_sentence(' '.join(error.format_message().split()))} Type: {command} --help", err=True)
    return 2


def _unexpected(error: BaseException) -> str:
    """Write the details of an error nobody foresaw to a file, and return the sentence that names it."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="spmc-", suffix=".log", delete=False, encoding="utf-8") as log:
        traceback.print_exception(error, file=log)
    return f"spmc stopped unexpectedly ({type(error).__name__}); the details are in {log.name}."


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0, 1 for a failed run, 2 for bad input."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file name may hold bytes that are no text
    code = 0
    try:
        returned = app(args=arguments, prog_name="spmc", standalone_mode=False)
        code = returned if isinstance(returned, int) else 0
    except typer.TyperException as error:
        code = _wrong_use(error)
    except typer.Exit as error:
        code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("Stopped; what was finished before is kept.", err=True)
        code = 130
    except SpmcError as error:
        typer.echo(_sentence(str(error)), err=True)
        code = error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 1
    except Exception as error:
        if os.environ.get("SPMC_DEBUG"):
            raise
        typer.echo(_unexpected(error), err=True)
        code = 1
    sys.exit(code)
