"""``assess`` against a slow, plain implementation of the same definitions, and its promises."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import spmc_tools as spmc
from spmc_tools.errors import ActionsError, ParameterError
from spmc_tools.findings.assessment.assess import _evidence

HOUR = 3600
DAY = 24 * HOUR


# -- the second route: loops over all pairs, no sums in closed form, no shared code --------------------------------


def slow_pairs(rows, window):
    """Return {(a, b): [(time, source), ...]} and first actions per account; rows are (account, object, source, t)."""
    first = {}
    for account, obj, source, t in rows:
        if (account, obj) not in first or t < first[account, obj][0]:
            first[account, obj] = (t, source)
    on = defaultdict(list)
    for (account, obj), (t, source) in first.items():
        on[obj].append((account, t, source))
    pairs = defaultdict(list)
    slow = []
    for members in on.values():
        for (a, ta, source), (b, tb, _) in itertools.combinations(sorted(members), 2):
            if abs(ta - tb) <= window:
                pairs[a, b].append((min(ta, tb), source))
        slow.extend(
            (a, source)
            for a, ta, source in members
            if not any(b != a and abs(ta - tb) <= min(window, 180) for b, tb, _ in members)
        )
    n = defaultdict(int)
    for account, _ in first:
        n[account] += 1
    return pairs, slow, n


def slow_occasions(coactions):
    """Count in time order: six hours after the last one counted, on a source not counted yet."""
    seen, last = set(), None
    for t, source in sorted(coactions):
        if source not in seen and (last is None or t - last >= 6 * HOUR):
            seen.add(source)
            last = t
    return len(seen)


def slow_expectations(rows, window, stratum):
    """Return {(a, b): (by degree, by interest)} for pairs ever in step."""
    pairs, slow, n = slow_pairs(rows, window)
    accounts = sorted({r[0] for r in rows})
    sources = sorted({r[2] for r in rows})
    partners = {i: sum(i in pair for pair in pairs) for i in accounts}
    d = {(i, s): slow.count((i, s)) for i in accounts for s in sources}
    q = {}
    for c in set(stratum.values()):
        total = sum(d[i, s] for i in accounts for s in sources if stratum[i] == c)
        for s in sources:
            q[c, s] = sum(d[i, s] for i in accounts if stratum[i] == c) / total if total else 0.0
    mu = {
        (i, s): n[i] * (d[i, s] + 5 * q[stratum[i], s]) / (sum(d[i, x] for x in sources) + 5)
        for i in accounts
        for s in sources
    }
    rho = {}
    for s in sources:
        ever = sum(any(source == s for _, source in c) for c in pairs.values())
        joint = sum(mu[i, s] * mu[j, s] for i, j in itertools.combinations(accounts, 2))
        rho[s] = ever / joint if joint > 0 else 0.0

    def together(i, j):
        return sum(rho[s] * mu[i, s] * mu[j, s] for s in sources)

    phi = {}
    for i in accounts:
        expected = sum(together(i, j) for j in accounts if j != i)
        phi[i] = min(max((partners[i] + 5) / (expected + 5), 1), 4)
    return {
        (i, j): (
            -math.log(1 - min((partners[i] + 1) * (partners[j] + 1) / (2 * len(pairs)), 0.95)),
            phi[i] * phi[j] * together(i, j),
        )
        for i, j in pairs
    }


def slow_live_groups(rows, window):
    """Return the rows with the sources of each live group under one name, by the definition."""
    on = defaultdict(set)
    for pair, coactions in slow_pairs(rows, window)[0].items():
        for t, source in coactions:
            on[source].add((pair, t // (6 * HOUR)))
    name = {row[2]: row[2] for row in rows}
    for a, b in itertools.combinations(sorted(on), 2):
        joint = on[a] & on[b]
        several = len({block for _, block in joint}) >= 3
        if several and len(joint) >= 30 and len(joint) >= 0.25 * max(len(on[a]), len(on[b])):
            old, new = name[b], name[a]
            name = {source: new if group == old else group for source, group in name.items()}
    return [(account, obj, name[source], t) for account, obj, source, t in rows]


def frame(rows, **more):
    table = pd.DataFrame(rows, columns=["account_id", "object_id", "source_id", "t"])
    return table.assign(**more)


@st.composite
def worlds(draw):
    """Small tables in which pairs meet again: few accounts and sources, times in clumps over three days."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    n_accounts, n_objects, n_sources = rng.integers(2, 9), rng.integers(1, 25), rng.integers(1, 7)
    rows = []
    for obj in range(n_objects):
        start = int(rng.integers(0, 3 * DAY))
        source = f"s{rng.integers(n_sources)}"
        for _ in range(rng.integers(1, 9)):
            late = int(rng.integers(0, 4)) * int(rng.integers(0, 400))
            rows.append((f"u{rng.integers(n_accounts)}", f"o{obj}", source, start + late))
    return rows


