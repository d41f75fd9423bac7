"""Hot objects: the rule written out over every object and bin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.chance.pairs.hot_objects import bin_width_s, hot_bins

SECOND = 1_000_000


def hot_by_hand(objects, times, n_accounts, width):
    """Return the hot (object, bin) pairs with their counts and shares."""
    found = {}
    bins = [int(t // (width * SECOND)) for t in times]
    for o in set(objects):
        if objects.count(o) < max(50, n_accounts / 100):
            continue
        for b in set(bins):
            n = sum(x == o and y == b for x, y in zip(objects, bins, strict=True))
            share = n / max(bins.count(b), 20)
            if n and share >= 0.05:
                found[o, b * width * SECOND] = (n, share)
    return found


def drawn(seed, least, first, last):
    """Return a generator and the objects of at least so many actions, with times in blocks of six hours."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(least, 900))
    objects = (rng.zipf(1.5, n) % 40).astype(np.int32)
    return rng, objects, rng.integers(first, last, n) * 21_600 * SECOND


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_rule_equals_the_rule_written_out(seed):
    rng, objects, times = drawn(seed, 1, -2, 6)
    times += rng.integers(0, 3600, times.size) * SECOND
    hot = hot_bins(objects, times, 200, 600)
    expected = hot_by_hand(objects.tolist(), times.tolist(), 200, hot.bin_s)
    found = {
        (int(o), int(s)): (int(k), float(q))
        for o, s, k, q in zip(hot.object, hot.start_us, hot.n_actions, hot.share, strict=True)
    }
    assert found == expected
    width = hot.bin_s * SECOND
    for o, t, out in zip(objects, times, hot.action, strict=True):
        assert out == ((int(o), int(t // width) * width) in expected)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_other_names_of_the_objects_change_nothing(seed):
    rng, objects, times = drawn(seed, 200, 0, 4)
    other = rng.permutation(40).astype(np.int32)
    first, second = hot_bins(objects, times, 200, 600), hot_bins(other[objects], times, 200, 600)
    assert first.action.tolist() == second.action.tolist()
    told, again = (
        sorted(zip(names.tolist(), hot.start_us.tolist(), hot.share.tolist(), strict=True))
        for names, hot in ((other[first.object], first), (second.object, second))
    )
    assert told == again


def test_twenty_accounts_at_night_are_not_everybody():
    objects = np.zeros(20, np.int32)
    assert not hot_bins(objects, np.arange(20) * SECOND, 300, 60).action.any()


def test_one_in_a_hundred_counts_where_that_is_more_than_fifty():
    objects, times = np.zeros(99, np.int32), np.arange(99) * SECOND
    assert hot_bins(objects, times, 9_900, 60).action.all()
    assert not hot_bins(objects, times, 9_901, 60).action.any()


@pytest.mark.parametrize(
    ("per_hour", "window", "width"),
    [(6_000, 60, 600), (6_000, 600, 3600), (600, 60, 3600), (300, 60, 7200), (10, 60, 21_600), (6_000, 7_200, 43_200)],
)
def test_the_bin_is_the_smallest_wide_and_full_enough(per_hour, window, width):
    times = np.arange(48 * per_hour) * (3600 * SECOND // per_hour)
    assert bin_width_s(times, window) == width


def test_no_actions_are_no_hot_objects():
    nothing = hot_bins(np.empty(0, np.int32), np.empty(0, np.int64), 0, 60)
    assert nothing.action.size == nothing.object.size == 0
