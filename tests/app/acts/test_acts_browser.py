"""Every page of acts in Chromium, in Hindi, over a case with markup in each field: nothing runs, axe finds nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from spmc_tools.app.pages.act_rooms import ROOMS
from spmc_tools.case.store.case import open_case
from spmc_tools.desks.referrals.referral import enter_state
from spmc_tools.desks.rumours.rumour import enter_claim
from spmc_tools.desks.watch.watch_terms import add_watch_term
from spmc_tools.report.words.wording import Wording
from tests.app.conftest import HOSTILE
from tests.fitted_pages import fits
from tests.plain_cases import plain_case

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = os.environ.get("SPMC_SHOTS")
PAGES = ("case", "bring", "investigate", "report", "desks", *ROOMS)


def test_a_hostile_case_on_every_page(forms, start_chromium, tmp_path: Path, barriers_of) -> None:
    case = plain_case("gaya", officer="A. Officer", title=f"G{HOSTILE}", expires="2030-01-01")
    add_watch_term(case, HOSTILE, HOSTILE)
    case.add_context([f"a{HOSTILE}"], "newsroom", HOSTILE)
    enter_claim(case, f"R{HOSTILE}", "open", text=HOSTILE, note=HOSTILE)
    enter_state(case, f"F{HOSTILE}", "flagged", category="cheating", handle=HOSTILE, account_id=HOSTILE)
    picture = tmp_path / "चित्र.png"
    picture.write_bytes(b"no picture")
    forms.post("/language", {"language": "hi", "back": "case"})
    forms.post("/case", {"act": "choose", "id": "gaya"})
    say, ours = Wording("hi").say, forms.base
    with start_chromium() as chromium:
        page = chromium.new_context(viewport={"width": 1366, "height": 768}).new_page()
        outside, wrong = [], []
        page.context.on("request", lambda one: None if one.url.startswith((ours, "data:")) else outside.append(one.url))
        page.on("dialog", lambda one: (wrong.append(one.message), one.dismiss()))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(forms.app.url)
        for name in PAGES:
            page.goto(f"{ours}/{name}")
            assert page.locator("h1, h2").first.is_visible() and page.locator("img, main script").count() == 0
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/act-{name}.png")
        _claim(page, ours, say, picture)
        assert open_case("gaya").table("claims").num_rows == 2
        assert (outside, wrong) == ([], [])
        looked = chromium.new_context(bypass_csp=True, viewport={"width": 1366, "height": 768}).new_page()
        looked.goto(forms.app.url)
        for name in PAGES:
            looked.goto(f"{ours}/{name}")
            assert barriers_of(looked) == [], name
        narrow = chromium.new_context(bypass_csp=True, viewport={"width": 390, "height": 844}).new_page()
        narrow.goto(forms.app.url)
        for name in ("rumours", "custody"):
            narrow.goto(f"{ours}/{name}")
            assert barriers_of(narrow) == [], name
            fits(narrow)
            if SHOTS:
                narrow.screenshot(path=f"{SHOTS}/act-{name}-390.png", full_page=True)


def _claim(page, ours: str, say, picture: Path) -> None:
    """A claim with its picture: first all that is wrong, then entered; the keyboard sends it."""
    page.goto(f"{ours}/rumours")
    form = page.locator("#act-claim form")
    assert form.locator("[data-none]").inner_text() == str(say("app.file_none"))
    form.locator("[name=first_seen]").fill("कल")
    form.locator("[name=claim_id]").press("Enter")
    page.locator("#wrong-claim-first_seen").wait_for()
    assert page.locator("#act-claim .wrong").count() == 3
    assert str(say("app.empty.line")) in page.locator("#wrong-claim-claim_id").inner_text()
    assert form.locator("[name=first_seen]").input_value() == "कल"
    form.locator("[name=claim_id]").fill(f"R2{HOSTILE}")
    form.locator("[name=status]").select_option("open")
    form.locator("[name=text]").fill(HOSTILE)
    form.locator("[name=first_seen]").fill("05-11-2025 10:30")
    form.locator("[name=picture]").set_input_files(str(picture))
    assert form.locator("[data-none]").inner_text() == "चित्र.png"
    form.locator("[name=claim_id]").press("Enter")
    page.locator(".done").wait_for()
    assert f"R2{HOSTILE}" in page.locator(".done").inner_text()
    assert page.url == f"{ours}/rumours"
