"""The simulated weeks do what their declaration says: counted on what comes out, by routes of the tests' own."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy.worlds.catalogue import WORLDS
from benchmarks.accuracy.worlds.declare import TRACES, Campaign, Records, World
from benchmarks.accuracy.worlds.simulate import START_S, simulate

SMALL = World(
    "small",
    "",
    n_accounts=3_000,
    communities=(6,),
    fandoms=(30, 150),
    volunteers=40,
    offices=10,
    quoters=12,
    newsrooms=8,
    matches=1,
)
DAY = 86_400


def with_campaign(**changes) -> World:
    return replace(SMALL, campaigns=(Campaign("planted", **changes),))


def strikes(week, trace="repost") -> dict[int, pd.DataFrame]:
    """The members' acts by object, where eight or more of them touch it and are most of those who do."""
    table = week.tables[trace]
    own = table[np.isin(table.account_id, week.people.members("campaign:planted"))]
    crowd = table.groupby("object_id")["account_id"].nunique()
    shared = {k: rows for k, rows in own.groupby("object_id") if rows.account_id.nunique() >= 8}
    return {k: rows for k, rows in shared.items() if rows.account_id.nunique() > 0.5 * crowd[k]}


def test_equal_seeds_make_equal_weeks_and_others_do_not() -> None:
    one, same, other = simulate(SMALL, 3), simulate(SMALL, 3), simulate(SMALL, 4)
    for trace in TRACES:
        pd.testing.assert_frame_equal(one.tables[trace], same.tables[trace])
        assert not one.tables[trace].equals(other.tables[trace])


def test_a_change_of_one_crowd_leaves_the_others_as_they_were() -> None:
    def offices(world: World) -> pd.DataFrame:
        week = simulate(world, 1)
        table = week.tables["repost"]
        (hq,) = week.people.members("office_hq")
        return table.loc[table.source_id == hq, ["t"]].reset_index(drop=True)

    many = offices(replace(SMALL, star_posts=40))
    assert abs(len(many) - len(offices(SMALL))) < 60  # everyday reading differs, the offices' own acts do not


def test_every_role_has_the_size_asked_for() -> None:
    world = replace(
        SMALL,
        stars=3,
        tournament=2,
        wires=4,
        campaigns=(Campaign("a", size=9, cells=3), Campaign("b", how="text", size=11)),
    )
    week = simulate(world, 1)
    assert Counter(week.people.names.tolist()) == {
        "fan": 180, "star": 6, "viewer": 150, "live_desk": 6, "wire": 4, "newsroom": 8, "volunteer": 40,
        "volunteer_leader": 3, "office_hq": 1, "office": 10, "quoter": 12, "campaign:a": 27, "campaign:b": 11,
        "organic": 3_000 - 180 - 6 - 150 - 6 - 4 - 8 - 40 - 3 - 1 - 10 - 12 - 27 - 11,
    }  # fmt: skip
    cells = week.people.cell[week.people.members("campaign:a")]
    assert sorted(np.unique(cells, return_counts=True)[1].tolist()) == [9, 9, 9]
    assert week.campaign.sum() == 38
    assert week.voluntary.sum() == 43


def test_too_many_crowds_are_refused() -> None:
    with pytest.raises(ValueError, match="too few for these crowds"):
        simulate(replace(SMALL, n_accounts=400), 1)


@pytest.mark.parametrize("trace", TRACES)
def test_acts_lie_in_the_week_in_order_of_time(trace: str) -> None:
    table = simulate(SMALL, 2).tables[trace]
    assert table["t"].is_monotonic_increasing
    assert table["t"].min() >= START_S
    assert table["t"].max() < START_S + 7 * DAY
    assert len(table) > 500


def test_nobody_reposts_twice_or_himself_or_before_the_post() -> None:
    week = simulate(SMALL, 5)
    table, (author, born) = week.tables["repost"], week.posts
    pairs = set(zip(table.account_id, table.object_id, strict=True))
    assert len(pairs) == len(table)
    assert (author[table.object_id] == table.source_id).all()
    assert (table.source_id != table.account_id).all()
    assert ((table.t - START_S).to_numpy() >= np.floor(born[table.object_id])).all()


