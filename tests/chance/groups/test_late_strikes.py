"""Late strikes against plain loops and exact enumeration; who is proven and who is not."""

from __future__ import annotations

import itertools
import statistics
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from spmc_tools.chance.groups.late_strikes import late_groups, late_runs
from tests.chance.timelines import DAY, HOUR, SECOND, line_of

N = 400


@st.composite
def tables(draw):
    """Clumps of one to twelve accounts on a dozen objects of four sources, early and late."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = []
    for obj in range(12):
        start = int(rng.integers(0, 2 * DAY))
        for _ in range(rng.integers(1, 5)):
            at = start + int(rng.choice([0, 1800, 3600, 5 * HOUR, 20 * HOUR])) + int(rng.integers(0, 500))
            here = rng.choice(30, int(rng.integers(1, 13)), replace=False)
            spread = int(rng.choice([20, 300, 1500]))
            rows += [(int(account), obj, obj % 4, at + int(rng.integers(0, spread))) for account in here]
    return rows


def plain_runs(rows):
    """{(object, start): (end, z, m, p)} by the definition, in seconds."""
    first = {}
    for account, obj, source, t in rows:
        if (account, obj) not in first or t < first[account, obj][0]:
            first[account, obj] = t, source
    by_object = {}
    for (_, obj), (t, source) in first.items():
        by_object.setdefault(obj, (source, []))[1].append(t)
    parts, alone = [], {}
    for obj, (source, times) in by_object.items():
        times.sort()
        run = [times[0]]
        for t in [*times[1:], float("inf")]:
            if t - run[-1] > 180:
                if len(run) >= 5 and run[-1] - run[0] <= 600:
                    parts.append((obj, source, run))
                else:
                    alone.setdefault(source, []).extend(x - times[0] for x in run)
                run = []
            run.append(t)
    found = {}
    for obj, source, run in parts:
        times = by_object[obj][1]
        latency = max(statistics.median_low(alone.get(source, [0])), HOUR)
        if run[0] - times[0] < latency:
            continue
        m = sum(abs(2 * t - run[0] - run[-1]) <= HOUR for t in times)
        share = max(run[-1] - run[0], 60) / HOUR
        z = len(run)
        tail = sum(comb(m - 1, k) * share**k * (1 - share) ** (m - 1 - k) for k in range(z - 1, m))
        found[obj, run[0]] = run[-1], z, m, min(m * tail, 1.0)
    return found


@settings(max_examples=150, deadline=None)
@given(rows=tables())
def test_runs_and_their_chance_equal_a_plain_loop(rows):
    line, born = line_of(rows)
    runs, expected = late_runs(line, born), plain_runs(rows)
    at = list(zip(line.object[runs.first].tolist(), (line.t_us[runs.first] // SECOND).tolist(), strict=True))
    assert sorted(at) == sorted(expected)
    for k, key in enumerate(at):
        end, z, m, p = expected[key]
        assert line.t_us[runs.last[k]] == end * SECOND
        assert runs.last[k] - runs.first[k] + 1 == z
        assert runs.near_high[k] - runs.near_low[k] == m
        assert runs.p[k] == pytest.approx(p, rel=1e-6)


def test_the_bound_holds_by_enumeration():
    """Five accounts in twelve slots of an hour: how often four of them share one slot, over all 12^5 ways."""
    slots, accounts = 12, 5
    ways = itertools.product(range(slots), repeat=accounts)
    hit = sum(max(way.count(s) for s in set(way)) >= 4 for way in ways) / slots**accounts
    assert hit <= accounts * stats.binom.sf(2, accounts - 1, 1 / slots)


def strikes(members, n=6, spread=60, source=0, seed=0, more=()):
    """``n`` strikes, twelve hours apart, on objects that were first acted on by a stranger ten hours before."""
    rng = np.random.default_rng(seed)
    rows = list(more)
    for k in range(n):
        at = DAY + k * 12 * HOUR
        rows.append((300 + k, k, source, at - 10 * HOUR))
        rows += [(int(i), k, source, at + int(rng.integers(0, spread))) for i in members]
    return rows


def found(rows):
    line, born = line_of(rows)
    return late_groups(line, born)


@pytest.mark.parametrize("spread", [60, 300])
def test_ten_accounts_on_six_old_objects_are_found(spread):
    (group,) = found(strikes(range(10), spread=spread))
    assert group.proven
    assert group.members.tolist() == list(range(10))
    assert group.found.all()
    assert group.object.tolist() == [0, 1, 2, 3, 4, 5]
    assert group.age_us.min() >= 10 * HOUR * SECOND
    assert group.scattered == 0


def test_the_probability_by_hand():
    (group,) = found(strikes(range(10)))
    one = 10 * (60 / HOUR) ** 9  # m = z = 10
    log = -2 * 6 * np.log(one)
    fisher, _ = integrate.quad(lambda x: stats.chi2.pdf(x, 12), log, np.inf, epsabs=0)
    assert group.p == pytest.approx(fisher, rel=1e-4)  # all six of six runs: one way
    assert group.expected == pytest.approx(6 * 60 / HOUR)
    assert group.member_p == pytest.approx(stats.poisson.sf(5, 0.1), rel=1e-6)


@pytest.mark.parametrize(
    ("after_s", "n_others", "proven"),
    [(270, 20, False), (270, 14, True), (-270, 20, False), (420, 20, True), (-420, 20, True)],
)
def test_a_strike_is_of_two_in_five_of_those_who_act_within_five_minutes_of_it(after_s, n_others, proven):
    """Beside each strike of ten accounts others act on its object, each of them once only, after or before it."""
    more = [(100 + 20 * k + i, k, 0, DAY + k * 12 * HOUR + after_s + i % 3) for k in range(6) for i in range(n_others)]
    groups = [group for group in found(strikes(range(10), more=more)) if group.proven]
    assert [group.members.tolist() for group in groups] == ([list(range(10))] if proven else [])


@pytest.mark.parametrize(("members", "n"), [(range(7), 6), (range(10), 3)], ids=["seven accounts", "three strikes"])
def test_too_few_are_not_proven(members, n):
    assert not any(group.proven for group in found(strikes(members, n=n)))


def test_strikes_within_six_hours_count_once():
    rows = [(i, k, s, t // 12) for i, k, s, t in strikes(range(10), n=6)]
    rows = [(i, k, s, DAY + k * HOUR + (t % 5)) for i, k, s, t in rows if i < 300]
    rows += [(300 + k, k, 0, DAY + k * HOUR - 10 * HOUR) for k in range(6)]
    (group,) = found(rows)
    assert group.object.size == 1
    assert not group.proven


def test_fresh_objects_and_unknown_ages_make_no_strike():
    assert found([row for row in strikes(range(10)) if row[0] < 300]) == []
    fresh = [(i, k, s, t + 9 * HOUR + 1800 if i >= 300 else t) for i, k, s, t in strikes(range(10))]
    assert found(fresh) == []


def test_a_leader_explains_the_rest():
    rows = strikes(range(10))
    led = [(50, k, 0, DAY + k * 12 * HOUR - 30) for k in range(4)]
    (group,) = found(rows + led)
    assert group.led
    assert not group.proven
    (group,) = found(rows + led[:3])
    assert not group.led
    assert group.proven


def test_who_likes_the_source_at_other_times_too_is_no_group():
    """The same strikes by fans: each of them also comes to three fresh objects of the source, by himself."""
    alone = [(i, 20 + 3 * i + x, 0, DAY + (3 * i + x) * HOUR) for i in range(10) for x in range(3)]
    (group,) = found(strikes(range(10), more=alone))
    assert group.scattered == pytest.approx(30 / 90)
    assert not group.proven


def test_an_evening_hour_that_all_fans_share_is_no_strike():
    rng = np.random.default_rng(5)
    rows = [(300 + day, day, 0, day * DAY + 8 * HOUR) for day in range(1, 7)]
    rows += [
        (i, day, 0, day * DAY + 20 * HOUR + int(rng.integers(0, HOUR)))
        for day in range(1, 7)
        for i in range(40)
        if rng.random() < 0.4
    ]
    assert not any(group.proven for group in found(rows))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1))
def test_names_of_accounts_change_nothing(seed):
    name = np.random.default_rng(seed).permutation(N)
    rows = strikes(range(12), spread=200, seed=seed % 100)
    plain = [group for group in found(rows) if group.proven]
    other = [group for group in found([(int(name[i]), o, s, t) for i, o, s, t in rows]) if group.proven]
    assert [sorted(name[one.members].tolist()) for one in plain] == [one.members.tolist() for one in other]
    assert [one.p for one in plain] == pytest.approx([one.p for one in other])


def test_an_unrelated_crowd_proves_no_other_group():
    """Twenty weeks: more sources are tested, so a group can be missed; none but the campaign's is ever proven."""
    kept = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        crowd = [
            (
                int(rng.integers(100, 200)),
                int(rng.integers(100, 130)),
                int(1 + rng.integers(5)),
                int(rng.integers(7 * DAY)),
            )
            for _ in range(300)
        ]
        proven = [group for group in found(strikes(range(12), spread=60, seed=seed) + crowd) if group.proven]
        assert all(set(group.members.tolist()) <= set(range(12)) for group in proven)
        kept += len(proven)
    assert 18 <= kept <= 20


