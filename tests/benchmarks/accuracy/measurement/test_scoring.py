"""Measures of rankings, names and clusters, against hand calculation, enumeration and scipy."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from benchmarks.accuracy.measurement import scoring

RANKED = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=12).filter(
    lambda rows: 0 < sum(right for _, right in rows) < len(rows)
)


def columns(rows):
    return np.array([score for score, _ in rows], float), np.array([right for _, right in rows])


@given(RANKED)
def test_area_is_the_share_of_pairs_in_the_right_order(rows) -> None:
    score, right = columns(rows)
    pairs = [(a > b) + 0.5 * (a == b) for a in score[right] for b in score[~right]]
    assert scoring.area_under_curve(score, right) == pytest.approx(np.mean(pairs))


@given(RANKED)
def test_average_precision_steps_over_thresholds(rows) -> None:
    score, right = columns(rows)
    expected, before = 0.0, 0.0
    for cut in sorted(set(score), reverse=True):
        taken = score >= cut
        recall = right[taken].sum() / right.sum()
        expected += (recall - before) * right[taken].mean()
        before = recall
    assert scoring.average_precision(score, right) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("right", "expected"),
    [([1, 1, 0], 1.0), ([0, 1], 0.5), ([1, 0, 1, 0], (1 + 2 / 3) / 2), ([0, 0, 1], 1 / 3)],
)
def test_average_precision_by_hand(right: list[int], expected: float) -> None:
    score = -np.arange(len(right), dtype=float)
    assert scoring.average_precision(score, np.array(right, bool)) == pytest.approx(expected)


def test_half_octaves_by_hand() -> None:
    # 2 · log2 n is 0, 2, 3.17, 4, 4.64, 5.17, 5.61, 6, 6.98, 7.02, 8, 20, and just below and above 2 · log2 2^9.5
    n_posts = np.array([1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 16, 1024, 724, 725])
    assert scoring.half_octave(n_posts).tolist() == [0, 2, 3, 4, 4, 5, 5, 6, 6, 7, 8, 20, 18, 19]


@given(st.integers(1, 10**9))
def test_half_octaves_in_whole_numbers(n: int) -> None:
    octave = int(scoring.half_octave(np.array([n]))[0])
    assert 2**octave <= n * n < 2 ** (octave + 1)


def test_matched_average_precision_by_hand() -> None:
    # 4 and 5 posts: right, wrong, right in this order, (1 + 2/3) / 2 with two right; 8 to 11 posts: wrong above right,
    # 1/2 with one right; 16 posts: right alone, 32 posts: wrong alone, 2 posts: not judged
    score = np.array([9, 8, 7, 5, 4, 3, 99, 0, 1.0])
    right = np.array([1, 0, 1, 0, 1, 1, 0, 1, 0], bool)
    n_posts = np.array([4, 5, 4, 8, 11, 16, 32, 2, 2])
    expected = (2 * (1 + 2 / 3) / 2 + 1 / 2) / 3
    assert scoring.matched_average_precision(score, right, n_posts) == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(1, 40)), max_size=25))
def test_matched_average_precision_by_plain_loops(rows) -> None:
    octaves: dict[int, list[tuple[int, bool]]] = {}
    for score, right, n in rows:
        if n >= 3:
            octaves.setdefault(int(2 * math.log2(n) + 1e-9), []).append((score, right))
    total, weight = 0.0, 0
    for members in octaves.values():
        n_right = sum(right for _, right in members)
        if 0 < n_right < len(members):
            before = 0.0
            for cut in sorted({score for score, _ in members}, reverse=True):
                taken = [right for score, right in members if score >= cut]
                total += (sum(taken) - before) * sum(taken) / len(taken)
                before = sum(taken)
            weight += n_right
    columns_of_rows = [np.array(x) for x in zip(*rows, strict=True)] or [np.empty(0), np.empty(0, bool), np.empty(0)]
    found = scoring.matched_average_precision(*columns_of_rows)
    assert found == pytest.approx(total / weight) if weight else np.isnan(found)


def test_activity_alone_does_not_reach_the_matched_figure() -> None:
    n_posts = np.array([3] * 10 + [100] * 10)
    right = np.array([True] + [False] * 9 + [True] * 9 + [False])
    assert scoring.average_precision(n_posts, right) > 0.85
    assert scoring.matched_average_precision(n_posts, right, n_posts) == pytest.approx((1 * 0.1 + 9 * 0.9) / 10)


def test_a_constant_score_is_as_good_as_chance() -> None:
    right = np.array([True] * 3 + [False] * 97)
    assert scoring.area_under_curve(np.zeros(100), right) == 0.5
    assert scoring.average_precision(np.zeros(100), right) == pytest.approx(0.03)
    assert scoring.precision_at(np.zeros(100), right, 10) == pytest.approx(0.03)


@given(RANKED, st.integers(1, 14))
def test_precision_at_k_is_the_mean_over_all_orders_of_ties(rows, k) -> None:
    score, right = columns(rows)
    order = np.argsort(-score, kind="stable")
    own = right[order]
    cut = score[order][min(k, len(rows)) - 1]
    sure, tied = own[score[order] > cut], own[score[order] == cut]
    expected = (sure.sum() + (min(k, len(rows)) - sure.size) * tied.mean()) / k
    assert scoring.precision_at(score, right, k) == pytest.approx(expected)


@given(RANKED)
def test_the_best_cut_has_the_largest_f1(rows) -> None:
    score, right = columns(rows)

    def f1(hits, taken):
        return 2 * hits / (taken + right.sum())

    every = [f1(right[score >= cut].sum(), (score >= cut).sum()) for cut in set(score)]
    assert f1(*scoring.best_f1(score, right)) == pytest.approx(max(every))


@given(RANKED)
def test_precision_on_the_grid_is_the_best_at_this_recall_or_more(rows) -> None:
    score, right = columns(rows)
    recalls = np.array([0.1, 0.5, 1.0])
    for recall, got in zip(recalls, scoring.precision_on_grid(score, right, recalls), strict=True):
        reach = [right[score >= c].mean() for c in set(score) if right[score >= c].sum() / right.sum() >= recall - 1e-9]
        assert got == pytest.approx(max(reach))


@pytest.mark.parametrize("draws", [1, 20, 40_000])
def test_the_exact_interval_of_no_hits(draws: int) -> None:
    low, high = scoring.clopper_pearson(0, draws)
    assert low == 0
    assert (1 - high) ** draws == pytest.approx(0.025)


def test_the_exact_interval_agrees_with_binomial_tails() -> None:
    low, high = scoring.clopper_pearson(7, 50)
    assert binom.sf(6, 50, low) == pytest.approx(0.025)
    assert binom.cdf(7, 50, high) == pytest.approx(0.025)
    assert scoring.clopper_pearson(50, 50)[1] == 1
    assert scoring.clopper_pearson(0, 0) == (0, 1)


PARTITION = st.lists(st.integers(0, 3), min_size=2, max_size=9)


@given(PARTITION, st.data())
def test_adjusted_rand_from_all_pairs(truth, data) -> None:
    found = data.draw(st.lists(st.integers(0, 3), min_size=len(truth), max_size=len(truth)))
    pairs = list(itertools.combinations(range(len(truth)), 2))
    same = [(truth[i] == truth[j], found[i] == found[j]) for i, j in pairs]
    both, rows, cols = (sum(f(t, c) for t, c in same) for f in (lambda t, c: t and c, lambda t, _: t, lambda _, c: c))
    expected = rows * cols / len(pairs)
    most = (rows + cols) / 2
    by_hand = 1.0 if most == expected else (both - expected) / (most - expected)
    assert scoring.adjusted_rand(np.array(truth), np.array(found)) == pytest.approx(by_hand)


def test_v_measure_of_equal_split_and_merged_clusters() -> None:
    truth = np.array([0, 0, 1, 1])
    assert scoring.v_measure(truth, np.array([5, 5, 2, 2])) == pytest.approx(1)
    assert scoring.v_measure(truth, np.array([0, 0, 0, 0])) == 0
    # each alone: homogeneity 1, completeness 1 - (ln 4 - ln 2) / ln 4 = 1/2
    assert scoring.v_measure(truth, np.arange(4)) == pytest.approx(2 / 3)


def test_weighted_purity_by_hand() -> None:
    # clusters of 4 (all right) and of 4 (one right): (4·1 + 4/16) / (4 + 1)
    right = np.array([1, 1, 1, 1, 1, 0, 0, 0], bool)
    assert scoring.weighted_purity(right, np.array([0] * 4 + [1] * 4)) == pytest.approx(4.25 / 5)
