"""From the dossier to the register: flagged with posts and numbers, its state, its checklist, its drafts."""

from __future__ import annotations

import re

import pytest

from spmc_tools.case.acts.marks import mark
from spmc_tools.desks.referrals.law import CHECKLIST
from spmc_tools.desks.referrals.referral import enter_state, referral_desk
from spmc_tools.desks.referrals.referral_flag import flag_account, indicators
from spmc_tools.errors import InputError
from spmc_tools.report.page.drafts import account_drafts, write_drafts
from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.page.sections import section
from spmc_tools.report.scope.scope import in_period

WHY = "posts as if it were <b>the district office</b>"


@pytest.fixture
def found(small_case, make_findings):
    records = in_period(small_case).records
    return make_findings(records, sorted(set(records["account_id"])), "B")


def test_an_account_goes_from_its_dossier_through_the_register_to_its_drafts(small_case, found, tmp_path) -> None:
    flag_account(
        small_case, found, "acct2", "F1", category="impersonation", reason=WHY, details={"complainant": "Asha"}
    )
    [row] = referral_desk(small_case).referrals.to_dict("records")
    own = set(found.evidence("acct2").query("account_id == 'acct2'")["record_id"])
    assert set(row["record_ids"]) <= own and row["record_ids"] is not None and len(row["record_ids"])
    assert (row["account_id"], row["handle"], row["state"]) == ("acct2", "handle_2", "flagged")
    assert row["record"]["note"] == WHY and row["record"]["indicators"] == indicators(found, "acct2")
    enter_state(small_case, "F1", "verified", provision="it_66d")
    one = section("dossier_referral", case=small_case, account="acct2")
    [shown] = one.values.rows
    assert shown.next == ("sent", "cleared") and not any(ask.answer for ask in shown.checklist)
    written = account_drafts(small_case, "acct2", folder=tmp_path)
    assert len(written) == 12 and {name[:3] for name in written} == {"F1-"}
    assert "handle_2" not in (tmp_path / "F1-intimation-hi.html").read_text("utf-8")
    enter_state(small_case, "F1", "sent", sent_to="platform", checklist=dict.fromkeys(CHECKLIST, "looked at"))
    enter_state(small_case, "F1", "cleared")
    one = section("dossier_referral", case=small_case, account="acct2")
    [shown] = one.values.rows
    assert shown.next == () and all(ask.answer == "looked at" for ask in shown.checklist)
    for language in ("en", "hi"):
        page = fragment(one.payload(), language)
        assert "&lt;b&gt;the district office" in page and "Asha" not in page and "F1" in page
    assert account_drafts(small_case, "acct2", folder=tmp_path) == [] == account_drafts(small_case, None)


def test_what_others_of_the_register_say_or_do_not_say_changes_nothing(small_case, found, tmp_path) -> None:
    flag_account(small_case, found, "acct2", "F1", category="impersonation", reason=WHY)
    enter_state(small_case, "F1", "verified", provision="it_66d")
    enter_state(small_case, "F2", "flagged", state_at="2025-11-03T10:00Z")  # nothing is known of it but that
    enter_state(small_case, "F3", "flagged", category="cheating", synthetic_media=True, state_at="2025-11-03T10:00Z")
    enter_state(small_case, "F3", "cleared")
    [shown] = section("dossier_referral", case=small_case, account="acct2").values.rows
    assert (shown.state, shown.next) == ("verified", ("sent", "cleared"))
    assert len(account_drafts(small_case, "acct2", folder=tmp_path)) == 12
    desk = referral_desk(small_case)
    bare = desk.referrals.set_index("referral_id").loc["F2"]
    names = ("closed_as", "platform", "handle", "account_id", "record_ids", "category", "provision", "synthetic_media")
    assert [bare[name] for name in names] == [None] * len(names)
    write_drafts(small_case, desk, referral="F2", folder=tmp_path)
    for path in tmp_path.glob("F2-*.html"):
        assert "nan" not in re.sub(r"<[^>]+>", " ", path.read_text("utf-8").partition("</style>")[2]).lower().split()
    register = section("referral", case=small_case, desk=desk)
    page = fragment({**register.payload(), "values": register.values}, "en")
    assert "nan" not in re.sub(r"<[^>]+>", " ", page).lower().split()


def test_the_numbers_are_those_of_the_least_probable_link(found) -> None:
    said = dict(part.split("=") for part in indicators(found, "acct2").split())
    edges = found.edges[(found.edges["account_a"] == "acct2") | (found.edges["account_b"] == "acct2")]
    assert int(said["partners"]) == len({*edges["account_a"], *edges["account_b"]} - {"acct2"})
    assert said["tier"] == "B" and float(said["p"]) == pytest.approx(edges["p"].min(), rel=1e-2)


def test_no_number_of_the_far_tail_enters_the_register(found, monkeypatch) -> None:
    of_account = (found.edges["account_a"] == "acct2") | (found.edges["account_b"] == "acct2")
    monkeypatch.setattr(found, "edges", found.edges.assign(p=found.edges["p"].mask(of_account, 3e-15)))
    monkeypatch.setattr(found, "accounts", found.accounts.assign(q=2e-9))
    said = dict(part.split("=") for part in indicators(found, "acct2").split())
    assert (said["p"], said["q"]) == ("<1e-9", "2e-09")


def test_nobody_is_flagged_without_a_reason_nor_after_an_officer_cleared_it(small_case, found) -> None:
    given = {"category": "impersonation", "reason": WHY}
    with pytest.raises(InputError, match="no record of this case"):
        flag_account(small_case, found, "nobody", "F1", **given)
    with pytest.raises(InputError, match="only with a reason"):
        flag_account(small_case, found, "acct2", "F1", category="impersonation", reason=" ")
    with pytest.raises(InputError, match="no category"):
        flag_account(small_case, found, "acct2", "F1", category="criticism", reason=WHY)
    mark(small_case, "acct2", "cleared", "a volunteer", by="S. I. Kumari")
    with pytest.raises(InputError, match="marked cleared by"):
        flag_account(small_case, found, "acct2", "F1", **given)
    assert referral_desk(small_case) is None
    assert section("dossier_referral", case=small_case, account="acct2").values.rows == ()
