"""The intake form in JupyterLab in a real browser: seen, corrected, imported; nothing of the file runs in the page."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from spmc_tools.case.store import create_case, open_case
from spmc_tools.report.browser import find_chromium

ROOT = Path(__file__).resolve().parents[2]
TABLE = "nr,von,wann,inhalt,<b>x</b>\n" + "".join(
    f"{n},acc{n % 2},2025-11-0{n} 10:00,<img src=x onerror=document.title='owned'> word {n},1\n" for n in range(1, 6)
)
CELL = """
from spmc_tools.case.store import open_case
from spmc_tools.report.wording import Wording
from spmc_tools.show.intake import intake_form
intake_form(open_case("one"), {path!r}, Wording("en").say)
"""


@pytest.fixture
def lab(tmp_path: Path):
    """JupyterLab on this machine alone, with one notebook that shows the form."""
    create_case("one", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-30")
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    work = tmp_path / "work"
    work.mkdir()
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_code_cell(CELL.format(path=str(path)))]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=spec), work / "a.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "PYTHONPATH": str(ROOT),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "c"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "r"),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
         "--IdentityProvider.token=t", f"--ServerApp.root_dir={work}", "--LabApp.news_url=None"],
        env=os.environ | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token=t", timeout=2).close()
                break
            except OSError:
                time.sleep(1)
        yield f"http://127.0.0.1:{port}/lab/tree/a.ipynb?token=t"
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.browser
@pytest.mark.slow
def test_in_jupyterlab(lab: str) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1300, "height": 1400})
        page.set_default_timeout(120_000)
        page.goto(lab)
        page.wait_for_selector(".jp-Notebook .jp-CodeCell .cm-content")
        page.wait_for_selector("text=Python 3 (ipykernel)")
        for _ in range(6):  # a kernel that is still starting swallows the first key
            page.click(".jp-CodeCell .cm-content")
            page.keyboard.press("Shift+Enter")
            with contextlib.suppress(playwright.TimeoutError):
                page.wait_for_selector("button:has-text('Look')", timeout=20_000)
                break
        page.click("button:has-text('Look')")
        page.wait_for_selector("text=Nobody has named these columns")
        account = page.get_by_label("Account that posted")
        assert account.evaluate("e => e.options[e.selectedIndex].text") == "von"  # by its values
        assert "<b>x</b>" in account.evaluate("e => [...e.options].map(o => o.text)")
        for label, value in (("Platform of all rows", "x"), ("Zone of its times", "Asia/Kolkata")):
            page.get_by_label(label).fill(value)
            page.keyboard.press("Tab")
        page.get_by_label("How it was obtained").select_option(label="from a complainant")
        page.click("button:has-text('Show the result')")
        page.wait_for_selector("text=2025-11-01 10:00:00 IST")
        page.click("button:has-text('Import')")
        page.wait_for_selector("text=saved for the next time")
        assert "owned" not in page.title() and page.locator("img[src='x']").count() == 0
        browser.close()
    case = open_case("one")
    assert case.records(["account_id"])["account_id"].tolist() == ["acc1", "acc0", "acc1", "acc0", "acc1"]
    assert case.batches()[0].details["obtained"] == "complainant"
