"""Opponents do what their declaration says: counted on the finished records, by routes of the tests' own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy.opponents import OPPONENTS, STRUCTURES, SmallWorld, made
from benchmarks.accuracy.opponents.record_rows import RecordRows, swapped

IST = "Asia/Kolkata"
FIRST, BEHIND = pd.Timestamp("2025-11-03", tz=IST), pd.Timestamp("2025-11-10", tz=IST)
COLUMNS = [
    "record_id", "platform", "account_id", "created_at", "time_precision_s", "kind", "text", "hashtags", "urls",
    "mentions", "media", "ref_record_id", "ref_account_id", "client", "source_sha256", "source_row",
]  # fmt: skip


@cache
def small(name: str, people: int = 600, seed: int = 1) -> SmallWorld:
    declaration = (OPPONENTS | STRUCTURES)[name]
    return made(replace(declaration, background=replace(declaration.background, people=people, communities=4)), seed)


def members(world: SmallWorld) -> pd.DataFrame:
    """The records of members, with their time in India and in seconds."""
    rows = world.records[world.records["account_id"].map(world.roles) == "member"].copy()
    rows["local"] = rows["created_at"].dt.tz_convert(IST)
    rows["s"] = rows["created_at"].astype("int64") // 1_000_000
    return rows


def strikes(world: SmallWorld, fewest: int, within_s: int) -> dict[str, pd.DataFrame]:
    """By post: the members' reposts within so many seconds of one another, where so many of them are."""
    found = {}
    rows = members(world)
    for post, acts in rows[rows["kind"] == "repost"].sort_values("s").groupby("ref_record_id"):
        s = acts["s"].to_numpy()
        most = max(range(s.size), key=lambda n: ((s >= s[n]) & (s <= s[n] + within_s)).sum())
        held = acts[(s >= s[most]) & (s <= s[most] + within_s)]
        if len(held) >= fewest:
            found[post] = held
    return found


def authors(found: dict[str, pd.DataFrame]) -> set[str]:
    return {acts["ref_account_id"].iloc[0] for acts in found.values()}


@pytest.mark.parametrize("name", OPPONENTS)
def test_every_world_is_a_table_of_records_of_one_week(name: str) -> None:
    world = small(name)
    records = world.records
    columns = [c for c in COLUMNS if c != "client" or name != "turns, no client"]
    assert list(records.columns) == columns
    assert records["created_at"].min() >= FIRST
    assert records["created_at"].max() < BEHIND
    assert records["created_at"].is_monotonic_increasing
    assert records["record_id"].is_unique
    assert records["source_row"].tolist() == list(range(1, len(records) + 1))
    assert set(records["account_id"]) <= set(world.roles)
    assert not records["text"].isna().any()
    assert (records["ref_record_id"].isna() == (records["kind"] == "post")).all()
    originals = records.set_index("record_id")
    referring = records[records["ref_record_id"].isin(originals.index)]
    there = originals.loc[referring["ref_record_id"]]
    assert (there["account_id"].to_numpy() == referring["ref_account_id"].to_numpy()).all()
    assert (there["platform"].to_numpy() == referring["platform"].to_numpy()).all()
    assert (there["created_at"].to_numpy() <= referring["created_at"].to_numpy()).all()
    assert (there["kind"] == "post").all()
    again = (referring["kind"] == "repost").to_numpy()
    assert (there["text"].to_numpy() == referring["text"].to_numpy())[again].all()
    reposts = records[records["kind"] == "repost"]
    assert (reposts["account_id"] != reposts["ref_account_id"]).all()
    assert not reposts.duplicated(["account_id", "ref_record_id"]).any()


@pytest.mark.parametrize("name", OPPONENTS)
def test_roles_have_their_sizes_and_members_a_life_beside(name: str) -> None:
    world = small(name)
    sizes = Counter(world.roles.values())
    platforms = 2 if name == "two platforms" else 1
    wanted = 60 if name == "hot night" else 200 if name.startswith("turns") and name != "turns, 20 left" else 20
    assert sizes["ordinary"] == 600 * platforms
    assert sizes["member"] == wanted * platforms
    if "fan mimicry" in name:
        assert (sizes["fan"], sizes["star"]) == (300, 5 if "5" in name else 8)
    if "company" in name:
        assert (sizes["fan"], sizes["star"], sizes["volunteer"], sizes["volunteer_leader"]) == (300, 5, 60, 3)
    kinds = members(world).groupby("account_id")["kind"].agg(set)
    if platforms == 1:
        assert len(kinds) == wanted
        assert kinds.map(lambda own: "post" in own).all()


