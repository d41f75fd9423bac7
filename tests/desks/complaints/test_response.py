"""The response desk against a second route: the same figures counted message by message in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.desks.complaints.response import COLUMNS, LIMIT_S, alike, complaints, groups_of, queue, told
from spmc_tools.desks.complaints.routing import read_rules
from spmc_tools.schema import MESSAGES, RECORDS

if TYPE_CHECKING:
    import pyarrow as pa

START = datetime(2025, 11, 5, 6, 0, tzinfo=UTC)
RULES = read_rules()


def tables(rows: list[dict[str, Any]]) -> tuple[pa.Table, pa.Table]:
    """Messages and their records from rows: thread, minute, out, automatic, text, and what else a column holds."""
    messages, records = [], []
    for number, row in enumerate(rows):
        base = {"source_sha256": "0" * 64, "source_row": number + 1, "platform": row.get("platform", "x")}
        messages.append(
            {
                **base,
                "thread_id": row["thread"],
                "record_id": f"r{number}",
                "direction": "out" if row.get("out") else "in",
                "is_automatic": row.get("automatic"),
                "channel": row.get("channel", "direct"),
                "district": row.get("district"),
                "resolved_at": row.get("resolved"),
            }
        )
        if not row.get("lost"):
            records.append(
                {
                    **base,
                    "record_id": f"r{number}",
                    "account_id": row.get("who", "cell" if row.get("out") else f"citizen {row['thread']}"),
                    "created_at": START + timedelta(minutes=row["minute"]),
                    "kind": "message",
                    "text": row.get("text", f"text {number}"),
                    "deleted_seen_at": row.get("deleted"),
                    "edited_at": row.get("edited"),
                }
            )
    return MESSAGES.from_rows(messages), RECORDS.from_rows(records).select(list(COLUMNS))


def desk(rows: list[dict[str, Any]], as_of: datetime | None = None) -> tuple[pd.DataFrame, datetime, dict[str, int]]:
    return complaints(*tables(rows), as_of, RULES)


MESSAGE = st.fixed_dictionaries(
    {
        "thread": st.sampled_from("abcdefgh"),
        "minute": st.integers(0, 400),
        "out": st.booleans(),
        "automatic": st.sampled_from([True, False, None]),
        "text": st.sampled_from(["Thank you", " thank  YOU", "we look at it", "done"]),
    }
)


def automatic(row: dict[str, Any], programs: set[str]) -> bool:
    said = row["automatic"]
    return bool(said) if said is not None else " ".join(row["text"].lower().split()) in programs


def by_hand(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int | None]]:
    """Minute of the first question and of the first answer by a person, thread by thread."""
    asked = {}
    for row in rows:
        if not row["out"]:
            asked[row["thread"]] = min(asked.get(row["thread"], 10**6), row["minute"])
    gaps: dict[str, list[int]] = defaultdict(list)
    threads: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["out"] and row["thread"] in asked and row["minute"] >= asked[row["thread"]]:
            wording = " ".join(row["text"].lower().split())
            gaps[wording].append(60 * (row["minute"] - asked[row["thread"]]))
            threads[wording].add(row["thread"])
    programs = {w for w in gaps if len(threads[w]) >= 5 and median(gaps[w]) <= 60}
    found: dict[str, tuple[int, int | None]] = {}
    for thread, minute in asked.items():
        human = [
            row["minute"]
            for row in rows
            if row["thread"] == thread and row["out"] and row["minute"] >= minute
            and not automatic(row, programs)
        ]  # fmt: skip
        found[thread] = (minute, min(human) if human else None)
    return found


@settings(max_examples=40, deadline=None)
@given(st.lists(MESSAGE, min_size=1, max_size=60))
def test_every_figure_is_that_of_counting_by_hand(rows: list[dict[str, Any]]) -> None:
    threads, as_of, counts = desk(rows)
    wanted = by_hand(rows)
    last = max(row["minute"] for row in rows)
    assert as_of == START + timedelta(minutes=last)
    assert dict(zip(threads["thread_id"], threads["wait_s"], strict=True)) == {
        name: 60.0 * ((last if end is None else end) - start) for name, (start, end) in wanted.items()
    }
    assert threads["answered"].sum() == sum(end is not None for _, end in wanted.values())
    assert counts["no_question"] == len({row["thread"] for row in rows} - set(wanted))
    figures = told(threads, as_of, LIMIT_S)
    old = {name: v for name, v in wanted.items() if v[0] <= last - 120}
    assert figures["old"] == len(old)
    assert figures["within"] == sum(end is not None and end - start <= 120 for start, end in old.values())
    waits = queue(threads, as_of, LIMIT_S)
    states = Counter(
        "overdue" if last - start > 120 else "soon" if last - start >= 90 else "later"
        for start, end in wanted.values()
        if end is None
    )
    assert Counter(waits["state"]) == states


@settings(max_examples=15, deadline=None)
@given(st.lists(MESSAGE, min_size=2, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[dict[str, Any]], random: Any) -> None:
    messages, records = tables(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    first = complaints(messages, records, None, RULES)
    again = complaints(messages.take(order), records.take(order), None, RULES)
    apart = complaints(messages.take(order), records, None, RULES)
    for other in (again, apart):
        pd.testing.assert_frame_equal(first[0].drop(columns="text"), other[0].drop(columns="text"))
        assert first[1:] == other[1:]


def test_an_automatic_reply_worded_like_a_persons_is_no_answer() -> None:
    rows = [{"thread": f"t{n}", "minute": n} for n in range(6)]
    rows += [{"thread": f"t{n}", "minute": n, "out": True, "text": "We are looking into it."} for n in range(6)]
    threads, _, counts = desk(rows)
    assert not threads["answered"].any() and counts["worded_as_program"] == 6
    slow = [{**row, "minute": row["minute"] + (30 if row.get("out") else 0)} for row in rows]
    assert desk(slow)[0]["answered"].all()
    said = [{**row, "automatic": False if row.get("out") else None} for row in rows]
    assert desk(said)[0]["answered"].all()


def test_what_is_odd_is_counted_and_nothing_is_dropped() -> None:
    after = START + timedelta(hours=3)
    rows = [
        {"thread": "early", "minute": 50, "text": "q"},
        {"thread": "early", "minute": 20, "out": True, "automatic": False},
        {"thread": "twice", "minute": 0},
        {"thread": "twice", "minute": 9, "out": True, "automatic": False},
        {"thread": "twice", "minute": 9, "out": True, "automatic": False},
        {"thread": "answer only", "minute": 5, "out": True},
        {"thread": "gone", "minute": 10, "deleted": START + timedelta(minutes=40)},
        {"thread": "edited", "minute": 0, "edited": after},
        {"thread": "closed", "minute": 60, "resolved": START},
        {"thread": "lost", "minute": 0, "lost": True},
        {"thread": "again", "minute": 0},
        {"thread": "again", "minute": 5, "out": True, "automatic": False, "text": "Thanks"},
        {"thread": "again", "minute": 90},
        {"thread": "machine", "minute": 0},
        {"thread": "machine", "minute": 1, "out": True, "automatic": True, "text": " thanks"},
        {"thread": "late", "minute": 500},
    ]
    threads, as_of, counts = desk(rows, after)
    one = threads.set_index("thread_id")
    assert counts == {
        "without_record": 1, "after": 1, "no_question": 1, "before_question": 1, "worded_as_program": 0,
        "worded_as_automatic": 1, "two_at_once": 1, "edited": 1, "deleted": 1, "resolved_before_asked": 1,
    }  # fmt: skip
    assert not one.loc["early", "answered"] and one.loc["twice", "wait_s"] == 9 * 60
    assert one.loc["gone", "wait_s"] == 30 * 60 and one.loc["gone", "withdrawn"]
    assert pd.isna(one.loc["closed", "resolved_at"]) and one.loc["again", "waiting_again"]
    assert "gone" not in set(queue(threads, as_of, LIMIT_S)["thread_id"])
    assert set(one.index) == {"early", "twice", "gone", "edited", "closed", "again", "machine"}


def test_a_resolution_after_the_moment_does_not_count_yet() -> None:
    rows = [
        {"thread": "a", "minute": 0},
        {"thread": "a", "minute": 9, "out": True, "automatic": False, "resolved": START + timedelta(hours=5)},
    ]
    for hour, resolved in ((4, 0), (5, 1)):
        threads, as_of, _ = desk(rows, START + timedelta(hours=hour))
        assert told(threads, as_of, LIMIT_S)["resolved"] == resolved


def test_mixed_zones_are_one_time_and_hours_are_indian() -> None:
    threads, _, _ = desk([{"thread": "a", "minute": 0}, {"thread": "b", "minute": 18 * 60}])
    assert threads["hour"].tolist() == [11, 5] and threads["shift"].tolist() == ["morning", "night"]
    assert threads["weekday"].tolist() == [2, 3]


def test_groups_add_up_and_keep_what_the_source_does_not_say() -> None:
    rows = [{"thread": f"t{n}", "minute": n, "district": [None, "Gaya", "Ara"][n % 3]} for n in range(9)]
    rows += [{"thread": f"t{n}", "minute": n + 7, "out": True, "automatic": False} for n in range(0, 9, 2)]
    threads, as_of, _ = desk(rows)
    for by in ("district", "hour", "channel"):
        parts = groups_of(threads, by, as_of, LIMIT_S)
        assert sum(part["n"] for part in parts) == 9 and sum(part["answered"] for part in parts) == 5
    assert {part["value"] for part in groups_of(threads, "district", as_of, LIMIT_S)} == {None, "Gaya", "Ara"}


def test_a_district_that_is_written_two_ways_is_one_row() -> None:
    names = ["Siwan", "सिवान", " SIWAN", "सीवान", "Ranchi", "ranchi", None]
    rows = [{"thread": f"t{n}", "minute": n, "district": name} for n, name in enumerate(names)]
    threads, as_of, _ = desk(rows)
    parts = groups_of(threads, "district", as_of, LIMIT_S)
    assert {part["value"]: part["n"] for part in parts} == {"Siwan": 4, "Ranchi": 1, "ranchi": 1, None: 1}


def test_one_complaint_on_three_channels_is_one_group() -> None:
    text = "There is no light at the crossing near the old market and nobody has come for five days"
    rows = [
        {"thread": f"t{n}", "minute": n, "platform": p, "text": text + "!" * n}
        for n, p in enumerate(("x", "facebook", "whatsapp"))
    ]
    threads, _, _ = desk(
        [*rows, {"thread": "other", "minute": 3, "text": "A quite different complaint about water bills"}]
    )
    [group] = alike(threads).to_dict("records")
    assert (group["n_threads"], group["n_channels"], group["n_complainants"]) == (3, 3, 3)


def test_no_message_is_no_complaint() -> None:
    threads, as_of, _ = desk([{"thread": "a", "minute": 0, "lost": True}])
    assert len(threads) == 0 and told(threads, as_of, LIMIT_S)["share"] is None
    assert len(queue(threads, as_of, LIMIT_S)) == 0


@pytest.mark.parametrize("bad", ["yesterday", "2025-11-09T18:00"])
def test_a_moment_without_a_zone_is_refused(bad: str) -> None:
    from spmc_tools.desks.base.entry import moment_of
    from spmc_tools.errors import ParameterError

    with pytest.raises(ParameterError, match="as_of"):
        moment_of(bad, "as_of")
