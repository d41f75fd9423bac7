"""The untimed model: expectation by enumeration, pairs by brute force, wide objects set aside."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spmc_tools.chance.pairs.retained import source_of_objects
from spmc_tools.chance.pairs.untimed_objects import shared_expectation, untimed_pairs
from spmc_tools.coaction.traces.actions import encode

HOUR = 3600
ACTIONS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 6), st.integers(0, 60 * HOUR)), min_size=2, max_size=40, unique=True
)


def found(rows: list[tuple[Any, Any, int]]) -> Any:
    frame = pd.DataFrame(rows, columns=["account_id", "object_id", "t"])
    encoded = encode(frame)
    return encoded, untimed_pairs(encoded, source_of_objects(encoded)[0])


@settings(max_examples=60, deadline=None)
@given(ACTIONS)
def test_pairs_by_brute_force(rows: list[tuple[int, int, int]]) -> None:
    encoded, pairs = found(rows)
    first: dict[tuple[int, int], int] = {}
    for account, thing, t in rows:
        first[account, thing] = min(t, first.get((account, thing), t))
    things = sorted({thing for _, thing in first})
    degree = {a: sum(x == a for x, _ in first) for a, _ in first}
    spread = {o: sum(x == o for _, x in first) for o in things}
    meetings = {
        (a, b): sorted(min(first[a, o], first[b, o]) for o in things if (a, o) in first and (b, o) in first)
        for a, b in itertools.combinations(sorted(degree), 2)
    }
    partners = {a: sum(bool(own) for pair, own in meetings.items() if a in pair) for a in degree}
    met = sum(bool(own) for own in meetings.values())
    total = len(first)
    wanted = {}
    for (a, b), times in meetings.items():
        n, last = 0, None
        for t in times:
            if last is None or t - last >= 6 * HOUR:
                n, last = n + 1, t
        if n >= 2:
            shared = degree[a] * degree[b] * sum(k * (k - 1) for k in spread.values()) / total**2
            by_degree = -np.log(1 - min((partners[a] + 1) * (partners[b] + 1) / (2 * met), 0.95))
            wanted[a, b] = (n, shared, by_degree, stats.poisson.sf(n - 1, max(shared, by_degree)))
    ids = encoded.accounts.to_pylist()
    seen = {
        (ids[a], ids[b]): (n, shared, by_degree, p)
        for a, b, n, shared, by_degree, p in zip(
            pairs.a, pairs.b, pairs.n_occasions, pairs.expected_shared, pairs.expected_degree, pairs.p, strict=True
        )
    }
    assert seen.keys() == wanted.keys()
    for pair, numbers in wanted.items():
        assert seen[pair] == pytest.approx(numbers)


def test_expectation_is_the_mean_over_the_configuration_model() -> None:
    """Stubs of accounts and objects matched at random, many times."""
    degree, spread = [3, 2, 4, 6, 5], [4, 3, 5, 2, 6]
    account = np.repeat(np.arange(5), degree).astype(np.int32)
    object_ = np.repeat(np.arange(5), spread).astype(np.int32)
    rng = np.random.default_rng(0)
    shared = []
    for _ in range(4000):
        table = np.zeros((5, 5))
        np.add.at(table, (account, rng.permutation(object_)), 1)
        shared.append(table[0] @ table[1])
    a, b = np.array([0], np.int32), np.array([1], np.int32)
    expected = float(shared_expectation(account, object_, 5, a, b)[0])
    assert expected == pytest.approx(np.mean(shared), rel=0.1)


def test_wide_objects_are_set_aside_and_counted() -> None:
    rows = [(f"a{n:03d}", "greeting", n) for n in range(60)]
    rows += [(a, o, 7 * HOUR * k) for k, o in enumerate("xyz") for a in ("p", "q")]
    encoded, pairs = found(rows)
    assert encoded.objects[int(pairs.wide.object[0])].as_py() == "greeting"
    assert pairs.wide.n_actions.tolist() == [60]
    assert pairs.n_occasions.tolist() == [3]
    assert pairs.line.object.size == 6


def test_one_burst_is_one_occasion() -> None:
    rows = [(a, f"o{k}", 60 * k) for k in range(30) for a in ("p", "q")]
    assert found(rows)[1].a.size == 0


def test_bad_input() -> None:
    for rows in (
        [("p", "x", 0)],
        [("p", "x", 0), ("q", "x", 0)],
        [(f"a{n}", f"o{k}", 0) for n in range(5) for k in range(5)],
    ):
        pairs = found(rows)[1]
        assert pairs.a.size == 0
