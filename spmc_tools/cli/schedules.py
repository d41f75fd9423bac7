"""Commands on a schedule: run what is due, list the jobs, add or remove one, write the files of a timer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from spmc_tools.cli.options import Cases, Json, ScheduleFile
from spmc_tools.cli.output import as_sentence, cases_folder, say
from spmc_tools.errors import ParameterError, quote

__all__ = ["schedule_add", "schedule_install", "schedule_list", "schedule_remove", "schedule_run"]


def schedule_run(context: typer.Context, file: ScheduleFile, cases: Cases = None, as_json: Json = False) -> None:
    """Run the jobs that are due, one after the other. A job that never ran is due at once."""
    from spmc_tools.schedule.schedule import run_due
    from spmc_tools.schedule.schedule_file import read_schedule

    quiet = as_json or context.find_root().obj["json"]
    done = run_due(
        read_schedule(file, whole=False),
        cases_folder(context, cases),
        say=None if quiet else lambda line: typer.echo(line, err=True),
    )
    for problem in done.hooks:
        typer.echo(problem, err=True)
    for name, why in done.failed.items():
        typer.echo(f"{name} failed: {as_sentence(why)}", err=True)
    result = {
        "due": done.due,
        "done": done.done,
        "failed": list(done.failed),
        "reasons": done.failed,
        "elsewhere": done.elsewhere,
        "reports": done.reports,
        "hooks": done.hooks,
    }
    say(context, as_json, result, [f"{len(done.due)} due, {len(done.done)} done, {len(done.failed)} failed"])
    if done.failed:
        raise typer.Exit(1)


def schedule_list(context: typer.Context, file: ScheduleFile, cases: Cases = None, as_json: Json = False) -> None:
    """Say of each job when it ran, how that ended, and when it is due."""
    from spmc_tools.desks.base.calendar import IST
    from spmc_tools.schedule.schedule import due_jobs
    from spmc_tools.schedule.schedule_file import read_schedule

    def hour(moment: Any) -> str:
        return f"{moment.astimezone(IST):%Y-%m-%d %H:%M} IST" if moment is not None else "never"

    rows = due_jobs(read_schedule(file), cases_folder(context, cases))
    lines = []
    for row in rows:
        last = f"{row.last.status} {hour(row.last.started_at)}" if row.last is not None else "never ran"
        if row.last is not None and row.last.ended_at is not None and row.last.ended_at >= row.last.started_at:
            last += f", took {(row.last.ended_at - row.last.started_at).total_seconds():.0f} s"
        due = "due now" if row.due_at is not None else f"due {hour(row.next_at)}"
        lines.append(f"{row.job.name}: {due}; last: {last}" + (f"; {as_sentence(row.problem)}" if row.problem else ""))
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
    say(context, as_json, result, lines)


def schedule_add(
    context: typer.Context,
    file: ScheduleFile,
    name: Annotated[str, typer.Argument(help="Of the job: small letters, digits, - and _.")],
    case: Annotated[str, typer.Option(help="Which case it looks at.")],
    notebook: Annotated[str, typer.Option(help="Which notebook it runs, as election_watch.")],
    when: Annotated[str, typer.Option(help='As "daily 06:00"; see docs/howto/schedule.md.')],
    lang: Annotated[str | None, typer.Option(help="hi, en or both; else the language of the case.")] = None,
    edition: Annotated[str | None, typer.Option(help="full or redacted; else full.")] = None,
    keep: Annotated[int | None, typer.Option(help="How many reports of it are kept; else all.")] = None,
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Add a job to a schedule; a file that is not there is made. What else stands in it stays."""
    from spmc_tools.case.store.case_folder import cases_dir
    from spmc_tools.schedule.schedule_edit import add_job

    values = {
        "name": name, "case": case, "notebook": notebook, "when": when, "lang": lang, "edition": edition, "keep": keep,
    }  # fmt: skip
    job = add_job(file, values, cases_dir(cases_folder(context, cases)))
    say(context, as_json, {"added": job.name}, [f"{job.name} is added: {job.notebook} of {job.case}, {job.when}"])


def schedule_remove(
    context: typer.Context,
    file: ScheduleFile,
    name: Annotated[str, typer.Argument(help="Of the job.")],
    as_json: Json = False,
) -> None:
    """Take a job out of a schedule; its reports stay."""
    from spmc_tools.schedule.schedule_edit import remove_job

    left = remove_job(file, name)
    jobs = "1 job is" if left == 1 else f"{left} jobs are"
    say(context, as_json, {"removed": name, "left": left}, [f"{name} is taken out; {jobs} left"])


def schedule_install(
    context: typer.Context,
    file: ScheduleFile,
    kind: Annotated[str, typer.Option(help="systemd, cron or windows.")] = "systemd",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files are written.")] = Path(),
    cases: Cases = None,
    as_json: Json = False,
) -> None:
    """Write the files that start the schedule every five minutes. You put them in place."""
    from spmc_tools.case.files.durable import write_file
    from spmc_tools.case.store.case_folder import cases_dir
    from spmc_tools.schedule.schedule_file import read_schedule
    from spmc_tools.schedule.timers import timer_files

    plan = read_schedule(file)
    program = [sys.executable, "-c", "from spmc_tools.cli import main; main()"]
    root = cases_dir(cases_folder(context, cases) or plan.cases).resolve()
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
    say(context, as_json, {"due": [], "done": [], "failed": [], "written": paths}, [*paths, after])
