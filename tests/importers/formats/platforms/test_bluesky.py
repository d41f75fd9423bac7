"""Bluesky: posts of the API, feeds, Jetstream and Tap events, and minet's tables, on hand-written objects."""

from __future__ import annotations

import json
from datetime import UTC, datetime

POST = "app.bsky.feed.post"
RECORD = {
    "$type": POST, "createdAt": "2025-03-16T16:09:09.779Z", "text": "मतदान", "langs": ["hi", "en"], "tags": ["apart"],
    "reply": {
        "parent": {"uri": f"at://did:plc:ravi/{POST}/p"}, "root": {"uri": f"at://did:plc:root/{POST}/r"},
    },
    "facets": [
        {"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "चुनाव"}]},
        {"features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/a"}]},
        {"features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:ravi"}]},
    ],
    "embed": {
        "$type": "app.bsky.embed.recordWithMedia",
        "record": {"record": {"uri": f"at://did:plc:q/{POST}/q"}},
        "media": {"images": [{"image": {"ref": {"$link": "bafy1"}}}], "external": {"uri": "https://example.org/card"}},
    },
}  # fmt: skip
AUTHOR = {"did": "did:plc:asha", "handle": "asha.example", "displayName": "आशा", "createdAt": "2024-01-01T00:00:00Z"}
VIEW = {
    "uri": f"at://did:plc:asha/{POST}/1", "cid": "c", "author": AUTHOR, "record": RECORD, "likeCount": 3,
    "repostCount": 2, "replyCount": 1, "quoteCount": 9, "indexedAt": "2025-03-16T16:09:10Z",
    "embed": {"media": {"images": [{"fullsize": "https://example.org/p.jpg"}]}},
}  # fmt: skip
EXPECTED = {
    "record_id": f"at://did:plc:asha/{POST}/1", "platform": "bluesky", "account_id": "did:plc:asha",
    "url": "https://bsky.app/profile/did:plc:asha/post/1", "time_precision_s": 0.001, "kind": "reply", "text": "मतदान",
    "created_at": datetime(2025, 3, 16, 16, 9, 9, 779000, tzinfo=UTC), "lang": "hi",
    "ref_record_id": f"at://did:plc:ravi/{POST}/p", "ref_account_id": "did:plc:ravi",
    "conversation_id": f"at://did:plc:root/{POST}/r", "urls": ["https://example.org/a", "https://example.org/card"],
    "hashtags": ["चुनाव", "apart"], "mentions": ["did:plc:ravi"],
    "media": [{"url": "https://example.org/p.jpg", "sha256": None, "phash": None}],
    "metrics": {"likes": 3, "reposts": 2, "replies": 1, "views": None}, "source_row": 1,
}  # fmt: skip


def jetstream(**more) -> dict:
    commit = {"operation": "create", "collection": POST, "rkey": "1", "record": RECORD, **more}
    return {"did": "did:plc:asha", "time_us": 1742141350000000, "kind": "commit", "commit": commit}


def test_a_post_of_the_api(bring):
    found = bring("b.json", json.dumps([VIEW], indent=1))
    assert found.result.format == "bluesky" and found.records == [EXPECTED]
    assert found.accounts == [
        {
            "account_id": "did:plc:asha", "platform": "bluesky", "handle": "asha.example", "display_name": "आशा",
            "created_at": datetime(2024, 1, 1, tzinfo=UTC), "source_row": 1,
        }
    ]  # fmt: skip


def test_events_know_the_post_of_the_api_again(bring):
    tap = {
        "id": 1,
        "type": "record",
        "record": {"did": "did:plc:asha", "collection": POST, "rkey": "1", "action": "create", "record": RECORD},
    }
    found = bring("j.jsonl", [jetstream(), tap, VIEW])
    assert (found.result.read, found.result.kept, found.result.duplicates) == (3, 1, 2)
    picture = "https://cdn.bsky.app/img/feed_fullsize/plain/did:plc:asha/bafy1@jpeg"
    assert found.records == [
        {
            **EXPECTED,  # the figures of the API, which saw it last
            "media": [{"url": picture, "sha256": None, "phash": None}],
        }
    ]


def test_what_else_a_stream_holds(bring):
    share = {"createdAt": "2025-03-16T16:10:00Z", "subject": {"uri": f"at://did:plc:ravi/{POST}/p"}}
    found = bring(
        "j.jsonl",
        [
            jetstream(collection="app.bsky.feed.repost", record=share, rkey="9"),
            jetstream(operation="delete"),
            jetstream(collection="app.bsky.feed.like"),
            {"did": "did:plc:asha", "time_us": 1, "kind": "identity"},
            jetstream(rkey="2", record={**RECORD, "createdAt": "2025-12-05T10:16:59.78349200Z"}),
            jetstream(rkey="3", record={**RECORD, "createdAt": "0000-01-01T00:00:00Z"}),
        ],
    )
    repost, fine = found.records
    assert (repost["kind"], repost["ref_record_id"], repost["ref_account_id"]) == (
        "repost", f"at://did:plc:ravi/{POST}/p", "did:plc:ravi",
    )  # fmt: skip
    assert fine["created_at"] == datetime(2025, 12, 5, 10, 16, 59, 783492, tzinfo=UTC)
    assert [r["reason"] for r in found.refused] == [
        "a deletion, not a post", 'an entry of "app.bsky.feed.like", not a post',
        'an event of an account ("identity"), not a post',
        'createdAt is missing or no time with a zone: "0000-01-01T00:00:00Z"',
    ]  # fmt: skip


