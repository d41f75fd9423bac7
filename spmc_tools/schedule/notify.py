"""Tell somebody how a scheduled job ended: by a command, or by a mail through the centre's own server."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

from spmc_tools.mail import sent
from spmc_tools.operating_system import end_group, group_of_its_own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.mail import Mail
    from spmc_tools.schedule.schedule_file import Notify

__all__ = ["told"]

WAIT_S = 30
"""Seconds that a command or a mail server may take."""


def told(notify: Notify | None, facts: Mapping[str, str | None]) -> list[str]:
    """Tell what is to be told, and return one sentence for each message that did not get through.

    Parameters
    ----------
    notify : Notify or None
        Who; None: nobody.
    facts : mapping
        ``job, case, notebook, status, run_id, report, reason``. A command gets them as ``SPMC_JOB``, … in its
        environment and as one JSON object on its standard input; never as part of a command line.
    """
    if notify is None or (notify.on == "failure" and facts["status"] == "complete"):
        return []
    problems = []
    if notify.command is not None:
        problems.append(_by_command(notify.command, facts))
    if notify.mail is not None:
        problems.append(_by_mail(notify.mail, facts))
    return [problem for problem in problems if problem is not None]


def _by_command(command: list[str], facts: Mapping[str, str | None]) -> str | None:
    environment = os.environ | {f"SPMC_{name.upper()}": value or "" for name, value in facts.items()}
    said = json.dumps(dict(facts), ensure_ascii=False).encode()
    try:
        process = subprocess.Popen(  # noqa: S603 -- the command that the centre wrote into its schedule
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            **group_of_its_own(),
        )  # fmt: skip
    except (OSError, ValueError) as error:
        return f"The command {command[0]} could not be started: {getattr(error, 'strerror', None) or error}."
    with process:
        try:
            process.communicate(said, timeout=WAIT_S)
        except subprocess.TimeoutExpired:
            end_group(process)
            return f"The command {command[0]} took longer than {WAIT_S} s and was stopped."
    return f"The command {command[0]} ended with exit code {process.returncode}." if process.returncode else None


def _by_mail(mail: Mail, facts: Mapping[str, str | None]) -> str | None:
    subject = f"SPMC {facts['status']}: {facts['job']} ({facts['case']})"
    return sent(mail, subject, "".join(f"{name}: {value or '-'}\n" for name, value in facts.items()), WAIT_S)
