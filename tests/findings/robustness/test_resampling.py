"""Copies keep what they say they keep and break what they say they break."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.coaction.engines.coactions import coactions
from spmc_tools.errors import ParameterError
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.findings.robustness.planting import soil
from spmc_tools.findings.robustness.resampling import LIMITS, left_out, quantiles, resampled, shifted, swapped

DAY = 86_400


@st.composite
def collections(draw):
    n = draw(st.integers(1, 60))
    post = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    return soil(
        pd.DataFrame(
            {
                "account_id": draw(st.lists(st.integers(0, 7), min_size=n, max_size=n)),
                "object_id": post,
                "source_id": [p % 3 for p in post],
                "t": draw(st.lists(st.integers(0, 9 * DAY), min_size=n, max_size=n)),
            }
        )
    )


def frame(table) -> pd.DataFrame:
    made = table.to_pandas()
    return made.assign(day=made["t"].dt.tz_convert("Asia/Kolkata").dt.date, hour=made["t"] - made["t"].dt.normalize())


@given(collections(), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_moved_days_keep_counts_and_the_time_of_day(ground, seed: int) -> None:
    before, after = frame(ground.table()), frame(shifted(ground, np.random.default_rng(seed)))
    keys = ["account_id", "object_id", "source_id", "hour"]
    assert Counter(map(tuple, before[keys].to_numpy())) == Counter(map(tuple, after[keys].to_numpy()))
    assert before["day"].min() <= after["day"].min() and after["day"].max() <= before["day"].max()
    n_days = (before["day"].max() - before["day"].min()).days + 1
    moved = (after["t"] - before["t"]).dt.days % n_days
    assert moved.groupby([before["account_id"], before["source_id"]]).nunique().max() == 1


@given(collections(), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_exchanged_accounts_keep_counts_and_every_course(ground, seed: int) -> None:
    before, after = frame(ground.table()), frame(swapped(ground, np.random.default_rng(seed)))
    assert before[["object_id", "source_id", "t"]].equals(after[["object_id", "source_id", "t"]])
    keys = ["account_id", "source_id", "day"]
    assert Counter(map(tuple, before[keys].to_numpy())) == Counter(map(tuple, after[keys].to_numpy()))


def test_both_break_who_is_in_step() -> None:
    """Two accounts are in step on forty sources, among eighteen others on the same posts within the same day."""
    rng = np.random.default_rng(0)
    rows = []
    for source in range(40):
        noon = (source % 10) * DAY + 40_000
        rows += [(a, source, source, noon + a) for a in (0, 1)]
        rows += [(a, source, source, noon + 3600 * (a - 2) // 2 + 1800) for a in range(2, 20)]
        rows += [(int(rng.integers(20)), 100 + source, source, noon + 7200)]
    ground = soil(pd.DataFrame(rows, columns=["account_id", "object_id", "source_id", "t"]))

    def together(table) -> int:
        edges = coactions(table, window_s=60)
        pair = edges[(edges["account_a"] == 0) & (edges["account_b"] == 1)]
        return int(pair["n_objects"].sum())

    assert together(ground.table()) == 40
    for copy in (shifted, swapped):
        left = [together(copy(ground, np.random.default_rng(seed))) for seed in range(5)]
        assert max(left) <= 14, copy.__name__  # a tenth of forty days meet again; one in 190 pairs of places


def test_quantiles_by_hand() -> None:
    points = quantiles([1e-6, 1e-2], 1000)
    assert points == [(round(-np.log10(0.5 / 1000), 4), 6.0), (round(-np.log10(1.5 / 1000), 4), 2.0)]
    assert quantiles([], 10) == [] and quantiles([0.0], 10)[0][1] == 300.0
    many = quantiles(np.full(10_000, 0.5), 10**6)
    assert 20 < len(many) <= 60 and many[0][0] > many[-1][0]


def test_nobody_is_named_in_copies_of_the_made_up_world(found, members) -> None:
    assert left_out(found) == set(members)
    made = resampled(found, 2)
    assert made["left_out"] == {"named": 10, "accounts": 10} and made["draws"] == 2
    assert made["rest"] == {"accounts": 300, "named": 0}
    states = {row["trace"]: row["state"] for row in made["traces"]}
    assert states["co_repost"] == states["copypasta"] == "looked_at"
    kinds = {row["kind"]: row for row in made["kinds"]}
    assert set(kinds) == {"days", "swaps"}
    for row in kinds.values():
        assert (row["draws"], row["named"], row["copies"]) == (2, 0, 0)
        assert row["copies_high"] == pytest.approx(1 - 0.025**0.5)  # nothing in two
        assert row["high"] == pytest.approx(1 - 0.025 ** (1 / row["accounts"]), rel=1e-6)
    reposts = next(row for row in made["traces"] if row["trace"] == "co_repost")
    assert kinds["swaps"]["accounts"] == 2 * reposts["n_accounts"]  # texts are their own source
    lines = {line["line"]: line for line in made["lines"]}
    case = found.edges[found.edges["n_occasions"] >= 3]
    for count in lines["case"]["counts"]:
        assert count["seen"] == (case["p"] <= count["limit"]).sum()
        assert count["expected"] == pytest.approx(count["limit"] * lines["case"]["n_tests"])
    assert [count["limit"] for count in lines["days"]["counts"]] == list(LIMITS)
    assert lines["days"]["n_tests"] == 2 * lines["rest"]["n_tests"]
    assert made == resampled(found, 2)


@pytest.mark.parametrize(("n", "state"), [(99, "insufficient"), (100, "looked_at")])
def test_a_trace_of_fewer_than_a_hundred_accounts_is_not_copied(n: int, state: str) -> None:
    rows = [
        {"record_id": f"r{k}", "account_id": f"a{k % n:03}", "created_at": pd.Timestamp("2025-11-03", tz="UTC")
         + pd.Timedelta(hours=k * 7 % 160), "kind": "repost", "ref_record_id": f"p{k % 30}", "ref_account_id": "s"}
        for k in range(2 * n)
    ]  # fmt: skip
    made = resampled(investigate(pd.DataFrame(rows), traces=["co_repost"]), 1)
    assert [(row["trace"], row["n_accounts"], row["state"]) for row in made["traces"]] == [("co_repost", n, state)]
    assert made["traces"][0]["named"] == (None if state == "insufficient" else 0)


@pytest.mark.parametrize("draws", [0, 1001, True, 2.0, "ten"])
def test_draws_are_checked(found, draws) -> None:
    with pytest.raises(ParameterError, match="wanted a whole number from 1 to 1,000"):
        resampled(found, draws)
