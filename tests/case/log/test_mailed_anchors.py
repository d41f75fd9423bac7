"""Anchors by mail, through a server on this machine: sent, kept while the server is away, sent again, once a day."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.acts.provenance import hand_over
from spmc_tools.case.log import mailed_anchors
from spmc_tools.case.log.anchors import FAILED, send_heads
from spmc_tools.case.log.mailed_anchors import STATE, waiting
from spmc_tools.case.log.outside_log import append
from spmc_tools.custody.review.verify import verify
from spmc_tools.doctor import examine as doctor
from spmc_tools.schedule.schedule import run_due
from spmc_tools.schedule.schedule_file import Schedule
from tests.forgery import forge_case
from tests.mail_server import MailServer
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    made = MailServer()
    made.start()
    settings = f'host = "127.0.0.1"\nport = {made.port}\nsender = "spmc@example.org"\nto = ["sp@example.org"]\n'
    (tmp_path / "mail.toml").write_text(settings)
    monkeypatch.setenv("SPMC_ANCHOR_MAIL", str(tmp_path / "mail.toml"))
    yield made
    made.close()


def head(path: Path) -> tuple[int, str]:
    """By SQL, from the log itself."""
    with closing(sqlite3.connect(path / "ledger.sqlite")) as log:
        found: tuple[int, str] = log.execute("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
    return found


def attached(mail: EmailMessage) -> str:
    (part,) = mail.iter_attachments()
    return str(part.get_content())


def anchors(mail: EmailMessage) -> list[tuple[int, str, str]]:
    rows = [json.loads(line) for line in attached(mail).splitlines()]
    return [(row["length"], row["head"], row["why"]) for row in rows]


def test_an_anchor_goes_out_by_mail_and_shows_a_log_that_was_written_anew(server: MailServer, tmp_path: Path) -> None:
    case = plain_case("one")
    refused = append(case.path.parent, "refused", {"n": 0}, "A")
    hand_over(case, "SHO", "copy")
    assert waiting(case.path.parent) == (0, None)
    mail = server.mails[-1]
    length, digest = head(case.path)
    assert anchors(mail)[-1] == (length, digest, "handover") and mail["To"] == "sp@example.org"
    text = mail.get_body().get_content()
    assert f"{length}:{digest}" in text and "--anchor" in text
    assert f"log of refused files: 1:{refused['hash']}" in text
    assert json.loads(attached(mail).splitlines()[-1])["outside"]["head"] == refused["hash"]
    (tmp_path / "anchors.jsonl").write_text(attached(mail))
    assert verify(case.path, log=False, anchor=str(tmp_path / "anchors.jsonl")).ok
    forge_case(case.path, lambda rows, _: rows[1]["payload"].update(note="another"))
    found = verify(case.path, log=False, anchor=str(tmp_path / "anchors.jsonl"))
    assert "entries up to it were written anew" in str(found.first_difference)
    assert verify(case.path, log=False).ok  # without the mail nothing shows it


def test_what_was_not_sent_is_logged_shown_and_tried_again(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    case = plain_case("one")
    root = case.path.parent
    sent_before, server.refuses = len(server.mails), True
    hand_over(case, "SHO", "copy")
    first = head(case.path)[0] - 1
    last = case.ledger.entries()[-1]
    assert (last["kind"], last["payload"]["entry"], last["payload"]["by"]) == (FAILED, first, "mail")
    assert "451" in last["payload"]["reason"] and len(server.mails) == sent_before
    assert waiting(root)[0] == 1 and "1 anchors wait to be mailed" in json.dumps(doctor(root))
    server.refuses = False
    hand_over(case, "SHO", "a second copy")  # within the pause nobody is asked
    assert waiting(root)[0] == 2 and len(server.mails) == sent_before
    monkeypatch.setattr(mailed_anchors, "PAUSE", timedelta(minutes=-1))
    server.refuses = True
    state = json.loads((root / STATE).read_text())
    (root / STATE).write_text(json.dumps(state | {"again_at": None}))
    assert "451" in send_heads(root, "2025-11-06")[0]
    server.refuses = False
    assert send_heads(root, "2025-11-06") == []  # nothing is due, and what waits goes out
    assert waiting(root) == (0, None)
    assert [why for _, _, why in anchors(server.mails[-1])] == ["handover", "handover", "day"]


def test_the_schedule_sends_the_head_of_every_case_once_a_day(server: MailServer, tmp_path: Path) -> None:
    one, two = plain_case("one"), plain_case("two")
    root, before = one.path.parent, len(server.mails)
    schedule = Schedule(path=tmp_path / "plan.toml", cases=root, jobs=[], notify=None, broken={})
    for _ in range(3):
        assert run_due(schedule).hooks == []
    sent = [anchor for mail in server.mails[before:] for anchor in anchors(mail)]
    assert sorted(sent) == sorted((*head(case.path), "day") for case in (one, two))
    assert send_heads(root, "2999-01-01") == [] and len(server.mails) == before + 4


@pytest.mark.parametrize("said", ["", "x = [", 'host = "h"\nport = 0\nsender = "a@b"\nto = ["a@b"]', "\x00", None])
def test_settings_that_cannot_be_read_stop_nothing(server: MailServer, tmp_path: Path, said: str | None) -> None:
    (tmp_path / "mail.toml").unlink()
    if said is not None:
        (tmp_path / "mail.toml").write_text(said)
    case = plain_case("one")
    hand_over(case, "SHO", "copy")
    reason = case.ledger.entries()[-1]["payload"]["reason"]
    assert reason.startswith("SPMC_ANCHOR_MAIL: ") and "wanted a TOML file" in reason and "\n" not in reason


@pytest.mark.parametrize("said", ["", "{", "[]", '{"waiting": 3, "days": [], "failed": {}}', "[" * 100_000])
def test_a_spoilt_state_is_begun_anew(server: MailServer, said: str) -> None:
    case = plain_case("one")
    (case.path.parent / STATE).write_text(said)
    hand_over(case, "SHO", "copy")
    assert waiting(case.path.parent) == (0, None) and case.ledger.entries()[-1]["kind"] == "handover"


def test_doctor_says_where_no_head_goes_out_each_day(
    server: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(words: str) -> bool:
        return any(words in note["what"] for note in doctor(root)["notes"])

    root = plain_case("one").path.parent
    assert told("do not go out each day") and told("they never did")
    run_due(Schedule(path=tmp_path / "plan.toml", cases=root, jobs=[], notify=None, broken={}))
    assert not told("do not go out each day") and not told("No anchor goes out")
    state = json.loads((root / STATE).read_text())
    (root / STATE).write_text(json.dumps(state | {"days": dict.fromkeys(state["days"], "2025-11-06")}))
    assert told("last on 2025-11-06")
    monkeypatch.delenv("SPMC_ANCHOR_MAIL")
    monkeypatch.delenv("SPMC_ANCHORS", raising=False)
    assert told("No anchor goes out") and not told("do not go out each day")
