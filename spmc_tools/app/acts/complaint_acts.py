"""The response desk by forms: who waits, and what a person answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable, lab_call
from spmc_tools.desks.complaints.answers import enter_answer

__all__ = ["COMPLAINT_ACTS", "complaints_table"]

_MOST = 200


def _waiting(ground: Ground) -> list[dict[str, Any]]:
    """Return the complaints that no person answered, those that wait longest first; then those not closed."""
    from spmc_tools.desks.complaints.response import response_desk

    case = ground.case
    if case is None:
        return []

    def work() -> list[dict[str, Any]]:
        desk = response_desk(case, as_of=datetime.now(UTC))
        if desk is None:
            return []
        threads = desk.threads[desk.threads["resolved_at"].isna() & ~desk.threads["withdrawn"]]
        rows = threads.sort_values(["answered", "asked_at", "thread_id"], kind="stable").head(_MOST)
        return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]

    found: list[dict[str, Any]] = ground.once("complaints", case.inputs_hash(), work)
    return found


def _threads(ground: Ground) -> list[tuple[str, str]]:
    return [(row["thread_id"], f"{row['thread_id']} · {_short(row['text'])}") for row in _waiting(ground)]


def _short(text: object) -> str:
    plain = " ".join(str(text or "").split())
    return plain if len(plain) <= 90 else f"{plain[:90]}…"


def _check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    return {} if values["reply"] or values["closed"] else {"reply": ground.say("app.answer_none")}


def _answer(ground: Ground, values: dict[str, Any]) -> Done:
    enter_answer(ground.opened, values["thread"], values["reply"], closed=values["closed"], at=values["answered_at"])
    return Done((ground.say("app.answer_done", thread=values["thread"]),))


COMPLAINT_ACTS = (
    Act(
        "answer",
        (
            ActField("thread", options=_threads),
            ActField("reply", "text", needed=False),
            ActField("answered_at", "moment", needed=False),
            ActField("closed", "tick", needed=False),
        ),
        _answer,
        lambda _case, v: lab_call(
            "enter_answer", "opened", v["thread"], v["reply"] or "REPLY", closed=v["closed"] or None,
            at=v["answered_at"],
        ),
        lab=True,
        closed=lambda ground: "" if _waiting(ground) else ground.say("app.no_complaint"),
        check=_check,
    ),
)  # fmt: skip


def complaints_table(ground: Ground) -> list[ShownTable]:
    """Return the complaints that are open, as a table."""
    if ground.case is None:
        return []
    say, words = ground.say, ground.words
    rows = [
        (
            row["thread_id"], str(words.moment(row["asked_at"])), str(row["platform"]), str(row["subject"] or "–"),
            str(row["district"] or "–"), _short(row["text"]), say("app.yes") if row["answered"] else say("app.no"),
        )
        for row in _waiting(ground)
    ]  # fmt: skip
    names = ("thread", "asked_at", "platform", "subject", "district", "post_text", "answered")
    return [ShownTable("complaints", say("app.table.complaints"), tuple(say(f"app.field.{n}") for n in names), rows)]
