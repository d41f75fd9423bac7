"""What the tests keep of charts is asked for with equal values alone, and drawn a second time once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spmc_tools.report.page import drawing
from spmc_tools.report.words.wording import Wording
from tests.charts_drawn_once import DRAWN, Charts, kept

ROOT = Path(__file__).resolve().parent.parent


def test_every_chart_of_a_page_is_named() -> None:
    source = (ROOT / "spmc_tools/report/page/drawing.py").read_text(encoding="utf-8")
    called = set(re.findall(r'"chart_\w+": .*?(\w*pictures\.\w+)', source))
    assert called == {f"{module}.{name}" for module, names in DRAWN.items() for name in names}
    assert all(isinstance(getattr(drawing, module), Charts) for module in DRAWN)


def test_other_values_and_other_languages_are_drawn_and_equal_ones_are_not() -> None:
    drawn: list[tuple[str, list[int], bool]] = []

    def draw(words: Wording, values: list[int], *, narrow: bool = True) -> dict[str, str]:
        drawn.append((words.language, list(values), narrow))
        return {"wide": f"{words.language} {values} {narrow}"}

    look = kept(draw, {})
    asked = [("en", [1], True), ("en", [1], True), ("hi", [1], True), ("en", [2], True), ("en", [1], False)] * 3
    for language, values, narrow in asked:
        assert look(Wording(language), values, narrow=narrow) == {"wide": f"{language} {values} {narrow}"}
    assert len(drawn) == 5  # four different ones, and the first that was asked for again
    look(Wording("en"), [1], narrow=True)["wide"] = "changed"
    assert look(Wording("en"), [1], narrow=True) == {"wide": "en [1] True"}


def test_a_chart_that_comes_out_in_two_ways_is_told() -> None:
    turns = iter("ab")
    look = kept(lambda _: {"wide": next(turns)}, {})
    look(1)
    with pytest.raises(AssertionError, match="in two ways"):
        look(1)
