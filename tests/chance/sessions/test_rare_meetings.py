"""Groups of rare meetings: the core by plain loops, a group that takes turns, and crowds that are no group."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.chance.pairs.occasions import timeline
from spmc_tools.chance.sessions import rare_meetings as module
from spmc_tools.chance.sessions.rare_meetings import acts_in_step, core, met, rare_groups

HOUR = 3_600
N = 2_000


def line_of(account: np.ndarray, object_: np.ndarray, second: np.ndarray, source: np.ndarray):
    _, first = np.unique(account.astype(np.int64) * 1_000_000 + object_, return_index=True)
    account, object_, second, source = account[first], object_[first], second[first], source[first]
    order = np.lexsort((account, second, object_))
    whole = [column[order].astype(np.int32) for column in (account, object_, source)]
    return timeline(*whole, second[order].astype(np.int64) * 1_000_000, N, int(source.max()) + 1)


def crowd(rng: np.random.Generator) -> list[np.ndarray]:
    """Return a week: each account on twelve of two thousand objects, the older acts of an object the more of them."""
    object_ = (2_000 * rng.random((N, 12)) ** 2).astype(int).ravel()
    born = rng.integers(0, 6 * 24 * HOUR, 2_000)
    return [np.repeat(np.arange(N), 12), object_, born[object_] + rng.exponential(4 * HOUR, object_.size).astype(int)]


def in_turn(
    rng: np.random.Generator, members: np.ndarray, strikes: int, at_once: int, sources: int
) -> list[np.ndarray]:
    """Return strikes of some members at a time, each on a new object, and the sources of these in turn."""
    parts = []
    for strike in range(strikes):
        here = rng.choice(members, at_once, replace=False)
        at = 8 * HOUR + strike * (6 * 24 * HOUR // strikes)
        parts.append([here, np.full(at_once, 2_000 + strike), at + rng.integers(0, 60, at_once)])
    account, object_, second = (np.concatenate(column) for column in zip(*parts, strict=True))
    return [account, object_, second, 2_000 + (object_ - 2_000) % sources]


def whole(seed: int, members: np.ndarray, strikes: int, at_once: int, sources: int):
    rng = np.random.default_rng(seed)
    everyday = crowd(rng)
    planted = in_turn(rng, members, strikes, at_once, sources)
    columns = [np.concatenate(both) for both in zip([*everyday, everyday[1]], planted, strict=True)]
    return line_of(*columns)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_members_who_take_turns_are_found_together_and_hardly_anybody_else(seed: int) -> None:
    members = np.arange(100, 120)
    [group] = rare_groups(acts_in_step(whole(seed, members, 40, 3, 10), 60, np.zeros(N, np.int32)))
    assert np.isin(members, group.members).sum() >= 15
    assert np.isin(group.members, members).sum() >= group.members.size - 2
    assert group.standing >= 1.3 and group.met.n >= 90 and group.met.n_sources >= 9
    assert group.met.expected < 0.05 * group.met.n and group.window_s == 60


def test_a_crowd_alone_and_members_on_few_sources_are_no_group() -> None:
    members = np.arange(100, 120)
    for seed in (1, 2, 3):
        rng = np.random.default_rng(seed)
        acts = crowd(rng)
        assert rare_groups(acts_in_step(line_of(*acts, acts[1]), 60, np.zeros(N, np.int32))) == []
        assert rare_groups(acts_in_step(whole(seed, members, 40, 3, 8), 60, np.zeros(N, np.int32))) == []


def test_nobody_is_in_step_with_nobody() -> None:
    account = np.arange(5)
    line = line_of(account, account, account * HOUR, account)
    assert rare_groups(acts_in_step(line, 60, np.zeros(N, np.int32))) == []


edges = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 9)), max_size=25)


@settings(max_examples=150, deadline=None)
@given(edges)
def test_the_core_is_the_largest_least_weight_of_any_set_an_account_is_in(drawn: list[tuple[int, int, int]]) -> None:
    weight = {(min(a, b), max(a, b)): w for a, b, w in drawn if a != b}
    a, b = (np.array([pair[end] for pair in weight], np.int64) for end in (0, 1))
    found = core(a, b, np.array(list(weight.values()), float), 8)
    wanted = np.zeros(8)
    for size in range(1, 9):  # by enumeration: of all sets that hold the account the one whose least weight is largest
        for inside in combinations(range(8), size):
            least = min(sum(weight.get((min(i, j), max(i, j)), 0) for j in inside if j != i) for i in inside)
            for i in inside:
                wanted[i] = max(wanted[i], least)
    assert found.tolist() == wanted.tolist()


def test_what_a_group_met_and_what_chance_gives_are_those_of_the_definition() -> None:
    rng = np.random.default_rng(4)
    account, object_ = rng.integers(0, 12, 400), rng.integers(0, 60, 400)
    second = rng.integers(0, 2 * HOUR, 400) + 60 * HOUR
    line = line_of(account, object_, second, object_ % 7)
    members = np.array([1, 3, 4, 8], np.int32)
    told = met(acts_in_step(line, 600, np.zeros(N, np.int32)), members)
    acts = list(zip(line.account.tolist(), line.object.tolist(), (line.t_us // 1_000_000).tolist(), strict=True))
    close = [[x != y and x[1] == y[1] and abs(x[2] - y[2]) <= 600 for y in acts] for x in acts]
    active: dict[tuple[int, int], int] = {}
    for act, near in zip(acts, close, strict=True):
        key = (act[0], act[2] // HOUR)
        if not any(near):
            active[key] = active.get(key, 0) + 1
    for key in {(act[0], act[2] // HOUR) for act, near in zip(acts, close, strict=True) if any(near)}:
        active[key] = active.get(key, 0) + 1
    seen, expected, sources = 0, 0.0, set()
    for act, near in zip(acts, close, strict=True):
        if act[0] in members:
            hour = act[2] // HOUR
            everybody = sum(n for (_, h), n in active.items() if h == hour)
            ours = sum(n for (who, h), n in active.items() if h == hour and who in members)
            own = active[act[0], hour]
            expected += sum(near) * (ours - own) / max(everybody - own, 1) / 2
            with_members = [other for other, is_near in zip(acts, near, strict=True) if is_near and other[0] in members]
            seen += len(with_members)
            sources |= {act[1] % 7} if with_members else set()
    assert (told.n, told.n_sources) == (seen // 2, len(sources)) and seen > 0
    assert told.expected == pytest.approx(expected)


def test_accounts_are_dealt_anew_among_the_acts_of_their_hour_and_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight accounts of two circles, each once in every of three hours, all of an hour on one object."""
    hour, account = (grid.ravel() for grid in np.meshgrid(np.arange(3), np.arange(8), indexing="ij"))
    line = line_of(account, hour, hour * HOUR + account, hour)
    circle = np.zeros(N, np.int32)
    circle[[1, 2, 5, 7]] = 1
    acts = acts_in_step(line, 60, circle)
    dealt: list[np.ndarray] = []

    def kept(_, account, *rest):
        dealt.append(account)
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64)

    monkeypatch.setattr(module, "_rarest", kept)
    place = np.arange(24)
    for draw in range(5):
        assert module._dealt(acts, place, place, place, draw) == 0.0
    own = line.account
    assert any((account != own).any() for account in dealt)
    for account in dealt:
        assert (circle[account] == circle[own]).all()
        for one in range(3):
            assert sorted(account[line.object == one]) == list(range(8))
