"""Pairs in step and common bins, against plain loops over all pairs and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.accuracy.real_sets.common_bins import bin_rankings
from benchmarks.accuracy.real_sets.in_step import WINDOWS_S, in_step, pair_rankings

DAY = 86_400
US = 1_000_000
ACTS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 2), st.sampled_from([0, 60, 61, 600, 4_000, DAY - 30, DAY, DAY + 30])),
    max_size=30,
)


def table(rows) -> pd.DataFrame:
    columns = dict(zip(("account", "thing", "t"), zip(*rows, strict=True), strict=True)) if rows else {}
    frame = pd.DataFrame(columns, columns=["account", "thing", "t"], dtype="int64")
    return frame.assign(t_us=frame["t"] * US)


def by_loops(rows, window_s: int) -> dict[tuple[int, int], tuple[int, int, int, float]]:
    found = {}
    for a, b in itertools.combinations(range(5), 2):
        met = [
            (thing, min(t, u) // DAY)
            for (x, thing, t), (y, other, u) in itertools.product(rows, rows)
            if (x, y) == (a, b) and thing == other and abs(t - u) <= window_s
        ]
        if met:
            touched = sum(len({thing for x, thing, _ in rows if x == end}) for end in (a, b))
            things = {thing for thing, _ in met}
            found[a, b] = (len(met), len(things), len({day for _, day in met}), 2 * len(things) / touched)
    return found


@settings(deadline=None, max_examples=60)
@given(ACTS, st.sampled_from(WINDOWS_S))
def test_pairs_in_step_by_plain_loops(rows, window_s: int) -> None:
    pairs = in_step(table(rows), window_s)
    columns = pairs[["a", "b", "n_pairs", "n_things", "n_days", "share"]].itertuples(index=False)
    found = {(a, b): (n_pairs, n_things, n_days, share) for a, b, n_pairs, n_things, n_days, share in columns}
    expected = by_loops(rows, window_s)
    assert found.keys() == expected.keys()
    assert all(found[pair] == pytest.approx(expected[pair]) for pair in expected)


@settings(deadline=None, max_examples=25)
@given(ACTS)
def test_an_account_has_the_figure_of_its_best_partner(rows) -> None:
    rankings = pair_rankings(table(rows), 5)
    for window_s in WINDOWS_S:
        pairs = by_loops(rows, window_s)
        for place, name in enumerate(("pairs of acts", "things", "days")):
            expected = [
                max([x[place] for pair, x in pairs.items() if account in pair], default=0) for account in range(5)
            ]
            assert rankings[f"{name} in step, {window_s} s"].tolist() == expected
        key = {
            account: max(((x[2], x[3], x[0]) for pair, x in pairs.items() if account in pair), default=(0, 0, 0))
            for account in range(5)
        }
        ranked = rankings[f"days, share, volume in step, {window_s} s"]
        for one, other in itertools.permutations(range(5), 2):
            if key[one][0] == key[other][0] and key[one][1] == pytest.approx(key[other][1]) and key[one][1:]:
                continue  # equal but for the last digit of a share, or for volume: by hand, below
            assert (ranked[one] > ranked[other]) == (key[one] > key[other])


def test_days_come_before_the_share_and_the_share_before_volume() -> None:
    rows = [
        # 0 and 1: two days, all that they touched; 2 and 3: two days, one of two things, much of it
        (0, 0, 0), (1, 0, 5), (0, 0, DAY), (1, 0, DAY + 5),
        (2, 1, 0), (3, 1, 5), (2, 1, DAY), (3, 1, DAY + 5), (2, 1, DAY + 1), (2, 1, DAY + 2), (2, 2, 7),
        # 4 and 5: as 0 and 1, with an act more; 6 and 7: one day, many acts; 8 alone
        (4, 3, 0), (5, 3, 5), (4, 3, DAY), (5, 3, DAY + 5), (4, 3, DAY + 6),
        *((account, 4, t) for account in (6, 7) for t in range(20)),
        (8, 9, 0),
    ]  # fmt: skip
    ranked = pair_rankings(table(rows), 9)["days, share, volume in step, 60 s"]
    assert ranked.tolist() == [3, 3, 2, 2, 4, 4, 1, 1, 0]


def test_no_acts_are_no_pairs() -> None:
    rankings = pair_rankings(table([]), 3)
    assert len(rankings) == 12 and all(score.tolist() == [0, 0, 0] for score in rankings.values())


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 12)), max_size=30), st.sampled_from([2, 3]))
def test_common_bins_by_plain_loops(rows, width_s: int) -> None:
    account, t = (np.array([row[k] for row in rows], dtype="int64") for k in (0, 1))
    best, n_pairs, partners = bin_rankings(account, t * US, width_s, 5).values()
    for own in range(5):
        bins = {other: [u // width_s for x, u in rows if x == other] for other in range(5)}
        common = [len(set(bins[own]) & set(bins[other])) for other in range(5) if other != own]
        assert best[own] == max(common)
        assert partners[own] == sum(n > 0 for n in common)
        assert n_pairs[own] == sum(u == v for u in bins[own] for o in range(5) if o != own for v in bins[o])


def test_a_bin_ends_before_the_next_begins() -> None:
    at = np.array([1_999_999, 2_000_000, 3_999_999])
    assert bin_rankings(np.arange(3), at, 2, 3)["partners in common 2 s bins"].tolist() == [0, 1, 1]
