"""The four steps, held against the exact interval of a share as tables give it."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from spmc_tools.report.sections.story.sureness import sureness


@pytest.mark.parametrize(
    ("n", "ordinary", "step"),
    [(72, 0, "very_strong"), (71, 0, "strong"), (17, 0, "strong"), (16, 0, "moderate"), (6, 0, "moderate"),
     (5, 0, "weak"), (100, 13, "moderate"), (100, 39, "moderate"), (100, 40, "weak"), (3, 3, "weak")],
)  # fmt: skip
def test_the_upper_end_of_the_interval_decides(n: int, ordinary: int, step: str) -> None:
    high = 1.0 if ordinary == n else float(beta.ppf(0.975, ordinary + 1, n - ordinary))
    by_hand = ["very_strong", "strong", "moderate", "weak"][sum(high > most for most in (0.05, 0.2, 0.5))]
    assert sureness(n, ordinary) == by_hand == step


def test_where_nothing_compares_it_is_unknown() -> None:
    assert sureness(None, 0) == sureness(0, 0) == "unknown"
