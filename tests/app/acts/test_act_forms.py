"""Forms of acts: all that is wrong at once, nothing written by a stale page, markup as text, passphrases nowhere."""

from __future__ import annotations

import csv
import io
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat import v4

from spmc_tools.app.acts.act_form import ShownTable
from spmc_tools.app.pages.act_rooms import ACTS, ROOMS
from spmc_tools.case.acts.review_entries import reviews_of
from spmc_tools.case.store.case import open_case
from spmc_tools.desks.referrals.law import CHECKLIST
from spmc_tools.desks.referrals.referral import enter_state
from spmc_tools.desks.rumours.rumour import enter_claim
from spmc_tools.desks.watch.watch_terms import add_watch_term
from spmc_tools.importers.import_files import import_files
from spmc_tools.show.widgets.typed_days import moment_typed
from spmc_tools.signing.manifest import write_manifest
from tests.app.conftest import HOSTILE
from tests.desks.complaints.test_answers import INBOX
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from pathlib import Path

RUN = "20251113T034000Z-election_watch-ab12"
SECRET = "correct horse battery"


@pytest.fixture
def gaya(forms):
    """An open case without a post."""
    case = plain_case("gaya", officer="A. Officer")
    forms.post("/case", {"act": "choose", "id": "gaya"})
    return case


def n_entries(case_id: str = "gaya") -> int:
    return len(open_case(case_id).ledger.entries())


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("22-02-2017 14:30", "2017-02-22T14:30:00+05:30"),
        ("1/2/25 9.05", "2025-02-01T09:05:00+05:30"),
        ("2025-11-06T10:00:01Z", "2025-11-06T10:00:01+00:00"),
        ("2025-11-06T10:00", "2025-11-06T10:00:00+05:30"),
        ("22-02-2017", None),
        ("31-02-2017 10:00", None),
        ("22-02-2017 24:30", None),
        ("soon", None),
    ],
)
def test_moments_as_india_writes_them(typed: str, read: str | None) -> None:
    assert moment_typed(typed) == read


def test_all_that_is_wrong_is_said_at_once_and_what_was_typed_stays(forms, gaya) -> None:
    before = n_entries()
    answer = forms.act("claim", claim_id="", status="nonsense", first_seen="soon", note="मेरी टिप्पणी")
    assert answer.status == 422 and answer.wrong() == {"claim_id", "status", "first_seen"}
    assert 'value="soon"' in answer.text and "मेरी टिप्पणी" in answer.text
    answer = forms.act("claim", claim_id="R1", status="refuted", reviewed_by="A. Officer")
    assert answer.wrong() == {"text", "official_version", "official_at", "reviewed_by"}
    assert forms.act("known", kind="newsroom", accounts=" ,\n;", reason="").wrong() == {"accounts", "reason"}
    assert forms.act("term", term="a\u202eb", reason="x" * 2001).wrong() == {"term", "reason"}
    answer = forms.act("term", term="ab", reason="why")  # the rule of the log, not of the form
    assert answer.status == 422 and "too short" in answer.plain
    enter_state(gaya, "F1", "flagged", category="cheating")
    enter_state(gaya, "F1", "verified")
    answer = forms.act("state", referral="F1", state="sent")
    assert answer.wrong() == {"sent_to", "provision", *(f"check_{name}" for name in CHECKLIST)}
    assert forms.act("state", referral="F1", state="fir").wrong() == {"state"}
    assert n_entries() == before + 2


def test_nothing_is_done_without_a_case_or_from_the_page_of_another(forms) -> None:
    for page in ROOMS:
        answer = forms.get(f"/{page}")
        assert answer.status == 200 and (ROOMS[page].caseless or "Choose a case first" in answer.plain)
    assert forms.act("term", term="booth 112", reason="r").status == 409
    plain_case("gaya"), plain_case("patna")
    forms.post("/case", {"act": "choose", "id": "gaya"})
    before = n_entries("gaya"), n_entries("patna")
    for name in ACTS:
        assert forms.act(name, case="patna").status in {200 if ACTS[name][0] == "network" else 409}
    assert forms.post("/save/custody/imports", {"case": "patna"}).status == 409
    assert forms.act("term", term="booth 112", reason="r", _xsrf="x").status == 403
    assert (n_entries("gaya"), n_entries("patna")) == before
    assert forms.act("nonsense").status == 404


def test_a_grey_button_says_why(forms, gaya) -> None:
    for page, why in (
        ("referrals", "Nobody has looked at these posts yet"), ("complaints", "No complaint is open"),
        ("review", "There is no report yet"), ("custody", "no day on which it expires"),
    ):  # fmt: skip
        answer = forms.get(f"/{page}")
        assert why in answer.plain and re.search(r'disabled aria-describedby="why-', answer.text)
    assert "no day on which it expires" in forms.act("extend", until="1-1-30", reason="r").plain


