"""Posts side by side in a real Chromium, in a box as JupyterLab puts around them."""

from __future__ import annotations

import pytest

from spmc_tools.show.widgets.safe_tables import rendered

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_row_of_many_posts_scrolls_by_itself_and_by_keyboard(start_chromium) -> None:
    """The box is a flex item of a flex item, which would else grow with its content and push the whole page aside."""
    post = {"who": "@asha", "when": "3 Nov 10:38:33", "text": "word " * 20, "source": "week.csv, row 1"}
    shown = rendered(
        "evidence.html.j2", said="Posts: 12", blocks=[{"what": "copies: 12", "posts": [post] * 12}], more=""
    )
    box = "display:flex;align-self:stretch;flex-grow:1;flex-shrink:1"
    with start_chromium() as browser:
        page = browser.new_page(viewport={"width": 700, "height": 600})
        page.set_content(f"<div id=out style='overflow:auto;display:flex'><div style='{box}'>{shown}</div></div>")
        out, row = page.locator("#out"), page.get_by_role("group", name="copies: 12")
        assert out.evaluate("one => one.scrollWidth - one.clientWidth") == 0
        assert row.bounding_box()["width"] > 600 and row.evaluate("one => one.scrollWidth > 2 * one.clientWidth")
        row.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => document.querySelector('[role=group]').scrollLeft > 0")
        page.close()
