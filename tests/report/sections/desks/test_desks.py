"""The desks from their sheets to their pages, in both languages; nobody who wrote to the centre stands in a page."""

from __future__ import annotations

import html
import json
import re

import pytest

from spmc_tools.importers.import_files import import_files
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.page.render import Run, page
from spmc_tools.report.page.sections import Section, section, typed_payload
from spmc_tools.report.running.run import run_notebook
from spmc_tools.report.scope.scope import in_period

EVIL = "<script>alert(1)</script>"
INBOX = (
    "thread_id,record_id,platform,account_id,created_at,direction,is_automatic,channel,subject,district,text\n"
    "SECRETA,m1,x,citizen_asha,2025-11-05T10:00:00+05:30,in,,direct,traffic,Gaya,"
    "I am Ashamani and the light at the old market is out since monday call 9000012345\n"
    "SECRETB,m2,facebook,citizen_ravi,2025-11-05T10:30:00+05:30,in,,comment,traffic,Gaya,"
    "I am Ravindran and the light at the old market is out since monday call 9000054321\n"
    f"SECRETC,m3,x,citizen_meena,2025-11-05T11:00:00+05:30,in,,mention,{EVIL},Ara,asha@post.example\n"
    "SECRETA,m4,x,cell,2025-11-05T10:40:00+05:30,out,false,direct,,,We have told the office\n"
    "SECRETC,m5,x,cell,2025-11-05T18:40:00+05:30,out,true,mention,,,Thank you\n"
)
CLAIMS = (
    "claim_id,text,status,entered_by,entered_at,official_version,official_at,first_seen\n"
    f'R1,"नमूना पाठ 0 {EVIL} बूथ बंद रहेगा",open,me,2025-11-05T10:00:00Z,,,2025-11-05T10:00:00Z\n'
    "R2,The bridge is closed for ten days and only the boat runs,refuted,me,2025-11-06T10:00:00Z,"
    "The bridge is open.,2025-11-06T09:00:00Z,2025-11-05T10:00:00Z\n"
)
REFERRALS = (
    "referral_id,state,state_at,officer,account_id,handle,category,provision,sent_to,synthetic_media\n"
    "F1,flagged,2025-11-03T10:00:00Z,me,acct1,evil_handle,impersonation,it_66d,,false\n"
    "F1,verified,2025-11-03T12:00:00Z,me,acct1,evil_handle,impersonation,it_66d,,false\n"
    "F2,flagged,2025-11-03T10:00:00Z,me,acct2,other_handle,cheating,bns_319,,\n"
    "F2,verified,2025-11-03T11:00:00Z,me,acct2,other_handle,cheating,bns_319,,\n"
    "F2,sent,2025-11-03T12:00:00Z,me,acct2,other_handle,cheating,bns_319,platform,\n"
    "F3,flagged,2025-11-07T10:00:00Z,me,acct3,third,cheating,bns_319,,\n"
)
PERSONAL = ("citizen_", "Ashamani", "Ravindran", "SECRET", "9000012345", "9000054321", "asha@post.example", "m1,", EVIL)


def shown_alone(made: Section, language: str = "en") -> str:
    """A section as a page draws what its notebook carries."""
    return fragment(typed_payload(made.payload()), language)


@pytest.fixture
def desk_case(small_case, tmp_path):
    for name, content in (("inbox.csv", INBOX), ("claims.csv", CLAIMS), ("referrals.csv", REFERRALS)):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        [result] = import_files(small_case, [path])
        assert result.refused == 0, result.note
    return small_case


def in_docx(path) -> str:
    from docx import Document

    document = Document(str(path))
    about = document.core_properties
    assert (about.author, about.comments) == ("", "") and about.created.year > 2020
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in document.paragraphs] + cells)


def seen(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)))


