"""Rows of the table of accounts by hand: their order, and what bursts and groups within hours say of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from spmc_tools.findings.clusters.account_rows import Known, account_table

NOBODY: Any = SimpleNamespace(ranks=lambda _: False, of={}, accounts={}, notes={})


def known(**changed: Any) -> Known:
    """Return what is known where nothing is."""
    groups: Any = SimpleNamespace(in_context=frozenset(), cluster_of={}, n_sources={})
    facts: dict[str, Any] = {
        "rows": {}, "groups": groups, "context": {}, "n_traces": 1, "events": SimpleNamespace(accounts={}),
        "bursts": NOBODY, "sessions": NOBODY, "scores": {},
    }  # fmt: skip
    return Known(**facts | changed)


def table(*accounts: str, **changed: Any) -> pd.DataFrame:
    time = pd.Timestamp("2025-11-05", tz="UTC")
    lives = pd.DataFrame({"n_records": 1, "first_seen": time, "last_seen": time}, index=list(accounts))
    return account_table(lives, known(**changed)).set_index("account_id")


def ranking(*accounts: str, **more: Any) -> Any:
    return SimpleNamespace(ranks=lambda account: account in accounts, of={}, accounts={}, notes={}, **more)


def test_who_is_ranked_stands_before_who_has_no_tier_whatever_the_score() -> None:
    found = table("a", "b", "c", "d", bursts=ranking("c"), sessions=ranking("d"), scores={"a": 9.0, "d": 0.5})
    assert found["tier"].fillna("none").to_dict() == {"d": "C", "c": "C", "a": "none", "b": "none"}
    assert found.index.tolist() == ["d", "c", "a", "b"]


def test_an_account_in_no_burst_has_a_q_of_one_where_bursts_were_looked_for() -> None:
    looked = SimpleNamespace(ranks=lambda _: False, accounts={"b": (3, 0.01)}, notes={"n_bursts": 4})
    found = table("a", "b", bursts=looked)
    assert found[["n_bursts", "burst_q"]].to_dict("index") == {
        "a": {"n_bursts": 0, "burst_q": 1.0}, "b": {"n_bursts": 3, "burst_q": 0.01},
    }  # fmt: skip
    assert table("a")["burst_q"].isna().all()
