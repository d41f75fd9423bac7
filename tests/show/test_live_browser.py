"""The live desk in JupyterLab in a real browser: started and stopped by its buttons, its queue seen to change."""

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
ROWS = (
    "thread_id,record_id,platform,account_id,created_at,direction,text,district\n"
    "t1,m1,x,citizen,2025-11-05T10:00:00Z,in,<img src=x onerror=document.title='owned'>,Gaya\n"
)
CELL = """
from spmc_tools.case.store import open_case
from spmc_tools.report.live_response import live_response
live = live_response(open_case("one"), {folder!r}, as_of="2025-11-05T13:00:00Z", obtained="analytics", every_s=0.5,
                     language={language!r})
live.widget
"""


@pytest.fixture
def lab(tmp_path: Path):
    """JupyterLab on this machine alone, with one notebook that shows the desk."""
    create_case("one", title="T", purpose="P", legal_basis="L", date_from="2025-11-01", date_to="2025-11-30")
    work, folder = tmp_path / "work", tmp_path / "inbox"
    work.mkdir()
    folder.mkdir()
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    code = CELL.format(folder=str(folder), language=os.environ.get("SPMC_TEST_LANGUAGE", "en"))
    cells = [nbformat.v4.new_code_cell(code)]
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
        yield f"http://127.0.0.1:{port}/lab/tree/a.ipynb?token=t", folder
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.browser
@pytest.mark.slow
def test_in_jupyterlab(lab) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    address, folder = lab
    hindi = os.environ.get("SPMC_TEST_LANGUAGE") == "hi"
    start, stop, seen = ("शुरू करें", "रोकें", "1 शिकायत का समय") if hindi else ("Start", "Stop", "1 complaint is overdue")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1300, "height": 1400})
        page.set_default_timeout(240_000)
        page.goto(address)
        page.wait_for_selector(".jp-Cell .cm-content")
        with contextlib.suppress(playwright.TimeoutError):  # which kernel: asked where the machine is slow to say
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
        browser.close()
    assert [batch.source_name for batch in open_case("one").batches()] == ["one.csv"]
