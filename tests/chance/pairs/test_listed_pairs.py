"""The walk over the objects that two accounts share, against sets; their coactions, against loops."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.chance.pairs.listed_pairs import by_account, coaction_columns, next_common

OBJECTS = st.lists(st.integers(0, 12), max_size=12).map(sorted)


@settings(deadline=None)  # compiled on first use
@given(OBJECTS, OBJECTS)
def test_the_walk_meets_every_common_object_once_per_pair_of_rows(of_a: list[int], of_b: list[int]) -> None:
    """Rows of one object that stand twice are met in step, as often as the account with fewer of them has them."""
    object_ = np.array([*of_a, *of_b], np.int32)
    x, x_end, y, y_end = 0, len(of_a), len(of_a), object_.size
    met = []
    x, y = next_common(object_, x, x_end, y, y_end)
    while x < x_end:
        assert object_[x] == object_[y] and len(of_a) <= y < y_end
        met.append(int(object_[x]))
        x, y = next_common(object_, x + 1, x_end, y + 1, y_end)
    assert (x, y) == (x_end, y_end)
    assert met == sorted(o for o in set(of_a) & set(of_b) for _ in range(min(of_a.count(o), of_b.count(o))))


ACTS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 12)), max_size=14)


@settings(deadline=None)
@given(ACTS, st.integers(0, 5))
def test_coactions_of_a_pair_are_those_of_two_loops(acts: list[tuple[int, int, int]], window: int) -> None:
    """Account, object and second; the window is inclusive, and one act may be in several coactions."""
    account, object_, second = (np.array([act[k] for act in acts], np.int64) for k in range(3))
    actions = by_account(account.astype(np.int32), object_.astype(np.int32), second * 1_000_000, 2)
    pair = np.array([0], np.int32), np.array([1], np.int32)
    found = {name: column[0] for name, column in coaction_columns(actions, *pair, float(window)).items()}
    of_a, of_b = ([(n, o, t) for n, (a, o, t) in enumerate(acts) if a == who] for who in (0, 1))
    both = [(x, y) for x in of_a for y in of_b if x[1] == y[1] and abs(x[2] - y[2]) <= window]
    assert found["n_pairs"] == len(both)
    assert found["n_objects"] == len({x[1] for x, _ in both})
    assert found["n_actions_a"] == len({x[0] for x, _ in both})
    assert found["n_actions_b"] == len({y[0] for _, y in both})
    assert found["lag_us"] == 1_000_000 * sum(abs(x[2] - y[2]) for x, y in both)
    assert found["n_a_first"] == sum(x[2] < y[2] for x, y in both)
    if both:
        assert found["first"] == 1_000_000 * min(min(x[2], y[2]) for x, y in both)
        assert found["last"] == 1_000_000 * max(max(x[2], y[2]) for x, y in both)
