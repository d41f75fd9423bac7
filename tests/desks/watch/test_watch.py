"""The watch: days, what rose, posts to look at, terms and decisions; expected values by hand or by enumeration."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.case.store.case import create_case
from spmc_tools.desks.base.calendar import event, event_days
from spmc_tools.desks.watch.watch import daily, pointed_at, post_watch, risen, things_of
from spmc_tools.desks.watch.watch_terms import (
    add_watch_term,
    decide,
    decisions_of,
    remove_watch_term,
    thing_id,
    watch_terms,
)  # fmt: skip
from spmc_tools.errors import ParameterError

START = datetime(2025, 11, 3, 4, 0, tzinfo=UTC)


def posts(*rows: tuple[str, float, str], kind: str = "post", views: dict[int, int] | None = None) -> pd.DataFrame:
    """(account, hours after the start, text)."""
    return pd.DataFrame(
        {
            "record_id": [str(n) for n in range(len(rows))],
            "account_id": [row[0] for row in rows],
            "created_at": pd.to_datetime([START + timedelta(hours=row[1]) for row in rows], utc=True),
            "kind": kind,
            "text": [row[2] for row in rows],
            "metrics": [{"views": (views or {}).get(n)} for n in range(len(rows))],
        }
    )


def test_days_of_an_election_with_its_silence_period():
    marked = event_days(event("bihar-assembly-2025"), date(2025, 11, 3), date(2025, 11, 12))
    # polls on the 6th and 11th; silence from 18:00 two days before; the count on the 14th lies outside
    assert marked == {date(2025, 11, day) for day in (4, 5, 6, 9, 10, 11)}
    assert event_days(None, date(2025, 11, 3), date(2025, 11, 12)) == set()
    chhath = event_days(event("chhath"), date(2025, 10, 20), date(2025, 11, 3))
    assert chhath == {date(2025, 10, 27), date(2025, 10, 28)}


def test_days_without_a_post_stand_in_the_table():
    table = daily(posts(("a", 0, "x"), ("b", 1, "y"), ("a", 72, "z")), {date(2025, 11, 6)})
    assert table["records"].tolist() == [2, 0, 0, 1] and table["accounts"].tolist() == [2, 0, 0, 1]
    assert table["event"].tolist() == [False, False, False, True]
    assert len(daily(posts(), set())) == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 200), st.just("x")), min_size=1, max_size=30))
def test_days_add_up_to_all_posts(rows):
    frame = posts(*rows)
    table = daily(frame, set())
    assert table["records"].sum() == len(frame) == (table["originals"] + table["reposts"]).sum()


def test_what_rose_has_the_p_of_the_conditional_binomial():
    """#vote: 12 accounts on the event day, one before; #hello: 12 accounts on each day. p by adding up the tail."""
    rows = [(f"a{n}", 0, "#hello" + (" #vote" if n == 0 else "")) for n in range(12)]
    rows += [(f"a{n}", 24, "#hello #vote") for n in range(12)]
    frame = posts(*rows)
    things = things_of(frame)
    tags = things[things["kind"] == "tag"]
    assert sorted(set(tags["thing"])) == ["hello", "vote"] and len(tags) == 12 + 1 + 24
    table = risen(frame, tags, {date(2025, 11, 4)}, {"a0": 1, "a1": 1})
    # account-days: 13 before, 24 on the day; of the 13 of #vote, 12 on the day
    share = 24 / 37
    expected = sum(math.comb(13, k) * share**k * (1 - share) ** (13 - k) for k in (12, 13))
    every = risen(frame, tags, {date(2025, 11, 4)}, {}, most=10)
    assert expected == pytest.approx(0.0295, abs=0.001)
    assert every.empty or every["thing"].tolist() == ["vote"]
    assert table["p"].tolist() == pytest.approx([expected] * len(table))


