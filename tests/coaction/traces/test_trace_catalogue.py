"""Every trace on records written by hand: what is an action, on which object, with which source."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmc_tools.coaction.traces.objects import OBJECTS, SHORT_LINK, SOURCES, UNKNOWN
from spmc_tools.coaction.traces.trace import Trace, lacking
from spmc_tools.coaction.traces.trace_catalogue import TRACES, actions_of, named
from spmc_tools.errors import ParameterError, TableError
from spmc_tools.schema import ACCOUNTS, ACTIONS, RECORDS, check

LONG = "मतदान केंद्र पर समय से पहुँचें और सबको साथ लाएँ"
T = datetime(2025, 11, 5, tzinfo=UTC)
SHA = "ab" * 32
KEY = "मतदान केंद्र पर समय से पहुंचें और सबको साथ लाएं"


def record(**values: Any) -> dict[str, Any]:
    made = {
        "record_id": "1", "platform": "x", "account_id": "a", "created_at": datetime(2025, 11, 5, tzinfo=UTC),
        "kind": "post", "source_sha256": "0" * 64, "source_row": 1,
    }  # fmt: skip
    return {**made, **values}


def account(**values: Any) -> dict[str, Any]:
    made = {"account_id": "a", "platform": "x", "source_sha256": "0" * 64, "source_row": 1, "observed_at": T}
    return {**made, **values}


def of(trace: str, *rows: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Object and source of every action that a trace reads from some records (or rows of the accounts table)."""
    if TRACES[trace].table == "accounts":
        given = ACCOUNTS.from_rows([account(**{"source_row": n, **row}) for n, row in enumerate(rows, start=1)])
        actions = actions_of(given, trace)
        assert check(actions, "actions") == []
        return list(zip(actions["object_id"].to_pylist(), actions["source_id"].to_pylist(), strict=True))
    records = RECORDS.from_rows([record(record_id=str(n), **row) for n, row in enumerate(rows, start=1)])
    actions = actions_of(records, trace)
    assert check(actions, "actions") == []
    return list(zip(actions["object_id"].to_pylist(), actions["source_id"].to_pylist(), strict=True))


