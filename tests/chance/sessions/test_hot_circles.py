"""Hot for everybody or for one circle: a night that a hundred accounts fill, and crowds with no circle."""

from __future__ import annotations

import numpy as np

from spmc_tools.chance.pairs.hot_objects import hot_bins
from spmc_tools.chance.pairs.occasions import timeline
from spmc_tools.chance.sessions.hot_circles import hot_circles

HOUR = 3_600
N = 3_000
NIGHT = 50 * HOUR


def line_of(acts: list[tuple[np.ndarray, int, int]]):
    """Return the timeline of some (accounts, object, start), each within a minute; an object is its own source."""
    account = np.concatenate([who for who, _, _ in acts])
    object_ = np.concatenate([np.full(who.size, thing) for who, thing, _ in acts])
    second = np.concatenate([start + np.arange(who.size) % 60 for who, _, start in acts])
    order = np.lexsort((account, second, object_))
    whole = [column[order].astype(np.int32) for column in (account, object_, object_)]
    return timeline(*whole, second[order].astype(np.int64) * 1_000_000, N, int(object_.max()) + 1)


def night(rng: np.random.Generator, members: np.ndarray, n_objects: int, share: float):
    return [(members[rng.random(members.size) < share], n, NIGHT + n * 600) for n in range(n_objects)]


def hot_of(line):
    return hot_bins(line.object, line.t_us, line.n_accounts, 600.0)


def test_a_night_that_one_circle_fills_is_told_from_what_everybody_shares() -> None:
    rng = np.random.default_rng(1)
    members = np.arange(200, 300)
    readers = rng.permutation(N)[:1800].reshape(12, 150)  # nobody else passes on two of the things
    everybody = [(np.setdiff1d(readers[n], members), 30 + n, NIGHT + n * 900) for n in range(12)]
    line = line_of([*night(rng, members, 18, 0.8), *everybody])
    hot = hot_of(line)
    assert hot.action.all()  # every object of that night is set aside
    [circle] = hot_circles(line, hot)
    assert circle.members.tolist() == members.tolist()
    assert set(line.object[circle.acts].tolist()) == set(range(18))


def test_eight_sources_and_what_everybody_shares_make_no_circle() -> None:
    rng = np.random.default_rng(2)
    members = np.arange(200, 300)
    line = line_of(night(rng, members, 8, 0.9))
    assert hot_of(line).action.all() and hot_circles(line, hot_of(line)) == []
    line = line_of([(rng.choice(N, 150, replace=False), n, NIGHT + n * 900) for n in range(20)])
    assert hot_of(line).action.all() and hot_circles(line, hot_of(line)) == []


def test_a_circle_at_the_edge_of_a_grid_is_found_once() -> None:
    rng = np.random.default_rng(3)
    members = np.arange(100)
    acts = [(who, thing, start + 4 * HOUR) for who, thing, start in night(rng, members, 18, 0.8)]
    line = line_of(acts)
    [circle] = hot_circles(line, hot_of(line))
    assert circle.members.tolist() == members.tolist()


def test_who_fills_a_night_is_a_circle_though_nothing_is_hot() -> None:
    rng = np.random.default_rng(4)
    members = np.arange(200, 240)
    busy = [(rng.choice(N, 12, replace=False), 100 + n, NIGHT + n * 30) for n in range(300)]  # nobody's share is hot
    line = line_of([*night(rng, members, 18, 0.8), *busy])
    assert not hot_of(line).action.any()
    [circle] = hot_circles(line, hot_of(line))
    assert circle.members.tolist() == members.tolist()
    assert set(line.object[circle.acts].tolist()) == set(range(18))


def test_nineteen_accounts_at_a_time_fill_nothing() -> None:
    for n, found in ((19, 0), (20, 1)):
        line = line_of([(np.arange(n), thing, NIGHT + thing * 900) for thing in range(12)])
        assert not hot_of(line).action.any() and len(hot_circles(line, hot_of(line))) == found