def test_a_clear_rise_is_listed_with_its_accounts_and_groups():
    rows = [(f"a{n}", 24 + n / 100, "#vote today") for n in range(40)] + [
        (f"b{n}", n / 100, "nothing") for n in range(40)
    ]
    rows += [("a0", 25, "#vote again #vote")]
    frame = posts(*rows)
    things = things_of(frame)
    table = risen(frame, things[things["kind"] == "tag"], {date(2025, 11, 4)}, {f"a{n}": 7 for n in range(5)})
    assert table.empty  # no tag on the other day: nothing to compare the day with
    rows += [(f"b{n}", 1 + n / 100, "#other thing") for n in range(40)]
    frame = posts(*rows)
    things = things_of(frame)
    (row,) = risen(frame, things[things["kind"] == "tag"], {date(2025, 11, 4)}, {f"a{n}": 7 for n in range(5)}).to_dict(
        "records"
    )
    assert (row["thing"], row["event_n"], row["other_n"], row["accounts"], row["clusters"]) == ("vote", 40, 0, 40, [7])
    assert row["ratio"] == np.inf and row["low"] > 5 and row["top_share"] == pytest.approx(6 / 41)


def test_an_account_that_repeats_itself_raises_nothing():
    rows = [("loud", 24 + n / 100, "#vote") for n in range(200)] + [(f"b{n}", n / 100, "#calm") for n in range(20)]
    frame = posts(*rows)
    assert risen(frame, things_of(frame), {date(2025, 11, 4)}, {}).empty


LONG = "पोलिंग बूथ 12 पर मतदान रोक दिया गया है, सब लोग घर लौट गए"


def test_copies_are_one_row_with_their_spread_and_the_reason():
    rows = [(f"a{n}", 10 + n / 60, LONG + " ०" * (n % 2)) for n in range(25)] + [
        ("z", 0, "good morning to all of you here")
    ]
    table = post_watch(posts(*rows, views={3: 500, 4: 900}), things_of(posts(*rows)))
    (row,) = table.to_dict("records")
    assert (row["posts"], row["accounts"], row["views"]) == (25, 25, 900) and row["reasons"] == ["rising", "wide"]
    # 25 posts within 24 minutes, none before: Poisson(max(0, .5)) >= 25
    assert row["last_hour"] == 25
    tail = 1 - sum(math.exp(-0.5) * 0.5**k / math.factorial(k) for k in range(25))
    assert row["p_rising"] == pytest.approx(tail, abs=1e-15)


def test_terms_match_in_any_spelling_as_whole_words():
    case = create_case(
        "one", title="Exercise", purpose="watch", legal_basis="none", date_from="2025-11-01", date_to="2025-11-30"
    )
    add_watch_term(case, "बूथ 12", "rumours about this booth")
    frame = posts(("a", 0, "आज बूथ १२ पर भीड़"), ("b", 1, "आज बूथ १२३ पर भीड़"), ("c", 2, "कुछ और"), ("d", 3, "BOOTH"))
    table = post_watch(frame, things_of(frame), terms=watch_terms(case))
    assert [(row["text"], row["terms"]) for row in table.to_dict("records")] == [("आज बूथ १२ पर भीड़", ["बूथ 12"])]
    for term, wanted in (("a", "too short"), ("बूथ १२", "already")):
        with pytest.raises(ParameterError, match=wanted):
            add_watch_term(case, term, "why")
    with pytest.raises(ParameterError, match="needs a reason"):
        add_watch_term(case, "another", " ")
    remove_watch_term(case, "बूथ १२", "no more")
    assert watch_terms(case) == []
    with pytest.raises(ParameterError, match="does not watch"):
        remove_watch_term(case, "बूथ 12", "again")


def test_claims_findings_and_complaints_are_reasons_and_order_the_work():
    frame = posts(
        ("a", 0, LONG), ("b", 1, "a quiet text that is long enough"), ("c", 2, "one more text that nobody minds")
    )
    table = post_watch(
        frame, things_of(frame), claims={"c-1": LONG + "!"}, cluster_of={"a": 3, "c": 4}, complained=["1", "0"]
    )
    assert [(row["record_id"], row["reasons"], row["claims"], row["clusters"]) for row in table.to_dict("records")] == [
        ("0", ["claim", "finding", "complaint"], ["c-1"], [3]),
        ("2", ["finding"], [], [4]),  # within the last hour
        ("1", ["complaint"], [], []),
    ]
    assert len(post_watch(frame, things_of(frame))) == 0
    assert len(post_watch(posts(), things_of(posts()))) == 0


