"""Own counts of accounts, against a small table by hand, loops in plain Python, and seconds dealt within the minute."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2

from spmc_tools.chance.events.event_features import Posted, minute_rank, on_objects
from spmc_tools.chance.events.event_signature import marks
from spmc_tools.chance.events.own_count import OwnCounts, on_full_minute, own_counts, posted_minutes

S, MINUTE = 1_000_000, 60


def posted(rows: list[tuple[int, int, float, bool]]) -> Posted:
    """Rows of account, object, second, exact; brought into time order."""
    rows = sorted(rows, key=lambda row: row[2])
    account, object_, second, exact = zip(*rows, strict=True)
    return Posted(
        np.array(account, np.int64),
        np.array(object_, np.int64),
        np.full(len(rows), -1, np.int64),
        (np.array(second) * S).astype(np.int64),
        np.array(exact, bool),
        max(account) + 1,
        max(object_) + 1,
        (),
    )


def counts(records: Posted, code: int = 0) -> OwnCounts:
    on = on_objects(records)
    place = on.code.tolist().index(code)
    return own_counts(records, on, marks(records, on), place, posted_minutes(records))


def form(members: int, each: int, second: int, *, start: int = 0) -> list[tuple[int, int, float, bool]]:
    """Object 0, posted by accounts in turn, every two minutes on one second."""
    return [(k % members, 0, start + 120 * k + second, True) for k in range(members * each)]


def crowd(n: int, first: int = 100) -> list[tuple[int, int, float, bool]]:
    """Accounts with a post each of an object of its own, one on each second of the minute in turn."""
    return [(first + i, 10 + i, 50_000 + 61 * i, True) for i in range(n)]


def test_by_hand() -> None:
    """Six accounts, three posts each on second 17; the last is there once. Outside: 600 posts, ten on each second."""
    rows = form(6, 3, 17)
    late = [i for i, row in enumerate(rows) if row[0] == 5][1:]
    for i, more in zip(late, (20, 31), strict=True):
        rows[i] = (5, 0, rows[i][2] + more, True)
    outside = crowd(600)
    outside += [(100, 10, 90_000, True), (101, 11, 90_000, True), (101, 11, 95_000, True)]
    found = counts(posted(rows + outside))
    assert found.accounts.tolist() == list(range(6))
    assert found.n_records.tolist() == [3] * 6
    assert found.n_on_second.tolist() == [3, 3, 3, 3, 3, 1]
    # ten of the 603 posts lie on each of the two seconds: the floor of a thirtieth is more than 21/633
    at = [int(row[2]) % 60 for row in outside]
    share = max((sum(s in {16, 17} for s in at) + 1) / 633, 2 / 60)
    assert found.share_outside == pytest.approx([share] * 6)
    assert found.p_time == pytest.approx([share**3] * 5 + [1 - (1 - share) ** 3])
    # of 600 pairs of account and object outside one has three minutes, one two
    assert found.p_again == pytest.approx([2 / 601] * 6)
    p = [chi2.sf(-2 * math.log(a * b), 4) for a, b in zip(found.p_time, found.p_again, strict=True)]
    assert found.p == pytest.approx(p)
    assert found.q[5] == pytest.approx(p[5])
    assert found.q[:5] == pytest.approx([p[0] * 6 / 5] * 5)


def test_the_share_is_that_of_accounts_outside_and_no_less_than_a_thirtieth() -> None:
    """A hundred of 400 posts of others are on second 17; what the form's accounts post elsewhere on 17 is left out."""
    outside = [(100 + i, 10 + i, 60_000 + 60 * i + (17 if i < 100 else 40), True) for i in range(400)]
    same_people = [(i, 500 + i, 200_000 + 60 * i + 17, True) for i in range(6)]
    assert counts(posted(form(6, 3, 17) + outside + same_people)).share_outside == pytest.approx([101 / 430] * 6)
    away = [(a, o, t - t % 60 + 40, e) for a, o, t, e in outside]
    assert counts(posted(form(6, 3, 17) + away)).share_outside == pytest.approx([2 / 60] * 6)


