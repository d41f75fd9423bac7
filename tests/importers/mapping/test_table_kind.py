"""What a row of an unknown table is, what is doubtful about it, and that nothing doubtful is used by itself."""

from __future__ import annotations

import pytest

from spmc_tools.errors import FormatError, MappingError
from spmc_tools.importers.files.read import Source
from spmc_tools.importers.mapping.propose import propose
from spmc_tools.importers.mapping.table_kind import can_be_account, can_be_time, is_enumeration

DAYS = [f"2025-11-{n:02}T10:00:00Z" for n in range(1, 25)]


def table(header: str, row: str, rows: int = 24) -> str:
    """A table of numbered rows: ``#`` is the number, ``@`` its time."""
    lines = [row.replace("#", str(n + 1)).replace("@", DAYS[n % len(DAYS)]) for n in range(rows)]
    return "\n".join([header, *lines, ""])


POSTS = table("tweet_id,user_id,created_at,text", "10#,7,@,words of post #")


@pytest.mark.parametrize(
    ("text", "kind", "doubts"),
    [
        (POSTS, "posts", ()),
        (table("id,name,screen_name,followers_count,friends_count,created_at,description", "#,N#,u#,5,6,@,about me"),
         "profiles", ("kind",)),
        (table("Source,Target,Type,Weight", "a#,b#,Directed,3"), "edges", ("account", "time", "kind")),
        (table("Date,Impressions,Reach,Profile visits", "@,1#,2#,3"), "figures", ("account", "kind")),
        (table("Complaint ID,District,Assigned to,Date,Text", "C#,Gaya,Ravi,@,words"), "desk", ("account", "kind")),
        (table("a,b", "x,y"), "unknown", ("account", "time", "kind")),
        # a dog's name, a day of collection, kinds of posts as accounts
        (table("tweet_id,timestamp,text,name", "10#,@,this is a dog,Charlie"), "posts", ("account",)),
        (table("id,user_id,date,posted,text", "10#,7,2026-01-01,@,words"), "posts", ("time",)),
        (table("id,author,date,text", "10#,a#,2026-01-01,words"), "posts", ("time",)),
        (table("post_id,account,created_at,text", "10#,Photo,@,words of a post"), "posts", ("account",)),
    ],
)  # fmt: skip
def test_the_kind_of_a_table_and_what_is_doubtful(text, kind, doubts, write):
    with Source(write("t.csv", text)) as source:
        found = propose(source)
    assert (found.kind, found.doubts) == (kind, doubts), found.mapping


@pytest.mark.parametrize(
    ("header", "row", "kinds", "ref"),
    [
        ("id,user_id,created_at,text,repost_id", "10#,7,@,x,5", ["repost"], ("repost_id",)),
        ("id,user_id,created_at,text,retweeted_status_id,reply_id", "10#,7,@,x,5,", ["repost", "reply"],
         ("retweeted_status_id", "reply_id")),
        ("id,user_id,created_at,text,RT of", "10#,7,@,x,5", ["repost"], ("RT of",)),
        ("id,user_id,created_at,text,quote_id,in_reply_to", "10#,7,@,x,5,6", ["reply", "quote"],
         ("in_reply_to", "quote_id")),
    ],
)  # fmt: skip
def test_reposts_replies_and_quotes_are_proposed(header, row, kinds, ref, write):
    with Source(write("t.csv", table(header, row))) as source:
        found = propose(source).mapping
    assert [rule.kind for rule in found.kinds] == kinds and found.columns["ref_record_id"] == ref


@pytest.mark.parametrize(
    ("name", "zone"),
    [("Date (IST)", "Asia/Kolkata"), ("time_ist", "Asia/Kolkata"), ("timestamp_utc", "UTC"), ("date", None),
     ("distance date", None), ("list time", None)],
)  # fmt: skip
def test_a_zone_in_the_name_of_a_column_is_proposed(name, zone, bring, write):
    from spmc_tools.importers.mapping.guess import guess

    found = guess(["id", "user_id", "text", name])
    spec = found.times.get("created_at")
    assert (spec.tz if spec else None) == zone


def test_the_client_is_told_by_its_values(write):
    header = "id,user_id,created_at,text,source"
    for value, wanted in (("Twitter for Android", ("source",)), ("<a href=x>App</a>", ("source",)), ("BBC", None)):
        with Source(write("t.csv", table(header, f"10#,7,@,x,{value}"))) as source:
            assert propose(source).mapping.columns.get("client") == wanted


