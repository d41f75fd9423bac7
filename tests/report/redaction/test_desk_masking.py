"""Citizens who write their numbers and addresses into every field: what is shared of the desks holds none of them."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.desks.base.calendar import IST
from spmc_tools.importers.import_files import import_files
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.page.sections import section, typed_payload
from spmc_tools.report.redaction.by_class import redacted
from spmc_tools.report.redaction.edition import Redaction
from spmc_tools.report.values.section_values import to_json
from spmc_tools.report.words.wording import Wording

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

SECRETS = {
    "mobile": "9000012345",
    "Devanagari": "९००००५४३२१",
    "spaced": "9 0 0 0 0 6 7 8 9 0",
    "dashes": "90000–11223",
    "invisible": "90000\u200b44556",
    "mixed": "9०0०0-7७8८8",
    "in pieces": "90000 मोबाइल 33221",
    "Aadhaar": "2345 6789 0123",
    "Aadhaar, Hindi": "२३४५-६७८९-०१२३",
    "mail": "asha.k@post.example",
    "mail, Hindi": "आशा@उदाहरण.भारत",
    "mail, written out": "asha (at) post (dot) in",
    "payment": "asha@okbank",
    "handle": "@asha_demo",
    "chat": "wa.me/919000012345",
    "PAN": "ABCDE1234F",
    "voter card": "ABC1234567",
    "plate": "BR 01 AB 1234",
}
COLUMNS = (
    "thread_id", "record_id", "platform", "account_id", "created_at", "direction", "is_automatic", "channel", "subject",
    "district", "language", "text",
)  # fmt: skip


def sheet(columns: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    written = io.StringIO()
    table = csv.DictWriter(written, columns, restval="")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue()


def left(text: str) -> list[str]:
    """The secrets that a text still holds, in whatever way a page or a JSON file writes them."""
    flat = html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"base64,[A-Za-z0-9+/=]+", "", text)))
    return [name for name, secret in SECRETS.items() if secret in flat or secret in text]


@pytest.fixture
def hostile(small_case: Case, tmp_path: Path) -> Case:
    """One complaint for each secret, which stands in its text, thread, channel, subject, district and language."""
    rows = [
        {"thread_id": f"t {secret}", "record_id": f"m{n} {secret}", "platform": "x", "account_id": f"w{n} {secret}",
         "created_at": f"2025-11-05T10:{n:02d}:00Z", "direction": "in", "channel": secret, "subject": f"call {secret}",
         "district": f"Gaya {secret}", "language": secret,
         "text": f"The light at the old market is out since monday and nobody comes, call {secret}"}
        for n, secret in enumerate(SECRETS.values())
    ]  # fmt: skip
    rows.append({**rows[0], "record_id": "bad", "direction": SECRETS["Devanagari"]})
    path = tmp_path / "inbox.csv"
    path.write_text(sheet(COLUMNS, rows), encoding="utf-8")
    [result] = import_files(small_case, [path])
    assert (result.kept, result.refused) == (len(SECRETS), 1)
    return small_case


@pytest.mark.parametrize("language", ["en", "hi"])
def test_no_section_of_the_response_desk_holds_one(hostile: Case, language: str) -> None:
    from spmc_tools.desks.complaints.response import response_desk
    from spmc_tools.report.scope.scope import in_period

    desk = response_desk(hostile)
    given: dict[str, dict[str, Any]] = {
        "response": {"desk": desk}, "response_now": {"desk": desk}, "response_queue": {"case": hostile, "desk": desk},
        "response_alike": {"desk": desk}, "response_limits": {"desk": desk},
        "data": {"case": hostile, "scope": in_period(hostile)},
    }  # fmt: skip
    for name, values in given.items():
        made = section(name, **values)
        payload = made.payload()
        assert left(json.dumps(payload, ensure_ascii=False)) == [], name
        assert left(fragment(typed_payload(payload), language)) == [], name
    [group] = section("response_alike", desk=desk).values.groups
    assert "the old market is out since monday" in group.words


def test_a_claim_is_masked_in_the_redacted_page_and_in_its_rebuttal(small_case: Case, tmp_path: Path) -> None:
    from spmc_tools.desks.rumours.rumour import enter_claim, rumour_desk
    from spmc_tools.report.redaction.leak_check import raw_names
    from spmc_tools.report.scope.scope import in_period
    from spmc_tools.report.sections.desks.rumour_values import draft_rebuttals

    for name, secret in SECRETS.items():
        enter_claim(
            small_case, f"R {name}", "refuted", text=f"The clerk of the booth takes money, ask {secret} about it",
            official_version="No money is taken at any booth.", official_at="2025-11-05T12:00Z",
        )  # fmt: skip
    desk = rumour_desk(small_case, in_period(small_case).records)
    values = section("rumour", case=small_case, desk=desk).values
    assert len(left(json.dumps(to_json(values), ensure_ascii=False))) == len(
        SECRETS
    )  # the register holds the claim as it was
    redaction = Redaction(small_case, raw_names(small_case), set(), Wording("en"))
    assert left(json.dumps(to_json(redacted(values, redaction)), ensure_ascii=False)) == []
    desk.claims.update({name: desk.claims[name] | {"status": "open"} for name in list(desk.claims)[3:]})
    written = draft_rebuttals(desk, tmp_path)
    assert len(written) == 3 * 4
    for name in written:
        if name.endswith(".txt"):
            assert left((tmp_path / name).read_text(encoding="utf-8")) == []


@pytest.fixture
def redaction(small_case: Case, tmp_path: Path) -> Redaction:
    """What the redacted edition does with a case whose inbox names a complainant in the subject of others."""
    from spmc_tools.report.redaction.leak_check import raw_names

    rows = [
        {"thread_id": f"t{n}", "record_id": f"m{n}", "platform": "x", "account_id": f"citizen_asha_{n}",
         "created_at": f"2025-11-05T10:{n + 10}:31Z", "direction": "in", "channel": "direct",
         "subject": "about citizen_asha_0", "text": "The light at the old market is out and citizen_asha_0 says so"}
        for n in range(5)
    ]  # fmt: skip
    path = tmp_path / "inbox.csv"
    path.write_text(sheet(COLUMNS, rows), encoding="utf-8")
    [result] = import_files(small_case, [path])
    assert result.refused == 0
    return Redaction(small_case, raw_names(small_case), set(), Wording("en"))


def test_names_of_the_case_and_minutes_leave_the_values_of_the_response_desk(
    small_case: Case, redaction: Redaction
) -> None:
    from spmc_tools.desks.complaints.response import response_desk

    desk = response_desk(small_case, "2025-11-05T12:00Z")
    full = [section(name, desk=desk).values for name in ("response", "response_alike")]
    full.append(section("response_queue", case=small_case, desk=desk).values)
    assert all("citizen_asha_0" in str(to_json(values)) for values in full)
    figures, alike, queue = (redacted(values, redaction) for values in full)
    assert full[2].rows and queue.rows.rows == ()  # the redacted page shows no single complaint, nor does its notebook
    rows = [redacted(row, redaction) for row in full[2].rows]
    assert not [values for values in (figures, alike, queue, rows) if "citizen_asha" in str(to_json(values))]
    hour = datetime(2025, 11, 5, 15, 0, tzinfo=IST)
    assert figures.first == hour and {(row.asked_at, row.due_at) for row in rows} == {(hour, hour + timedelta(hours=2))}
    [group] = alike.groups
    assert (group.first_asked, group.last_asked, group.n_threads) == (hour, hour, 5)
    assert "The light at the old market is out" in group.words
    assert figures.as_of == queue.as_of == datetime(2025, 11, 5, 12, 0, tzinfo=UTC)
    assert [row.who for row in rows] == [row.who for row in full[2].rows]


def test_a_campaign_keeps_its_name_and_the_posts_of_the_page_lose_id_and_minute(redaction: Redaction) -> None:
    from spmc_tools.report.sections.desks.awareness_values import BestPost, Campaign, RateRatio

    at = datetime(2025, 11, 5, 10, 41, 7, tzinfo=UTC)
    few = RateRatio(ratio=None, low=None, high=None, n=(1, 2))
    campaign = Campaign(
        campaign="c1", name="Cyber awareness of citizen_asha_3", theme=None, platform="x", n=1, first=at, last=at,
        counts="views", base=None, base_low=None, base_high=None, rate=None, low=None, high=None, beside=few,
        base_beside=few, after=few, differs="few",
    )  # fmt: skip
    shown = redacted(campaign, redaction)
    assert shown.name.startswith("Cyber awareness of A-") and "citizen" not in shown.name
    assert shown.first == shown.last == datetime(2025, 11, 5, 16, 0, tzinfo=IST)
    post = BestPost(
        platform="x", record_id="r1", campaign="c1", name=campaign.name, form="photo", language="hi", posted_at=at,
        timed=True, base=100.0, rate=2.5, times=3.0,
    )  # fmt: skip
    best = redacted(post, redaction)
    assert (best.record_id, best.name, best.posted_at) == (None, shown.name, shown.first)
    assert (best.form, best.language, best.base, best.rate, best.times) == ("photo", "hi", 100.0, 2.5, 3.0)


def test_what_an_officer_wrote_is_masked_in_drafts_and_in_the_dossier(small_case: Case, tmp_path: Path) -> None:
    from spmc_tools.desks.referrals.law import CHECKLIST
    from spmc_tools.desks.referrals.referral import enter_state, referral_desk
    from spmc_tools.report.page.drafts import write_drafts

    said = "; ".join(SECRETS.values())
    record = {"complainant": said, "note": said, "innocent_explanation": said, "expires": "2026-05-01", "reach": 12000}
    enter_state(small_case, "F1", "flagged", platform="x", account_id="acc", category="impersonation",
                state_at="2025-11-05T10:00Z", details=record)  # fmt: skip
    enter_state(small_case, "F1", "verified", provision="it_66d", state_at="2025-11-05T11:00Z")
    enter_state(small_case, "F1", "sent", sent_to="platform", state_at="2025-11-05T12:00Z",
                checklist=dict.fromkeys(CHECKLIST, said))  # fmt: skip
    for name in write_drafts(small_case, referral_desk(small_case), referral="F1", folder=tmp_path):
        if name.endswith(".html"):
            page = (tmp_path / name).read_text(encoding="utf-8")
            assert left(page) == [] and "2026-05-01" in page and "12000" in page
    values = section("dossier_referral", case=small_case, account="acc").payload()["values"]
    assert left(json.dumps(values, ensure_ascii=False)) == []
