"""The chain of custody by forms: captures, imports set aside, packs, hand-over, extension, withdrawal, disposal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable, command_line
from spmc_tools.app.acts.key_acts import signer_of
from spmc_tools.app.acts.review_acts import RUN, runs_of
from spmc_tools.case.acts.attach import METHODS, attach
from spmc_tools.case.acts.provenance import OBTAINED, export_chain, hand_over
from spmc_tools.case.log.anchors import head_words
from spmc_tools.case.store.set_aside import set_aside, take_back
from spmc_tools.errors import InputError, quote
from spmc_tools.show.widgets.sentences import sentence_of
from spmc_tools.signing.officer_keys import read_key

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CUSTODY_ACTS", "imports_table", "new_file"]

REASON = ActField("reason")


def new_file(ground: Ground, name: str) -> Path:
    """Return the path of a new file beside the cases."""
    ground.made.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem, _, ending = name.partition(".")
    path, number = ground.made / name, 1
    while path.exists():
        number += 1
        path = ground.made / f"{stem}-{number}.{ending}"
    return path


def _now() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


# -- what goes out -----------------------------------------------------------------------------------------------


def _handover(ground: Ground, values: dict[str, Any]) -> Done:
    entry = hand_over(ground.opened, values["to"], values["reason"])
    words = head_words(entry["hash"])
    return Done((ground.say("app.handover_done", entry=entry["seq"], hash=entry["hash"], words=words),))


def _pack_check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    there = read_key(ground.opened.officer) is not None
    return {"passphrase": ground.say("app.empty.passphrase")} if there and not values["passphrase"] else {}


def _pack(ground: Ground, values: dict[str, Any]) -> Done:
    from spmc_tools.case.files.durable import sha256_file
    from spmc_tools.custody.evidence_pack.evidence_pack import write_pack

    case = ground.opened
    signer = signer_of(case.officer, values["passphrase"])
    made = write_pack(case, values["run"], new_file(ground, f"pack-{values['run']}.zip"), signer)
    return Done((ground.say("app.pack_done", sha256=sha256_file(made)),), (made.name,))


def _backup(ground: Ground, _values: dict[str, Any]) -> Done:
    from spmc_tools.custody.records.backup import back_up

    case = ground.opened
    path, sha256, files = back_up(case, new_file(ground, f"backup-{case.id}-{_now()}.zip"))
    lines = ground.say("app.backup_done", files=files, sha256=sha256), ground.say("app.backup_key")
    return Done(lines, (path.name,))


def _chain(ground: Ground, _values: dict[str, Any]) -> Done:
    from spmc_tools.report.page.custody_page import custody_page

    case, language = ground.opened, ground.words.language
    path = new_file(ground, f"custody-{case.id}-{_now()}.jsonl")
    made = export_chain(case, path, lambda rows: custody_page(case, rows, language))
    length, head = case.ledger.head()
    line = ground.say("app.chain_done", count=length, hash=head, words=head_words(head))
    return Done((line,), tuple(one.name for one in made))


def _verify_check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    from spmc_tools.case.log.anchors import sound_anchors, typed_anchor
    from spmc_tools.signing.time_stamp import authorities

    wrong = {}
    if values["noted"] and typed_anchor(values["noted"]) is None:
        wrong["noted"] = ground.say("app.no_anchor", found=quote(values["noted"]))
    if values["noted"] and values["anchors"]:
        wrong["anchors"] = ground.say("app.two_anchors")
    elif values["anchors"]:
        try:
            sound_anchors(str(values["anchors"]))
        except InputError:
            wrong["anchors"] = ground.say("app.no_anchors_file", name=quote(values["anchors"].name))
    if values["authority"]:
        try:
            authorities(values["authority"])
        except InputError as error:
            wrong["authority"] = sentence_of(error, ground.words.say)
    return wrong


def _verify(ground: Ground, values: dict[str, Any]) -> Done:
    from spmc_tools.custody.review.verify import verify

    anchor = values["noted"] or (str(values["anchors"]) if values["anchors"] else None)
    found = verify(ground.opened.path, authority=values["authority"], anchor=anchor)
    lacks, folder = _lacks(ground), str(ground.opened.path.resolve())
    not_shown = "; ".join(lacks[kind] for kind, _ in found.lacks) or "–"
    last = ground.say("app.verify_last", folder=folder, lacks=not_shown)
    if found.ok:
        return Done((ground.say("app.verify_done", count=found.checked), last))
    return Done((ground.say("app.verify_differs", count=found.checked), *found.differences, *found.doubts, last))


def _lacks(ground: Ground) -> dict[str, str]:
    """Return what a check may be unable to show, in the language of the page."""
    say = ground.say
    return {
        "anchor": say("app.verify_no_anchor"),
        "after_anchor": say("app.verify_after_anchor"),
        "time_stamp": say("app.verify_no_time_stamp"),
        "authority": say("app.verify_no_authority"),
        "signature": say("app.verify_no_signature"),
        "keys": say("app.verify_no_keys"),
        "case": say("app.verify_no_case"),
        "received": say("app.verify_no_received"),
    }


# -- the case itself ---------------------------------------------------------------------------------------------


def _extend(ground: Ground, values: dict[str, Any]) -> Done:
    case = ground.opened
    case.extend(values["until"], values["reason"])
    return Done((ground.say("app.extend_done", day=ground.words.day(case.settings.expires)),))


def _batches(ground: Ground, aside: bool) -> list[tuple[str, str]]:
    if ground.case is None:
        return []
    put = ground.case.set_aside()
    return [
        (one.batch_id, f"{one.batch_id} · {one.source_name[:80]}")
        for one in ground.case.batches(set_aside=True)
        if (one.batch_id in put) == aside
    ]


def _aside(ground: Ground, values: dict[str, Any]) -> Done:
    done = set_aside(ground.opened, values["batch"], values["reason"])
    return Done((ground.say("app.aside_done", batch=done.batch_id),))


def _back(ground: Ground, values: dict[str, Any]) -> Done:
    done = take_back(ground.opened, values["batch"], values["reason"])
    return Done((ground.say("app.aside_back_done", batch=done.batch_id),))


def _attach(ground: Ground, values: dict[str, Any]) -> Done:
    made = attach(
        ground.opened, values["record"], [values["capture"]], method=values["method"], tool=values["tool"],
        captured_at=values["captured_at"], note=values["note"],
    )  # fmt: skip
    return Done((ground.say("app.attach_done", batch=made[0].batch_id, sha256=made[0].source_sha256),))


def _withdraw(ground: Ground, values: dict[str, Any]) -> Done:
    from spmc_tools.custody.review.review import withdraw

    withdraw(ground.opened, values["run"], values["reason"])
    return Done((ground.say("app.withdraw_done", run=values["run"]),))


def _dispose_check(ground: Ground, values: dict[str, Any]) -> dict[str, str]:
    right = values["confirm"] == ground.opened.id
    return {} if right else {"confirm": ground.say("app.confirm_wrong", case=ground.opened.id)}


def _dispose(ground: Ground, values: dict[str, Any]) -> Done:
    from spmc_tools.custody.records.case_disposal import dispose_of_case

    case = ground.opened
    path = dispose_of_case(case.id, values["reason"], values["confirm"], ground.cases, ground.words.language)
    return Done((ground.say("app.dispose_done", case=case.id, path=str(path.with_suffix(".html"))),), gone=True)


def _no_run(ground: Ground) -> str:
    return "" if runs_of(ground) else ground.say("app.none_made")


def _methods(ground: Ground) -> list[tuple[str, str]]:
    return [(name, ground.say(f"app.method.{name}")) for name in METHODS]


def _option(name: str, value: Any) -> list[str]:
    """Return an option of a command; of a file its name."""
    return [name, getattr(value, "name", value)] if value else []


CUSTODY_ACTS = (
    Act(
        "verify",
        (
            ActField("noted", needed=False), ActField("anchors", "file", needed=False),
            ActField("authority", "file", needed=False),
        ),
        _verify,
        lambda case, v: command_line(
            "spmc", "verify", case,
            _option("--anchor", v["noted"] or v["anchors"]), _option("--authority", v["authority"]),
        ),
        check=_verify_check,
    ),
    Act(
        "chain", (), _chain,
        lambda case, _v: command_line("spmc", "custody", case, "--out", "FILE.jsonl"),
    ),
    Act(
        "pack",
        (RUN, ActField("passphrase", "passphrase", needed=False, label="app.field.passphrase_preparer")),
        _pack,
        lambda case, v: command_line("spmc", "pack", case, v["run"], "--out", "FILE.zip"),
        closed=_no_run, check=_pack_check,
    ),
    Act(
        "backup", (), _backup,
        lambda case, _v: command_line("spmc", "backup", case, "--out", "FILE.zip"),
    ),
    Act(
        "handover", (ActField("to"), REASON), _handover,
        lambda case, v: command_line("spmc", "handover", case, "--to", v["to"], "--reason", v["reason"]),
    ),
    Act(
        "attach",
        (
            ActField("record"), ActField("capture", "file"), ActField("method", "choice", options=_methods),
            ActField("tool"), ActField("captured_at", "moment", needed=False), ActField("note", needed=False),
        ),
        _attach,
        lambda case, v: command_line(
            "spmc", "attach", case, v["record"], getattr(v["capture"], "name", v["capture"]), "--method", v["method"],
            "--tool", v["tool"], *(("--captured-at", v["captured_at"]) if v["captured_at"] else ()),
            *(("--note", v["note"]) if v["note"] else ()),
        ),
    ),
    Act(
        "aside",
        (ActField("batch", "choice", options=lambda ground: _batches(ground, False)), REASON),
        _aside,
        lambda case, v: command_line("spmc", "set-aside", case, v["batch"], "--reason", v["reason"]),
        closed=lambda ground: "" if _batches(ground, False) else ground.say("app.no_import"),
    ),
    Act(
        "aside_back",
        (ActField("batch", "choice", options=lambda ground: _batches(ground, True)), REASON),
        _back,
        lambda case, v: command_line("spmc", "set-aside", case, v["batch"], "--reason", v["reason"], "--undo"),
        closed=lambda ground: "" if _batches(ground, True) else ground.say("app.none_aside"),
    ),
    Act(
        "withdraw", (RUN, REASON), _withdraw,
        lambda case, v: command_line("spmc", "withdraw", case, v["run"], "--reason", v["reason"]),
        closed=_no_run,
    ),
    Act(
        "extend", (ActField("until", "day"), REASON), _extend,
        lambda case, v: command_line("spmc", "extend", case, "--to", v["until"], "--reason", v["reason"]),
        closed=lambda ground: "" if ground.opened.settings.expires else ground.say("app.no_expiry"),
    ),
    Act(
        "dispose", (REASON, ActField("confirm")), _dispose,
        lambda case, v: command_line("spmc", "dispose", case, "--reason", v["reason"], "--confirm", v["confirm"]),
        check=_dispose_check,
    ),
)  # fmt: skip


def imports_table(ground: Ground) -> list[ShownTable]:
    """Return what was received, how, and whether it is set aside, as a table."""
    if ground.case is None:
        return []
    say, words, aside = ground.say, ground.words, ground.case.set_aside()
    rows = []
    for one in ground.case.batches(set_aside=True):
        how = one.details.get("obtained")
        rows.append((
            one.batch_id, one.source_name, one.format, str(words.number(one.read)), str(words.number(one.kept)),
            str(words.number(one.duplicates)), str(words.number(one.refused)),
            say(f"intake.obtained.{how}") if how in OBTAINED else "–",
            str(one.details.get("received_from") or "–"), one.officer, str(words.moment(one.imported_at)),
            say("app.yes") if one.batch_id in aside else say("app.no"),
        ))  # fmt: skip
    names = (
        "batch", "file_name", "format", "read", "kept", "duplicates", "refused", "obtained", "received_from",
        "entered_by", "at", "is_aside",
    )  # fmt: skip
    return [ShownTable("imports", say("app.table.imports"), tuple(say(f"app.field.{n}") for n in names), rows)]
