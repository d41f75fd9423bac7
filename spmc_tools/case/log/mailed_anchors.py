"""Anchors that go out by mail, and the head of every log once a day; what did not get through waits and is tried again.

``SPMC_ANCHOR_MAIL`` names a TOML file with ``host``, ``port``, ``sender``, ``to`` and ``starttls``. What waits lies in
``.anchors.json`` beside the cases: a server that is away stops no work. Whoever owns the folder can take away what
waits; a mail that arrived is out of reach.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import write_file
from spmc_tools.case.files.small_toml import read_toml
from spmc_tools.errors import SpmcError, quote

if TYPE_CHECKING:
    from spmc_tools.mail import Mail

__all__ = ["MAIL", "STATE", "due_today", "last_day", "mail_anchors", "mail_is_set", "waiting"]

MAIL = "SPMC_ANCHOR_MAIL"
"""Environment variable that names the file."""

STATE = ".anchors.json"
"""What waits to be sent, and when the head of each case went out last; beside the cases."""

WAIT_S = 15.0
PAUSE = timedelta(minutes=5)
"""After a failed attempt the next one waits so long, so that a server that hangs does not slow down every step."""

_MOST_WAITING = 10_000


def mail_is_set() -> bool:
    """Whether anchors are to go out by mail."""
    return bool(os.environ.get(MAIL))


def _mail() -> Mail | str:
    """Return where they go; or the sentence that says why that cannot be read."""
    from pydantic import ValidationError

    from spmc_tools.mail import Mail

    name = os.environ[MAIL]
    wanted = f"{MAIL}: {quote(name, 120)} cannot be read; wanted a TOML file with host, port, sender, to, starttls"
    try:
        return Mail.model_validate(read_toml(Path(name)))
    except ValidationError as error:
        first = error.errors()[0]
        return f"{wanted}: {'.'.join(map(str, first['loc']))}: {first['msg']}."
    except (OSError, ValueError):
        return f"{wanted}."


def _state(root: Path) -> dict[str, Any]:
    """Return what was kept; a file that is spoilt is begun anew, since it holds nothing but what can be sent again."""
    try:
        found = json.loads((root / STATE).read_bytes())
    except (OSError, ValueError, RecursionError):
        found = None
    kept = found if isinstance(found, dict) else {}
    rows = kept.get("waiting")
    days = kept.get("days")
    return {
        "waiting": [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else [],
        "days": {k: v for k, v in days.items() if isinstance(v, str)} if isinstance(days, dict) else {},
        "failed": kept.get("failed") if isinstance(kept.get("failed"), str) else None,
        "again_at": kept.get("again_at") if isinstance(kept.get("again_at"), str) else None,
    }


def _changed(root: Path, state: dict[str, Any]) -> None:
    write_file(root / STATE, (json.dumps(state, indent=1, ensure_ascii=True) + "\n").encode())


def waiting(root: Path) -> tuple[int, str | None]:
    """Return how many anchors wait to be mailed, and why the last attempt failed; ``(0, None)``: all went out."""
    state = _state(root)
    return len(state["waiting"]), state["failed"]


def last_day(root: Path) -> str | None:
    """Return the last day (UTC) on which the head of every log went out by itself; None: it never did."""
    return max(_state(root)["days"].values(), default=None)


def mail_anchors(root: Path, lines: list[dict[str, Any]], now: datetime | None = None) -> str | None:
    """Mail these anchors and those that wait; return None, or the sentence that says why they wait.

    Parameters
    ----------
    root : pathlib.Path
        Where cases live.
    lines : list of dict
        What is new, as in the file of anchors; may be empty.
    now : datetime, optional
        The moment; None: the clock of this machine.
    """
    from filelock import FileLock, Timeout

    from spmc_tools.mail import sent

    moment = now or datetime.now(UTC)
    try:
        with FileLock(root / f"{STATE}.lock", timeout=2 * WAIT_S, mode=0o600):
            state = _state(root)
            state["waiting"] = [*state["waiting"], *lines][-_MOST_WAITING:]
            if not state["waiting"]:
                return None
            _changed(root, state)  # before the attempt, so that a kill loses none
            if state["failed"] and state["again_at"] and moment.isoformat() < state["again_at"]:
                return str(state["failed"])
            mail = _mail()
            problem = mail if isinstance(mail, str) else sent(mail, *_letter(state["waiting"]))
            if problem is None:
                state |= {"waiting": [], "failed": None, "again_at": None}
            else:
                state |= {"failed": problem, "again_at": (moment + PAUSE).isoformat()}
            _changed(root, state)
    except Timeout:
        return "another program is sending anchors"
    except OSError as error:
        return f"{STATE} cannot be written: {(error.strerror or 'the system refused').lower()}"
    return problem


def _letter(lines: list[dict[str, Any]]) -> tuple[str, str, float, dict[str, str]]:
    """Return subject, text, seconds and attachment."""
    rows = "".join(
        f"{line['case']}: entry {line['length']} of {line['at']} ({line['why']})\n  {line['length']}:{line['head']}\n"
        f"  {line['length']} {line['words']}\n{_beside(line.get('outside'))}"
        for line in lines
    )
    last = lines[-1]
    text = (
        "Heads of custody logs. Keep this mail where nobody who works on the cases can change it.\n\n"
        f"{rows}\nTo compare: spmc verify CASE --anchor anchors.jsonl (attached), or --anchor NUMBER:HASH.\n"
    )
    kept = "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in lines)
    return f"SPMC anchor: {last['case']}, entry {last['length']}", text, WAIT_S, {"anchors.jsonl": kept}


def _beside(outside: object) -> str:
    """Return the line about the log beside the cases; what waited may lack it."""
    if not isinstance(outside, dict):
        return ""
    return f"  log of refused files: {outside.get('length')}:{outside.get('head')}\n"


def due_today(root: Path, uids: dict[str, str], today: str) -> list[str]:
    """Return the cases (name -> uid) whose head did not go out on this day, and note that it does now."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(root / f"{STATE}.lock", timeout=2 * WAIT_S, mode=0o600):
            state = _state(root)
            due = [name for name, uid in uids.items() if state["days"].get(uid) != today]
            if due:
                state["days"] |= {uids[name]: today for name in due}
                _changed(root, state)
    except (Timeout, OSError) as error:
        raise SpmcError(f"The heads of the logs did not go out: {STATE} cannot be written ({error}).") from None
    return due