def test_markup_of_a_case_is_text_on_every_page(forms, gaya) -> None:
    add_watch_term(gaya, HOSTILE, HOSTILE)
    gaya.add_context([f"a{HOSTILE}"], "newsroom", HOSTILE)
    enter_claim(gaya, f"R{HOSTILE}", "open", text=HOSTILE)
    enter_state(gaya, f"F{HOSTILE}", "flagged", category="cheating", handle=HOSTILE, account_id=HOSTILE)
    for page in ROOMS:
        text = forms.get(f"/{page}").text
        assert "<img src=x" not in text and "<script>alert" not in text
    assert "&lt;img src=x" in forms.get("/watch").text
    answer = forms.act("claim", claim_id=HOSTILE, status="", text=HOSTILE, note=HOSTILE)
    assert answer.status == 422 and "<img src=x" not in answer.text and answer.text.count("&lt;img src=x") >= 3
    answer = forms.act("claim", claim_id="R2", status="open", text=HOSTILE)
    assert "R2" in answer.done() and "<img src=x" not in answer.text


def test_a_claim_takes_the_hash_of_its_picture(forms, gaya) -> None:
    import hashlib

    content = b"\x89PNG no picture at all"
    answer = forms.act(
        "claim", {"picture": ("../../चित्र.png", content)}, claim_id="R1", status="checking", text="बूथ बंद"
    )
    assert answer.done(), answer.plain
    [row] = open_case("gaya").table("claims").to_pylist()
    assert row["media_sha256"] == hashlib.sha256(content).hexdigest() and row["status"] == "checking"


def test_a_complaint_that_is_closed_waits_no_more(forms, gaya, tmp_path: Path) -> None:
    (tmp_path / "inbox.csv").write_text(INBOX, encoding="utf-8")
    import_files(gaya, [tmp_path / "inbox.csv"])
    assert "T1" in forms.get("/complaints").plain and "T2" in forms.get("/complaints").plain
    answer = forms.act("answer", thread="T1", closed="on")
    assert "T1" in answer.done() and '<td dir="auto">T1</td>' not in answer.text
    assert '<td dir="auto">T2</td>' in answer.text
    answer = forms.act("answer", thread="T9", closed="on")
    assert answer.status == 422 and "No complaint of this case" in answer.plain


def test_a_table_is_saved_logged_and_no_formula(forms, gaya) -> None:
    gaya.add_context(["=1+1", "plain"], "office", "-2+3")
    answer = forms.post("/save/known/known", {})
    [name] = re.findall(r"/made/gaya/(known-[^\"]+\.csv)", answer.text)
    rows = list(csv.reader(io.StringIO(forms.get(f"/made/gaya/{name}").text.lstrip("\ufeff"))))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "plain"] and rows[1][2] == "'-2+3"
    last = open_case("gaya").ledger.entries()[-1]
    assert last["kind"] == "export" and last["payload"]["file"] == name and last["payload"]["rows"] == 2
    plain_case("patna")
    for path in (f"/made/patna/{name}", "/made/gaya/..%2fcase.toml", "/made/gaya/%2e%2e", "/made/gaya/none.csv"):
        assert forms.get(path).status == 404
    forms.post("/case", {"act": "choose", "id": "patna"})
    assert forms.get(f"/made/gaya/{name}").status == 404


def test_a_case_is_destroyed_only_by_its_name(forms, gaya, tmp_path: Path) -> None:
    assert forms.act("dispose", reason="over", confirm="Gaya").wrong() == {"confirm"}
    assert (tmp_path / "cases" / "gaya").is_dir()
    answer = forms.act("dispose", reason="over", confirm="gaya")
    assert answer.url.endswith("/case") and "destroyed" in answer.done()
    assert not (tmp_path / "cases" / "gaya").exists() and list((tmp_path / "cases" / ".disposed").glob("gaya-*.html"))
    assert "No case is chosen" in forms.get("/report").plain


def test_a_report_is_reviewed_packed_and_the_passphrase_is_nowhere(forms, tmp_path: Path, caplog, capfd) -> None:
    caplog.set_level(logging.DEBUG)
    case = plain_case("gaya", officer="A. Officer")
    folder = case.run_dir(RUN)
    (folder / "report.html").write_text("<!doctype html><title>x</title>")
    nbformat.write(v4.new_notebook(), folder / "notebook.ipynb")
    write_manifest(case, folder, edition="full")
    forms.post("/case", {"act": "choose", "id": "gaya"})
    answer = forms.act("key_new", **{"as": "R. Devi"}, passphrase=SECRET, passphrase_again=f"{SECRET} ")
    assert answer.wrong() == {"passphrase_again"} and SECRET not in answer.text
    answer = forms.act("key_new", **{"as": "R. Devi"}, passphrase=SECRET, passphrase_again=SECRET)
    assert "Fingerprint" in answer.done() and SECRET not in answer.text
    said = {"run": RUN, "as": "R. Devi", "verdict": "upheld", "counter_case": "Volunteers share lists."}
    assert forms.act("verdict", **said).wrong() == {"passphrase"}
    answer = forms.act("verdict", **said, passphrase="wrong horse battery")
    assert (
        answer.status == 422
        and "Not done." in answer.plain
        and "does not open" in answer.plain
        and "wrong horse" not in answer.text
    )
    answer = forms.act("verdict", **said, passphrase=SECRET)
    assert "The review is logged" in answer.done() and "not signed" not in answer.done()
    assert SECRET not in answer.text and "spmc review gaya" in answer.done() and "--passphrase" not in answer.text
    [made] = reviews_of(open_case("gaya").ledger.entries(), RUN)
    assert (made.reviewer, made.verdict) == ("R. Devi", "upheld") and made.payload["signature"]
    answer = forms.act("pack", run=RUN)
    [name] = re.findall(r"/made/gaya/(pack-[^\"]+\.zip)", answer.text)
    assert f"Take along: {name}" in answer.done()
    assert (tmp_path / "app-made" / "gaya" / name).read_bytes()[:2] == b"PK"
    assert forms.act("withdraw", run=RUN, reason="a newsroom was named").done()
    assert forms.act("backup").done() and "nothing differs" in forms.act("verify").done()
    out, err = capfd.readouterr()
    assert SECRET not in out + err + caplog.text
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files and not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_no_command_holds_a_passphrase_and_each_act_has_one(forms, gaya) -> None:
    for name, (_page, act) in ACTS.items():
        typed = {
            one.name: SECRET if one.kind == "passphrase" else {} if one.kind == "groups" else "x" for one in act.fields
        }
        for shown in (act.shown_command("gaya"), act.shown_command("gaya", typed)):
            assert SECRET not in shown and (act.lab or shown.startswith("spmc ")), name
        assert SECRET not in replace(act, command=lambda _case, values: repr(values)).shown_command("gaya", typed), name


