"""Tables of TikTok and YouTube: traktok's videos, comments of YouTube, the YouTube Data Tools."""

from __future__ import annotations

from typing import Any

from spmc_tools.importers.engine.importer import Family, LeftOut, no_column
from spmc_tools.importers.files.table_files import FLAT_FORMS
from spmc_tools.importers.mapping.known_tables import BY_KIND, Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import Mapping, TimeSpec

__all__ = ["TIKTOK_TABLE", "YOUTUBE_COMMENTS", "YOUTUBE_DATA_TOOLS", "YOUTUBE_DATA_TOOLS_VIDEOS"]


def _kind(is_reply: Any, answered: Any) -> str:
    return "reply" if str(is_reply) in {"1", "True", "true", "TRUE"} or answered not in (None, "") else "comment"


TIKTOK_TABLE = known_importer(
    Known(
        needs=(("video_description", "create_time", "region_code"),),
        mapping=Mapping(
            columns(
                record_id=("video_id", "id", "video"), account_id=("username", "author_name", "author"),
                created_at="create_time", text="video_description", hashtags=("hashtag_names", "hashtags"),
                likes="like_count", reposts="share_count", replies="comment_count", views="view_count",
            ),
            accounts=columns(handle="username"), constants={"platform": "tiktok"},
            times={"created_at": TimeSpec(tz="UTC")},
        ),
    ),
    Family(
        zone="UTC", precision="1 s",
        documentation="https://developers.tiktok.com/doc/research-api-specs-query-videos; https://github.com/JBGruber/traktok",
        licence="proprietary; GPL-3 (traktok)",
    ),
    name="tiktok_table", title="videos of TikTok's Research API as traktok writes them (table)",
    forms=FLAT_FORMS, sample_rows=200,
    left_out=(
        LeftOut("region_code", "where the account was registered: no place of the post"),
        no_column("music_id, effect_ids, voice_to_text, playlist_id"),
        LeftOut("snapshot", "a day without a zone"),
    ),
)  # fmt: skip

YOUTUBE_COMMENTS = known_importer(
    Known(
        needs=(("COMMENT_ID", "AUTHOR", "DATE", "CONTENT"),),
        mapping=Mapping(
            columns(
                record_id="COMMENT_ID", account_id="AUTHOR", created_at="DATE", text="CONTENT", surface_id="VIDEO_NAME"
            ),
            accounts=columns(display_name="AUTHOR"), constants={"platform": "youtube"}, kind="comment",
        ),
    ),
    Family(
        zone="named with --tz, never assumed", precision="1 s; some times to the µs",
        documentation="https://archive.ics.uci.edu/dataset/380/youtube+spam+collection", licence="CC BY 4.0",
    ),
    name="youtube_comments", title="comments of YouTube (CSV of the YouTube Spam Collection)", options=("--tz",),
    sample_rows=1956, remarks={"account_id": "the shown name: two persons of one name are one account here"},
    left_out=(LeftOut("CLASS", "somebody's label of the comment"),),
)  # fmt: skip

_DATA_TOOLS = Family(
    zone="UTC, as YouTube's API gives it", precision="1 s", documentation="https://ytdt.digitalmethods.net",
)  # fmt: skip
YOUTUBE_DATA_TOOLS = known_importer(
    Known(
        needs=(
            ("id", "publishedAt", "authorName", "text", "authorChannelId"),
            ("id", "publishedAt", "text", "isReply", "authorName"),
        ),
        made=(
            Made("(answered)", ("isReplyTo", "isReplyToId"), lambda reply_to, other: other or reply_to),
            Made("(kind)", ("isReply", "isReplyTo", "isReplyToId"), lambda flag, a, b: _kind(flag, b or a)),
        ),
        mapping=Mapping(
            columns(
                record_id="id", account_id=("authorChannelId", "authorName"), created_at="publishedAt", text="text",
                surface_id="videoId", conversation_id="threadId", ref_record_id="(answered)",
                likes="likeCount", replies="replyCount",
            ),
            accounts=columns(display_name="authorName"), constants={"platform": "youtube"},
            times={"created_at": TimeSpec(tz="UTC")}, kinds=BY_KIND, kind="comment",
        ),
    ),
    _DATA_TOOLS, name="youtube_data_tools", title="comments of YouTube as the YouTube Data Tools write them (CSV)",
    remarks={"kind": "isReply or an answered comment: reply; else comment"},
    left_out=(
        LeftOut("authorChannelUrl, authorProfileImageUrl", "the id says the same; a picture"),
        LeftOut("isReplyToName", "of the comment referred to"),
    ),
)  # fmt: skip

YOUTUBE_DATA_TOOLS_VIDEOS = known_importer(
    Known(
        needs=(("videoId", "channelId", "publishedAt", "videoTitle"),),
        made=(
            Made("(text)", ("videoTitle", "videoDescription"), lambda a, b: "\n".join(str(x) for x in (a, b) if x)),
            Made("(url)", ("videoId",), lambda video: f"https://www.youtube.com/watch?v={video}" if video else None),
        ),
        mapping=Mapping(
            columns(
                record_id="videoId", account_id="channelId", surface_id="channelId", created_at="publishedAt",
                text="(text)", url="(url)", lang="defaultLanguage", hashtags="tags", likes="likeCount",
                replies="commentCount", views="viewCount",
            ),
            accounts=columns(display_name="channelTitle"), constants={"platform": "youtube"},
            times={"created_at": TimeSpec(tz="UTC")}, lists={"hashtags": ","},
        ),
    ),
    _DATA_TOOLS, name="youtube_data_tools_videos", title="videos of YouTube as the YouTube Data Tools write them (CSV)",
    remarks={"url": "built out of videoId; never fetched"},
    left_out=(
        LeftOut("publishedAtSQL", "publishedAt again"),
        no_column("duration, definition, caption, thumbnail_maxres, topicCategories, …"),
    ),
)  # fmt: skip
