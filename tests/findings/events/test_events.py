"""Events in an investigation: who is named, on which records, what is said where client or second is missing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import binom, chi2

from spmc_tools.coaction.traces.trace_catalogue import TRACES, actions_of
from spmc_tools.findings.events import events as module
from spmc_tools.findings.events.events import (
    AccountInEvent,
    Events,
    exact_times,
    found_events,
    tier_by_events,
    tier_of,
)
from spmc_tools.findings.pipeline.investigate import investigate
from spmc_tools.findings.result.received_records import received
from spmc_tools.schema import RESULTS
from tests.findings.plain_cells import nested

T0 = pd.Timestamp("2025-11-03", tz="UTC")
DAY = 86_400
NETWORK = [f"n{i:03d}" for i in range(30)]
PLACES = ["Gaya", "Ara", "Buxar", "Siwan", "Nawada", "Jamui", "Banka", "Purnia", "Katihar", "Supaul"]
TRACES_USED = ["co_repost", "copypasta"]


def made(seed: int = 0, *, network: bool = True, accounts: int = 600) -> pd.DataFrame:
    """Two days: everyday posts, 40 shared sayings, reposts, and 30 accounts that post one form in turn."""
    rng = np.random.default_rng(seed)
    words = [
        f"{a}{b}{c}" for a in ("ka", "mo", "ti", "lu", "re") for b in ("ba", "so", "ni") for c in ("", "ran", "dip")
    ]
    clients = rng.choice(["Android", "iPhone", "Web", "Planner"], accounts, p=[0.6, 0.25, 0.14, 0.01])
    rows: list[tuple[str, float, str, str | None, str | None, str]] = []

    def person() -> tuple[str, str]:
        i = int(rng.integers(accounts))
        return f"a{i:04d}", str(clients[i])

    for _ in range(3_000):
        who, client = person()
        rows.append((who, rng.uniform(0, 2 * DAY), "post", " ".join(rng.choice(words, 9)), None, client))
    for _ in range(40):
        saying, start = " ".join(rng.choice(words, 10)), rng.uniform(0, DAY)
        for _ in range(int(rng.integers(6, 40))):
            who, client = person()
            rows.append((who, start + rng.exponential(9_000), "post", saying, None, client))
    for post in rng.zipf(1.4, 2_000).tolist():
        who, client = person()
        rows.append((who, rng.uniform(0, 2 * DAY), "repost", None, f"p{min(post, 400)}", client))
    for k in range(2 * DAY // 480 if network else 0):
        listed = ", ".join(rng.choice(PLACES, 4, replace=False))
        text = f"Part {1 + k % 40} of 40: {listed}. Five years without a road, raise your voice"
        rows.append((NETWORK[k % 30], 480 * k + 23, "post", text, None, "Planner"))
    rows += [(n, rng.uniform(0, 2 * DAY), "post", " ".join(rng.choice(words, 9)), None, "Android") for n in NETWORK]
    account, second, kind, text, ref, client = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "record_id": [f"r{i:05d}" for i in range(len(rows))], "platform": "x", "account_id": account,
            "created_at": T0 + pd.to_timedelta(np.floor(second), unit="s"), "time_precision_s": 1.0, "kind": kind,
            "text": pd.Series(text, dtype="str"), "ref_record_id": pd.Series(ref, dtype="str"), "client": client,
            "source_sha256": "ab" * 32, "source_row": range(1, len(rows) + 1),
        }
    )  # fmt: skip


def minutes(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(created_at=frame["created_at"].dt.floor("min"), time_precision_s=60.0)


def events_of(frame: pd.DataFrame) -> Events:
    table = received(frame).table
    return found_events(table, {n: actions_of(table, n) for n in TRACES_USED}, list(TRACES.values()))


@pytest.fixture(scope="module")
def world() -> pd.DataFrame:
    return made()


@pytest.fixture(scope="module")
def found(world: pd.DataFrame) -> Any:
    return investigate(world, traces=TRACES_USED)


# -- an investigation -----------------------------------------------------------------------------------------------


def test_the_network_is_named_in_one_cluster_and_nobody_else(found: Any) -> None:
    named = found.accounts[found.accounts["tier"].isin(["A", "B"])]
    assert sorted(named["account_id"]) == NETWORK
    assert set(named["tier"]) == {"A"}
    assert set(named["cluster_id"]) == {1}
    cluster = found.clusters.iloc[0]
    assert (cluster["kind"], cluster["n_edges"], cluster["n_named"]) == ("events", 0, 30)
    assert np.isnan(cluster["stability"])
    assert cluster["accounts"] == NETWORK
    assert cluster["traces"] == ["copypasta"]


@pytest.mark.parametrize("client", ["Planner", "Android"])
def test_a_form_with_slots_posted_by_a_hundred_accounts_over_days_is_shown_as_one_cluster(client: str) -> None:
    """No two texts are the same, no two accounts are in step, and nobody posts on a second of the minute.

    A service of stops or wards posts so too: client and repetition are seen on the same posts, and name nobody.
    """
    rng = np.random.default_rng(5)
    crowd = made(network=False)
    members = [f"n{i:03d}" for i in range(120)]
    rows = crowd.head(4 * len(members)).assign(
        record_id=[f"x{i:05d}" for i in range(4 * len(members))],
        account_id=members * 4,
        created_at=T0 + pd.to_timedelta(rng.integers(0, 2 * DAY, 4 * len(members)), unit="s"),
        text=[
            f"Part {1 + k % 40} of 40: {', '.join(rng.choice(PLACES, 4, replace=False))}. "
            "Five years without a road, raise your voice"
            for k in range(4 * len(members))
        ],
        client=client,
    )
    found = investigate(pd.concat([crowd, rows], ignore_index=True), traces=TRACES_USED)
    assert len(found.events) == 1
    shown = found.accounts[found.accounts["tier"].notna()]
    assert sorted(shown["account_id"]) == members
    assert (set(shown["tier"]), set(shown["event_tier"])) == ({"C"}, {"C"})
    assert set(shown["cluster_id"]) == {1}
    assert found.events["n_named"].tolist() == found.clusters["n_named"].tolist() == [0]


def test_evidence_is_what_was_signed(found: Any, world: pd.DataFrame) -> None:
    own = world[world["text"].fillna("").str.startswith("Part ")]
    for of in (NETWORK[3], 1):
        shown = found.evidence(of)
        mine = own if of == 1 else own[own["account_id"] == of]
        assert set(shown["record_id"]) == set(mine["record_id"])
        assert set(shown["account_id"]) <= set(NETWORK)
        assert shown["significant"].all()
        assert shown["counted"].all()
        assert set(shown["event_id"]) <= set(found.events["event_id"])
        assert shown["window_s"].isna().all()
        assert shown["source_row"].notna().all()
        assert shown["created_at"].is_monotonic_increasing
    pair = found.evidence((NETWORK[0], NETWORK[1]))
    assert {NETWORK[0], NETWORK[1]} == set(pair[pair["event_id"].notna()]["account_id"])
    assert found.clusters["n_records"].iloc[0] == found.clusters["n_signed"].iloc[0] == len(own)


def test_every_reason_is_a_number_that_the_tables_hold(found: Any) -> None:
    events = found.events.set_index("event_id")
    assert len(found.account_events) and nested(found) == []
    assert list(found.events.columns) == list(RESULTS["events"].names)
    for row in found.accounts[found.accounts["event_tier"].notna()].itertuples():
        signed = found.signed[found.signed["account_id"] == row.account_id]
        speaking = found.account_events[found.account_events["account_id"] == row.account_id].to_dict("records")
        assert row.n_signed == sum(one["n_signed"] for one in speaking) <= len(signed)
        told = []
        for one in speaking:
            event = events.loc[one["event_id"]]
            assert one["n_signed"] == (signed["event_id"] == one["event_id"]).sum()
            assert (one["fdp_once"], one["fdp_twice"]) == (event["fdp_once"], event["fdp_twice"])
            assert one["signature"] == event["signature"]
            told.append((one["n_signed"], one["fdp_once"], one["fdp_twice"]))
            assert 0 < one["q_own"] <= 1
            assert one["n_on_second"] <= one["n_records"]
            assert one["p_own"] == pytest.approx(joined(one["p_time"], one["p_again"]))
        assert tier_by_events(told) == row.event_tier
        assert row.traces == sorted({one["trace"] for one in speaking})
    for event in found.events.itertuples():
        own = found.signed[found.signed["event_id"] == event.event_id]
        each = own.groupby("account_id").size()
        assert (event.n_signed, event.n_once, event.n_twice) == (len(own), len(each), (each >= 2).sum())
        assert event.fdp_once == pytest.approx(event.expected_once / event.n_once)
        assert event.q < 0.01
        assert event.n_named == 30


def test_notes_and_summary(found: Any) -> None:
    assert [row["code"] for row in found.not_run] == ["no_authors"]  # these reposts name none
    assert found.summary()["n_events"] == len(found.events) >= 1
    assert found.notes["events"]["copypasta"]["n_events"] == len(found.events)
    assert found.notes["events"]["copypasta"]["n_objects"] >= 41
    assert found.summary()["tiers"]["A"] == 30
    assert found.summary()["n_stable_clusters"] == 1


def test_registered_accounts_are_shown_and_never_named(world: pd.DataFrame) -> None:
    few = investigate(world, traces=["copypasta"], context=dict.fromkeys(NETWORK[:5], "official"))
    own = few.accounts.set_index("account_id")
    assert own.loc[NETWORK[:5], "tier"].isna().all()
    assert (own.loc[NETWORK[:5], "event_tier"] == "A").all()
    assert (own.loc[NETWORK[5:], "tier"] == "A").all()
    assert few.events["n_context"].max() == 5
    assert few.events["n_named"].max() == 25
    half = investigate(world, traces=["copypasta"], context=dict.fromkeys(NETWORK[:15], "official"))
    assert half.accounts["tier"].isna().all()
    assert half.clusters["context"].tolist() == ["official"]
    assert half.events["n_named"].tolist() == [0] * len(half.events)
    assert half.clusters["accounts"].iloc[0] == NETWORK


# -- what is missing ------------------------------------------------------------------------------------------------


def joined(p: float, other: float) -> float:
    """Return the chance that two numbers between 0 and 1 multiply to this product or less."""
    return float(chi2.sf(-2 * np.log(p * other), 4))


def codes(events: Events) -> dict[str, str]:
    found = {one["trace"]: one["code"] for one in events.not_run}
    assert len(found) == len(events.not_run), "one sentence a trace"
    return found


def test_without_clients_it_says_so_and_still_runs(world: pd.DataFrame) -> None:
    events = events_of(world.drop(columns="client"))
    assert codes(events) == dict.fromkeys(TRACES_USED, "events_without_client")
    assert set(events.accounts) == set(NETWORK)
    assert {tuple(row["signature"]) for row in events.rows} == {("clock", "repeat")}
    assert {facts.tier for facts in events.accounts.values()} <= {"A", "B"}
    for account, facts in events.accounts.items():
        for event in facts.events:
            own = world[(world["account_id"] == account) & world["text"].fillna("").str.startswith("Part ")]
            on_second = (
                own["created_at"].dt.second.isin([22, 23]).sum(),
                own["created_at"].dt.second.isin([23, 24]).sum(),
            )
            assert (event.n_records, event.n_on_second) == (len(own), max(on_second))
            outside = world[~world["account_id"].isin(NETWORK) & world["kind"].eq("post")]["created_at"].dt.second
            n_outside = max(outside.isin([22, 23]).sum(), outside.isin([23, 24]).sum())
            assert 2 / 60 <= event.share_outside <= max(2 / 60, (n_outside + 1) / (len(outside) + 30))
            assert event.p_time == pytest.approx(binom.sf(len(own) - 1, len(own), event.share_outside))


def test_on_the_full_minute_without_clients_everybody_is_shown_and_nobody_named(world: pd.DataFrame) -> None:
    on_time = world["account_id"].isin(NETWORK) & world["text"].fillna("").str.startswith("Part ")
    planned = world.assign(created_at=world["created_at"].mask(on_time, world["created_at"].dt.floor("min")))
    for frame in (planned, planned.drop(columns="client")):
        events = events_of(frame)
        assert set(events.accounts) == set(NETWORK)
        assert {facts.tier for facts in events.accounts.values()} == {"C"}
        assert {event.share_outside for facts in events.accounts.values() for event in facts.events} == {1.0}


@pytest.mark.parametrize(
    ("signature", "p_time", "names"),
    [(("clock", "client"), 0.0099, True), (("clock", "client"), 0.01, False), (("burst", "client"), 0.03, False),
     (("burst", "client"), 1e-6, True), (("clock", "repeat"), 1e-9, False), (("client", "repeat"), 1e-9, False)],
)  # fmt: skip
def test_a_signature_names_only_where_its_time_is_rare_by_itself(
    signature: tuple[str, ...], p_time: float, names: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relays of one agency share a rare program: it carries an event on a second that three of them share by chance."""
    monkeypatch.setattr(module, "on_full_minute", lambda *_: False)
    who: Any = SimpleNamespace(signature=signature, rows=np.arange(3))
    assert module._can_name(Any, who, p_time) is names


