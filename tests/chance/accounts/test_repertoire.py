"""C by a second route, and that one live match is one occasion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spmc_tools.chance.accounts.repertoire import compressed_objects, repertoire
from spmc_tools.chance.pairs.occasions import Timeline, first_actions, timeline

DAY = 86_400


def world(seed: int, strikes: int = 8, gap: float = 0.7 * DAY) -> Timeline:
    """200 objects on about ten accounts each, slow; and some on ten members within seconds."""
    rng = np.random.default_rng(seed)
    rows = [
        (int(a), o, rng.uniform(0, 1) * DAY + o % 6 * DAY)
        for o in range(800)
        for a in rng.choice(np.arange(20, 220), size=10, replace=False)
    ]
    rows += [(m, 800 + k, k * gap + m) for k in range(strikes) for m in range(10)]
    account, thing, t = (np.array(c) for c in zip(*rows, strict=True))
    account, thing, t_us = account.astype(np.int32), thing.astype(np.int32), (t * 1e6).astype(np.int64)
    keep = first_actions(account, thing, t_us)
    return timeline(account[keep], thing[keep], thing[keep], t_us[keep], 220, 820)


def test_by_a_second_route() -> None:
    line = world(0)
    compressed = compressed_objects(line.object, line.t_us)
    sizes = np.bincount(line.object)
    spread = {}
    for o in range(sizes.size):
        t = np.sort(line.t_us[line.object == o])
        if t.size >= 5:
            spread[o] = (int(np.log2(t.size)), t[int(np.ceil(0.75 * t.size)) - 1] - t[int(np.ceil(0.1 * t.size)) - 1])
    for level in {k for k, _ in spread.values()}:
        own = {o: s for o, (k, s) in spread.items() if k == level}
        limit = sorted(own.values())[int(0.02 * len(own)) - 1] if len(own) >= 20 else -1
        assert {o for o in own if compressed[o]} == {o for o, s in own.items() if s <= limit}
    found = repertoire(line)
    on = compressed[line.object]
    assert found.share == pytest.approx(on.mean())
    for i in range(10):
        d = int((line.account == i).sum())
        assert found.actions[i] == d
        assert found.occasions[i] == 8
        assert found.p[i] == pytest.approx(stats.binom.sf(7, d, on.mean()))
    assert (found.p[20:] > 1e-4).all() and (found.p[:10] < 1e-6).all()


def test_one_afternoon_is_one_occasion() -> None:
    found = repertoire(world(1, gap=600.0))
    assert (found.occasions[:10] == 1).all() and (found.p[:10] == 1).all()


@pytest.mark.parametrize(("n_objects", "expected"), [(19, []), (20, [3])])
def test_the_fastest_of_twenty_objects_is_compressed(n_objects: int, expected: list[int]) -> None:
    """Each on five accounts; its first and fourth, by ceil(.1·5) and ceil(.75·5), lie the less apart for object 3."""
    spread = np.arange(2, n_objects + 2)
    spread[3] = 1
    t = (np.array([0, 1, 2, 3, 9])[None, :] * spread[:, None]).ravel().astype(np.int64)
    thing = np.repeat(np.arange(n_objects, dtype=np.int32), 5)
    found = compressed_objects(thing, t)
    assert found.shape == (n_objects,) and np.flatnonzero(found).tolist() == expected


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 50), names=st.integers(0, 2**32 - 1))
def test_names_change_nothing_and_one_strike_more_never_makes_it_likelier(seed: int, names: int) -> None:
    line = world(seed, strikes=5)
    own = repertoire(line)
    new = np.random.default_rng(names).permutation(220).astype(np.int32)
    rows = np.lexsort((new[line.account], line.t_us, line.object))
    renamed = timeline(
        new[line.account[rows]], line.object[rows], line.source[rows], line.t_us[rows], line.n_accounts, line.n_sources
    )
    found = repertoire(renamed)
    assert found.p[new] == pytest.approx(own.p)
    assert (found.occasions[new] == own.occasions).all()
    more = repertoire(world(seed, strikes=6))
    assert (more.p[:10] <= own.p[:10]).all()


def test_constant_times_and_nothing() -> None:
    line = world(2)
    still = Timeline(line.account, line.object, line.source, np.zeros_like(line.t_us), line.ptr, line.pos, 220, 820)
    found = repertoire(still)
    assert np.isfinite(found.p).all() and (found.p == 1).all()
    empty = timeline(*(np.empty(0, np.int32),) * 3, np.empty(0, np.int64), 2, 1)
    assert repertoire(empty).p.tolist() == [1.0, 1.0]
