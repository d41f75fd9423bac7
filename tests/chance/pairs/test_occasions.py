"""The sweep over pairs against plain loops; what a repeat is, what is left without the top source."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spmc_tools.chance.pairs import occasions
from spmc_tools.chance.pairs.listed_pairs import pair_sources
from spmc_tools.chance.pairs.null_models import partner_degree
from spmc_tools.chance.pairs.occasions import (
    GAP_US,
    count_pairs,
    first_actions,
    n_coactions,
    out_of_step,
    sort_by_time,
    timeline,
)
from spmc_tools.chance.pairs.retained import with_sources

SECOND = 1_000_000


def separate(times):
    """How many of the times, in order, lie six hours or more after the last one counted."""
    n, last = 0, None
    for t in sorted(times):
        if last is None or t - last >= GAP_US:
            n, last = n + 1, t
    return n


@st.composite
def lines(draw):
    """A small timeline: up to nine accounts, thirty objects, five sources, three days."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = int(rng.integers(1, 150))
    objects = rng.integers(0, 30, n).astype(np.int32)
    accounts = rng.integers(0, 9, n).astype(np.int32)
    births = rng.integers(0, 3 * 86_400, 30) * SECOND
    times = births[objects] + rng.integers(0, 900, n) * SECOND * rng.integers(0, 2, n)
    rows = first_actions(accounts, objects, times)
    source_of = rng.integers(0, 5, 30).astype(np.int32)
    return timeline(accounts[rows], objects[rows], source_of[objects[rows]], times[rows], 9, 5)


def coactions(line, window_s):
    """{(i, j): [(time, source, object)]}, pair by pair and object by object."""
    found = defaultdict(list)
    rows = list(zip(line.account.tolist(), line.object.tolist(), line.source.tolist(), line.t_us.tolist(), strict=True))
    for (a, o, s, t), (b, p, _, u) in itertools.combinations(rows, 2):
        if o == p and a != b and abs(t - u) <= window_s * SECOND:
            found[min(a, b), max(a, b)].append((min(t, u), s, o))
    return found


@settings(max_examples=200, deadline=None)
@given(line=lines(), window_s=st.sampled_from([0, 60, 600]))
def test_sums_over_pairs_and_repeats_equal_plain_loops(line, window_s):
    found, expected = count_pairs(line, window_s), coactions(line, window_s)
    assert found.n_in_step == len(expected)
    assert n_coactions(line, window_s) == sum(map(len, expected.values()))
    assert found.partners.tolist() == [sum(i in pair for pair in expected) for i in range(9)]
    on = Counter(s for c in expected.values() for s in {source for _, source, _ in c})
    assert found.in_step_on.tolist() == [on[s] for s in range(5)]
    listed = dict(
        zip(
            zip(found.a.tolist(), found.b.tolist(), strict=True),
            zip(found.n_occasions.tolist(), found.n_repeats.tolist(), found.n_repeats_rest.tolist(), strict=True),
            strict=True,
        )
    )
    assert list(listed) == sorted(listed)
    for pair, c in expected.items():
        repeats = separate([t for t, _, _ in c])
        assert (pair in listed) == (repeats >= 3 or listed.get(pair, (0,))[0] >= 2)
        if pair in listed:
            often = Counter(s for _, s, _ in c)
            top = min(often, key=lambda s: (-often[s], s))
            assert listed[pair][1:] == (repeats, separate([t for t, s, _ in c if s != top]))


@settings(max_examples=100, deadline=None)
@given(line=lines(), window_s=st.sampled_from([60, 600]))
def test_out_of_step_means_nobody_else_near(line, window_s):
    rows = list(zip(line.account.tolist(), line.object.tolist(), line.t_us.tolist(), strict=True))
    for (a, o, t), slow in zip(rows, out_of_step(line, window_s), strict=True):
        near = [b for b, p, u in rows if b != a and p == o and abs(t - u) <= min(window_s, 180) * SECOND]
        assert slow == (not near)


@pytest.mark.parametrize(
    ("apart_s", "window_s", "alone"),
    [(60, 60, False), (61, 60, True), (100, 600, False), (180, 600, False), (181, 600, True), (181, 180, True)],
)
def test_out_of_step_within_the_window_but_never_more_than_three_minutes(apart_s, window_s, alone):
    same = np.zeros(2, np.int32)
    pair = timeline(np.arange(2, dtype=np.int32), same, same, np.array([0, apart_s * SECOND]), 2, 1)
    assert out_of_step(pair, window_s).tolist() == [alone, alone]