def test_an_account_that_posts_the_form_at_any_second_is_not_named_by_it(world: pd.DataFrame) -> None:
    """One of thirty leaves the second: the others are named by their own counts, it is not."""
    mine = (world["account_id"] == NETWORK[0]) & world["text"].fillna("").str.startswith("Part ")
    spread = world["created_at"].dt.floor("min") + pd.to_timedelta(7 * np.arange(len(world)) % 60, unit="s")
    events = events_of(world.assign(created_at=world["created_at"].mask(mine, spread)).drop(columns="client"))
    tiers = {account: facts.tier for account, facts in events.accounts.items()}
    assert tiers.pop(NETWORK[0], None) in {None, "C"}
    assert sorted(tiers) == NETWORK[1:]
    assert set(tiers.values()) <= {"A", "B"}
    assert codes(events_of(world.assign(client=None))) == dict.fromkeys(TRACES_USED, "events_without_client")


def test_without_seconds_it_says_so_and_still_runs(world: pd.DataFrame) -> None:
    events = events_of(minutes(world))
    assert codes(events) == dict.fromkeys(TRACES_USED, "events_without_second")
    assert set(events.accounts) == set(NETWORK)
    assert {tuple(row["signature"]) for row in events.rows} == {("client", "repeat")}
    assert {facts.tier for facts in events.accounts.values()} == {"C"}
    unknown = minutes(world).drop(columns="time_precision_s")
    assert codes(events_of(unknown)) == dict.fromkeys(TRACES_USED, "events_without_second")
    assert set(events_of(unknown).accounts) == set(NETWORK)