def test_nothing_is_no_group():
    assert found([]) == []
    assert found([(0, 0, 0, 0)]) == []
    assert found([(i, o, 0, 0) for i in range(30) for o in range(30)]) == []


def test_four_strikes_are_enough():
    (group,) = found(strikes(range(10), n=4))
    assert group.object.size == 4 and group.proven


@pytest.mark.parametrize(("missing", "proven"), [(0, True), (1, False)])
def test_a_tenth_of_the_actions_may_be_elsewhere(missing, proven):
    """Nine strikes of ten, and one fresh object for each alone: ten of 100 actions, or of 99."""
    rows = strikes(range(10), n=9)
    rows += [(i, 20 + i, 0, DAY + i * HOUR) for i in range(10)]
    rows = [row for row in rows if not (missing and row[:2] == (0, 0))]
    (group,) = found(rows)
    assert group.scattered == pytest.approx(10 / (100 - missing))
    assert group.proven is proven


@pytest.mark.parametrize(("present", "n"), [(5, 6), (6, 7)])
def test_a_strike_is_of_a_third_of_the_group(present, n):
    """Sixteen accounts: a seventh strike of five of them is none, of six it is one."""
    rows = strikes(range(16)) + [
        (account, 6, 0, DAY + 72 * HOUR + (-10 * HOUR if account == 306 else account))
        for account in (306, *range(present))
    ]
    (group,) = found(rows)
    assert group.members.tolist() == list(range(16))
    assert group.object.tolist() == list(range(n))
