"""A small object of every JSON format, with one field after another replaced by something it should not be.

Whatever it holds: nothing but an SpmcError comes out, every row is counted, and the tables fit their schema.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmc_tools.errors import SpmcError
from spmc_tools.importers.engine.importer import Options
from spmc_tools.importers.fields.rows import accounts_table, records_table, refused_table
from spmc_tools.importers.files.read import Source
from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.importer_catalogue import IMPORTERS, importer, sample_of
from spmc_tools.schema import check

QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CTIME = "Wed Oct 10 20:19:24 +0000 2018"
POST = "app.bsky.feed.post"
BLUESKY_RECORD = {
    "createdAt": "2025-03-16T16:09:09.779Z",
    "text": "t",
    "langs": ["hi"],
    "reply": {"parent": {"uri": f"at://did:plc:r/{POST}/p"}, "root": {"uri": "at://x"}},
    "facets": [{"features": [{"$type": "a#tag", "tag": "x"}]}],
    "embed": {"record": {"uri": f"at://did:plc:q/{POST}/q"}, "images": [{"image": {"ref": {"$link": "b"}}}]},
}
STATUS = {
    "id_str": "1",
    "created_at": CTIME,
    "full_text": "t",
    "user": {"id_str": "2", "screen_name": "a"},
    "entities": {"urls": [{"expanded_url": "u"}], "hashtags": [{"text": "h"}], "user_mentions": [{"id_str": "3"}]},
    "extended_entities": {
        "media": [{"media_url_https": "m", "video_info": {"variants": [{"url": "v", "bitrate": 1}]}}]
    },
    "retweeted_status": {"id_str": "4", "user": {"id_str": "5"}, "full_text": "o", "entities": {}},
    "in_reply_to_status_id_str": None,
    "quoted_status_id_str": "6",
    "favorite_count": "1",
}
SHAPES: dict[str, Any] = {
    "x_api_v1": STATUS,
    "x_archive": {"tweet": {k: v for k, v in STATUS.items() if k != "user"}},
    "bluesky": {
        "feed": [
            {
                "post": {
                    "uri": f"at://did:plc:a/{POST}/1",
                    "author": {"did": "did:plc:a", "handle": "h"},
                    "record": BLUESKY_RECORD,
                    "embed": {"images": [{"fullsize": "f"}]},
                    "likeCount": 1,
                },
                "reason": {"by": {"did": "did:plc:b"}, "indexedAt": "2025-03-16T16:09:09Z", "uri": "at://r"},
            }
        ]
    },
    "bluesky ": {
        "did": "did:plc:a",
        "time_us": 1,
        "kind": "commit",
        "commit": {"operation": "create", "collection": POST, "rkey": "1", "record": BLUESKY_RECORD},
    },
    "mastodon": {
        "id": "1",
        "created_at": "2025-11-06T04:05:06Z",
        "visibility": "p",
        "content": "<p>a</p>",
        "account": {"id": "2", "acct": "a", "note": "<b>n"},
        "tags": [{"name": "t"}],
        "mentions": [{"id": "3"}],
        "media_attachments": [{"url": "u"}],
        "card": {"url": "c"},
        "reblog": None,
        "application": {"name": "n"},
        "quote": {"quoted_status": {"id": "4", "account": {"id": "5"}}},
    },
    "mastodon_archive": {
        "type": "OrderedCollection",
        "orderedItems": [
            {
                "id": "https://a/1/activity",
                "type": "Create",
                "actor": "https://a",
                "published": "2025-11-06T04:05:06Z",
                "to": ["https://www.w3.org/ns/activitystreams#Public"],
                "cc": ["https://b"],
                "object": {
                    "id": "https://a/1",
                    "inReplyTo": "https://b/1",
                    "content": "<p>a</p>",
                    "contentMap": {"hi": "a"},
                    "tag": [{"type": "Hashtag", "name": "#t"}, {"type": "Mention", "href": "https://b"}],
                    "attachment": [{"url": "u"}],
                    "updated": "2025-11-06T04:05:07Z",
                    "conversation": "c",
                },
            },
            {
                "id": "https://a/2/activity",
                "type": "Announce",
                "actor": "https://a",
                "object": "https://b/2",
                "published": "2025-11-06T04:05:06Z",
                "to": "https://a/followers",
            },
        ],
    },
    "youtube_api": {
        "kind": "youtube#commentThreadListResponse",
        "items": [
            {
                "kind": "youtube#commentThread",
                "id": "1",
                "snippet": {
                    "videoId": "v",
                    "totalReplyCount": 1,
                    "topLevelComment": {
                        "id": "1",
                        "snippet": {
                            "authorChannelId": {"value": "c"},
                            "publishedAt": "2025-11-06T04:05:06Z",
                            "textOriginal": "t",
                            "likeCount": 1,
                            "updatedAt": "2025-11-06T04:05:07Z",
                            "authorDisplayName": "a",
                        },
                    },
                },
                "replies": {
                    "comments": [
                        {
                            "id": "1.2",
                            "snippet": {
                                "textDisplay": "t",
                                "parentId": "1",
                                "authorChannelId": {"value": "d"},
                                "publishedAt": "2025-11-06T04:05:09Z",
                            },
                        }
                    ]
                },
            },
            {
                "kind": "youtube#searchResult",
                "id": {"videoId": "w"},
                "snippet": {"channelId": "c", "publishedAt": "2025-11-06T04:05:06Z", "title": "t", "tags": ["t"]},
                "statistics": {"viewCount": "1"},
            },
        ],
    },
    "youtube_comment_downloader": {
        "cid": "1.2",
        "text": "t",
        "time": "2 days ago",
        "author": "@a",
        "channel": "c",
        "votes": "1",
        "reply": True,
        "time_parsed": 1762401906.5,
        "replies": 1,
    },
    "signal": {
        "id": "m",
        "conversationId": "c",
        "type": "incoming",
        "sent_at": 1762401906123,
        "received_at": 7,
        "sourceServiceId": "a",
        "body": "t",
        "bodyRanges": [{"mentionAci": "b"}],
        "attachments": [{"fileName": "p.jpg"}],
        "quote": {"id": 1762401906122, "authorAci": "b"},
    },
    "instaloader": {
        "instaloader": {"node_type": "Post", "version": "4.14"},
        "node": {
            "id": "1",
            "shortcode": "D",
            "taken_at_timestamp": 1762401906,
            "display_url": "u",
            "edge_media_to_caption": {"edges": [{"node": {"text": "t"}}]},
            "edge_media_preview_like": {"count": 1},
            "edge_sidecar_to_children": {"edges": [{"node": {"display_url": "u"}}]},
            "owner": {"id": "77", "username": "a"},
        },
    },
    "instaloader ": {
        "id": 1,
        "created_at": 1762402000,
        "text": "t",
        "owner": {"id": "79"},
        "likes_count": 3,
        "answers": [{"id": 2, "created_at": 1762402060, "text": "t", "owner": {"id": "77"}, "likes_count": 0}],
    },
    "instaloader  ": {
        "instaloader": {"node_type": "Profile"},
        "node": {"id": "78", "username": "r", "edge_followed_by": {"count": 70}, "is_verified": False},
    },
    "meta_download": {
        "timestamp": 1762401906,
        "title": "t",
        "data": [{"post": "\u00e0\u00a4\u0086"}],
        "attachments": [{"data": [{"media": {"uri": "u", "description": "d"}}, {"external_context": {"url": "u"}}]}],
    },
    "meta_download ": {
        "comments_v2": [{"timestamp": 1762401906, "data": [{"comment": {"timestamp": 1762401906, "comment": "c"}}]}],
    },
    "meta_download  ": {
        "media": [{"uri": "u", "creation_timestamp": 1762401906, "title": "t"}],
        "title": "t",
        "creation_timestamp": 1762401906,
    },
    "meta_download   ": {"string_map_data": {"Comment": {"value": "c"}, "Time": {"timestamp": 1762401906}}},
    "tiktok_download": {
        "Profile": {"Profile Information": {"ProfileMap": {"userName": "a", "bioDescription": "b"}}},
        "Video": {"Videos": {"VideoList": [{"Date": "2025-11-06 04:05:06", "Link": "u", "Likes": "7"}]}},
        "Comment": {"Comments": {"CommentsList": [{"date": "2025-11-06 04:06:06", "comment": "c"}]}},
    },
    "reddit": {
        "id": "1",
        "author": "a",
        "body": "b",
        "created_utc": 1665275630,
        "link_id": "t3_p",
        "parent_id": "t1_b",
        "permalink": "/r",
        "url": "u.jpg",
        "edited": 5.0,
        "score": 1,
    },
    "telegram_desktop": {
        "name": "G",
        "type": "private_group",
        "id": 5,
        "messages": [
            {
                "id": 1,
                "type": "message",
                "date": "2025-11-06T10:00:00",
                "date_unixtime": "1762403400",
                "from": "A",
                "from_id": "user1",
                "text": ["a", {"type": "link", "text": "u"}],
                "reply_to_message_id": 1,
                "photo": "p",
                "text_entities": [{"type": "mention", "text": "@a"}],
                "reactions": [{"count": 1}],
                "forwarded_from": "x",
            }
        ],
    },
    "telethon_jsonl": {
        "_": "Message",
        "id": 1,
        "peer_id": {"channel_id": 9},
        "date": "2025-11-06 04:30:00",
        "message": "a #b",
        "entities": [{"_": "MessageEntityHashtag", "offset": 2, "length": 2}],
        "fwd_from": {"from_id": {"user_id": 1}},
        "reply_to": {"reply_to_msg_id": 1},
        "media": {"webpage": {"url": "u"}},
        "reactions": {"results": [{"count": 1}]},
    },
    "telegram_channel": {
        "message_id": 1,
        "sender_id": -1009,
        "text": "a",
        "date": "2024-12-04T09:00:28Z",
        "channel": "c",
    },
    "crowdtangle_api": {
        "platformId": "1_2",
        "date": "2021-07-01 14:00:00",
        "account": {"id": 9, "platformId": "1"},
        "media": [{"url": "u"}],
        "statistics": {"actual": {"likeCount": 1}},
        "expandedLinks": [{"expanded": "e"}],
        "message": "m",
    },
    "tiktok_research_api": {
        "data": {
            "videos": [{"id": 1, "username": "a", "create_time": 1633831999, "hashtag_names": ["h"]}],
            "comments": [{"id": 2, "video_id": 1, "username": "a", "text": "t", "create_time": 1633831999}],
        }
    },
    "zeeschuimer": {
        "nav_index": "1",
        "item_id": "1",
        "source_platform": "tiktok.com",
        "timestamp_collected": 1714557600000,
        "data": {
            "id": "5",
            "createTime": 1714557600,
            "author": {"id": "1"},
            "challenges": [{"title": "t"}],
            "stats": {},
            "textExtra": [{"userId": "1"}],
            "video": {"cover": "c"},
        },
    },
    "zeeschuimer ": {
        "nav_index": "1",
        "item_id": "1",
        "source_platform": "x.com",
        "data": {
            "rest_id": "5",
            "core": {"user_results": {"result": {"rest_id": "1", "legacy": {"name": "n"}}}},
            "legacy": {**STATUS, "retweeted_status_result": {"result": {"legacy": STATUS, "core": {}}}},
            "views": {"count": "1"},
            "note_tweet": {"note_tweet_results": {"result": {"text": "t"}}},
        },
    },
    "twint": {
        "id": 1,
        "conversation_id": "1",
        "created_at": "2021-07-21 11:33:47 IST",
        "timezone": "+0530",
        "user_id": 1,
        "username": "a",
        "tweet": "t",
        "mentions": [{"id": "1"}],
        "urls": ["u"],
        "hashtags": ["h"],
        "retweet": False,
        "reply_to": [{"id": "1"}],
        "quote_url": "",
        "likes_count": 1,
    },
    "gazouilloire_jsonl": {
        "_source": {
            "timestamp_utc": 1610005273,
            "user_screen_name": "a",
            "retweeted_id": None,
            "user_id": "1",
            "url": "u",
            "text": "t",
            "links": ["l"],
            "hashtags": ["h"],
        },
    },
    "minet_bluesky": {"uri": "at://a", "user_did": "d", "timestamp_utc": 1742116928, "text": "t", "user_langs": ["hi"]},
    "minet_bluesky_profiles": {"did": "d", "handle": "h", "display_name": "n", "timestamp_utc": 1, "starter_packs": 0},
    "meta_content_library": {
        "id": "1",
        "text": "t",
        "creation_time": "2024-05-01 10:00:00",
        "post_owner": {"id": "1", "name": "n"},
        "statistics": {"like_count": 1},
        "surface": {"id": "2"},
    },
}
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6))
ODD = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.sampled_from(["id", "text", "url", "uri", "did", "a"]), SCALARS, max_size=2),
    st.lists(st.dictionaries(st.sampled_from(["id", "text", "url"]), SCALARS, max_size=2), max_size=2),
    st.sampled_from(
        ["2021-04-08T15:07:30Z", "0000-01-01T00:00:00Z", CTIME, "1e400", "9" * 30, 10**30, "at://did:x", "\u202e"]
    ),
)


def paths(value: Any, before: tuple = ()) -> list[tuple]:
    found = [before] if before else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [path for key, inner in items for path in paths(inner, (*before, key))]


def replaced(value: Any, path: tuple, new: Any) -> Any:
    made = copy.deepcopy(value)
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    if new is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = new
    return made


def test_every_json_format_has_a_shape_here():
    others = {
        "x_api_v2",
        "snscrape_jsonl",
        "mapped_table",
        "minet_x",
        "x_information_operations",
        "twitter_r",
        "bluesky_hashed",
        "crowdtangle_csv",
        "crowdtangle_pages",
        "youtube_comments",
        "youtube_data_tools",
        "youtube_data_tools_videos",
        "desk_sheet",
        "page_analytics",
        "apify_instagram",
        "apify_facebook",
        "coordination_toolkit",
    }
    reading = {name for name, one in IMPORTERS.items() if "json_lines" in one.forms}
    assert reading == {name.strip() for name in SHAPES} | others


@pytest.mark.parametrize("name", SHAPES)
def test_the_shape_itself_is_read(name, case, write):
    [result] = import_files(case, [write("x.jsonl", [SHAPES[name]])], dry_run=True, tz="UTC")
    assert result.format == name.strip() and result.kept == result.read > 0


@QUIET
@pytest.mark.parametrize("name", SHAPES)
@given(data=st.data())
def test_one_field_is_something_else(name, data, write):
    lines = [SHAPES[name]] * 2
    for _ in range(data.draw(st.integers(1, 3))):
        made = data.draw(st.sampled_from([line for line in lines if paths(line)]))
        path = data.draw(st.sampled_from(paths(made)))
        lines = [*lines, replaced(made, path, data.draw(st.just(...) | ODD))]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    path = write("x.jsonl", text.encode("utf-8", "replace"))
    try:
        with Source(path) as source:
            chosen = importer(name.strip())
            options = Options(tz="UTC")
            chunks = list(chosen.plan(source, sample_of(source, options), options).chunks())
    except SpmcError as error:
        assert str(error)
        return
    read = sum(chunk.read for chunk in chunks)
    parts = sum(len(c.records) + c.kept_accounts + c.duplicates + len(c.refused) for c in chunks)
    assert read == parts >= 3
    for chunk in chunks:
        assert not check(records_table(chunk.records, "0" * 64), "records")
        assert not check(accounts_table(chunk.accounts, "0" * 64), "accounts")
        assert not check(refused_table(chunk.refused, "0" * 64), "refused")
