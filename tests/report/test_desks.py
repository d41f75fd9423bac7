"""The desks from their sheets to their pages, in both languages; nobody who wrote to the centre stands in a page."""

from __future__ import annotations

import html
import re

import pytest

from spmc_tools.importers.intake import import_files
from spmc_tools.report.drawing import fragment
from spmc_tools.report.run import run_notebook
from spmc_tools.report.sections import section

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
    "F1,flagged,2025-11-03T10:00:00Z,me,acc1,evil_handle,impersonation,it_66d,,false\n"
    "F1,verified,2025-11-03T12:00:00Z,me,acc1,evil_handle,impersonation,it_66d,,false\n"
    "F2,flagged,2025-11-03T10:00:00Z,me,acc2,other_handle,cheating,bns_319,,\n"
    "F2,verified,2025-11-03T11:00:00Z,me,acc2,other_handle,cheating,bns_319,,\n"
    "F2,sent,2025-11-03T12:00:00Z,me,acc2,other_handle,cheating,bns_319,platform,\n"
    "F3,flagged,2025-11-07T10:00:00Z,me,acc3,third,cheating,bns_319,,\n"
)
PERSONAL = ("citizen_", "Ashamani", "Ravindran", "SECRET", "9000012345", "9000054321", "asha@post.example", "m1,", EVIL)


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
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in document.paragraphs] + cells)


def seen(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)))


@pytest.mark.parametrize("language", ["en", "hi", "both"])
def test_sections_say_their_numbers_and_no_name(desk_case, language: str) -> None:
    from spmc_tools.desks.response import response_desk

    desk = response_desk(desk_case)
    pages = [
        fragment(
            section(name, **({"case": desk_case} if name == "response_queue" else {}), desk=desk).payload(), language
        )
        for name in ("response", "response_queue", "response_alike", "response_limits")
    ]
    whole = "\n".join(pages)
    assert not [one for one in PERSONAL if one in whole]
    assert "A-" in pages[1] and "the old market is out since monday" in seen(pages[2])
    if language == "en":
        assert "3 complaints and suggestions were received" in pages[0] and "a person has answered 1" in pages[0]
        assert "33 %" in pages[0] and "2 complaints are overdue" in pages[1]
        assert "1 have had an automatic reply" in pages[0] or "1 has had an automatic reply" in pages[0]


def test_a_case_without_rows_of_a_desk_says_so(small_case) -> None:
    from spmc_tools.desks.referral import referral_desk
    from spmc_tools.desks.response import response_desk

    assert response_desk(small_case) is None and referral_desk(small_case) is None
    payload = section("response", desk=None).payload()
    assert payload["missing"] == ["desk"] and "holds no rows" in fragment(payload)


def test_the_response_desk_runs_to_a_page(desk_case) -> None:
    done = run_notebook(desk_case, "response_desk", {"as_of": "2025-11-05T11:00+05:30"}, language="both")
    text = done.report.read_text(encoding="utf-8")
    assert done.status == "complete" and not [one for one in PERSONAL if one in text]
    assert "within the next 30 minutes" in text and "प्रतीक्षा" in text


def test_the_referral_register_runs_to_a_page_with_drafts(desk_case) -> None:
    done = run_notebook(desk_case, "referral_register", {}, language="both")
    text = done.report.read_text(encoding="utf-8")
    assert done.status == "complete" and "evil_handle" not in text and "struck down" in text
    exports = done.report.parent / "exports"
    names = sorted(path.name for path in exports.iterdir())
    assert len(names) == 12 and all(name.startswith("F1-") for name in names)
    for path in exports.iterdir():
        said = path.read_text("utf-8") if path.suffix == ".html" else in_docx(path)
        assert "evil_handle" not in said and "66D" in said and ("DRAFT" in said or "प्रारूप" in said)


def test_names_stand_in_a_draft_where_they_are_asked_for(desk_case, tmp_path) -> None:
    from spmc_tools.desks.referral import referral_desk
    from spmc_tools.errors import ParameterError
    from spmc_tools.report.drafts import write_drafts

    desk = referral_desk(desk_case)
    written = write_drafts(desk_case, desk, referral="F2", names=True, folder=tmp_path)
    assert len(written) == 12 and "other_handle" in (tmp_path / "F2-intimation-en.html").read_text("utf-8")
    with pytest.raises(ParameterError, match="F9"):
        write_drafts(desk_case, desk, referral="F9", folder=tmp_path)
    assert write_drafts(desk_case, desk) == [] and write_drafts(desk_case, None, folder=tmp_path) == []


def test_overdue_and_return_of_the_register(desk_case) -> None:
    from spmc_tools.desks.referral import referral_desk

    desk = referral_desk(desk_case)
    late = section("referral_overdue", desk=desk).values
    assert (
        late["n"] == 1 and late["rows"][0]["referral_id"] == "F2" and late["rows"][0]["waits_s"] == (4 * 24 - 2) * 3600
    )
    days = section("referral_return", desk=desk).values["days"]
    assert [day["watched"] for day in days] == [2, 2, 2, 2, 3] and days[0]["sent_platform"] == 1


def test_the_rumour_desk_draws_claims_and_drafts(desk_case, tmp_path) -> None:
    from spmc_tools.desks.rumour import rumour_desk
    from spmc_tools.report.rumour import draft_rebuttals
    from spmc_tools.report.scope import in_period

    desk = rumour_desk(desk_case, in_period(desk_case).records)
    for language in ("en", "hi"):
        page = fragment(section("rumour", case=desk_case, desk=desk).payload(), language)
        assert EVIL not in page and "R2" in page
    assert sorted(draft_rebuttals(desk, tmp_path)) == [
        "rebuttal-1-en.png", "rebuttal-1-en.txt", "rebuttal-1-hi.png", "rebuttal-1-hi.txt",
    ]  # fmt: skip
    assert (tmp_path / "rebuttal-1-hi.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "DRAFT" in (tmp_path / "rebuttal-1-en.txt").read_text("utf-8") and draft_rebuttals(None, tmp_path) == []
