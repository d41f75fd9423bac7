"""What starts a schedule by itself: systemd user timers, a cron line, or a task of Windows.

Each calls ``spmc schedule run FILE`` every few minutes; which jobs are due, the call itself works out. The files are
written for a person to look at and put in place; nothing is installed behind their back.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from spmc_tools.errors import ParameterError, quote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["KINDS", "timer_files"]

KINDS = ("systemd", "cron", "windows")
EVERY_MIN = 5
_TASK = "http://schemas.microsoft.com/windows/2004/02/mit/task"


def timer_files(kind: str, program: Sequence[str], schedule: Path, cases: Path) -> dict[str, str]:
    """Return the files that start a schedule every five minutes, by name.

    Parameters
    ----------
    kind : {"systemd", "cron", "windows"}
        What starts it.
    program : sequence of str
        How ``spmc`` is called on this machine.
    schedule : path
        The schedule file, absolute.
    cases : path
        Where its cases live, absolute.

    Raises
    ------
    ParameterError
        Where the kind is not known, or a path holds a line end, which none of the three can carry.
    """
    command = [*program, "--cases", str(cases), "schedule", "run", str(schedule)]
    if any(char in part for part in command for char in "\n\r\0"):
        raise ParameterError(f"{quote(schedule)}: a path with a line end cannot be scheduled; move the file.")
    name = f"spmc-{''.join(c if c.isalnum() and c.isascii() else '-' for c in schedule.stem)[:40] or 'schedule'}"
    if kind == "systemd":
        return {f"{name}.service": _service(command, schedule), f"{name}.timer": _timer(schedule)}
    if kind == "cron":
        return {f"{name}.cron": f"*/{EVERY_MIN} * * * * {_for_cron(command)}\n"}
    if kind == "windows":
        return {f"{name}.xml": _task(command)}
    raise ParameterError(f"There is no timer {quote(kind)}; wanted one of {', '.join(KINDS)}.")


def _service(command: Sequence[str], schedule: Path) -> str:
    return (
        f"[Unit]\nDescription=SPMC Notebook: what is due of {_plain(schedule.name)}\n\n"
        f"[Service]\nType=oneshot\nNice=5\nExecStart={' '.join(_for_systemd(part) for part in command)}\n"
    )


def _timer(schedule: Path) -> str:
    return (
        f"[Unit]\nDescription=SPMC Notebook: every {EVERY_MIN} minutes, {_plain(schedule.name)}\n\n"
        f"[Timer]\nOnBootSec=2min\nOnCalendar=*:0/{EVERY_MIN}\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text).replace("%", "%%")


def _for_systemd(part: str) -> str:
    """Quote one argument as systemd.service(5) reads it: % and $ doubled, the rest inside double quotes."""
    text = part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"'


def _for_cron(command: Sequence[str]) -> str:
    """Quote a command for a crontab: a shell reads it, and % there is a line end unless it is escaped."""
    return shlex.join(command).replace("%", "\\%")


def _task(command: Sequence[str]) -> str:
    """Return a task for the Task Scheduler of Windows: every five minutes, one at a time, caught up after downtime."""
    ElementTree.register_namespace("", _TASK)
    task = ElementTree.Element(f"{{{_TASK}}}Task", {"version": "1.2"})

    def under(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
        made = ElementTree.SubElement(parent, f"{{{_TASK}}}{name}")
        made.text = text
        return made

    trigger = under(under(task, "Triggers"), "TimeTrigger")
    repetition = under(trigger, "Repetition")
    under(repetition, "Interval", f"PT{EVERY_MIN}M")
    under(trigger, "StartBoundary", "2025-01-01T00:00:00")
    settings = under(task, "Settings")
    under(settings, "MultipleInstancesPolicy", "IgnoreNew")
    under(settings, "StartWhenAvailable", "true")
    under(settings, "ExecutionTimeLimit", "PT0S")
    action = under(under(task, "Actions"), "Exec")
    under(action, "Command", command[0])
    under(action, "Arguments", " ".join(_for_windows(part) for part in command[1:]))
    ElementTree.indent(task)
    return '<?xml version="1.0"?>\n' + ElementTree.tostring(task, encoding="unicode") + "\n"


def _for_windows(part: str) -> str:
    from subprocess import list2cmdline

    return list2cmdline([part])