def test_equal_seeds_make_equal_worlds_and_others_do_not() -> None:
    again, other = made_small("reference", 1), made_small("reference", 2)
    pd.testing.assert_frame_equal(small("reference").records, again.records)
    assert small("reference").roles == again.roles
    assert not again.records.equals(other.records)
    assert again.roles != other.roles  # the ids are dealt anew


def test_a_repost_comes_after_its_post_once_and_for_the_planned_reason() -> None:
    rows = RecordRows()
    posts = rows.post(np.array([0, 0]), np.array([100.7, 604_799.9]), ["first", "last"])
    rows.refer(np.array([1]), np.array([900.0]), posts[:1])
    rows.refer(np.array([1, 2, 2, 0]), np.array([500.0, 50.0, 300.0, 400.0]), posts[0], casual=True)
    rows.refer(np.array([3]), np.array([604_799.0]), posts[1:])
    table = rows.table(np.array([7, 5, 6, 4]), np.random.default_rng(1), precision_s=1, platforms=1)
    seen = table[table["kind"] == "repost"]
    after = (seen["created_at"] - FIRST).dt.total_seconds().tolist()
    assert list(zip(seen["account_id"], after, seen["text"], strict=True)) == [
        ("a0000006", 101.0, "first"),
        ("a0000005", 900.0, "first"),
    ]
    assert table["account_id"].tolist() == ["a0000007", "a0000006", "a0000005", "a0000007"]


def made_small(name: str, seed: int) -> SmallWorld:
    return small.__wrapped__(name, seed=seed)


def test_the_background_has_the_week_of_the_measurement() -> None:
    world = small("reference", people=3_000)
    kinds = Counter(world.records.loc[world.records["account_id"].map(world.roles) == "ordinary", "kind"])
    assert 7 * 3_000 < kinds["repost"] < 9 * 3_000
    assert 1.2 * 3_000 < kinds["post"] < 2 * 3_000
    each = world.records["account_id"].value_counts()
    assert each.max() > 10 * each.median()  # log-normal activity
    hours = world.records["created_at"].dt.tz_convert(IST).dt.hour.value_counts()
    assert hours[20] > 10 * hours[3]
    popular = world.records["ref_record_id"].value_counts()
    assert popular.max() > 50 * popular.median()


@pytest.mark.parametrize(
    ("name", "spread"), [("reference", 60), *((f"jitter {m} min", 60 * m) for m in (5, 45, 90, 180))]
)
def test_members_strike_fourteen_times_within_the_spread(name: str, spread: int) -> None:
    found = strikes(small(name, people=2_000), 8, spread)
    assert len(found) == 14
    assert len(authors(found)) == 10
    taking = sum(map(len, found.values()))
    assert 160 <= taking <= 230  # 14 × 20 × .7 = 196, standard deviation 7.7
    spans = [acts["s"].max() - acts["s"].min() for acts in found.values()]
    assert np.median(spans) > spread / 2
    days = {acts["local"].iloc[0].date() for acts in found.values()}
    assert len(days) == 7


@pytest.mark.parametrize("at_once", [3, 5])
def test_rotating_members_are_exactly_so_many_each_time(at_once: int) -> None:
    found = strikes(small(f"rotating {at_once} of 20"), at_once, 60)
    assert len(found) == 40
    assert {len(acts) for acts in found.values()} == {at_once}
    assert len({account for acts in found.values() for account in acts["account_id"]}) == 20
    assert len(authors(found)) == 10


def test_three_strikes_are_three_sources_and_everybody() -> None:
    found = strikes(small("three strikes"), 10, 60)
    assert [len(acts) for acts in found.values()] == [20, 20, 20]
    assert len(authors(found)) == 3


def test_shifts_are_three_spans_of_two_hours_with_twenty_five_posts_each() -> None:
    found = strikes(small("three shifts"), 7, 60)
    at = sorted(acts["s"].min() for acts in found.values())
    assert len(at) == 75
    for n in range(3):
        assert at[25 * n + 24] - at[25 * n] <= 7_200
    assert at[25] - at[24] > 7_200
    assert at[50] - at[49] > 7_200


@pytest.mark.parametrize("number", [60, 15])
def test_an_evening_is_three_hours_of_different_authors(number: int) -> None:
    found = strikes(small(f"evening of {number}"), 7, 60)
    assert len(found) == len(authors(found)) == number
    at = [acts["s"].min() for acts in found.values()]
    assert max(at) - min(at) <= 3 * 3_600
    assert all(17 <= acts["local"].iloc[0].hour <= 23 for acts in found.values())


