"""Broad occasions and company against plain loops; the rule by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.chance.groups.broad_occasions import (
    Broad,
    broad_occasions,
    company_occasions,
    proven,
    separate,
    stretches,
)
from tests.chance.timelines import DAY, HOUR, SECOND, line_of


@st.composite
def tables(draw):
    """Nights and days of ten members and a crowd on thirty objects, over up to three weeks."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    days = int(rng.integers(1, 22))
    rows = []
    for obj in range(30):
        start, source = int(rng.integers(0, days * DAY)), int(rng.integers(0, 8))
        here = np.flatnonzero(rng.random(10) < rng.choice([0.1, 0.6, 0.9]))
        spread = rng.choice([60, 1500, 6000])
        rows += [(int(account), obj, source, start + int(rng.integers(0, spread))) for account in here]
        crowd = rng.permutation(np.arange(10, 40))[: rng.choice([0, 3, 20])]
        rows += [(int(account), obj, source, start + int(rng.integers(-3600, 7200))) for account in crowd]
    return rows


def plain_broad(rows, members):
    """(start, late, source, object, z, crowd) of broad stretches of the best week; all stretches; returning share."""
    s = len(members)
    first = {}
    for account, obj, source, t in rows:
        if t < first.get((account, obj), (np.inf,))[0]:
            first[account, obj] = t, source
    born = {obj: min(t for _, o, _, t in rows if o == obj) for _, obj, _, _ in rows}
    begin = min(t for t, _ in first.values())
    stretches = []
    for obj in born:
        times = sorted(t for (account, o), (t, _) in first.items() if o == obj and account in members)
        run = []
        for t in [*times, np.inf]:
            if run and t - run[-1] > 600:
                around = sum(run[0] - 300 <= u <= run[-1] + 300 for (_, o), (u, _) in first.items() if o == obj)
                if len(run) >= max(s / 3, 4) and len(run) >= 0.4 * around:
                    source = next(so for (_, o), (_, so) in first.items() if o == obj)
                    stretches.append((-len(run), run[0], source, obj, around))
                run = []
            run.append(t)
    weeks, times = {}, {}

    def returning(week, taken):
        """The share of the actions in the stretches taken whose account is on the source a second time."""
        own = {(a, o): (t, source) for (a, o), (t, source) in first.items() if a in members}
        there = set()
        for start, _, _, obj, _, _ in taken:
            at = start
            for t, a in sorted((t, a) for (a, o), (t, _) in own.items() if o == obj and t >= start):
                if t - at > 600:
                    break
                there.add((a, obj))
                at = t
        seen = there | {key for key, (t, _) in own.items() if (t - begin) // (7 * DAY) == week}
        again = [sum(a == b and own[a, o][1] == own[b, p][1] for b, p in seen) >= 2 for a, o in there]
        return sum(again) / max(len(again), 1)

    for z, t, source, obj, around in sorted(stretches):
        taken = weeks.setdefault((t - begin) // (7 * DAY), [])
        times.setdefault((t - begin) // (7 * DAY), []).append(t)
        if all(source != other[2] and abs(t - other[0]) >= 6 * HOUR for other in taken):
            taken.append((t, t - born[obj] >= HOUR, source, obj, -z, around))
    best = (False, 0, 0, [], 0, 0.0)
    for week, taken in sorted(weeks.items()):
        stretches = len(times[week])
        n, late = len(taken), sum(x[1] for x in taken)
        back = returning(week, taken)
        new = late >= n / 4 or (stretches <= 2 * n and back <= 0.5)
        few = (n >= 5 and late >= n / 4 and back <= 0.4) or (n >= 4 and late >= 3 and back <= 0.25)
        held = new and (few or n >= 7 or (s >= 16 and (n >= 6 or (n == 5 and late >= 1))))
        best = max(best, (held, n, late, sorted(taken), stretches, back), key=lambda x: x[:3])
    return best[3], best[4], best[5]


@settings(max_examples=150, deadline=None)
@given(rows=tables(), size=st.integers(8, 12))
def test_broad_occasions_equal_a_plain_loop(rows, size):
    members = np.arange(size, dtype=np.int32)
    line, born = line_of(rows)
    found = broad_occasions(line, born, members)
    expected, stretches, returning = plain_broad(rows, set(members.tolist()))
    assert found.returning == pytest.approx(returning)
    assert found.n_stretches == stretches
    assert found.n == len(expected)
    assert found.n_late == sum(late for _, late, *_ in expected)
    assert (found.start_us // SECOND).tolist() == [x[0] for x in expected]
    assert found.n_members.tolist() == [x[4] for x in expected]
    assert found.n_crowd.tolist() == [x[5] for x in expected]


@settings(max_examples=100, deadline=None)
@given(rows=tables(), window_s=st.sampled_from([60, 600]))
def test_company_equals_a_plain_loop(rows, window_s):
    members = np.arange(10, dtype=np.int32)
    line, _ = line_of(rows)
    found = company_occasions(line, members, window_s)
    acts = list(zip(line.account.tolist(), line.object.tolist(), line.source.tolist(), line.t_us.tolist(), strict=True))
    for member in range(10):
        seen, last, others = set(), None, []
        for t, source, obj in sorted((t, s, o) for a, o, s, t in acts if a == member):
            n = sum(a != member and a < 10 and o == obj and abs(u - t) <= window_s * SECOND for a, o, _, u in acts)
            if n >= 2 and source not in seen and (last is None or t - last >= 6 * HOUR * SECOND):
                seen.add(source)
                last = t
                others.append(n)
        assert found.n[member] == len(others)
        assert found.company[member] == pytest.approx(np.mean(others) if others else 0)


@settings(max_examples=60, deadline=None)
@given(rows=tables(), seed=st.integers(0, 1000))
def test_a_crowd_on_its_own_objects_changes_nothing(rows, seed):
    rng = np.random.default_rng(seed)
    begin, end = min(r[3] for r in rows), max(r[3] for r in rows)
    crowd = [(30 + k % 10, 30 + k % 30, 8 + k % 12, int(rng.integers(begin, end + 1))) for k in range(300)]
    members = np.arange(10, dtype=np.int32)
    alone, both = (broad_occasions(*line_of(table), members) for table in (rows, rows + crowd))
    assert (alone.n, alone.n_late, alone.object.tolist()) == (both.n, both.n_late, both.object.tolist())


def strikes(n, size, apart=8 * HOUR, age=0, crowd=0):
    rows = []
    for k in range(n):
        at = DAY + k * apart
        rows += [(39, k, k, at - age)] if age else []
        rows += [(member, k, k, at + 10 * member) for member in range(size)]
        rows += [(size + x, k, k, at + x) for x in range(crowd)]
    return rows


def again(rows):
    """The same, and each member once more on each source, alone and days later."""
    members = {(account, source) for account, _, source, _ in rows}
    return rows + [
        (account, 30 + source, source, 6 * DAY + 1000 * account) for account, source in sorted(members) if account != 39
    ]


@pytest.mark.parametrize(
    ("rows", "size", "n", "held"),
    [
        (strikes(6, 20), 20, 6, True),
        (strikes(5, 20), 20, 5, False),
        (strikes(5, 10), 10, 5, False),
        (strikes(4, 20), 20, 4, False),
        (strikes(4, 20, age=2 * HOUR), 20, 4, True),
        (strikes(4, 20, age=HOUR - 1), 20, 4, False),
        (strikes(3, 20, age=2 * HOUR), 20, 3, False),
        (strikes(5, 10, age=2 * HOUR), 10, 5, True),
        (again(strikes(5, 20)), 20, 5, False),
        (again(strikes(5, 20, age=2 * HOUR)), 20, 5, True),
        (again(strikes(4, 20, age=2 * HOUR)), 20, 4, False),
        (again(strikes(6, 20, age=2 * HOUR)), 20, 6, True),
        (again(strikes(6, 15, age=2 * HOUR)), 15, 6, False),
        (again(strikes(7, 15, age=2 * HOUR)), 15, 7, True),
        (strikes(7, 15), 15, 7, True),
        (strikes(7, 10, crowd=15), 10, 7, True),  # ten of twenty-five
        (strikes(7, 10, crowd=16), 10, 0, False),  # ten of twenty-six
        (strikes(8, 20, apart=6 * HOUR - 1), 20, 4, False),  # every second one
        (strikes(8, 20, apart=6 * HOUR), 20, 8, True),
        (strikes(8, 20, apart=46 * HOUR), 20, 4, False),  # four in any week
    ],
)
def test_the_rule_by_hand(rows, size, n, held):
    line, born = line_of(rows)
    found = broad_occasions(line, born, np.arange(size, dtype=np.int32))
    assert found.n == n
    assert proven(found, size) is held


def test_those_who_come_back_to_the_same_sources_early_are_fans():
    stars = [(account, obj, obj % 7, t) for account, obj, _, t in strikes(18, 20)]
    line, born = line_of(stars)
    found = broad_occasions(line, born, np.arange(20, dtype=np.int32))
    assert (found.n, found.n_late, found.n_stretches) == (7, 0, 18)
    assert not proven(found, 20)
    older = [(account, obj, obj % 7, t) for account, obj, _, t in strikes(18, 20, age=HOUR)]
    found = broad_occasions(*line_of(older), np.arange(20, dtype=np.int32))
    assert (found.n, found.n_late, found.n_stretches) == (7, 7, 18)
    assert proven(found, 20)
    three_again = [(account, obj, obj % 7, t) for account, obj, _, t in strikes(10, 20)]
    found = broad_occasions(*line_of(three_again), np.arange(20, dtype=np.int32))
    assert found.returning == pytest.approx(3 / 7)
    assert proven(found, 20)
    four_again = [(account, obj, obj % 7, t) for account, obj, _, t in strikes(11, 20)]
    found = broad_occasions(*line_of(four_again), np.arange(20, dtype=np.int32))
    assert (found.n_stretches, found.returning) == (11, pytest.approx(4 / 7))
    assert not proven(found, 20)


def test_one_source_is_one_occasion_however_often():
    rows = [(account, obj, 0, t) for account, obj, _, t in strikes(12, 20)]
    line, born = line_of(rows)
    assert broad_occasions(line, born, np.arange(20, dtype=np.int32)).n == 1


@given(
    n=st.integers(0, 12), late=st.integers(0, 12), size=st.integers(8, 60), back=st.floats(0, 1), less=st.floats(0, 1)
)
def test_more_broad_occasions_or_less_return_never_prove_less(n, late, size, back, less):
    none = np.empty(0, np.int64)
    late = n if late > n // 2 else 0  # more occasions of the same kind

    def group(k, returning):
        return Broad(k, k if late else 0, k, returning, none, none.astype(np.int32), none, none)

    assert proven(group(n + 1, back), size) or not proven(group(n, back), size)
    assert proven(group(n, min(back, less)), size) or not proven(group(n, max(back, less)), size)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60)), max_size=25).map(sorted))
