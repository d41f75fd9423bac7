"""Mastodon's API and Reddit's posts and comments, on hand-written objects."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from spmc_tools.importers.files.page_text import seen_text

ACCOUNT = {
    "id": "11", "username": "asha", "acct": "asha@example.org", "display_name": "आशा", "note": "<p>पटना</p>",
    "created_at": "2024-01-01T00:00:00.000Z", "followers_count": 7, "following_count": 8, "statuses_count": 9,
}  # fmt: skip
STATUS = {
    "id": "100", "created_at": "2025-11-06T04:05:06.789Z", "visibility": "public", "account": ACCOUNT,
    "content": "<p>मतदान<br>आज &amp; कल</p><p>दूसरा <a href=\"https://example.org/a\">कड़ी</a></p>", "language": "hi",
    "url": "https://example.org/@asha/100", "uri": "u", "reblog": None, "in_reply_to_id": None,
    "in_reply_to_account_id": None, "edited_at": "2025-11-06T05:00:00.000Z", "favourites_count": 3, "reblogs_count": 2,
    "replies_count": 1, "tags": [{"name": "चुनाव"}], "mentions": [{"id": "12", "acct": "ravi"}, {"acct": "noid"}],
    "media_attachments": [{"url": "https://example.org/p.jpg"}], "card": {"url": "https://example.org/a"},
    "application": {"name": "App"},
}  # fmt: skip


def test_a_status(bring):
    found = bring("m.json", json.dumps([STATUS]))
    assert (found.result.format, found.records) == (
        "mastodon",
        [
            {
                "record_id": "100", "platform": "mastodon", "url": "https://example.org/@asha/100", "account_id": "11",
                "created_at": datetime(2025, 11, 6, 4, 5, 6, 789000, tzinfo=UTC), "time_precision_s": 0.001,
                "kind": "post", "text": "मतदान\nआज & कल\n\nदूसरा कड़ी", "lang": "hi",
                "edited_at": datetime(2025, 11, 6, 5, tzinfo=UTC), "urls": ["https://example.org/a"],
                "hashtags": ["चुनाव"], "mentions": ["12", "noid"], "client": "App",
                "media": [{"url": "https://example.org/p.jpg", "sha256": None, "phash": None}],
                "metrics": {"likes": 3, "reposts": 2, "replies": 1, "views": None}, "source_row": 1,
            }
        ],
    )  # fmt: skip
    assert found.accounts == [
        {
            "account_id": "11", "platform": "mastodon", "handle": "asha@example.org", "display_name": "आशा",
            "description": "पटना", "created_at": datetime(2024, 1, 1, tzinfo=UTC), "followers": 7, "following": 8,
            "posts": 9, "source_row": 1,
        }
    ]  # fmt: skip


def test_boosts_replies_quotes_and_searches(bring):
    ravi = {**ACCOUNT, "id": "12", "acct": "ravi"}
    original = {**STATUS, "id": "50", "account": ravi}
    boost = {**STATUS, "id": "101", "content": "", "reblog": original, "tags": []}
    reply = {**STATUS, "id": "102", "in_reply_to_id": "50", "in_reply_to_account_id": "12"}
    quote = {**STATUS, "id": "103", "quote": {"quoted_status": original}}
    found = bring(
        "m.jsonl",
        [boost, {"statuses": [reply, quote], "accounts": [], "hashtags": []}, ACCOUNT, {**STATUS, "created_at": 1}],
    )
    assert [(r["kind"], r["ref_record_id"], r["ref_account_id"]) for r in found.records] == [
        ("repost", "50", "12"), ("reply", "50", "12"), ("quote", "50", "12"),
    ]  # fmt: skip
    assert found.records[0]["hashtags"] == ["चुनाव"] and found.records[0]["text"].startswith("मतदान")
    assert (found.result.kept, found.result.duplicates, found.result.refused) == (3, 1, 1)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br/>b", "a\nb"),
        ("<script>x</script>a", "xa"),
        ("", None),
        (None, None),
        ("a &lt;b&gt; c", "a <b> c"),
        ("<p></p>", None),
        ("<<<", "<<<"),
        ("<p>a<b>b</b>c</p>d", "abcd"),
    ],
)
def test_what_a_reader_sees(html, text):
    assert seen_text(html) == text


COMMENT = {
    "id": "c1",
    "author": "asha",
    "author_fullname": "t2_a",
    "body": "पाठ",
    "created_utc": 1665275630,
    "link_id": "t3_p",
    "parent_id": "t1_b",
    "permalink": "/r/bihar/comments/p/_/c1/",
    "subreddit": "bihar",
    "subreddit_id": "t5_x",
    "score": 3,
    "retrieved_utc": 1665275645,
    "edited": 1665275640,
    "body_sha1": "x",
}
POST = {
    "id": "p",
    "author": "ravi",
    "title": "शीर्षक",
    "selftext": "पाठ",
    "created_utc": "1665275630",
    "subreddit": "bihar",
    "permalink": "/r/bihar/comments/p/",
    "url": "https://example.org/p.jpg",
    "is_self": False,
    "score": -2,
    "num_comments": 4,
    "retrieved_on": 1665275645,
    "edited": False,
}
REDDIT_AT = datetime(2022, 10, 9, 0, 33, 50, tzinfo=UTC)


def test_reddit(bring):
    nobody = {**COMMENT, "id": "c2", "author": "[deleted]", "author_fullname": None}
    shared = {**POST, "id": "q", "crosspost_parent": "t3_p", "is_self": True}
    listing = {
        "kind": "Listing",
        "data": {"children": [{"kind": "t1", "data": {**COMMENT, "id": "c3"}}, {"kind": "more", "data": {}}]},
    }
    found = bring("r.jsonl", [COMMENT, POST, nobody, shared, listing])
    assert found.result.format == "reddit" and found.result.refused == 2
    assert found.records[:2] == [
        {
            "record_id": "t1_c1", "platform": "reddit", "account_id": "t2_a", "created_at": REDDIT_AT,
            "time_precision_s": 1.0, "kind": "comment", "surface_id": "bihar", "text": "पाठ", "ref_record_id": "t1_b",
            "conversation_id": "t3_p", "url": "https://www.reddit.com/r/bihar/comments/p/_/c1/",
            "edited_at": REDDIT_AT.replace(minute=34, second=0), "collected_at": REDDIT_AT.replace(minute=34, second=5),
            "metrics": {"likes": 3, "reposts": None, "replies": None, "views": None}, "source_row": 1,
        },
        {
            "record_id": "t3_p", "platform": "reddit", "account_id": "ravi", "created_at": REDDIT_AT,
            "time_precision_s": 1.0, "kind": "post", "surface_id": "bihar", "text": "शीर्षक\nपाठ",
            "conversation_id": "t3_p", "url": "https://www.reddit.com/r/bihar/comments/p/",
            "urls": ["https://example.org/p.jpg"],
            "media": [{"url": "https://example.org/p.jpg", "sha256": None, "phash": None}],
            "collected_at": REDDIT_AT.replace(minute=34, second=5),
            "metrics": {"likes": None, "reposts": None, "replies": 4, "views": None}, "source_row": 2,
        },
    ]  # fmt: skip
    assert [r["record_id"] for r in found.records[2:]] == ["t3_q", "t1_c3"]
    assert (found.records[2]["kind"], found.records[2]["ref_record_id"]) == ("repost", "t3_p")
    assert "author deleted" in found.refused[0]["reason"]