# one list of cases per trace: a record, and the (object, source) of its actions
CASES: dict[str, list[tuple[dict[str, Any], list[tuple[str, str | None]]]]] = {
    "co_repost": [
        ({"kind": "repost", "ref_record_id": "9", "ref_account_id": "z"}, [("9", "z")]),
        ({"kind": "repost", "ref_record_id": "9"}, [("9", None)]),
        ({"kind": "repost", "ref_account_id": "z"}, []),
        ({"kind": "reply", "ref_record_id": "9"}, []),
        ({"kind": "quote", "ref_record_id": "9"}, []),
        ({"kind": "post"}, []),
    ],
    "co_url": [
        (
            {"urls": ["https://news.example/a?utm_source=x", "http://www.news.example/a"]},
            [("news.example/a", "news.example")],
        ),
        (
            {"kind": "message", "urls": ["https://t.me/chan/5", "https://x.com/Foo/status/7"]},
            [("t.me/chan/5", "t.me/chan"), ("x.com/status/7", "x.com/foo")],
        ),
        ({"text": "देखो https://news.example/b। सच"}, [("news.example/b", "news.example")]),
        ({"urls": [], "text": "देखो https://news.example/b"}, []),
        ({"urls": ["javascript:alert(1)", None, ""]}, []),
        (
            {"urls": ["https://t.co/a", "https://bit.ly/a", "https://bit.ly/b", "http://bit.ly/b"]},
            [("bit.ly/a", SHORT_LINK), ("bit.ly/b", SHORT_LINK), ("t.co/a", SHORT_LINK)],
        ),
        ({"kind": "repost", "urls": ["https://news.example/a"]}, []),
    ],
    "co_hashtag_sequence": [
        ({"hashtags": ["अ", "B", "c"]}, [("#अ #b #c",) * 2]),
        ({"hashtags": ["c", "B", "अ"]}, [("#c #b #अ",) * 2]),
        ({"hashtags": ["a", "b", "A", "B"]}, []),
        ({"hashtags": ["a", None, "", "b", "c"]}, [("#a #b #c",) * 2]),
        ({"text": "#एक #दो #तीन"}, [("#एक #दो #तीन",) * 2]),
        ({"kind": "repost", "hashtags": ["a", "b", "c"]}, []),
    ],
    "copypasta": [
        ({"text": LONG}, [(KEY,) * 2]),
        ({"text": f"@x {LONG} 🙏 https://t.co/a", "kind": "reply"}, [(KEY,) * 2]),
        ({"text": "छोटा सा संदेश"}, []),
        ({"text": LONG, "kind": "repost"}, []),
        ({"text": None}, []),
        ({"text": "🙏" * 60}, []),
    ],
    "co_reply": [
        ({"kind": "reply", "ref_record_id": "9", "ref_account_id": "z"}, [("9", "z")]),
        ({"kind": "comment", "ref_record_id": "9", "ref_account_id": "z"}, []),
        ({"kind": "repost", "ref_record_id": "9"}, []),
    ],
    "co_quote": [
        ({"kind": "quote", "ref_record_id": "9", "ref_account_id": "z", "text": "यह देखिए"}, [("9", "z")]),
        ({"kind": "quote", "ref_record_id": "9"}, [("9", None)]),
        ({"kind": "quote"}, []),
        ({"kind": "repost", "ref_record_id": "9", "ref_account_id": "z"}, []),
        ({"kind": "reply", "ref_record_id": "9", "ref_account_id": "z"}, []),
    ],
    "co_domain": [
        (
            {"urls": ["https://a.paper.co.in/1", "https://paper.co.in/2", "https://t.me/chan/5"]},
            [("paper.co.in",) * 2, ("t.me/chan",) * 2],
        ),
        ({"text": "देखो https://news.example/b"}, [("news.example",) * 2]),
        ({"kind": "repost", "urls": ["https://news.example/a"]}, []),
        ({"urls": ["mailto:x@a.example"]}, []),
        ({"urls": ["https://t.co/a", "https://bit.ly/a", "https://news.example/b"]}, [("news.example",) * 2]),
        ({"urls": ["https://t.co/a"]}, []),
    ],
    "co_mention": [
        ({"mentions": ["B", "@a", "b"]}, [("@a @b",) * 2]),
        ({"mentions": ["a", "A", None, ""]}, []),
        ({"mentions": ["a", "b"], "kind": "repost"}, []),
        ({"mentions": ["b", "a", "c"], "kind": "reply"}, [("@a @b @c",) * 2]),
    ],
    "co_media": [
        ({"media": [{"sha256": SHA.upper()}]}, [(f"sha256:{SHA}",) * 2]),
        ({"media": [{"sha256": SHA, "phash": "0f" * 8}, {"phash": "0F" * 8}]}, [(f"phash:{'0f' * 8}",) * 2]),
        ({"media": [{"phash": "0" * 16}, {"sha256": "ab"}, {"url": "https://a.example/1.jpg"}]}, []),
        ({"media": [], "kind": "post"}, []),
        ({"media": [{"sha256": SHA}], "kind": "repost"}, []),
    ],
    "fast_repost": [
        ({"kind": "repost", "ref_record_id": "9", "ref_account_id": "z"}, []),
    ],
    "co_handle": [
        ({"handle": "@Ram_1"}, [("ram_1",) * 2]),
        ({"handle": " "}, []),
        ({"handle": None}, []),
        ({"handle": "ram", "observed_at": None}, []),
    ],
}


def test_every_trace_has_its_list_of_cases() -> None:
    assert set(CASES) == set(TRACES)


@pytest.mark.parametrize(("trace", "row", "wanted"), [(t, *case) for t, cases in CASES.items() for case in cases])
def test_actions(trace: str, row: dict[str, Any], wanted: list[tuple[str, str | None]]) -> None:
    assert of(trace, row) == wanted


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_declaration(trace: Trace) -> None:
    assert trace.question.endswith("?")
    assert trace.reference
    assert trace.object in OBJECTS
    assert trace.source in SOURCES
    assert list(trace.windows_s) == sorted(set(trace.windows_s))
    known = {"records": RECORDS, "accounts": ACCOUNTS}[trace.table].names
    assert {name for need in trace.needs for name in need.split("|")} <= set(known)
    assert ("kind" in trace.needs) == (trace.table == "records")
    assert trace.windows_s or trace.untimed
    assert trace.within is None or TRACES[trace.within.name] is trace.within


@pytest.mark.parametrize("trace", TRACES)
def test_documented(trace: str) -> None:
    text = (Path(__file__).parents[3] / "docs" / "method" / "traces.md").read_text(encoding="utf-8")
    assert f"## `{trace}`\n" in text
    own = " ".join(text.split(f"## `{trace}`\n")[1].split("\n## ")[0].split())
    assert all(str(window) in own for window in TRACES[trace].windows_s)
    assert ("untimed" in own) == TRACES[trace].untimed
    assert "nown false positives" in own and "Literature" in own


