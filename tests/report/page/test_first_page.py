"""What a senior acts on stands on the first page of the paper, in every language and edition."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from spmc_tools.report.page.render import page
from spmc_tools.report.sections.groups.headline import SAID

MILLIMETRE = 96 / 25.4
WIDTH, HEIGHT = int((210 - 2 * 16) * MILLIMETRE), (297 - 20 - 18) * MILLIMETRE
"""What the margins of the page leave of A4, in pixels of the style sheet."""


TOO_WIDE = """[...document.querySelectorAll('main table, main figure, main pre')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => `${e.closest('section').id}: ${e.className} ${e.textContent.slice(0, 60)}`)"""


def laid_out(look, text: str) -> dict[str, Any]:
    """Return where the first page ends, and what is wider than the paper, as the page is laid out for it."""
    tab, _ = look(text, width=WIDTH)
    tab.emulate_media(media="print")
    tab.wait_for_timeout(200)
    return {
        "first page": tab.evaluate("document.querySelector('#summary').getBoundingClientRect().bottom"),
        "too wide": tab.evaluate(TOO_WIDE),
        "width": tab.evaluate("document.documentElement.scrollWidth"),
    }


@pytest.mark.parametrize("edition", ["full", "redacted"])
@pytest.mark.parametrize("language", ["en", "hi", "both"])
def test_what_a_senior_acts_on_fits_on_one_page(small_sections, as_notebook, a_run, look, language, edition) -> None:
    node = as_notebook(copy.deepcopy(small_sections))
    for cell in node.cells:
        for output in cell.outputs:
            payload = output.data["application/vnd.spmc.section+json"]
            if payload["name"] == "watch":
                payload["values"]["waiting"] = 1234
            if payload["name"] == "summary":
                worst = payload["values"]
                [one] = worst["said"]
                like = {"trace": "copypasta", "kind": "group", "n": 80, "planted": 60, "benign": 20, "open": 0,
                        "low": 0.17, "high": 0.36, "worlds": 80, "sets": []}  # fmt: skip
                example = {"text": "मतदान केंद्र पर लंबी कतार है, सब लोग जल्दी पहुँचें। " * 4, "lang": "hi"}
                worst["said"] = [{**one, "group": n, "example": example, "like": like} for n in range(1, SAID + 1)]
                worst |= {"groups": SAID, "more_said": 3, "aside": 3, "aside_not_registered": 4, "accounts": 12345}
    text = page(node, replace(a_run, edition=edition), language)
    assert "1,234 texts wait" in text or "1,234 पाठों पर" in text
    found = laid_out(look, text)
    assert found["first page"] <= HEIGHT
    # a table wider than the paper would make Chromium print the whole report smaller
    assert found["too wide"] == [] and found["width"] <= WIDTH


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_heads_of_the_queue_do_not_run_into_each_other(small_sections, as_notebook, a_run, look, language) -> None:
    node = as_notebook(copy.deepcopy(small_sections))
    row = {"text": "सुना है कि पुल टूट गया है", "thing": "9051998a49d8", "first_seen": "2025-10-27T08:40:00Z",
           "reasons": ["wide", "complaint"], "terms": [], "claims": [], "clusters": [], "posts": 4100, "accounts": 4100,
           "reposts": 6800, "last_hour": 1200, "views": 2736, "decision": None, "named_text": None,
           "last_seen": "2025-10-27T08:40:00Z", "before_per_hour": 1.0, "p_rising": 1.0, "record_id": "1"}  # fmt: skip
    for cell in node.cells:
        for output in cell.outputs:
            payload = output.data["application/vnd.spmc.section+json"]
            if payload["name"] == "watch":
                payload["values"] |= {"rows": [row], "texts": True, "open": 1, "more": 0}
    tab, _ = look(page(node, a_run, language), width=WIDTH)
    tab.emulate_media(media="print")
    tab.wait_for_timeout(200)
    cut = (
        "[...document.querySelectorAll('#watch th')].filter(t => t.scrollWidth > t.clientWidth).map(t => t.textContent)"
    )
    assert tab.evaluate("document.querySelectorAll('#watch th').length") == 8 and tab.evaluate(cut) == []
