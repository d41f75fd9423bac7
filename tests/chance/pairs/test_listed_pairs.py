"""The walk over the objects that two accounts share, against sets."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.chance.pairs.listed_pairs import next_common

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
