"""YouTube: answers of its Data API (videos, searches, comments), and the lines of youtube-comment-downloader.

The downloader sees "3 weeks ago" and reckons a second out of it; the clock of such a comment is as coarse as the word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, LeftOut, fields_of, no_column, not_read
from spmc_tools.importers.engine.json_rows import Beside, json_importer, no_post, stateless
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import parse_epoch, parse_iso
from spmc_tools.importers.fields.values import Json, count_of, dict_of, exact_id, list_of, strings_of, text_of
from spmc_tools.importers.files.page_text import seen_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = ["YOUTUBE_API", "YOUTUBE_COMMENT_DOWNLOADER"]


def _keys(
    record_id: str | None, account_id: str | None, at: int | None, *, own: object, told: tuple[str, object]
) -> tuple[str, str, int] | str:
    """Return what an object needs to be a post; else why it is none, with the id and the time (field, value) it had."""
    if record_id is None:
        return f"the id is missing or not exact: {quote(own)}"
    if account_id is None:
        return "the object does not say who posted it"
    if at is None:
        return f"{told[0]} is no time: {quote(told[1])}"
    return record_id, account_id, at


def _keys_of_answer(
    answer: Json, about: Json, record_id: str | None, account_id: str | None
) -> tuple[str, str, int] | str:
    """Return the same of an answer of the API, whose time stands in its snippet."""
    told = about.get("publishedAt")
    return _keys(record_id, account_id, parse_iso(told), own=answer.get("id"), told=("publishedAt", told))


def _author(account_id: str, number: int, name: str | None) -> Beside:
    """Return a description of who wrote a comment: since 2023 YouTube gives the handle, ``@name``, as the name."""
    if name is not None and name.startswith("@"):
        return Beside(Account(account_id, "youtube", number, handle=name[1:] or None))
    return Beside(Account(account_id, "youtube", number, display_name=name))


def _is_answer(row: Json) -> bool:
    return str(row.get("kind", "")).startswith("youtube#") and ("items" in row or "snippet" in row)


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else count_of(value)


def _rows(found: Json, number: int) -> Iterator[Item]:
    kind = str(found.get("kind", ""))
    snippet = dict_of(found.get("snippet"))
    if "items" in found:
        for item in list_of(found.get("items")):
            yield from _rows(dict_of(item), number)
    elif kind == "youtube#commentThread":
        top = dict_of(snippet.get("topLevelComment"))
        yield from _comment(top, number, snippet, None)
        for reply in list_of(dict_of(found.get("replies")).get("comments")):
            yield from _comment(dict_of(reply), number, snippet, exact_id(top.get("id")))
    elif kind == "youtube#comment":
        yield from _comment(found, number, {}, None)
    elif kind in {"youtube#video", "youtube#searchResult"}:
        yield from _video(found, number)
    else:
        yield no_post(found)


def _comment(comment: Json, number: int, thread: Json, above: str | None) -> Iterator[Item]:
    about = dict_of(comment.get("snippet"))
    author = exact_id(dict_of(about.get("authorChannelId")).get("value"))
    keys = _keys_of_answer(comment, about, exact_id(comment.get("id")), author)
    if isinstance(keys, str):
        yield keys
    else:
        record_id, account_id, at = keys
        parent = exact_id(about.get("parentId")) or above
        edited = parse_iso(about.get("updatedAt"))
        yield Record(
            record_id, "youtube", account_id, at, "reply" if parent else "comment", number, 1.0,
            surface_id=exact_id(about.get("videoId")) or exact_id(thread.get("videoId")),
            text=text_of(about.get("textOriginal")) or seen_text(about.get("textDisplay")), ref_record_id=parent,
            conversation_id=parent or record_id, edited_at=edited if edited != at else None,
            likes=_number(about.get("likeCount")), replies=None if parent else _number(thread.get("totalReplyCount")),
        )  # fmt: skip
        yield _author(account_id, number, text_of(about.get("authorDisplayName")))


def _video(video: Json, number: int) -> Iterator[Item]:
    about, counts = dict_of(video.get("snippet")), dict_of(video.get("statistics"))
    found = exact_id(video.get("id")) or exact_id(dict_of(video.get("id")).get("videoId"))
    keys = _keys_of_answer(video, about, found, exact_id(about.get("channelId")))
    if isinstance(keys, str):
        yield keys
    else:
        record_id, account_id, at = keys
        parts = [text_of(about.get("title")), text_of(about.get("description"))]
        yield Record(
            record_id, "youtube", account_id, at, "post", number, 1.0,
            url=f"https://www.youtube.com/watch?v={record_id}", surface_id=account_id,
            text="\n".join(part for part in parts if part) or None, lang=text_of(about.get("defaultLanguage")),
            hashtags=strings_of(about.get("tags")), likes=_number(counts.get("likeCount")),
            replies=_number(counts.get("commentCount")), views=_number(counts.get("viewCount")),
        )  # fmt: skip
        yield Beside(Account(account_id, "youtube", number, display_name=text_of(about.get("channelTitle"))))


YOUTUBE_API = json_importer(
    stateless(_rows),
    Family(
        zone="every time names UTC", precision="1 s", documentation="https://developers.google.com/youtube/v3/docs",
        licence="CC BY 4.0",
    ),
    name="youtube_api", title="answers of YouTube's Data API: videos, results of a search, comments", tells=_is_answer,
    recognised_by="kind that begins with youtube#, and items or snippet",
    fields=fields_of(
        record_id="id, else id.videoId", account_id="snippet.authorChannelId.value; of a video snippet.channelId",
        created_at="snippet.publishedAt",
        kind=("kind, snippet.parentId", "comment; an answer: reply; a video: post"),
        text="snippet.textOriginal, else textDisplay; of a video title and description",
        url=("id", "of a video; built, never fetched"), surface_id="snippet.videoId; of a video snippet.channelId",
        lang="snippet.defaultLanguage", ref_record_id="snippet.parentId",
        conversation_id="the comment answered, else id",
        edited_at="snippet.updatedAt, where it is another than publishedAt", hashtags="snippet.tags",
        metrics=("likeCount, totalReplyCount or commentCount, viewCount", "likes, replies, views"),
        accounts=("snippet.authorDisplayName, snippet.channelTitle", "handle, display_name"),
    ),
    left_out=(
        LeftOut("channels and playlists of a search", "no posts; refused by their fields"),
        not_read("etag, pageInfo, thumbnails, categoryId, viewerRating, canRate, moderationStatus"),
        no_column("contentDetails, topicDetails, liveStreamingDetails"),
        LeftOut("authorProfileImageUrl, authorChannelUrl", "a picture; the name and the id say the same"),
    ),
)  # fmt: skip

_UNITS = {"second": 60.0, "minute": 60.0, "hour": 3600.0, "day": 86_400.0, "week": 604_800.0, "month": 2_678_400.0}
_YEAR = 31_622_400.0
_AGO = re.compile(r"\s*\d{1,4} (second|minute|hour|day|week|month)s? ago\b.*", re.IGNORECASE)
_LINE = {"cid", "text", "time", "author", "channel", "votes"}


def _coarse(ago: object) -> float:
    """Return how coarse a time is that was said as "3 weeks ago"; a year where its words are not known."""
    found = _AGO.fullmatch(ago) if isinstance(ago, str) else None
    return _UNITS[found[1].lower()] if found else _YEAR


def _line(found: Json, number: int) -> Iterator[Item]:
    keys = _keys(
        exact_id(found.get("cid")), exact_id(found.get("channel")), parse_epoch(found.get("time_parsed")),
        own=found.get("cid"), told=("time_parsed", found.get("time_parsed")),
    )  # fmt: skip
    if isinstance(keys, str):
        yield keys
    else:
        record_id, account_id, at = keys
        above = record_id.rsplit(".", 1)[0] if found.get("reply") is True and "." in record_id else None
        yield Record(
            record_id, "youtube", account_id, at, "reply" if above else "comment", number, _coarse(found.get("time")),
            text=text_of(found.get("text")), ref_record_id=above, conversation_id=above or record_id,
            likes=_number(found.get("votes")), replies=None if above else _number(found.get("replies")),
        )  # fmt: skip
        yield _author(account_id, number, text_of(found.get("author")))


YOUTUBE_COMMENT_DOWNLOADER = json_importer(
    stateless(_line),
    Family(
        zone="time_parsed counts from 1970 in UTC",
        precision="as coarse as the word in time: a minute, hour, day, week, month or year",
        documentation="https://github.com/egbertbouman/youtube-comment-downloader", licence="MIT",
    ),
    name="youtube_comment_downloader", title="comments of YouTube as youtube-comment-downloader writes them",
    tells=lambda row: row.keys() >= _LINE, recognised_by="cid, text, time, author, channel and votes",
    fields=fields_of(
        record_id="cid", account_id="channel",
        created_at=("time_parsed, time", "reckoned from “3 weeks ago”: the precision is that of the word"),
        kind=("reply, cid", "reply, else comment"), text="text",
        ref_record_id=("cid", "of an answer: what stands before its last dot"),
        conversation_id="cid of the comment that was answered, else its own",
        metrics=("votes, replies", "likes, replies; 1.2K is no number"), accounts=("author", "handle, display_name"),
    ),
    left_out=(LeftOut("photo, heart, paid", "a picture; settings of the video's owner"),),
)  # fmt: skip
