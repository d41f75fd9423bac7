"""The live desk in JupyterLab in a real browser: started and stopped by its buttons, its queue seen to change."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest

from spmc_tools.case.store.case import create_case, open_case

if TYPE_CHECKING:
    from pathlib import Path

ROWS = (
    "thread_id,record_id,platform,account_id,created_at,direction,text,district\n"
    "t1,m1,x,citizen,2025-11-05T10:00:00Z,in,<img src=x onerror=document.title='owned'>,Gaya\n"
)
CELL = """
from spmc_tools.case.store.case import open_case
from spmc_tools.report.page.live_response import live_response
live = live_response(open_case("one"), {folder!r}, as_of="2025-11-05T13:00:00Z", obtained="analytics", every_s=0.5,
                     language={language!r})
live.widget
"""


@pytest.fixture
def lab(tmp_path: Path, lab_with_cell):
    """JupyterLab with one notebook that shows the desk, and the folder that it watches."""
    create_case("one", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-30")
    folder = tmp_path / "inbox"
    folder.mkdir()
    code = CELL.format(folder=str(folder), language=os.environ.get("SPMC_TEST_LANGUAGE", "en"))
    with lab_with_cell(code) as address:
        yield address, folder


@pytest.mark.browser
@pytest.mark.slow
def test_in_jupyterlab(lab, start_chromium) -> None:
    from playwright.sync_api import TimeoutError as TimedOut

    address, folder = lab
    hindi = os.environ.get("SPMC_TEST_LANGUAGE") == "hi"
    start, stop, seen = ("शुरू करें", "रोकें", "1 शिकायत का समय") if hindi else ("Start", "Stop", "1 complaint is overdue")
    with start_chromium("--disable-gpu") as browser:
        page = browser.new_page(viewport={"width": 1300, "height": 1400})
        page.set_default_timeout(240_000)
        page.goto(address)
        page.wait_for_selector(".jp-Cell .cm-content")
        with contextlib.suppress(TimedOut):  # which kernel: asked where the machine is slow to say
            page.get_by_role("button", name="Select", exact=True).click(timeout=5_000)
        page.keyboard.press("Escape")
        page.locator(".jp-Cell").first.click()
        page.keyboard.press("Shift+Enter")
        page.get_by_role("button", name=start, exact=True).click()
        page.get_by_text("holds no rows" if not hindi else "पंक्ति").first.wait_for()
        (folder / "one.csv").write_text(ROWS, encoding="utf-8")
        page.get_by_text(seen).first.wait_for()
        if picture := os.environ.get("SPMC_TEST_PICTURE"):
            page.screenshot(path=picture)
        page.get_by_role("button", name=stop, exact=True).click()
        page.get_by_role("button", name=start, exact=True).wait_for()
        assert page.title() != "owned"
    assert [batch.source_name for batch in open_case("one").batches()] == ["one.csv"]