@settings(max_examples=100, deadline=None)
@given(line=lines(), window_s=st.sampled_from([60, 600]))
def test_sources_of_listed_pairs_agree_with_the_sweep(line, window_s):
    counts, expected = count_pairs(line, window_s), coactions(line, window_s)
    born = np.array([min([t for _, _, t in rows], default=0) for rows in (
        [(a, o, t) for a, o, t in zip(line.account, line.object, line.t_us, strict=True) if o == obj]
        for obj in range(30)
    )], np.int64)  # fmt: skip
    found = pair_sources(line, born, counts.a, counts.b, window_s)
    for k, pair in enumerate(zip(counts.a.tolist(), counts.b.tolist(), strict=True)):
        mine = found.pair == k
        assert sorted(found.source[mine]) == sorted({s for _, s, _ in expected[pair]})
        assert mine.sum() == counts.n_sources[k]
        assert found.occasion[mine].sum() == counts.n_occasions[k]
        assert found.n_coactions[k] == len(expected[pair])
        assert found.n_late[k] == sum(t - born[o] >= 3600 * SECOND for t, _, o in expected[pair])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_objects=st.sampled_from([2, 3, 31, 32, 33, 34, 150]))
def test_pairs_in_step_seldom_or_very_often_equal_plain_loops(seed, n_objects):
    """Two, few and many coactions are counted in three ways: all give what plain loops give."""
    rng = np.random.default_rng(seed)
    objects = np.repeat(np.arange(n_objects, dtype=np.int32), 3)
    accounts = np.tile(np.arange(3, dtype=np.int32), n_objects)
    births = np.sort(rng.integers(0, 20 * 86_400, n_objects)) * SECOND
    times = births[objects] + rng.integers(0, 400, objects.size) * SECOND
    source_of = rng.integers(0, 4, n_objects).astype(np.int32)
    rows = first_actions(accounts, objects, times)
    line = timeline(accounts[rows], objects[rows], source_of[objects[rows]], times[rows], 3, 4)
    found, expected = count_pairs(line, 300), coactions(line, 300)
    assert found.partners.tolist() == [sum(i in pair for pair in expected) for i in range(3)]
    on = Counter(s for c in expected.values() for s in {source for _, source, _ in c})
    assert found.in_step_on.tolist() == [on[s] for s in range(4)]
    listed = {(a, b): k for k, (a, b) in enumerate(zip(found.a.tolist(), found.b.tolist(), strict=True))}
    for pair, c in expected.items():
        n, last, used = 0, None, set()
        for t, s, _ in sorted(c):
            if s not in used and (last is None or t - last >= GAP_US):
                n, last, used = n + 1, t, used | {s}
        repeats = separate([t for t, _, _ in c])
        assert (pair in listed) == (n >= 2 or repeats >= 3)
        if pair in listed:
            k = listed[pair]
            often = Counter(s for _, s, _ in c)
            top = min(often, key=lambda s: (-often[s], s))
            assert (found.n_occasions[k], found.n_sources[k], found.n_repeats[k], found.n_repeats_rest[k]) == (
                n, len(often), repeats, separate([t for t, s, _ in c if s != top]),
            )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(line=lines(), window_s=st.sampled_from([60, 600]), level=st.sampled_from([1e-3, 0.2, 1.0]))
def test_in_a_crowd_what_partner_degree_makes_likely_is_left_out_and_counted(line, window_s, level):
    whole = count_pairs(line, window_s)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(occasions, "CROWDED", -1)
        found = count_pairs(line, window_s, level)
    expected = partner_degree(whole.partners, whole.n_in_step, whole.a, whole.b)
    keep = (whole.n_occasions >= 2) & (stats.poisson.sf(whole.n_occasions - 1, expected) < 0.05)
    keep |= (whole.n_repeats >= 3) & (stats.poisson.sf(whole.n_repeats - 1, expected) < level)
    for name in ("a", "b", "n_occasions", "n_sources", "n_repeats", "n_repeats_rest"):
        assert getattr(found, name).tolist() == getattr(whole, name)[keep].tolist()
    assert found.n_left_out == int((whole.n_occasions[~keep] >= 2).sum())
    again = whole.n_occasions >= 2
    ends = np.concatenate([whole.a[again], whole.b[again]])
    for one in (whole, found):
        assert one.partners_again.tolist() == np.bincount(ends, minlength=9).tolist()
        assert (one.partners == whole.partners).all()
        assert one.n_in_step == whole.n_in_step
        assert (one.in_step_on == whole.in_step_on).all()
    assert whole.n_left_out == 0


