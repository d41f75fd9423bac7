"""Mapped tables: mapping files, guesses that are shown, ids that lost digits, real action tables."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spmc_tools.errors import MappingError
from spmc_tools.importers.import_files import import_files
from spmc_tools.schema import check

SMALL = """
[columns]
record_id = "id"
account_id = "who"
created_at = "when"
text = "said"
[constants]
platform = "facebook"
"""


@pytest.fixture
def importing(case, write):
    """Import one table with a mapping; give result, records and refused rows."""

    def run(content, mapping=SMALL, name="t.csv", **more):
        path = write(name, content)
        [result] = import_files(case, [path], mapping=write("m.toml", mapping) if mapping else None, **more)
        records, refused = case.table("records"), case.table("refused")
        assert not check(records, "records") and not check(case.table("accounts"), "accounts")
        return result, records.to_pylist(), refused.to_pylist()

    return run


def test_a_small_table(importing):
    result, rows, refused = importing(
        "id,who,when,said\n0012,a,2021-04-08T15:07:30Z,नमस्ते\n13,b,soon,x\n14,,2021-04-08T15:07:30Z,\n"
    )
    assert (result.read, result.kept, result.refused, result.format) == (3, 1, 2, "mapped_table")
    assert {k: v for k, v in rows[0].items() if v is not None and k != "source_sha256"} == {
        "record_id": "0012", "platform": "facebook", "account_id": "a", "kind": "post", "text": "नमस्ते",
        "created_at": datetime(2021, 4, 8, 15, 7, 30, tzinfo=UTC), "time_precision_s": 1.0, "source_row": 2,
    }  # fmt: skip
    assert [(r["source_row"], r["reason"], r["raw"]) for r in refused] == [
        (3, '"soon" is no time that can be read', "13\tb\tsoon\tx"),
        (4, "the row names no account", "14\t\t2021-04-08T15:07:30Z\t"),
    ]


def test_everything_a_mapping_can_say(importing, case):
    mapping = """