def test_decisions_stand_in_the_log_and_the_last_one_holds():
    case = create_case(
        "two", title="Exercise", purpose="watch", legal_basis="none", date_from="2025-11-01", date_to="2025-11-30",
        officer="Officer One",
    )  # fmt: skip
    name = thing_id("some text")
    decide(case, name, "wait", "to be asked")
    decide(case, name, "rebut", "the officer of the poll says otherwise")
    made = decisions_of(case)[name]
    assert (made["decision"], made["by"], made["reason"]) == (
        "rebut", "Officer One", "the officer of the poll says otherwise",
    )  # fmt: skip
    with pytest.raises(ParameterError, match="refer, rebut, clear, wait"):
        decide(case, name, "arrest", "x")
    with pytest.raises(ParameterError, match="needs a reason"):
        decide(case, name, "clear", "")


def test_reposts_raise_their_post_and_a_finding_that_reposts_carries_it():
    """One post, thirty reposts within the last hour; reposts of a post that is not there are a row without a copy."""
    frame = posts(("star", 20, "the evening song is out now for all of you"), ("q", 0, "an old quiet text of long ago"))
    reposts = posts(
        *((f"f{n}", 21 + n / 60, "RT @star: the evening song is out now…") for n in range(30)), kind="repost"
    )
    lost = posts(*((f"g{n}", 21 + n / 60, "RT @gone: this one is not in the data") for n in range(6)), kind="repost")
    reposts["ref_record_id"], lost["ref_record_id"] = "0", "77"
    reposts["record_id"], lost["record_id"] = [f"r{n}" for n in range(30)], [f"l{n}" for n in range(6)]
    whole = pd.concat([frame, reposts, lost], ignore_index=True)
    cluster_of = {f"f{n}": 2 for n in range(4)}  # 4 of 31 who copied or reposted
    for table in (whole, whole.sample(frac=1, random_state=1).reset_index(drop=True)):
        rows = post_watch(table, things_of(table), cluster_of=cluster_of).to_dict("records")
        told = [(r["record_id"], r["posts"], r["accounts"], r["reposts"], r["last_hour"], r["reasons"]) for r in rows]
        assert told == [("0", 1, 1, 30, 30, ["rising", "finding"]), ("l0", 0, 0, 6, 6, ["rising"])]
    assert post_watch(whole, things_of(whole), cluster_of={"f0": 2}).iloc[0]["reasons"] == ["rising"]  # 1 of 31


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.floats(0, 30), st.sampled_from([LONG, "short one", LONG + " और सुनिए"])),
        min_size=1,
        max_size=40,
    ),
    st.integers(0, 2**32 - 1),
)
def test_the_queue_is_the_same_by_brute_force_and_in_any_order(rows, seed):
    frame = posts(*rows)
    shuffled = frame.sample(frac=1, random_state=seed % 1000).reset_index(drop=True)
    wanted, complained = {"a": 1, "b": 2}, ["0"]
    table = post_watch(frame, things_of(frame), cluster_of=wanted, complained=complained)
    again = post_watch(shuffled, things_of(shuffled), cluster_of=wanted, complained=complained)
    pd.testing.assert_frame_equal(table, again)
    now = frame["created_at"].max()
    leader = dict(zip(*(things_of(frame)[name] for name in ("label", "thing")), strict=True))
    for row in table.to_dict("records"):
        own = [n for n in range(len(rows)) if thing_id(leader[rows[n][2]]) == row["thing"]]
        accounts = {rows[n][0] for n in own}
        assert (row["posts"], row["accounts"]) == (len(own), len(accounts))
        assert row["last_hour"] == sum(now - frame["created_at"][n] < pd.Timedelta(hours=1) for n in own)
        assert row["clusters"] == [wanted[a] for a in ("a", "b") if a in accounts]
        assert ("complaint" in row["reasons"]) == (0 in own)


def test_complaints_point_at_posts_by_their_address_or_their_long_id():
    records = pd.DataFrame(
        {
            "record_id": ["9170000000000500001", "12", "42", "55512345678"],
            "url": [None, "https://t.me/demo_khabar/12", "https://t.me/other/42", pd.NA],
        }
    )
    texts = [
        "देखिए https://demo-x.example/i/status/9170000000000500001?s=20 यह क्या है",
        "see HTTPS://T.ME/demo_khabar/12/",
        "https://example.org/42 and no more",  # 42 is too short to mean a post by itself
        "call 55512345678",  # a number that is no address
        None,
        "http://[broken",
    ]
    assert pointed_at(texts, records) == {"9170000000000500001", "12"}
    assert pointed_at(["https://t.me/other/42"], records.drop(columns="url")) == set()
    assert pointed_at([], records) == set()