@pytest.mark.parametrize("language", ["en", "hi"])
def test_sections_say_their_numbers_and_no_name(desk_case, language: str) -> None:
    from spmc_tools.desks.complaints.response import response_desk

    desk = response_desk(desk_case)
    pages = [
        shown_alone(section(name, **({"case": desk_case} if name == "response_queue" else {}), desk=desk), language)
        for name in ("response", "response_queue", "response_alike", "response_limits")
    ]
    whole = "\n".join(pages)
    assert not [one for one in PERSONAL if one in whole]
    assert "A-" in pages[1] and "old market" not in seen(pages[2])  # two accounts may be one person
    if language == "en":
        assert "3 complaints and suggestions were received" in pages[0] and "a person has answered 1" in pages[0]
        assert "33 %" in pages[0] and "2 complaints are overdue" in pages[1]
        assert "1 have had an automatic reply" in pages[0] or "1 has had an automatic reply" in pages[0]


def test_what_is_due_next_is_listed_however_much_is_overdue(small_case, tmp_path) -> None:
    from spmc_tools.desks.complaints.response import response_desk

    rows = [f"o{k},q{k},x,w{k},2025-11-05T0{k % 9}:00:00Z,in,,direct,polling,Gaya,late" for k in range(50)]
    rows += [f"s{k},r{k},x,v{k},2025-11-05T12:4{k}:00Z,in,,direct,polling,Gaya,soon" for k in range(3)]
    rows += ["l,last,x,z,2025-11-05T14:30:00Z,in,,direct,polling,Gaya,later"]
    path = tmp_path / "queue.csv"
    path.write_text("\n".join([INBOX.splitlines()[0], *rows]) + "\n", encoding="utf-8")
    import_files(small_case, [path])
    made = section("response_queue", case=small_case, desk=response_desk(small_case))
    states = [row.state for row in made.values.rows]
    assert states == ["soon"] * 3 + ["later"] + ["overdue"] * 36 and made.values.rows.more == 14
    due = [row.due_at for row in made.values.rows]
    assert due[:4] == sorted(due[:4]) and due[4:] == sorted(due[4:], reverse=True)  # overdue since the shortest time
    topics = [(one.subject, one.soon, one.overdue, one.later, one.due_at) for one in made.values.topics]
    assert topics == [("polling", 3, 50, 1, due[0])]
    assert "निर्वाचन प्रकोष्ठ" in shown_alone(made, "hi") and "election cell" not in shown_alone(made, "hi")


def test_words_of_a_group_are_shown_where_five_accounts_wrote_them(small_case, tmp_path) -> None:
    from spmc_tools.desks.complaints.response import response_desk

    names = ("Asha", "Ravi", "Meena", "Sunil", "Kiran")
    rows = [
        f"t{k},q{k},{('x', 'facebook')[k % 2]},w{k},2025-11-05T10:0{k}:00Z,in,,direct,traffic,Gaya,"
        f"I am {name} and the light at the old market is out since monday call 900001234{k}"
        for k, name in enumerate(names)
    ]
    path = tmp_path / "five.csv"
    for n in (4, 5):
        path.write_text("\n".join([INBOX.splitlines()[0], *rows[:n]]) + "\n", encoding="utf-8")
        import_files(small_case, [path])
        page = seen(shown_alone(section("response_alike", desk=response_desk(small_case))))
        assert ("the light at the old market is out since monday" in page) == (n == 5)
        assert not [one for one in (*names, "90000") if one in page]