def test_feeds_answers_and_profiles(bring):
    by = {"did": "did:plc:ravi", "handle": "ravi.example"}
    shown = {"post": VIEW, "reason": {"by": by, "indexedAt": "2025-03-17T00:00:00Z", "uri": "at://did:plc:ravi/r/1"}}
    profile = {**AUTHOR, "viewer": {}, "followersCount": 7, "followsCount": 8, "postsCount": 9, "description": "d"}
    found = bring("b.json", json.dumps([{"feed": [shown]}, {"posts": [VIEW]}, profile]))
    assert (found.result.read, found.result.kept, found.result.duplicates) == (4, 3, 1)
    assert [(r["kind"], r["account_id"], r["text"]) for r in found.records] == [
        ("reply", "did:plc:asha", "मतदान"), ("repost", "did:plc:ravi", "मतदान"),
    ]  # fmt: skip
    assert [a.get("followers") for a in found.accounts] == [None, None, 7]


MINET = (
    "cid,did,uri,url,timestamp_utc,local_time,user_did,user_handle,text,original_text,repost_count,like_count,"
    "reply_count,user_display_name,user_langs,user_timestamp_utc,to_post_uri,to_user_did,to_root_post_uri,quoted_uri,"
    "quoted_user_did,links,media_urls,mentioned_user_dids,hashtags,collection_time"
)


def test_minet_tables(bring):
    row = (
        f"c,1,at://did:plc:asha/{POST}/1,https://bsky.app/x,1742116928,2025-03-16T10:22:08,did:plc:asha,asha.example,long,short,"
        f"2,3,1,आशा,hi|en,1695476483,,,,at://did:plc:q/{POST}/q,did:plc:q,https://example.org/a|https://example.org/b,"
        "https://example.org/p.jpg,did:plc:ravi,a|b,2025-01-01T00:00:00"
    )
    found = bring("m.csv", f"{MINET}\n{row}\n")
    assert found.result.format == "minet_bluesky"
    assert found.records == [
        {
            "record_id": f"at://did:plc:asha/{POST}/1",
            "platform": "bluesky",
            "url": "https://bsky.app/x",
            "account_id": "did:plc:asha",
            "created_at": datetime(2025, 3, 16, 9, 22, 8, tzinfo=UTC),
            "time_precision_s": 1.0,
            "kind": "quote",
            "text": "short",
            "lang": "hi",
            "ref_record_id": f"at://did:plc:q/{POST}/q",
            "ref_account_id": "did:plc:q",
            "urls": ["https://example.org/a", "https://example.org/b"],
            "hashtags": ["a", "b"],
            "mentions": ["did:plc:ravi"],
            "media": [{"url": "https://example.org/p.jpg", "sha256": None, "phash": None}],
            "metrics": {"likes": 3, "reposts": 2, "replies": 1, "views": None},
            "source_row": 2,
        }
    ]
    header = "did,url,handle,display_name,description,posts,followers,follows,starter_packs,created_at,timestamp_utc"
    rows = "did:plc:a,u,a.example,A,d,9,7,8,0,2023-10-10T16:58:21,1696949901\n,u,b,B,,,,,,,\n"
    listed = bring("p.csv", f"{header}\n{rows}")
    assert (listed.result.format, listed.result.kept, listed.result.refused) == ("minet_bluesky_profiles", 1, 1)
    assert listed.accounts[-1] == {
        "account_id": "did:plc:a",
        "platform": "bluesky",
        "handle": "a.example",
        "display_name": "A",
        "description": "d",
        "posts": 9,
        "followers": 7,
        "following": 8,
        "created_at": datetime(2023, 10, 10, 14, 58, 21, tzinfo=UTC),
        "source_row": 2,
    }


def test_the_hashed_firehose(bring):
    rows = [
        {"time_us": 1769863046687643, "did_hash": "h1", "text": "a", "reply_parent_did_hash": "h2", "lang": "en"},
        {"time_us": 1769863046687644, "did_hash": "h2", "text": "b", "reply_parent_did_hash": None, "lang": "hi"},
    ]
    found = bring("h.jsonl", rows)
    assert found.result.format == "bluesky_hashed"
    assert [(r["account_id"], r["kind"], r.get("ref_account_id")) for r in found.records] == [
        ("h1", "reply", "h2"), ("h2", "post", None),
    ]  # fmt: skip
    assert found.records[0]["created_at"] == datetime(2026, 1, 31, 12, 37, 26, 687643, tzinfo=UTC)
