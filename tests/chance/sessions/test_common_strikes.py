"""Groups that strike together three times: plain loops, accounts dealt anew, and crowds that are no group."""

from __future__ import annotations

from itertools import combinations
from math import exp, factorial

import numpy as np
import pytest

from spmc_tools.chance.pairs.occasions import timeline
from spmc_tools.chance.sessions import common_strikes as module
from spmc_tools.chance.sessions.common_strikes import fresh_acts, strike_groups, strikes_of, triples
from spmc_tools.chance.sessions.session_groups import session_tests

HOUR = 3_600
N = 600
MEMBERS = np.arange(40, 52)


def line_of(account: np.ndarray, object_: np.ndarray, second: np.ndarray, source: np.ndarray, n: int = N):
    key = account.astype(np.int64) * 1_000_000 + object_
    first = np.lexsort((second, key))
    first = first[np.unique(key[first], return_index=True)[1]]
    account, object_, second, source = account[first], object_[first], second[first], source[first]
    order = np.lexsort((account, second, object_))
    whole = [column[order].astype(np.int32) for column in (account, object_, source)]
    return timeline(*whole, second[order].astype(np.int64) * 1_000_000, n, int(source.max(initial=0)) + 1)


def crowd(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return a week: each account on ten of 300 objects, the popular ones the more, of 100 sources."""
    object_ = (300 * rng.random((N, 10)) ** 2).astype(int).ravel()
    born = rng.integers(0, 6 * 24 * HOUR, 300)
    second = born[object_] + rng.exponential(4 * HOUR, object_.size).astype(int)
    return np.repeat(np.arange(N), 10), object_, second, object_ % 100


def struck(members: np.ndarray, starts: tuple[int, ...], sources: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Return strikes of all members, within half a minute of each start, on new objects."""
    n = np.arange(len(starts))
    second = np.add.outer(np.array(starts) * HOUR + 600, np.arange(members.size) * 2)
    object_ = np.repeat(1_000 + n, members.size)
    return np.tile(members, n.size), object_, second.ravel(), np.repeat(sources, members.size)


def together(*parts: tuple[np.ndarray, ...]):
    return line_of(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


STARTS, SOURCES = (20, 60, 130), (200, 201, 202)
ONE = np.zeros(N, np.int32)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_strikes_on_three_sources_are_one_group_of_exactly_these_accounts(seed: int) -> None:
    line = together(crowd(np.random.default_rng(seed)), struck(MEMBERS, STARTS, SOURCES))
    [group] = strike_groups(line, 60, ONE)
    assert group.members.tolist() == MEMBERS.tolist() and group.window_s == 60
    assert group.p < 1e-9
    assert sorted(set(line.object[group.acts].tolist())) == [1_000, 1_001, 1_002]
    assert group.acts.size == 3 * MEMBERS.size


@pytest.mark.parametrize(
    ("starts", "sources", "members"),
    [
        (STARTS, (200, 201, 201), MEMBERS),  # two sources
        ((20, 60), SOURCES[:2], MEMBERS),  # two strikes
        ((20, 23, 130), SOURCES, MEMBERS),  # two of them three hours apart
        (STARTS, SOURCES, MEMBERS[:4]),  # four accounts
    ],
)
def test_fewer_sources_strikes_hours_or_accounts_are_no_group(starts, sources, members) -> None:
    assert strike_groups(together(crowd(np.random.default_rng(1)), struck(members, starts, sources)), 600, ONE) == []


def test_who_comes_back_to_a_source_does_not_count() -> None:
    rng = np.random.default_rng(2)
    back = (MEMBERS[:9], np.full(9, 1_500), np.full(9, 100 * HOUR), np.full(9, SOURCES[1]))
    line = together(crowd(rng), struck(MEMBERS, STARTS, SOURCES), back)
    assert strike_groups(line, 60, ONE) == []  # three are left
    back = tuple(column[:5] for column in back)
    [group] = strike_groups(together(crowd(rng), struck(MEMBERS, STARTS, SOURCES), back), 60, ONE)
    assert group.members.tolist() == MEMBERS[5:].tolist()


def test_hours_that_a_circle_fills_by_itself_say_nothing_of_it() -> None:
    """The members are a circle that does nothing else: each time, all that their circle does is to be there."""
    others = crowd(np.random.default_rng(3))
    others = tuple(column[~np.isin(others[0], MEMBERS)] for column in others)
    line = together(others, struck(MEMBERS, STARTS, SOURCES))
    circles = np.isin(np.arange(N), MEMBERS).astype(np.int32)
    assert len(strike_groups(line, 60, ONE)) == 1 and strike_groups(line, 60, circles) == []
    assert strike_groups(together(struck(MEMBERS, STARTS, SOURCES)), 60, ONE) == []


def test_more_strikes_of_the_same_accounts_are_one_group_and_other_accounts_another() -> None:
    more = struck(np.arange(100, 108), (15, 50, 90, 140), (210, 211, 212, 213))
    more = (more[0], more[1] + 500, more[2], more[3])
    line = together(crowd(np.random.default_rng(4)), struck(MEMBERS, STARTS, SOURCES), more)
    found = sorted(strike_groups(line, 60, ONE), key=lambda group: group.members.size)
    assert [group.members.tolist() for group in found] == [list(range(100, 108)), MEMBERS.tolist()]
    assert sorted(set(line.object[found[0].acts].tolist())) == [1_500, 1_501, 1_502, 1_503]


# -- by a second route ----------------------------------------------------------------------------------------------


def runs_by_hand(line, window_s: int) -> list[tuple[int, int, list[int]]]:
    """Return object, first microsecond and acts of each run, by going through the acts of each object."""
    runs: list[tuple[int, int, list[int]]] = []
    for place in range(line.t_us.size):
        thing, t = int(line.object[place]), int(line.t_us[place])
        same_hour = runs and runs[-1][1] // (HOUR * 10**6) == t // (HOUR * 10**6)
        if same_hour and runs[-1][0] == thing and t - runs[-1][1] <= window_s * 10**6:
            runs[-1][2].append(place)
        else:
            runs.append((thing, t, [place]))
    return runs


def fresh_by_hand(line, place: int) -> bool:
    own = (line.account == line.account[place]) & (line.source == line.source[place])
    return bool(np.ptp(line.t_us[own]) < 6 * HOUR * 10**6)


def triples_by_hand(line, window_s: int, least: int) -> dict[tuple[int, int, int], set[int]]:
    runs = runs_by_hand(line, window_s)
    counts = [{int(line.account[x]) for x in acts if fresh_by_hand(line, x)} for _, _, acts in runs]
    found = {}
    for three in combinations(range(len(runs)), 3):
        order = sorted(three, key=lambda number: runs[number][1])
        at = [runs[number][1] for number in order]
        sources = {int(line.source[runs[number][2][0]]) for number in order}
        common = counts[order[0]] & counts[order[1]] & counts[order[2]]
        apart = min(at[1] - at[0], at[2] - at[1]) >= 6 * HOUR * 10**6
        if len(sources) == 3 and apart and len(common) >= least:
            found[tuple(order)] = common
    return found  # type: ignore[return-value]


def dense(rng: np.random.Generator):
    """Return few accounts on few things, most of them when their thing was new, in blocks of exactly six hours."""
    there = rng.random(72) < 0.8
    account, object_ = (grid.ravel()[there] for grid in np.indices((6, 12)))
    source = rng.permutation(12)[object_] // 2
    usual = np.where(rng.random(12) < 0.7, np.arange(12) % 5, rng.integers(0, 5, 12))
    block = np.where(rng.random(account.size) < 0.9, usual[source], rng.integers(0, 5, account.size))
    second = block * 6 * HOUR + 60 * rng.integers(0, 4, account.size)
    return line_of(account, object_, second, source, 6)


@pytest.mark.parametrize("seed", range(60))
def test_runs_fresh_acts_and_triples_are_those_of_plain_loops(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    line = dense(np.random.default_rng(seed))
    strikes = strikes_of(line, 120)
    by_hand = runs_by_hand(line, 120)
    assert [np.flatnonzero(strikes.of_act == k).tolist() for k in range(len(by_hand))] == [x[2] for x in by_hand]
    assert strikes.first_us.tolist() == [x[1] for x in by_hand]
    assert fresh_acts(line).tolist() == [fresh_by_hand(line, x) for x in range(line.t_us.size)]
    monkeypatch.setattr(module, "LEAST_MEMBERS", 2)
    runs, seen = triples(line, strikes)
    found = {tuple(row): n for row, n in zip(runs.tolist(), seen.tolist(), strict=True)}
    wanted = {three: len(common) for three, common in triples_by_hand(line, 120, 2).items()}
    assert found == wanted and len(runs) == len(found)


def test_the_tables_of_plain_loops_hold_triples_and_one_without_acts_has_none() -> None:
    assert sum(len(triples_by_hand(dense(np.random.default_rng(seed)), 120, 2)) for seed in range(60)) > 30
    nothing = np.empty(0, int)
    line = line_of(nothing, nothing, nothing, nothing)
    assert fresh_acts(line).size == 0 and strike_groups(line, 60, ONE) == []


def three_popular(rng: np.random.Generator):
    """Return a crowd in which three things are popular in three hours: chance alone brings some to all three."""
    parts = [crowd(rng)]
    for number, hour in enumerate(STARTS):
        here = rng.choice(N, 240, replace=False)
        thing = np.where(np.arange(240) < 130, 1_000 + number, rng.integers(300, 400, 240))
        second = np.where(np.arange(240) < 130, rng.integers(600, 650, 240), rng.integers(0, HOUR, 240))
        parts.append((here, thing, hour * HOUR + second, np.where(np.arange(240) < 130, 200 + number, thing)))
    return together(*parts)


def dealt(line, circles: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the accounts of the acts dealt anew within hour and circle."""
    account = line.account.copy()
    among = (line.t_us // (HOUR * 10**6)) * 10 + circles[line.account]
    for cell in np.unique(among):
        places = np.flatnonzero(among == cell)
        account[places] = line.account[rng.permutation(places)]
    return account


@pytest.mark.parametrize("n_circles", [1, 3])
def test_what_chance_expects_is_what_dealing_anew_gives_and_its_tail_is_no_heavier(n_circles: int) -> None:
    rng = np.random.default_rng(5)
    line, circles = three_popular(rng), rng.integers(0, n_circles, N).astype(np.int32)
    strikes = strikes_of(line, 60)
    large = [int(np.argmax(strikes.size * (strikes.source == source))) for source in (200, 201, 202)]
    runs = np.array([sorted(large, key=lambda run: strikes.first_us[run])])
    [expected] = module._expected(line, strikes, circles, runs)
    by_hand = 0.0
    for who in range(N):
        chance = 1.0
        for run in runs[0]:
            on = strikes.of_act == run
            cell = (strikes.hour == strikes.hour[on][0]) & (circles[line.account] == circles[who])
            if not cell.any():
                chance = 0.0
                continue
            chance *= min(1.0, (on & cell).sum() * ((line.account == who) & cell).sum() / cell.sum())
        by_hand += chance
    assert expected == pytest.approx(by_hand)
    counts = []
    for _ in range(400):
        account = dealt(line, circles, rng)
        there = [set(account[strikes.of_act == run].tolist()) for run in runs[0]]
        counts.append(len(there[0] & there[1] & there[2]))
    assert 3 < np.mean(counts) <= expected + 3 * np.std(counts) / 20
    assert np.mean(counts) == pytest.approx(expected, rel=0.15)
    for n in range(int(expected) + 2, max(counts) + 1):
        tail = 1 - sum(exp(-expected) * expected**k / factorial(k) for k in range(n))
        seen = np.mean(np.array(counts) >= n)
        assert seen <= tail + 3 * np.sqrt(tail / 400)
        assert module._tail(np.array([n]), np.array([expected]))[0] == pytest.approx(tail)


def test_where_accounts_are_dealt_anew_there_is_no_group() -> None:
    """Twenty weeks in which a group struck, the accounts of every hour dealt anew; one of them may have a group."""
    rng = np.random.default_rng(6)
    n = 0
    for _ in range(20):
        line = together(crowd(rng), struck(MEMBERS, STARTS, SOURCES))
        account = dealt(line, ONE, rng)
        seconds = line.t_us // 1_000_000
        n += bool(strike_groups(line_of(account, line.object, seconds, line.source), 600, ONE))
    assert n <= 1


def week_of_fashions(rng: np.random.Generator, *, fond: bool):
    """Return forty posts of an hour each, on which half of its 120 accounts are; where fond, the more active half."""
    weight = rng.lognormal(0.0, 1.0, 400)
    parts = []
    for number in range(40):
        here = rng.choice(400, 120, replace=False, p=weight / weight.sum())  # the more active come first
        here, on = here if fond else rng.permutation(here), np.arange(120) < 60
        second = (8 * number + rng.integers(0, 6)) * HOUR + np.where(on, rng.integers(600, 655, 120), 1_200)
        other = rng.integers(0, 300, 120)
        parts.append((here, np.where(on, 1_000 + number, other), second, np.where(on, 500 + number, other)))
    return line_of(*(np.concatenate(columns) for columns in zip(*parts, strict=True)), 400)


@pytest.mark.parametrize("fond", [True, False])
def test_active_accounts_that_are_fond_of_what_is_popular_are_no_group(
    fond: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [week_of_fashions(np.random.default_rng(seed), fond=fond) for seed in range(12)]
    one = np.zeros(400, np.int32)
    assert [strike_groups(line, 60, one) for line in lines] == [[]] * 12
    monkeypatch.setattr(module, "TIMES_CHANCE", 0.0)  # by p alone the fond ones would be
    assert any(strike_groups(line, 60, one) for line in lines) is fond


def test_a_group_pays_for_all_three_strikes_that_could_have_been_looked_at_and_for_the_windows() -> None:
    line = together(crowd(np.random.default_rng(1)), struck(MEMBERS[:6], STARTS, SOURCES))
    strikes = strikes_of(line, 600)
    runs, seen = triples(line, strikes)
    [expected] = module._expected(line, strikes, ONE, runs)
    n = int((strikes.size >= 5).sum())
    tail = sum(exp(-expected) * expected**k / factorial(k) for k in range(int(seen[0]), 30))
    assert n > 20
    [group] = strike_groups(line, 600, ONE, 2)
    assert group.p == pytest.approx(2 * len(list(combinations(range(n), 3))) * tail)


def test_sessions_show_the_group_that_no_pair_makes_where_objects_have_sources() -> None:
    line = together(crowd(np.random.default_rng(1)), struck(MEMBERS, STARTS, SOURCES))
    [of_strikes] = strike_groups(line, 60, ONE, 2)
    found = session_tests(line, (60.0, 600.0, 3_600.0), ONE)
    [group] = found.groups
    assert (found.q >= 0.05).all()
    assert (group.members.tolist(), group.n_ties, group.p) == (MEMBERS.tolist(), 0, of_strikes.p)
    assert (group.met.n, group.met.n_sources) == (3 * 12 * 11 / 2, 3)
    assert session_tests(line, (60.0, 600.0, 3_600.0), ONE, rare=False).groups == ()
    texts = line_of(line.account, line.object, line.t_us // 1_000_000, line.object)
    assert strike_groups(texts, 60, ONE) and session_tests(texts, (60.0, 600.0), ONE).groups == ()
