"""A law officer's tick takes "not checked" off page and drafts, holds for the words that were checked, is logged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import yaml

from spmc_tools.desks.referrals import law_checks as module
from spmc_tools.desks.referrals.law import CHECKLIST, provisions
from spmc_tools.desks.referrals.law_checks import check_provisions, law_checks, provisions_of, withdraw_check
from spmc_tools.desks.referrals.referral import enter_state
from spmc_tools.errors import ParameterError
from spmc_tools.report.page.drafts import _facts
from spmc_tools.report.page.sections import section
from spmc_tools.report.words.wording import Wording
from spmc_tools.resources import resource
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

LINES = yaml.safe_load(resource("data", "law", "provisions.yaml").read_text("utf-8"))["provisions"]
KEYS = [line["key"] for line in LINES]


@pytest.fixture
def case() -> Case:
    return plain_case("law", officer="First")


def page_of(case: Case, language: str, shown_alone) -> str:
    text = shown_alone(section("referral_limits", case=case), language)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize(
    ("language", "alone", "every", "day"),
    [
        ("en", "not checked", "was not checked|were not checked", "5 November 2025"),
        ("hi", "जाँच नहीं हुई|नहीं जाँची", "नहीं जाँची", "5 नवंबर 2025"),
    ],
)
def test_a_tick_takes_the_word_off_the_page(case: Case, shown_alone, language, alone, every, day) -> None:
    before = page_of(case, language, shown_alone)
    assert f"{len(KEYS)} " in re.findall(rf"(\d+ )[^.।]*?(?:{every})", before)[-1] and day not in before
    rows = len(re.findall(alone, before))
    check_provisions(case, ["bns_353"], " A. Verma ", "2025-11-05")
    after = page_of(case, language, shown_alone)
    assert len(re.findall(alone, after)) == rows - 1 and after.count(f"{day} A. Verma") == 1
    assert section("referral_limits", case=case).values.unchecked == len(KEYS) - 1
    check_provisions(case, KEYS, "A. Verma", "2025-11-05")
    whole = page_of(case, language, shown_alone)
    assert not re.search(alone, whole) and whole.count(day) == len(KEYS)
    withdraw_check(case, "bns_353", "another section applies")
    assert len(re.findall(alone, page_of(case, language, shown_alone))) == 2  # in its row, and in the sentence


def test_drafts_and_dossier_say_it_until_then(case: Case) -> None:
    enter_state(case, "F1", "flagged", category="cheating", account_id="a1", provision="it_66d")
    row = {"referral_id": "F1", "provision": "it_66d", "account_id": "a1", "handle": None, "category": "cheating",
           "platform": "x", "synthetic_media": None, "flagged_at": datetime(2025, 11, 5, tzinfo=ZoneInfo("UTC")),
           "officer": "First", "record": {}}  # fmt: skip

    def said() -> tuple[str, bool]:
        facts = dict(_facts(case, row, Wording("en"), False))
        return facts["provision"], section("dossier_referral", case=case, account="a1").values.rows[0].checked

    assert said() == (
        "IT Act 66D, Cheating by personation with a computer resource (not checked by a law officer)",
        False,
    )
    check_provisions(case, ["it_66d"], "A. Verma")
    assert said() == ("IT Act 66D, Cheating by personation with a computer resource", True)
    assert CHECKLIST  # what is asked before anything is sent stays as it was


def test_a_tick_holds_for_the_words_that_were_checked(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    check_provisions(case, ["bns_353"], "A. Verma", "2025-11-05")
    [entry] = [one for one in case.ledger.entries() if one["kind"] == "law_checked"]
    told = {name: entry["payload"][name] for name in ("provision", "act", "section", "by", "checked_on")}
    assert told == {
        "provision": "bns_353",
        "act": "BNS",
        "section": "353",
        "by": "A. Verma",
        "checked_on": "2025-11-05",
    }
    assert law_checks(case)["bns_353"].seq == entry["seq"]
    lines = provisions()
    changed = {**lines, "bns_353": replace(lines["bns_353"], ingredients_hi=("कुछ और",) * 3)}
    monkeypatch.setattr(module, "provisions", lambda: changed)
    assert law_checks(case) == {} and provisions_of(case)["bns_353"].checked_on is None
    check_provisions(case, ["bns_353"], "B. Rao", "2025-11-06")
    assert provisions_of(case)["bns_353"].checked_by == "B. Rao"
    monkeypatch.setattr(module, "provisions", lambda: lines)  # the words of before: the last tick is of others
    assert law_checks(case) == {}


def test_what_is_no_check_is_refused_and_not_logged(case: Case) -> None:
    n = len(case.ledger.entries())
    tomorrow = datetime.now(ZoneInfo("Asia/Kolkata")).date() + timedelta(days=1)
    for keys, by, on, why in (
        (["bns_353", "nonsense"], "A", None, "nonsense"), ([], "A", None, "No provision"),
        (["bns_353"], " ", None, "name"),
        (["bns_353"], "A", "5 November", "wanted one as"), (["bns_353"], "A", str(tomorrow), "ahead"),
    ):  # fmt: skip
        with pytest.raises(ParameterError, match=why):
            check_provisions(case, keys, by, on)
    with pytest.raises(ParameterError, match="no check"):
        withdraw_check(case, "bns_353", "why")
    assert len(case.ledger.entries()) == n
    check_provisions(case, ["bns_353"], "A", str(tomorrow - timedelta(days=1)))
    with pytest.raises(ParameterError, match="reason"):
        withdraw_check(case, "bns_353", " ")


def test_the_file_may_hold_a_check_for_every_case(case: Case, tmp_path) -> None:
    from spmc_tools.desks.referrals.law import read_provisions
    from spmc_tools.errors import InputError

    line = "key: k, act: A, section: '1', title: t, source: it, ingredients: [a], checked_on: {}, checked_by: B. Rao"
    path = tmp_path / "provisions.yaml"
    path.write_text("sources: {it: IT}\nprovisions:\n  - {" + line.format("2025-11-05") + "}\n", encoding="utf-8")
    assert (read_provisions(path)["k"].checked_on, read_provisions(path)["k"].checked_by) == ("2025-11-05", "B. Rao")
    path.write_text("sources: {it: IT}\nprovisions:\n  - {" + line.format("'5 Nov'") + "}\n", encoding="utf-8")
    with pytest.raises(InputError, match="checked_on is"):
        read_provisions(path)
