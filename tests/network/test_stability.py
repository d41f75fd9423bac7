"""Clusters that stand on many objects stay; one that stands on a few does not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from spmc_tools.network.stability import stability


def shared(objects_of: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    pair = np.repeat(np.arange(len(objects_of)), [len(o) for o in objects_of]).astype(np.int64)
    return pair, np.array(list(itertools.chain(*objects_of)), dtype=np.int64)


def cliques(*groups: range) -> np.ndarray:
    return np.array([pair for group in groups for pair in itertools.combinations(group, 2)], dtype=np.int64)


def test_two_separate_groups_on_many_objects_stay() -> None:
    pairs = cliques(range(6), range(6, 14))
    objects = [list(range(20)) if a < 6 else list(range(20, 40)) for a, _ in pairs]
    kept = stability(pairs, np.ones(len(pairs)), shared(objects), [frozenset(range(6)), frozenset(range(6, 14))])
    assert kept == [1.0, 1.0]


def test_a_group_that_is_none_is_never_kept() -> None:
    pairs = cliques(range(6), range(6, 14))
    objects = [list(range(20))] * len(pairs)
    mixed = frozenset([0, 1, 2, 6, 7, 8])
    assert stability(pairs, np.ones(len(pairs)), shared(objects), [mixed]) == [0.0]


def test_two_objects_are_a_weak_ground() -> None:
    pairs = cliques(range(5))
    pair, object_ = shared([[0, 1]] * len(pairs) + [[2, 3, 4, 5, 6, 7, 8, 9]])
    pairs = np.vstack([pairs, [[10, 11]]])
    kept = stability(pairs, np.ones(len(pairs)), (pair, object_), [frozenset(range(5)), frozenset([10, 11])], seed=1)
    # both of two objects among ten stay when two are left out: 8/10 * 7/9 = .62
    assert kept[0] == pytest.approx(0.62, abs=0.25)
    assert kept[1] == 1.0


def test_same_seed_same_shares() -> None:
    pairs = cliques(range(8))
    objects = [[a, b, a + b] for a, b in pairs]
    one, two = (stability(pairs, np.ones(len(pairs)), shared(objects), [frozenset(range(8))], seed=4) for _ in "12")
    assert one == two
    assert stability(np.zeros((0, 2), dtype=np.int64), np.zeros(0), shared([]), []) == []
