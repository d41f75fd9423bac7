"""What officers decide of patterns holds for findings: names after two, none after a clearing, nothing for another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import spmc_tools as spmc
from spmc_tools.custody.review.decide import decide
from spmc_tools.errors import CaseError
from spmc_tools.findings.result.decided_patterns import PatternGroup, decided, pattern_groups
from tests.findings.clusters.test_ordinary_patterns import ANY_HOUR, branches
from tests.findings.made_up_cases import added, case_of

if TYPE_CHECKING:
    from pathlib import Path

    from spmc_tools.case.store.case import Case

BRANCHES = {f"b{number:02d}" for number in range(20)}


def tiers(found: spmc.Findings, of: set[str]) -> set[str | None]:
    rows = found.accounts[found.accounts["account_id"].isin(of)]
    return {None if pd.isna(tier) else tier for tier in rows["tier"]}


def kept(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(platform="x", source_row=range(1, len(rows) + 1))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return case_of(kept(branches(origin="office", hours=ANY_HOUR)), tmp_path)


def look(case: Case) -> tuple[spmc.Findings, PatternGroup]:
    found = spmc.investigate(case, traces=["copypasta"])
    (group,) = decided(found)
    return found, group


def test_two_officers_name_one_clears_and_one_withdraws(case: Case) -> None:
    found, group = look(case)
    assert group.state == "open" and set(group.shown) == BRANCHES | {"office"} == set(group.accounts)
    assert group.traces == ("copypasta",) and group.patterns == ("one_origin",)
    assert tiers(found, set(group.shown)) == {"C"}
    decide(case, group, "name", "Made on one day, a note in the diary", officer="A. Rao")
    found, group = look(case)
    assert group.state == "one_officer" and tiers(found, set(group.shown)) == {"C"}
    assert not found.clusters["n_named"].any()
    decide(case, group, "name", "Seen, too", officer="B. Devi")
    found, group = look(case)
    assert group.state == "named" and tiers(found, set(group.shown)) == {"B"}
    assert [(act.by, act.reason) for act in group.acts] == [
        ("A. Rao", "Made on one day, a note in the diary"), ("B. Devi", "Seen, too"),
    ]  # fmt: skip
    assert found.clusters["n_named"].tolist() == [21]
    assert found.accounts["account_id"].tolist()[:21] == sorted(
        group.shown, key=lambda one: (-found.accounts.set_index("account_id").loc[one, "score"], one)
    )
    assert "a000" in set(found.accounts["account_id"]) and not tiers(found, {"a000", "a001"}) & {"A", "B"}
    decide(case, group, "withdraw", "The department wrote", officer="C. Khan")
    found, group = look(case)
    assert group.state == "open" and tiers(found, set(group.shown)) == {"C"}
    decide(case, group, "clear", "Branches of the department", officer="C. Khan")
    found, group = look(case)
    assert group.state == "cleared" and tiers(found, set(group.shown)) == {None}
    assert len(found.clusters) == 1 and len(found.ordinary_patterns) == 21  # shown as before, nothing is deleted


def test_what_was_decided_lapses_with_new_posts_and_is_not_inherited(case: Case, tmp_path: Path) -> None:
    _, group = look(case)
    for officer in ("A. Rao", "B. Devi"):
        decide(case, look(case)[1], "name", "r", officer=officer)
    found, _ = look(case)
    assert tiers(found, BRANCHES) == {"B"}
    rng = np.random.default_rng(3)
    aside = pd.DataFrame(
        {"record_id": [f"n{k}" for k in range(9)], "account_id": "a001", "kind": "post", "time_precision_s": 1.0,
         "created_at": [pd.Timestamp("2025-11-05", tz="UTC") + pd.Timedelta(seconds=int(s)) for s in
                        rng.integers(0, 80_000, 9)], "text": "to himself"}
    )  # fmt: skip
    added(case, kept(aside), tmp_path, "aside")
    found, again = look(case)
    assert again.state == "named" and tiers(found, BRANCHES) == {"B"}  # nothing new behind the group
    last = branches(origin="office", hours=[*ANY_HOUR, 24 * 13 + 9.0])
    new = last[last["account_id"].isin(BRANCHES | {"office"})].sort_values("created_at").tail(21)
    added(case, kept(new.assign(record_id=[f"x{k}" for k in range(21)])), tmp_path, "new")
    found, again = look(case)
    assert again.digest == group.digest and again.state == "lapsed" and tiers(found, BRANCHES) == {"C"}
    with pytest.raises(CaseError, match="withdraw it, look at the posts"):
        decide(case, again, "clear", "r", officer="A. Rao")
    decide(case, again, "withdraw", "r", officer="A. Rao")
    decide(case, look(case)[1], "clear", "r", officer="A. Rao")
    assert look(case)[1].state == "cleared"
    hours = branches(origin="office", hours=ANY_HOUR)
    copies = hours[hours["account_id"] == "b03"].assign(account_id="z99")
    copies = copies.assign(record_id=[f"z{k}" for k in range(len(copies))])
    added(case, kept(copies), tmp_path, "joined")
    found, other = look(case)
    assert "z99" in other.accounts and other.digest != group.digest
    assert other.state == "open" and tiers(found, BRANCHES) == {"C"}  # another group inherits nothing


def test_an_account_in_no_cluster_is_a_group_of_its_own_and_others_are_none() -> None:
    found: Any = spmc.investigate(branches(origin="office", hours=ANY_HOUR), traces=["copypasta"])
    assert decided(found) == []  # nobody decides of a table
    (group,) = pattern_groups(found)
    found.clusters = found.clusters.iloc[:0]
    alone = pattern_groups(found)
    assert [one.accounts for one in alone] == [(account,) for account in sorted(group.shown)]
    assert {one.cluster_id for one in alone} == {None}
    assert len({one.digest for one in [group, *alone]}) == 22
    found.accounts = found.accounts.assign(tier="B")
    assert pattern_groups(found) == []  # named for another reason: nothing to decide
    assert replace(group, patterns=("daily_round",)).digest != group.digest
