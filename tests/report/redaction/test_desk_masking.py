"""Citizens who write their numbers and addresses into every field: what is shared of the desks holds none of them."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.importers.import_files import import_files
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.page.render import typed_payload
from spmc_tools.report.page.sections import section

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
        payload = section(name, **values).payload()
        assert left(json.dumps(payload, ensure_ascii=False)) == [], name
        assert left(fragment(typed_payload(payload), language)) == [], name
    [group] = section("response_alike", desk=desk).values.rows
    assert "the old market is out since monday" in group.words


def test_a_claim_is_masked_in_the_redacted_page_and_in_its_rebuttal(small_case: Case, tmp_path: Path) -> None:
    from spmc_tools.desks.rumours.rumour import enter_claim, rumour_desk
    from spmc_tools.report.redaction.by_class import redacted
    from spmc_tools.report.redaction.edition import Redaction
    from spmc_tools.report.redaction.leak_check import raw_names
    from spmc_tools.report.scope.scope import in_period
    from spmc_tools.report.sections.desks.rumour_values import draft_rebuttals
    from spmc_tools.report.values.section_values import to_json
    from spmc_tools.report.words.wording import Wording

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