missing = ["NA", "absent"]
[table]
delimiter = ";"
[columns]
record_id = "id"
account_id = "who"
created_at = "when"
edited_at = "edited"
collected_at = "seen"
text = "said"
ref_record_id = ["rt", "re"]
urls = "links"
hashtags = "tags"
mentions = "people"
media = "pics"
likes = "n"
views = "v"
[accounts]
handle = "name"
followers = "f"
verified = "ok"
created_at = "joined"
[constants]
platform = "x"
surface_id = "page-1"
[times]
created_at = {format = "%d%m%Y %H%M", tz = "Asia/Kolkata", precision_s = 120}
edited_at = {unit = "ms"}
seen = {tz = "UTC"}
[kind]
default = "comment"
repost = {column = "rt"}
reply = {column = "is_re", equals = ["1", "yes"]}
[lists]
urls = "~"
"""
    with pytest.raises(MappingError, match=r'\[times\] "seen" is not known here; known: created_at'):
        importing("id;who\n", mapping)
    mapping = mapping.replace("seen = {tz", "collected_at = {tz").replace('"seen" = {', "collected_at = {")
    header = "id;who;when;edited;seen;said;rt;re;is_re;links;tags;people;pics;n;v;name;f;ok;joined"
    rows = [
        "1;a;08042021 1507;1617894450123;2021-04-09;s;50;60;yes;u1 x~u2;['चुनाव', 'b'];@x @y;p1 p2;1,234;1.2K;"
        "A;12.0;TRUE;2010-01-01T00:00:00Z",
        "2;a;08042021 1508;NA;2021-04-09;NA;NA;60;yes;absent;#c, #d;;;5;6;A;12;1;2010-01-01T00:00:00Z",
        "3;a;08042021 1509;;2021-04-10;;;;no;;;;;;;A;12;1;2010-01-01T00:00:00Z",
    ]
    _, found, refused = importing("\n".join([header, *rows]), mapping)
    assert not refused
    one, two, three = found
    assert (one["kind"], one["ref_record_id"], one["surface_id"]) == ("repost", "50", "page-1")
    assert one["created_at"] == datetime(2021, 4, 8, 9, 37, tzinfo=UTC) and one["time_precision_s"] == 120
    assert one["edited_at"] == datetime(2021, 4, 8, 15, 7, 30, 123000, tzinfo=UTC)
    assert one["collected_at"] == datetime(2021, 4, 9, tzinfo=UTC)
    assert (one["urls"], one["hashtags"], one["mentions"]) == (["u1 x", "u2"], ["चुनाव", "b"], ["x", "y"])
    assert [m["url"] for m in one["media"]] == ["p1", "p2"]
    assert one["metrics"] == {"likes": 1234, "reposts": None, "replies": None, "views": None}
    assert (two["kind"], two["ref_record_id"], two["edited_at"], two["text"]) == ("reply", "60", None, None)
    assert (two["urls"], two["hashtags"]) == (None, ["c", "d"])
    assert (three["kind"], three["ref_record_id"], three["metrics"]) == ("comment", None, None)
    accounts = case.table("accounts").to_pylist()
    assert [(a["handle"], a["followers"], a["verified"], a["source_row"]) for a in accounts] == [
        ("A", 12, True, 2), ("A", 12, True, 4),
    ]  # fmt: skip
    assert accounts[0]["observed_at"] == datetime(2021, 4, 9, tzinfo=UTC)


def test_ids_that_lost_their_digits(importing):
    content = (
        "id,who,when,said,rt\n"
        "8.29E+17,a,2021-04-08T15:07:30Z,x,1.5e+18\n"
        "829000000000000001.0,a,2021-04-08T15:07:30Z,x,17.0\n"
        "1e234567,a,2021-04-08T15:07:30Z,x,\n"
        "5,1.22E+17,2021-04-08T15:07:30Z,x,\n"
    )
    mapping = SMALL.replace('text = "said"', 'text = "said"\nref_record_id = "rt"')
    result, rows, refused = importing(content, mapping)
    start = f"row-{result.sha256[:8]}-"
    assert [r["record_id"] for r in rows] == [f"{start}2", f"{start}3", "1e234567", "5"]
    assert [r["ref_record_id"] for r in rows] == [None, "17", None, None]
    assert "2 rows have no exact id of their own (2 lost digits in a spreadsheet)" in result.note
    assert "1 values of ref_record_id lost their last digits" in result.note
    assert refused == []
    assert [r["account_id"] for r in rows] == ["a", "a", "a", f"unknown-{result.sha256[:8]}"]
    assert (
        "1 account ids lost their last digits in a spreadsheet and are no ids; in their place stand: 1 as "
        f"unknown-{result.sha256[:8]}, whose account is not known: they can be read and searched, and are compared "
        "with no other account"
    ) in result.note


def test_ids_that_a_spreadsheet_shows_in_full_but_rounded(importing):
    rows = [f"{829123456789010 + i}000,{729123456789010 + i}{i % 7 + 1:03},2021-04-08T15:07:30Z,x" for i in range(9)]
    result, kept, _ = importing("id,who,when,said\n" + "\n".join(rows) + "\n")
    assert [row["record_id"] for row in kept] == [f"row-{result.sha256[:8]}-{i}" for i in range(2, 11)]
    assert kept[8]["account_id"] == "729123456789018002"
    assert "9 lost digits in a spreadsheet" in result.note


def test_accounts_that_a_spreadsheet_rounded_are_refused_not_merged(importing):
    rows = [f"{i},{829123456789010 + i}000,2021-04-08T15:07:30Z,x" for i in range(9)]
    rows.append("9,name,2021-04-08T15:07:30Z,x")
    result, kept, refused = importing("id,who,when,said\n" + "\n".join(rows) + "\n")
    assert (result.read, result.kept, result.refused) == (10, 1, 9)
    assert kept[0]["account_id"] == "name"
    assert refused[0]["reason"] == (
        'the account id "829123456789010000" is not exact (its last digits were lost in a spreadsheet); '
        "map a column of user names instead"
    )


def test_ids_in_a_workbook(importing):
    book = openpyxl.Workbook()
    book.active.append(["id", "who", "when", "said"])
    at = datetime(2021, 4, 8, 15, 7, 30)  # noqa: DTZ001
    for cell in ("0012", 13, 1.38017547554536e18, "1380175475545362437"):
        book.active.append([cell, 7, at, "x"])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(MappingError, match="4 of 4 times name no zone"):
        importing(out.getvalue(), name="t.xlsx")
    result, rows, _ = importing(out.getvalue(), name="t.xlsx", tz="Asia/Kolkata")
    assert [r["record_id"] for r in rows] == ["0012", "13", f"row-{result.sha256[:8]}-4", "1380175475545362437"]
    assert [r["source_row"] for r in rows] == [2, 3, 4, 5]
    assert rows[0]["account_id"] == "7"
    assert rows[0]["created_at"] == datetime(2021, 4, 8, 9, 37, 30, tzinfo=UTC)


def test_no_id_column(importing):
    mapping = SMALL.replace('record_id = "id"\n', "")
    result, rows, _ = importing("who,when,said\na,2021-04-08T15:07:30Z,x\na,2021-04-08T15:07:30Z,y\n", mapping)
    assert [r["record_id"] for r in rows] == [f"row-{result.sha256[:8]}-{n}" for n in (2, 3)]
    assert "kept as row-" in result.note


def test_rows_that_are_not_utf8_are_refused_alone(importing):
    content = b"id,who,when,said\n"
    for i, said in enumerate(["नमस्ते दुनिया".encode(), b"bad \xff\xfe", b"ok"]):
        content += f"{i},a,2021-04-08T15:07:30Z,".encode() + said + b"\n"
    result, rows, refused = importing(content)
    assert [r["record_id"] for r in rows] == ["0", "2"]
    assert [(r["source_row"], r["reason"]) for r in refused] == [(3, "the row holds bytes that are not UTF-8")]
    assert result.read == 3


def test_a_guess_is_shown_and_used_only_when_confirmed(case, write, snapshot):
    header = (
        "tweetid,userid,user_screen_name,tweet,tweet_time,in_reply_to_tweetid,is_retweet,retweet_userid,"
        "retweet_tweetid,hashtags,like_count,latitude"
    )
    text = (
        f"{header}\n1,a,A,x,2017-08-19 15:13,,false,,,['t'],1,absent\n2,b,B,y,2017-08-19 15:14,,true,c,1,[],2,absent\n"
    )
    path, before = write("t.csv", text), snapshot()
    with pytest.raises(MappingError) as told:
        import_files(case, [path])
    message = str(told.value)
    assert "--map mapping.toml" in message and "--accept-guess" in message
    proposed = message.split("\n\n")[1]
    with pytest.raises(MappingError, match="name no zone"):
        import_files(case, [path], accept_guess=True)
    assert snapshot() == before
    [result] = import_files(case, [path], accept_guess=True, tz="UTC")
    assert 'guessed mapping used: record_id = "tweetid", account_id = "userid"' in result.note
    rows = case.table("records").to_pylist()
    assert [(r["kind"], r["ref_record_id"], r["ref_account_id"]) for r in rows] == [
        ("post", None, None), ("repost", "1", "c"),
    ]  # fmt: skip
    assert (rows[0]["hashtags"], rows[0]["platform"], rows[0]["time_precision_s"]) == (["t"], "x", 60.0)
    assert case.batches()[0].details["guessed"] is True
    [again] = import_files(
        case, [write("u.csv", text + "\n")], mapping=write("p.toml", proposed), tz="UTC", dry_run=True
    )
    assert (again.read, again.duplicates) == (2, 2)


def test_nothing_to_guess_from(case, write):
    with pytest.raises(MappingError, match='no column names an account and a time; columns seen: "a", "b"'):
        import_files(case, [write("t.csv", "a,b\n1,2\n")], format="mapped_table", accept_guess=True)


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ("no toml", "is no valid TOML"),
        ('[columns]\nwho = "who"', r'\[columns\] "who" is not known here; known: record_id'),
        (SMALL + "[colums]\n", '"colums" is not known here; known: columns'),
        (SMALL.replace('"who"', '"gone"'), 'has no column "gone", which the mapping names; it has "id", "who"'),
        (
            SMALL.replace('"said"', '"twice"'),
            r'has several columns called "twice"; write the one that is meant: "twice \(1\)", "twice \(2\)"\.',
        ),
        (SMALL.replace('created_at = "when"\n', ""), "names no created_at"),
        (SMALL.replace('account_id = "who"\n', ""), "names no account_id"),
        (SMALL.replace('platform = "facebook"', ""), "names no platform"),
        (SMALL + "[times]\ncreated_at = 5", "wanted {tz ="),
        (SMALL + '[times]\ncreated_at = {unit = "h"}', "wanted one of s, ms, us"),
        (SMALL + '[times]\ncreated_at = {order = "x"}', "wanted dmy, mdy or ymd"),
        (SMALL + '[times]\ncreated_at = {format = "%d %m"}', 'format is "%d %m", wanted year, month and day'),
        (SMALL + "[times]\ncreated_at = {precision_s = -1}", "wanted seconds above 0"),
        (SMALL + '[kind]\nrepost = "rt"', r"\[kind\] repost is"),
        (SMALL + '[kind]\ndefault = "bot"', "wanted one of post, repost"),
        ("kind = 5\n" + SMALL, "kind is no table"),
        (SMALL + '[table]\ndelimiter = "ab"', "wanted one character"),
        (SMALL + "[constants]\nlang = 5", "is no valid TOML"),
        (SMALL + "lang = 5", "wanted a text in quotes"),
        (SMALL.replace('"said"', "[]"), "names no column"),
        (SMALL + "[lists]\nurls = \"\"", "wanted a text in quotes"),
        (SMALL + '[times]\nedited_at = {tz = "UTC"}', r"\[times\] edited_at .*not named; write \[columns\] edited_at"),
        (SMALL + '[times]\naccount_created_at = {tz = "UTC"}', r"write \[accounts\] created_at"),
        (SMALL + '[lists]\nurls = ","', r"\[lists\] urls says how to read a column that is not named"),
        (SMALL + '[table]\nsheet = "Nope"', r"is a table as text and has no sheets; take \[table\] sheet out"),
        (SMALL.replace('"facebook"', '"x\\u0000y"'), r'"x\\u0000y", which holds a character that cannot'),
        (SMALL.replace('"facebook"', '"x\\u202Ey"'), "holds a character that cannot be seen"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_one_sentence(mapping, sentence, case, write, snapshot):
    before = snapshot()
    path = write("t.csv", "id,who,when,said,twice,twice\n1,a,2021-04-08T15:07:30Z,x,,\n")
    with pytest.raises(MappingError, match=sentence) as told:
        import_files(case, [path], mapping=write("m.toml", mapping))
    assert "\n" not in str(told.value)
    assert snapshot() == before


def test_dates_that_can_be_read_two_ways(importing):
    content = "id,who,when,said\n1,a,01/02/2021 10:00,x\n2,a,03/04/2021 10:00,y\n"
    with pytest.raises(MappingError, match=r"--date-order dmy \(1 Feb 2021\) or --date-order mdy \(2 Jan 2021\)"):
        importing(content, tz="UTC")
    _, rows, _ = importing(content, tz="UTC", date_order="dmy")
    assert rows[0]["created_at"] == datetime(2021, 2, 1, 10, tzinfo=UTC)


def test_the_step_of_the_clock_of_a_real_table(case, shared_data):
    path = shared_data / "posts" / "ira_2015-11_pseudonymised.parquet"
    [result] = import_files(case, [path], accept_guess=True)
    assert (result.read, result.kept) == (26_589, 26_589)
    assert set(case.table("records")["time_precision_s"].to_pylist()) == {60.0}


ACTIONS = """
[columns]
record_id = "content_id"
account_id = "account_id"
ref_record_id = "object_id"
created_at = "timestamp_share"
[constants]
platform = "x"
[times]
created_at = {unit = "s"}
"""


def pairs(rows) -> dict[tuple[str, str], set[str]]:
    """Objects that two accounts reposted within 60 s, by a plain double loop over each object."""
    by_object: dict[str, list[tuple[float, str]]] = {}
    for account, thing, at in rows:
        by_object.setdefault(thing, []).append((at, account))
    found: dict[tuple[str, str], set[str]] = {}
    for thing, acts in by_object.items():
        acts.sort()
        for i, (at, one) in enumerate(acts):
            for later, two in acts[i + 1 :]:
                if later - at > 60:
                    break
                if one != two:
                    found.setdefault((min(one, two), max(one, two)), set()).add(thing)
    return found


def test_a_real_action_table(case, write, shared_data):
    path = shared_data / "posts" / "russian_coord_tweets.parquet"
    [result] = import_files(case, [path], mapping=write("m.toml", 'kind = "repost"\n' + ACTIONS))
    assert (result.read, result.refused) == (35_125, 0)
    given = pq.read_table(path)
    assert result.kept == len(set(given["content_id"].to_pylist()))
    kept = case.table("records", ["account_id", "ref_record_id", "created_at", "kind"])
    assert set(kept["kind"].to_pylist()) == {"repost"}
    at = [t.timestamp() for t in kept["created_at"].to_pylist()]
    found = pairs(zip(kept["account_id"].to_pylist(), kept["ref_record_id"].to_pylist(), at, strict=True))
    two = {pair for pair, things in found.items() if len(things) >= 2}
    assert len(two) == 32 and len({a for pair in two for a in pair}) == 58
    assert sum(len(things) >= 3 for things in found.values()) == 3


def test_parquet_texts_that_are_not_utf8(importing):
    table = pa.table(
        {
            "id": ["1", "2"], "who": ["a", "a"], "when": pa.array([1617894450, 1617894451], pa.timestamp("s", "UTC")),
            "said": pa.array([b"ok", b"\xff"], pa.binary()).view(pa.string()),
        }
    )  # fmt: skip
    out = io.BytesIO()
    pq.write_table(table, out)
    result, rows, refused = importing(out.getvalue(), name="t.parquet")
    assert [r["source_row"] for r in rows] == [1] and [r["source_row"] for r in refused] == [2]
    assert result.read == 2


AT = "2021-04-08T15:07:30Z"


def test_errors_of_a_spreadsheet_and_words_for_nothing_are_no_ids(importing):
    """Kept as ids they would make one post, one account and one reposted thing of many."""
    mapping = (
        SMALL.replace('text = "said"', 'text = "said"\nref_record_id = "rt"') + '[kind]\nrepost = {column = "rt"}\n'
    )
    content = (
        "id,who,when,said,rt\n"
        f"#N/A,u1,{AT},one,null\n#N/A,u2,{AT},two,null\nNaN,u3,{AT},three,9\n4,#REF!,{AT},four,9\n"
        f"5,None,{AT},five,9\n6,u6,{AT},#N/A,#VALUE!\n"
    )
    result, rows, refused = importing(content, mapping)
    start = f"row-{result.sha256[:8]}-"
    assert [r["record_id"] for r in rows] == [f"{start}2", f"{start}3", f"{start}4", "6"]
    assert [(r["ref_record_id"], r["kind"]) for r in rows] == [
        (None, "post"), (None, "post"), ("9", "repost"), (None, "post"),
    ]  # fmt: skip
    assert (rows[3]["text"], result.duplicates) == ("#N/A", 0)
    assert "(2 are spreadsheet errors, 1 are words for nothing, such as null)" in result.note
    assert "2 values of ref_record_id are words for nothing" in result.note
    assert "1 values of ref_record_id are spreadsheet errors" in result.note
    assert "1 values of account_id are spreadsheet errors such as #N/A, and their rows are refused" in result.note
    assert [(r["source_row"], r["reason"]) for r in refused] == [
        (5, 'the account id is "#REF!", an error that a spreadsheet shows where a formula failed'),
        (6, 'the account id is "None", a word for "nothing here"'),
    ]


def test_of_several_columns_the_first_with_an_id_counts(importing):
    mapping = SMALL.replace('text = "said"', 'text = "said"\nref_record_id = ["rt", "re"]')
    content = f"id,who,when,said,rt,re\n1,a,{AT},x,#N/A,7\n2,a,{AT},x,null,null\n3,a,{AT},x,8,9\n"
    result, rows, _ = importing(content, mapping)
    assert [r["ref_record_id"] for r in rows] == ["7", None, "8"]
    assert "1 values of ref_record_id are words for nothing" in result.note


def test_decimals_and_bytes_of_parquet_are_exact(importing):
    big = 1234567890123456789
    table = pa.table(
        {
            "id": pa.array([Decimal(big), Decimal(big + 1)], pa.decimal128(20, 0)),
            "who": pa.array([b"abc", "नाम".encode()], pa.binary()),
            "when": pa.array([b"2021-04-08T15:07:30Z"] * 2, pa.large_binary()),
            "said": pa.array([b"x", b"y"], pa.binary()),
            "n": pa.array([Decimal(5), Decimal(6)], pa.decimal128(10, 2)),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    mapping = SMALL.replace('text = "said"', 'text = "said"\nlikes = "n"')
    result, rows, refused = importing(out.getvalue(), mapping, name="t.parquet")
    assert not refused and result.note == ""
    assert [(r["record_id"], r["account_id"], r["text"], r["metrics"]["likes"]) for r in rows] == [
        (str(big), "abc", "x", 5), (str(big + 1), "नाम", "y", 6),
    ]  # fmt: skip


def test_ids_of_other_types_have_their_own_reason(importing):
    times = pa.array([1617894450] * 3, pa.timestamp("s", "UTC"))
    table = pa.table({"id": ["1", "2", "3"], "who": pa.array([[1], [2], None]), "when": times, "said": ["x"] * 3})
    table = table.append_column("p", [["a", "a", "a"]])
    out = io.BytesIO()
    pq.write_table(table, out)
    with pytest.raises(MappingError) as told:
        importing(out.getvalue(), name="t.parquet")
    assert "is a list, no id" in str(told.value) and "last digits" not in str(told.value)


def test_a_time_that_overflows_is_refused(importing):
    wrapped = (1762423200000000 + 125 * 2**64) // 1000
    times = pa.array([wrapped, 1617894450000], pa.int64()).cast(pa.timestamp("ms", "UTC"))
    out = io.BytesIO()
    pq.write_table(pa.table({"id": ["1", "2"], "who": ["a", "a"], "when": times, "said": ["x", "y"]}), out)
    _, rows, refused = importing(out.getvalue(), name="t.parquet")
    assert [r["record_id"] for r in rows] == ["2"]
    assert "is a time before 1990 or after 2100" in refused[0]["reason"]


def test_many_refused_rows_are_remarked(importing):
    def table(bad: int) -> str:
        return "id,who,when,said\n" + "".join(f"{bad}-{i},{'' if i < bad else 'a'},{AT},x\n" for i in range(20))

    result, _, _ = importing(table(2))
    assert result.note == "refused: 2 × the row names no account"
    result, _, _ = importing(table(3), name="u.csv", dry_run=True)
    assert "15% of its rows are refused, and a file is imported once" in result.note
    assert "--dry-run shows the outcome first" in result.note


def test_a_guess_that_is_accepted_beside_a_mapping_is_said(importing):
    result, _, _ = importing(f"id,who,when,said\n1,a,{AT},x\n", accept_guess=True)
    assert result.note == "not needed beside --map: --accept-guess"


def test_a_delimiter_for_a_workbook(importing):
    book = openpyxl.Workbook()
    book.active.append(["id", "who", "when", "said"])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(MappingError, match=r"is a workbook and has no delimiter; take \[table\] delimiter out"):
        importing(out.getvalue(), SMALL + '[table]\ndelimiter = ";"', name="t.xlsx")


def test_rows_that_are_refused_are_not_said_to_be_kept_under_a_made_id(bring, write):
    mapping = write(
        "m.toml", '[columns]\nrecord_id = "n"\naccount_id = "who"\ncreated_at = "at"\n[constants]\nplatform = "x"\n'
    )
    text = "n,who,at\n,a,2024-01-13T10:00:00Z\n,,2024-01-13T10:00:01Z\n,b,never\n7,c,2024-01-13T10:00:02Z\n"
    found = bring("t.csv", text, mapping=mapping)
    assert (found.result.read, found.result.kept, found.result.refused) == (4, 2, 2)
    assert "1 rows have no exact id of their own" in found.result.note
