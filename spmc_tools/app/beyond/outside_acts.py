"""What ties a case to the outside: a time stamp of an authority on a report, and its posts led back to their files."""

from __future__ import annotations

from typing import Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable, command_line
from spmc_tools.app.acts.custody_acts import new_file
from spmc_tools.app.acts.review_acts import RUN, runs_of
from spmc_tools.errors import SpmcError
from spmc_tools.show.widgets.sentences import sentence_of
from spmc_tools.signing.manifest import STAMP

__all__ = ["OUTSIDE_ACTS", "stamps_table"]


def _unstamped(ground: Ground) -> list[tuple[str, str]]:
    """Return the reports that have no time stamp yet."""
    if ground.case is None:
        return []
    folder = ground.case.path / "reports"
    return [(run, words) for run, words in runs_of(ground) if not (folder / run / STAMP).exists()]


def _closed(ground: Ground) -> str:
    if not runs_of(ground):
        return ground.say("app.none_made")
    return "" if _unstamped(ground) else ground.say("app.all_stamped")


def _check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    from spmc_tools.signing.time_stamp import authorities, checked_address

    wrong = {}
    for name, checked in (("server", checked_address), ("authority", authorities)):
        try:
            if values[name]:
                checked(values[name])
        except SpmcError as error:
            wrong[name] = sentence_of(error, ground.words.say)
    return wrong


def _stamp(ground: Ground, values: dict[str, Any]) -> Done:
    from spmc_tools.signing.time_stamp import stamp_run

    stamp = stamp_run(ground.opened, values["run"], values["server"], values["authority"])
    lines = [ground.say("app.stamp_done", at=ground.logged(stamp.at), serial=str(stamp.serial))]
    if stamp.trusted is None:
        lines.append(ground.say("app.stamp_unknown"))
    return Done(tuple(lines))


def _provenance(ground: Ground, values: dict[str, Any]) -> Done:
    from spmc_tools.custody.evidence_pack.provenance_tree import write_provenance

    path = new_file(ground, f"provenance-{values['run']}.html")
    steps = write_provenance(ground.opened, values["run"], path, ground.words.language)
    number = ground.words.number
    same = sum(step.state == "same" for step in steps)
    return Done((ground.say("app.provenance_done", count=number(len(steps)), same=number(same)),), (path.name,))


OUTSIDE_ACTS = (
    Act(
        "provenance", (RUN,), _provenance,
        lambda case, v: command_line("spmc", "provenance", case, v["run"], "--out", "FILE.html"),
        closed=lambda ground: "" if runs_of(ground) else ground.say("app.none_made"),
    ),
    Act(
        "time_stamp",
        (
            ActField("run", "choice", options=_unstamped), ActField("server"),
            ActField("authority", "file", needed=False),
        ),
        _stamp,
        lambda case, v: command_line(
            "spmc", "time-stamp", case, v["run"], "--server", v["server"],
            ["--authority", getattr(v["authority"], "name", v["authority"])] if v["authority"] else [],
        ),
        closed=_closed, check=_check,
    ),
)  # fmt: skip


def stamps_table(ground: Ground) -> list[ShownTable]:
    """Return the time stamps of the reports of a case, as its custody log tells of them, as a table."""
    if ground.case is None:
        return []
    say = ground.say
    told = [entry["payload"] for entry in ground.case.ledger.entries() if entry["kind"] == "time_stamp"]
    rows = [
        (str(one.get("run_id")), ground.logged(str(one["stamped_at"])), str(one.get("server")))
        for one in told
        if one.get("run_id") and one.get("stamped_at")
    ]
    header = (say("app.field.run"), say("app.field.stamped_at"), say("app.field.server"))
    return [ShownTable("stamps", say("app.table.stamps"), header, rows)]
