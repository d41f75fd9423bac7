"""What a person answered to a complaint, entered by hand: the reply with its moment, or that the complaint is closed.

Nothing is sent: an officer answers where the citizen wrote, and enters here what was answered, for complaints whose
channel gives no sheet. A sheet that comes later with the same answer brings it a second time, under the platform's id.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from spmc_tools.desks.base.entry import enter_messages, moment_of
from spmc_tools.errors import InputError, quote

if TYPE_CHECKING:
    from datetime import datetime

    from spmc_tools.case.store.batches import Batch
    from spmc_tools.case.store.case import Case

__all__ = ["ENTERED", "enter_answer"]

ENTERED = "entered-"
"""What the id of an answer begins with that no platform gave."""

LONGEST = 20_000
_OF_THREAD = ("platform", "channel", "subject", "district", "language")


def enter_answer(  # noqa: PLR0913 -- what is said of an answer, each by its name
    case: Case,
    thread_id: str,
    reply: str | None = None,
    *,
    closed: bool = False,
    at: str | datetime | None = None,
    account: str | None = None,
) -> Batch:
    """Keep what a person answered to a complaint, that it is closed, or both.

    Parameters
    ----------
    case : Case
        With the complaint.
    thread_id : str
        The complaint, as the table ``messages`` names it.
    reply : str, optional
        What the citizen was told.
    closed : bool
        Whether the centre closes the complaint with it.
    at : str or datetime, optional
        When, with its zone; None: now.
    account : str, optional
        The centre's account that answered; None: the one that answered this complaint last, else ``centre``.

    Raises
    ------
    InputError
        Where there is no such complaint, nothing is said of it, or the moment lies before the question.
    ParameterError
        Where the moment cannot be read or names no zone.
    """
    thread = [row for row in case.table("messages").to_pylist() if row["thread_id"] == thread_id]
    asked = [row for row in thread if row["direction"] == "in"]
    if not asked:
        raise InputError(
            f"thread_id is {quote(thread_id)}: no complaint of case {case.id} is called so.",
            key="answer_no_thread", thread=quote(thread_id),
        )  # fmt: skip
    said = (reply or "").strip()
    if not said and not closed:
        raise InputError("Nothing is answered: give the reply, or say that the complaint is closed.", key="answer_none")
    if len(said) > LONGEST:
        raise InputError(f"The reply has {len(said):,} characters; at most {LONGEST:,} are kept.")
    moment = moment_of(at, "at")
    inbox = {
        (row["platform"], row["record_id"]): row
        for row in case.inbox(["platform", "record_id", "created_at", "account_id"]).to_pylist()
    }
    known = [(inbox[key]["created_at"], row) for row in asked if (key := (row["platform"], row["record_id"])) in inbox]
    first_at, question = min(known, key=lambda pair: pair[0]) if known else (None, asked[0])
    if first_at is not None and moment < first_at:
        raise InputError(
            f"at is {moment.isoformat()}, before the complaint itself of {first_at.isoformat()}; give a later moment.",
            key="answer_early",
        )
    messages: list[dict[str, Any]] = []
    records: list[dict[str, Any]] = []
    if said:
        record_id = f"{ENTERED}{secrets.token_hex(8)}"
        of_thread = {name: question[name] for name in _OF_THREAD}
        messages.append(
            {**of_thread, "thread_id": thread_id, "record_id": record_id, "direction": "out", "is_automatic": False}
        )
        records.append({
            "record_id": record_id, "platform": question["platform"], "account_id": account or _last(thread, inbox),
            "created_at": moment, "time_precision_s": 1.0, "kind": "message", "text": said,
            "lang": question["language"], "ref_record_id": question["record_id"],
        })  # fmt: skip
    if closed:
        plain = {name: value for name, value in question.items() if name not in {"source_sha256", "source_row"}}
        messages.append({**plain, "resolved_at": moment})
    return enter_messages(case, messages, records)


def _last(thread: list[dict[str, Any]], inbox: dict[tuple[str, str], dict[str, Any]]) -> str:
    """Return the account that answered last; ``centre`` where none did."""
    answered = [(row["platform"], row["record_id"]) for row in thread if row["direction"] == "out"]
    answers = [inbox[key] for key in answered if key in inbox]
    return str(max(answers, key=lambda row: row["created_at"])["account_id"]) if answers else "centre"
