"""The marks of an object, each against loops in plain Python and scipy's beta-binomial."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from spmc_tools.chance.events.event_features import (
    SOLE_USER,
    OnObjects,
    Posted,
    burst,
    client,
    client_rho,
    clock,
    on_objects,
    repeat,
    repeat_rho,
)

S = 1_000_000
CLIENTS = ("Android", "Planner", "Web", SOLE_USER)


def tail(x: int, n: int, p: float, rho: float) -> float:
    size = (1 - rho) / rho
    return float(sum(betabinom.pmf(k, n, p * size, (1 - p) * size) for k in range(x, n + 1)))


def posted(rows: list[tuple[int, int, int, int, bool]], n_objects: int = 4, n_accounts: int = 40) -> Posted:
    """Rows of account, object, microsecond, client, exact; brought into time order."""
    rows = sorted(rows, key=lambda row: row[2])
    a, o, t, c, e = (
        (np.array(column, np.int64) for column in zip(*rows, strict=True)) if rows else [np.empty(0, int)] * 5
    )
    return Posted(a, o, c, t, e.astype(bool), n_accounts, n_objects, CLIENTS)


def world(seed: int, n: int = 400, accounts: int = 40) -> Posted:
    rng = np.random.default_rng(seed)
    rows = [
        (
            int(rng.integers(accounts)), int(rng.integers(-1, 4)), int(rng.integers(0, 4_000) * S + rng.integers(S)),
            int(rng.integers(-1, 4)), bool(rng.random() < 0.9),
        )
        for _ in range(n)
    ]  # fmt: skip
    rows += [(i, 0, (4_200 + 60 * i) * S + 7 * S, 1, True) for i in range(25)]
    rows += [(i, 1, 2_000 * S + i * 150_000, 2, True) for i in range(12)]
    return posted(rows)


def looked_at(seed: int, accounts: int = 40) -> tuple[Posted, OnObjects, list[tuple[int, int]]]:
    """Return a world, its objects, and place and code of each."""
    given = world(seed, accounts=accounts)
    objects = on_objects(given)
    return given, objects, list(enumerate(objects.code.tolist()))


def of_object(given: Posted, code: int) -> list[int]:
    return [i for i in range(given.t_us.size) if given.object[i] == code]


def second(given: Posted, i: int) -> int:
    return int(given.t_us[i] // S % 60)


@pytest.mark.parametrize(("seed", "accounts"), [(1, 40), (2, 40), (3, 6), (4, 6)])  # six: each counts five times only
def test_clock(seed: int, accounts: int) -> None:
    given, objects, places = looked_at(seed, accounts)
    found = clock(given, objects)
    for place, code in places:
        used: dict[int, int] = defaultdict(int)
        kept = []
        for minute in sorted({int(given.t_us[i] // (60 * S)) for i in of_object(given, code)}):
            could = [
                i
                for i in of_object(given, code)
                if given.exact[i] and given.t_us[i] // (60 * S) == minute and used[given.account[i]] < 5
            ]
            if could:
                chosen = could[(minute % 1_000_003) * 7_919 % 1_000_003 % len(could)]
                used[given.account[chosen]] += 1
                kept.append(second(given, chosen))
        outside = [second(given, i) for i in range(given.t_us.size) if given.exact[i] and given.object[i] != code]
        each = {}
        for s in range(60):
            pair = {s, (s + 1) % 60}
            x = sum(one in pair for one in kept)
            if x >= 2:
                share = (sum(one in pair for one in outside) + 1) / (len(outside) + 30)
                each[s] = (min(1.0, 60 * tail(x, len(kept), share, 0.01)), x, share)
        best = min(each, key=lambda s: each[s][0])
        assert found.n[place] == len(kept)
        assert math.exp(found.ln_p[place]) == pytest.approx(each[best][0])
        assert each[int(found.second[place])][0] == pytest.approx(each[best][0])
        assert (found.x[place], found.share[place]) == pytest.approx(each[int(found.second[place])][1:])
    if accounts > 6:
        assert found.second[0] in {6, 7}
        assert math.exp(found.ln_p[0]) < 0.05


def test_a_clock_on_the_first_second_of_the_minute() -> None:
    """Two accounts on second 30 come later in the minute, and weigh less; second 59 is common elsewhere."""
    rows = [(i, 0, 60 * i * S, 0, True) for i in range(25)] + [
        (30 + i, 0, (60 * i + 30) * S, 0, True) for i in (30, 31)
    ]
    rows += [(i % 40, 1, (60 * i + 59) * S, 0, True) for i in range(300)]
    given = posted(rows, 2, 99)
    found = clock(given, on_objects(given))
    outside, n = 300, 27
    assert (found.second[0], found.x[0], found.n[0]) == (0, 25, n)
    assert found.share[0] == pytest.approx(1 / (outside + 30))
    assert math.exp(found.ln_p[0]) == pytest.approx(60 * tail(25, n, 1 / (outside + 30), 0.01))


def test_of_seconds_that_are_as_rare_the_first_is_told() -> None:
    """All on second 10; nobody else is on second 9, 10 or 11."""
    rows = [(i, 0, (60 * i + 10) * S, 0, True) for i in range(25)]
    rows += [(30 + i, 1, (60 * i + 40) * S, 0, True) for i in range(60)]
    given = posted(rows, 2, 99)
    assert clock(given, on_objects(given)).second.tolist()[0] == 9


def test_a_crowd_so_dense_that_every_minute_is_full_has_no_clock() -> None:
    """The first record of each minute would be on its first seconds."""
    rng = np.random.default_rng(1)
    rows = [(int(rng.integers(900)), 0, int(rng.integers(3_600 * 20)) * S, 0, True) for _ in range(30_000)]
    rows += [(int(rng.integers(900)), -1, int(rng.integers(3_600 * 20)) * S, 0, True) for _ in range(5_000)]
    given = posted(rows, 1, 900)
    assert math.exp(clock(given, on_objects(given)).ln_p[0]) > 0.05


@pytest.mark.parametrize("seed", [1, 2])
def test_burst(seed: int) -> None:
    given, objects, places = looked_at(seed)
    found = burst(given, objects)
    for place, code in places:
        rows = [i for i in of_object(given, code) if given.exact[i]]
        best, start = 0, 0
        for i in rows:
            k = len({given.account[j] for j in rows if 0 <= given.t_us[j] - given.t_us[i] <= 2 * S})
            if k > best:
                best, start = k, given.t_us[i]
        assert found.k[place] == best
        if best < 5:
            assert found.ln_p[place] == 0
            continue
        m = len({given.account[j] for j in rows if abs(given.t_us[j] - start - S) <= 30 * S})
        assert (found.m[place], found.start_us[place]) == (m, start)
        assert math.exp(found.ln_p[place]) == pytest.approx(min(1.0, m * tail(best - 1, m - 1, 4 / 60, 0.05)))
    assert math.exp(found.ln_p[1]) < 1e-4


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("rho", [0.02, 0.3])
def test_client(seed: int, rho: float) -> None:
    given, objects, places = looked_at(seed)
    inside = np.random.default_rng(seed).random(objects.rows.size) < 0.7
    found = client(given, objects, inside, rho)
    for place, code in places:
        rows = of_object(given, code)
        assert objects.of(place).tolist() == rows
        marked = [i for i, mark in zip(rows, inside[objects.ptr[place] : objects.ptr[place + 1]], strict=True) if mark]
        mine = [i for i in marked if given.client[i] >= 0]
        n = len({given.account[i] for i in mine})
        others = [i for i in range(given.t_us.size) if given.object[i] != code and given.client[i] >= 0]
        everybody = len({given.account[i] for i in others})
        begins_with = {int(given.account[i]): int(given.client[i]) for i in reversed(mine)}
        each = {}
        for c in range(4):
            x = list(begins_with.values()).count(c)
            share = (len({given.account[i] for i in others if given.client[i] == c}) + 1) / (everybody + 2)
            if x >= 2:
                each[c] = (min(1.0, 4 * tail(x, n, share, rho)), x, share)
        best = min(one[0] for one in each.values())
        assert math.exp(found.ln_p[place]) == pytest.approx(best)
        own = each[int(found.client[place])]
        assert own[0] == pytest.approx(best)
        assert (found.x[place], found.n[place], found.share[place]) == pytest.approx((own[1], n, own[2]))


def test_two_accounts_on_a_client_that_nobody_else_uses() -> None:
    """Of five accounts two use client 1; outside 60 accounts are on client 0."""
    rows = [(i, 0, i * S, int(i < 2), True) for i in range(5)] + [(10 + i, -1, i * S, 0, True) for i in range(60)]
    given = posted(rows, 1, 99)
    found = client(given, on_objects(given), np.ones(5, bool), 0.05)
    assert (found.client[0], found.x[0], found.n[0], found.share[0]) == (1, 2, 5, pytest.approx(1 / 62))
    assert math.exp(found.ln_p[0]) == pytest.approx(4 * tail(2, 5, 1 / 62, 0.05))
    one = posted([(a, o, t, 0, e) for a, o, t, _, e in rows], 1, 99)  # where the first client is the only one
    found = client(one, on_objects(one), np.ones(5, bool), 0.05)
    assert (found.client[0], found.x[0], found.n[0], found.share[0]) == (0, 5, 5, pytest.approx(61 / 62))


def test_accounts_that_post_the_object_often_are_not_on_every_client() -> None:
    """Clients drawn by lot for each post: a hundred members with ten posts each are no more on one than others are."""
    small = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        drawn = rng.choice(4, 4000, p=[0.5, 0.3, 0.15, 0.05])
        often = [(i % 100, 0, i * S, int(drawn[i]), True) for i in range(1000)]
        given = posted([*often, *((i, -1, i * S, int(drawn[i]), True) for i in range(1000, 4000))], 1, 4000)
        objects = on_objects(given)
        small.append(client(given, objects, np.ones(objects.rows.size, bool), 0.05).ln_p[0] < np.log(0.05))
    assert sum(small) <= 5


@pytest.mark.parametrize("seed", [1, 2])
def test_repeat(seed: int) -> None:
    given, objects, places = looked_at(seed)
    count: dict[tuple[int, int], int] = defaultdict(int)
    for i in range(given.t_us.size):
        if given.object[i] >= 0:
            count[int(given.object[i]), int(given.account[i])] += 1
    found = repeat(given, objects, 0.1)
    for place, code in places:
        own = [n for (o, _), n in count.items() if o == code]
        on_it = {a for o, a in count if o == code}
        others = [n for (_, a), n in count.items() if a not in on_it]
        share = (sum(n >= 2 for n in others) + 1) / (len(others) + 2)
        x = sum(n >= 2 for n in own)
        assert (found.x[place], found.n[place], found.share[place]) == pytest.approx((x, len(own), share))
        assert math.exp(found.ln_p[place]) == pytest.approx(tail(x, len(own), share, 0.1))


def drawn(rho: float, seed: int, n_objects: int = 400, n: int = 20) -> Posted:
    """Objects whose clients, and repeats, are drawn with a known correlation; every account is new."""
    rng = np.random.default_rng(seed)
    share = np.array([0.6, 0.25, 0.1, 0.05])
    rows, account = [], 0
    for o in range(n_objects):
        p = rng.dirichlet(share * (1 - rho) / rho)
        again = rng.beta(0.2 * (1 - rho) / rho, 0.8 * (1 - rho) / rho)
        for c in rng.choice(4, n, p=p).tolist():
            rows += [(account, o, int(rng.integers(10**9)), c, True)] * (1 + int(rng.random() < again))
            account += 1
    return posted(rows, n_objects, account)


@pytest.mark.parametrize("rho", [0.05, 0.15, 0.3])
def test_how_alike_is_learned(rho: float) -> None:
    given = drawn(rho, 5)
    objects = on_objects(given)
    assert client_rho(given, objects) == pytest.approx(rho, rel=0.25)
    assert repeat_rho(given, objects) == pytest.approx(rho, rel=0.45)


def trimmed(value: list[float], weight: list[float]) -> float:
    """Return the weighted mean without a twentieth at either end, at most .5."""
    rows = sorted(zip(value, weight, strict=True), key=lambda row: row[0])
    cut = len(rows) // 20
    kept = rows[cut : len(rows) - cut]
    return min(sum(v * w for v, w in kept) / sum(w for _, w in kept), 0.5)


def test_objects_on_two_accounts_count_for_how_often_one_repeats() -> None:
    """Sixty objects on five accounts, of which up to five repeat it; sixty on two that do; sixty on one that does."""
    rows, account = [], 0
    for o in range(180):
        n, again = [(5, o % 6), (2, 2), (1, 1)][o // 60]
        for i in range(n):
            rows += [(account, o, account * S, 0, True)] * (1 + (i < again))
            account += 1
    given = posted(rows, 180, account)
    n, x = 300 + 120, 150 + 120
    p = (x + 1) / (n + 2)
    each = sorted((((k - 5 * p) ** 2 / (p * (1 - p)) - 5) / 20) for k in range(6) for _ in range(10))
    assert repeat_rho(given, on_objects(given)) == pytest.approx(sum(each[3:-3]) / 54)


@pytest.mark.parametrize("seed", [1, 2])
def test_how_alike_by_the_formulas_written_out(seed: int) -> None:
    given = drawn(0.3, seed, 60, 8)
    objects = on_objects(given)
    rows = list(zip(given.object.tolist(), given.account.tolist(), given.client.tolist(), strict=True))
    counts: dict[int, list[int]] = {}
    for o, account in {(o, a) for o, a, _ in rows}:
        counts.setdefault(o, []).append(sum((o, account) == row[:2] for row in rows))
    n, x = ({o: sum(c >= least for c in of) for o, of in counts.items()} for least in (1, 2))
    p = (sum(x.values()) + 1) / (sum(n.values()) + 2)
    each = [((x[o] - n[o] * p) ** 2 / (p * (1 - p)) - n[o]) / (n[o] * (n[o] - 1)) for o in n]
    assert 0.05 < repeat_rho(given, objects) == pytest.approx(trimmed(each, [n[o] * (n[o] - 1) for o in n]))
    users = [len({a for _, a, c in rows if c == client}) for client in range(4)]
    same = sum((one / sum(users)) ** 2 for one in users)
    alike = []
    for o in n:
        first = dict(reversed([(a, c) for of, a, c in rows if of == o]))
        used = list(first.values())
        met = sum(used.count(c) * (used.count(c) - 1) for c in range(4)) / (len(used) * (len(used) - 1))
        alike.append((met - same) / (1 - same))
    assert 0 < client_rho(given, objects) == pytest.approx(trimmed(alike, [1.0] * len(alike)))


def test_objects_on_fewer_than_five_accounts_are_left_out() -> None:
    rows = [(i, o, i * S, 0, True) for o, n in ((0, 4), (1, 5), (2, 6)) for i in range(n)] + [(9, 3, S, 0, True)] * 20
    objects = on_objects(posted(rows))
    assert objects.code.tolist() == [1, 2]
    assert objects.n_accounts.tolist() == [5, 6]
    assert np.diff(objects.ptr).tolist() == [5, 6]


def test_nothing_at_all() -> None:
    given = posted([])
    objects = on_objects(given)
    assert objects.code.size == 0
    assert (
        clock(given, objects).ln_p.size == burst(given, objects).ln_p.size == repeat(given, objects, 0.1).ln_p.size == 0
    )
    assert client_rho(given, objects) == repeat_rho(given, objects) == 0.05
    rows = [(i, 0, i * S, -1, False) for i in range(9)]
    bare = posted(rows)
    objects = on_objects(bare)
    assert clock(bare, objects).ln_p.tolist() == burst(bare, objects).ln_p.tolist() == [0]
    assert client(bare, objects, np.ones(9, bool), 0.1).ln_p.tolist() == [0]


ROWS = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.integers(-1, 2),
        st.integers(0, 300).map(lambda s: s * S),
        st.integers(-1, 3),
        st.booleans(),
    ),
    max_size=60,
)


@settings(max_examples=80, deadline=None)
@given(ROWS, st.permutations(range(8)))
def test_relabelling_changes_nothing_and_nothing_is_nan(
    rows: list[tuple[int, int, int, int, bool]], new: list[int]
) -> None:
    one = posted(rows, 3, 8)
    other = posted([(new[a], o, t, c, e) for a, o, t, c, e in rows], 3, 8)
    first, second_ = on_objects(one), on_objects(other)
    rho = client_rho(one, first)
    assert 0 <= rho == client_rho(other, second_) <= 0.5
    every = np.ones(first.rows.size, bool)
    for a, b in (
        (clock(one, first), clock(other, second_)),
        (burst(one, first), burst(other, second_)),
        (client(one, first, every, rho), client(other, second_, every, rho)),
        (repeat(one, first, 0.1), repeat(other, second_, 0.1)),
    ):
        np.testing.assert_allclose(a.ln_p, b.ln_p)
        assert not np.isnan(a.ln_p).any()
        assert (a.ln_p <= 0).all()
