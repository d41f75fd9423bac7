"""D, T and L by a second route on small tables, and what must hold of them always."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import spmc_tools as spmc
from spmc_tools.chance.checks.degree_check import degree_check
from spmc_tools.chance.checks.habit_of_early import habit_of_early, sextiles
from spmc_tools.chance.checks.time_local_bound import THETAS, object_shares, time_local_bound
from spmc_tools.chance.pairs.hot_objects import MIN_BIN, hot_bins
from spmc_tools.chance.pairs.occasions import Timeline, first_actions, timeline
from spmc_tools.findings.assessment import recomputable
from spmc_tools.findings.assessment.recomputable import checked

WINDOW = 100.0
ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 3000)), min_size=4, max_size=60, unique=True
)


def line_of(rows: list[tuple[int, int, int]], n_accounts: int = 6) -> Timeline:
    account, thing, t = (np.array(c) for c in zip(*rows, strict=True))
    account, thing, t_us = account.astype(np.int32), thing.astype(np.int32), t.astype(np.int64) * 1_000_000
    keep = first_actions(account, thing, t_us)
    return timeline(account[keep], thing[keep], thing[keep], t_us[keep], n_accounts, 6)


def pairs_of(line: Timeline) -> tuple[Any, Any]:
    both = np.array(list(itertools.combinations(range(line.n_accounts), 2)), dtype=np.int32)
    return both[:, 0].copy(), both[:, 1].copy()


def times(line: Timeline) -> dict[tuple[int, int], float]:
    return {(int(a), int(o)): t / 1e6 for a, o, t in zip(line.account, line.object, line.t_us, strict=True)}


def n_shared(line: Timeline) -> dict[tuple[int, int], int]:
    at = times(line)
    return {
        (a, b): sum((a, o) in at and (b, o) in at and abs(at[a, o] - at[b, o]) <= WINDOW for o in range(6))
        for a, b in itertools.combinations(range(line.n_accounts), 2)
    }


@settings(max_examples=60, deadline=None)
@given(ROWS, st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_degree_check(rows: list[tuple[int, int, int]], strata: list[int]) -> None:
    line = line_of(rows)
    stratum = pd.factorize(np.array(strata), sort=True)[0].astype(np.int32)
    n = n_shared(line)
    a, b = pairs_of(line)
    seen = np.array([n[i, j] for i, j in zip(a.tolist(), b.tolist(), strict=True)], np.int64)
    expected, p = degree_check(line, WINDOW, stratum, (a, b, seen))

    def lam(group: np.ndarray[Any, Any], i: int, j: int) -> float:
        def s(x: int, c: int) -> int:
            return sum(m for pair, m in n.items() if x in pair and group[pair[0] if pair[1] == x else pair[1]] == c)

        c, d = int(group[i]), int(group[j])
        m = sum(m for (x, y), m in n.items() if {int(group[x]), int(group[y])} == {c, d})
        return s(i, c) * s(j, c) / max(2 * m, 1) if c == d else s(i, d) * s(j, c) / max(m, 1)

    for k, (i, j) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        both = [lam(group, i, j) for group in (stratum, np.zeros(6, int))]
        tails = [stats.poisson.sf(seen[k] - 1, x) if x > 0 else float(seen[k] == 0) for x in both]
        assert p[k] == pytest.approx(max(tails), rel=1e-6, abs=1e-12)
        assert any(expected[k] == pytest.approx(x) for x in both)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_time_local_bound(rows: list[tuple[int, int, int]]) -> None:
    line = line_of(rows)
    hot = hot_bins(line.object, line.t_us, 6, WINDOW)
    width = hot.bin_s
    at = times(line)
    count: dict[tuple[int, int], int] = {}
    for (_, o), t in at.items():
        count[o, int(t // width)] = count.get((o, int(t // width)), 0) + 1

    def q(o: int, b: int) -> float:
        return count[o, b] / max(sum(n for (_, x), n in count.items() if x == b), 20)

    a, b = pairs_of(line)
    found = time_local_bound(line, object_shares(line, hot), WINDOW, a, b)
    for k, (i, j) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        weight, objects, early = 0.0, 0, []
        for (x, o), t in at.items():
            for (y, u), v in at.items():
                if x == i and y == j and abs(t - v) <= WINDOW:
                    early.append(int(min(t, v) // width))
                    if o == u:
                        objects += 1
                        weight -= math.log(q(o, early[-1]))
        bounds = [
            -theta * weight + sum(sum(q(o, e) ** (2 - theta) - q(o, e) ** 2 for o, x in count if x == e) for e in early)
            for theta in THETAS
        ]
        assert found.weight[k] == pytest.approx(weight)
        assert found.n_cotimed[k] == len(early)
        assert found.p[k] == pytest.approx(math.exp(min(0.0, *bounds)) if objects >= 2 else 1.0)


def test_at_one_the_bound_is_shares_times_e_to_the_pairs() -> None:
    rows = [(a, o, 700 * o) for o in range(3) for a in (0, 1)] + [(2, 5, 1)]
    line = line_of(rows)
    hot = hot_bins(line.object, line.t_us, 6, WINDOW)
    found = time_local_bound(line, object_shares(line, hot), WINDOW, np.array([0], np.int32), np.array([1], np.int32))
    assert found.n_cotimed[0] == 3
    assert found.p[0] <= (2 / 20) ** 3 * math.exp(3)


def crowd(seed: int, n_accounts: int = 14, n_objects: int = 6) -> Timeline:
    rng = np.random.default_rng(seed)
    rows = [
        (a, o, int(rng.integers(0, 1500))) for o in range(n_objects) for a in range(n_accounts) if rng.random() < 0.95
    ]
    return line_of(rows, n_accounts)


@pytest.mark.parametrize("seed", range(6))
def test_habit_of_early(seed: int) -> None:
    line = crowd(seed)
    rank = sextiles(line.object)
    on: dict[int, list[int]] = {}
    for place, thing in enumerate(line.object.tolist()):
        on.setdefault(thing, []).append(place)
    sext = {}
    for thing, places in on.items():
        for r, place in enumerate(places):
            wanted = 6 * r // len(places) if len(places) >= 12 else -1
            assert rank[place] == wanted
            if wanted >= 0:
                sext[int(line.account[place]), thing] = (wanted, line.t_us[place] / 1e6)
    a, b = pairs_of(line)
    found = habit_of_early(line, WINDOW, a, b)

    def h(i: int, without: int) -> list[float]:
        own = [k for (x, o), (k, _) in sext.items() if x == i and o != without]
        return [(own.count(k) + 1) / (len(own) + 6) for k in range(6)]

    def kappa(o: int, k: int, m: int) -> float:
        left = [(x, t) for (x, u), (s, t) in sext.items() if u == o and s == k]
        right = [(x, t) for (x, u), (s, t) in sext.items() if u == o and s == m]
        both = [abs(t - v) <= WINDOW for (x, t), (y, v) in itertools.product(left, right) if x != y]
        return sum(both) / len(both) if both else 0.0

    for k, (i, j) in list(enumerate(zip(a.tolist(), b.tolist(), strict=True)))[:12]:
        common = [o for o in on if (i, o) in sext and (j, o) in sext]
        pi = {
            o: max(sum(h(i, o)[x] * h(j, o)[y] * kappa(o, x, y) for x in range(6) for y in range(6)), 1e-12)
            for o in common
        }
        step = [o for o in common if abs(sext[i, o][1] - sext[j, o][1]) <= WINDOW]
        bounds = [
            theta * sum(math.log(pi[o]) for o in step) + sum(math.log(1 - p + p ** (1 - theta)) for p in pi.values())
            for theta in THETAS
        ]
        assert found.n_objects[k] == len(common)
        assert found.expected[k] == pytest.approx(sum(pi.values()))
        assert found.p[k] == pytest.approx(math.exp(min(0.0, *bounds)))


def test_the_bounds_bound() -> None:
    """Where the model holds, no bound is below p more often than p."""
    rng = np.random.default_rng(1)
    small = {"local": 0, "habit": 0}
    total = 0
    for seed in range(12):
        rows = [(a, int(o), int(rng.integers(0, 600))) for a in range(14) for o in rng.permutation(6)]
        line = line_of(rows, 14)
        a, b = pairs_of(line)
        hot = hot_bins(line.object, line.t_us, 14, WINDOW)
        total += a.size
        small["local"] += int((time_local_bound(line, object_shares(line, hot), WINDOW, a, b).p < 0.05).sum())
        small["habit"] += int((habit_of_early(line, WINDOW, a, b).p < 0.05).sum())
        del seed
    assert all(n <= 0.05 * total for n in small.values()), (small, total)


def test_columns_stand_beside_the_edges_and_change_nothing() -> None:
    rng = np.random.default_rng(0)
    rows = [(f"a{rng.integers(60)}", f"o{rng.integers(200)}", int(rng.integers(0, 6 * 86_400))) for _ in range(2000)]
    rows += [(f"m{m}", f"x{k}", k * 8 * 3600 + m) for k in range(15) for m in range(5)]
    found = spmc.assess(pd.DataFrame(rows, columns=["account_id", "object_id", "t"]), windows_s=(60, 600))
    numbers = found.edges[
        ["n_retained", "expected_degree_check", "p_degree_check", "time_weight", "n_cotimed", "p_time_local", "n_habit",
         "expected_habit", "p_habit"]
    ]  # fmt: skip
    assert len(found.edges) >= 20
    assert np.isfinite(numbers.to_numpy(dtype=float)).all()
    assert ((numbers.filter(like="p_") > 0) & (numbers.filter(like="p_") <= 1)).all(axis=None)
    assert (numbers["n_retained"] >= found.edges["n_occasions"]).all()
    own = found.edges[found.edges["account_a"].str.startswith("m")]
    assert (own["p_time_local"] < 1e-6).all()
    assert (own["expected_degree_check"] > 5).all()  # a group that is with itself only hides from its own degree


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), most=st.integers(0, 30))
def test_the_pairs_shown_and_the_smallest_p_are_checked(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.integers(1, 12, int(rng.integers(0, 60))) / 12
    shown = rng.random(p.size) < 0.1
    own = checked(p, shown, most)
    assert own[shown].all()
    if p.size <= most:
        assert own.all()
        return
    others = own & ~shown
    assert others.sum() <= most
    assert p[others].max(initial=0) < p[~own].min(initial=2)
    assert not (set(p[others].tolist()) & set(p[~own].tolist()))  # of pairs with one p all are checked, or none
    order = rng.permutation(p.size)
    assert (checked(p[order], shown[order], most) == own[order]).all()


def test_pairs_that_are_not_checked_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(f"m{m}", f"x{k}", k * 8 * 3600 + m) for k in range(15) for m in range(5)]
    rows += [(f"v{m}", f"y{k}", k * 8 * 3600 + m) for k in range(2) for m in range(20)]
    actions = pd.DataFrame(rows, columns=["account_id", "object_id", "t"])
    whole = spmc.assess(actions)
    assert whole.notes["n_pairs_not_checked"] == 0
    monkeypatch.setattr(recomputable, "MOST_CHECKED", 10)
    found = spmc.assess(actions)
    columns = list(whole.edges.columns)
    kept = found.edges["n_retained"].notna()
    assert found.notes["n_pairs_not_checked"] == (~kept).sum() > 0
    assert kept[(found.edges["q"] < 0.05) | (found.edges["p_group"] < 1)].all()
    pd.testing.assert_frame_equal(found.edges.loc[kept, columns], whole.edges.loc[kept, columns])
    assert found.edges.loc[~kept, columns[-9:]].isna().all(axis=None)


def test_what_was_set_aside_counts_in_the_total_of_its_own_bin_alone() -> None:
    """Bins of a minute: two retained actions in the first, one in the third; hot are the first and the second."""
    same = np.zeros(3, np.int32)
    line = timeline(np.arange(3, dtype=np.int32), same, same, np.array([0, 30, 120]) * 1_000_000, 3, 1)
    hot = SimpleNamespace(
        object=np.array([7, 8]), start_us=np.array([0, 60]) * 1_000_000, n_actions=np.array([2000, 3000]), bin_s=60
    )
    least = object_shares(line, SimpleNamespace(object=np.empty(0), bin_s=60)).share[2]
    assert object_shares(line, hot).share == pytest.approx([2 / 2002, 2 / 2002, least])
    assert least == pytest.approx(1 / MIN_BIN)
