"""TikTok and YouTube, on hand-written rows and answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from spmc_tools.errors import MappingError

AT = datetime(2021, 10, 10, 2, 13, 19, tzinfo=UTC)


def test_tiktok_s_answers(bring):
    video = {
        "id": 702874395068494965, "username": "asha", "create_time": 1633831999, "video_description": "वीडियो #चुनाव",
        "hashtag_names": ["चुनाव"], "like_count": 1, "share_count": 2, "comment_count": 3, "view_count": 4,
    }  # fmt: skip
    comment = {"id": 5, "video_id": 702874395068494965, "username": "ravi", "text": "हाँ", "create_time": 1633831999,
               "parent_comment_id": 6, "like_count": 1, "reply_count": 2}  # fmt: skip
    user = {"username": "asha", "display_name": "आशा", "follower_count": 7, "following_count": 8, "video_count": 9,
            "is_verified": True, "bio_description": "b"}  # fmt: skip
    no_name = {k: v for k, v in video.items() if k != "username"}
    lines = [
        {"data": {"videos": [video, {**no_name, "id": 8}], "has_more": True}, "error": {"code": "ok"}},
        {"data": {"comments": [comment]}}, {"data": user}, {"data": {"videos": []}},
        {"query": {"and": [{"field_name": "region_code"}]}, "max_count": 1},
    ]  # fmt: skip
    found = bring("t.jsonl", lines)
    assert (found.result.format, found.result.read, found.result.kept) == ("tiktok_research_api", 5, 3)
    assert "1 answers without results" in found.result.note
    assert found.records == [
        {
            "record_id": "702874395068494965", "platform": "tiktok", "account_id": "asha", "created_at": AT,
            "url": "https://www.tiktok.com/@asha/video/702874395068494965", "time_precision_s": 1.0, "kind": "post",
            "text": "वीडियो #चुनाव", "hashtags": ["चुनाव"], "source_row": 1,
            "metrics": {"likes": 1, "reposts": 2, "replies": 3, "views": 4},
        },
        {
            "record_id": "5", "platform": "tiktok", "account_id": "ravi", "created_at": AT, "time_precision_s": 1.0,
            "kind": "comment", "surface_id": "702874395068494965", "conversation_id": "702874395068494965",
            "ref_record_id": "6", "text": "हाँ", "metrics": {"likes": 1, "reposts": None, "replies": 2, "views": None},
            "source_row": 2,
        },
    ]  # fmt: skip
    assert found.accounts[-1] == {
        "account_id": "asha", "platform": "tiktok", "handle": "asha", "display_name": "आशा", "description": "b",
        "followers": 7, "following": 8, "posts": 9, "verified": True, "source_row": 3,
    }  # fmt: skip
    assert len(found.refused) == 2


def test_tiktok_s_table_and_lost_ids(bring):
    header = (
        "view_count,comment_count,share_count,like_count,region_code,create_time,video_description,hashtag_names,"
        "author,video"
    )
    rows = (
        '4,3.0,2,1,IN,2021-10-10T02:13:19Z,वीडियो,"a, b",asha,7028743950684949650\n'
        "4,3,2,1,IN,2021-10-10T02:13:19Z,x,,asha,7.02E+18"
    )
    found = bring("t.csv", f"{header}\n{rows}\n")
    assert found.result.format == "tiktok_table"
    assert found.records[0] == {
        "record_id": "7028743950684949650", "platform": "tiktok", "account_id": "asha", "created_at": AT,
        "time_precision_s": 1.0, "kind": "post", "text": "वीडियो", "hashtags": ["a", "b"],
        "metrics": {"likes": 1, "reposts": 2, "replies": 3, "views": 4}, "source_row": 2,
    }  # fmt: skip
    assert found.records[1]["record_id"].startswith("row-") and "lost digits in a spreadsheet" in found.result.note


def test_comments_of_youtube_need_a_zone(bring):
    text = "COMMENT_ID,AUTHOR,DATE,CONTENT,CLASS\nz1,आशा,2013-11-07T06:20:48,पाठ,1\nz2,R,,x,0\n"
    with pytest.raises(MappingError, match="1 of 1 times name no zone"):
        bring("y.csv", text)
    found = bring("y.csv", text, tz="UTC")
    assert found.records == [
        {
            "record_id": "z1",
            "platform": "youtube",
            "account_id": "आशा",
            "kind": "comment",
            "text": "पाठ",
            "created_at": datetime(2013, 11, 7, 6, 20, 48, tzinfo=UTC),
            "time_precision_s": 1.0,
            "source_row": 2,
        }
    ]
    assert [r["reason"] for r in found.refused] == ["the row has no time"]


def test_youtube_data_tools(bring):
    header = (
        "id,replyCount,likeCount,publishedAt,authorName,text,authorChannelId,authorChannelUrl,isReply,isReplyTo,"
        "isReplyToName"
    )
    rows = "c1,1,3,2021-10-10 02:13:19,आशा,पाठ,UC1,u,0,,\nc1.2,0,0,2021-10-10T02:13:19Z,R,x,UC2,u,1,c1,आशा"
    found = bring("comments.csv", f"{header}\n{rows}\n")
    assert found.result.format == "youtube_data_tools"
    both = {"platform": "youtube", "created_at": AT, "time_precision_s": 1.0}
    assert found.records == [
        both | {
            "record_id": "c1", "account_id": "UC1", "kind": "comment", "text": "पाठ", "source_row": 2,
            "metrics": {"likes": 3, "reposts": None, "replies": 1, "views": None},
        },
        both | {
            "record_id": "c1.2", "account_id": "UC2", "kind": "reply", "text": "x", "ref_record_id": "c1",
            "metrics": {"likes": 0, "reposts": None, "replies": 0, "views": None}, "source_row": 3,
        },
    ]  # fmt: skip
    videos = (
        "videoId,channelId,channelTitle,publishedAt,videoTitle,videoDescription,tags,viewCount,likeCount,commentCount"
    )
    listed = bring(
        "videos.tab", f'{videos}\nv1,UC1,चैनल,2021-10-10T02:13:19Z,शीर्षक,विवरण,"a b,c",4,1,3\n'.replace(",", ",")
    )
    assert listed.result.format == "youtube_data_tools_videos"
    assert listed.records[-1] == {
        "record_id": "v1",
        "platform": "youtube",
        "account_id": "UC1",
        "surface_id": "UC1",
        "created_at": AT,
        "time_precision_s": 1.0,
        "kind": "post",
        "text": "शीर्षक\nविवरण",
        "hashtags": ["a b", "c"],
        "url": "https://www.youtube.com/watch?v=v1",
        "metrics": {"likes": 1, "reposts": None, "replies": 3, "views": 4},
        "source_row": 2,
    }
