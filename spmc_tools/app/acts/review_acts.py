"""The review of a report by forms: first the line-up, then its answer, last the verdict with its counter-case."""

from __future__ import annotations

from typing import Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, command_line
from spmc_tools.app.acts.key_acts import PASSPHRASE, needs_passphrase, signer_of
from spmc_tools.case.acts.line_up_entries import NOBODY, PANELS, REASONS
from spmc_tools.case.acts.review_entries import VERDICTS
from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.custody.review.line_up import answer, page_of, show
from spmc_tools.custody.review.review import report_of, review
from spmc_tools.report.page.index import index_rows, write_index
from spmc_tools.signing.citations import authenticated

__all__ = ["MOST_GROUPS", "REVIEW_ACTS", "runs_of"]

MOST_GROUPS = 200
"""Groups to which a form can give a verdict of their own."""

REVIEWER = ActField("as", label="app.field.reviewer")


def runs_of(ground: Ground) -> list[tuple[str, str]]:
    """Return the reports of the case that can be opened, newest first."""
    if ground.case is None:
        return []
    say, found = ground.say, []
    for row in index_rows(ground.case):
        if row["there"] and row["status"] in {"complete", "partial"}:
            edition = say("app.edition.redacted") if row["edition"] == "redacted" else say("app.edition.full")
            found.append((row["run"], f"{ground.logged(row['at'])} · {_named(ground, row['notebook'])} · {edition}"))
    return found


def _named(ground: Ground, notebook: str) -> str:
    from spmc_tools.report.running.run import known_notebooks

    return ground.say(f"notebook.{notebook}") if notebook in known_notebooks() else notebook


def _closed(ground: Ground) -> str:
    return "" if runs_of(ground) else ground.say("app.none_made")


RUN = ActField("run", "choice", options=runs_of)


def _line_up(ground: Ground, values: dict[str, Any]) -> Done:
    case, run = ground.opened, values["run"]
    shown = show(report_of(case, run), values["as"])
    say = ground.say
    lines = [say("app.no_line_up", group=one.group) for one in shown if one.why]
    drawn = [one.group for one in shown if one.panels]
    if not drawn:
        return Done((*lines, say("app.line_up_none")))
    name = f"line-up-{run}.html"
    with os_errors("The line-up cannot be written"):
        ground.made.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = page_of(case, run, shown, ground.words.language)
        write_file(ground.made / name, content.encode("utf-8", "backslashreplace"))
    return Done((*lines, say("app.line_up_done", groups=", ".join(map(str, drawn)))), (name,))


def _answer(ground: Ground, values: dict[str, Any]) -> Done:
    signer = signer_of(values["as"], values["passphrase"])
    reasons = {panel: values[f"ordinary_{panel.lower()}"] for panel in PANELS}
    answer(
        report_of(ground.opened, values["run"]), int(values["place"]), officer=values["as"], chose=values["chose"],
        ordinary=reasons, signer=signer,
    )  # fmt: skip
    return Done((ground.say("app.line_up_answered", group=values["place"]),))


def _answer_check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    place = values["place"]
    wrong = {} if place.isascii() and place.isdigit() else {"place": ground.say("app.no_number")}
    return wrong | needs_passphrase(ground, values)


def _verdict(ground: Ground, values: dict[str, Any]) -> Done:
    made = review(
        ground.opened, values["run"], reviewer=values["as"], verdict=values["verdict"],
        counter_case=values["counter_case"], signer=signer_of(values["as"], values["passphrase"]),
        skip_line_up=values["skip_line_up"], of_groups=values["of_groups"],
    )  # fmt: skip
    write_index(ground.opened)
    verdict = ground.say(f"review.verdict.{made[-1].verdict}")
    unsigned = () if authenticated(made[-1]) else (ground.say("app.unsigned"),)
    own = len(values["of_groups"])
    of_groups = (ground.say("app.groups.own", n=own),) if own else ()
    return Done((ground.say("app.verdict_done", verdict=verdict), *of_groups, *unsigned))


def _groups(ground: Ground) -> list[tuple[str, str]]:
    """Return the groups of the report that has most of them: which report is meant, only the form says."""
    rows = [] if ground.case is None else index_rows(ground.case)
    most = max((_n_groups(row) for row in rows if row["there"]), default=0)
    return [(str(place), ground.say("app.groups.group", group=place)) for place in range(1, most + 1)]


def _n_groups(row: dict[str, Any]) -> int:
    groups = (row.get("outcome") or {}).get("groups")
    return min(groups, MOST_GROUPS) if isinstance(groups, int) else 0


def _verdict_check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    (row,) = [one for one in index_rows(ground.opened) if one["run"] == values["run"]]
    there = _n_groups(row)
    beyond = [place for place in values["of_groups"] if place > there]
    said = ground.say("error.review_no_group", group=beyond[0], most=there) if beyond else ""
    return ({"of_groups": said} if beyond else {}) | needs_passphrase(ground, values)


def _verdicts(ground: Ground) -> list[tuple[str, str]]:
    return [(name, ground.say(f"review.verdict.{name}")) for name in VERDICTS]


def _panels(ground: Ground) -> list[tuple[str, str]]:
    return [*((name, name) for name in PANELS), (NOBODY, ground.say("review_form.nobody"))]


def _reasons(ground: Ground) -> list[tuple[str, str]]:
    return [(name, ground.say(f"line_up.reason.{name}")) for name in REASONS]


REVIEW_ACTS = (
    Act(
        "line_up",
        (RUN, REVIEWER),
        _line_up,
        lambda case, v: command_line("spmc", "review", case, v["run"], "--as", v["as"], "--line-up", "FILE.html"),
        closed=_closed,
    ),
    Act(
        "line_up_answer",
        (
            RUN,
            REVIEWER,
            ActField("place"),
            ActField("chose", "choice", options=_panels),
            *(ActField(f"ordinary_{panel.lower()}", "choice", options=_reasons) for panel in PANELS),
            PASSPHRASE,
        ),
        _answer,
        lambda case, v: command_line(
            "spmc", "review", case, v["run"], "--as", v["as"], "--group", v["place"], "--chose", v["chose"],
            *(part for panel in PANELS for part in ("--ordinary", f"{panel}={v[f'ordinary_{panel.lower()}']}")),
        ),
        closed=_closed,
        check=_answer_check,
    ),
    Act(
        "verdict",
        (
            RUN,
            REVIEWER,
            ActField(
                "verdict",
                "choice",
                options=_verdicts,
            ),
            ActField("counter_case", "text"),
            ActField(
                "of_groups", "groups", needed=False, options=_groups,
                columns=lambda ground: (_verdicts(ground), _reasons(ground)),
            ),
            ActField("skip_line_up", needed=False),
            PASSPHRASE,
        ),
        _verdict,
        lambda case, v: command_line(
            "spmc", "review", case, v["run"], "--as", v["as"], "--verdict", v["verdict"], "--counter-case",
            v["counter_case"],
            *(part for place, said in v["of_groups"].items() for part in ("--of-group", f"{place}={':'.join(said)}")),
            *(("--skip-line-up", v["skip_line_up"]) if v["skip_line_up"] else ()),
        ),
        closed=_closed,
        check=_verdict_check,
    ),
)  # fmt: skip