def snowflake(when: datetime) -> str:
    return str((int(when.timestamp() * 1000) - 1288834974657) << 22 | 7)


def test_authors_reached_fast() -> None:
    def at(second: float) -> datetime:
        return T + timedelta(seconds=second)

    posts = [{"record_id": f"p{n}", "account_id": "z", "created_at": at(1000 * n)} for n in range(3)]
    reposts = [
        {"account_id": who, "kind": "repost", "ref_record_id": f"p{n}", "ref_account_id": "z", "created_at": at(when)}
        for who, n, when in [
            ("a", 0, 60), ("a", 1, 1001), ("a", 2, 2061),  # twice within a minute, inclusive
            ("b", 0, 5), ("b", 1, 1061),  # once
            ("c", 0, -1), ("c", 1, 999),  # before the post: no delay
        ]
    ]  # fmt: skip
    by_id = [
        {"account_id": "d", "kind": "repost", "ref_record_id": snowflake(at(second)), "ref_account_id": "y",
         "created_at": at(second + 30), "platform": platform}
        for platform in ("x", "telegram") for second in (5000, 6000)
    ]  # fmt: skip
    rows = [record(**{"record_id": f"r{n}", **row}) for n, row in enumerate([*posts, *reposts, *by_id])]
    table = actions_of(RECORDS.from_rows(rows), "fast_repost")
    actions = table.to_pandas()
    assert list(zip(actions["account_id"], actions["object_id"], strict=True)) == [
        ("a", "x:z"), ("a", "x:z"), ("d", "x:y"), ("d", "x:y"),
    ]  # fmt: skip
    assert list(actions["record_id"]) == ["r3", "r4", "r10", "r11"]
    assert json.loads(table.schema.metadata[b"skipped"]) == {"the time of the original post is not known": 2}


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ParameterError, match="co_repost, co_url"):
        named("co_\u202ething")
    with pytest.raises(ParameterError, match=r"object key .* is not known; known: referenced_record"):
        Trace("x", "?", ("post",), "no such key", "author", (60,), (), "none")
    with pytest.raises(ParameterError, match="kind of record"):
        Trace("x", "?", ("shout",), "address", "author", (60,), (), "none")


def test_a_trace_within_another_reads_the_same_kinds() -> None:
    """An account found in both is found in one: that holds only where both read the same records."""
    assert {name: trace.within.name for name, trace in TRACES.items() if trace.within} == {
        "co_domain": "co_url", "fast_repost": "co_repost",
    }  # fmt: skip
    finer = TRACES["co_url"]
    same = Trace("x", "?", tuple(reversed(finer.kinds)), "domain", "itself", (60,), (), "none", within=finer)
    assert same.within is finer
    for kinds in (("repost",), finer.kinds[1:], (*finer.kinds, "repost")):
        with pytest.raises(
            ParameterError, match=r'Trace "x": .* but "co_url", which .* reads post, reply, quote, comm'
        ):
            Trace("x", "?", kinds, "domain", "itself", (60,), (), "none", within=finer)


def test_a_record_holds_one_action_per_object() -> None:
    urls = ["https://b.example/1", "https://a.example/1", "http://b.example/1?utm_source=y"]
    assert of("co_url", {"urls": urls}) == [("a.example/1", "a.example"), ("b.example/1", "b.example")]


def test_author_is_filled_from_other_records_of_the_object() -> None:
    rows = [
        {"kind": "repost", "ref_record_id": "9"},
        {"kind": "repost", "ref_record_id": "9", "ref_account_id": "z"},
        {"kind": "repost", "ref_record_id": "9", "ref_account_id": "y"},
        {"kind": "repost", "ref_record_id": "8"},
    ]
    assert of("co_repost", *rows) == [("9", "y"), ("9", "y"), ("9", "y"), ("8", UNKNOWN)]


def test_edited_copies_are_one_object_under_the_most_used_wording() -> None:
    edited = "मतदान केंद्र पर समय से पहुँचें और सब को साथ ले आएँ"
    rows = [{"text": text} for text in (edited, LONG, f"{LONG} 🙏", "छोटा सा संदेश", "", None)]
    assert of("copypasta", *rows) == [(KEY, KEY)] * 3
    assert of("copypasta", rows[0], *rows[3:]) == [(KEY.replace("सबको", "सब को").replace("लाएं", "ले आएं"),) * 2]


def test_ids_of_several_platforms_are_told_apart() -> None:
    rows = [{"kind": "repost", "ref_record_id": "9", "ref_account_id": "z", "platform": p} for p in ("x", "telegram")]
    assert of("co_repost", *rows) == [("x:9", "x:z"), ("telegram:9", "telegram:z")]


