"""Tables of X: each known layout on hand-written rows, cell by cell."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

TWINT = {
    "id": 101,
    "conversation_id": "90",
    "created_at": "2021-07-21 11:33:47 IST",
    "date": "2021-07-21",
    "time": "11:33:47",
    "timezone": "+0530",
    "user_id": 841331795744444416,
    "username": "asha",
    "name": "आशा",
    "place": "",
    "tweet": "मतदान",
    "language": "hi",
    "mentions": [{"screen_name": "ravi", "name": "R", "id": "12"}],
    "urls": ["https://example.org/a"],
    "photos": ["https://example.org/p.jpg"],
    "replies_count": 1,
    "retweets_count": 2,
    "likes_count": 3,
    "hashtags": ["चुनाव"],
    "cashtags": [],
    "link": "https://twitter.com/asha/status/101",
    "retweet": False,
    "quote_url": "",
    "video": 0,
    "thumbnail": "",
    "near": "",
    "geo": "",
    "source": "",
    "user_rt_id": "",
    "user_rt": "",
    "retweet_id": "",
    "reply_to": [{"screen_name": "ravi", "name": "R", "id": "12"}],
    "retweet_date": "",
    "translate": "",
    "trans_src": "",
    "trans_dest": "",
}
EXPECTED = {
    "record_id": "101", "platform": "x", "url": "https://twitter.com/asha/status/101",
    "account_id": "841331795744444416", "created_at": datetime(2021, 7, 21, 6, 3, 47, tzinfo=UTC),
    "time_precision_s": 1.0, "kind": "reply", "text": "मतदान", "lang": "hi", "ref_account_id": "12",
    "conversation_id": "90", "urls": ["https://example.org/a"], "hashtags": ["चुनाव"], "mentions": ["12"],
    "media": [{"url": "https://example.org/p.jpg", "sha256": None, "phash": None}],
    "metrics": {"likes": 3, "reposts": 2, "replies": 1, "views": None},
}  # fmt: skip


def csv_of(rows: list[dict], mark: str = ",") -> str:
    def cell(value: object) -> str:
        text = str(value)
        return '"' + text.replace('"', '""') + '"' if any(c in text for c in (mark, '"', "\n", "\r")) else text

    return "\n".join(mark.join(map(cell, row)) for row in [list(rows[0]), *(r.values() for r in rows)]) + "\n"


def test_twint_tells_the_same_as_lines_and_as_table(bring):
    [row] = bring("t.jsonl", [TWINT]).records
    assert row == {**EXPECTED, "source_row": 1}
    as_table = {**TWINT, "timezone": "530", "id": "102"}
    found = bring("t.tsv", csv_of([as_table], "\t"))
    assert found.result.format == "twint"
    assert found.records[1] == {**EXPECTED, "record_id": "102", "source_row": 2}
    assert [(a["handle"], a["display_name"]) for a in found.accounts] == [("asha", "आशा")] * 2


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"conversation_id": "101", "reply_to": []}, ("post", None, None)),
        ({"retweet": True, "retweet_id": "50", "user_rt_id": "12"}, ("repost", "50", "12")),
        (
            {"conversation_id": "101", "quote_url": "https://twitter.com/ravi/status/50"},
            ("quote", "50", None),
        ),
    ],
)
def test_kinds_of_twint(more, expected, bring):
    [row] = bring("t.jsonl", [{**TWINT, **more}]).records
    assert (row["kind"], row.get("ref_record_id"), row.get("ref_account_id")) == expected


MINET = {
    "id": "101", "timestamp_utc": "1610005273.0", "local_time": "2021-01-07T08:41:13", "user_screen_name": "asha",
    "text": "RT @ravi: मूल", "retweet_count": "2", "like_count": "3", "reply_count": "", "impression_count": "9",
    "lang": "hi", "to_username": "", "to_userid": "", "to_tweetid": "", "source_name": "App", "user_id": "11",
    "user_name": "आशा", "user_verified": "0", "user_description": "पटना", "user_tweets": "9", "user_followers": "7",
    "user_friends": "8", "user_timestamp_utc": "1336836750.0", "user_location": "Patna", "retweeted_id": "50",
    "retweeted_user": "ravi", "retweeted_user_id": "12", "quoted_id": "", "quoted_user_id": "",
    "collection_time": "2021-01-07T10:18:11", "url": "https://twitter.com/asha/status/101",
    "links": "https://example.org/a|https://example.org/b", "media_urls": "", "mentioned_names": "ravi",
    "mentioned_ids": "12", "hashtags": "चुनाव|bihar",
}  # fmt: skip
MINET_EXPECTED = {
    "record_id": "101", "platform": "x", "url": "https://twitter.com/asha/status/101", "account_id": "11",
    "created_at": datetime(2021, 1, 7, 7, 41, 13, tzinfo=UTC), "time_precision_s": 1.0, "kind": "repost",
    "text": "मूल", "lang": "hi", "ref_record_id": "50", "ref_account_id": "12",
    "urls": ["https://example.org/a", "https://example.org/b"], "hashtags": ["चुनाव", "bihar"], "mentions": ["12"],
    "client": "App", "metrics": {"likes": 3, "reposts": 2, "replies": None, "views": 9}, "source_row": 2,
}  # fmt: skip


def test_minet(bring):
    found = bring("m.csv", csv_of([MINET]))
    assert (found.result.format, found.records) == ("minet_x", [MINET_EXPECTED])
    assert found.accounts == [
        {
            "account_id": "11", "platform": "x", "handle": "asha", "display_name": "आशा", "description": "पटना",
            "created_at": datetime(2012, 5, 12, 15, 32, 30, tzinfo=UTC), "followers": 7, "following": 8, "posts": 9,
            "verified": False, "location_text": "Patna", "source_row": 2,
        }
    ]  # fmt: skip


def test_gazouilloire_lines_hold_the_same_inside(bring):
    inside = {**MINET, "links": MINET["links"].split("|"), "hashtags": ["चुनाव", "bihar"], "mentioned_ids": ["12"]}
    inside = {k: None if v == "" else v for k, v in inside.items() if k != "id"}
    found = bring("g.jsonl", [{"_index": "t", "_type": "_doc", "_id": "101", "_source": inside}])
    assert found.result.format == "gazouilloire_jsonl"
    assert found.records == [{**MINET_EXPECTED, "source_row": 1}]


def test_twarc_csv(bring):
    row = {
        "id": "101",
        "conversation_id": "90",
        "referenced_tweets.replied_to.id": "50",
        "referenced_tweets.retweeted.id": "",
        "referenced_tweets.quoted.id": "",
        "author_id": "11",
        "in_reply_to_user_id": "12",
        "retweeted_user_id": "",
        "quoted_user_id": "",
        "created_at": "2021-04-08T15:07:30.000Z",
        "text": "पाठ",
        "lang": "hi",
        "source": "App",
        "public_metrics.like_count": "3",
        "public_metrics.retweet_count": "2",
        "public_metrics.reply_count": "1",
        "entities.hashtags": json.dumps([{"tag": "चुनाव"}]),
        "entities.mentions": json.dumps([{"username": "ravi", "id": "12"}]),
        "entities.urls": json.dumps([{"url": "https://t.co/a", "expanded_url": "https://example.org/a"}]),
        "author.username": "asha",
        "author.public_metrics.followers_count": "7",
        "author.created_at": "2015-03-01T10:00:00.000Z",
        "__twarc.retrieved_at": "2021-04-09T00:00:00+00:00",
    }
    found = bring("t.csv", csv_of([row]))
    assert found.result.format == "twarc_csv"
    assert found.records == [
        {
            "record_id": "101", "platform": "x", "account_id": "11", "kind": "reply", "text": "पाठ", "lang": "hi",
            "created_at": datetime(2021, 4, 8, 15, 7, 30, tzinfo=UTC), "time_precision_s": 1.0, "ref_record_id": "50",
            "ref_account_id": "12", "conversation_id": "90", "client": "App", "hashtags": ["चुनाव"], "mentions": ["12"],
            "urls": ["https://example.org/a"], "metrics": {"likes": 3, "reposts": 2, "replies": 1, "views": None},
            "collected_at": datetime(2021, 4, 9, tzinfo=UTC), "source_row": 2,
        }
    ]  # fmt: skip
    assert found.accounts[0]["followers"] == 7 and found.accounts[0]["observed_at"] == datetime(2021, 4, 9, tzinfo=UTC)


def test_x_information_operations(bring):
    row = {
        "tweetid": "1", "userid": "h1", "user_display_name": "N", "user_screen_name": "handle",
        "user_reported_location": "Patna", "user_profile_description": "bio", "user_profile_url": "",
        "follower_count": "7", "following_count": "8", "account_creation_date": "2013-12-07", "account_language": "en",
        "tweet_language": "hi", "tweet_text": "पाठ", "tweet_time": "2015-03-15 21:10", "tweet_client_name": "App",
        "in_reply_to_userid": "", "in_reply_to_tweetid": "", "quoted_tweet_tweetid": "", "is_retweet": "True",
        "retweet_userid": "h2", "retweet_tweetid": "50", "latitude": "absent", "longitude": "absent",
        "quote_count": "0", "reply_count": "1", "like_count": "2", "retweet_count": "3",
        "hashtags": "['चुनाव', 'b']", "urls": "['https://example.org/a']", "user_mentions": "['h2']",
        "poll_choices": "",
    }  # fmt: skip
    found = bring("x_tweets_csv_hashed.csv", csv_of([row]))
    assert found.result.format == "x_information_operations"
    assert found.records == [
        {
            "record_id": "1",
            "platform": "x",
            "account_id": "h1",
            "created_at": datetime(2015, 3, 15, 21, 10, tzinfo=UTC),
            "time_precision_s": 60.0,
            "kind": "repost",
            "text": "पाठ",
            "lang": "hi",
            "ref_record_id": "50",
            "ref_account_id": "h2",
            "urls": ["https://example.org/a"],
            "hashtags": ["चुनाव", "b"],
            "mentions": ["h2"],
            "client": "App",
            "metrics": {"likes": 2, "reposts": 3, "replies": 1, "views": None},
            "source_row": 2,
        }
    ]
    [account] = found.accounts
    assert (account["handle"], account["followers"], account["location_text"]) == ("handle", 7, "Patna")
    assert account["created_at"] == datetime(2013, 12, 7, tzinfo=UTC)


R_HEADER = (
    "text,favorited,favoriteCount,replyToSN,created,truncated,replyToSID,id,replyToUID,statusSource,screenName,"
    "retweetCount,isRetweet,retweeted,longitude,latitude"
)


def test_r_escapes_returns_and_lost_ids(bring):
    rows = [
        '"<U+0915><U+0930>ो\rदूसरी",FALSE,1,NA,2017-03-25 10:00:00,FALSE,NA,8.29E+17,NA,App,asha,2,FALSE,FALSE,NA,NA',
        "a,FALSE,1,ravi,2017-03-25 10:00:01,FALSE,5,845000000000000001,12,App,asha,2,FALSE,FALSE,NA,NA",
        "RT @r: b,FALSE,1,NA,2017-03-25 10:00:02,FALSE,NA,845000000000000002,NA,App,ravi,2,TRUE,FALSE,NA,NA",
    ]
    found = bring("r.csv", "\n".join([R_HEADER, *rows]) + "\n")
    first, second, third = found.records
    assert found.result.format == "twitter_r" and "1 texts with letters written as <U+0915>" in found.result.note
    assert first["text"] == "करो\rदूसरी"
    assert (
        first["record_id"] == f"row-{found.result.sha256[:8]}-2" and "lost digits in a spreadsheet" in found.result.note
    )
    assert (second["kind"], second["ref_record_id"], second["ref_account_id"]) == ("reply", "5", "12")
    assert third["kind"] == "repost" and third["created_at"] == datetime(2017, 3, 25, 10, 0, 2, tzinfo=UTC)
