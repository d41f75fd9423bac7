"""A planted campaign is what it says, and the collection under it stays as it was."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.findings.assessment.assess import assess
from spmc_tools.findings.robustness.planting import Campaign, planted, room_for, soil

DAY = 86_400


def collection(seed: int = 0, n: int = 2000, sources: bool = True) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    post = rng.integers(0, 400, n)
    table = pd.DataFrame(
        {
            "account_id": [f"a{k:03d}" for k in rng.integers(0, 150, n)],
            "object_id": [f"p{k}" for k in post],
            "t": pd.to_datetime(1_762_108_200 + rng.integers(0, 7 * DAY, n), unit="s", utc=True),
        }
    )
    return table.assign(source_id=[f"s{k % 40}" for k in post]) if sources else table


GROUND = soil(collection())


def rows_of(table) -> Counter:
    frame = table.to_pandas()
    return Counter(zip(frame["account_id"], frame["object_id"], frame["source_id"], frame["t"], strict=True))


@given(st.integers(2, 30), st.integers(1, 20), st.sampled_from([0, 60, 600]), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_campaign_is_as_declared(n_accounts: int, n_objects: int, delay_s: float, seed: int) -> None:
    campaign = Campaign(n_accounts, n_objects, delay_s, takes_part=1.0)
    table, members = planted(GROUND, campaign, np.random.default_rng(seed))
    assert np.unique(members).size == n_accounts and np.isin(members, GROUND.eligible).all()
    new = rows_of(table) - rows_of(GROUND.table())
    assert sum(rows_of(table).values()) == GROUND.t_us.size + sum(new.values())  # nothing was taken away
    own = [row for row in new if row[0] in set(members.tolist())]
    others = [row for row in new if row[0] not in set(members.tolist())]
    assert len(own) == n_accounts * n_objects and len(others) == n_objects // 2
    strikes: dict[int, list] = {}
    for _, object_, source, t in own:
        strikes.setdefault(object_, []).append((source, t))
    assert len({rows[0][0] for rows in strikes.values()}) == n_objects  # each of another source
    spans = sorted((min(t for _, t in rows), max(t for _, t in rows)) for rows in strikes.values())
    assert all((last - first).total_seconds() <= delay_s for first, last in spans)
    assert all((b[0] - a[1]).total_seconds() >= 6 * 3600 for a, b in pairwise(spans))
    start = {object_: min(t for _, t in rows) for object_, rows in strikes.items()}
    for _, object_, _, t in others:  # somebody else had it hours before
        assert 2 * 3600 - delay_s <= (start[object_] - t).total_seconds() <= 5 * 3600 + delay_s


def test_members_take_part_seven_times_of_ten() -> None:
    made = Counter()
    for seed in range(40):
        table, members = planted(GROUND, Campaign(20, 10, 60), np.random.default_rng(seed))
        new = rows_of(table) - rows_of(GROUND.table())
        made["there"] += sum(row[0] in set(members.tolist()) for row in new)
    assert made["there"] / (40 * 200) == pytest.approx(0.7, abs=4 * (0.7 * 0.3 / 8000) ** 0.5)


def test_the_soil_is_assessed_as_the_collection_itself() -> None:
    actions = collection()
    plain, ground = assess(actions), soil(actions)
    again = assess(ground.table())
    assert again.notes["n_actions"] == plain.notes["n_actions"]
    assert len(again.edges) == len(plain.edges) and np.allclose(again.edges["p"], plain.edges["p"], rtol=1e-12)
    number = plain.accounts["account_id"].map(ground.of_account).tolist()
    assert number == again.accounts["account_id"].tolist()


def test_barred_accounts_are_never_members() -> None:
    ground = soil(collection(), barred=["a001", "a149", "nobody"])
    assert ground.eligible.size == ground.n_accounts - 2
    _, members = planted(ground, Campaign(100, 3, 60), np.random.default_rng(1))
    assert not {ground.of_account["a001"], ground.of_account["a149"]} & set(members.tolist())


def test_new_members_live_like_others() -> None:
    table, members = planted(GROUND, Campaign(5, 4, 60, "new", takes_part=1.0), np.random.default_rng(2))
    assert members.tolist() == [GROUND.n_accounts + k for k in range(5)]
    frame = table.to_pandas()
    own = frame[frame["account_id"].isin(members)]
    everyday = own[own["object_id"] < GROUND.n_objects]
    counts = Counter(GROUND.account.tolist())
    assert set(everyday["account_id"].value_counts()) <= set(counts.values())
    known = dict(zip(GROUND.object.tolist(), GROUND.source.tolist(), strict=True))
    assert all(known[row.object_id] == row.source_id for row in everyday.itertuples())


def test_objects_that_are_their_own_source_are_new_ones() -> None:
    ground = soil(collection(sources=False))
    assert ground.sources.size == 0
    table, _ = planted(ground, Campaign(5, 6, 60), np.random.default_rng(3))
    frame = table.to_pandas()
    assert frame.groupby("source_id")["object_id"].nunique().max() == 1
    assert frame.groupby("object_id")["source_id"].nunique().max() == 1


def test_room_by_hand() -> None:
    """Seven whole days hold 28 times six hours; with ten minutes more for each, 27."""
    t = pd.to_datetime([0, 7 * DAY], unit="s", utc=True)
    ground = soil(pd.DataFrame({"account_id": ["a", "b"], "object_id": ["x", "y"], "t": t}))
    assert (room_for(ground, 0), room_for(ground, 600)) == (27, 27)
    assert room_for(soil(collection()[:0]), 60) == 0


@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize("delay_s", [0, 60, 600])
def test_an_occasion_takes_six_hours_and_its_delay_and_the_last_one_its_delay_again(n: int, delay_s: int) -> None:
    """Two of them are a microsecond more than six hours apart."""
    needed = n * ((6 * 3_600 + delay_s) * 1_000_000 + 1) + delay_s * 1_000_000
    assert room_for(SimpleNamespace(span_us=needed), delay_s) == n  # type: ignore[arg-type]
    assert room_for(SimpleNamespace(span_us=needed - 1), delay_s) == n - 1  # type: ignore[arg-type]