@settings(max_examples=40, deadline=None)
@given(rows=worlds(), split=st.integers(1, 3))
def test_every_number_of_an_edge_equals_a_plain_loop(rows, split):
    """The same over thousands of worlds, others each time: ``python -m soak.findings.plain_loops``."""
    check_every_number(rows, split)


def check_every_number(rows, split):
    """Compare each number of each edge of a world in two windows; return how many edges there are."""
    stratum = {account: int(account[1:]) % split for account in {r[0] for r in rows}}
    found = spmc.assess(frame(rows), windows_s=(60, 600), strata=stratum)
    compared = 0
    rows = slow_live_groups(rows, 600)
    for window in (60, 600):
        pairs, _, _ = slow_pairs(rows, window)
        counts = {pair: slow_occasions(coactions) for pair, coactions in pairs.items()}
        chance = slow_expectations(rows, window, stratum)
        edges = found.edges[found.edges["window_s"] == window].set_index(["account_a", "account_b"])
        assert set(edges.index) == {pair for pair, n in counts.items() if n >= 2}
        compared += len(edges)
        for pair, edge in edges.iterrows():
            degree, interest = chance[pair]
            assert edge["n_occasions"] == counts[pair]
            assert edge["n_sources"] == len({source for _, source in pairs[pair]})
            assert edge["expected_degree"] == pytest.approx(degree, rel=1e-9)
            assert edge["expected_interest"] == pytest.approx(interest, rel=1e-7, abs=1e-12)
            assert edge["expected"] == max(edge["expected_degree"], edge["expected_interest"])
            assert edge["p"] == pytest.approx(stats.poisson.sf(counts[pair] - 1, max(degree, interest)), rel=1e-6)
    return compared


