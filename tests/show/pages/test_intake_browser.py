"""The intake form in JupyterLab in a real browser: seen, corrected, imported; nothing of the file runs in the page."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.store.case import create_case, open_case

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "nr,von,wann,inhalt,<b>x</b>\n" + "".join(
    f"{n},acct{n % 2},2025-11-0{n} 10:00,<img src=x onerror=document.title='owned'> word {n},1\n" for n in range(1, 6)
)
CELL = """
from spmc_tools.case.store.case import open_case
from spmc_tools.report.words.wording import Wording
from spmc_tools.show.pages.intake_form import intake_form
intake_form(open_case("one"), {path!r}, Wording("en").say)
"""


@pytest.fixture
def lab(tmp_path: Path, lab_with_cell):
    """JupyterLab with one notebook that shows the form."""
    create_case("one", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-30")
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    with lab_with_cell(CELL.format(path=str(path))) as address:
        yield address


@pytest.mark.browser
@pytest.mark.slow
def test_in_jupyterlab(lab: str, start_chromium) -> None:
    from playwright.sync_api import TimeoutError as TimedOut

    with start_chromium("--disable-gpu") as browser:
        page = browser.new_page(viewport={"width": 1300, "height": 1400})
        page.set_default_timeout(120_000)
        page.goto(lab)
        page.wait_for_selector(".jp-Notebook .jp-CodeCell .cm-content")
        page.wait_for_selector("text=Python 3 (ipykernel)")
        for _ in range(6):  # a kernel that is still starting swallows the first key
            page.click(".jp-CodeCell .cm-content")
            page.keyboard.press("Shift+Enter")
            with contextlib.suppress(TimedOut):
                page.wait_for_selector("button:has-text('Look')", timeout=20_000)
                break
        page.click("button:has-text('Look')")
        page.wait_for_selector("text=Nobody has named these columns")
        account = page.get_by_label("Account that posted", exact=True)
        assert account.evaluate("e => e.options[e.selectedIndex].text") == "von"  # by its values
        assert "<b>x</b>" in account.evaluate("e => [...e.options].map(o => o.text)")
        for label, value in (("Platform of all rows", "x"), ("Zone of its times", "Asia/Kolkata")):
            page.get_by_label(label).fill(value)
            page.keyboard.press("Tab")
        page.get_by_label("How it was obtained").select_option(label="from a complainant")
        page.click("button:has-text('Show the result')")
        page.wait_for_selector("text=2025-11-01 10:00:00 IST")
        page.wait_for_selector("text=The import stays closed")
        for box in page.get_by_role("checkbox", name="I have looked").all():
            box.check()
        page.click("button:has-text('Show the result')")
        page.click("button:has-text('Import')")  # waits until the button is open
        page.wait_for_selector("text=saved for the next time")
        assert "owned" not in page.title() and page.locator("img[src='x']").count() == 0
    case = open_case("one")
    assert case.records(["account_id"])["account_id"].tolist() == ["acct1", "acct0", "acct1", "acct0", "acct1"]
    assert case.batches()[0].details["obtained"] == "complainant"
