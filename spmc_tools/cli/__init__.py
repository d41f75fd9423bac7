"""The command line: cases, imports, investigations, reports, reviews, packs, keys, schedules.

Each command says what it did in a few lines, or with ``--json`` as one object on standard output. What went wrong
goes to standard error as one sentence; the exit code is 2 for bad input, 1 for a failed run, 0 otherwise. Nothing
heavy is imported before a command needs it. A module here holds one group of commands as plain functions;
:mod:`spmc_tools.cli.command_line` lists them all.
"""

from spmc_tools.cli.command_line import app, main

__all__ = ["app", "main"]
