"""TikTok's Research API: answers with videos, comments or a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, Field, LeftOut, fields_of, no_column
from spmc_tools.importers.engine.json_rows import Beside, Empty, json_importer, refusal, stateless
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import parse_epoch, parse_utc
from spmc_tools.importers.fields.values import Json, count_of, dict_of, exact_id, flag_of, list_of, strings_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = ["TIKTOK_RESEARCH_API"]

_USER = {"display_name", "follower_count", "is_verified"}
_QUERY = {"and", "or", "not"}
_COMMENT = {"video_id", "text", "create_time"}
_FAMILY = Family(
    zone="create_time counts from 1970 in UTC", precision="1 s",
    documentation="https://developers.tiktok.com/doc/research-api-specs-query-videos", licence="proprietary",
)  # fmt: skip


def _shape(row: Json) -> str | None:
    data = dict_of(row.get("data"))
    if isinstance(data.get("videos"), list) or isinstance(data.get("comments"), list):
        return "page"
    if data.keys() >= _USER:
        return "user"
    if row.keys() >= _COMMENT:
        return "comment"
    if "create_time" in row and "video_description" in row:
        return "video"
    asked = row.get("query", row)
    if isinstance(asked, dict) and asked.keys() and asked.keys() <= _QUERY:
        return "query"
    return None


def _rows(found: Json, number: int) -> Iterator[Item]:
    shape = _shape(found)
    if shape == "page":
        data = found["data"]
        videos, comments = list_of(data.get("videos")), list_of(data.get("comments"))
        if not videos and not comments:
            yield Empty("answers without results")
        for item in videos:
            yield from _offered(_video, item, number)
        for item in comments:
            yield from _offered(_comment, item, number)
    elif shape == "user":
        yield (
            _user(found["data"], number)
            or "a user without a name: the answer of the API does not repeat who was asked for"
        )
    elif shape == "comment":
        yield from _offered(_comment, found, number)
    elif shape == "video":
        yield from _offered(_video, found, number)
    elif shape == "query":
        yield "a question to the API, not its answer"


def _offered(read: object, item: object, number: int) -> Iterator[Item]:
    if not isinstance(item, dict):
        yield refusal(number, "no JSON object where a video or comment was expected", {"data": item})
        return
    record = read(item, number)  # type: ignore[operator]
    yield refusal(number, record, item) if isinstance(record, str) else record
    if isinstance(record, Record) and (name := text_of(item.get("username"))):
        yield Beside(Account(name, "tiktok", number, handle=name))


def _time(value: object) -> int | None:
    return parse_epoch(value) if parse_epoch(value) is not None else parse_utc(value)


def _video(video: Json, number: int) -> Record | str:
    record_id = exact_id(video.get("id")) or exact_id(video.get("video_id"))
    at = _time(video.get("create_time"))
    if record_id is None:
        return f"the id is missing or not exact: {quote(video.get('id', video.get('video_id')))}"
    if at is None:
        return f"create_time is no time: {quote(video.get('create_time'))}"
    name = text_of(video.get("username"), video.get("author_name"))
    if name is None:
        return "the video does not say who posted it (the field username was not asked for)"
    return Record(
        record_id=record_id, platform="tiktok", account_id=name, created_at=at, kind="post", source_row=number,
        time_precision_s=1.0, url=f"https://www.tiktok.com/@{name}/video/{record_id}",
        text=text_of(video.get("video_description")), hashtags=strings_of(video.get("hashtag_names")),
        mentions=strings_of(video.get("video_mention_list")), likes=count_of(video.get("like_count")),
        reposts=count_of(video.get("share_count")), replies=count_of(video.get("comment_count")),
        views=count_of(video.get("view_count")),
    )  # fmt: skip


def _comment(comment: Json, number: int) -> Record | str:
    record_id, video = exact_id(comment.get("id")), exact_id(comment.get("video_id"))
    at = parse_epoch(comment.get("create_time"))
    if record_id is None:
        return f"the id is missing or not exact: {quote(comment.get('id'))}"
    if at is None:
        return f"create_time is no time: {quote(comment.get('create_time'))}"
    name = text_of(comment.get("username"))
    if name is None:
        return "the comment does not say who wrote it (the API names no account of a comment)"
    parent = exact_id(comment.get("parent_comment_id"))
    return Record(
        record_id=record_id, platform="tiktok", account_id=name, created_at=at, kind="comment", source_row=number,
        time_precision_s=1.0, surface_id=video, text=text_of(comment.get("text")), ref_record_id=parent or video,
        conversation_id=video, likes=count_of(comment.get("like_count")), replies=count_of(comment.get("reply_count")),
    )  # fmt: skip


def _user(user: Json, number: int) -> Account | None:
    name = text_of(user.get("username"))
    return None if name is None else Account(
        name, "tiktok", number, handle=name, display_name=text_of(user.get("display_name")),
        description=text_of(user.get("bio_description")), followers=count_of(user.get("follower_count")),
        following=count_of(user.get("following_count")), posts=count_of(user.get("video_count")),
        verified=flag_of(user.get("is_verified")),
    )  # fmt: skip


TIKTOK_RESEARCH_API = json_importer(
    stateless(_rows), _FAMILY, name="tiktok_research_api",
    title="TikTok's Research API (JSON): videos, comments, users", sample_rows=6,
    recognised_by="data with videos, comments or a user; a video with video_description; a comment with video_id",
    tells=_shape,
    fields=(
        *fields_of(
            record_id="id, video_id", account_id=("username", "a video or comment without it is refused"),
            created_at="create_time", text="video_description; text of a comment",
            url=("username and id", "built: https://www.tiktok.com/…; never fetched"),
        ),
        Field("video_id of a comment", "surface_id, conversation_id"),
        *fields_of(
            ref_record_id=("parent_comment_id, else video_id", "comments only"), hashtags="hashtag_names",
            mentions="video_mention_list",
            metrics=(
                "like_count, share_count, comment_count or reply_count, view_count",
                "likes, reposts, replies, views",
            ),
            accounts=(
                "username; users: display_name, bio_description, follower_count, following_count, video_count, "
                "is_verified",
                "handle, display_name, description, followers, following, posts, verified",
            ),
        ),
    ),
    left_out=(
        LeftOut("region_code", "where the account was registered: no place of the post"),
        no_column("music_id, effect_ids, playlist_id, voice_to_text, video_duration, …"),
        no_column("likes_count of a user, avatar_url"),
        LeftOut("cursor, search_id, has_more, error", "of the answer, not of the posts"),
        LeftOut("questions to the API (and, or, not)", "refused: no posts"),
    ),
)  # fmt: skip
