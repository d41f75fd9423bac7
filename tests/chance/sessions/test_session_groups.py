"""Groups within sessions: an evening in a crowd, by hand, and against accounts dealt anew."""

from __future__ import annotations

import numpy as np
import pytest

from spmc_tools.chance.pairs.occasions import timeline
from spmc_tools.chance.sessions import session_pairs as of_pairs
from spmc_tools.chance.sessions.hot_circles import HotCircle
from spmc_tools.chance.sessions.rare_meetings import acts_in_step, rare_groups
from spmc_tools.chance.sessions.session_groups import session_tests
from spmc_tools.chance.sessions.session_pairs import session_pairs

HOUR = 3_600
N = 3_000


def line_of(account: np.ndarray, object_: np.ndarray, second: np.ndarray, source: np.ndarray):
    order = np.lexsort((account, second, object_))
    whole = [column[order].astype(np.int32) for column in (account, object_, source)]
    return timeline(*whole, second[order].astype(np.int64) * 1_000_000, N, int(source.max()) + 1)


def crowd(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return everyday acts of a week: each account on twenty objects of two thousand, each of its own source."""
    account = np.repeat(np.arange(N), 20)
    object_ = np.concatenate([rng.choice(2_000, 20, replace=False) for _ in range(N)])
    return account, object_, rng.integers(0, 7 * 24 * HOUR, account.size)


def evening(rng: np.random.Generator, members: np.ndarray, strikes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what some accounts do together in three hours of one evening, on new objects, seven of ten each time."""
    start = 4 * 24 * HOUR + 18 * HOUR
    parts = []
    for strike in range(strikes):
        here = members[rng.random(members.size) < 0.7]
        at = start + strike * (3 * HOUR // strikes)
        parts.append((here, np.full(here.size, 2_000 + strike), at + rng.integers(0, 60, here.size)))
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))  # type: ignore[return-value]


def evening_in_a_crowd(seed: int, strikes: int, n_members: int = 12):
    rng = np.random.default_rng(seed)
    members = np.sort(rng.choice(N, n_members, replace=False))
    acts = [np.concatenate(both) for both in zip(crowd(rng), evening(rng, members, strikes), strict=True)]
    line = line_of(acts[0], acts[1], acts[2], acts[1])
    return members, line, session_tests(line, (60.0, 600.0), np.zeros(N, np.int32))