def test_what_could_not_be_read_is_counted() -> None:
    records = RECORDS.from_rows(
        [record(kind="repost", ref_record_id="9"), record(kind="repost", record_id="2"), record(record_id="3")]
    )
    assert json.loads(actions_of(records, "co_repost").schema.metadata[b"skipped"]) == {
        "the record that it refers to is not named": 1
    }
    records = RECORDS.from_rows([record(urls=["https://a.example/1", "mailto:x@a.example", None])])
    assert json.loads(actions_of(records, "co_url").schema.metadata[b"skipped"]) == {"no web address": 2}
    records = RECORDS.from_rows([record(urls=["https://t.co/1", "https://bit.ly/1", None, "https://a.example/1"])])
    assert json.loads(actions_of(records, "co_domain").schema.metadata[b"skipped"]) == {
        "no web address": 1, "a short link, which does not tell the site": 2,
    }  # fmt: skip


def test_lacking_and_missing_columns() -> None:
    full = RECORDS.from_rows([record(kind="repost", ref_record_id="9", text="x")])
    assert lacking(full, TRACES["co_repost"]) == []
    assert lacking(full, TRACES["co_url"]) == []
    assert lacking(full.drop_columns(["text", "urls"]), TRACES["co_url"]) == ["urls|text"]
    assert lacking(full, TRACES["co_hashtag_sequence"]) == []
    assert lacking(RECORDS.from_rows([record()]), TRACES["copypasta"]) == ["text"]
    with pytest.raises(TableError, match="column ref_record_id is missing"):
        actions_of(full.drop_columns(["ref_record_id"]), "co_repost")
    with pytest.raises(TableError, match="column kind is missing"):
        actions_of(full.drop_columns(["kind"]), "co_repost")


def test_pandas_records_give_the_same_actions() -> None:
    records = RECORDS.from_rows([record(kind="repost", ref_record_id="9"), record(record_id="2", text=LONG)])
    for trace in ("co_repost", "copypasta"):
        assert actions_of(records.to_pandas(), trace).equals(actions_of(records, trace))


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_text_in_any_arrow_form_gives_the_same_actions(kind: pa.DataType) -> None:
    rows = [{"kind": "repost", "ref_record_id": "9", "ref_account_id": "z", "text": LONG, "hashtags": ["a", "b", "c"]}]
    records = RECORDS.from_rows([record(**row) for row in [*rows, {"text": LONG, "urls": ["https://a.example/1"]}]])
    schema = pa.schema([f.with_type(kind) if f.type == pa.string() else f for f in records.schema])
    other = pa.table([column.cast(f.type) for column, f in zip(records.columns, schema, strict=True)], schema=schema)
    for name in (name for name, trace in TRACES.items() if trace.table == "records"):
        assert actions_of(other, name).equals(actions_of(records, name))


def test_no_records_give_no_actions() -> None:
    for trace in TRACES.values():
        table = RECORDS if trace.table == "records" else ACCOUNTS
        actions = actions_of(table.schema.empty_table(), trace)
        assert len(actions) == 0
        assert actions.schema.equals(ACTIONS.schema)


TEXT = st.none() | st.text(max_size=50) | st.sampled_from([LONG, "#a #b #c", "https://a.example/1"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["post", "repost", "reply", "quote", "comment", "message"]),
            "account_id": st.text(min_size=1, max_size=5),
            "text": TEXT,
            "ref_record_id": TEXT,
            "ref_account_id": TEXT,
            "urls": st.none() | st.lists(TEXT, max_size=3),
            "hashtags": st.none() | st.lists(TEXT, max_size=5),
            "mentions": st.none() | st.lists(TEXT, max_size=5),
            "media": st.none() | st.lists(st.fixed_dictionaries({"sha256": TEXT, "phash": TEXT}), max_size=2),
        }
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms())
def test_any_text_is_survived_and_order_does_not_matter(rows: list[dict[str, Any]], random: Any) -> None:
    rows = [record(record_id=str(n), **row) for n, row in enumerate(rows)]
    mixed = random.sample(rows, len(rows))
    for trace in (name for name, one in TRACES.items() if one.table == "records"):
        one, two = (
            actions_of(pa.Table.from_pylist(order, schema=RECORDS.schema), trace).to_pandas() for order in (rows, mixed)
        )
        keys = ["record_id", "object_id"]
        pd.testing.assert_frame_equal(
            one.sort_values(keys, ignore_index=True), two.sort_values(keys, ignore_index=True)
        )
        assert not one.duplicated(keys).any()
