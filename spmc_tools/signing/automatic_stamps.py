"""Time stamps that are asked for by themselves, where a place has a server for them: of each report, and of each log.

``SPMC_ANCHOR_TSA`` names a TOML file with ``server`` and, where wanted, ``authority`` (its certificate, PEM). Each
report is then stamped when it is finished, and once a day the schedule has the head of each log stamped to which
something was added. What is stamped of a log is its last entry, whose SHA-256 is the hash that stands in the log: the
authority signs that this entry, and so every one before it, was there at its time. The answer stands in the log itself,
so that each copy and each pack carries it.

Assumption: as of :mod:`spmc_tools.signing.time_stamp`. Somebody who writes the log anew can leave all of them out, and
have new ones made that say today; the authority never says yesterday.
"""

from __future__ import annotations

import base64
import binascii
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from spmc_tools.case.files.small_toml import read_toml
from spmc_tools.case.log.anchors import FAILED
from spmc_tools.case.log.ledger import canonical_json
from spmc_tools.case.store.case import open_case
from spmc_tools.errors import InputError, RunError, SpmcError, quote
from spmc_tools.signing.manifest import STAMP
from spmc_tools.signing.time_stamp import KIND, MOST_LOGGED, Stamp, ask_for_stamp, asked_of, read_stamp, stamp_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cryptography.x509 import Certificate

    from spmc_tools.case.log.ledger import Entry
    from spmc_tools.case.store.case import Case

__all__ = [
    "LOG_STAMPED", "TSA", "StampServer", "read_log_stamp", "stamp_heads", "stamp_log", "stamp_report", "stamp_server",
]  # fmt: skip

TSA = "SPMC_ANCHOR_TSA"
"""Environment variable that names the file."""

LOG_STAMPED = "log_time_stamp"
"""Kind of the entry that holds the authority's answer about an entry before it."""

BY = "time_stamp"
PAUSE = timedelta(hours=1)
"""After a failed attempt the schedule asks again no sooner."""