def rare(line, window: float):
    return rare_groups(acts_in_step(line, window, np.zeros(N, np.int32)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_evening_of_fifteen_strikes_is_one_group_and_nobody_else_is_found(seed: int) -> None:
    members, line, found = evening_in_a_crowd(seed, 15)
    [group] = found.groups
    assert group.members.tolist() == members.tolist()
    assert group.window_s == 60.0 and group.met.n_sources == 15
    inside = np.isin(line.account, members)
    at = list(zip(line.object[inside].tolist(), (line.t_us[inside] // 1_000_000).tolist(), strict=True))
    assert group.met.n == sum(x[0] == y[0] and abs(x[1] - y[1]) <= 60 for k, x in enumerate(at) for y in at[:k])
    assert group.met.expected < 0.2 * group.met.n
    assert set(np.flatnonzero(found.q < 0.05)) == set(members)
    assert group.p == found.p[members].max()
    assert set(np.argsort(-found.strength)[:12]) == set(members)


def test_the_probability_is_that_of_the_third_strongest_partner_paid_for() -> None:
    members, line, found = evening_in_a_crowd(1, 15)
    shown = [session_pairs(line, window, np.zeros(N, np.int32), 0.0, once=False) for window in (60.0, 600.0)]
    for account in members[:4]:
        third = max(pairs.strongest[account, 2] for pairs in shown)
        assert found.p[account] == pytest.approx(min(1.0, N * 2 * 10**-third))
        strength = np.mean(
            [
                sum(min(value, 30.0) for value in pairs.strongest[account])
                + 0.3 * min(pairs.repeated[account, 2], 100.0)
                for pairs in shown
            ]
        )
        standing = [
            group.standing for window in (60.0, 600.0) for group in rare(line, window) if account in group.members
        ]
        assert found.strength[account] == pytest.approx(strength + 40 * max(standing, default=0.0))
    order = np.argsort(found.p)
    steps = found.p[order] * N / np.arange(1, N + 1)
    by_hand = [min(1.0, steps[place:].min()) for place in range(N)]
    assert found.q[order].tolist() == pytest.approx(by_hand)
    assert found.partners.tolist() == shown[0].partners.tolist()


def test_two_friends_and_a_crowd_are_no_group() -> None:
    assert evening_in_a_crowd(4, 30, n_members=2)[2].groups == ()
    rng = np.random.default_rng(9)
    acts = crowd(rng)
    found = session_tests(line_of(*acts, acts[1]), (60.0, 600.0, 3_600.0), np.zeros(N, np.int32))
    assert found.groups == () and (found.q >= 0.05).all()


def test_what_chance_expects_is_what_dealing_the_accounts_anew_gives() -> None:
    """In one hour: fixed acts, accounts dealt over them again and again; the meetings of two, and their expectation."""
    rng = np.random.default_rng(3)
    popular = rng.integers(0, 8, 240) ** 2 // 6
    second = rng.integers(0, HOUR, 240)
    activity = rng.permutation(np.repeat(np.arange(N)[:24], 10))
    busy = np.where(rng.random(240) < 0.1, 0, activity)  # account 0 does more than the others
    met = expected = 0.0
    for _ in range(300):
        dealt = rng.permutation(busy)
        source = np.arange(240)  # every act of an object is a source of its own: each meeting counts
        at, by = np.meshgrid(np.flatnonzero(dealt == 0), np.flatnonzero(dealt == 1), indexing="ij")
        met += ((popular[at] == popular[by]) & (abs(second[at] - second[by]) <= 60)).sum()
        assert source.size == dealt.size
    pairs = sum(
        popular[x] == popular[y] and abs(int(second[x]) - int(second[y])) <= 60 for x in range(240) for y in range(x)
    )
    expected = (busy == 0).sum() * (busy == 1).sum() * 2 * pairs / 240**2
    assert met / 300 == pytest.approx(expected, rel=0.15)


def test_members_who_take_turns_are_a_group_that_no_pair_made_and_rank_first() -> None:
    rng = np.random.default_rng(6)
    members = np.arange(40, 60)
    strikes = []
    for strike in range(40):
        here = rng.choice(members, 3, replace=False)
        strikes.append((here, np.full(3, 2_000 + strike), 9 * HOUR + strike * 4 * HOUR + rng.integers(0, 60, 3)))
    planted = [np.concatenate(column) for column in zip(*strikes, strict=True)]
    acts = [np.concatenate(both) for both in zip(crowd(rng), planted, strict=True)]
    source = np.where(acts[1] < 2_000, acts[1] // 2, 2_000 + acts[1] % 10)
    found = session_tests(line_of(*acts, source), (60.0, 600.0), np.zeros(N, np.int32))
    assert (found.q[members] >= 0.05).all()
    [group] = found.groups  # two windows see it; it is told once
    assert np.isnan(group.p) and np.isin(group.members, members).mean() >= 0.9 and group.members.size >= 15
    ahead = np.argsort(-found.strength)[: group.members.size]
    assert set(ahead) == set(group.members)


def test_a_circle_of_hot_objects_is_a_group_and_ranks_first() -> None:
    rng = np.random.default_rng(7)
    line = line_of(*crowd(rng), np.zeros(20 * N, int))
    circle = HotCircle(np.arange(5, 40, dtype=np.int32), np.arange(3))
    found = session_tests(line, (60.0,), np.zeros(N, np.int32), [circle])
    [group] = found.groups
    assert group.members.tolist() == list(range(5, 40)) and group.n_ties == 0 and np.isnan(group.p)
    assert set(np.argsort(-found.strength)[:35]) == set(range(5, 40))


def test_of_a_circle_only_what_made_it_is_told() -> None:
    account = np.array([0, 1, 2, 0, 1, 2, 0, 1])
    thing = np.array([0, 0, 0, 1, 1, 1, 2, 2])
    second = np.array([0, 1, 2, 100, 101, 102, 90_000, 90_001])
    line = line_of(account, thing, second, thing)
    circle = HotCircle(np.arange(3, dtype=np.int32), np.flatnonzero(line.object < 2))
    found = session_tests(line, (60.0,), np.zeros(N, np.int32), [circle])
    [group] = [one for one in found.groups if one.n_ties == 0]
    assert (group.met.n, group.met.n_sources) == (
        6,
        2,
    )  # three pairs on each of two things, not the one of the day after
    assert group.acts is not None and group.acts.size == 6


def test_acts_left_out_are_those_of_the_window_with_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty acts on one thing, half a minute apart: 40 of them have thirty others within ten minutes."""
    account = np.arange(60)
    line = line_of(account, np.zeros(60, int), 30 * account, np.zeros(60, int))
    monkeypatch.setattr(of_pairs, "MOST_COACTIONS", 500)
    assert session_tests(line, (60.0, 600.0), np.zeros(N, np.int32)).n_left_out == 40
    assert session_tests(line, (60.0,), np.zeros(N, np.int32)).n_left_out == 0