def test_without_both_nobody_is_named(world: pd.DataFrame) -> None:
    bare = minutes(world).drop(columns="client")
    events = events_of(bare)
    assert codes(events) == dict.fromkeys(TRACES_USED, "events_not_run")
    assert (events.rows, events.accounts, events.clusters) == ([], {}, [])
    found = investigate(bare, traces=["copypasta"])
    assert found.accounts["tier"].isna().all()
    assert [one["code"] for one in found.not_run] == ["clock_too_coarse", "events_not_run"]
    assert len(found.events) == len(found.signed) == 0
    assert found.accounts["burst_q"].isna().all()


def test_how_exact_a_clock_is(world: pd.DataFrame) -> None:
    mixed = world.assign(
        time_precision_s=[1.0, None, 60.0, 0.001, 86_400.0] * (len(world) // 5) + [1.0] * (len(world) % 5)
    )
    table = received(mixed).table
    step = table["time_precision_s"].to_pylist()
    assert exact_times(table).tolist() == [one is None or one <= 1 for one in step]
    whole = mixed.assign(created_at=mixed["created_at"].where(mixed["time_precision_s"].notna(), T0))
    table = received(whole).table
    assert exact_times(table).tolist() == [
        one is not None and one <= 1 for one in table["time_precision_s"].to_pylist()
    ]


# -- accounts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signed", "tier"),
    [
        ([], None),
        ([(1, 0.01, 1.0)], "B"),
        ([(1, 0.011, 0.0)], None),
        ([(2, 0.9, 0.05)], "A"),
        ([(2, 0.9, 0.051)], None),
        ([(2, 0.05, 1.0)], "A"),
        ([(1, 0.05, 1.0), (1, 0.04, 1.0)], "A"),
        ([(1, 0.05, 1.0), (1, 0.06, 1.0)], None),
        ([(1, 0.01, 1.0), (1, 0.06, 1.0)], "B"),
    ],
)
def test_tiers(signed: list[tuple[int, float, float]], tier: str | None) -> None:
    assert tier_by_events(signed) == tier


