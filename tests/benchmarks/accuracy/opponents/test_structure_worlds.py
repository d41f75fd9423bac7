"""Ordinary structures do what their declaration says: counted on the finished records, by routes of the tests' own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import spmc_tools as spmc
from benchmarks.accuracy.opponents import OPPONENTS, STRUCTURES, SmallWorld, made
from benchmarks.accuracy.opponents.parts import Lag, Strikes, resized

IST = "Asia/Kolkata"
FIRST, BEHIND = pd.Timestamp("2025-11-03", tz=IST), pd.Timestamp("2025-11-10", tz=IST)

SIZES = {
    "newsrooms": {"newsroom": 26, "wire": 1},
    "hobby relays": {"relay": 12, "agency": 1},
    "weather pages": {"weather_page": 24},
    "franchise": {"shop": 50},
    "fan pages": {"fan_page": 10, "fan": 60},
    "forward list": {"forwarder": 80},
    "school pages": {"school": 60, "department": 1},
    "greetings": {"greeter": 80},
    "district pages": {"district_page": 38, "headquarters": 8},
    "score bots": {"score_bot": 20},
    "schedulers": {"scheduler": 50},
    "volunteers": {"volunteer": 60, "volunteer_leader": 3},
    "branches rewrite": {"branch": 24},
    "power cuts": {"feeder_page": 30, "utility": 1},
    "prayers": {"devotee": 60, "namazi": 60},
    "train outage": {"commuter": 150},
    "challenge": {"challenger": 120},
    "turns alike": {"stop_page": 200},
}
"""The structures and their accounts, written down again by hand."""

STAY = {"wire", "agency", "department", "headquarters", "utility"}
"""One wire serves few newsrooms or many."""


@cache
def small(name: str) -> SmallWorld:
    declaration = STRUCTURES[name]
    return made(replace(declaration, background=replace(declaration.background, people=600, communities=4)), 1)


def of(name: str, *roles: str, kind: str | None = None) -> pd.DataFrame:
    """The records of some roles, with role, time in India and seconds."""
    world = small(name)
    rows = world.records.assign(role=world.records["account_id"].map(world.roles))
    rows["local"] = rows["created_at"].dt.tz_convert(IST)
    rows["s"] = rows["created_at"].astype("int64") // 1_000_000
    rows = rows[rows["role"].isin(roles)]
    return rows if kind is None else rows[rows["kind"] == kind]


def pasted(rows: pd.DataFrame, fewest: int = 3) -> list[pd.DataFrame]:
    """The posts by text, where so many accounts have the same."""
    groups = [group for _, group in rows[rows["kind"] == "post"].groupby("text")]
    return [group for group in groups if group["account_id"].nunique() >= fewest]


def test_the_registry_has_three_sizes_and_two_tempos_of_each() -> None:
    endings = ("", ", half", ", double", ", slow", ", half, slow", ", double, slow")
    assert set(STRUCTURES) == {base + ending for base in SIZES for ending in endings}
    assert all(name == declaration.name for name, declaration in (OPPONENTS | STRUCTURES).items())
    assert not set(STRUCTURES) & set(OPPONENTS)


@pytest.mark.parametrize("name", SIZES)
def test_roles_have_the_sizes_asked_for_and_a_life_beside(name: str) -> None:
    for ending, times in (("", 1.0), (", half, slow", 0.5), (", double, slow", 2.0)):
        counted = Counter(small(name + ending).roles.values())
        wanted = {role: n if role in STAY else max(1, round(n * times)) for role, n in SIZES[name].items()}
        assert counted == {"ordinary": 600, **wanted}
    seen = of(name, *SIZES[name]).groupby("account_id")
    assert len(seen) == sum(SIZES[name].values())
    assert seen["text"].nunique().min() > 1
    assert (seen["ref_record_id"].nunique() >= 1).mean() > 0.8


@pytest.mark.parametrize("name", [base + ending for base in SIZES for ending in ("", ", double, slow")])
def test_every_world_is_a_table_of_records_of_one_week(name: str) -> None:
    world = small(name)
    records = world.records
    assert records["created_at"].min() >= FIRST
    assert records["created_at"].max() < BEHIND
    assert records["record_id"].is_unique
    assert set(records["account_id"]) <= set(world.roles)
    assert not records["text"].isna().any()
    originals = records.set_index("record_id")
    referring = records[records["ref_record_id"].isin(originals.index)]
    there = originals.loc[referring["ref_record_id"]]
    assert (there["account_id"].to_numpy() == referring["ref_account_id"].to_numpy()).all()
    assert (there["created_at"].to_numpy() <= referring["created_at"].to_numpy()).all()


def test_branches_exchange_four_words_of_ten_of_one_text_within_hours() -> None:
    """Copies of one text are told by the words they share, place by place; no text of a branch is another's."""
    rows = of("branches rewrite", "branch", kind="post")
    assert rows["text"].is_unique
    words = [text.split() for text in rows["text"]]
    alike = np.array([
        [len(a) == len(b) and sum(x == y for x, y in zip(a, b, strict=True)) >= 0.2 * len(a) for b in words]
        for a in words
    ])  # fmt: skip
    stories = {tuple(np.flatnonzero(row)) for row in alike if row.sum() > 4}
    assert len(stories) > 25
    exchanged, waits, takers = [], [], []
    for story in map(list, stories):
        kept = [Counter(place).most_common(1)[0] for place in zip(*(words[n] for n in story), strict=True)]
        exchanged += [1 - count / len(story) for _, count in kept]
        waits += (rows["s"].iloc[story] - rows["s"].iloc[story].min()).tolist()
        takers.append(rows["account_id"].iloc[story].nunique() / 24)
    assert 0.36 < np.mean(exchanged) < 0.44
    assert 0.5 < np.mean(takers) < 0.7
    assert 1_800 < np.median(waits) < 2 * 3_600 and np.quantile(waits, 0.9) > 3_600


