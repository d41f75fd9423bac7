"""The program ``spmc``: its commands in the order of its help, and how it ends."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from spmc_tools.cli import cases, custody_chain, imports, investigation, keys, machine, reports, reviews, schedules
from spmc_tools.cli.options import Cases, Json
from spmc_tools.cli.output import as_sentence
from spmc_tools.errors import SpmcError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["app", "main"]

_COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("new", cases.new),
    ("import", imports.import_),
    ("collect", imports.collect),
    ("context", cases.context),
    ("watch-term", cases.watch_term),
    ("law-check", cases.law_check),
    ("investigate", investigation.investigate),
    ("report", reports.report),
    ("rates", reports.rates),
    ("verify", custody_chain.verify),
    ("attach", imports.attach),
    ("set-aside", imports.set_aside),
    ("handover", custody_chain.handover),
    ("custody", custody_chain.custody),
    ("provenance", custody_chain.provenance),
    ("search", cases.search),
    ("backup", custody_chain.backup),
    ("restore", custody_chain.restore),
    ("extend", cases.extend),
    ("dispose", custody_chain.dispose),
    ("decide", reviews.decide),
    ("review", reviews.review),
    ("withdraw", reviews.withdraw),
    ("time-stamp", reviews.time_stamp),
    ("pack", reviews.pack),
    ("app", machine.app),
    ("lab", machine.lab),
    ("demo", machine.demo),
    ("doctor", machine.doctor),
)
_KEY_COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("new", keys.key_new),
    ("show", keys.key_show),
    ("rotate", keys.key_rotate),
    ("revoke", reviews.key_revoke),
)
_SCHEDULE_COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("run", schedules.schedule_run),
    ("list", schedules.schedule_list),
    ("add", schedules.schedule_add),
    ("remove", schedules.schedule_remove),
    ("install", schedules.schedule_install),
)


def _say_version(wanted: bool) -> None:
    if wanted:
        from spmc_tools.version import about

        known = about()
        typer.echo(
            f"spmc {known['version']} (sources {known['sources'][:12]}), Python {known['python']}, "
            f"{known['system']} {known['machine']}"
        )
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say what runs here, and end.")
]


def _common(context: typer.Context, cases: Cases = None, as_json: Json = False, version: Version = False) -> None:
    """Find accounts that act together, show the evidence and what chance expects, write one report."""
    context.obj = {"cases": cases, "json": as_json}


def _program() -> typer.Typer:
    """Return the program with all its commands, in the order in which its help lists them."""
    program = typer.Typer(
        name="spmc",
        help="Find accounts that act together, show the evidence and what chance expects, write one report.",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    program.callback()(_common)
    for name, command in _COMMANDS:
        program.command(name)(command)
    key = typer.Typer(
        no_args_is_help=True,
        help="Make, show and rotate the keys with which officers sign. One each, locked with a passphrase.",
    )
    schedule = typer.Typer(
        no_args_is_help=True, help="Run reports when they are due. One TOML file holds [[job]] tables."
    )
    for group, name, commands in ((key, "key", _KEY_COMMANDS), (schedule, "schedule", _SCHEDULE_COMMANDS)):
        for verb, command in commands:
            group.command(verb)(command)
        program.add_typer(group, name=name)
    return program


app = _program()


def _wrong_use(error: typer.TyperException) -> int:
    """Say in one sentence what is wrong with the command as it was typed; return the exit code."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)
    else:
        command = context.command_path if context is not None else "spmc"
        typer.echo(f"{as_sentence(' '.join(error.format_message().split()))} Type: {command} --help", err=True)
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
        typer.echo(as_sentence(str(error)), err=True)
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
