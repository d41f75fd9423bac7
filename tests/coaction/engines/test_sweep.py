"""The kernel against a loop over all pairs, whatever the threads and the order of the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.coaction.engines.sweep import EDGE, blocks, sort_by_object_time, window_bounds, with_room

COLUMNS = (
    "a", "b", "n_objects", "n_pairs", "n_actions_a", "n_actions_b", "first_us", "last_us", "mean_lag_s", "n_a_first",
)  # fmt: skip
Edges = Callable[[list[tuple[Any, Any, int]], int, int], list[tuple[Any, ...]]]

rows_of = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(-15, 15)), max_size=40)


def kernel(rows: list[tuple[int, int, int]], window: int, fewest: int, threads: int = 2) -> list[tuple[Any, ...]]:
    account, obj, t = (np.array([r[i] for r in rows], np.int64) for i in range(3))
    found = blocks(account.astype(np.int32), obj.astype(np.int32), t, window, fewest, threads)
    return [tuple(edge[c].item() for c in COLUMNS) for block in found for edge in block]


@given(rows_of, st.integers(0, 12), st.integers(1, 3))
@settings(max_examples=200, deadline=None)
def test_every_column_equals_a_loop_over_all_pairs(every_edge: Edges, rows: Any, window: int, fewest: int) -> None:
    assert kernel(rows, window, fewest) == every_edge(rows, window, fewest)


@given(rows_of, st.integers(0, 12), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_order_of_rows_and_number_of_threads_do_not_matter(rows: Any, window: int, random: Any) -> None:
    expected = kernel(rows, window, 1, threads=1)
    random.shuffle(rows)
    assert all(kernel(rows, window, 1, threads) == expected for threads in (1, 2, 4))


def test_many_blocks_and_large_results_equal_one_thread() -> None:
    rng = np.random.default_rng(3)
    n = 60_000
    account, obj = rng.integers(0, 3_000, n).astype(np.int32), (rng.random(n) ** 3 * 2_000).astype(np.int32)
    t = rng.integers(0, 40_000, n)
    runs = [np.concatenate(list(blocks(account, obj, t, 300, 1, threads))) for threads in (1, 2, 4)]
    assert len(runs[0]) > 20_000
    assert all(np.array_equal(run, runs[0]) for run in runs)
    keys = runs[0]["a"].astype(np.int64) * 3_000 + runs[0]["b"]
    assert (np.diff(keys) > 0).all()
    backwards = [np.ascontiguousarray(column[::-1]) for column in (account, obj, t)]
    reversed_run = np.concatenate(list(blocks(*backwards, 300, 1)))
    assert np.array_equal(reversed_run, runs[0])
    fewer = np.concatenate(list(blocks(account, obj, t, 300, 3)))
    assert np.array_equal(fewer, runs[0][runs[0]["n_objects"] >= 3])


def test_lags_of_centuries_are_summed_without_overflow(every_edge: Edges) -> None:
    apart = 2**61 - 1
    rows = [(0, 0, -apart), (1, 0, apart), (1, 0, apart), (1, 0, apart - 1), (0, 0, -apart), (2, 1, 0), (2, 0, 5)]
    found = kernel(rows, 2**62, 1)
    expected = every_edge(rows, 2**62, 1)
    for f, e in zip(found, expected, strict=True):
        assert f == (*e[:8], pytest.approx(e[8], rel=1e-12), e[9])
    assert kernel(rows, 10**40, 1) == found


def test_no_actions_give_one_empty_block() -> None:
    none = np.zeros(0, np.int32)
    found = list(blocks(none, none, np.zeros(0, np.int64), 60, 1))
    assert [(len(block), block.dtype) for block in found] == [(0, EDGE)]


@given(rows_of)
@settings(max_examples=100, deadline=None)
def test_the_order_is_by_object_then_time_and_stable(rows: Any) -> None:
    obj, t = np.array([r[1] for r in rows], np.int32), np.array([r[2] * 10**9 for r in rows], np.int64)
    assert sort_by_object_time(obj, t).tolist() == sorted(range(len(rows)), key=lambda i: (obj[i], t[i]))


def test_times_over_the_whole_range_are_sorted() -> None:
    t = np.random.default_rng(0).integers(-(2**61), 2**61, 5_000)
    t[:2] = [2**61 - 1, 1 - 2**61]
    obj = (np.arange(5_000) % 7).astype(np.int32)
    assert np.array_equal(sort_by_object_time(obj, t), np.lexsort((t, obj)))


@given(rows_of, st.integers(0, 12))
@settings(max_examples=100, deadline=None)
def test_windows_are_inclusive_at_both_ends_and_stay_on_the_object(rows: Any, window: int) -> None:
    rows = sorted((o, t) for _, o, t in rows)
    obj, t = np.array([r[0] for r in rows], np.int32), np.array([r[1] for r in rows], np.int64)
    lo, hi = window_bounds(obj, t, window)
    for i in range(len(rows)):
        inside = [j for j in range(len(rows)) if obj[j] == obj[i] and abs(t[j] - t[i]) <= window]
        assert list(range(lo[i], hi[i])) == inside


@given(rows_of, st.integers(0, 12), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_fewest_actions_of_either_account(every_edge: Edges, rows: Any, window: int, fewest: int) -> None:
    account, obj, t = (np.array([r[i] for r in rows], np.int64) for i in range(3))
    found = blocks(account.astype(np.int32), obj.astype(np.int32), t, window, 1, 1, min_actions=fewest)
    pairs = [(int(edge["a"]), int(edge["b"])) for block in found for edge in block]
    assert pairs == [(e[0], e[1]) for e in every_edge(rows, window, 1) if max(e[4], e[5]) >= fewest]


@pytest.mark.parametrize(("held", "asked", "size"), [(4, 3, 4), (4, 4, 4), (4, 5, 8), (4, 20, 20), (0, 1, 1)])
def test_an_array_grows_to_what_is_asked_or_twice_its_size(held: int, asked: int, size: int) -> None:
    values = np.arange(held, dtype=np.int32)
    grown = with_room(values, asked)
    assert (grown.size, grown.dtype, grown[:held].tolist()) == (size, np.int32, list(range(held)))
