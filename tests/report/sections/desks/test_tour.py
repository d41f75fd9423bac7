"""The tour takes fifteen minutes, and shows no case but the synthetic one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from spmc_tools.errors import ParameterError
from spmc_tools.report.sections.desks.tour import FIRST, SPEED, STOPS, tour


def test_fifteen_minutes() -> None:
    times = [datetime(2025, 11, day, tzinfo=UTC) for day in (9, 3)]
    made = tour(SimpleNamespace(case=SimpleNamespace(id="sample"), records=pd.DataFrame({"created_at": times})))
    assert round(made.first_minutes + sum(stop.minutes for stop in made.stops), 6) == 15 and made.records == 2
    assert (made.first, made.last) == (times[1], times[0])


def test_the_guide_s_sheet_has_the_same_minutes() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "tutorial" / "tour.md").read_text(encoding="utf-8")
    assert [float(n) for n in re.findall(r"^\| ([\d.]+) \|", page, re.MULTILINE)] == [FIRST, *(n for _, n, _ in STOPS)]
    assert f"{SPEED} words" in page


def test_no_real_case_is_shown_to_visitors() -> None:
    with pytest.raises(ParameterError, match="takes only sample"):
        tour(SimpleNamespace(case=SimpleNamespace(id="patna-2025"), records=[]))
