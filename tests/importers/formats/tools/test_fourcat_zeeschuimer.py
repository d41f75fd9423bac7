"""4CAT's CSV files and Zeeschuimer's NDJSON, platform by platform."""

from __future__ import annotations

import ast
import json
from datetime import UTC, datetime

import pytest

from spmc_tools.importers.formats.tools.fourcat import platform_of

AT = datetime(2024, 5, 1, 10, tzinfo=UTC)
COMMON = {
    "id": "5",
    "thread_id": "4",
    "body": "पाठ",
    "timestamp": "2024-05-01 10:00:00",
    "unix_timestamp": "1714557600",
}


def csv_of(row: dict) -> str:
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in (row, row.values())) + "\n"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            {
                "link": "https://x.com/a/status/5",
                "subject": "",
                "author": "asha",
                "author_fullname": "आशा",
                "author_id": "11",
                "author_followers": "7",
                "source": "App",
                "language_guess": "hi",
                "is_retweet": "yes",
                "retweeted_user": "ravi",
                "is_quote_tweet": "no",
                "quoted_user": "",
                "is_reply": "no",
                "replied_user": "",
                "hashtags": "चुनाव,b",
                "urls": "https://example.org/a",
                "mentions": "ravi",
                "images": "",
                "like_count": "1",
                "retweet_count": "2",
                "reply_count": "3",
                "impression_count": "4",
            },
            {
                "platform": "x",
                "account_id": "11",
                "kind": "repost",
                "ref_account_id": "ravi",
                "lang": "hi",
                "client": "App",
                "hashtags": ["चुनाव", "b"],
                "urls": ["https://example.org/a"],
                "mentions": ["ravi"],
                "url": "https://x.com/a/status/5",
                "metrics": {"likes": 1, "reposts": 2, "replies": 3, "views": 4},
            },
        ),
        (
            {
                "author": "asha.example",
                "author_id": "did:plc:a",
                "author_display_name": "आशा",
                "replied_to_post": "at://p",
                "replied_to_user": "did:plc:r",
                "quoted_post": "",
                "link": "https://bsky.app/x",
                "tags": "b",
                "links": "",
                "like_count": "1",
                "repost_count": "2",
                "languages": "hi",
            },
            {
                "platform": "bluesky",
                "account_id": "did:plc:a",
                "kind": "reply",
                "ref_record_id": "at://p",
                "ref_account_id": "did:plc:r",
                "url": "https://bsky.app/x",
                "hashtags": ["b"],
                "lang": "hi",
                "metrics": {"likes": 1, "reposts": 2, "replies": None, "views": None},
            },
        ),
        (
            {
                "author": "asha",
                "author_full": "आशा",
                "author_followers": "7",
                "tiktok_url": "https://tiktok.com/1",
                "likes": "1",
                "shares": "2",
                "comments": "3",
                "plays": "4",
                "hashtags": "b",
            },
            {
                "platform": "tiktok",
                "account_id": "asha",
                "kind": "post",
                "url": "https://tiktok.com/1",
                "hashtags": ["b"],
                "metrics": {"likes": 1, "reposts": 2, "replies": 3, "views": 4},
            },
        ),
        (
            {
                "author": "asha",
                "author_full": "आशा",
                "post_id": "9",
                "post_url": "u",
                "comment_url": "https://t/5",
                "is_liked_by_post_author": "no",
                "likes": "1",
                "replies": "0",
            },
            {
                "platform": "tiktok",
                "account_id": "asha",
                "kind": "comment",
                "url": "u",
                "surface_id": "9",
                "ref_record_id": "9",
                "metrics": {"likes": 1, "reposts": None, "replies": 0, "views": None},
            },
        ),
        (
            {
                "author": "11",
                "author_username": "asha",
                "chat": "समूह",
                "is_reply": "yes",
                "reply_to": "3",
                "views": "4",
                "author_forwarded_from_name": "",
                "entities_linked": "https://example.org/a",
            },
            {
                "platform": "telegram",
                "account_id": "11",
                "kind": "reply",
                "surface_id": "समूह",
                "ref_record_id": "3",
                "urls": ["https://example.org/a"],
                "metrics": {"likes": None, "reposts": None, "replies": None, "views": 4},
            },
        ),
    ],
)
def test_a_row_of_4cat(more, expected, bring):
    found = bring("4cat.csv", csv_of({**COMMON, **more}))
    assert found.result.format == "fourcat_csv"
    assert found.records == [
        {
            "record_id": "5",
            "conversation_id": "4",
            "text": "पाठ",
            "created_at": AT,
            "time_precision_s": 1.0,
            "source_row": 2,
            **expected,
        }
    ]
    assert found.accounts[0]["handle"] == more.get("author_username", more["author"])


def test_every_layout_of_the_list_is_told(shared_data):
    """The list names a platform before its columns; those that 4CAT itself calls a test are none."""
    text = (shared_data / "formats" / "4cat_csv_fields.txt").read_text(encoding="utf-8")
    told = {}
    for line in text.splitlines():
        name, _, rest = line.partition(" ")
        told[name] = platform_of(tuple(ast.literal_eval(rest[rest.index("[") :])))
    assert {name for name, found in told.items() if found is None} == {"test"}
    wrong = {name: found for name, found in told.items() if found is not None and found[0] != name}
    assert not wrong


