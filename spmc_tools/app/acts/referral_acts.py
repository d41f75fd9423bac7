"""The referral register by forms: flag an account, and enter the next state of a referral."""

from __future__ import annotations

from typing import Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable, command_line, lab_call
from spmc_tools.desks.referrals.law import CHECKLIST, categories, provisions
from spmc_tools.desks.referrals.law_checks import check_provisions, law_checks, provisions_of, withdraw_check
from spmc_tools.desks.referrals.referral import NEXT, STATES, enter_state, histories, states_of
from spmc_tools.desks.referrals.referral_flag import flag_account

__all__ = ["REFERRAL_ACTS", "referrals_table"]


def _register(ground: Ground) -> list[dict[str, Any]]:
    if ground.case is None:
        return []
    table = ground.case.table("referrals")
    if not table.num_rows:
        return []
    return [{str(k): v for k, v in row.items()} for row in histories(states_of(table)).to_dict("records")]


def _categories(ground: Ground) -> list[tuple[str, str]]:
    return [(key, title[ground.words.language]) for key, title in categories().items()]


def _provisions(ground: Ground) -> list[tuple[str, str]]:
    return [
        (key, f"{one.act} {one.section}: {one.title_in(ground.words.language)}")
        for key, one in provisions().items()
        if one.selectable
    ]


def _lines(ground: Ground) -> list[tuple[str, str]]:
    language = ground.words.language
    return [(key, f"{one.act} {one.section}: {one.title_in(language)}") for key, one in provisions().items()]


def _ticked(ground: Ground) -> list[tuple[str, str]]:
    ticks = {} if ground.case is None else law_checks(ground.case)
    return [(key, said) for key, said in _lines(ground) if key in ticks]


def _law_check(ground: Ground, values: dict[str, Any]) -> Done:
    check_provisions(ground.opened, [values["provision"]], values["as"], values["checked_on"])
    return Done((ground.say("app.law_check_done", officer=values["as"]),))


def _law_check_back(ground: Ground, values: dict[str, Any]) -> Done:
    withdraw_check(ground.opened, values["provision"], values["reason"])
    return Done((ground.say("app.law_check_back_done"),))


def _open_ones(ground: Ground) -> list[tuple[str, str]]:
    return [
        (row["referral_id"], f"{row['referral_id']} · {ground.say('referral.state.' + row['state'])}")
        for row in _register(ground)
        if row["closed_as"] is None
    ]


def _accounts(ground: Ground) -> list[tuple[str, str]]:
    from spmc_tools.report.sections.groups.shown_groups import handles

    return [] if ground.case is None else sorted(handles(ground.case).items())[:500]


def _flag(ground: Ground, values: dict[str, Any]) -> Done:
    found = ground.look()
    assert found is not None  # noqa: S101 -- the form is closed without
    said = {name: values[name] for name in ("provision", "synthetic_media") if values[name]}
    flag_account(
        ground.opened, found, values["account"], values["referral_id"], category=values["category"],
        reason=values["reason"], **said,
    )  # fmt: skip
    return Done((ground.say("app.referral_done", referral=values["referral_id"]),))


def _flag_check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    known = {row["referral_id"] for row in _register(ground)}
    wrong = {"referral_id": ground.say("app.referral_known")} if values["referral_id"] in known else {}
    found = ground.look()
    if found is not None and not (found.accounts["account_id"] == values["account"]).any():
        wrong["account"] = ground.say("app.account_absent")
    return wrong


def _said(values: dict[str, Any]) -> dict[str, Any]:
    said = {
        name: values[name] for name in ("sent_to", "category", "provision", "synthetic_media", "state_at")
        if values.get(name)
    }  # fmt: skip
    answers = {name: values[f"check_{name}"] for name in CHECKLIST if values.get(f"check_{name}")}
    details = {"note": values["note"]} if values.get("note") else None
    return said | ({"checklist": answers} if answers else {}) | ({"details": details} if details else {})


def _state_check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    row = next(one for one in _register(ground) if one["referral_id"] == values["referral"])
    after = NEXT[row["state"]]
    if values["state"] not in after:
        may = ", ".join(ground.say(f"referral.state.{name}") for name in after)
        return {"state": ground.say("app.state_next", may=may)}
    wrong = {}
    if values["state"] not in {"flagged", "cleared"} and not (values["category"] or row["category"]):
        wrong["category"] = ground.say("app.state_category")
    if values["state"] == "sent":
        wrong |= {
            name: ground.say("app.state_sent") for name in ("sent_to", "provision") if not (values[name] or row[name])
        }
        wrong |= {f"check_{name}": ground.say("app.state_answer") for name in CHECKLIST if not values[f"check_{name}"]}
    return wrong