@pytest.mark.parametrize(
    ("n", "once", "twice", "speaks"),
    [(1, 0.05, 1.0, True), (1, 0.06, 0.05, False), (2, 1.0, 0.05, True), (2, 1.0, 0.06, False), (0, 0.0, 0.0, False)],
)
def test_an_event_speaks_for_its_accounts_from_one_signed_record_or_two(
    n: int, once: float, twice: float, *, speaks: bool
) -> None:
    assert module._speaks(n, once, twice) is speaks


def test_clients_by_hand() -> None:
    """Web has two accounts, Mine and Own one each: these two are one class; two records do not say."""
    records = pa.table({"client": ["Web", None, "Own", "Web", "Mine", None]})
    codes, names = module._clients(records, np.array([0, 0, 1, 1, 2, 2]))
    assert names == ["Web", module.SOLE_USER]
    assert codes.tolist() == [0, -1, 1, 0, 1, -1]


def test_who_signed_twice_is_counted() -> None:
    times = pa.array([30, 10, 20], pa.timestamp("us", tz="UTC"))
    who: Any = SimpleNamespace(
        signature=("clock",), rows=np.arange(3), accounts=np.arange(4), n_signed=np.array([1, 2, 3, 2]),
        expected=(0.1, 0.2), fdp=(0.3, 0.4),
    )  # fmt: skip
    facts = module._carriers(pa.table({"created_at": times}), np.array([0, 2]), who)
    assert (facts["n_signed"], facts["n_once"], facts["n_twice"]) == (3, 4, 3)
    assert (facts["first_t"], facts["last_t"]) == (times[2].as_py(), times[0].as_py())


