"""The tour takes fifteen minutes, and shows no case but the synthetic one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from spmc_tools.errors import ParameterError
from spmc_tools.report.tour import tour


def test_fifteen_minutes() -> None:
    made = tour(SimpleNamespace(case=SimpleNamespace(id="sample"), records=[1, 2]))
    assert sum(one["minutes"] for one in made["stops"]) == 15 and made["records"] == 2


def test_no_real_case_is_shown_to_visitors() -> None:
    with pytest.raises(ParameterError, match="takes only sample"):
        tour(SimpleNamespace(case=SimpleNamespace(id="patna-2025"), records=[]))