def test_mean_acts_are_those_asked_for() -> None:
    bare = replace(SMALL, fandoms=(), volunteers=0, offices=0, quoters=0, newsrooms=0, wires=0, matches=0, greeters=0.0)
    week = simulate(replace(bare, reposts=6.0), 1)
    reposts = len(week.tables["repost"]) / 3_000
    assert 4.0 < reposts < 6.0  # some come after the week, some twice
    per_account = week.tables["repost"].account_id.value_counts()
    assert per_account.max() > 8 * per_account.median()  # activity is unequal
    popular = np.sort(week.tables["repost"].object_id.value_counts().to_numpy())[::-1]
    assert popular[: popular.size // 100].sum() > 0.1 * popular.sum()  # and popularity


def test_homophily_moves_reposts_home() -> None:
    def at_home(homophily: float) -> float:
        week = simulate(replace(SMALL, homophily=(homophily,), communities=(20,)), 1)
        table, people = week.tables["repost"], week.people
        ordinary = (people.names[table.account_id] == "organic") & (people.names[table.source_id] == "organic")
        return float((people.community[table.account_id] == people.community[table.source_id])[ordinary].mean())

    low, middle, high = at_home(0.6), at_home(0.8), at_home(0.95)
    assert low < middle - 0.08 < high - 0.16
    assert high > 0.8


def test_nights_are_quiet() -> None:
    week = simulate(SMALL, 1)
    hour = (week.tables["repost"].t - START_S) % DAY // 3_600
    share = np.bincount(hour, minlength=24) / len(hour)
    assert share[1:4].sum() < 0.06
    assert share[19:22].sum() > 0.15


def test_two_in_five_greet_within_two_hours() -> None:
    table = simulate(SMALL, 1).tables["text"]
    by_text = table[table.object_id < 0].groupby("object_id").agg(n=("account_id", "nunique"), t=("t", np.ptp))
    greetings = by_text[(by_text.n > 120) & (by_text.t <= 7_200)]
    assert len(greetings) == 6
    assert 0.36 < table[table.object_id.isin(greetings.index)].account_id.nunique() / 3_000 < 0.44


def test_a_quarter_of_the_fans_is_on_notification() -> None:
    week = simulate(replace(SMALL, fandoms=(600,), stars=2), 1)
    table, (_, born) = week.tables["repost"], week.posts
    fans = set(week.people.members("fan").tolist())
    own = table[table.source_id.isin(week.people.members("star")) & table.account_id.isin(fans)]
    lag = own.t.to_numpy() - START_S - born[own.object_id]
    # 5 of 11 acts are by those on notification, of which Φ(ln(60 / 35) / .9) = .73 come within a minute
    assert 0.28 < (lag < 60).mean() < 0.38
    quick = own[lag < 60].account_id.value_counts()
    assert 120 < (quick >= 8).sum() < 180


def test_newsrooms_print_wires_within_minutes_or_on_schedule() -> None:
    for on_schedule in (False, True):
        week = simulate(replace(SMALL, wires=4, on_schedule=on_schedule), 1)
        table, wires = week.tables["text"], week.people.members("wire")
        own = table[table.account_id.isin(wires)]
        assert own.account_id.nunique() == 4
        printed = table[table.object_id.isin(own.object_id) & table.account_id.isin(week.people.members("newsroom"))]
        assert 0.5 < len(printed) / (len(own) * 8) < 0.68
        first = own.set_index("object_id")["t"]
        lag = printed.t - printed.object_id.map(first)
        assert lag.median() < 400
        assert (((printed.t - START_S) % 300 == 0).mean() > 0.99) == on_schedule
        assert {a for a in week.context if a in wires} == set(wires.tolist())
        assert len(week.context) == 4 + round(0.67 * 8)


@pytest.mark.parametrize(("spread", "share"), [(60.0, 0.7), (2_400.0, 0.7), (60.0, 0.5)])
def test_a_strike_is_as_long_and_as_large_as_asked(spread: float, share: float) -> None:
    world = with_campaign(size=40, occasions=12, sources=6, spread_s=spread, share=share)
    struck = strikes(simulate(world, 1))
    assert len(struck) == 12
    sizes = [rows.account_id.nunique() for rows in struck.values()]
    assert abs(np.mean(sizes) / 40 - share) < 0.08
    assert len({rows.source_id.iloc[0] for rows in struck.values()}) == 6
    assert 0.8 * spread < np.median([np.ptp(rows.t) for rows in struck.values()]) <= spread


@pytest.mark.parametrize(("age", "low", "high"), [("fresh", 60, 600), ("publication", 5, 60), ("old", 7_200, 108_000)])
def test_strikes_come_as_long_after_the_post_as_asked(age: str, low: float, high: float) -> None:
    week = simulate(with_campaign(size=30, occasions=10, sources=5, age=age), 2)
    first = [rows.t.min() - START_S - week.posts[1][post] for post, rows in strikes(week).items()]
    assert len(first) == 10
    assert low - 2 <= np.quantile(first, 0.1)
    assert np.quantile(first, 0.9) <= high + 60


@pytest.mark.parametrize("life", [0.0, 0.5, 0.9])
def test_camouflage_is_the_share_of_everyday_acts(life: float) -> None:
    week = simulate(with_campaign(size=30, occasions=14, life=life), 1)
    table = week.tables["repost"]
    own = table[table.account_id.isin(week.people.members("campaign:planted"))]
    campaign = sum(len(rows) for rows in strikes(week).values())
    assert abs((1 - campaign / len(own)) - life) < 0.08


def test_scheduled_strikes_stand_on_second_nought_and_half_of_a_push_is_gone() -> None:
    struck = strikes(simulate(with_campaign(size=30, scheduled=True, spread_s=240, life=0.0), 1))
    assert all(((rows.t - START_S) % 60 == 0).mean() > 0.95 for rows in struck.values())
    whole = simulate(with_campaign(how="tag", size=60, occasions=7, deleted=0.0), 1).tables["tag"]
    half = simulate(with_campaign(how="tag", size=60, occasions=7, deleted=0.5), 1).tables["tag"]
    assert 110 < len(whole) - len(half) < 185  # half of 7 strikes by seven tenths of 60


@pytest.mark.parametrize("how", ["text", "tag", "reply", "image"])
def test_campaigns_act_in_their_own_trace(how: str) -> None:
    week = simulate(with_campaign(how=how, size=40, occasions=9, sources=9, edited=0.2), 1)
    struck = strikes(week, how)
    assert len(struck) >= 9
    if how == "text":
        edited = week.tables["text"].object_id.isin(list(week.base))
        assert 20 < edited.sum() < 90
        assert set(week.base.values()) <= set(struck)


def test_cells_wholly_at_home_have_members_and_sources_in_one_community() -> None:
    week = simulate(with_campaign(size=30, home=1.0), 1)
    people = week.people
    (home,) = set(people.community[people.members("campaign:planted")].tolist())
    sources = {rows.source_id.iloc[0] for rows in strikes(week).values()}
    assert {int(people.community[s]) for s in sources} == {home}


def test_seeds_go_round_homophily_and_communities() -> None:
    world = WORLDS["organic-20k"]
    assert len({world.drawn(seed) for seed in range(1, 10)}) == 9
    assert {world.drawn(seed)[0] for seed in range(9)} == {0.6, 0.8, 0.95}


def test_every_world_can_be_cast_and_campaigns_are_rare() -> None:
    for name, world in WORLDS.items():
        assert world.name == name
        assert world.title
        planted = sum(c.size * c.cells for c in world.campaigns)
        assert planted <= 0.015 * world.n_accounts, name
        assert len({c.kind for c in world.campaigns}) == len(world.campaigns)
    assert sum(c.size * c.cells for c in WORLDS["mixed-h80"].campaigns) == 100


def test_records_hold_every_act_once_with_words_clients_and_the_network() -> None:
    from benchmarks.accuracy.measurement.end_to_end import records_of

    world = replace(SMALL, posts=1.0, reposts=1.0, records=Records(network=50, posts=800))
    week = simulate(world, 1)
    table = records_of(week)
    acts = sum(len(own) for own in week.tables.values())
    by_network = table[table.text.str.startswith("Notice ") & table.text.str.contains("demo campaign committee")]
    assert len(table) == acts + len(by_network)
    assert len(by_network) == 800 * 50 // 200
    assert by_network.account_id.nunique() == 50
    second = by_network.created_at.dt.second
    assert second.isin([17, 18]).mean() > 0.85
    assert (by_network.client == "demo relay").mean() > 0.88
    assert table.record_id.is_unique
    reposts = table[table.kind == "repost"].merge(table, left_on="ref_record_id", right_on="record_id")
    assert len(reposts) == (table.kind == "repost").sum()
    assert (reposts.text_x == reposts.text_y).all()
    assert (reposts.ref_account_id_x == reposts.account_id_y).all()
    assert (reposts.created_at_x >= reposts.created_at_y).all()


def test_records_at_minute_precision_without_client_and_permuted() -> None:
    from benchmarks.accuracy.measurement.end_to_end import records_of

    def written(**changes) -> pd.DataFrame:
        return records_of(simulate(replace(SMALL, posts=0.5, reposts=0.5, records=Records(network=40, **changes)), 1))

    coarse = written(precision_s=60, client=False)
    assert "client" not in coarse
    assert (coarse.created_at.dt.second == 0).all()
    plain, mixed = written(), written(permuted=True)
    assert Counter(plain.client) == Counter(mixed.client)
    assert Counter(plain.created_at.dt.second) == Counter(mixed.created_at.dt.second)
    form = mixed.text.str.startswith("Notice ")
    assert mixed.created_at.dt.second[form].isin([17, 18]).mean() < 0.2


def test_copied_texts_share_a_cluster_and_edited_ones_leave_it() -> None:
    import spmc_tools as spmc
    from benchmarks.accuracy.measurement.end_to_end import records_of

    world = with_campaign(how="text", size=40, occasions=4, edited=0.3)
    world = replace(world, records=Records(), posts=0.5, reposts=0.5)
    week = simulate(world, 1)
    table = records_of(week)
    members = {f"a{n:06d}" for n in week.people.members("campaign:planted")}
    table["label"] = spmc.near_duplicates(table.text[table.kind == "post"]).reindex(table.index)
    own = table[(table.kind == "post") & table.account_id.isin(members) & table.label.notna()]
    planted = [len(rows) for rows in strikes(week, "text").values()]
    clusters = sorted((n for n in own.label.value_counts() if n >= 8), reverse=True)[:4]
    assert clusters == pytest.approx(sorted(planted, reverse=True), abs=2)


def test_counts_by_day_hold_no_empty_day() -> None:
    by_day = defaultdict(int)
    for t in simulate(SMALL, 9).tables["repost"].t:
        by_day[(t - START_S) // DAY] += 1
    assert set(by_day) == set(range(7))