@pytest.mark.slow
def test_branches_that_rewrite_at_once_are_shown_and_not_named() -> None:
    """Within minutes of the agency they look as a campaign does that rewrites: the list has them, no name."""
    declared = STRUCTURES["branches rewrite"]
    quick = replace(declared, parts=(replace(declared.parts[0], lag=Lag("log-normal", 300, 0.8)),))
    for declaration, shown in ((quick, {"C"}), (declared, {None})):
        people = replace(declaration.background, people=1_500, communities=6)
        world = made(replace(declaration, background=people), 1)
        tiers = spmc.investigate(world.records).accounts.set_index("account_id")["tier"].astype(object)
        tiers = tiers.where(tiers.notna(), None)
        branches = {tiers[account] for account, role in world.roles.items() if role == "branch"}
        assert branches == shown
        assert {tier for account, tier in tiers.items() if world.roles[account] != "branch"} == {None}


def test_equal_seeds_make_equal_worlds() -> None:
    declaration = replace(STRUCTURES["prayers"], background=replace(STRUCTURES["prayers"].background, people=300))
    first, again, other = made(declaration, 5), made(declaration, 5), made(declaration, 6)
    pd.testing.assert_frame_equal(first.records, again.records)
    assert not first.records.equals(other.records)


def test_the_export_tells_what_is_asked_for() -> None:
    declaration = replace(STRUCTURES["franchise"], background=replace(STRUCTURES["franchise"].background, people=300))
    blind = made(replace(declaration, client=False, precision_s=60), 1)
    seen = made(declaration, 1)
    assert "client" not in blind.records
    assert (blind.records["created_at"].dt.second == 0).all()
    assert (blind.records["time_precision_s"] == 60).all()
    assert blind.roles == seen.roles
    floored = seen.records.set_index("record_id")["created_at"].dt.floor("min")
    pd.testing.assert_series_equal(blind.records.set_index("record_id")["created_at"], floored)


@pytest.mark.parametrize(("ending", "pace"), [("", 1), (", slow", 3)])
def test_newsrooms_paste_the_wire_with_addresses_of_their_own(ending: str, pace: int) -> None:
    rows = of("newsrooms" + ending, "newsroom", "wire")
    items = [group for group in pasted(rows) if "wire" in set(group["role"])]
    assert 90 <= len(items) <= 98  # fourteen a day; the last hours' fall behind the week
    lags = []
    for group in items:
        wire = group[group["role"] == "wire"]
        copies = group[group["role"] == "newsroom"]
        urls = [url for (url,) in copies["urls"]]
        assert len(set(urls)) == len(urls)
        assert copies["account_id"].is_unique
        lags += (copies["s"] - wire["s"].iloc[0]).tolist()
    assert 0.55 < len(lags) / len(items) / 26 < 0.65
    assert 180 * pace < np.median(lags) < 300 * pace
    assert np.mean((np.array(lags) >= 60 * pace - 1) & (np.array(lags) <= 1_200 * pace)) > 0.9
    first = pd.concat(items)
    planned = (
        first[first["role"] == "newsroom"].groupby("account_id")["client"].agg(lambda own: set(own) == {"demo planner"})
    )
    assert 4 <= planned.sum() <= 18  # two of five, and who has it anyway