def test_a_hot_night_is_theirs_alone() -> None:
    world = small("hot night", people=1_000)
    found = strikes(world, 25, 60)
    assert len(found) == len(authors(found)) == 40
    rows = pd.concat(found.values())
    assert set(rows["local"].dt.hour) <= {2, 3, 4}
    assert rows["local"].dt.date.nunique() == 1
    night = world.records["created_at"].between(rows["created_at"].min(), rows["created_at"].max())
    others = world.records[night]["account_id"].map(world.roles) == "ordinary"
    assert others.mean() < 0.05


@pytest.mark.parametrize("stars", [5, 8])
def test_fan_mimics_repost_every_post_of_the_stars_within_a_minute(stars: int) -> None:
    world = small(f"fan mimicry, {stars} stars")
    records = world.records.assign(role=world.records["account_id"].map(world.roles))
    born = records[(records["role"] == "star") & (records["kind"] == "post")].set_index("record_id")["created_at"]
    acts = records[records["ref_record_id"].isin(born.index) & (records["kind"] == "repost")].copy()
    acts["lag"] = (acts["created_at"] - acts["ref_record_id"].map(born)).dt.total_seconds()
    soon = acts[(acts["role"] == "member") & (acts["lag"] <= 60)].groupby("ref_record_id").size()
    assert (soon == 20).sum() == 14 * stars  # beside the stars' everyday posts, if they have any
    fans = acts[(acts["role"] == "fan") & acts["ref_record_id"].isin(soon[soon == 20].index)]
    assert 0.45 < fans.groupby("ref_record_id").size().mean() / 300 < 0.55
    assert 0.2 < (fans["lag"] <= 60).mean() < 0.6


def test_half_of_the_acts_are_decoys_on_popular_posts() -> None:
    world, plain = small("decoys", people=2_000), small("reference", people=2_000)
    struck = sum(map(len, strikes(world, 6, 60).values()))
    beside = len(members(world)) - len(members(plain))
    assert 0.4 < beside / (beside + struck) < 0.6
    popular = world.records["ref_record_id"].value_counts()
    rows = members(world)
    elsewhere = rows[(rows["kind"] == "repost") & ~rows["ref_record_id"].isin(strikes(world, 6, 60))]
    assert (popular[elsewhere["ref_record_id"]] > popular.median()).mean() > 0.6


def test_trend_riders_take_what_was_reposted_most_in_the_hour_before() -> None:
    world = small("trends", people=2_000)
    found = strikes(world, 7, 60)
    assert len(found) == 14
    reposts = world.records[world.records["kind"] == "repost"]
    for post, acts in found.items():
        start = acts["created_at"].min()
        before = reposts[(reposts["created_at"] < start) & (reposts["created_at"] > start - pd.Timedelta("65min"))]
        counted = before[~before["ref_record_id"].isin(set(found) - {post})]["ref_record_id"].value_counts()
        assert counted.get(post, 0) >= 0.6 * counted.iloc[0]


def test_the_top_of_the_hour_is_second_0_where_schedulers_post_too() -> None:
    world = small("top of the hour")
    found = strikes(world, 7, 0)
    assert len(found) == 14
    assert all((acts["local"].dt.minute == 0).all() and (acts["local"].dt.second == 0).all() for acts in found.values())
    records = world.records[world.records["account_id"].map(world.roles) == "scheduler"]
    planned = records[(records["kind"] == "post") & (records["client"] == "demo planner")]
    local = planned["created_at"].dt.tz_convert(IST).dt
    assert ((local.minute == 0) & (local.second == 0)).mean() > 0.9
    assert 24 < len(planned) / 100 < 32  # four a day each


def test_two_platforms_share_posts_and_no_ids() -> None:
    records = small("two platforms").records
    by = records.groupby("platform")["account_id"].agg(set)
    assert not by["x"] & by["threads"]
    assert 0.45 < (records["platform"] == "x").mean() < 0.55
    found = strikes(small("two platforms"), 6, 60)
    assert len(found) == 14
    assert 3 <= sum(acts["platform"].iloc[0] == "x" for acts in found.values()) <= 11


def test_a_drip_is_fours_a_quarter_of_an_hour_apart() -> None:
    found = strikes(small("drip"), 16, 4_000)
    assert len(found) == 40
    for acts in found.values():
        assert len(acts) == 20
        batch = np.round((acts["s"] - acts["s"].min() - 30) / 900).clip(0).astype(int)
        assert Counter(batch) == {0: 4, 1: 4, 2: 4, 3: 4, 4: 4}


def test_the_leader_is_first_each_time() -> None:
    found = strikes(small("leader first"), 7, 60)
    assert len(found) == 14
    assert len({acts["account_id"].iloc[0] for acts in found.values()}) == 1
    assert all(acts["s"].iloc[1] - acts["s"].iloc[0] >= 9 for acts in found.values())


