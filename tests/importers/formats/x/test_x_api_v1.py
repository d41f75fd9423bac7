"""X API v1.1 and X's archive, on hand-written statuses."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

AT = datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)
USER = {
    "id": 11, "id_str": "11", "screen_name": "asha", "name": "आशा", "description": "पटना", "location": "Patna",
    "followers_count": 7, "friends_count": 8, "statuses_count": 9, "verified": False,
    "created_at": "Wed Aug 16 18:33:34 +0000 2017",
}  # fmt: skip
BASE = {
    "id": 100,
    "id_str": "100",
    "created_at": "Wed Oct 10 20:19:24 +0000 2018",
    "full_text": "मतदान आज",
    "lang": "hi",
    "source": '<a href="https://example.org" rel="nofollow">App</a>',
    "favorite_count": 3,
    "retweet_count": 2,
    "reply_count": 1,
    "user": USER,
    "entities": {
        "hashtags": [{"text": "चुनाव"}],
        "urls": [{"url": "https://t.co/a", "expanded_url": "https://example.org/a"}],
        "user_mentions": [{"id_str": "12", "screen_name": "ravi"}, {"screen_name": "noid"}],
    },
    "extended_entities": {
        "media": [
            {"media_url_https": "https://example.org/p.jpg"},
            {
                "media_url_https": "https://example.org/f.jpg",
                "video_info": {
                    "variants": [
                        {"url": "https://example.org/s.mp4", "bitrate": 1},
                        {"url": "https://example.org/l.mp4", "bitrate": 9},
                        {"url": "https://example.org/x.m3u8"},
                    ]
                },
            },
        ]
    },
}


def status(number: int = 100, **more) -> dict:
    return {**BASE, "id": number, "id_str": str(number), **more}


def test_every_column(bring):
    found = bring("x.json", json.dumps(status(), indent=1))
    assert found.result.format == "x_api_v1"
    assert found.records == [
        {
            "record_id": "100", "platform": "x", "url": "https://x.com/i/web/status/100", "account_id": "11",
            "created_at": AT, "time_precision_s": 1.0, "kind": "post", "text": "मतदान आज", "lang": "hi",
            "urls": ["https://example.org/a"], "hashtags": ["चुनाव"], "mentions": ["12", "noid"],
            "media": [
                {"url": "https://example.org/p.jpg", "sha256": None, "phash": None},
                {"url": "https://example.org/l.mp4", "sha256": None, "phash": None},
            ],
            "client": "App", "metrics": {"likes": 3, "reposts": 2, "replies": 1, "views": None}, "source_row": 1,
        }
    ]  # fmt: skip
    assert found.accounts == [
        {
            "account_id": "11", "platform": "x", "handle": "asha", "display_name": "आशा", "followers": 7,
            "following": 8, "posts": 9, "verified": False, "description": "पटना", "location_text": "Patna",
            "created_at": datetime(2017, 8, 16, 18, 33, 34, tzinfo=UTC), "source_row": 1,
        }
    ]  # fmt: skip


def test_kinds_and_whose_text_it_is(bring):
    ravi = {**USER, "id": 12, "id_str": "12", "screen_name": "ravi"}
    original = status(50, user=ravi, full_text="cut…", extended_tweet={"full_text": "पूरा पाठ", "entities": {}})
    found = bring(
        "x.jsonl",
        [
            status(1, full_text="RT @ravi: cut…", retweeted_status=original),
            status(2, in_reply_to_status_id_str="50", in_reply_to_user_id_str="12"),
            status(3, quoted_status=original, quoted_status_id_str="50"),
            status(4, quoted_status_id_str="51"),
            status(5, in_reply_to_user_id_str="12"),
        ],
    )
    assert [(r["kind"], r.get("ref_record_id"), r.get("ref_account_id")) for r in found.records] == [
        ("repost", "50", "12"), ("reply", "50", "12"), ("quote", "50", "12"), ("quote", "51", None),
        ("reply", None, "12"),
    ]  # fmt: skip
    assert found.records[0]["text"] == "पूरा पाठ" and "hashtags" not in found.records[0]
    assert {a["handle"] for a in found.accounts} == {"asha", "ravi"}


def test_answers_to_a_search_users_and_what_is_no_post(bring):
    lines = [{"statuses": [status(1), status(2)]}, USER, {**USER}, {"delete": {"status": {"id": 5}}}, {"odd": 1},
             status(3, created_at="soon"), status(4, user={})]  # fmt: skip
    found = bring("x.jsonl", lines)
    assert (found.result.read, found.result.kept, found.result.duplicates, found.result.refused) == (8, 2, 2, 4)
    assert [r["reason"] for r in found.refused] == [
        "a notice of the stream (a deletion or a limit), not a post", 'no post: it has the fields "odd"',
        'created_at is no time: "soon"', "the post does not say who wrote it (no user)",
    ]  # fmt: skip


ARCHIVED = {
    k: v for k, v in status(7, favorite_count="3", retweet_count="2").items() if k not in {"user", "reply_count"}
}
TWEETS = "window.YTD.tweets.part0 = " + json.dumps(
    [{"tweet": ARCHIVED}, {"tweet": {**ARCHIVED, "id_str": "8"}}], indent=2
)
ACCOUNT = (
    'window.YTD.account.part0 = [{"account": {"accountId": "11", "username": "asha", "accountDisplayName": "आशा"}}]'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_lone_file_of_an_archive_names_no_account(encoding, bring):
    found = bring("tweets.js", TWEETS.encode(encoding))
    assert (found.result.format, found.result.read, found.result.kept) == ("x_archive", 2, 2)
    [owner] = {r["account_id"] for r in found.records}
    assert owner == f"archive-{found.result.sha256[:12]}" and owner in found.result.note
    assert [r["source_row"] for r in found.records] == [1, 2]
    assert found.records[0]["metrics"] == {"likes": 3, "reposts": 2, "replies": None, "views": None}
    assert found.accounts == []


def test_the_whole_archive_does(bring):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in (
            ("data/account.js", ACCOUNT),
            ("data/tweets.js", TWEETS),
            ("data/direct-messages.js", "window.YTD.dm.part0 = []"),
            ("Your archive.html", "<html></html>"),
            ("data/tweets_media/1.jpg", "x"),
        ):
            archive.writestr(name, text)
    found = bring("twitter-archive.zip", out.getvalue())
    assert [r["account_id"] for r in found.records] == ["11", "11"]
    assert [(a["account_id"], a["handle"], a["display_name"]) for a in found.accounts] == [("11", "asha", "आशा")]
    assert found.result.note == (
        "not imported: direct messages (1 file: private messages, of other people too; they are not imported)"
    )