def test_what_is_no_list_of_posts_is_refused_with_what_it_is(bring, case, snapshot):
    before = snapshot()
    profiles = table(
        "id,name,screen_name,followers_count,friends_count,created_at,description", "#,N#,u#,5,6,@,about me"
    )
    with pytest.raises(MappingError, match="lists accounts, one a row, and no posts"):
        bring("p.csv", profiles, accept_guess=True)
    with pytest.raises(MappingError, match="lists links between two accounts each"):
        bring("e.csv", table("Source,Target,Weight", "a#,b#,3"), format="mapped_table")
    with pytest.raises(FormatError):
        bring("e.csv", table("Source,Target,Weight", "a#,b#,3"))
    assert snapshot() == before


def test_a_doubtful_account_is_never_used_by_itself(bring, case):
    text = table("tweet_id,timestamp,text,name", "10#,@,this is a dog,Charlie")
    with pytest.raises(MappingError, match=r"Not certain by names and values: account\. Check it; then save it as"):
        bring("d.csv", text, accept_guess=True)
    assert bring("d2.csv", POSTS, accept_guess=True).result.kept == 24


def test_ten_rows_are_shown_as_they_would_be_kept_and_what_is_left_out(bring):
    text = table("tweet_id,user_id,created_at,text,retweeted_status_id,score", "10#,7,@,words \x1b[31m #,5,9")
    with pytest.raises(MappingError) as error:
        bring("t.csv", text)
    said = str(error.value)
    shown = [line for line in said.split("\n") if line.startswith("  ")]
    assert len(shown) == 10 and "\x1b" not in said
    assert shown[0].startswith("  2: 101 | 7 | 2025-11-01 10:00:00 UTC | repost | 5 | words ")
    assert 'Columns that it leaves out: "score".' in said


def test_rows_that_cannot_be_shown_say_why(bring):
    text = table("tweet_id,user_id,created_at,text", "10#,7,@,x").replace("T10:00:00Z", " 10:00")
    with pytest.raises(MappingError, match=r"Its rows cannot be shown yet: .*--tz"):
        bring("t.csv", text)


def test_what_can_be_an_account_or_a_time():
    assert can_be_account(["a1", "b2"]) and can_be_account(None) and can_be_account(["Patna Police"])
    assert not can_be_account(["2025-11-01", "2025-11-02"]) and not can_be_account(["Photo", "Video"])
    assert not can_be_account(["a long text that runs on and on over many words here"] * 3)
    assert can_be_time(["01/02/2025", ""]) and not can_be_time(["no", "yes"])
    assert (
        is_enumeration(["Photo"])
        and is_enumeration(["A", "B"] * 20)
        and not is_enumeration([f"a{n}" for n in range(9)])
    )


@pytest.mark.parametrize(
    ("header", "rows", "wanted"),
    [
        ("id,user,Date,Time,text", ["1,a,06-11-2025,10:05,x", "2,b,13-11-2025,9:07 PM,y"],
         ["2025-11-06T10:05:00", "2025-11-13T21:07:00"]),
        ("id,user,दिनांक,समय,text", ["1,a,2025-11-06,10:05:09,x", "2,b,2025-11-13,,y"],
         ["2025-11-06T10:05:09", "2025-11-13T00:00:00"]),
    ],
)  # fmt: skip
def test_date_and_time_in_two_columns_are_one_time(header, rows, wanted, bring, write):
    """Days alone would be midnight: both columns are proposed, and the mapping that is shown says so."""
    text = "\n".join([header, *rows, ""])
    with pytest.raises(MappingError, match="joined = true"):
        bring("t.csv", text, tz="UTC")
    found = bring("t.csv", text, tz="UTC", accept_guess=True)
    assert [f"{r['created_at']:%Y-%m-%dT%H:%M:%S}" for r in found.records] == wanted


def test_days_and_clocks_of_a_workbook(bring):
    import io
    from datetime import date, datetime, time

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["id", "user", "Date", "Time", "text"])
    book.active.append(["1", "a", datetime(2025, 11, 6), time(10, 5), "x"])  # noqa: DTZ001
    book.active.append(["2", "b", date(2025, 11, 7), "9:07 pm", "y"])
    out = io.BytesIO()
    book.save(out)
    found = bring("t.xlsx", out.getvalue(), tz="UTC", accept_guess=True)
    assert [f"{r['created_at']:%d %H:%M}" for r in found.records] == ["06 10:05", "07 21:07"]


@pytest.mark.parametrize(
    "header",
    ["ट्वीट आईडी,खाते का नाम,तारीख और समय,संदेश का पाठ", "Post ki ID,Khata,Tarikh,Sandesh",
     "क्रमांक,यूज़र नेम,पोस्ट की तारीख,सामग्री", "post id,upyogkarta,dinank aur samay,paath"],
)  # fmt: skip
def test_columns_in_hindi_and_in_roman_letters(header, write):
    text = table(header, "10#,a#,2025-11-06 10:0#,कुछ शब्द", rows=5)
    with Source(write("t.csv", text)) as source:
        found = propose(source)
    assert set(found.mapping.columns) == {"record_id", "account_id", "created_at", "text"} and not found.by_content