@pytest.mark.parametrize(("n_strangers", "listed"), [(21, False), (22, True)])
def test_in_a_crowd_two_occasions_are_listed_from_one_chance_in_twenty_on(monkeypatch, n_strangers, listed):
    """Two accounts with three partners each meet twice, m pairs of strangers once: there are 10 + 2 m partners.

    By hand: their expected occasions are x = -ln(1 - 4 · 4 / (10 + 2 m)), .3677 for 21 pairs and .3514 for 22;
    P(Poisson(x) >= 2) = 1 - exp(-x) (1 + x) is .0531 and .0490.
    """
    monkeypatch.setattr(occasions, "CROWDED", -1)
    meetings = [(0, 1), (0, 1), (0, 2), (0, 3), (1, 4), (1, 5)]
    meetings += [(6 + 2 * n, 7 + 2 * n) for n in range(n_strangers)]
    account = np.array(meetings, np.int32).ravel()
    objects = np.repeat(np.arange(len(meetings), dtype=np.int32), 2)
    n_accounts, n_objects = int(account.max()) + 1, len(meetings)
    found = count_pairs(timeline(account, objects, objects, objects * np.int64(GAP_US), n_accounts, n_objects), 60)
    assert found.partners.sum() == 10 + 2 * n_strangers
    assert list(zip(found.a.tolist(), found.b.tolist(), strict=True)) == ([(0, 1)] if listed else [])
    assert found.n_left_out == (0 if listed else 1)


def test_six_hours_are_enough_and_one_microsecond_less_is_not():
    for gap, n in ((GAP_US, 2), (GAP_US - 1, 0)):
        account = np.array([0, 1, 0, 1], np.int32)
        objects = np.array([0, 0, 1, 1], np.int32)
        line = timeline(account, objects, objects, np.array([0, 0, gap, gap]), 2, 2)
        assert count_pairs(line, 60).n_occasions.tolist() == ([n] if n else [])


@pytest.mark.parametrize("n", [3, 4, 40])
def test_occasions_and_repeats_count_from_six_hours_on_however_many_there_are(n):
    """Three and more coactions are counted another way than two; each lies just six hours after the one before it."""
    objects = np.repeat(np.arange(n, dtype=np.int32), 2)
    account = np.tile(np.array([0, 1], np.int32), n)
    for gap, counted in ((GAP_US, n), (GAP_US - 1, (n + 1) // 2), (GAP_US + 1, n)):
        found = count_pairs(timeline(account, objects, objects, objects * np.int64(gap), 2, n), 60)
        assert found.n_occasions.tolist() == found.n_repeats.tolist() == [counted]
        one_source = count_pairs(timeline(account, objects, objects * 0, objects * np.int64(gap), 2, 1), 60)
        assert one_source.n_repeats.tolist() == ([counted] if counted >= 3 else [])
    assert GAP_US == 6 * 3600 * 1_000_000


def test_merged_sources_take_away_occasions():
    objects = np.repeat(np.arange(3, dtype=np.int32), 2)
    line = timeline(np.tile(np.array([0, 1], np.int32), 3), objects, objects, objects * np.int64(2 * GAP_US), 2, 3)
    assert count_pairs(line, 60).n_occasions.tolist() == [3]
    merged = count_pairs(with_sources(line, np.array([0, 0, 2], np.int32)), 60)
    assert merged.n_occasions.tolist() == [2]
    assert merged.n_repeats.tolist() == [3]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_a_stretch_is_sorted_by_time_then_source_and_the_rest_stays(acts, start, end):
    times, sources = (np.array([act[k] for act in acts], np.int64) for k in range(2))
    end = min(end, len(acts))
    sort_by_time(times, sources, start, end)
    wanted = acts[:start] + sorted(acts[start:end]) + acts[max(start, end) :]
    assert list(zip(times.tolist(), sources.tolist(), strict=True)) == wanted


@pytest.mark.parametrize("n", [1_024, 1_025, 2_000])
def test_any_number_of_coactions_of_a_pair_is_counted(n):
    """One an hour, each on a source of its own: every sixth is an occasion, and a repeat."""
    objects = np.repeat(np.arange(n, dtype=np.int32), 2)
    accounts = np.tile(np.arange(2, dtype=np.int32), n)
    found = count_pairs(timeline(accounts, objects, objects, objects.astype(np.int64) * 3_600 * SECOND, 2, n), 60)
    assert (found.a.tolist(), found.b.tolist()) == ([0], [1])
    assert (found.n_sources[0], found.n_occasions[0], found.n_repeats[0]) == (n, -(-n // 6), -(-n // 6))
    assert found.in_step_on.tolist() == [1] * n
