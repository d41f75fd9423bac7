"""The review in a notebook: the line-up first, each answer once, the finding after it, and the verdict last."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from spmc_tools.custody.review.review_panel import review_panel
from spmc_tools.custody.review.verify import verify
from spmc_tools.errors import CaseError
from spmc_tools.signing.officer_keys import make_key
from tests.custody.review.test_line_up import RUN, with_report

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case
    from spmc_tools.show.panels.review_form import ReviewForm

SECRET = "correct horse battery"


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setenv("SPMC_OFFICER_KEYS", str(tmp_path / "officers"))
    return with_report(tmp_path)


def said(form: ReviewForm) -> str:
    return unescape(re.sub(r"<[^>]+>", "", form.said.value)).strip()


def chosen(form: ReviewForm, panel: str = "A") -> None:
    chose, reasons, _ = form.choices[1]
    chose.value = panel
    for one in reasons.values():
        one.value = "occasion"


@pytest.mark.parametrize("signed", [False, True])
def test_from_the_line_up_to_the_verdict(case: Case, signed: bool) -> None:
    if signed:
        make_key("R. Devi", SECRET)
    form = review_panel(case)
    form.who.value, form.passphrase.value = "R. Devi", SECRET
    form.open_button.click()
    assert "The line-up of group 1 comes first" in said(form) and form.last.layout.display == "none"
    form.show_button.click()
    assert "<iframe sandbox" in form.page.value and list(form.choices) == [1]
    form.choices[1][2].click()
    assert "Choose a panel and a reason for each of the three first." in said(form)
    chosen(form)
    form.choices[1][2].click()
    assert "The answer for pictures 1 is logged." in said(form) and form.choices[1][0].disabled
    form.open_button.click()
    assert form.last.layout.display == "" and f"{RUN}/report.html" in form.finding.value
    assert form.page.value == ""  # the posts of ordinary accounts go
    form.keep_button.click()
    assert "counter-case is empty" in said(form)
    form.counter_case.value = "A festival."
    form.keep_button.click()
    assert said(form) == f"Review of {RUN} logged: upheld." and form.keep_button.disabled
    kinds = [entry["kind"] for entry in case.ledger.entries() if entry["kind"] not in {"officer_key", "index"}]
    assert kinds[-3:] == ["line_up", "line_up_answer", "review"]
    last = case.ledger.entries()[-2]["payload"]  # then the list of reports is written
    assert (last["signature"] is not None) == signed and verify(case.path, log=False).ok


def test_skipped_with_a_reason(case: Case) -> None:
    form = review_panel(case, RUN, "hi")
    form.who.value, form.skipped.value, form.counter_case.value = "R. Devi", "No time.", "x"
    form.open_button.click()
    assert form.last.layout.display == ""
    form.keep_button.click()
    assert case.ledger.entries()[-2]["payload"]["line_up"] == {"done": {}, "skipped": "No time."}


def test_what_is_refused_is_said_and_nothing_is_logged(case: Case) -> None:
    form = review_panel(case)
    before = len(case.ledger.entries())
    form.who.value = "Officer One"
    form.show_button.click()
    assert "prepared this report" in said(form)
    form.who.value = ""
    form.show_button.click()
    assert "name is empty" in said(form) and len(case.ledger.entries()) == before


def test_a_case_without_a_report(tmp_path: Path) -> None:
    from tests.report.rates.test_own_rates import made_case

    with pytest.raises(CaseError, match="has no report yet"):
        review_panel(made_case("empty"))