def in_event(n: int = 2, fdp: tuple[float, float] = (1.0, 1.0), **changed: Any) -> AccountInEvent:
    """An account whose signature and own count say nothing, but for what is changed."""
    own = {"p_time": 1.0, "p_again": 1.0, "p_own": 1.0, "q_own": 1.0, "names": True} | changed
    return AccountInEvent(1, "copypasta", n, ("clock", "client"), *fdp, n, n, 0.04, **own)


SPEAKS = {"p_time": 0.04, "p_again": 0.04, "p_own": 0.002, "q_own": 0.009}


@pytest.mark.parametrize(
    ("events", "tier"),
    [
        ([], None),
        ([in_event()], None),
        ([in_event(fdp=(0.9, 0.05))], "A"),
        ([in_event(fdp=(0.9, 0.05), names=False)], "C"),
        ([in_event(1, (0.01, 1.0))], "B"),
        ([in_event(1, (0.01, 1.0), names=False)], "C"),
        ([in_event(**SPEAKS)], "B"),
        ([in_event(**SPEAKS, names=False)], "B"),
        ([in_event(**SPEAKS), in_event(**SPEAKS, names=False)], "A"),
        ([in_event(**SPEAKS | {"p_time": 0.05})], "C"),
        ([in_event(**SPEAKS | {"p_again": 0.05})], "C"),
        ([in_event(**SPEAKS | {"q_own": 0.01})], "C"),
        ([in_event(q_own=0.05)], "C"),
        ([in_event(q_own=0.051)], None),
        ([in_event(1, (0.05, 1.0)), in_event(1, (0.05, 1.0), names=False)], "C"),
    ],
)
def test_tiers_with_own_counts(events: list[AccountInEvent], tier: str | None) -> None:
    assert tier_of(events) == tier


# -- what always holds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_a_crowd_without_a_network_makes_no_event(seed: int) -> None:
    assert events_of(made(seed, network=False)).rows == []


@pytest.mark.parametrize("seed", [11, 12])
def test_an_unrelated_crowd_makes_no_event_and_hides_none(world: pd.DataFrame, seed: int) -> None:
    other = made(seed, network=False)
    other = other.assign(account_id="z" + other["account_id"], record_id="z" + other["record_id"])
    before, after = events_of(world), events_of(pd.concat([world, other], ignore_index=True))
    assert set(after.accounts) == set(before.accounts) == set(NETWORK)
    assert len(after.rows) == len(before.rows)


def test_order_and_names_change_nothing(world: pd.DataFrame) -> None:
    one = events_of(world)
    mixed = events_of(world.sample(frac=1, random_state=5).reset_index(drop=True))
    assert mixed.rows == one.rows
    pd.testing.assert_frame_equal(mixed.signed, one.signed)
    assert mixed.accounts == one.accounts
    rng = np.random.default_rng(2)
    ids = sorted(set(world["account_id"]))
    new = dict(zip(ids, rng.permutation([f"b{i:05d}" for i in range(len(ids))]).tolist(), strict=True))
    renamed = events_of(world.assign(account_id=world["account_id"].map(new)))
    assert renamed.rows == one.rows
    assert renamed.accounts == {new[account]: facts for account, facts in one.accounts.items()}
    assert [set(c.accounts) for c in renamed.clusters] == [{new[a] for a in c.accounts} for c in one.clusters]


@pytest.mark.parametrize("seed", range(3))
def test_clients_and_seconds_dealt_anew_make_no_event(world: pd.DataFrame, seed: int) -> None:
    rng = np.random.default_rng(seed)
    second = pd.to_timedelta(rng.permutation(world["created_at"].dt.second), unit="s")
    dealt = world.assign(
        created_at=world["created_at"].dt.floor("min") + second, client=rng.permutation(world["client"])
    )
    assert events_of(dealt).rows == []


def test_reposts_have_base_rates_of_their_own(world: pd.DataFrame) -> None:
    """All reposts come from one client: among reposts it marks nothing, whatever the originals use."""
    reposted = world["kind"] == "repost"
    moved = world.assign(client=world["client"].where(~reposted, "Reposter"))
    events = events_of(moved)
    assert {row["trace"] for row in events.rows} == {"copypasta"}
    assert set(events.accounts) == set(NETWORK)
