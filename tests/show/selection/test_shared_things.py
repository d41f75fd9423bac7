"""Who stands in the picture though no link shows it: counted by plain loops over made-up tables of findings."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pytest

from spmc_tools.show.selection.shared_things import MOST_OF_ONE, shared_things
from spmc_tools.show.selection.state import Filters

START = pd.Timestamp("2025-11-03T04:00:00Z")


def at(minutes: float) -> pd.Timestamp:
    return START + pd.Timedelta(minutes=minutes)


def records(rows) -> pa.Table:
    frame = pd.DataFrame(rows, columns=["record_id", "account_id", "created_at"])
    frame["created_at"] = pd.to_datetime(frame["created_at"], utc=True).astype("datetime64[us, UTC]")
    return pa.Table.from_pandas(frame, preserve_index=False)


def accounts(tiers, clusters=None, bursts=()) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": list(tiers),
            "tier": list(tiers.values()),
            "cluster_id": pd.array([(clusters or {}).get(one) for one in tiers], dtype="Int64"),
            "n_bursts": [int(one in bursts) for one in tiers],
            "first_seen": START,
            "last_seen": at(600),
        }
    )


def findings(rows, people, *, events=(), signed=(), sessions=(), bursts=(), actions=None):
    """What an investigation of these posts would hold of events, groups within hours and bursts."""
    table = records(rows)
    return SimpleNamespace(
        accounts=people,
        events=pd.DataFrame(events, columns=["event_id", "object_id"]),
        signed=pd.DataFrame(signed, columns=["event_id", "trace", "account_id", "record_id", "created_at"]),
        sessions=pd.DataFrame(sessions, columns=["session_id", "trace", "accounts", "objects", "first_t", "last_t"]),
        bursts=pd.DataFrame(bursts, columns=["bin_start", "bin_s"]),
        read_records=lambda: table,
        trace_actions=lambda _trace: actions,
    )


def test_an_event_is_a_star_around_what_was_posted():
    rows = [(f"r{n}", f"m{n % 4}", at(n)) for n in range(8)]
    signed = [(7, "copypasta", who, post, when) for post, who, when in rows]
    found = findings(rows, accounts(dict.fromkeys(("m0", "m1", "m2", "m3"), "A"), {"m0": 3, "m1": 3, "m2": 3}),
                     events=[(7, "text a")], signed=signed)  # fmt: skip
    made = shared_things(found, [])
    [thing] = made.things.to_dict("records")
    assert (thing["kind"], thing["object_id"], thing["n_accounts"], thing["cluster"]) == ("object", "text a", 4, 3)
    assert (thing["record_id"], thing["first_t"], thing["number"]) == ("r0", at(0), 1)
    by_hand = {f"m{n}": (2, at(n), at(n + 4)) for n in range(4)}
    told = {row.account_id: (row.n_records, row.first_t, row.last_t) for row in made.links.itertuples()}
    assert told == by_hand and made.links["by_event"].all()
    assert set(made.fitting(found.accounts, Filters(trace="copypasta", tier="B"))["account_id"]) == set(by_hand)
    for nothing in (Filters(trace="co_url"), Filters(q=0.01), Filters(window_s=60.0)):
        assert not len(made.fitting(found.accounts, nothing))


def test_who_signs_below_the_tier_that_is_asked_for_is_left_out():
    rows = [("r1", "a", at(0)), ("r2", "b", at(1))]
    signed = [(1, "copypasta", who, post, when) for post, who, when in rows]
    found = findings(rows, accounts({"a": "A", "b": None}), events=[(1, "x")], signed=signed)
    assert list(shared_things(found, []).fitting(found.accounts, Filters(tier="C"))["account_id"]) == ["a"]


def test_a_group_within_hours_has_a_star_for_each_thing_and_one_for_every_member_at_least():
    objects = [f"post {n:02d}" for n in range(20)]
    touched = [(f"r{n}-{m}", f"m{m}", objects[n], at(n)) for n in range(20) for m in range(4 if n < 15 else 2)]
    touched += [("late", "m9", "post 19", at(19))]
    rows = [(post, who, when) for post, who, _, when in touched]
    actions = pa.table(
        {
            "account_id": [who for _, who, _, _ in touched],
            "object_id": [thing for _, _, thing, _ in touched],
            "record_id": [post for post, _, _, _ in touched],
            "t": pa.array([when.to_pydatetime() for *_, when in touched], pa.timestamp("us", tz="UTC")),
        }
    )
    members = ["m0", "m1", "m2", "m3", "m9"]
    session = [(1, "co_repost", members, objects, at(0), at(30))]
    found = findings(rows, accounts(dict.fromkeys(members, "C")), sessions=session, actions=actions)
    made = shared_things(found, [])
    first, last = set(objects[:MOST_OF_ONE]), {"post 19"}
    assert set(made.things["object_id"]) == first | last and set(made.links["account_id"]) == set(members)
    count = {thing: len({who for _, who, on, _ in touched if on == thing}) for thing in first | last}
    assert dict(zip(made.things["object_id"], made.things["n_accounts"], strict=True)) == count
    assert not len(made.fitting(found.accounts, Filters(trace="co_repost")))
    assert not len(shared_things(found, members).links)  # links show all of them


def test_a_group_by_time_alone_and_a_second_are_stars_too():
    rows = [(f"r{n}", f"m{n % 3}", at(n / 2)) for n in range(12)] + [("far", "m0", at(900))]
    session = [(4, "moment", ["m0", "m1"], ["…"], at(0), at(10))]
    second = [(at(1), 5.0)]
    people = accounts(dict.fromkeys(("m0", "m1", "m2"), "C"), bursts=("m2",))
    made = shared_things(findings(rows, people, sessions=session, bursts=second), [])
    kinds = made.links["thing"].str[1:].str.split(" ").str[0]
    told = {
        (row[0], row[1]): row[2] for row in zip(kinds, made.links["account_id"], made.links["n_records"], strict=True)
    }
    assert told == {("moment", "m0"): 4, ("moment", "m1"): 4, ("second", "m2"): 1}
    assert made.things.set_index("kind")["first_t"].to_dict() == {"moment": at(0), "second": at(1)}


def test_a_group_of_which_nothing_else_is_drawn_is_a_star_around_itself():
    rows = [("r1", "a", at(0))]
    people = accounts({"a": "B", "b": "B", "c": "B", "d": None, "e": "C"}, {"a": 2, "b": 2, "c": 5, "d": 2})
    made = shared_things(findings(rows, people), ["c"])
    assert made.things[["kind", "object_id", "cluster", "n_accounts"]].to_numpy().tolist() == [["group", "2", 2, 2]]
    assert sorted(made.links["account_id"]) == ["a", "b"]


@pytest.mark.parametrize("linked", [[], ["a"]])
def test_without_findings_there_is_nothing(linked):
    made = shared_things(findings([("r1", "a", at(0))], accounts({"a": None})), linked)
    assert not len(made.things) and not len(made.links)
    assert not len(made.fitting(accounts({"a": None}), Filters(tier="A")))


def test_no_thing_has_the_id_of_an_account():
    rows = [("r1", "object copypasta 1", at(0)), ("r2", "b", at(1))]
    signed = [(1, "copypasta", who, post, when) for post, who, when in rows]
    found = findings(rows, accounts(dict.fromkeys(("object copypasta 1", "b"), "A")), events=[(1, "x")], signed=signed)
    assert not set(shared_things(found, []).things["thing"]) & set(found.accounts["account_id"])