def _lines(path) -> dict:
    """The values of the section ``response`` in the file of a notebook, as they are written there."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    held = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    [values] = [
        one["values"]
        for data in held
        for one in data.values()
        if isinstance(one, dict) and one.get("name") == "response"
    ]
    return values


def test_the_redacted_edition_holds_no_single_complaint(desk_case) -> None:
    done = run_notebook(desk_case, "response_desk", {}, language="en", edition="redacted")
    text = done.report.read_text(encoding="utf-8")
    assert done.status == "complete" and "Single complaints do not stand in this edition" in text
    assert not [one for one in PERSONAL if one in text] and "10:30" not in seen(text).split("Data received")[0]
    # three complaints in all: by district two of Gaya and one of Ara, and neither line has five
    assert "2 lines with fewer than five complaints are left out of this edition" in text
    whole = run_notebook(desk_case, "response_desk", {}, language="en")
    full = whole.report.read_text(encoding="utf-8")
    assert "left out of this edition" not in full
    # the notebook beside the page holds no line that the page leaves out, and how many these are
    left, there = (_lines(done.report.with_name("notebook.ipynb")), _lines(whole.report.with_name("notebook.ipynb")))
    assert {(name, line["value"], line["n"]) for name, lines in there["by"].items() for line in lines} >= {
        ("district", "Gaya", 2), ("district", "Ara", 1),
    }  # fmt: skip
    assert set(left["by"]) == set(there["by"]) and not any(left["by"].values())
    assert left["left_out"] == {name: len(lines) for name, lines in there["by"].items()} and there["left_out"] == {}
    assert left["all"] == there["all"]
    assert [len(re.findall(r'<td class="head"[^>]*>(?:<[^>]*>)*Gaya', page)) for page in (text, full)] == [0, 1]


def test_lines_of_five_complaints_leave_and_those_of_four_do_not(small_case, tmp_path) -> None:
    from spmc_tools.desks.complaints.response import response_desk

    places = ["Gaya"] * 5 + ["Ara"] * 4 + ["Patna"]
    rows = [
        f"t{k},q{k},x,w{k},2025-11-05T10:{k:02d}:00Z,in,,direct,traffic,{place},x" for k, place in enumerate(places)
    ]
    path = tmp_path / "places.csv"
    path.write_text("\n".join([INBOX.splitlines()[0], *rows]) + "\n", encoding="utf-8")
    import_files(small_case, [path])
    full = section("response", desk=response_desk(small_case)).values
    left = full.for_redaction()
    assert [(line.value, line.n) for line in left.by["district"]] == [("Gaya", 5)]
    assert left.left_out["district"] == 2 and left.left_out["channel"] == 0
    assert left.for_redaction() == left, "what was left out is counted once, however often values are redacted"


def test_a_case_without_rows_of_a_desk_says_so(small_case) -> None:
    from spmc_tools.desks.complaints.response import response_desk
    from spmc_tools.desks.referrals.referral import referral_desk

    assert response_desk(small_case) is None and referral_desk(small_case) is None
    payload = section("response", desk=None).payload()
    assert payload["missing"] == ["desk"] and "holds no rows" in fragment(payload)


def test_the_response_desk_runs_to_a_page(desk_case) -> None:
    done = run_notebook(desk_case, "response_desk", {"as_of": "2025-11-05T11:00+05:30"}, language="both")
    text = "".join(path.read_text(encoding="utf-8") for path in done.reports.values())
    assert done.status == "complete"
    for path in done.report.parent.rglob("*"):  # page, notebook, manifest: whatever the run left behind
        if path.is_file():
            said = path.read_text(encoding="utf-8")
            hidden = [one for one in PERSONAL if one != EVIL or path.suffix == ".html"]  # JSON holds a tag as text
            assert not [one for one in hidden if one in said], path.name
    assert "within the next 30 minutes" in text and "प्रतीक्षा" in text


def test_the_referral_register_runs_to_a_page_with_drafts(desk_case) -> None:
    done = run_notebook(desk_case, "referral_register", {}, language="both")
    text = "".join(path.read_text(encoding="utf-8") for path in done.reports.values())
    assert done.status == "complete" and "evil_handle" not in text and "struck down" in text
    exports = done.report.parent / "exports"
    names = sorted(path.name for path in exports.iterdir())
    assert len(names) == 12 and all(name.startswith("F1-") for name in names)
    for path in exports.iterdir():
        said = path.read_text("utf-8") if path.suffix == ".html" else in_docx(path)
        assert "evil_handle" not in said and "66D" in said and ("DRAFT" in said or "प्रारूप" in said)


def test_the_redacted_register_holds_drafts_without_accounts_and_looks_into_them(desk_case, monkeypatch) -> None:
    from spmc_tools.report.page import drafts

    done = run_notebook(desk_case, "referral_register", {}, language="hi", edition="redacted")
    files = [done.report, *(done.report.parent / "exports").iterdir()]
    assert done.status == "complete" and len(files) == 13
    for path in files:
        said = in_docx(path) if path.suffix == ".docx" else path.read_text("utf-8")
        assert not [one for one in ("evil_handle", "other_handle", "acct1", "acct2") if one in said], path.name
    monkeypatch.setattr(drafts, "_table", lambda document, rows: document.add_paragraph("evil_handle"))
    from spmc_tools.desks.referrals.referral import referral_desk
    from spmc_tools.report.redaction.leak_check import check_folder, raw_names

    names = drafts.write_drafts(desk_case, referral_desk(desk_case), folder=done.report.parent / "exports")
    leaks = check_folder(raw_names(desk_case), set(), done.report.parent, [f"exports/{name}" for name in names])
    assert {leak.raw for leak in leaks} == {"evil_handle"} and {leak.place[-5:] for leak in leaks} == {".docx"}


def test_names_stand_in_a_draft_where_they_are_asked_for(desk_case, tmp_path) -> None:
    from spmc_tools.desks.referrals.referral import referral_desk
    from spmc_tools.errors import ParameterError
    from spmc_tools.report.page.drafts import write_drafts

    desk = referral_desk(desk_case)
    written = write_drafts(desk_case, desk, referral="F2", names=True, folder=tmp_path)
    assert len(written) == 12 and "other_handle" in (tmp_path / "F2-intimation-en.html").read_text("utf-8")
    assert "दूसरे का रूप धरकर छल" in (tmp_path / "F2-intimation-hi.html").read_text("utf-8")
    with pytest.raises(ParameterError, match="F9"):
        write_drafts(desk_case, desk, referral="F9", folder=tmp_path)
    assert write_drafts(desk_case, desk) == [] and write_drafts(desk_case, None, folder=tmp_path) == []


def test_overdue_and_return_of_the_register(desk_case) -> None:
    from spmc_tools.desks.referrals.referral import referral_desk

    desk = referral_desk(desk_case)
    late = section("referral_overdue", desk=desk).values
    assert late.n == 1 and late.rows[0].referral_id == "F2" and late.rows[0].waits_s == (4 * 24 - 2) * 3600
    days = section("referral_return", desk=desk).values.days
    assert [day.watched for day in days] == [2, 2, 2, 2, 3] and days[0].sent_platform == 1


def test_the_rumour_desk_draws_claims_and_drafts(desk_case, tmp_path, caplog) -> None:
    from spmc_tools.desks.rumours.rumour import rumour_desk
    from spmc_tools.report.scope.scope import in_period
    from spmc_tools.report.sections.desks.rumour_values import draft_rebuttals

    desk = rumour_desk(desk_case, in_period(desk_case).records)
    for language in ("en", "hi"):
        page = shown_alone(section("rumour", case=desk_case, desk=desk), language)
        assert EVIL not in page and "R2" in page
    assert sorted(draft_rebuttals(desk, tmp_path)) == [
        "rebuttal-1-en.png", "rebuttal-1-en.txt", "rebuttal-1-hi.png", "rebuttal-1-hi.txt",
    ]  # fmt: skip
    assert (tmp_path / "rebuttal-1-hi.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "DRAFT" in (tmp_path / "rebuttal-1-en.txt").read_text("utf-8") and draft_rebuttals(None, tmp_path) == []
    assert not [one for one in caplog.records if "font" in one.message]  # such a line would stand in the page


def test_the_rest_of_the_record_stands_in_a_draft_and_a_complainant_only_with_names(desk_case, tmp_path) -> None:
    from spmc_tools.desks.referrals.law import CHECKLIST
    from spmc_tools.desks.referrals.referral import enter_state, referral_desk
    from spmc_tools.errors import InputError
    from spmc_tools.report.page.drafts import write_drafts

    record = {
        "translation": "the words in English",
        "complainant": "Asha Devi",
        "reach": 1200,
        "note": "acct9 (handle9, @asha) wrote to us from 9000012345 and asha@post.example",
    }
    enter_state(desk_case, "F9", "flagged", platform="x", account_id="acct9", category="impersonation",
                handle="handle9", record_ids=["gone"], state_at="2025-11-07T10:00Z", details=record)  # fmt: skip
    enter_state(desk_case, "F9", "verified", provision="it_66d", state_at="2025-11-07T11:00Z")
    enter_state(desk_case, "F9", "sent", sent_to="platform", state_at="2025-11-07T12:00Z", details={"reach": 1500},
                checklist={name: f"answer about {name}" for name in CHECKLIST})  # fmt: skip
    with pytest.raises(InputError, match="details has no"):
        enter_state(desk_case, "F9", "removed", details={"guilt": 1})
    desk = referral_desk(desk_case)
    for names in (False, True):
        write_drafts(desk_case, desk, referral="F9", names=names, folder=tmp_path)
        for path in sorted(tmp_path.glob("F9-*")):
            said = path.read_text("utf-8") if path.suffix == ".html" else in_docx(path)
            assert ("Asha Devi" in said) == names and ("acct9" in said) == names
            assert ("the words in English" in said) == names and re.search(r"\b1500\b", said)
            assert not re.search(r"\b(1200|2013)\b", said)  # a hash may hold the figures
            assert all(f"answer about {name}" in said for name in CHECKLIST)
            assert all((word in said) == names for word in ("9000012345", "@asha", "handle9", "asha@post.example"))
            assert "wrote to us" in said


def test_what_stood_in_a_refused_row_of_the_inbox_is_masked(small_case, tmp_path):
    from spmc_tools.report.scope.received import data
    from spmc_tools.report.scope.scope import in_period

    path = tmp_path / "inbox.csv"
    path.write_text(
        "thread_id,record_id,platform,account_id,created_at,direction,text\n"
        't1,m1,x,a,2025-11-05T10:00:00+05:30,"9000012345 ""Ashamani"" asked",x\n'
        "t1,m2,x,a,2025-11-05T10:00:00+05:30,in,x\n",
        encoding="utf-8",
    )
    [result] = import_files(small_case, [path])
    assert result.refused == 1
    assert any("9000012345" in reason for reason in small_case.table("refused", ["reason"])["reason"].to_pylist())
    told = [refused.reason for refused in data(small_case, in_period(small_case)).reasons]
    assert 'direction is "▮▮▮", wanted one of in, out' in told
    assert not any(word in reason for reason in told for word in ("9000012345", "Ashamani"))


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("response", "5 complaints and answers."),
        ("referral", "6 states of referrals."),
        ("standing", "0 follower counts of pages on a day. 0 daily figures of pages."),
        (
            "awareness",
            "0 rows of figures of the centre's own posts. 0 entries of which post belongs to which campaign.",
        ),
        ("rumour", None),
        ("volume", None),
    ],
)
def test_a_page_says_which_table_it_looks_at(small_case, tmp_path, as_notebook, name, looks) -> None:
    """Five messages and six states of referrals, and thirty posts of which a desk reads none."""
    for sheet, content in (("inbox.csv", INBOX), ("referrals.csv", REFERRALS)):
        (tmp_path / sheet).write_text(content, encoding="utf-8")
        import_files(small_case, [tmp_path / sheet])
    made = [section(name), section("data", case=small_case, scope=in_period(small_case))]
    run = Run("r", "small", "page", "2025-11-13T03:40:00+00:00", "partial", "full", 1)
    text = html.unescape(re.sub("<[^>]*>", "", page(as_notebook(made, [name, "data"]), run, "en")))
    assert "30 of the rows kept are posts of the days looked at" in text
    assert (f"This page looks at none of these posts, but at other tables: {looks}" in text) is (looks is not None)
    assert ("Posts from 3 November 2025" in text) is (looks is None) and text.count("looks at none") == bool(looks)
