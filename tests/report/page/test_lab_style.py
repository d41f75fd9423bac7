"""A section in JupyterLab looks as in the report: one style sheet, read from the browser's own measures."""

from __future__ import annotations

import re

import pytest

from spmc_tools.report.page.drawing import fragment
from spmc_tools.report.page.render import Run, page
from spmc_tools.report.page.sections import section
from spmc_tools.report.scope.scope import in_period

OF_JUPYTER = "<style>.jp td{text-align:right;padding:0}.jp b{display:inline}.jp h2{font-size:30px}</style>"
LOOK = """() => ['.three b', '.three span', '.card', '#summary .lead', 'h2', 'td.num'].map(name => {
  const one = document.querySelector(name), style = getComputedStyle(one);
  return [name, style.display, style.fontSize, style.color, style.borderTopWidth, style.textAlign]
})"""


@pytest.fixture
def made(small_case, make_findings):
    scope = in_period(small_case)
    found = make_findings(scope.records, [f"acct{n}" for n in range(1, 6)])
    return [section(name, case=small_case, scope=scope, found=found) for name in ("summary", "findings", "accounts")]


def alone(one, language: str) -> str:
    return fragment({"name": one.name, "values": one.values, "missing": []}, language)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_figures_stand_above_their_labels_as_in_the_report(made, as_notebook, browser, tmp_path, language) -> None:
    run = Run("r", "small", "election_watch", "2025-11-13T03:40:00+00:00", "complete", "full", 0, True)
    report, lab = tmp_path / "report.html", tmp_path / "lab.html"
    report.write_text(page(as_notebook(made, [one.name for one in made]), run, language), encoding="utf-8")
    sections = "".join(alone(one, language) for one in made)
    lab.write_text(f'<!doctype html>{OF_JUPYTER}<div class="jp">{sections}</div>', encoding="utf-8")
    looks = []
    for path in (report, lab):
        shown = browser.new_page(viewport={"width": 1000, "height": 900})
        shown.goto(path.as_uri())
        looks.append(shown.evaluate(LOOK))
        boxes = [shown.locator(f".three>div:first-child>{tag}").first.bounding_box() for tag in ("b", "span")]
        assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"] + 1  # no figure runs into its label
        shown.close()
    assert looks[0] == looks[1]


def test_the_sheet_touches_nothing_outside_the_section(made, browser, tmp_path) -> None:
    text = alone(made[0], "en")
    assert "@font-face" not in text and "@page" not in text and text.count("<style>") == 1
    lab = tmp_path / "lab.html"
    lab.write_text(f'<!doctype html><h1 id="own">a</h1><p id="said">b</p>{text}', encoding="utf-8")
    bare = tmp_path / "bare.html"
    bare.write_text('<!doctype html><h1 id="own">a</h1><p id="said">b</p>', encoding="utf-8")
    looks = []
    for path in (lab, bare):
        shown = browser.new_page()
        shown.goto(path.as_uri())
        looks.append(
            shown.evaluate(
                "() => ['body', '#own', '#said'].map(name => {const s = getComputedStyle(document.querySelector(name));"
                " return [s.fontSize, s.fontFamily, s.margin, s.color, s.backgroundColor]})"
            )
        )
        shown.close()
    assert looks[0] == looks[1] and not re.search(r"(?m)^(body|:root|html)\b", text)
