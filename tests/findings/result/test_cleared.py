"""Cleared accounts: out of later findings, back where evidence came after the mark, and counted."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pandas as pd
import pytest

from spmc_tools.case.acts.marks import mark, undo
from spmc_tools.case.store.case import create_case
from spmc_tools.findings.result.cleared import set_aside


@pytest.fixture
def case(tmp_path):
    return create_case(
        "one", title="T", purpose="P", legal_basis="L", date_from="2025-11-03", date_to="2025-11-12",
        cases=tmp_path / "cases",
    )  # fmt: skip


def receive(case, tmp_path, name: str) -> str:
    path = tmp_path / name
    path.write_text(name)
    sha = hashlib.sha256(name.encode()).hexdigest()
    with case.new_batch(path, sha) as batch:
        batch.commit(format="made_up", read=0, duplicates=0)
    return sha


def findings(files: dict[str, list[str]]):
    """Findings of accounts a (A), b and c (B), d (C) and e (none), each with evidence from these files."""
    accounts = pd.DataFrame(
        {
            "account_id": list("abcde"), "tier": ["A", "B", "B", "C", None], "score": [9.0, 8.0, 7.0, 6.0, 5.0],
        }
    )  # fmt: skip
    return SimpleNamespace(
        accounts=accounts,
        account_events=pd.DataFrame({"account_id": ["b", "c"], "event_id": [1, 1]}),
        clusters=pd.DataFrame({"cluster_id": [1], "accounts": [list("abcd")], "n_named": [3]}),
        events=pd.DataFrame({"event_id": [1, 2], "n_named": [2, 0]}),
        notes={"records": {}},
        evidence=lambda account: pd.DataFrame({"source_sha256": files.get(account, [])}),
    )


def tiers(found) -> dict[str, str | None]:
    return {
        a: None if pd.isna(t) else t for a, t in zip(found.accounts["account_id"], found.accounts["tier"], strict=True)
    }


def test_only_evidence_that_came_after_the_mark_brings_an_account_back(case, tmp_path) -> None:
    old = receive(case, tmp_path, "old")
    mark(case, ["b", "d", "e"], "cleared", "volunteers of the district office")
    mark(case, "a", "lead", "r")
    found = findings({"b": [old], "d": [old], "a": [old]})
    set_aside(found, case)
    assert tiers(found) == {"a": "A", "b": None, "c": "B", "d": None, "e": None}
    assert found.notes["cleared"] == {"set_aside": ["b", "d"], "again": []}
    assert found.clusters["n_named"].tolist() == [2] and found.events["n_named"].tolist() == [1, 0]
    assert found.accounts["account_id"].tolist() == ["a", "c", "b", "d", "e"]
    assert found.accounts.columns.tolist() == ["account_id", "tier", "score"]
    new = receive(case, tmp_path, "new")
    found = findings({"b": [old, new], "d": [old]})
    set_aside(found, case)
    assert tiers(found)["b"] == "B" and tiers(found)["d"] is None
    assert found.notes["cleared"] == {"set_aside": ["d"], "again": ["b"]}


def test_without_a_cleared_mark_nothing_changes(case, tmp_path) -> None:
    old = receive(case, tmp_path, "old")
    mark(case, "b", "cleared", "r")
    undo(case)
    mark(case, "c", "second_look", "r")
    found, untouched = findings({"b": [old]}), findings({})
    set_aside(found, case)
    pd.testing.assert_frame_equal(found.accounts, untouched.accounts)
    assert found.notes == {"records": {}, "cleared": {"set_aside": [], "again": []}}
