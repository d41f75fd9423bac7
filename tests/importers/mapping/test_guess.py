"""What is proposed from the names of columns."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.mapping.guess import guess, has_essentials
from spmc_tools.importers.mapping.mapping import KindRule, load_mapping, to_toml


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "text,created,replyToSID,id,replyToUID,screenName,isRetweet",
            "record_id=id account_id=screenName created_at=created ref_record_id=replyToSID",
        ),
        (
            "id,replyCount,likeCount,publishedAt,authorName,text,authorChannelId,isReply",
            "record_id=id account_id=authorChannelId created_at=publishedAt replies=replyCount",
        ),
        (
            "object_id,account_id,content_id,timestamp_share",
            "record_id=content_id account_id=account_id created_at=timestamp_share ref_record_id=object_id",
        ),
        ("COMMENT_ID,AUTHOR,DATE,CONTENT,CLASS", "record_id=COMMENT_ID account_id=AUTHOR created_at=DATE text=CONTENT"),
    ],
)  # fmt: skip
def test_known_headers(header, expected):
    names = header.split(",")
    assert has_essentials(names)
    columns = guess(names).columns
    wanted = dict(pair.split("=") for pair in expected.split())
    assert {field: columns[field][0] for field in wanted} == wanted


def test_no_column_is_given_twice_and_none_that_stands_twice():
    found = guess(["id", "user_id", "user_id", "username", "created_at", "created_at", "date"])
    assert (found.columns["account_id"], found.columns["created_at"]) == (("username",), ("date",))
    named = [h for hs in (*found.columns.values(), *found.accounts.values()) for h in hs]
    assert len(named) == len(set(named))


def test_kinds_and_missing_words():
    header = ["id", "user_id", "date", "is_retweet", "in_reply_to_status_id", "text"]
    found = guess(header, {"in_reply_to_status_id": ["NA", "5"], "text": ["null"]})
    assert found.kinds[0].kind == "repost" and "true" in found.kinds[0].equals
    assert found.kinds[1] == KindRule("reply", "in_reply_to_status_id")
    assert found.missing == ("NA",)
    assert guess(["object_id", "account_id", "date"]).kind == "repost"


def test_nothing_is_guessed_without_account_and_time():
    assert not has_essentials(["id", "text"]) and not has_essentials(["user_id", "text"]) and not has_essentials([])


def test_what_is_proposed_can_be_saved_and_read(tmp_path):
    header = ["id", 'user "id"', "user_id\t\u202e", "username", "created_at", "is_retweet"]
    found = guess(header)
    path = tmp_path / "m.toml"
    path.write_text(to_toml(found), encoding="utf-8")
    assert "\u202e" not in to_toml(found)
    assert load_mapping(path) == found


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "Post No|Page Id|Page Name|Posted On|Message|Link|Reactions|Shares|Comments",
            "record_id=Post No|account_id=Page Id|created_at=Posted On|text=Message|url=Link|likes=Reactions|"
            "reposts=Shares|replies=Comments",
        ),
        (
            "Post ID|Page ID|Page name|Title|Description|Publish time|Permalink|Reactions|Comments|Shares|Views",
            "record_id=Post ID|account_id=Page ID|created_at=Publish time|text=Description|url=Permalink|views=Views",
        ),
        (
            "पोस्ट आईडी|खाता|दिनांक|संदेश|लिंक|पसंद|शेयर|टिप्पणी",
            "record_id=पोस्ट आईडी|account_id=खाता|created_at=दिनांक|text=संदेश|url=लिंक|likes=पसंद|"
            "reposts=शेयर|replies=टिप्पणी",
        ),
        ("uri|author_did|created_at|text", "record_id=uri|account_id=author_did|created_at=created_at|text=text"),
    ],
)
def test_own_exports_hindi_heads_and_bluesky(header, expected):
    names = header.split("|")
    assert has_essentials(names)
    columns = guess(names).columns
    wanted = dict(pair.split("=") for pair in expected.split("|"))
    assert {field: columns[field][0] for field in wanted} == wanted


def test_the_platform_of_a_guess():
    assert guess(["uri", "author_did", "created_at"]).constants == {"platform": "bluesky"}


@pytest.mark.parametrize(
    ("header", "words", "kinds"),
    [
        ("kind", "post,repost,reply,post", "post repost reply post"),
        ("Tweet type", "Tweet,Retweet,Quoted,REPLY", "post repost quote reply"),
        ("type", "original,retweeted,replied_to,", "post repost reply post"),
    ],
)
def test_a_column_that_says_in_words_what_a_row_is_gives_its_kind(case, write, header, words, kinds):
    rows = [f"{n},a{n},2025-11-03T10:0{n}:00Z,text {n},{word},o{n}" for n, word in enumerate(words.split(","))]
    path = write("t.csv", "\n".join([f"post_id,user_id,created_at,text,{header},ref_record_id", *rows]) + "\n")
    [result] = import_files(case, [path], accept_guess=True)
    kept = case.table("records").sort_by("record_id").to_pylist()
    assert " ".join(row["kind"] for row in kept) == kinds
    assert [row["ref_record_id"] for row in kept if row["kind"] != "post"] == [
        f"o{n}" for n, kind in enumerate(kinds.split()) if kind != "post"
    ]
    assert "leaves out" not in result.note


def test_a_column_that_says_anything_else_is_left_out_and_said(case, write):
    text = "post_id,user_id,created_at,text,type\n1,a,2025-11-03T10:00:00Z,x,repost\n2,b,2025-11-03T10:01:00Z,y,Photo\n"
    [result] = import_files(case, [write("t.csv", text)], accept_guess=True)
    assert {row["kind"] for row in case.table("records").to_pylist()} == {"post"}
    assert 'columns that it leaves out: "type"' in result.note


def test_reposts_of_a_real_table_stay_reposts(case, shared_data):
    path = shared_data / "real" / "attributed_2015.parquet"
    if not path.is_file():
        pytest.skip("the real tables are not here")
    import_files(case, [path], accept_guess=True)
    given = pq.read_table(path, columns=["record_id", "kind", "ref_record_id"]).to_pylist()
    kept = {row["record_id"]: row for row in case.table("records").to_pylist()}
    assert len(kept) == len(given)
    assert all(kept[row["record_id"]]["kind"] == row["kind"] for row in given)
    assert all(kept[row["record_id"]]["ref_record_id"] == row["ref_record_id"] for row in given if row["ref_record_id"])
