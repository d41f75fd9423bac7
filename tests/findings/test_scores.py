"""Tiers, basis, q and score over traces, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from spmc_tools.findings.scores import Scored, combined, seen, tier


def row(trace: str, basis: str | None, q: float = 0.01, score: float = 1.0, named: bool | None = None) -> Scored:
    return Scored(trace, basis, q, score, basis == "several" if named is None else named)


@pytest.mark.parametrize(
    ("rows", "is_context", "wanted"),
    [
        ([], False, None),
        ([row("x", None)], False, None),
        ([row("x", "several"), row("y", "several")], False, "A"),
        ([row("x", "several"), row("y", "several"), row("z", "one")], False, "A"),
        ([row("x", "several"), row("y", "few")], False, "B"),
        ([row("x", "several"), row("x", "several")], False, "B"),
        ([row("x", "few"), row("y", "few")], False, "C"),
        ([row("x", "one")], False, "C"),
        ([row("x", "several", named=False)], False, None),
        ([row("x", "several", named=False), row("y", "several")], False, "B"),
        ([row("x", "several", named=False), row("y", "one")], False, "C"),
        ([row("x", "several"), row("y", "several")], True, None),
        ([row("x", "few")], True, None),
    ],
)
def test_tier(rows: list[Scored], is_context: bool, wanted: str | None) -> None:
    assert tier(rows, is_context) == wanted


def test_combined() -> None:
    rows = [row("x", "few", 0.02, 7.0), row("y", "several", 0.03, 5.0), row("z", None, 1.0, 0.0)]
    assert combined(rows, 5) == ("several", pytest.approx(0.1), 7.0)
    assert combined(rows[:1], 100) == ("few", 1.0, 7.0)
    assert combined([], 3) == (None, 1.0, 0.0)


def test_seen_keeps_what_says_something() -> None:
    frame = pd.DataFrame(
        {
            "account_id": ["a", "b", "c", "stranger"],
            "basis": pd.Series(["several", None, None, "few"], dtype="str"),
            "q": [0.01, 1.0, 1.0, 0.5],
            "score": [9.0, 0.5, 0.0, 1.0],
            "named": [True, False, False, False],
            "n_sources": [5, 0, 0, 2],
        }
    )
    rows = seen({"a", "b", "c"}, {"x": frame, "y": frame.iloc[:0]})
    assert rows == {"a": [Scored("x", "several", 0.01, 9.0, True, 5)], "b": [Scored("x", None, 1.0, 0.5, False, 0)]}


def several(trace: str) -> Scored:
    return Scored(trace, "several", 0.01, 10.0, named=True)


@pytest.mark.parametrize(
    ("rows", "by_events", "ranked", "wanted"),
    [
        ([], None, False, None),
        ([], "A", False, "A"),
        ([], "B", False, "B"),
        ([], None, True, "C"),
        ([], "B", True, "B"),
        ([several("co_repost")], None, False, "B"),
        ([several("co_repost")], "B", False, "A"),
        ([several("co_repost"), several("co_url")], None, False, "A"),
        ([Scored("co_url", "few", 0.01, 5.0, named=False)], "B", False, "B"),
        ([Scored("co_url", "several", 0.01, 5.0, named=False)], "B", False, "B"),
    ],
)
def test_tier_with_events_and_bursts(
    rows: list[Scored], by_events: str | None, ranked: bool, wanted: str | None
) -> None:
    assert tier(rows, False, by_events, ranked=ranked) == wanted
    assert tier(rows, True, by_events, ranked=ranked) is None