@settings(max_examples=60, deadline=None)
@given(rows=worlds())
def test_q_equals_benjamini_hochberg_over_all_pairs_written_out(rows):
    found = spmc.assess(frame(rows), windows_s=(60, 600))
    n = len(found.accounts)
    edges = found.edges
    tested = edges["n_occasions"] >= 3
    everything = np.ones(n * (n - 1) // 2 * 2)
    everything[: tested.sum()] = edges.loc[tested, "p"]
    q = stats.false_discovery_control(everything) if everything.size else everything
    assert edges.loc[tested, "q"].to_numpy() == pytest.approx(q[: tested.sum()], rel=1e-12)
    assert (edges.loc[~tested, "q"] == 1).all()
    for row in found.accounts.itertuples():
        own = edges[tested & ((edges["account_a"] == row.account_id) | (edges["account_b"] == row.account_id))]
        assert row.p == pytest.approx(min(1, (n - 1) * 2 * own["p"].min()) if len(own) else 1, rel=1e-12)
    assert found.accounts["q"].to_numpy() == pytest.approx(stats.false_discovery_control(found.accounts["p"]))


@settings(max_examples=60, deadline=None)
@given(rows=worlds())
def test_coaction_columns_are_those_of_coactions(rows):
    table = frame(rows)
    found = spmc.assess(table, windows_s=(60, 600))
    for window in (60, 600):
        edges = found.edges[found.edges["window_s"] == window].reset_index(drop=True)
        if edges.empty:
            continue
        whole = spmc.coactions(table, window_s=window)
        key = ["account_a", "account_b"]
        expected = edges[key].merge(whole, on=key, how="left", validate="1:1")
        pd.testing.assert_frame_equal(edges[list(whole.columns)], expected[list(whole.columns)], rtol=1e-9)


def test_sources_of_one_live_event_count_as_one():
    accounts = [f"u{k}" for k in range(12)]
    rows = [
        (account, f"o{evening}-{handle}", f"handle{handle}", evening * DAY + handle * 1800 + k)
        for evening in range(5)
        for handle in range(4)
        for k, account in enumerate(accounts)
    ]
    apart = [(a, o, s, int(o[1]) * DAY + int(o[-1]) * DAY * 6 + t % 60) for a, o, s, t in rows]
    together = spmc.assess(frame(rows))
    separate = spmc.assess(frame(apart))
    assert together.notes["live_groups"] == [[f"handle{k}" for k in range(4)]]
    assert together.edges.empty
    assert separate.notes["live_groups"] == []
    assert (separate.edges["n_occasions"] == 4).all()


# -- what must not depend on anything ------------------------------------------------------------------------------


def same(left, right):
    for name in ("edges", "accounts", "clusters", "groups", "broad_occasions", "late", "late_strikes", "excluded"):
        pd.testing.assert_frame_equal(getattr(left, name), getattr(right, name), rtol=1e-9)
    assert left.notes == right.notes


@settings(max_examples=30, deadline=None)
@given(rows=worlds(), seed=st.integers(0, 1000))
def test_the_order_of_the_rows_changes_nothing(rows, seed):
    table = frame(rows)
    shuffled = table.sample(frac=1, random_state=seed)
    same(spmc.assess(table), spmc.assess(shuffled))


@settings(max_examples=30, deadline=None)
@given(rows=worlds(), seed=st.integers(0, 1000))
def test_other_names_of_the_accounts_change_nothing(rows, seed):
    names = sorted({r[0] for r in rows})
    other = dict(zip(names, np.random.default_rng(seed).permutation([f"x{n}" for n in names]), strict=True))
    first = spmc.assess(frame(rows))
    second = spmc.assess(frame([(other[a], *rest) for a, *rest in rows]))
    edges = {
        (frozenset((other[e.account_a], other[e.account_b])), e.window_s): (e.n_occasions, e.n_sources, e.expected, e.p)
        for e in first.edges.itertuples()
    }
    found = {
        (frozenset((e.account_a, e.account_b)), e.window_s): (e.n_occasions, e.n_sources, e.expected, e.p)
        for e in second.edges.itertuples()
    }
    assert set(edges) == set(found)
    for key, numbers in edges.items():
        assert found[key] == pytest.approx(numbers, rel=1e-9)
    scores = dict(zip(second.accounts["account_id"], second.accounts["score"], strict=True))
    for account, score in zip(first.accounts["account_id"], first.accounts["score"], strict=True):
        assert scores[other[account]] == pytest.approx(score, rel=1e-9)


# -- simulated worlds: communities with a day rhythm, festival greetings, fans, and what is planted ----------------


def rhythm(rng, n):
    """Times within a week, mostly by day."""
    t = rng.integers(0, 7 * DAY, 4 * n + 20)
    awake = 0.15 + 0.85 * np.clip(np.sin((t % DAY / HOUR - 5) / 19 * np.pi), 0, 1)
    return t[rng.random(t.size) < awake][:n]


def world(seed, *, fans=0, campaign=0, newsroom=0, wires=7, n=2000, homophily=0.9):
    """Return actions and the role of each account: organic, fan, campaign or newsroom (on 12 new wires on 7 days)."""
    rng = np.random.default_rng(seed)
    n_sources, n_objects = n // 10, 2 * n
    community, circle = rng.integers(0, 20, n), rng.integers(0, 20, n_sources)
    source_of = rng.integers(0, n_sources, n_objects)
    birth, pace = rhythm(rng, n_objects), np.exp(rng.normal(np.log(3600), 1, n_objects))
    weight = (rng.pareto(1.2, n_objects) + 1) * (rng.pareto(1.5, n_sources) + 1)[source_of]
    who = rng.choice(n, 10 * n, p=(activity := rng.lognormal(0, 1, n)) / activity.sum())
    reads = np.where(rng.random(who.size) < homophily, community[who], rng.integers(0, 20, who.size))
    chosen = np.empty(who.size, int)
    for c in range(20):
        mine = np.flatnonzero(circle[source_of] == c)
        chosen[reads == c] = rng.choice(mine, (reads == c).sum(), p=weight[mine] / weight[mine].sum())
    parts = [(who, chosen, source_of[chosen], birth[chosen] + rng.exponential(1, who.size) * pace[chosen])]
    role = np.full(n, "organic", dtype=object)
    fresh = itertools.count(n_objects)

    def act(members, source, times):
        parts.append((members, np.full(members.size, next(fresh)), np.full(members.size, source), times))

    groups = np.split(rng.permutation(n), np.cumsum([fans, campaign, newsroom]))
    for day in range(7):
        greeted = rng.permutation(n)[: n // 3]
        act(greeted, 90_000 + day, day * DAY + 9 * HOUR + rng.random(greeted.size) * 2 * HOUR)
        for hour in (1, 8, 15, 22):
            loyal = groups[0][rng.random(fans) < 0.9]
            act(loyal, 91_000, day * DAY + hour * HOUR + rng.exponential(120, loyal.size))
        for wire in range(12):
            desk = groups[2][rng.random(newsroom) < 0.8]
            act(
                desk,
                93_000 + wire + 12 * (day % wires),
                day * DAY + rng.integers(DAY) + rng.exponential(100, desk.size),
            )
    for k in range(14):
        team = groups[1][rng.random(campaign) < 0.8]
        act(team, 92_000 + k % 10, rng.integers(7 * DAY - HOUR) + rng.random(team.size) * 45)
    for name, members in zip(("fan", "campaign", "newsroom"), groups, strict=False):
        role[members] = name
    columns = [np.concatenate(c) for c in zip(*parts, strict=True)]
    table = pd.DataFrame(dict(zip(("account_id", "object_id", "source_id", "t"), columns, strict=True)))
    return table.assign(t=1_700_000_000 + table["t"].astype(int)), role


def roles_of(found, role, which):
    return set(role[found.accounts.loc[which, "account_id"]])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("strata", ["learn", None])
def test_nobody_is_named_in_an_organic_world(seed, strata):
    actions, _ = world(seed, homophily=(0.8, 0.95)[seed % 2])
    assert not spmc.assess(actions, strata=strata).accounts["named"].any()


@pytest.mark.parametrize("seed", range(3))
def test_a_campaign_over_ten_sources_is_named_whole_and_nobody_else(seed):
    actions, role = world(seed, campaign=20, fans=40)
    found = spmc.assess(actions)
    named = found.accounts.loc[found.accounts["named"], "account_id"]
    assert set(role[named]) == {"campaign"}
    assert len(named) == 20
    assert (role[found.accounts["account_id"][:20]] == "campaign").all()
    first = found.clusters.iloc[0]
    assert set(first["accounts"]) >= set(named)
    assert first["size"] <= 22
    assert first["n_named"] == 20


@pytest.mark.parametrize("seed", [0, 3])
def test_other_names_change_nothing_where_strata_are_learned(seed):
    """Accounts, objects and sources get other names at once, so that all of them come in another order."""
    actions, _ = world(seed, campaign=20, fans=40)
    rng = np.random.default_rng(seed)
    other = {
        column: dict(zip(names := np.unique(actions[column]), rng.permutation(names), strict=True))
        for column in ("account_id", "object_id", "source_id")
    }
    first = spmc.assess(actions)
    second = spmc.assess(actions.assign(**{column: actions[column].map(new) for column, new in other.items()}))
    assert first.notes["strata"].endswith(" strata")
    own, theirs = (found.accounts.set_index("account_id") for found in (first, second))
    theirs = theirs.loc[own.index.map(other["account_id"])]
    for column in ("named", "basis", "kind"):
        assert own[column].astype(str).tolist() == theirs[column].astype(str).tolist()
    np.testing.assert_allclose(own["p"], theirs["p"], rtol=1e-9)
    np.testing.assert_allclose(own["score"], theirs["score"], rtol=1e-9)
    renamed = [{other["account_id"][x] for x in group} for group in first.clusters["accounts"]]
    assert sorted(map(sorted, renamed)) == sorted(map(sorted, second.clusters["accounts"]))


def nobody_reads_what_another_reads(n=600):
    """Actions of n accounts, six each on sources of their own; the first twenty meet on ten more, within a minute."""
    own = pd.DataFrame({"account_id": np.repeat(np.arange(n), 6), "source_id": np.arange(6 * n)})
    own = own.assign(object_id=own["source_id"], t=1_700_000_000 + 977 * np.arange(6 * n) % (7 * DAY))
    met = pd.DataFrame({"account_id": np.tile(np.arange(20), 10), "source_id": 10**6 + np.repeat(np.arange(10), 20)})
    met = met.assign(object_id=met["source_id"], t=1_700_000_000 + 12 * HOUR * np.repeat(np.arange(10), 20))
    return own, met.assign(t=met["t"] + met["account_id"] % 20)


def test_without_a_source_that_two_read_there_is_one_stratum():
    own, met = nobody_reads_what_another_reads()
    alone = spmc.assess(own)
    assert alone.notes["strata"] == "learned: one stratum"
    assert not len(alone.edges) and (alone.accounts["p"] == 1).all()
    both = pd.concat([own, met])
    learned, told = spmc.assess(both), spmc.assess(both, strata=None)
    assert learned.notes["strata"] == "learned: one stratum"
    pd.testing.assert_frame_equal(learned.edges, told.edges)
    assert set(learned.accounts.loc[learned.accounts["named"], "account_id"]) == set(range(20))


@pytest.mark.parametrize("seed", range(3))
def test_fans_of_one_star_are_never_named_however_often_they_act_together(seed):
    actions, role = world(seed, fans=40)
    found = spmc.assess(actions)
    assert not found.accounts["named"].any()
    fans = found.accounts[role[found.accounts["account_id"]] == "fan"]
    assert (fans["basis"] == "one").mean() > 0.5
    assert (fans["basis"].dropna() != "several").all()


def test_a_registered_newsroom_is_shown_and_not_named():
    actions, role = world(1, newsroom=12)
    desk = np.flatnonzero(role == "newsroom")
    free = spmc.assess(actions)
    assert free.accounts.set_index("account_id").loc[desk, "named"].any(), "the test needs a newsroom that stands out"
    half = spmc.assess(actions, context={int(x): "newsroom" for x in desk[: desk.size // 2 + 2]})
    assert not half.accounts["named"].any()
    pd.testing.assert_frame_equal(half.edges, free.edges)
    shown = half.accounts.set_index("account_id").loc[desk]
    assert (shown["basis"] == "several").any()
    assert (shown["context"] == "newsroom").sum() == desk.size // 2 + 2
    assert half.clusters.iloc[0]["kind"] == "newsroom"
    assert half.clusters.iloc[0]["n_named"] == 0
    assert half.notes["n_context"] == desk.size // 2 + 2


def test_a_newsroom_that_comes_back_to_its_wires_is_not_named():
    actions, role = world(1, newsroom=12, wires=1)
    shown = spmc.assess(actions).accounts.set_index("account_id").loc[np.flatnonzero(role == "newsroom")]
    assert not shown["named"].any()
    assert (shown["basis"] == "few").sum() >= 8, "they stand out, and are for a person to look at"


def test_a_few_registered_accounts_do_not_shield_a_campaign():
    actions, role = world(2, campaign=20)
    some = np.flatnonzero(role == "campaign")[:4]
    found = spmc.assess(actions, context={int(x): "official" for x in some}).accounts.set_index("account_id")
    assert not found.loc[some, "named"].any()
    assert found.loc[np.flatnonzero(role == "campaign"), "named"].sum() == 16


def test_a_crowd_that_has_nothing_to_do_with_it_adds_no_finding():
    actions, role = world(3, campaign=20)
    rng = np.random.default_rng(0)
    crowd = pd.DataFrame({"account_id": 10_000 + np.arange(3000) % 1000, "object_id": 10**6 + np.arange(3000)})
    crowd = crowd.assign(source_id=crowd["object_id"], t=1_700_000_000 + rng.integers(0, 7 * DAY, 3000))
    alone, both = spmc.assess(actions), spmc.assess(pd.concat([actions, crowd]))
    named = set(both.accounts.loc[both.accounts["named"], "account_id"])
    assert named <= set(np.flatnonzero(role == "campaign"))
    assert len(named) == alone.accounts["named"].sum()
    assert (both.accounts.set_index("account_id").loc[range(10_000, 11_000), "p"] == 1).all()


def test_what_everybody_shares_is_set_aside_and_counted():
    actions, _ = world(0)
    found = spmc.assess(actions)
    greetings = actions.loc[actions["source_id"].between(90_000, 90_006), "object_id"].unique()
    assert set(greetings) <= set(found.excluded["object_id"])
    assert found.excluded["n_actions"].sum() == found.notes["n_actions_hot"]
    assert (found.excluded["share"] >= 0.05).all()
    counted = ("n_actions_repeated", "n_actions_hot", "n_actions_retained")
    assert sum(found.notes[name] for name in counted) == len(actions)
    assert found.notes["n_actions_repeated"] == actions.duplicated(["account_id", "object_id"]).sum()


def test_the_numbers_follow_the_seed_and_nothing_else():
    actions, _ = world(1, campaign=20, fans=40)
    same(spmc.assess(actions, seed=5), spmc.assess(actions.sample(frac=1, random_state=1), seed=5))


# -- edges of what may be given ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("a", "o", "s", 0)],
        [("a", "o", "s", 0)] * 5,
        [("a", f"o{k}", "s", k * DAY) for k in range(5)],
        [(f"u{k}", "o", "s", 0) for k in range(300)],
        [(f"u{k}", f"o{k % 7}", f"s{k % 3}", 0) for k in range(300)],
        [(f"u{k % 2}", f"o{k // 2}", f"s{k // 2}", k // 2 * DAY) for k in range(40)],
        [(f"u{k % 3}", f"o{k}", f"s{k}", -k * DAY) for k in range(40)],
    ],
    ids=["empty", "one", "repeated", "one account", "one object", "one time", "two in step", "nobody in step"],
)
@pytest.mark.filterwarnings("error")
def test_degenerate_tables_give_numbers_and_no_warning(rows):
    table = frame(rows).astype({"t": "int64"})
    found = spmc.assess(table.astype({"account_id": str, "object_id": str, "source_id": str}))
    assert len(found.accounts) == len({r[0] for r in rows})
    numeric = pd.concat([found.accounts[["p", "q", "score"]].stack(), found.edges.select_dtypes("number").stack()])
    assert np.isfinite(numeric.to_numpy(dtype=float)).all()
    assert found.accounts["p"].between(0, 1).all()
    assert found.edges["p"].between(0, 1, inclusive="right").all()
    if len(found.accounts) < 100:
        assert found.notes["evidence"].startswith("insufficient evidence")


def test_without_sources_each_object_is_its_own_and_the_notes_say_so():
    rows = [(f"u{k % 5}", f"o{k // 5}", "s", k // 5 * DAY) for k in range(50)]
    known, unknown = spmc.assess(frame(rows)), spmc.assess(frame(rows).drop(columns="source_id"))
    assert known.edges.empty
    assert known.notes["sources_known"]
    assert (unknown.edges["n_occasions"] == 10).all()
    assert not unknown.notes["sources_known"]
    assert "own source" in unknown.notes["sources"]


def test_an_object_takes_the_source_of_its_earliest_action():
    rows = [(f"u{k % 3}", f"o{k // 3}", f"s{k // 3}", k // 3 * DAY + k % 3) for k in range(12)]
    mixed = [(a, o, s if t % DAY == 0 else "other", t) for a, o, s, t in rows]
    found = spmc.assess(frame(mixed))
    assert (found.edges["n_sources"] == 4).all()
    assert found.notes["objects_with_several_sources"] == 4
    assert spmc.assess(frame(rows)).notes["objects_with_several_sources"] == 0


def test_times_come_back_as_they_were_given():
    rows = [(f"u{k % 3}", f"o{k // 3}", f"s{k // 3}", k // 3 * DAY) for k in range(12)]
    seconds = spmc.assess(frame(rows))
    assert seconds.notes["windows_s"] == [60.0, 600.0], "a minute and ten where none is asked for"
    times = spmc.assess(frame(rows, t=pd.to_datetime([r[3] for r in rows], unit="s", utc=True)))
    assert seconds.edges["last_t"].tolist() == [3 * DAY] * 6
    assert times.edges["last_t"].tolist() == [pd.Timestamp(3 * DAY, unit="s", tz="UTC")] * 6


@pytest.mark.parametrize("windows", [(), (-1,), (float("nan"),), ("60",), (True,), (7 * HOUR,), None])
def test_a_window_that_cannot_be_used_is_refused(windows):
    with pytest.raises(ParameterError, match="windows_s"):
        spmc.assess(frame([("a", "o", "s", 0)]), windows_s=windows)


def test_strata_and_context_that_cannot_be_used_are_refused():
    table = frame([("a", "o", "s", 0)])
    with pytest.raises(ParameterError, match="strata"):
        spmc.assess(table, strata="guess")
    with pytest.raises(ParameterError, match="none of the 1 accounts"):
        spmc.assess(table, strata={"b": 1})
    with pytest.raises(ParameterError, match="newsroom"):
        spmc.assess(table, context={"a": ""})
    with pytest.raises(ActionsError, match="object_id"):
        spmc.assess(table.drop(columns="object_id"))


@pytest.mark.parametrize(
    "arguments",
    [
        {"strata": 5}, {"strata": [1]}, {"strata": True}, {"strata": {"a": [1]}}, {"strata": pd.Series({"a": 1})},
        {"context": "x"}, {"context": 5}, {"context": [1]}, {"context": pd.Series({"a": "newsroom"})},
        {"context": {1: "newsroom"}}, {"context": {None: "newsroom"}}, {"context": {"a": None}},
        {"seed": -1}, {"seed": 1.5}, {"seed": "x"}, {"seed": True}, {"seed": 2**31}, {"seed": None},
        {"windows_s": 10**400}, {"windows_s": {}}, {"windows_s": b"60"},
    ],
)  # fmt: skip
def test_what_is_of_the_wrong_type_is_one_sentence(arguments):
    with pytest.raises(ParameterError, match=next(iter(arguments))) as caught:
        spmc.assess(frame([("a", "o", "s", 0)]), **arguments)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_context_is_of_the_accounts_own_type():
    numbers = frame([("1", "o", "s", 0)]).assign(account_id=[1])
    assert spmc.assess(numbers, context={1: "newsroom"}).notes["n_context"] == 1
    assert spmc.assess(numbers, context={np.int64(1): "newsroom"}).notes["n_context"] == 1
    for context in ({"1": "newsroom"}, {True: "newsroom"}, {1.0: "newsroom"}):
        with pytest.raises(ParameterError, match="same type"):
            spmc.assess(numbers, context=context)


def test_real_reposts_name_almost_nobody(shared_data):
    """Public retweets of eight months: a sparse crowd in which no pair shares five objects within a minute."""
    raw = pd.read_parquet(shared_data / "posts" / "russian_coord_tweets.parquet")
    actions = raw.rename(columns={"timestamp_share": "t"})[["account_id", "object_id", "t"]]
    found = spmc.assess(actions.astype({"account_id": str, "object_id": str}))
    assert found.notes["n_accounts"] == actions["account_id"].nunique()
    assert found.accounts["named"].sum() == 0


@pytest.mark.parametrize(("n", "word"), [(99, "insufficient evidence: 99 accounts"), (100, "sufficient")])
def test_a_hundred_accounts_are_enough_to_learn_from(n, word):
    assert _evidence(n).startswith(word)