def test_two_halves_never_strike_together() -> None:
    found = strikes(small("two halves", seed=2), 3, 60)
    assert len(found) == 28
    together: list[set[str]] = []
    for acts in found.values():
        here = set(acts["account_id"])
        joined = [group for group in together if group & here]
        together = [group for group in together if not group & here] + [here.union(*joined)]
    assert sorted(map(len, together)) == [10, 10]
    assert sum(bool(set(acts["account_id"]) & together[0]) for acts in found.values()) == 14


def occasions(world: SmallWorld, within_s: int) -> list[pd.DataFrame]:
    """Runs of six or more own posts of members, each within so many seconds of the first."""
    rows = members(world)
    rows = rows[rows["kind"] == "post"].sort_values("s", kind="stable")
    found: list[list[int]] = []
    for n, s in enumerate(rows["s"]):
        if found and s - rows["s"].iloc[found[-1][0]] <= within_s:
            found[-1].append(n)
        else:
            found.append([n])
    return [rows.iloc[run] for run in found if len(run) >= 6]


@pytest.mark.parametrize("percent", [20, 40, 70])
def test_rewritten_texts_differ_in_so_many_words_from_what_most_have(percent: int) -> None:
    runs = occasions(small(f"rewritten {percent}%"), 60)
    assert len(runs) == 14
    shares = []
    for run in runs:
        texts = [text.split() for text in run["text"]]
        size = Counter(map(len, texts)).most_common(1)[0][0]
        texts = [text for text in texts if len(text) == size]  # an everyday post that falls in is of another length
        assert len(texts) >= 6
        base = [Counter(words).most_common(1)[0][0] for words in zip(*texts, strict=True)]
        shares += [np.mean([a != b for a, b in zip(text, base, strict=True)]) for text in texts]
    assert abs(np.mean(shares) - percent / 100) < 0.04


def test_a_swap_exchanges_exactly_the_share_asked_for() -> None:
    rng, text = np.random.default_rng(3), " ".join(f"w{n}" for n in range(20))
    for share, changed in ((0.2, 4), (0.4, 8), (0.7, 14), (0.0, 0)):
        got = swapped(rng, text, share, ["x", "y", "w3"]).split()
        assert len(got) == 20
        assert sum(a != b for a, b in zip(got, text.split(), strict=True)) == changed


def test_common_minutes_have_no_common_words() -> None:
    runs = [run for run in occasions(small("common minutes"), 0) if len(run) >= 10]
    assert len(runs) == 20
    for run in runs:
        assert (run["local"].dt.second == 0).all()
        assert run["text"].nunique() == len(run)
        long = [{word for word in text.split() if len(word) > 6} for text in run["text"]]
        assert np.mean([len(a & b) for a in long for b in long if a is not b]) < 1


def forms(world: SmallWorld, role: str = "member") -> pd.DataFrame:
    rows = world.records[world.records["account_id"].map(world.roles) == role]
    rows = rows[rows["text"].str.match(r"\d+ / 40 ") & (rows["kind"] == "post")]
    return rows.assign(s=rows["created_at"].astype("int64") // 1_000_000)


def test_the_network_takes_turns_every_two_minutes() -> None:
    rows = forms(small("turns"))
    assert len(rows) == 2_200
    assert set(rows["account_id"].value_counts()) == {11}
    minutes = np.sort(rows["s"] // 60)
    assert set(np.diff(minutes)) == {2}
    seconds = Counter(rows["s"] % 60)
    assert 0.87 < (seconds[17] + seconds[18]) / len(rows) < 0.94  # .9 and what falls there by chance
    assert 0.93 < (rows["client"] == "demo relay").mean() < 0.97
    assert rows["hashtags"].map(tuple).nunique() == 37  # of 60 posts each
    assert rows["text"].str.split(" / 40 ").str[1].str.split().str[:5].str.join(" ").nunique() == 4


def test_what_is_left_of_the_network() -> None:
    assert (small("turns, minutes").records["created_at"].dt.second == 0).all()
    assert (small("turns, minutes").records["time_precision_s"] == 60).all()
    assert (small("turns").records["time_precision_s"] == 1).all()
    left = forms(small("turns, 20 left"))
    assert left["account_id"].nunique() == 20
    assert set(left["account_id"].value_counts()) == {11}
    kept = small("turns").records["account_id"].isin(small("turns, 20 left").roles)
    assert (
        small("turns").records.loc[kept, "record_id"].tolist() == small("turns, 20 left").records["record_id"].tolist()
    )