@pytest.mark.parametrize("second", [0, 1])
def test_the_full_minute_is_no_mark(second: int) -> None:
    found = counts(posted(form(8, 4, second) + crowd(600)))
    assert found.n_on_second.tolist() == [4] * 8
    assert (found.share_outside == 1).all()
    assert (found.p_time == 1).all()
    assert (found.p_again < 0.01).all()


def test_an_account_does_not_choose_its_second() -> None:
    """One account posts forty times on second 41; the others are on 17, and it is measured there."""
    rows = form(6, 3, 17) + [(6, 0, 10_000 + 120 * k + 41, True) for k in range(40)]
    found = counts(posted(rows + crowd(600)))
    assert (found.n_records[6], found.n_on_second[6], found.p_time[6]) == (40, 0, 1.0)


def test_posts_of_one_minute_count_once() -> None:
    """Account 0 posts parts of a thread on one second, five to the minute; another account a post in each minute."""
    thread = [(0, 0, 10_020 + 17.1 + 0.1 * k, True) for k in range(5)]
    found = counts(posted([row for row in form(7, 3, 17) if row[0]] + thread + crowd(600)))
    assert found.n_records.tolist() == [1] + [3] * 6
    assert (found.n_on_second[0], found.p_again[0]) == (1, 1.0)
    assert found.p_time[0] == pytest.approx(found.share_outside[0])


def test_which_post_stands_for_its_minute_does_not_favour_the_first() -> None:
    rows = [(a, 0, 600 * MINUTE * a + MINUTE * k + s, True) for a in range(6) for k in range(20) for s in (5, 33)]
    found = counts(posted(rows + crowd(600)))
    expected = [
        sum((5, 33)[minute_rank(600 * a + k, 2)] == 5 for k in range(20)) for a in range(6)
    ]  # fmt: skip
    assert found.n_records.tolist() == [20] * 6
    assert all(x in {five, 20 - five} for x, five in zip(found.n_on_second.tolist(), expected, strict=True))
    assert 40 < sum(expected) < 80


def test_inexact_clocks_have_no_second() -> None:
    found = counts(posted([(a, o, t, False) for a, o, t, _ in form(6, 3, 17)] + crowd(600)))
    assert found.n_records.tolist() == [0] * 6
    assert (found.p_time == 1).all()
    assert (found.share_outside == 1).all()
    assert (found.p_again < 0.01).all()


def test_a_burst() -> None:
    """Twenty accounts within two seconds, one of them again 20 s later and one 40 s later; a quiet crowd outside."""
    burst = [(a, 0, 3_600 * 5 + 25 + 0.1 * a, True) for a in range(20)]
    burst += [(0, 0, 3_600 * 5 + 45, True), (1, 0, 3_600 * 5 + 65, True)]
    found = counts(posted(burst + crowd(600)))
    assert found.n_records.tolist() == [2] + [1] * 19
    assert found.n_on_second.tolist() == [1] * 20
    assert found.share_outside == pytest.approx([4 / 60] * 20)
    assert found.p_time == pytest.approx([1 - (56 / 60) ** 2] + [4 / 60] * 19)
    # three of four posts that others have within those 30 s are in the burst too
    busy = [(200 + i, 700 + i, 3_600 * 5 + t, True) for i, t in enumerate((25.5, 26, 26.5, 50))]
    assert counts(posted(burst + busy + crowd(600))).share_outside == pytest.approx([4 / 19] * 20)
    on_time = [(a, o, t - 25, e) for a, o, t, e in burst]
    assert (counts(posted(on_time + crowd(600))).p_time == 1).all()


@pytest.mark.parametrize(("seconds", "full"), [((), False), ((0, 1), True), ((0, 30), True), ((59, 0, 2), False)])
def test_on_full_minute(seconds: tuple[int, ...], full: bool) -> None:
    records = posted([(0, 0, 60 * k + s, True) for k, s in enumerate(seconds)] + [(1, 1, 600, True)])
    assert on_full_minute(records, np.arange(len(seconds))) is full


