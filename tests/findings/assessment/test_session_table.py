"""Sessions in an assessment: groups with what they shared, the score, and nobody named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import spmc_tools as spmc
from spmc_tools.findings.assessment.session_table import SESSION_COLUMNS, session_windows

START = pd.Timestamp("2025-11-06 18:00", tz="UTC")
MEMBERS = [f"m{number:02}" for number in range(8)]


def actions(seed: int = 1, strikes: int = 15) -> pd.DataFrame:
    """Return a week of everyday reposts by two thousand accounts, and one evening of eight more."""
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame(
            {
                "account_id": np.repeat([f"a{n:04}" for n in range(2_000)], 15),
                "object_id": [f"o{n}" for n in rng.integers(0, 4_000, 30_000)],
                "t": pd.Timestamp("2025-11-03", tz="UTC") + pd.to_timedelta(rng.integers(0, 600_000, 30_000), unit="s"),
            }
        )
    ]
    for strike in range(strikes):
        at = START + pd.Timedelta(minutes=10 * strike)
        late = pd.to_timedelta(rng.integers(0, 50, len(MEMBERS)), unit="s")
        parts.append(pd.DataFrame({"account_id": MEMBERS, "object_id": f"strike {strike:02}", "t": at + late}))
    whole = pd.concat(parts, ignore_index=True)
    return whole.assign(source_id="by " + whole["object_id"])


def test_one_evening_is_shown_as_one_session_and_names_nobody() -> None:
    table = actions()
    found = spmc.assess(table)
    assert tuple(found.sessions.columns) == SESSION_COLUMNS
    [row] = found.sessions.to_dict("records")
    assert row["accounts"] == MEMBERS and row["size"] == 8 and row["session_id"] == 1
    assert (row["n_ties"], row["n_sources"], row["n_objects"], row["n_stretches"]) == (28, 15, 15, 1)
    assert sorted(row["objects"]) == [f"strike {n:02}" for n in range(15)]
    own = table[table["account_id"].isin(MEMBERS) & table["object_id"].str.startswith("strike")]
    assert (row["first_t"], row["last_t"]) == (own["t"].min(), own["t"].max())
    assert (
        row["n_met"] == 15 * 28
        and row["expected_met"] < 0.2 * row["n_met"]
        and row["p"] < 0.05
        and pd.isna(row["kind"])
    )
    assert not found.accounts["named"].any()
    assert set(found.accounts["account_id"][:8]) == set(MEMBERS)
    assert found.notes["n_session_groups"] == 1


def test_what_sessions_add_is_a_part_of_the_score() -> None:
    found = spmc.assess(actions())
    assert (found.accounts["score"] >= found.accounts["session"]).all()
    members = found.accounts[found.accounts["account_id"].isin(MEMBERS)]
    assert (members["session"] > 10).all()


def test_a_registered_group_is_shown_with_its_kind() -> None:
    context = dict.fromkeys(MEMBERS[:5], "newsroom")
    [row] = spmc.assess(actions(), context=context).sessions.to_dict("records")
    assert (row["kind"], row["n_context"]) == ("newsroom", 5)


@pytest.mark.parametrize("unit", ["int", "float"])
def test_times_stay_of_the_kind_that_was_given(unit: str) -> None:
    table = actions()
    seconds = table["t"].astype("datetime64[us, UTC]").astype("int64") / 1e6
    [row] = spmc.assess(table.assign(t=seconds.astype(unit))).sessions.to_dict("records")
    assert row["first_t"] == seconds[table["object_id"] == "strike 00"].min()


def test_without_any_group_the_table_has_its_columns() -> None:
    found = spmc.assess(actions(strikes=1))
    assert found.sessions.empty and tuple(found.sessions.columns) == SESSION_COLUMNS


def test_an_hour_is_among_the_windows_of_sessions_once() -> None:
    assert session_windows((60.0, 600.0)) == (60.0, 600.0, 3_600.0)
    assert session_windows((3_600.0, 60.0)) == (60.0, 3_600.0)


def test_what_is_set_aside_is_listed_with_who_and_a_night_that_one_circle_fills_is_told() -> None:
    rng = np.random.default_rng(3)
    night = pd.Timestamp("2025-11-07 20:30", tz="UTC")
    circle = [f"circle {n:03}" for n in range(400)]
    parts = [actions().drop(columns="source_id")]
    for post in range(14):
        here = [account for account in circle if rng.random() < 0.95]
        at = night + pd.Timedelta(minutes=12 * post) + pd.to_timedelta(rng.integers(0, 60, len(here)), unit="s")
        parts.append(pd.DataFrame({"account_id": here, "object_id": f"night {post:02}", "t": at}))
    everybody = [f"reader {n:04}" for n in range(420)]
    greeting = night + pd.to_timedelta(rng.integers(0, 3_000, 420), unit="s")
    parts.append(pd.DataFrame({"account_id": everybody, "object_id": "greeting", "t": greeting}))
    table = pd.concat(parts, ignore_index=True)
    found = spmc.assess(table.assign(source_id="by " + table["object_id"]))
    aside = found.excluded
    for row in aside.to_dict("records"):
        end = row["bin_start"] + pd.Timedelta(seconds=row["bin_s"])
        there = table[(table["object_id"] == row["object_id"]) & (table["t"] >= row["bin_start"]) & (table["t"] < end)]
        assert row["accounts"] == sorted(set(there["account_id"])) and row["n_actions"] == len(row["accounts"])
    hot_for = dict(zip(aside["object_id"], aside["hot_for"], strict=True))
    assert hot_for["greeting"] == "everybody"
    assert {name for name, who in hot_for.items() if who == "circle"} == {f"night {n:02}" for n in range(14)}
    assert circle in found.sessions["accounts"].tolist()
    assert not found.accounts["named"].any()


def test_three_strikes_of_a_large_group_are_shown_and_name_nobody() -> None:
    """Twelve of 320 accounts repost one thing of three sources each, days apart; in crowds, which pairs do not show."""
    rng = np.random.default_rng(11)
    day = pd.Timestamp("2025-11-03 06:00", tz="UTC")
    everybody = [f"reader {n:03}" for n in range(320)]
    acts = pd.DataFrame(
        {
            "account_id": rng.choice(everybody, 6_000),
            "object_id": [f"post {n:03}" for n in (400 * rng.random(6_000) ** 2).astype(int)],
            "t": day + pd.to_timedelta(rng.integers(0, 5 * 86_400, 6_000), unit="s"),
        }
    )
    acts["source_id"] = "author " + acts["object_id"].str[-2:]
    group = everybody[:12]
    parts = [acts]
    for strike in range(3):
        at = day + pd.Timedelta(days=strike, hours=3) + pd.to_timedelta(2 * np.arange(12), unit="s")
        parts.append(
            pd.DataFrame({"account_id": group, "object_id": f"strike {strike}", "t": at, "source_id": f"by {strike}"})
        )
    found = spmc.assess(pd.concat(parts, ignore_index=True))
    [row] = [row for row in found.sessions.to_dict("records") if set(group) <= set(row["accounts"])]
    assert row["accounts"] == group and row["p"] < 0.05
    assert (row["n_ties"], row["n_sources"], row["n_stretches"], row["n_met"]) == (0, 3, 3, 3 * 66)
    assert sorted(row["objects"]) == ["strike 0", "strike 1", "strike 2"]
    assert not found.accounts["named"].any()