def item(platform: str, data: dict, **more) -> dict:
    base = {
        "nav_index": "1:1",
        "item_id": "5",
        "timestamp_collected": 1714557600000,
        "source_platform": platform,
        "source_platform_url": "https://example.org",
        "source_url": "https://example.org",
        "user_agent": "SECRET",
        "data": data,
    }
    return {**base, **more}


TIKTOK = {
    "id": "5",
    "createTime": 1714557600,
    "desc": "पाठ #चुनाव",
    "challenges": [{"title": "चुनाव"}],
    "token": "SECRET",
    "author": {"id": "11", "uniqueId": "asha", "nickname": "आशा", "signature": "b", "verified": True},
    "authorStats": {"followerCount": 7, "followingCount": 8, "videoCount": 9},
    "textExtra": [{"userId": "12"}],
    "stats": {"diggCount": 1, "shareCount": 2, "commentCount": 3, "playCount": 4},
    "video": {"cover": "https://example.org/p.jpg"},
}
X = {
    "rest_id": "5",
    "core": {
        "user_results": {
            "result": {"rest_id": "11", "legacy": {"screen_name": "asha", "name": "आशा", "followers_count": 7}}
        }
    },
    "legacy": {
        "id_str": "5",
        "created_at": "Wed May 01 10:00:00 +0000 2024",
        "full_text": "RT @r: …",
        "conversation_id_str": "4",
        "favorite_count": 1,
        "retweet_count": 2,
        "reply_count": 3,
        "entities": {"hashtags": []},
        "retweeted_status_result": {
            "result": {
                "rest_id": "3",
                "core": {"user_results": {"result": {"rest_id": "12"}}},
                "legacy": {"id_str": "3", "full_text": "मूल #चुनाव", "entities": {"hashtags": [{"text": "चुनाव"}]}},
            }
        },
    },
    "views": {"count": "44"},
}


def test_zeeschuimer(bring):
    comment = {"cid": "6", "create_time": 1714557600, "text": "हाँ", "aweme_id": "5", "reply_id": "0", "digg_count": 1,
               "user": {"uid": "12", "unique_id": "ravi", "nickname": "R"}}  # fmt: skip
    picture = {"code": "C1", "taken_at": 1714557600, "caption": {"text": "चित्र"}, "like_count": 1, "comment_count": 2,
               "user": {"pk": "13", "username": "insta", "full_name": "I", "is_verified": False},
               "image_versions2": {"candidates": [{"url": "https://example.org/i.jpg"}]}}  # fmt: skip
    lines = [
        item("tiktok.com", TIKTOK),
        item("tiktok-comments", comment),
        item("twitter.com", X),
        item("instagram.com", picture),
        item("linkedin.com", {"session": "SECRET"}),
        item("tiktok.com", {**TIKTOK, "author": {}}),
    ]
    found = bring("z.ndjson", lines)
    assert (found.result.format, found.result.kept, found.result.refused) == ("zeeschuimer", 4, 2)
    video, answer, share, post = found.records
    assert video == {
        "record_id": "5",
        "platform": "tiktok",
        "account_id": "11",
        "created_at": AT,
        "time_precision_s": 1.0,
        "kind": "post",
        "url": "https://www.tiktok.com/@asha/video/5",
        "text": "पाठ #चुनाव",
        "hashtags": ["चुनाव"],
        "mentions": ["12"],
        "media": [{"url": "https://example.org/p.jpg", "sha256": None, "phash": None}],
        "collected_at": AT,
        "metrics": {"likes": 1, "reposts": 2, "replies": 3, "views": 4},
        "source_row": 1,
    }
    assert (answer["kind"], answer["ref_record_id"], answer["account_id"]) == ("comment", "5", "12")
    assert (share["kind"], share["ref_record_id"], share["ref_account_id"]) == ("repost", "3", "12")
    assert (share["text"], share["hashtags"], share["conversation_id"], share["metrics"]["views"]) == (
        "मूल #चुनाव",
        ["चुनाव"],
        "4",
        44,
    )
    assert (post["record_id"], post["text"], post["account_id"], post["url"]) == (
        "C1",
        "चित्र",
        "13",
        "https://www.instagram.com/p/C1/",
    )
    assert found.accounts[0] == {
        "account_id": "11", "platform": "tiktok", "handle": "asha", "display_name": "आशा", "description": "b",
        "followers": 7, "following": 8, "posts": 9, "verified": True, "observed_at": AT, "source_row": 1,
    }  # fmt: skip
    assert [r["reason"] for r in found.refused] == [
        '"linkedin.com": this importer reads instagram.com, tiktok-comments, tiktok.com, twitter.com, x.com',
        "the object does not say who posted it",
    ]  # fmt: skip


def test_what_zeeschuimer_saw_of_the_viewer_is_in_no_table(bring, case):
    bring(
        "z.ndjson",
        [item("linkedin.com", {"session": "SECRET"}), item("tiktok.com", TIKTOK), item("tiktok.com", {"t": "SECRET"})],
    )
    for name in ("records", "accounts", "refused"):
        assert "SECRET" not in json.dumps(case.table(name).to_pylist(), default=str)


def test_a_broken_line_of_zeeschuimer_keeps_nothing_of_the_viewer(bring, case, write):
    good = json.dumps(item("tiktok.com", TIKTOK))
    found = bring("z.ndjson", f'{good}\n{good[:-1]}\n{good.replace("tiktok.com", "odd")[:-1]}, "x": }}\n')
    assert found.result.refused == 2
    assert "SECRET" not in json.dumps(case.table("refused").to_pylist(), default=str)