def test_relays_repost_or_paste_one_to_four_minutes_after() -> None:
    rows = of("hobby relays", "relay", "agency")
    items = rows[(rows["role"] == "agency") & (rows["kind"] == "post")].set_index("record_id")
    reposts = rows[(rows["kind"] == "repost") & rows["ref_record_id"].isin(items.index) & (rows["role"] == "relay")]
    copies = rows[(rows["kind"] == "post") & rows["text"].isin(set(items["text"])) & (rows["role"] == "relay")]
    both = pd.concat([reposts, copies])
    bots = both[both["client"] == "demo bot kit"]
    born = items.drop_duplicates("text").set_index("text")["s"]
    lag = bots["s"].to_numpy() - born[bots["text"]].to_numpy()
    assert (lag >= 59).all()
    assert (lag <= 240).all()
    assert 0.8 < len(bots) / 70 / 12 < 0.9
    kinds = bots.groupby("account_id")["kind"].agg(set)
    assert len(kinds) == 12
    assert set(kinds.map(len)) == {1}
    assert {"post", "repost"} == set().union(*kinds)


@pytest.mark.parametrize(("ending", "pace"), [("", 1), (", slow", 3)])
def test_weather_pages_say_the_same_four_times_a_day_for_their_district(ending: str, pace: int) -> None:
    rows = of("weather pages" + ending, "weather_page", kind="post")
    parts = rows["text"].str.extract(r"^([A-Z][a-z]+): (.*)$", expand=True)
    rows = rows.assign(place=parts[0], said=parts[1]).dropna(subset=["said"])
    bulletins = [group for _, group in rows.groupby("said") if len(group) > 3]
    assert len(bulletins) == 28
    for group in bulletins:
        assert group["place"].is_unique
        hour = group["local"].min().hour
        assert hour in (6, 10, 14, 18)
        start = group["local"].min().floor("h")
        assert (group["local"] - start).dt.total_seconds().max() <= 600 * pace
    assert 0.85 < sum(map(len, bulletins)) / 28 / 24 < 0.95
    assert (rows.groupby("account_id")["place"].nunique() == 1).all()


def test_the_franchise_posts_one_offer_a_day_at_ten_sharp() -> None:
    offers = pasted(of("franchise", "shop"))
    assert len(offers) == 7
    for group in offers:
        assert set(group["local"].dt.strftime("%H:%M:%S")) == {"10:00:00"}
        assert set(group["client"]) == {"demo planner"}
        assert len(group) >= 43
    slow = pd.concat(pasted(of("franchise, slow", "shop")))
    assert set(slow["local"].dt.strftime("%H:%M:%S")) == {"10:00:00", "10:15:00", "10:30:00"}
    assert slow.groupby("account_id")["local"].agg(lambda t: t.dt.strftime("%H:%M").nunique()).max() == 1


def test_fan_pages_call_at_seven_every_evening() -> None:
    rows = of("fan pages", "fan_page", "fan", kind="post")
    rows = rows[rows["hashtags"].map(lambda tags: bool(tags) and tags[0].startswith("democall"))]
    calls, answers = rows[rows["role"] == "fan_page"], rows[rows["role"] == "fan"]
    assert set(calls["local"].dt.strftime("%H:%M")) == {"18:50"}
    assert len(calls) == 70
    assert set(answers["local"].dt.hour) == {19}
    assert answers["local"].dt.minute.max() < 15
    assert answers.groupby(answers["local"].dt.date)["text"].nunique().tolist() == [5] * 7
    assert 0.6 < len(answers) / 7 / 60 < 0.8
    assert set(calls["text"].str.split(" ", n=1).str[1]) <= set(answers["text"])


def test_volunteers_have_three_open_calls() -> None:
    rows = of("volunteers", "volunteer", kind="post")
    rows = rows[rows["hashtags"].map(lambda tags: bool(tags) and tags[0].startswith("democall"))]
    assert rows["local"].dt.day.unique().tolist() == [4, 6, 8]
    assert set(rows["local"].dt.hour) == {18}


