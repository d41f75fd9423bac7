"""Public posts of a platform asked for by a form: under the legal basis of the case, bounded, apart from the page."""

from __future__ import annotations

from typing import Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable
from spmc_tools.app.job_process import COLLECT, command_of
from spmc_tools.collect.collection import require_allowed, require_installed, target_of
from spmc_tools.collect.routes import COLLECTED
from spmc_tools.collect.target import MOST_ASKED, Limits, checked_server
from spmc_tools.errors import ParameterError, SpmcError, quote
from spmc_tools.show.widgets.sentences import sentence_of

__all__ = ["COLLECT_ACTS", "collections_table"]

_BOUNDS = Limits()


def _sources(ground: Ground) -> list[tuple[str, str]]:
    return [(name, ground.say(f"app.platform.{name}")) for name in COLLECTED]


def _check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    say, wrong = ground.say, {}
    for name, most in MOST_ASKED.items():
        typed = values[name] or ""
        if typed and not (typed.isascii() and typed.isdigit() and 1 <= int(typed) <= most):
            wrong[name] = say("app.collect.number", found=quote(typed), most=ground.words.number(most))
    if values["legal_basis"].strip() != ground.opened.settings.legal_basis.strip():
        wrong["legal_basis"] = say("app.collect.basis", basis=quote(ground.opened.settings.legal_basis, 300))
    try:
        if values["host"]:
            checked_server(values["host"])
    except ParameterError:
        return wrong | {"host": say("app.collect.host", found=quote(values["host"]))}
    try:
        target = target_of(values["source"], values["wanted"], values["host"])
    except ParameterError:
        found, homeless = quote(values["wanted"]), values["source"] == "mastodon" and not values["host"]
        said = say("app.collect.no_host", found=found) if homeless else say("app.collect.name", found=found)
        return wrong | {"wanted": said}
    try:
        require_installed(target)
        if "legal_basis" not in wrong:
            require_allowed(ground.opened, target, values["legal_basis"])
    except SpmcError as error:
        wrong["source"] = sentence_of(error, ground.words.say)
    return wrong


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """Return what the process of the collection is told."""
    bounds = {name: int(values[name] or getattr(_BOUNDS, name)) for name in MOST_ASKED}
    return {
        "source": values["source"], "name": values["wanted"], "server": values["host"], "fresh": values["fresh"],
        "legal_basis": values["legal_basis"], "bounds": bounds,
    }  # fmt: skip


def _collect(ground: Ground, values: dict[str, Any]) -> Done:
    ground.begin(COLLECT, ground.opened.id, **_told(values))
    return Done((ground.say("app.collect.begun"),))


def _command(case: str, values: dict[str, Any]) -> str:
    bounds = {name: values[name] for name in MOST_ASKED if values[name]}
    told = {"source": values["source"], "name": values["wanted"], "server": values["host"], "fresh": values["fresh"]}
    return command_of(COLLECT, case, {**told, "legal_basis": values["legal_basis"], "bounds": bounds})


COLLECT_ACTS = (
    Act(
        "collect",
        (
            ActField("source", "choice", options=_sources),
            ActField("wanted"),
            ActField("host", needed=False),
            ActField("legal_basis"),
            ActField("posts", needed=False, start=lambda _ground: str(_BOUNDS.posts), label="app.field.most_posts"),
            ActField("requests", needed=False, start=lambda _ground: str(_BOUNDS.requests)),
            ActField("per_minute", needed=False, start=lambda _ground: str(_BOUNDS.per_minute)),
            ActField("fresh", "tick", needed=False),
        ),
        _collect,
        _command,
        check=_check,
    ),
)


def collections_table(ground: Ground) -> list[ShownTable]:
    """Return the collections of a case, as its custody log tells of them, newest first, as a table."""
    if ground.case is None:
        return []
    say, number = ground.say, ground.words.number
    rows = [
        (
            ground.logged(entry["at"]), say(f"app.platform.{told['source']}"),
            f"{'#' if told['kind'] == 'tag' else '@'}{told['name']}", str(told["server"]),
            str(number(told["posts"])), str(number(told["requests"])), say(f"app.collect.ended.{told['ended']}"),
            entry["officer"],
        )
        for entry in reversed(ground.case.ledger.entries())
        if entry["kind"] == "collected" and (told := entry["payload"])
    ]  # fmt: skip
    header = (
        say("app.field.at"), say("app.field.source"), say("app.field.wanted"), say("app.field.host"),
        say("app.field.received_posts"), say("app.field.requests_sent"), say("app.field.ended_why"),
        say("app.field.entered_by"),
    )  # fmt: skip
    return [ShownTable("collections", say("app.table.collections"), header, rows)]
