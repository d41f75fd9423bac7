"""Roles: who leads by enumeration, participation and cores beside networkx."""

from __future__ import annotations

import itertools
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spmc_tools.network.roles import COLUMNS, leading, most_amplified, participation, roles

ACTS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abcd"), st.integers(0, 5)), min_size=1, max_size=20)


def frame(rows: list[tuple[Any, str, int]]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["object_id", "account_id", "t"])
    return made.assign(t=pd.to_datetime(made["t"], unit="s", utc=True), source_id="s" + made["object_id"].astype(str))


@settings(max_examples=80, deadline=None)
@given(ACTS)
def test_leading_by_enumeration(rows: list[tuple[int, str, int]]) -> None:
    found = leading(frame(rows))
    objects: dict[int, dict[str, int]] = {}
    for o, a, t in rows:
        own = objects.setdefault(o, {})
        own[a] = min(t, own.get(a, t))
    for account in {a for _, a, _ in rows}:
        shared = [own for own in objects.values() if account in own and len(own) >= 2]
        if not shared:
            assert account not in found.index
            continue
        led = sum(all(own[account] < t for a, t in own.items() if a != account) for own in shared)
        tail = 0.0
        for outcome in itertools.product((0, 1), repeat=len(shared)):
            if sum(outcome) >= led:
                tail += float(
                    np.prod([1 / len(o) if hit else 1 - 1 / len(o) for o, hit in zip(shared, outcome, strict=True)])
                )
        row = found.loc[account]
        assert (row["n_objects"], row["n_first"]) == (len(shared), led)
        assert row["expected_first"] == pytest.approx(sum(1 / len(o) for o in shared))
        assert row["p_first"] == pytest.approx(tail)


def test_of_two_it_is_the_sign_test() -> None:
    rows = [(o, a, t) for o in range(20) for a, t in (("a", 0), ("b", 1))]
    rows[0], rows[1] = (0, "a", 1), (0, "b", 0)
    assert leading(frame(rows)).loc["a", "p_first"] == pytest.approx(stats.binomtest(19, 20, 0.5, "greater").pvalue)


def clique(names: str) -> list[tuple[str, str]]:
    return list(itertools.combinations(names, 2))


def test_roles_of_a_made_up_cluster() -> None:
    rows = [
        (f"o{k}", a, 0 if a == "s" else 5 + place + (k + place) % 3)
        for k in range(20)
        for place, a in enumerate("sabc")
    ]
    rows += [(f"p{k}", a, k + place) for k in range(3) for place, a in enumerate("wxyz")]
    pairs = [*clique("sabc"), *clique("wxyz"), ("b", "m"), ("c", "m"), ("m", "x"), ("m", "y")]
    links = pd.DataFrame(pairs, columns=["account_a", "account_b"]).assign(p=1e-6)
    found = roles(frame(rows), pd.concat([links, links.assign(p=0.5)]), [*"sabcwxyzm", "alone"]).set_index("account_id")
    assert ("account_id", *found.columns) == COLUMNS
    assert found.loc["s", "role"] == "earliest in this collection"
    assert found.loc["m", "role"] == "bridge" and found.loc["m", "participation"] == pytest.approx(0.5)
    assert found.loc["c", "role"] == "amplifier"
    assert found.loc["alone"].drop("role").tolist()[:3] == [0, 0, 0.0]
    graph = nx.Graph(pairs)
    assert all(found.loc[a, "core"] == k for a, k in nx.core_number(graph).items())
    assert all(found.loc[a, "strength"] == pytest.approx(-np.log(1e-6) * k) for a, k in graph.degree())
    assert np.isfinite(found.drop(columns="role").to_numpy(dtype=float)).all()
    mixed = roles(
        frame(rows).sample(frac=1, random_state=0), links.sample(frac=1, random_state=1), [*"mzyxwcbas", "alone"]
    )
    pd.testing.assert_frame_equal(mixed.set_index("account_id").loc[found.index], found)


def test_participation() -> None:
    links = pd.DataFrame([("a", "b"), ("a", "c"), ("a", "d")], columns=["account_a", "account_b"])
    part = participation(links, {"a": 0, "b": 0, "c": 1, "d": 2})
    assert part["a"] == pytest.approx(1 - 3 / 9) and part["b"] == 0


def test_whose_posts_were_raised_most() -> None:
    acts = frame([("1", "a", 0), ("1", "b", 1), ("2", "a", 2)]).assign(source_id=["z", "z", None])
    assert most_amplified(acts).to_dict("records") == [
        {"source_id": "z", "n_objects": 1, "n_accounts": 2, "n_actions": 2}
    ]


def test_nothing_to_go_on() -> None:
    none = frame([]).iloc[:0]
    links = pd.DataFrame({"account_a": ["a"], "account_b": ["b"], "p": [0.0]})
    found = roles(none, links, ["a", "b"])
    assert found["role"].isna().all() and (found["p_first"] == 1).all()
    assert len(leading(none)) == 0
    same = roles(frame([(o, a, 0) for o in range(9) for a in "ab"]), links, ["a", "b"])
    assert (same["n_first"] == 0).all() and (same["q_first"] == 1).all()