def bare(text: str) -> str:
    """What is left of a text when all is away that a keyboard or an app may add."""
    words = [w for w in text.upper().split() if not w.startswith(("@", "HTTPS:"))]
    return "".join(c for c in " ".join(words) if c.isalpha())[:60].replace("क़", "क")


def test_a_forward_list_pastes_within_forty_minutes_mostly() -> None:
    rows = of("forward list", "forwarder", kind="post")
    groups = [group for _, group in rows.groupby(rows["text"].map(bare)) if group["account_id"].nunique() >= 8]
    assert len(groups) >= 20
    spans = np.concatenate([group["s"].to_numpy() - group["s"].min() for group in groups])
    assert 0.85 < (spans <= 2_400).mean() < 0.97
    assert spans.max() > 7_200
    assert 0.2 < np.mean([len(group) for group in groups]) / 80 < 0.4


def test_school_pages_paste_twelve_notices_within_the_hour() -> None:
    rows = of("school pages", "school", "department", kind="post")
    told = rows[rows["role"] == "department"]
    copies = rows[(rows["role"] == "school") & rows["text"].isin(set(told["text"]))]  # the other half differs by hand
    notices = copies.groupby("text").filter(lambda group: group["account_id"].nunique() >= 4)
    assert notices["text"].nunique() == 12
    lag = notices["s"].to_numpy() - told.drop_duplicates("text").set_index("text")["s"][notices["text"]].to_numpy()
    assert 0.95 < (lag <= 3_600).mean() < 1
    assert 360 < np.median(lag) < 600
    assert 0.35 < len(notices) / 12 / 60 < 0.45


@pytest.mark.parametrize(("ending", "last_min"), [("", 90), (", slow", 270)])
def test_greetings_come_from_one_stock_within_ninety_minutes(ending: str, last_min: int) -> None:
    rows = of("greetings" + ending, "greeter", kind="post")
    texts = rows["text"].map(bare)
    found = [group for _, group in rows.groupby(texts) if group["account_id"].nunique() >= 6]
    assert len(found) == 24
    since = []
    for group in found:
        assert group["local"].dt.date.nunique() >= 5  # the stock stays
        minute = (group["s"] + 19_800) // 60 % 1_440  # of the day in India
        start = 390 if minute.median() < 720 else 1_230
        since += ((minute - start) % 1_440).tolist()
    assert last_min * 0.93 < max(since) < last_min * 1.07
    rows = pd.concat(found)
    mornings = rows[rows["local"].dt.hour < 12].assign(day=rows["local"].dt.date)
    first = mornings["local"].dt.hour * 60 + mornings["local"].dt.minute
    own = first.groupby([mornings["account_id"], mornings["day"]]).min().groupby("account_id").std()
    assert own.median() < last_min / 15  # everybody keeps a minute of the morning
    assert 0.55 < len(since) / 14 / 80 < 0.65


def test_prayers_keep_their_hours_and_their_books() -> None:
    for role, hours in (("devotee", {6, 19}), ("namazi", {5, 13, 16, 17, 18, 19})):
        found = pd.concat(pasted(of("prayers", role), fewest=5))
        assert set(found["local"].dt.hour) == hours
    assert not set(found["text"]) & set(pd.concat(pasted(of("prayers", "devotee"), fewest=5))["text"])


@pytest.mark.parametrize(("ending", "pace"), [("", 1), (", slow", 3)])
def test_district_pages_repost_eight_headquarters(ending: str, pace: int) -> None:
    rows = of("district pages" + ending, "district_page", "headquarters")
    posts = rows[(rows["role"] == "headquarters") & (rows["kind"] == "post")].set_index("record_id")
    acts = rows[
        (rows["role"] == "district_page") & rows["ref_record_id"].isin(posts.index) & (rows["kind"] == "repost")
    ]
    each = acts.groupby("ref_record_id").filter(lambda group: len(group) >= 12)
    assert each["ref_record_id"].nunique() == 8 * 14
    assert each["ref_account_id"].nunique() == 8
    assert 0.75 < len(each) / 112 / 38 < 0.85
    lag = each["s"].to_numpy() - posts["s"][each["ref_record_id"]].to_numpy()
    assert 400 * pace < np.median(lag) < 560 * pace


