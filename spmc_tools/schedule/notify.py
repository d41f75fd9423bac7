"""Tell somebody how a scheduled job ended: by a command, or by a mail through the centre's own server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spmc_tools.schedule.schedule_file import Mail, Notify

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
            start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        return f"The command {command[0]} could not be started: {getattr(error, 'strerror', None) or error}."
    with process:
        try:
            process.communicate(said, timeout=WAIT_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # with everything it started
            return f"The command {command[0]} took longer than {WAIT_S} s and was stopped."
    return f"The command {command[0]} ended with exit code {process.returncode}." if process.returncode else None


def _by_mail(mail: Mail, facts: Mapping[str, str | None]) -> str | None:
    """Send a mail; a server that answers without an end is left after :data:`WAIT_S`, whatever it says meanwhile."""
    said: list[str | None] = []
    sender = threading.Thread(target=lambda: said.append(_sent(mail, facts)), daemon=True)
    sender.start()
    sender.join(WAIT_S)
    if not said:
        return f"The mail through {mail.host}:{mail.port} was not sent: the server took longer than {WAIT_S} s."
    return said[0]


def _sent(mail: Mail, facts: Mapping[str, str | None]) -> str | None:
    import smtplib
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"] = mail.sender, ", ".join(mail.to)
    message["Subject"] = f"SPMC {facts['status']}: {facts['job']} ({facts['case']})"
    message.set_content("".join(f"{name}: {value or '-'}\n" for name, value in facts.items()))
    try:
        with smtplib.SMTP(mail.host, mail.port, timeout=WAIT_S) as server:
            if mail.starttls:
                server.starttls()
            server.send_message(message)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        return f"The mail through {mail.host}:{mail.port} was not sent: {error}."
    return None
