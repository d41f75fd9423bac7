"""``docs/reference/commands.md`` is what the command line says of itself.

After a change: ``SPMC_WRITE_DOCS=1 pytest tests/test_docs_commands.py``.
"""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

import typer

from spmc_tools.cli import app

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "commands.md"


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def parameter(found: Any) -> str:
    if found.param_type_name == "argument":
        name = f"`{found.metavar or found.name.upper()}`"
    else:
        name = ", ".join(f"`{option}`" for option in (*found.opts, *found.secondary_opts))
    return f"| {cell(name)} | {'required' if found.required else ''} | {cell(getattr(found, 'help', '') or '')} |"


def described(name: str, command: Any) -> list[str]:
    """One command: its name as a heading, what it says of itself, and its arguments and options."""
    if isinstance(command, typer.core.TyperGroup):
        return [line for sub, inner in command.commands.items() for line in described(f"{name} {sub}", inner)]
    lines = ["", f"## `{name}`", "", inspect.cleandoc(command.help or "").split("\f")[0].strip()]
    shown = [found for found in command.params if not getattr(found, "hidden", False) and found.name != "help"]
    if shown:
        lines += ["", "| argument or option | | |", "|---|---|---|", *map(parameter, shown)]
    return lines


def commands_page() -> str:
    root = typer.main.get_command(app)
    lines = [
        "# Commands",
        "",
        "Written from the command line by `tests/test_docs_commands.py`. `spmc COMMAND --help` says the same.",
        "The exit code is 2 for bad input, 1 for a failed run, 0 otherwise.",
    ]
    return "\n".join([*lines, *described("spmc", root)]) + "\n"


def test_commands_page_is_the_command_line() -> None:
    if os.environ.get("SPMC_WRITE_DOCS"):
        PAGE.write_text(commands_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == commands_page()


def test_every_command_has_its_heading() -> None:
    headings = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("## `spmc ")]
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert f"## `spmc {name}`" in headings
