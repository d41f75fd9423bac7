"""Draw the pictures of the tutorial: one day of the festival watch and one of the election watch, on the sample case.

Run it after a change of these pages, from the root of the project (it takes some minutes)::

    .venv/bin/python docs/images/tutorial.py

It makes the sample case in a folder that is deleted afterwards, runs both notebooks up to one day, decides on a post as
the tutorial tells it, and overwrites ``docs/images/tutorial/*.png``. It needs playwright and a Chromium on the machine.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from spmc_tools.demo import sample_case
from spmc_tools.desks.watch.watch import things_of
from spmc_tools.desks.watch.watch_terms import decide, thing_id
from spmc_tools.report.page.browser import find_chromium
from spmc_tools.report.running.run import run_notebook
from spmc_tools.report.scope.scope import in_period

if TYPE_CHECKING:
    from spmc_tools.case.store.case import Case

WIDTH, TALLEST, COLOURS = 1000, 900, 48
HERE = Path(__file__).resolve().parent
DAYS = (
    ("festival_watch", "2025-10-27", "en"),
    ("election_watch", "2025-11-06", "en"),
    ("festival_watch", "2025-10-27", "hi"),
)
PARTS = ("days", "watch")


def taken(page: Path, parts: tuple[str, ...]) -> dict[str, bytes]:
    """Return a picture of each part of a page, cut off where it is taller than a screen."""
    found: dict[str, bytes] = {}
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": 1200})
        tab.goto(page.resolve().as_uri())
        tab.wait_for_timeout(500)
        for part in parts:
            box = tab.locator(f"#{part}").bounding_box()
            if box is not None:
                clip = box | {"height": min(box["height"], TALLEST)}
                found[part] = tab.screenshot(clip=clip, full_page=True)
        browser.close()
    return found


def kept(name: str, picture: bytes) -> None:
    """Write a picture with few colours: text stays sharp, and the file small."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / "tutorial" / f"{name}.png", optimize=True)


def first_thing(case: Case) -> str:
    """Return the name of the rumour in the queue."""
    records = in_period(case, date_to="2025-10-27").records
    things = things_of(records)
    texts = things[things["kind"] == "text"]
    of_rumour = texts[texts["label"].str.contains("पीपा पुल")]
    return thing_id(str(of_rumour["thing"].iloc[0]))


def main() -> None:
    """Make the case, run the days, take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SPMC_KEYS"] = str(Path(folder) / "keys")
        case, _ = sample_case(Path(folder) / "cases")
        for number, (notebook, day, language) in enumerate(DAYS):
            made = run_notebook(
                case, notebook, {"date_to": day}, language=language, edition="full", pdf=False, progress=None
            )
            if made.status != "complete":
                sys.exit(f"{notebook} up to {day}: {made.status}; {made.report}")
            suffix = "" if language == "en" else f"-{language}"
            for part, picture in taken(made.report, PARTS if language == "en" else ("watch",)).items():
                kept(f"{notebook.split('_')[0]}-{part}{suffix}", picture)
            if number == 0:
                decide(case, first_thing(case), "rebut", "The bridge is open: control room, 27 October 19:30")
        kept("index", taken(case.path / "reports" / "index.html", ("index",))["index"])


if __name__ == "__main__":
    main()
