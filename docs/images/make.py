"""Draw the pictures of the README from the sample case, whose posts are made up.

Run it after a change of the report's first page, from the root of the project::

    spmc demo
    .venv/bin/python docs/images/make.py data/cases/sample/reports/RUN/report.html

It needs playwright and a Chromium on the machine, and overwrites ``docs/images/report-first-page.png``.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from spmc_tools.report.page.browser import find_chromium

WIDTH, HEIGHT = 1000, 1180
COLOURS = 64
TO = Path(__file__).with_name("report-first-page.png")


def first_screen(report: Path) -> bytes:
    """Return the first screen of a report as PNG."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        tab.goto(report.resolve().as_uri())
        tab.wait_for_timeout(500)
        taken: bytes = tab.screenshot()
        browser.close()
        return taken


def main(report: str) -> None:
    """Write the picture with a palette of 64 colours: text stays sharp, and the file small."""
    picture = Image.open(io.BytesIO(first_screen(Path(report)))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(TO, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