def _state(ground: Ground, values: dict[str, Any]) -> Done:
    enter_state(ground.opened, values["referral"], values["state"], **_said(values))
    return Done((ground.say("app.referral_done", referral=values["referral"]),))


REFERRAL_ACTS = (
    Act(
        "flag",
        (
            ActField("account", options=_accounts, label="app.account_id"),
            ActField("referral_id"),
            ActField("category", "choice", options=_categories),
            ActField("reason"),
            ActField("provision", "choice", needed=False, options=_provisions),
            ActField("synthetic_media", "tick", needed=False),
        ),
        _flag,
        lambda _case, v: lab_call(
            "flag_account", "opened", "found", v["account"], v["referral_id"], category=v["category"],
            reason=v["reason"], provision=v["provision"], synthetic_media=v["synthetic_media"] or None,
        ),
        lab=True,
        closed=lambda ground: "" if ground.look() is not None else ground.say("app.not_looked"),
        check=_flag_check,
    ),
    Act(
        "state",
        (
            ActField("referral", "choice", options=_open_ones),
            ActField(
                "state",
                "choice",
                options=lambda ground: [(n, ground.say(f"referral.state.{n}")) for n in STATES if n != "flagged"],
            ),
            ActField("state_at", "moment", needed=False),
            ActField("sent_to", needed=False),
            ActField("category", "choice", needed=False, options=_categories),
            ActField("provision", "choice", needed=False, options=_provisions),
            ActField("synthetic_media", "tick", needed=False),
            ActField("note", needed=False),
            *(ActField(f"check_{name}", needed=False, label=f"check.{name}") for name in CHECKLIST),
        ),
        _state,
        lambda _case, v: lab_call("enter_state", "opened", v["referral"], v["state"], **_said(v)),
        lab=True,
        closed=lambda ground: "" if _open_ones(ground) else ground.say("app.no_referral"),
        check=_state_check,
    ),
    Act(
        "law_check",
        (
            ActField("provision", "choice", options=_lines),
            ActField("as", label="app.field.law_officer"),
            ActField("checked_on", "day", needed=False),
        ),
        _law_check,
        lambda case, v: command_line(
            "spmc", "law-check", case, v["provision"], "--as", v["as"],
            ["--on", v["checked_on"]] if v["checked_on"] else None,
        ),
    ),
    Act(
        "law_check_back",
        (ActField("provision", "choice", options=_ticked), ActField("reason")),
        _law_check_back,
        lambda case, v: command_line(
            "spmc", "law-check", case, v["provision"], "--withdraw", "--reason", v["reason"]
        ),
        closed=lambda ground: "" if _ticked(ground) else ground.say("app.no_law_check"),
    ),
)  # fmt: skip


def referrals_table(ground: Ground) -> list[ShownTable]:
    """Return the register as a table, one referral a row, and the provisions with who checked each."""
    if ground.case is None:
        return []
    say, words = ground.say, ground.words
    titles = categories()
    rows = [
        (
            row["referral_id"], say(f"referral.state.{row['state']}"), str(row["account_id"] or "–"),
            str(row["handle"] or "–"),
            titles.get(row["category"], {}).get(words.language, str(row["category"] or "–")),
            str(row["sent_to"] or "–"), str(words.moment(row["first_at"])),
        )
        for row in _register(ground)
    ]  # fmt: skip
    names = ("referral", "state", "account", "handle", "category", "sent_to", "state_at")
    register = ShownTable("referrals", say("app.table.referrals"), tuple(say(f"app.field.{n}") for n in names), rows)
    lines = [
        (f"{one.act} {one.section}: {one.title_in(words.language)}",
         str(words.day(one.checked_on)) if one.checked_on else say("law.nobody"), one.checked_by or "–")
        for one in provisions_of(ground.case).values()
    ]  # fmt: skip
    header = tuple(say(f"app.field.{name}") for name in ("provision", "checked_on", "law_officer"))
    return [register, ShownTable("provisions", say("app.table.provisions"), header, lines)]
