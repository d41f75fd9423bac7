"""Sessions against plain loops: who met on how many sources, what chance expects, how strong that is."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from spmc_tools.chance.pairs.occasions import first_actions, timeline
from spmc_tools.chance.sessions import session_pairs as module
from spmc_tools.chance.sessions.circle_factors import circle_factors
from spmc_tools.chance.sessions.session_pairs import evidence, session_pairs

Act = tuple[int, int, int]
"""Account, object, second."""

SOURCES = 3


def line_of(acts: list[Act], n_accounts: int):
    """Return the timeline of some acts; the source of an object is its number modulo three."""
    account, object_, second = (np.array(column) for column in zip(*acts, strict=True))
    rows = first_actions(account.astype(np.int32), object_.astype(np.int32), second.astype(np.int64) * 1_000_000)
    account, object_, second = account[rows].astype(np.int32), object_[rows].astype(np.int32), second[rows]
    return timeline(
        account, object_, (object_ % SOURCES).astype(np.int32), second.astype(np.int64) * 1_000_000, n_accounts, SOURCES
    )


def firsts(acts: list[Act]) -> list[Act]:
    """Return the first act of each account on each object."""
    first: dict[tuple[int, int], int] = {}
    for account, object_, second in acts:
        first[account, object_] = min(second, first.get((account, object_), second))
    return [(account, object_, second) for (account, object_), second in first.items()]


def by_hand(acts: list[Act], window: int, *, counted_once: bool) -> dict[tuple[int, int], tuple[int, float, int]]:
    """Return k, the expectation and the number of objects of every pair ever in step, from the definition."""
    once = firsts(acts)
    in_step = [(x, y) for x, y in combinations(once, 2) if x[1] == y[1] and x[0] != y[0] and abs(x[2] - y[2]) <= window]
    width = max(3_600, 2 * window)
    stepping = {act for both in in_step for act in both}
    met: dict[tuple[int, int], set[int]] = {}
    objects: dict[tuple[int, int], set[int]] = {}
    for x, y in in_step:
        met.setdefault((min(x[0], y[0]), max(x[0], y[0])), set()).add(x[1] % SOURCES)
        objects.setdefault((min(x[0], y[0]), max(x[0], y[0])), set()).add(x[1])

    def active(account: int, inside: list[Act]) -> int:
        own = [act for act in inside if act[0] == account]
        together = [act for act in own if act in stepping]
        return len(own) - len(together) + min(len(together), 1) if counted_once else len(own)

    expected = dict.fromkeys(met, 0.0)
    for shift in (0, width // 2):
        cells: dict[int, list[Act]] = {}
        for act in once:
            cells.setdefault((act[2] + shift) // width, []).append(act)
        chance = {}
        for cell, inside in cells.items():
            pairs = sum(1 for x, y in in_step if (min(x, y, key=lambda z: (z[2], z[0]))[2] + shift) // width == cell)
            chance[cell] = 2 * pairs / sum(active(account, inside) for account in range(7)) ** 2
        for a, b in met:
            total = sum(active(a, inside) * active(b, inside) * chance[cell] for cell, inside in cells.items())
            expected[a, b] = max(expected[a, b], total)
    return {pair: (len(sources), max(expected[pair], 1e-6), len(objects[pair])) for pair, sources in met.items()}


acts_of = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 8), st.integers(0, 20_000)), min_size=2, max_size=60)


def crowded(seed: int) -> list[Act]:
    """Seven accounts on sixty objects in an hour and a half: those below four mostly on the first source."""
    rng = np.random.default_rng(seed)
    acts = []
    for account in range(7):
        for _ in range(40):
            source = int(account >= 4) if rng.random() < 0.6 else 2
            acts.append((account, 3 * int(rng.integers(20)) + source, int(rng.integers(6_000))))
    return acts


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("counted_once", [True, False])
def test_pairs_of_a_crowd_of_two_circles_are_those_of_the_definition(seed: int, counted_once: bool) -> None:
    """As below, of accounts that meet on several sources; each expectation times the factor of both circles."""
    acts, circle = crowded(seed), np.repeat([0, 1], [4, 3]).astype(np.int32)
    line = line_of(acts, 7)
    n_met = np.zeros(line.t_us.size)
    for x, y in combinations(firsts(acts), 2):
        if x[1] == y[1] and x[0] != y[0] and abs(x[2] - y[2]) <= 900:
            n_met[np.flatnonzero(line.source == x[1] % SOURCES)[0]] += 1
    factor = circle_factors(line, n_met, circle, 900)
    assert factor.max() > 1.1
    found = session_pairs(line, 900, circle, 0.0, once=counted_once)
    wanted = by_hand(acts, 900, counted_once=counted_once)
    several = {pair: facts[1] for pair, facts in wanted.items() if facts[0] >= 2}
    assert len(several) >= 3
    assert list(zip(found.a.tolist(), found.b.tolist(), strict=True)) == sorted(several)
    by_circles = [several[pair] * factor[circle[pair[0]], circle[pair[1]]] for pair in sorted(several)]
    assert found.expected == pytest.approx(by_circles)


@settings(max_examples=60, deadline=None)
@given(acts_of, st.sampled_from([0, 60, 600, 3_600]), st.booleans())
def test_pairs_are_those_of_the_definition(acts: list[Act], window: int, counted_once: bool) -> None:
    found = session_pairs(line_of(acts, 7), window, np.zeros(7, np.int32), 0.0, once=counted_once)
    wanted = by_hand(acts, window, counted_once=counted_once)
    several = {pair: facts for pair, facts in wanted.items() if facts[0] >= 2}
    seen = list(zip(found.a.tolist(), found.b.tolist(), strict=True))
    assert seen == sorted(several)
    for pair, n, expected, strength in zip(seen, found.n_sources, found.expected, found.evidence, strict=True):
        assert n == several[pair][0]
        assert expected == pytest.approx(several[pair][1])
        assert strength == pytest.approx(-math.log10(poisson.sf(n - 1, expected)), abs=1e-9)
    for account in range(7):
        assert found.partners[account] == sum(account in pair for pair in wanted)
        own = sorted((s for pair, s in zip(seen, found.evidence, strict=True) if account in pair), reverse=True)[:5]
        assert found.strongest[account, : len(own)].tolist() == pytest.approx(own)
        assert not found.strongest[account, len(own) :].any()
        again = [
            max(0.0, -poisson.logsf(objects - 1, expected) / math.log(10))
            for pair, (_, expected, objects) in wanted.items()
            if account in pair and objects >= 2
        ]
        again = sorted([*again, 0.0, 0.0, 0.0], reverse=True)[:3]
        assert found.repeated[account].tolist() == pytest.approx(again, abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 5, 40])
@pytest.mark.parametrize("expected", [1e-6, 0.03, 1.0, 7.0, 60.0])
def test_evidence_is_the_tail_of_a_poisson(n: int, expected: float) -> None:
    wanted = -poisson.logsf(n - 1, expected) / math.log(10)
    assert evidence(n, expected) == pytest.approx(max(wanted, 0.0), rel=1e-9, abs=1e-12)


def test_evidence_is_nothing_where_far_more_is_expected() -> None:
    assert evidence(2, 150.0) == 0.0


def test_pairs_below_the_bound_are_not_listed_but_count_for_the_strongest() -> None:
    acts = [(account, object_, 100 * object_) for object_ in range(3) for account in range(2)]
    acts += [(account, 20 + account, 50) for account in range(2, 40)]
    whole = session_pairs(line_of(acts, 40), 60, np.zeros(40, np.int32), 0.0)
    assert whole.n_sources.tolist() == [3]
    above = session_pairs(line_of(acts, 40), 60, np.zeros(40, np.int32), float(whole.evidence[0]) + 0.001)
    assert above.a.size == 0 and above.strongest.tolist() == whole.strongest.tolist()


def test_in_a_crowd_what_most_stand_around_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    few = [(account, object_, object_ * 1_000) for object_ in range(3) for account in range(3)]
    crowd = [(account, 30, 9_000) for account in range(60)]
    line = line_of(few + crowd, 60)
    whole = session_pairs(line, 60, np.zeros(60, np.int32), 0.0)
    assert (whole.most, whole.n_left_out, int(whole.partners[50])) == (None, 0, 59)
    monkeypatch.setattr(module, "MOST_COACTIONS", 100)
    quiet = session_pairs(line, 60, np.zeros(60, np.int32), 0.0)
    assert (quiet.most, quiet.n_left_out, int(quiet.partners[50])) == (30, 60, 0)
    assert quiet.n_sources.tolist() == [3, 3, 3]


def test_circles_that_read_the_same_sources_meet_there_more_often() -> None:
    rng = np.random.default_rng(5)
    circle = np.repeat([0, 1], 30).astype(np.int32)
    acts = []
    for account in range(60):  # each circle reads one source, slowly and together
        for _ in range(40):
            own = circle[account] if rng.random() < 0.9 else 1 - circle[account]
            acts.append((account, 3 * int(rng.integers(0, 400)) + int(own), int(rng.integers(0, 500_000))))
    line = line_of(acts, 60)
    lo_hi = np.array([1.0] * line.t_us.size)
    factors = circle_factors(line, lo_hi, circle, 60)
    shares = np.zeros((2, 2))
    close: dict[int, list[tuple[int, int]]] = {}
    for account, thing, second in firsts(acts):
        close.setdefault(thing, []).append((second, account))
    for thing, acted in close.items():
        for second, account in acted:
            if not any(abs(second - other) <= 60 for other, _ in acted if other != second):
                shares[circle[account], thing % SOURCES] += 1
    everybody = shares.sum(0)
    lift = (shares / (everybody / everybody.sum()) + 20.0) / (shares.sum(1, keepdims=True) + 20.0)
    acts_on = np.bincount(line.source, minlength=3)[:2].astype(float)
    weight = acts_on / acts_on.sum()
    usual = lift @ weight
    wanted = np.maximum((lift * weight) @ lift.T / np.outer(usual, usual), 1.0)
    assert factors == pytest.approx(wanted, rel=0.02)
    assert factors[0, 0] > 1.3 and factors[0, 1] == 1.0
    assert circle_factors(line, lo_hi, np.zeros(60, np.int32), 60).tolist() == [[1.0]]


def test_more_than_a_thousand_pairs_are_all_listed() -> None:
    """Fifty accounts, each within a minute of every other on a thing of each source: 1,225 pairs."""
    acts = [(account, object_, 1_000 * object_ + account) for object_ in range(SOURCES) for account in range(50)]
    found = session_pairs(line_of(acts, 50), 60, np.zeros(50, np.int32), 0.0)
    assert list(zip(found.a.tolist(), found.b.tolist(), strict=True)) == list(combinations(range(50), 2))
    assert set(found.n_sources.tolist()) == {SOURCES} and np.ptp(found.expected) == 0