class StampServer(BaseModel):
    """Address of a time-stamp server, and the file with its certificate (None: answers are compared with nobody).

    ``policy``: the rules that each answer must name, as ``1.2.3``; None: any.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    server: str
    authority: Path | None = None
    policy: str | None = None


def stamp_server() -> StampServer | None:
    """Return which server is asked by itself; None: none.

    Raises
    ------
    InputError
        Where the file that is named cannot be read.
    """
    name = os.environ.get(TSA)
    if not name:
        return None
    form = "a TOML file with server and, where wanted, authority and policy"
    wanted = f"{TSA}: {quote(name, 120)} cannot be read; wanted {form}"
    try:
        found = StampServer.model_validate(read_toml(Path(name)))
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{wanted}: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
    except (OSError, ValueError):
        raise InputError(f"{wanted}.") from None
    if found.authority is None:
        return found
    return found.model_copy(update={"authority": Path(name).parent / found.authority})


def stamp_report(case: Case, run_id: str) -> Stamp | None:
    """Return the time stamp of a finished report where a server is named; a failure is logged, and stops nothing."""
    try:
        asked = stamp_server()
        return None if asked is None else stamp_run(case, run_id, asked.server, asked.authority, asked.policy)
    except SpmcError as error:
        _failed(case, str(error), run_id)
        return None


def _failed(case: Case, reason: str, run_id: str | None = None) -> None:
    with suppress(SpmcError):
        facts: dict[str, Any] = {"entry": case.ledger.head()[0], "reason": reason, "by": BY}
        case.log(FAILED, facts if run_id is None else facts | {"run_id": run_id})


def stamp_log(case: Case, server: str, authority: Path | None = None, policy: str | None = None) -> Stamp:
    """Return the time stamp that a server puts on the last entry of a log; its answer is an entry of the log.

    Raises
    ------
    ParameterError
        Where the address is none.
    RunError
        Where the server does not answer, refuses, or answers for something else; nothing is logged then.
    """
    last = case.ledger.entries()[-1]
    parts = {part: last[part] for part in ("seq", "at", "officer", "kind", "prev")}
    content = canonical_json({**parts, "payload": canonical_json(last["payload"])}).encode()
    answer, stamp = ask_for_stamp(server, content, authority, policy)
    if len(answer) > MOST_LOGGED:
        raise RunError(f"The answer of {quote(server, 120)} is too long for the log; no time stamp was kept.")
    told: dict[str, Any] = {"length": last["seq"], "head": last["hash"], "stamped_at": stamp.at, "server": server}
    told |= asked_of(stamp)
    case.log(LOG_STAMPED, told | {"answer": base64.b64encode(answer).decode()})
    return stamp


def read_log_stamp(payload: Mapping[str, Any], roots: Sequence[Certificate] | None = None) -> Stamp | None:
    """Return what the answer in an entry says of the hash that the entry names; None where it says nothing of it."""
    head, text = payload.get("head"), payload.get("answer")
    try:
        digest = bytes.fromhex(str(head))
        answer = base64.b64decode(str(text), validate=True)
    except (ValueError, binascii.Error):
        return None
    return read_stamp(answer, None, roots, digest=digest) if len(answer) <= MOST_LOGGED else None


def stamp_heads(root: Path, now: datetime | None = None) -> list[str]:
    """Have the head of every log stamped that was added to since, once a day (UTC), and reports that have waited.

    What did not get through is returned, stands in the log, and is tried again an hour later at the earliest.

    Parameters
    ----------
    root : pathlib.Path
        Where cases live.
    now : datetime, optional
        The moment; None: the clock of this machine.
    """
    try:
        asked = stamp_server()
    except InputError as error:
        return [str(error)]
    if asked is None:
        return []
    moment, problems = now or datetime.now(UTC), []
    for path in sorted(root.glob("[!.]*/ledger.sqlite")):
        try:
            case = open_case(path.parent.name, root)
            entries = case.ledger.entries()
            if case.chain_problem is not None or _tried_lately(entries, moment):
                continue
            for run_id in _waiting(case, entries):
                stamp_run(case, run_id, asked.server, asked.authority, asked.policy)
            if _due(entries, f"{moment:%Y-%m-%d}"):
                stamp_log(case, asked.server, asked.authority, asked.policy)
        except SpmcError as error:
            problems.append(f"{path.parent.name}: {error}")
            with suppress(SpmcError):
                _failed(open_case(path.parent.name, root), str(error))
    return problems


def _tried_lately(entries: Sequence[Entry], moment: datetime) -> bool:
    failed = [entry["at"] for entry in entries if entry["kind"] == FAILED and entry["payload"].get("by") == BY]
    with suppress(ValueError, TypeError):
        return bool(failed) and timedelta(0) <= moment - datetime.fromisoformat(failed[-1]) < PAUSE
    return False


def _due(entries: Sequence[Entry], today: str) -> bool:
    """Whether something was added since the last time stamp, and none was made on this day."""
    stamps = [entry for entry in entries if entry["kind"] == LOG_STAMPED]
    if not stamps:
        return bool(entries)
    return stamps[-1]["at"][:10] != today and stamps[-1]["seq"] != len(entries)


def _waiting(case: Case, entries: Sequence[Entry]) -> list[str]:
    """Return the reports whose time stamp did not get through and that are still there."""
    failed = {
        str(entry["payload"]["run_id"])
        for entry in entries
        if entry["kind"] == FAILED and entry["payload"].get("by") == BY and "run_id" in entry["payload"]
    }
    failed -= {str(entry["payload"].get("run_id")) for entry in entries if entry["kind"] == KIND}
    reported = {str(entry["payload"].get("run_id")) for entry in entries if entry["kind"] == "report"}
    there = (run for run in sorted(failed & reported) if (case.path / "reports" / run).is_dir())
    return [run for run in there if not (case.path / "reports" / run / STAMP).exists()]