# -- what always holds ----------------------------------------------------------------------------------------------


def plain(records: Posted, code: int) -> list[tuple[int, int, int, float, float]]:
    """Return account, r, x, π and both p in plain loops, for objects that rest on the clock."""
    rows = list(zip(records.account, records.object, records.t_us // S, records.exact, strict=True))
    inside = sorted({a for a, o, _, _ in rows if o == code})
    outside = [t % 60 for a, _, t, exact in rows if a not in inside and exact]
    share = {
        s: max((sum(t in {s, (s + 1) % 60} for t in outside) + 1) / (len(outside) + 30), 2 / 60) for s in range(60)
    }
    seconds: dict[int, list[int]] = {}
    for a in inside:
        minutes: dict[int, list[int]] = {}
        for b, o, t, exact in rows:
            if (a, code) == (b, o) and exact:
                minutes.setdefault(t // 60, []).append(t % 60)
        seconds[a] = [listed[minute_rank(int(minute), len(listed))] for minute, listed in minutes.items()]
    posts: dict[tuple[int, int], set[int]] = {}
    for a, o, t, _ in rows:
        if o >= 0:
            posts.setdefault((a, o), set()).add(t // 60)
    others = [len(minutes) for (a, _), minutes in posts.items() if a not in inside]
    found = []
    for a in inside:
        rest = [t for b in inside if b != a for t in seconds[b]]
        excess = [sum(t in {s, (s + 1) % 60} for t in rest) - len(rest) * share[s] for s in range(60)]
        s = max(range(60), key=lambda second: (round(excess[second], 9), -second))
        x, r = sum(t in {s, (s + 1) % 60} for t in seconds[a]), len(seconds[a])
        pi = 1.0 if {s, (s + 1) % 60} & {0, 1} else share[s]
        c = len(posts[a, code])
        again = 1.0 if c == 1 else (1 + sum(n >= c for n in others)) / (1 + len(others))
        found.append((a, r, x, float(binom.sf(x - 1, r, pi)) if x else 1.0, again))
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 12), st.integers(0, 59), st.booleans())
def test_loops_say_the_same(seed: int, members: int, second: int, exact: bool) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        (int(rng.integers(members)), 0, int(rng.integers(200)) * 60 + (second if rng.random() < 0.6 else int(s)), True)
        for s in rng.integers(0, 60, 40)
    ]
    rows += [(a, 0, 300 * 60 + 60 * a + 7, exact) for a in range(members)]
    rows += [
        (20 + int(rng.integers(40)), int(rng.integers(-1, 30)) + 1, int(rng.integers(20_000)), True) for _ in range(150)
    ]
    records = posted([(a, o, t, e) for a, o, t, e in rows if a < 20 or o > 0])
    on = on_objects(records)
    got = marks(records, on)
    place = on.code.tolist().index(0)
    if not got.by_clock[place]:
        return
    found = own_counts(records, on, got, place, posted_minutes(records))
    columns = (found.accounts, found.n_records, found.n_on_second, found.p_time, found.p_again)
    wanted = list(zip(*plain(records, 0), strict=True))
    for column, values in zip(columns, wanted, strict=True):
        assert column.tolist() == pytest.approx(list(values))


def test_seconds_dealt_within_the_minute_are_seldom_a_mark() -> None:
    """Over 400 deals of the seconds of eight accounts with ten posts each: at most as many as chance allows."""
    rng = np.random.default_rng(7)
    outside = crowd(1_200)
    least = []
    for _ in range(400):
        rows = [(k % 8, 0, 120 * k + int(rng.integers(60)), True) for k in range(80)]
        found = counts(posted(rows + outside))
        least += found.p_time.tolist()
    for level in (0.05, 0.01, 0.001):
        allowed = binom.isf(1e-4, len(least), level)
        assert sum(p <= level for p in least) <= allowed