def test_power_cut_pages_name_their_feeder() -> None:
    rows = of("power cuts", "feeder_page", kind="post")
    rows = rows[rows["text"].str.match(r"[A-Z][a-z]+: ") & (rows["client"] == "demo bot kit")]
    said = rows["text"].str.split(": ", n=1).str[1]
    groups = [group for _, group in rows.groupby(said) if len(group) >= 8]
    assert 40 <= len(groups) <= 42
    assert max(group["s"].max() - group["s"].min() for group in groups) <= 870


def test_score_bots_tell_one_score_in_their_own_forms() -> None:
    rows = of("score bots", "score_bot", kind="post")
    rows = rows[(rows["client"] == "demo bot kit") & rows["text"].str.contains(r"\d+/\d+ \(\d+\)$")]
    score = rows["text"].str.extract(r"(\d+/\d+ \(\d+\))$")[0]
    assert score.nunique() == 42
    assert rows["text"].is_unique
    assert rows["local"].dt.date.nunique() == 1
    assert rows["local"].dt.hour.isin([19, 20, 21, 22]).all()
    spans = rows.groupby(score)["s"].agg(lambda s: s.max() - s.min())
    assert spans.max() <= 15
    assert spans.mean() > 10


def test_schedulers_use_second_0_and_own_words() -> None:
    rows = of("schedulers", "scheduler", kind="post")
    rows = rows[(rows["client"] == "demo planner") & (rows["local"].dt.strftime("%M:%S") == "00:00")]
    assert 24 < len(rows) / 50 < 32  # four a day
    assert rows["text"].is_unique
    slow = of("schedulers, slow", "scheduler", kind="post")
    slow = slow[(slow["client"] == "demo planner") & (slow["local"].dt.strftime("%M:%S") == "00:00")]
    assert 7 < len(slow) / 50 < 12


def test_commuters_use_the_same_tags_and_no_common_words() -> None:
    rows = of("train outage", "commuter", kind="post")
    rows = rows[rows["hashtags"].map(lambda tags: set(tags or ()) == {"demotrain", "demoline7"})]
    assert rows["account_id"].nunique() == 150
    assert set(rows["account_id"].value_counts()) == {1, 2, 3}
    assert rows["text"].is_unique
    assert rows["hashtags"].map(tuple).nunique() == 2
    assert rows["local"].dt.strftime("%d %H:%M").between("05 08:10", "05 10:40").all()
    assert rows["mentions"].map(tuple).unique().tolist() == [("demo_railway",)]


def test_a_challenge_is_one_phrase_with_many_endings() -> None:
    rows = of("challenge", "challenger", kind="post")
    rows = rows[rows["hashtags"].map(lambda tags: tags == ["demochallenge"])]
    assert len(rows) == rows["account_id"].nunique()
    assert len(rows) >= 110
    assert rows["text"].str.rsplit(" ", n=1).str[0].nunique() == 1
    assert rows["text"].nunique() > 40
    slow = of("challenge, slow", "challenger", kind="post")
    slow = slow[slow["hashtags"].map(lambda tags: tags == ["demochallenge"])]
    assert slow["s"].median() - slow["s"].min() > 2 * (rows["s"].median() - rows["s"].min())


@pytest.mark.parametrize(("ending", "step"), [("", 2), (", half, slow", 6)])
def test_the_innocent_turns_have_eleven_records_each_on_second_0_or_1(ending: str, step: int) -> None:
    rows = of("turns alike" + ending, "stop_page", kind="post")
    rows = rows[rows["text"].str.match(r"\d+ / 40 ")]
    assert set(rows["account_id"].value_counts()) == {11}
    assert set(np.diff(np.sort(rows["s"] // 60))) == {step}
    assert 0.87 < (rows["s"] % 60 <= 1).mean() < 0.93
    assert rows["hashtags"].isna().all()
    others = small("turns alike").records
    ordinary = others[(others["account_id"].map(small("turns alike").roles) == "ordinary") & (others["kind"] == "post")]
    on_time = (ordinary["created_at"].dt.second <= 1).mean()
    assert 0.04 < on_time < 0.09  # 3 % by schedule, 3.3 % by chance


def test_an_opponent_has_no_other_sizes() -> None:
    with pytest.raises(TypeError, match="Strikes is no innocent structure"):
        resized(Strikes(), 2.0, 1.0)
