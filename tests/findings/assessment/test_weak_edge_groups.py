"""Groups: how they are cut out of weak edges, the arithmetic of their members by a second route, and whom they find."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import spmc_tools as spmc
from spmc_tools.findings.assessment.assessment_context import in_context
from spmc_tools.findings.assessment.weak_edge_groups import WeakEdges, grouped, weak_edges

HOUR = 3600
DAY = 24 * HOUR


# -- cutting groups out of weak edges -----------------------------------------------------------------------------


def weak(edges):
    """Weak edges from (a, b, p)."""
    rows = sorted((min(a, b), max(a, b), p) for a, b, p in edges)
    a, b, p = zip(*rows, strict=True) if rows else ((), (), ())
    return WeakEdges(np.array(a, np.int32), np.array(b, np.int32), np.array(p, np.float64))


def clique(members, p=1e-6):
    return [(a, b, p) for a, b in itertools.combinations(members, 2)]


def as_sets(groups):
    return [set(group.tolist()) for group in groups]


def test_two_cliques_on_a_string_are_two_groups():
    edges = clique(range(12)) + clique(range(20, 29)) + [(11, 15, 1e-6), (15, 20, 1e-6)]
    assert as_sets(grouped(weak(edges), 0)) == [set(range(12)), set(range(20, 29))]


def test_seven_are_no_group_and_chains_are_none():
    assert grouped(weak(clique(range(7))), 0) == []
    assert grouped(weak([(k, k + 1, 1e-9) for k in range(50)]), 0) == []
    assert grouped(weak([]), 0) == []


def test_members_below_a_third_of_the_median_leave_again_and_again():
    strong = clique(range(10), 1e-6)  # nine times 13.8
    reader = [(20, k, 1e-3) for k in range(3)]  # three times 6.9: below a third of 124
    # 30 has a third while 20 is in (48.4), and less without it (34.5)
    second = [(30, k, 1e-3) for k in range(5)] + [(30, 20, 1e-6)]
    assert as_sets(grouped(weak(strong + reader), 0)) == [set(range(10))]
    assert as_sets(grouped(weak(strong + reader + second), 0)) == [set(range(10))]
    stays = [(20, k, 1e-3) for k in range(7)]
    assert as_sets(grouped(weak(strong + stays), 0)) == [{*range(10), 20}]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), sizes=st.lists(st.integers(8, 15), min_size=1, max_size=3))
def test_other_names_and_another_order_give_the_same_groups(seed, sizes):
    rng = np.random.default_rng(seed)
    ends = np.cumsum([0, *sizes])
    parts = [range(a, b) for a, b in itertools.pairwise(ends.tolist())]
    edges = [edge for part in parts for edge in clique(part)]
    name = rng.permutation(200)
    other = [(int(name[a]), int(name[b]), p) for a, b, p in edges]
    found = {frozenset(group) for group in as_sets(grouped(weak(other), seed))}
    assert found == {frozenset(int(name[k]) for k in part) for part in parts}


def test_of_each_pair_the_smallest_p_of_any_window_times_their_number():
    """Two windows and the wide one; in each the chance of a pair is its own. Listed is what lies below 2 in 1,000."""
    windows = [(0, 1, 0, 3), (0, 2, 0, 2), (0, 3, 0, 1), (0, 1, 1, 3), (0, 2, 1, 4), (4, 5, 1, 2)]
    expected = [{(0, 1): 0.05, (0, 2): 0.03, (0, 3): 1e-9}, {(0, 1): 0.1, (0, 2): 0.2, (4, 5): 0.05}]
    a, b, window, n = (np.array(column, np.int32) for column in zip(*windows, strict=True))
    pairs = SimpleNamespace(a=a, b=b, window=window, n_occasions=n)
    models = [
        SimpleNamespace(expected=lambda a, b, of=of: np.array([of[pair] for pair in zip(a, b, strict=True)]))
        for of in ({(np.int32(x), np.int32(y)): e for (x, y), e in each.items()} for each in expected)
    ]
    p = {
        (x, y, w): 3 * stats.poisson.sf(k - 1, expected[w][x, y]) for x, y, w, k in windows if k >= 2
    }  # (4, 5) has .0036 in window 1, just too much
    assert 2e-3 < p[4, 5, 1] < 4e-3 and p[0, 1, 0] < p[0, 1, 1] < 2e-3
    wide = (np.array([0, 6], np.int32), np.array([2, 7], np.int32), np.array([1e-6, 0.0007]))
    found = weak_edges(pairs, models, wide)
    assert list(zip(found.a, found.b, strict=True)) == [(0, 1), (0, 2)]
    assert found.p == pytest.approx([p[0, 1, 0], 3e-6])
    without = weak_edges(pairs, models)
    assert list(zip(without.a, without.b, strict=True)) == [(0, 1), (0, 2)]
    assert without.p == pytest.approx([p[0, 1, 0] * 2 / 3, min(p[0, 2, 0], p[0, 2, 1]) * 2 / 3])


# -- simulated weeks ----------------------------------------------------------------------------------------------


def week(seed, *, slow=0, strikes=10, fans=0, stars=1, n=1500, late=1500):
    """A week of 1,500 accounts with communities, a slow campaign over ten sources, and fans of some stars."""
    rng = np.random.default_rng(seed)
    n_sources, n_objects = n // 10, 2 * n
    community, circle = rng.integers(0, 15, n), rng.integers(0, 15, n_sources)
    source_of = rng.integers(0, n_sources, n_objects)
    birth, pace = rng.integers(0, 7 * DAY, n_objects), np.exp(rng.normal(np.log(3600), 1, n_objects))
    weight = (rng.pareto(1.2, n_objects) + 1) * (rng.pareto(1.5, n_sources) + 1)[source_of]
    who = rng.integers(0, n, 10 * n)
    reads = np.where(rng.random(who.size) < 0.85, community[who], rng.integers(0, 15, who.size))
    chosen = np.empty(who.size, int)
    for c in range(15):
        mine = np.flatnonzero(circle[source_of] == c)
        chosen[reads == c] = rng.choice(mine, (reads == c).sum(), p=weight[mine] / weight[mine].sum())
    parts = [(who, chosen, source_of[chosen], birth[chosen] + rng.exponential(1, who.size) * pace[chosen])]
    fresh = itertools.count(n_objects)

    def act(members, source, times, born):
        number = next(fresh)
        parts.append(
            (
                np.append(members, n + number),
                *(np.full(members.size + 1, x) for x in (number, source)),
                np.append(times, born),
            )
        )

    team, crowd = np.split(rng.permutation(n)[: slow + fans], [slow])
    for k in range(strikes if slow else 0):
        at = (k + 0.2 + 0.5 * rng.random()) * 7 * DAY / strikes
        here = team[rng.random(slow) < 0.7]
        act(here, 90_000 + k % 10, at + rng.random(here.size) * 2400, at - late)
    for _, star in itertools.product(range(20), range(stars if fans else 0)):
        at = rng.integers(7 * DAY - HOUR)
        here = crowd[rng.random(fans) < 0.5]
        act(here, 91_000 + star, at + rng.exponential(90, here.size), at)
    columns = [np.concatenate(c) for c in zip(*parts, strict=True)]
    table = pd.DataFrame(dict(zip(("account_id", "object_id", "source_id", "t"), columns, strict=True)))
    return table.assign(t=1_700_000_000 + table["t"].astype(int)).astype({"account_id": "int64"}), set(team.tolist())


@pytest.fixture(scope="module")
def slow():
    actions, team = week(1, slow=20)
    return actions, team, spmc.assess(actions)


@pytest.mark.parametrize("seed", range(3))
def test_a_slow_campaign_that_pairs_miss_is_found_and_nobody_else(seed):
    actions, team = week(seed, slow=20)
    found = spmc.assess(actions)
    named = found.accounts[found.accounts["named"]]
    assert set(named["account_id"]) <= team
    assert len(named) >= 17
    assert (named["kind"] == "group").sum() >= 10
    assert set(named["basis"]) == {"several"}
    assert found.notes["n_groups_proven"] == 1
    assert set(found.accounts["account_id"][: len(named)]) <= team, "they rank first"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("crowd", [{}, {"fans": 40}, {"fans": 40, "stars": 5}])
def test_without_a_campaign_nobody_is_named_and_no_group_is_proven(seed, crowd):
    actions, _ = week(seed, **crowd)
    found = spmc.assess(actions)
    assert not found.accounts["named"].any()
    assert found.groups.empty
    assert (found.edges["p_group"] == 1).all()
    assert found.accounts["kind"].isna().all()


def test_fans_of_five_stars_are_few():
    actions, _ = week(5, fans=12, stars=5, n=6000)
    found = spmc.assess(actions)
    assert (found.edges["q"] < 0.05).sum() > 20, "the test needs fans that stand out"
    assert not found.accounts["named"].any()
    assert (found.accounts["basis"] == "few").sum() >= 10
    assert (found.accounts["n_sources"] >= 5).sum() >= 8, "not for want of sources"


def test_a_crowd_that_has_nothing_to_do_with_it_neither_adds_nor_hides(slow):
    actions, team, alone = slow
    rng = np.random.default_rng(0)
    crowd = pd.DataFrame({"account_id": 10**6 + np.arange(3000) % 1000, "object_id": 10**6 + np.arange(3000) // 3})
    t = actions["t"].min() + rng.integers(0, 7 * DAY, 3000)
    both = spmc.assess(pd.concat([actions, crowd.assign(source_id=crowd["object_id"], t=t)]))
    names = [set(x.accounts.loc[x.accounts["named"], "account_id"]) for x in (alone, both)]
    assert names[1] <= team
    assert len(names[0] ^ names[1]) <= 2
    assert both.groups["n_broad"].tolist() == alone.groups["n_broad"].tolist()


def test_a_context_laid_over_gives_what_assessing_with_it_gives(slow):
    actions, team, alone = slow
    few, half = dict.fromkeys(sorted(team)[:3], "newsroom"), dict.fromkeys(sorted(team)[:12], "newsroom")
    assert in_context(alone, few).groups["n_named"].iloc[0] < alone.groups["n_named"].iloc[0]
    for context in (few, half | {min(set(actions["account_id"]) - team): "official"}):
        one, two = in_context(alone, context), spmc.assess(actions, context=context)
        for frame in ("accounts", "clusters", "groups", "group_members", "broad_occasions", "late"):
            pd.testing.assert_frame_equal(getattr(one, frame), getattr(two, frame))
        assert one.notes == two.notes


def test_other_ids_and_another_order_change_no_number_of_a_group(slow):
    actions = slow[0]
    found = spmc.assess(actions, strata=None)
    renamed = actions.assign(account_id=10**7 - actions["account_id"]).sample(frac=1, random_state=3)
    again = spmc.assess(renamed, strata=None)
    for name in ("size", "n_broad", "n_broad_late", "n_named"):
        assert again.groups[name].tolist() == found.groups[name].tolist()
    first, second = (
        {m["account_id"]: m for m in x.group_members[x.group_members["group_id"] == 1].to_dict("records")}
        for x in (found, again)
    )
    assert {10**7 - account for account in second} == set(first)
    for account, member in first.items():
        other = second[10**7 - account]
        assert [other[k] for k in member if k != "account_id"] == pytest.approx(
            [member[k] for k in member if k != "account_id"], rel=1e-6
        )


# -- the arithmetic that a report prints ---------------------------------------------------------------------------


def dense_expectation(actions, ids, window):
    """Λ of each of some accounts: sums of freed expectations over each other, with dense matrices (one stratum)."""
    first = actions.sort_values("t").drop_duplicates(["account_id", "object_id"])
    accounts, i = np.unique(first["account_id"], return_inverse=True)
    sources, a = np.unique(first["source_id"], return_inverse=True)
    acts = pd.DataFrame({"i": i, "a": a, "o": first["object_id"].to_numpy(), "t": first["t"].to_numpy()})
    step = acts.merge(acts, on="o", suffixes=("", "2")).query("i < i2")
    gap = (step["t"] - step["t2"]).abs()
    near = step[gap <= 180]
    slow = ~acts.set_index(["i", "o"]).index.isin(
        [*near[["i", "o"]].itertuples(index=False), *near[["i2", "o"]].itertuples(index=False)]
    )
    step = step[gap <= window].assign(at=np.minimum(step["t"], step["t2"]))
    pairs = {pair: list(zip(own["at"], own["a"], strict=True)) for pair, own in step.groupby(["i", "i2"])}

    def n(coactions):
        seen, last = set(), -(10**9)
        for t, source in sorted(coactions):
            if source not in seen and t - last >= 6 * HOUR:
                seen.add(source)
                last = t
        return len(seen)

    once = {pair: c for pair, c in pairs.items() if n(c) < 2}
    k = np.bincount(np.array(list(once)).ravel(), minlength=accounts.size)
    d = np.zeros((accounts.size, sources.size))
    np.add.at(d, (i[slow], a[slow]), 1)
    total, q = np.bincount(i), d.sum(axis=0) / d.sum()
    mu = total[:, None] * (d + 5 * q) / (d.sum(axis=1, keepdims=True) + 5)
    joint = (mu.sum(axis=0) ** 2 - (mu**2).sum(axis=0)) / 2
    c = np.zeros(sources.size)
    for coactions in once.values():
        c[list({source for _, source in coactions})] += 1
    rho = np.divide(c, joint, out=np.zeros_like(c), where=joint > 1e-12)
    met = (rho * mu * (mu.sum(axis=0) - mu)).sum(axis=1)
    phi = np.clip((k + 5) / (met + 5), 1, 4)
    lone = acts[slow].set_index(["i", "o"])["a"]
    place = np.searchsorted(accounts, ids)
    expected = dict.fromkeys(place.tolist(), 0.0)
    for x, y in itertools.combinations(place.tolist(), 2):
        own = step[(step["i"] == x) & (step["i2"] == y)]
        reads = []
        for end in (x, y):
            less = d[end].copy()
            for obj in own["o"]:
                if (end, obj) in lone.index:
                    less[lone[end, obj]] -= 1
            reads.append(total[end] * (less + 5 * q) / (less.sum() + 5))
        interest = phi[x] * phi[y] * (rho * reads[0] * reads[1]).sum()
        degree = -np.log(1 - min((k[x] + 1) * (k[y] + 1) / (2 * len(once)), 0.95))
        for end in (x, y):
            expected[end] += max(interest, degree)
    return [expected[x] for x in place.tolist()]


def test_the_expectation_of_each_member_equals_dense_sums():
    actions, _ = week(4, slow=20)
    found = spmc.assess(actions, strata=None)
    group = found.groups.iloc[0]
    first = actions.sort_values("t").drop_duplicates(["account_id", "object_id"])
    hot = found.excluded.assign(start=found.excluded["bin_start"].astype("int64") // 10**6)
    hot = set(zip(hot["object_id"], hot["start"], strict=True))
    bins = first["t"] // found.excluded["bin_s"].iloc[0] * found.excluded["bin_s"].iloc[0]
    retained = first[[key not in hot for key in zip(first["object_id"], bins, strict=True)]]
    assert len(retained) == found.notes["n_actions_retained"]
    assert found.notes["live_groups"] == []
    members = found.group_members[found.group_members["group_id"] == group["group_id"]]
    assert members["account_id"].tolist() == group["accounts"]
    shown = members["expected_pairs"].tolist()
    assert shown == pytest.approx(dense_expectation(retained, group["accounts"], 600), rel=1e-6)


def test_p_q_and_who_is_found_follow_from_the_numbers_shown(slow):
    _, _, found = slow
    group = found.groups.iloc[0]
    members = found.group_members[found.group_members["group_id"] == group["group_id"]]
    assert members["account_id"].tolist() == group["accounts"]
    assert group["size"] == len(members)
    assert members["expected"].to_numpy() == pytest.approx(members["expected_pairs"] / members["company"].clip(lower=1))
    p = stats.poisson.sf(members["n_occasions"] - 1, members["expected"])
    assert members["p"].to_numpy() == pytest.approx(p, rel=1e-6)
    assert members["q"].to_numpy() == pytest.approx(stats.false_discovery_control(members["p"]), rel=1e-9)
    enough = (members["n_occasions"] >= 4) & (members["q"] < 0.05)
    fewer = (members["n_occasions"] == 3) & (members["p"] < 0.2 * 0.05 / len(members))
    assert (members["found"] == (enough | fewer)).all()
    accounts = found.accounts.set_index("account_id").loc[group["accounts"]]
    assert (accounts["group_id"] == group["group_id"]).all()
    assert (accounts["named"].to_numpy() >= members["found"].to_numpy()).all()
    only = (accounts["kind"] == "group").to_numpy()
    assert (accounts["n_sources"].to_numpy()[only] >= members["n_occasions"].to_numpy()[only]).all()
    broad = found.broad_occasions[found.broad_occasions["group_id"] == group["group_id"]]
    assert len(broad) == group["n_broad"]
    assert (broad["n_members"] >= 0.4 * broad["n_crowd"]).all()


def test_the_cluster_of_a_group_carries_its_numbers(slow):
    _, _, found = slow
    group = found.groups.iloc[0]
    cluster = found.clusters.set_index("cluster_id").loc[group["cluster_id"]]
    assert set(cluster["accounts"]) >= set(found.accounts.loc[found.accounts["named"], "account_id"])
    assert (cluster["n_broad"], cluster["group_size"]) == (group["n_broad"], group["size"])
    assert cluster["group_id"] == group["group_id"]
    members = found.group_members.loc[found.group_members["group_id"] == cluster["group_id"], "account_id"]
    assert members.tolist() == group["accounts"]
    inside = found.edges[found.edges["p_group"] < 1]
    assert inside["account_a"].isin(group["accounts"]).all()
    assert inside["account_b"].isin(group["accounts"]).all()
    assert (inside["p_group"] < 2e-3).all()


def test_registered_accounts_are_shown_and_half_a_group_of_them_shields_it(slow):
    actions, _, free = slow
    members = free.groups["accounts"][0]
    few = spmc.assess(actions, context=dict.fromkeys(members[:3], "official"))
    assert not few.accounts.set_index("account_id").loc[members[:3], "named"].any()
    assert few.accounts["named"].sum() >= free.accounts["named"].sum() - 3
    half = spmc.assess(actions, context=dict.fromkeys(members[: len(members) // 2 + 1], "newsroom"))
    assert not half.accounts["named"].any()
    assert half.groups["kind"].tolist() == ["newsroom"]
    assert half.groups["n_named"].tolist() == [0]
    assert half.accounts["score"].tolist() == free.accounts["score"].tolist()


def test_an_investigation_puts_the_group_into_tier_b_with_its_cluster_and_evidence(slow):
    actions, team, _ = slow
    t = pd.to_datetime(actions["t"], unit="s", utc=True)
    records = pd.DataFrame(
        {
            "record_id": [f"r{k}" for k in range(len(actions))],
            "platform": "x",
            "account_id": actions["account_id"].astype(str).to_numpy(),
            "created_at": t.to_numpy(),
            "kind": "repost",
            "ref_record_id": actions["object_id"].astype(str).to_numpy(),
            "ref_account_id": actions["source_id"].astype(str).to_numpy(),
        }
    )
    found = spmc.investigate(records, traces=["co_repost"])
    named = found.accounts[found.accounts["tier"] == "B"]
    assert len(named) >= 17
    assert {x.split(":")[-1] for x in named["account_id"]} <= {str(x) for x in team}
    speaking = found.account_traces
    kinds = speaking.loc[speaking["account_id"].isin(named["account_id"]), "kind"].tolist()
    assert kinds.count("group") >= 11
    cluster = found.clusters.iloc[0]
    assert set(cluster["accounts"]) >= set(named["account_id"])
    groups = found.proven_groups[found.proven_groups["cluster_id"] == cluster["cluster_id"]]
    assert groups["trace"].tolist() == ["co_repost"] and groups["n_broad"].iloc[0] >= 6
    members = found.group_members[found.group_members["group_id"] == groups["group_id"].iloc[0]]
    assert len(members) == groups["size"].iloc[0] and set(cluster["accounts"]) & set(members["account_id"])
    assert len(found.evidence(1)) > 50


def test_a_member_without_an_edge_to_show_is_few() -> None:
    """Of four accounts named by a group alone, the last has pairs of the widest window only."""
    from spmc_tools.findings.assessment.account_tests import AccountTests, with_evidence

    zeros, kinds = np.zeros(5), np.array(["group", "group", "group", "group", "pair"], dtype=object)
    tests = AccountTests(
        zeros,
        zeros,
        zeros,
        np.array(["several"] * 5, dtype=object),
        kinds,
        np.zeros(5, np.int64),
        np.zeros(5, np.int64),
        zeros,
    )
    pairs = SimpleNamespace(a=np.array([0, 1, 2]), b=np.array([1, 2, 3]))
    found = with_evidence(tests, pairs, np.array([0.001, 0.002, 1.0]))
    assert found.basis.tolist() == ["several", "several", "several", "few", "several"]
    assert found.kind.tolist() == ["group", "group", "group", None, "pair"]
    assert kinds.tolist() == ["group"] * 4 + ["pair"]
