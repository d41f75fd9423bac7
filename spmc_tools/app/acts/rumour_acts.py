"""The rumour desk by forms: a claim, its picture, its state and what is true."""

from __future__ import annotations

from typing import Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable, lab_call
from spmc_tools.desks.rumours.rumour import STATUS, enter_claim, register

__all__ = ["RUMOUR_ACTS", "claims_table"]

_SAID = ("text", "source_url", "first_seen", "official_version", "official_url", "official_at", "reviewed_by", "note")


def _ids(ground: Ground) -> list[tuple[str, str]]:
    if ground.case is None:
        return []
    return [(name, str(claim["text"])[:80]) for name, claim in register(ground.case).items()]


def _states(ground: Ground) -> list[tuple[str, str]]:
    return [(name, ground.say(f"rumour.status.{name}")) for name in STATUS]


def _check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    before: dict[str, Any] = register(ground.opened).get(values["claim_id"], {})
    wrong = {}
    if not (values["text"] or before.get("text")):
        wrong["text"] = ground.say("app.claim_new")
    if values["status"] == "refuted":
        wrong |= {
            name: ground.say("app.claim_refuted")
            for name in ("official_version", "official_at")
            if not (values[name] or before.get(name))
        }
    if values["reviewed_by"] and values["reviewed_by"] == ground.opened.officer:
        wrong["reviewed_by"] = ground.say("app.claim_reviewer")
    return wrong


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in _SAID if values.get(name)}


def _do(ground: Ground, values: dict[str, Any]) -> Done:
    enter_claim(ground.opened, values["claim_id"], values["status"], picture=values["picture"], **_said(values))
    return Done((ground.say("app.claim_done", claim=values["claim_id"]),))


def _call(_case: str, values: dict[str, Any]) -> str:
    picture = values.get("picture")
    name = getattr(picture, "name", picture)
    return lab_call("enter_claim", "opened", values["claim_id"], values["status"], **_said(values), picture=name)


RUMOUR_ACTS = (
    Act(
        "claim",
        (
            ActField("claim_id", options=_ids),
            ActField("status", "choice", options=_states),
            ActField("text", "text", needed=False, label="app.field.claim_text"),
            ActField("picture", "file", needed=False),
            ActField("source_url", needed=False),
            ActField("first_seen", "moment", needed=False),
            ActField("official_version", "text", needed=False),
            ActField("official_url", needed=False),
            ActField("official_at", "moment", needed=False),
            ActField("reviewed_by", needed=False),
            ActField("note", needed=False),
        ),
        _do,
        _call,
        lab=True,
        check=_check,
    ),
)


def claims_table(ground: Ground) -> list[ShownTable]:
    """Return the register of claims as a table."""
    if ground.case is None:
        return []
    say = ground.say
    rows = [
        (
            name, str(claim["text"]), say(f"rumour.status.{claim['status']}"), str(claim["official_version"] or "–"),
            str(ground.words.moment(claim["official_at"])) if claim["official_at"] else "–", str(claim["entered_by"]),
            "✓" if claim["media_sha256"] else "–",
        )
        for name, claim in register(ground.case).items()
    ]  # fmt: skip
    names = ("claim_id", "claim_text", "status", "official_version", "official_at", "entered_by", "picture")
    return [ShownTable("claims", say("app.table.claims"), tuple(say(f"app.field.{name}") for name in names), rows)]