def test_each_hint_stands_where_its_kind_of_field_does(forms, gaya) -> None:
    """Words around the fields of a form, section by section, against what it declares; of tables, one and none."""
    hints = {"day": 'as 22-02-2025"', "moment": "as 22-02-2025 14:30", "list": "one a line", "file": "no file chosen"}
    seen = set()
    for page in ROOMS:
        text = forms.get(f"/{page}").text
        for name, (of_page, act) in ACTS.items():
            if of_page != page:
                continue
            (part,) = re.findall(rf'<section id="act-{name}">.*?</section>', text, re.DOTALL)
            kinds = {one.kind for one in act.fields}
            seen |= kinds | {act.lab}
            assert {kind for kind, words in hints.items() if words in part} == kinds & set(hints), name
            assert ("Choose a file" in part) == ("file" in kinds) and "Not done." not in part
            assert part.count("(may be empty)") == sum(
                not one.needed and one.kind not in {"tick", "groups"} for one in act.fields
            ), name
            assert ("Show the same in the lab" in part, "Show the command" in part) == (act.lab, not act.lab), name
    assert seen >= set(hints)
    page = forms.get("/watch").text
    assert "Nothing yet." in page and "Save as CSV" not in page
    add_watch_term(gaya, "booth 112", "r")
    assert "Save as CSV" in forms.get("/watch").text
    unsigned = "(empty: the report is not signed)"
    assert unsigned not in forms.get("/report").text
    forms.act("key_new", **{"as": "A. Officer"}, passphrase=SECRET, passphrase_again=SECRET)
    assert unsigned in forms.get("/report").text and "Passphrase" in forms.get("/report").text


def test_a_case_can_be_chosen_where_there_is_one(forms) -> None:
    assert "Choose a case</h2>" not in forms.get("/case").text
    plain_case("gaya")
    assert "Choose a case</h2>" in forms.get("/case").text


def test_what_a_new_case_may_leave_empty_says_so(forms) -> None:
    text = forms.get("/case").text
    labels = re.findall(r'<label class="field"><span>(.*?)</span>(<\w+ [^>]*name="(\w+)")', text)
    may = {name for words, _, name in labels if "(may be empty)" in words}
    assert may == {"event", "expires", "officer"} and len(labels) == 9
    choices = re.search(r'<select name="event">(.*?)</select>', text)
    assert choices and choices[1].startswith('<option value="">none</option><option value=')


def test_a_saved_table_keeps_its_order(forms, gaya, tmp_path: Path) -> None:
    from spmc_tools.app.acts.act_form import Ground
    from spmc_tools.app.acts.saved_tables import save_table
    from spmc_tools.report.words.wording import Wording

    ground = Ground(gaya, Wording("hi"), tmp_path, tmp_path / "made", lambda: None)
    path = save_table(ground, ShownTable("t", "T", ("क", "ख"), [("2", "@x"), ("1", 'a,"b"')]))
    assert path.read_text("utf-8-sig").splitlines() == ["क,ख", "2,'@x", '1,"a,""b"""']


def test_the_schedule_is_listed_with_what_ran(forms, gaya, tmp_path: Path) -> None:
    assert "There is no file schedule.toml" in forms.get("/schedule").plain
    path = tmp_path / "schedule.toml"
    path.write_text('[[job]]\nname = "night"\ncase = "gaya"\nnotebook = "election_watch"\nwhen = "daily 02:00"\n')
    page = forms.get("/schedule").plain
    assert "night" in page and "due now" in page
    path.write_text("[[job]]\nname = 7\n")
    answer = forms.get("/schedule")
    assert answer.status == 200 and "schedule.toml" in answer.plain
