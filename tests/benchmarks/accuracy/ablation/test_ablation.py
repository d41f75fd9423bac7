"""All parts together give what the package itself gives; a part left out is missing, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import spmc_tools as spmc
from benchmarks.accuracy.ablation import ablation_page, command
from benchmarks.accuracy.ablation.names import AS_IT_IS, RULES, tiers_of
from benchmarks.accuracy.ablation.outcomes import Ablation, KeptAblations
from benchmarks.accuracy.ablation.scores import SCORE_PARTS, WHOLE, columns_of, parts_of
from benchmarks.accuracy.ablation.steps import steps_of
from benchmarks.accuracy.opponents import OPPONENTS, STRUCTURES, made
from benchmarks.accuracy.small_worlds.outcome import Tally

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def week() -> tuple[Any, pd.DataFrame, set[str]]:
    """Steps, accounts and members of a world whose members nothing but events names."""
    world = made(OPPONENTS["turns, 20 left"], seed=2)
    accounts = spmc.investigate(world.records).accounts.set_index("account_id")
    return steps_of(world.records), accounts, {a for a, role in world.roles.items() if role == "member"}


def test_all_parts_together_are_the_score(week: tuple[Any, pd.DataFrame, set[str]]) -> None:
    steps, accounts, _ = week
    columns = columns_of(steps)
    wanted = pd.to_numeric(accounts["score"]).reindex(columns.index)
    assert (wanted > 0).sum() > 100
    np.testing.assert_allclose(columns[WHOLE], wanted, rtol=1e-12, atol=1e-12)


def test_a_part_left_out_is_missing_and_nothing_else(week: tuple[Any, pd.DataFrame, set[str]]) -> None:
    """Added up by hand: what belongs to a trace in the largest of the traces, sessions summed, then events."""
    steps, _, members = week
    columns, parts = columns_of(steps), parts_of(steps)
    account = max(members, key=lambda one: columns.loc[one, WHOLE])
    apart = {name: float(values[account]) for name, values in parts[""].items()}
    traces = [
        {name: float(values[account]) for name, values in of_trace.items()}
        for trace, of_trace in parts.items()
        if trace
    ]

    def by_hand(gone: str) -> float:
        def at(values: dict[str, float], name: str) -> float:
            return 0.0 if name == gone else values[name]

        largest = max(
            *(at(one, "pairs") + at(one, "groups") + at(one, "late strikes") for one in traces), at(apart, "any days")
        )
        for one in traces:
            largest += at(one, "pairs within hours") + at(one, "own repeats")
            largest += max(at(one, "rare meetings"), at(one, "hot circles"))
        return max(largest, at(apart, "events")) + at(apart, "common moments")

    for name in SCORE_PARTS:
        assert columns.loc[account, f"without {name}"] == pytest.approx(by_hand(name), rel=1e-12), name
    assert columns.loc[account, "events alone"] == apart["events"] > 0
    assert columns.loc[account, "without events"] < columns.loc[account, WHOLE]


def test_tiers_with_all_rules_are_those_of_the_package(week: tuple[Any, pd.DataFrame, set[str]]) -> None:
    steps, accounts, members = week
    found = tiers_of(steps)
    wanted = accounts["tier"].astype(object).where(accounts["tier"].notna(), None)
    assert found[AS_IT_IS].to_dict() == wanted.reindex(found[AS_IT_IS].index).to_dict()
    assert set(found) == set(RULES)

    def named(rules: str) -> set[str]:
        return set(found[rules].index[found[rules].isin(["A", "B"])])

    assert named(AS_IT_IS) >= members and named("events alone") >= members
    assert not named("without events") & members and not named("pairs alone") & members


def outcome(name: str, kind: str, seed: int = 1, **of_whole: float) -> Ablation:
    tallies = {rules: Tally(10, 2 if rules != "without events" else 0, 4) for rules in RULES}
    columns = [WHOLE, *(f"without {part}" for part in SCORE_PARTS), *(f"{part} alone" for part in SCORE_PARTS)]
    ap = {column: [of_whole.get(column.replace(" ", "_"), 0.5), 0.4, 0.6] for column in columns}
    return Ablation(kind, name, seed, tallies, tallies, ap if kind != "structures" else {})


def test_the_page_says_what_falls_and_where() -> None:
    found = [
        outcome("reference", "opponents"),
        outcome("drip", "opponents", without_pairs=0.25),
        outcome("weather pages", "structures"),
        outcome("deleting_bots_300", "real", 0),
    ]
    lines = ablation_page.page_lines(found)
    (pairs,) = [line for line in lines if line.startswith("| without pairs | ") and "drip" in line]
    assert "−0.125" in pairs and "drip −0.250" in pairs and "±0" in pairs
    (events,) = [line for line in lines if line.startswith("| without events | ") and "reference" in line]
    assert "| 0, 8 | 0, 8 | 0, 4 |" in events and "and 1 more" in events
    assert ablation_page.page_lines([]) == ["Nothing of this was measured with the present code."]


def test_outcomes_are_kept_and_count_for_their_code_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptAblations(tmp_path)
    one, other = outcome("drip", "opponents"), outcome("drip", "opponents", 2)
    kept.add(one)
    kept.add(other)
    kept.add(replace(one, ap={}))
    assert kept.all() == [replace(one, ap={}), other]
    monkeypatch.setattr(KeptAblations, "_code", staticmethod(lambda: ["other", "code"]))
    assert kept.all() == []


def test_what_is_missing_comes_seed_by_seed_after_the_real_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "real_tables", lambda _folder: iter(()))
    monkeypatch.setattr(command, "real_folder", lambda: None)
    have = {("opponents", "drip", 1)}
    names = [name for name, _ in command.missing(2, have)]
    n = len(OPPONENTS) + len(STRUCTURES)
    assert len(names) == 2 * n - 1 and "drip 1" not in names and names[n - 1] == f"{next(iter(OPPONENTS))} 2"