def test_stretches_end_where_the_object_or_the_pace_does(acts):
    """Cut by hand: an action begins a stretch where the one before is on another object, or more than ten earlier."""
    first, last = stretches(np.array([o for o, _ in acts], np.int32), np.array([t for _, t in acts], np.int64), 10)
    runs = []
    for place, (obj, t) in enumerate(acts):
        if place and acts[place - 1][0] == obj and t - acts[place - 1][1] <= 10:
            runs[-1].append(place)
        else:
            runs.append([place])
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == [(run[0], run[-1]) for run in runs]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.integers(4, 7)), max_size=12))
def test_separate_takes_the_largest_that_is_left(stretch):
    """(hour, source, members): the largest, then the earliest, of those that are free of all that were taken."""
    hour, source, size = (np.array([row[k] for row in stretch], np.int64) for k in range(3))
    left, taken = set(range(len(stretch))), []
    while left:
        best = min(left, key=lambda k: (-size[k], hour[k], source[k], k))
        taken.append(best)
        left = {k for k in left if source[k] != source[best] and abs(hour[k] - hour[best]) >= 6}
    assert separate(hour * HOUR * SECOND, source.astype(np.int32), size) == taken


@pytest.mark.parametrize(("n_late", "held"), [(2, True), (1, False)])
def test_a_quarter_of_late_occasions_outweighs_the_habit_of_coming_back(n_late, held):
    """Members who come back to the same sources as fans do; two of eight occasions came late, or one."""
    none = np.zeros(0, np.int64)
    broad = Broad(8, n_late, 8, 0.6, none, none.astype(np.int32), none, none)
    assert proven(broad, 20) is held


def test_a_crowd_is_counted_from_five_minutes_before_to_five_minutes_after() -> None:
    """Twenty members act from second 0 to 190; of four others two are a second too early or too late."""
    rows = strikes(6, 20)
    rows += [(20 + x, k, k, DAY + k * 8 * HOUR + at) for k in range(6) for x, at in enumerate((-301, -300, 490, 491))]
    found = broad_occasions(*line_of(rows), np.arange(20, dtype=np.int32))
    assert found.n_members.tolist() == [20] * 6
    assert found.n_crowd.tolist() == [22] * 6


@pytest.mark.parametrize(("n_late", "held"), [(2, True), (1, False)])
def test_of_seven_occasions_or_eight_two_late_ones_are_a_quarter(n_late, held):
    none = np.zeros(0, np.int64)
    for n in (7, 8):
        assert proven(Broad(n, n_late, n, 0.6, none, none.astype(np.int32), none, none), 8) is held
