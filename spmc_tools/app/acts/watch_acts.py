"""The watch by forms: terms of the case, decisions on posts, and accounts that are known as newsrooms or offices."""

from __future__ import annotations

from typing import Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable, command_line, lab_call
from spmc_tools.case.log.settings import CONTEXT_KINDS
from spmc_tools.desks.watch.watch_terms import (
    DECISIONS,
    add_watch_term,
    decide,
    decisions_of,
    remove_watch_term,
    watch_terms,
)

__all__ = ["KNOWN_ACTS", "WATCH_ACTS", "known_table", "watch_tables"]

REASON = ActField("reason")
_MOST = 50


# -- terms and posts ---------------------------------------------------------------------------------------------


def queue_of(ground: Ground) -> list[dict[str, Any]]:
    """Return the posts of the watch, at most fifty, as the queue of the reports orders them."""
    from spmc_tools.desks.watch.watch import post_watch, things_of
    from spmc_tools.report.scope.scope import in_period

    case = ground.case
    if case is None or not case.batches():
        return []
    terms = watch_terms(case)
    claims = {row["claim_id"]: row["text"] for row in case.table("claims", ["claim_id", "text"]).to_pylist()}

    def work() -> list[dict[str, Any]]:
        records, found = in_period(case).records, ground.look()
        if not len(records):
            return []
        cluster_of: dict[str, int] = {}
        if found is not None:
            for number, members in zip(found.clusters["cluster_id"], found.clusters["accounts"], strict=True):
                cluster_of |= dict.fromkeys(members, int(number))
        table = post_watch(records, things_of(records), terms=terms, claims=claims, cluster_of=cluster_of, most=_MOST)
        return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]

    state = (case.inputs_hash(), [term.key for term in terms], sorted(claims.items()))
    found: list[dict[str, Any]] = ground.once("queue", state, work)
    return found


def _things(ground: Ground) -> list[tuple[str, str]]:
    return [(str(row["thing"]), f"{row['thing']} · {_short(row['text'])}") for row in queue_of(ground)]


def _short(text: object) -> str:
    plain = " ".join(str(text or "").split())
    return plain if len(plain) <= 90 else f"{plain[:90]}…"


def _terms(ground: Ground) -> list[tuple[str, str]]:
    return [] if ground.case is None else [(term.term, term.term) for term in watch_terms(ground.case)]


def _term(ground: Ground, values: dict[str, Any]) -> Done:
    add_watch_term(ground.opened, values["term"], values["reason"])
    return Done((ground.say("app.term_done", term=values["term"]),))


def _term_back(ground: Ground, values: dict[str, Any]) -> Done:
    remove_watch_term(ground.opened, values["watched"], values["reason"])
    return Done((ground.say("app.term_back_done", term=values["watched"]),))


def _decision(ground: Ground, values: dict[str, Any]) -> Done:
    decide(ground.opened, values["thing"], values["decision"], values["reason"])
    return Done((ground.say("app.decision_done"),))


WATCH_ACTS = (
    Act(
        "decision",
        (
            ActField("thing", "choice", options=_things),
            ActField(
                "decision",
                "choice",
                options=lambda ground: [(name, ground.say(f"watch.decision.{name}")) for name in DECISIONS],
            ),
            REASON,
        ),
        _decision,
        lambda _case, v: lab_call("decide", "opened", v["thing"], v["decision"], v["reason"]),
        lab=True,
        closed=lambda ground: "" if queue_of(ground) else ground.say("app.no_queue"),
    ),
    Act(
        "term",
        (ActField("term"), REASON),
        _term,
        lambda case, v: command_line("spmc", "watch-term", case, v["term"], "--reason", v["reason"]),
    ),
    Act(
        "term_back",
        (ActField("watched", "choice", options=_terms, label="app.field.term"), REASON),
        _term_back,
        lambda case, v: command_line("spmc", "watch-term", case, v["watched"], "--reason", v["reason"], "--remove"),
        closed=lambda ground: "" if _terms(ground) else ground.say("app.no_terms"),
    ),
)


def watch_tables(ground: Ground) -> list[ShownTable]:
    """Return the queue of posts with what was decided, and the terms, as tables."""
    if ground.case is None:
        return []
    say, decided = ground.say, decisions_of(ground.case)
    rows = []
    for row in queue_of(ground):
        last = decided.get(row["thing"])
        told = "–" if last is None else f"{say('watch.decision.' + last['decision'])} · {last['reason']} · {last['by']}"
        reasons = ", ".join(say(f"watch.reason.{name}") for name in row["reasons"])
        rows.append((row["thing"], _short(row["text"]), str(row["posts"]), str(row["accounts"]), reasons, told))
    names = ("thing", "post_text", "posts", "accounts", "why_here", "decision")
    queue = ShownTable("queue", say("app.table.queue"), tuple(say(f"app.field.{name}") for name in names), rows)
    terms = [(term.term, term.reason, term.by, ground.logged(term.at)) for term in watch_terms(ground.case)]
    header = tuple(say(f"app.field.{name}") for name in ("term", "reason", "entered_by", "at"))
    return [queue, ShownTable("terms", say("app.table.terms"), header, terms)]


# -- known accounts ----------------------------------------------------------------------------------------------


def _kinds(ground: Ground) -> list[tuple[str, str]]:
    return [(name, ground.say(f"kind.{name}")) for name in CONTEXT_KINDS]


def _register(ground: Ground, values: dict[str, Any]) -> Done:
    case = ground.opened
    case.add_context(values["accounts"], values["kind"], values["reason"])
    pairs = case.table("records", ["platform", "account_id"]).group_by(["platform", "account_id"]).aggregate([])
    there = {
        name for one in pairs.to_pylist() for name in (one["account_id"], f"{one['platform']}:{one['account_id']}")
    }
    absent = [account for account in values["accounts"] if account not in there]
    lines = [ground.say("app.known_done", count=len(values["accounts"]))]
    if absent:
        lines.append(ground.say("app.known_absent", count=len(absent), names=", ".join(absent[:10])))
    return Done(tuple(lines))


def _unregister(ground: Ground, values: dict[str, Any]) -> Done:
    ground.opened.remove_context(values["accounts"], values["kind"], values["reason"])
    return Done((ground.say("app.known_back_done", count=len(values["accounts"])),))


_LIST = (ActField("kind", "choice", options=_kinds), ActField("accounts", "list"), REASON)

KNOWN_ACTS = (
    Act(
        "known",
        _LIST,
        _register,
        lambda case, v: command_line("spmc", "context", case, v["kind"], v["accounts"], "--reason", v["reason"]),
    ),
    Act(
        "known_back",
        _LIST,
        _unregister,
        lambda case, v: command_line(
            "spmc", "context", case, v["kind"], v["accounts"], "--reason", v["reason"], "--remove"
        ),
        closed=lambda ground: "" if ground.case and ground.case.settings.context else ground.say("app.none_known"),
    ),
)


def known_table(ground: Ground) -> list[ShownTable]:
    """Return the registered accounts as a table."""
    if ground.case is None:
        return []
    say = ground.say
    rows = [
        (one.account_id, say(f"kind.{one.kind}"), one.reason, one.by, str(ground.words.moment(one.at)))
        for one in ground.case.settings.context
    ]
    header = tuple(say(f"app.field.{name}") for name in ("account", "kind", "reason", "entered_by", "at"))
    return [ShownTable("known", say("app.table.known"), header, rows)]
