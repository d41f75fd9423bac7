"""A case brought back from its backup by a form."""

from __future__ import annotations

from typing import Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, command_line
from spmc_tools.case.files.durable import sha256_file
from spmc_tools.case.log.anchors import head_words
from spmc_tools.case.store.case_folder import new_folder
from spmc_tools.errors import CaseError, FormatError, IntegrityError
from spmc_tools.show.widgets.sentences import sentence_of

__all__ = ["RESTORE_ACTS"]


def _restore(ground: Ground, values: dict[str, Any]) -> Done:
    from spmc_tools.custody.records.restore import has_key, restore

    try:
        made = restore(values["backup"], values["case_name"], ground.cases)
    except FormatError as error:
        raise CaseError(ground.say("app.restore_unsound", why=str(error))) from None
    except IntegrityError as error:
        raise CaseError(ground.say("app.restore_differs", why=str(error))) from None
    length, head = made.ledger.head()
    lines = [
        ground.say("app.restore_done", case=made.id, count=ground.words.number(length)),
        ground.say("app.restore_file", sha256=sha256_file(values["backup"])),
        ground.say("app.restore_head", hash=head, words=head_words(head)),
    ]
    if not has_key(made):
        lines.append(ground.say("app.restore_no_key"))
    return Done(tuple(lines))


def _check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    name = values["case_name"]
    if not name:
        return {}
    try:
        there = new_folder(name, ground.cases).exists()
    except CaseError as error:
        return {"case_name": sentence_of(error, ground.words.say, field=ground.say("app.field.case_name"))}
    return {"case_name": ground.say("error.restore_there", case=name)} if there else {}


RESTORE_ACTS = (
    Act(
        "restore",
        (ActField("backup", "file"), ActField("case_name", needed=False)),
        _restore,
        lambda _case, v: command_line(
            "spmc", "restore", getattr(v["backup"], "name", v["backup"]),
            ["--as", v["case_name"]] if v["case_name"] else [],
        ),
        check=_check, caseless=True,
    ),
)  # fmt: skip
