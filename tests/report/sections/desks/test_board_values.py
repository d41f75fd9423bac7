"""The headline of the watch board says what comes next."""

from __future__ import annotations

from datetime import date

import pytest

from spmc_tools.desks.watch.board import Board
from spmc_tools.report.page.drawing import ReportExporter
from spmc_tools.report.sections.desks.board_values import watch_board
from spmc_tools.report.words.wording import Wording


@pytest.mark.parametrize(
    ("what", "phase", "hi", "en"),
    [
        ("count", None, "परीक्षा के अंतर्गत मतगणना", "counting of Trial"),
        ("poll", 2, "परीक्षा के अंतर्गत मतदान, चरण 2", "polling day, phase 2 of Trial"),
        ("festival", None, "2 दिनों में परीक्षा</h1>", "next comes Trial in 2 days</h1>"),
    ],
)
def test_the_board_s_headline_says_what_comes_not_only_of_which_election(
    what: str, phase: int | None, hi: str, en: str
) -> None:
    day = date(2025, 11, 14)
    comes = {
        "title": {"hi": "परीक्षा", "en": "Trial"}, "what": what, "phase": phase, "in_days": 2, "first": day, "last": day,
        "where": None, "unconfirmed": False, "moon": False, "source": "a paper",
    }  # fmt: skip
    case = {"case": "one", "date_from": date(2025, 11, 1), "date_to": day, "event": None, "expires": None,
            "state": "running"}  # fmt: skip
    values = watch_board(Board(date(2025, 11, 12), False, 14, 60, [comes], [case], 0, None))
    assert values.next == values.coming[0] and values.now == () and values.running == 1
    source = '{% import "measure_parts.html.j2" as measures with context %}{{ measures.headline("watch_board", v) }}'
    for language, wanted in (("hi", hi), ("en", en)):
        made = ReportExporter(Wording(language)).pages.from_string(source).render(v=values)
        assert wanted.casefold() in made.casefold(), made
