"""Zeeschuimer's NDJSON: what a browser was shown, platform by platform, with the platform's own object in ``data``.

``data`` can hold tokens and settings of the person who looked; only the fields named here leave it, and a refused row
keeps no more of it than the names of its fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, Field, LeftOut, fields_of
from spmc_tools.importers.engine.json_rows import Beside, json_importer, refusal, stateless
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import parse_epoch
from spmc_tools.importers.fields.values import Json, count_of, dict_of, exact_id, flag_of, list_of, media_of, text_of
from spmc_tools.importers.formats.x.x_api_v1 import status, user_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = ["ZEESCHUIMER"]

_MARKS = {"nav_index", "item_id", "source_platform", "data"}
_FAMILY = Family(
    zone="times count from 1970 in UTC, or name it", precision="1 s",
    documentation="https://github.com/digitalmethodsinitiative/zeeschuimer; https://github.com/digitalmethodsinitiative/4cat",
    licence="MPL-2.0",
)  # fmt: skip


def _is_of(row: Json) -> bool:
    return row.keys() >= _MARKS


def _rows(found: Json, number: int) -> Iterator[Item]:
    platform = str(found.get("source_platform"))
    data = dict_of(found.get("data"))
    read = _READERS.get(platform)
    seen_at = parse_epoch(found.get("timestamp_collected"), "ms")
    if read is None:
        reason = f"{quote(platform, 40)}: this importer reads {', '.join(sorted(_READERS))}"
        yield _without_data(found, number, reason)
        return
    try:
        record, account = read(data, number, found)
    except _NoPostError as error:
        yield _without_data(found, number, str(error))
        return
    yield record._replace(collected_at=seen_at)
    if account is not None:
        yield Beside(account._replace(observed_at=seen_at))


def _without_data(found: Json, number: int, reason: str) -> Item:
    """Return a refused row without what the platform wrote: only the names of its fields."""
    kept = {key: value for key, value in found.items() if key not in {"data", "user_agent"}}
    return refusal(number, reason, {**kept, "data": sorted(map(str, dict_of(found.get("data"))))[:100]})


_Read = tuple[Record, Account | None]
_NO_AUTHOR = "the object does not say who posted it"


class _NoPostError(Exception):
    """An object is no post; the text says what it lacks."""


def _tiktok(video: Json, number: int, outer: Json) -> _Read:
    author = dict_of(video.get("author"))
    who = exact_id(author.get("id")) or text_of(author.get("uniqueId"))
    record_id, account_id, at = _keys(exact_id(video.get("id")), who, parse_epoch(video.get("createTime")))
    stats = dict_of(video.get("stats"))
    tags = [text_of(dict_of(challenge).get("title")) for challenge in list_of(video.get("challenges"))]
    extra = [dict_of(part) for part in list_of(video.get("textExtra"))]
    name = text_of(author.get("uniqueId"))
    totals = dict_of(video.get("authorStats"))
    record = Record(
        record_id, "tiktok", account_id, at, "post", number, 1.0,
        url=f"https://www.tiktok.com/@{name}/video/{record_id}" if name else None, text=text_of(video.get("desc")),
        hashtags=[tag for tag in tags if tag] or None,
        mentions=[who for part in extra if (who := exact_id(part.get("userId")))] or None,
        media=media_of([dict_of(video.get("video")).get("cover")]), likes=count_of(stats.get("diggCount")),
        reposts=count_of(stats.get("shareCount")), replies=count_of(stats.get("commentCount")),
        views=count_of(stats.get("playCount")),
    )  # fmt: skip
    return record, Account(
        account_id, "tiktok", number, handle=name, display_name=text_of(author.get("nickname")),
        description=text_of(author.get("signature")), followers=count_of(totals.get("followerCount")),
        following=count_of(totals.get("followingCount")), posts=count_of(totals.get("videoCount")),
        verified=flag_of(author.get("verified")),
    )  # fmt: skip


def _tiktok_comment(comment: Json, number: int, outer: Json) -> _Read:
    user = dict_of(comment.get("user"))
    who = exact_id(user.get("uid")) or text_of(user.get("unique_id"))
    record_id, account_id, at = _keys(exact_id(comment.get("cid")), who, parse_epoch(comment.get("create_time")))
    video, parent = exact_id(comment.get("aweme_id")), exact_id(comment.get("reply_id"))
    record = Record(
        record_id, "tiktok", account_id, at, "comment", number, 1.0, surface_id=video,
        text=text_of(comment.get("text")), lang=text_of(comment.get("comment_language")),
        ref_record_id=parent if parent not in {None, "0"} else video, conversation_id=video,
        likes=count_of(comment.get("digg_count")), replies=count_of(comment.get("reply_comment_total")),
    )  # fmt: skip
    return record, Account(
        account_id, "tiktok", number, handle=text_of(user.get("unique_id")), display_name=text_of(user.get("nickname"))
    )


def _x(tweet: Json, number: int, outer: Json) -> _Read:
    """Return a post of X: its ``legacy`` object is a status of API v1.1; what that lacks lies beside it."""
    inner = dict_of(tweet.get("tweet")) or tweet
    legacy = dict(dict_of(inner.get("legacy")))
    user = dict_of(dict_of(dict_of(dict_of(inner.get("core")).get("user_results")).get("result")))
    about = {**dict_of(user.get("legacy")), **dict_of(user.get("core"))}
    owner = exact_id(user.get("rest_id")) or exact_id(legacy.get("user_id_str"))
    legacy.setdefault("id_str", inner.get("rest_id"))
    legacy.setdefault("source", inner.get("source"))
    shared = _x_original(legacy.pop("retweeted_status_result", None))
    for name, original in (("retweeted", shared), ("quoted", _x_original(inner.get("quoted_status_result")))):
        if original:
            legacy[f"{name}_status"] = original
    note = dict_of(dict_of(dict_of(inner.get("note_tweet")).get("note_tweet_results")).get("result"))
    record = status(legacy, number, owner)
    if isinstance(record, str):
        raise _NoPostError(record)
    if owner is None:
        raise _NoPostError(_NO_AUTHOR)
    views = dict_of(inner.get("views")).get("count")
    record = record._replace(
        text=record.text if shared else text_of(note.get("text")) or record.text,
        conversation_id=exact_id(legacy.get("conversation_id_str")),
        views=int(views) if isinstance(views, str) and views.isdecimal() and len(views) < 19 else record.views,
    )
    return record, user_account(about, owner, number, None)


def _x_original(found: object) -> Json:
    """Return a post that is reposted or quoted as a status of API v1.1 with its author; {} where there is none."""
    result = dict_of(dict_of(found).get("result"))
    original = dict_of(result.get("tweet")) or result
    author = dict_of(dict_of(dict_of(original.get("core")).get("user_results")).get("result"))
    if not original:
        return {}
    about = {"user": {"id_str": author.get("rest_id")}}
    return {"id_str": original.get("rest_id"), **dict_of(original.get("legacy")), **about}


def _instagram(node: Json, number: int, outer: Json) -> _Read:
    user = dict_of(node.get("user")) or dict_of(node.get("owner"))
    caption = node.get("caption")
    text = text_of(caption) or text_of(dict_of(caption).get("text"))
    record_id = exact_id(node.get("code")) or exact_id(node.get("shortcode")) or exact_id(node.get("id"))
    account_id = exact_id(user.get("pk")) or exact_id(user.get("id")) or text_of(user.get("username"))
    record_id, account_id, at = _keys(
        record_id, account_id, parse_epoch(node.get("taken_at")) or parse_epoch(node.get("taken_at_timestamp"))
    )
    pictures = [dict_of(image) for image in list_of(dict_of(node.get("image_versions2")).get("candidates"))]
    record = Record(
        record_id, "instagram", account_id, at, "post", number, 1.0, url=f"https://www.instagram.com/p/{record_id}/",
        text=text, media=media_of([text_of(*(image.get("url") for image in pictures[:1]), node.get("display_url"))]),
        likes=count_of(node.get("like_count")), replies=count_of(node.get("comment_count")),
        views=count_of(node.get("play_count")),
    )  # fmt: skip
    return record, Account(
        account_id, "instagram", number, handle=text_of(user.get("username")),
        display_name=text_of(user.get("full_name")), verified=flag_of(user.get("is_verified")),
    )  # fmt: skip


def _keys(record_id: str | None, account_id: str | None, at: int | None) -> tuple[str, str, int]:
    """Return what an object needs to be a post; raise where it lacks some of it."""
    if record_id is None:
        raise _NoPostError("the object has no exact id")
    if account_id is None:
        raise _NoPostError(_NO_AUTHOR)
    if at is None:
        raise _NoPostError("the object has no time")
    return record_id, account_id, at


_READERS: dict[str, Callable[[Json, int, Json], _Read]] = {
    "tiktok.com": _tiktok,
    "tiktok-comments": _tiktok_comment,
    "twitter.com": _x,
    "x.com": _x,
    "instagram.com": _instagram,
}

ZEESCHUIMER = json_importer(
    stateless(_rows), _FAMILY, name="zeeschuimer", title="Zeeschuimer's NDJSON: TikTok and its comments, X, Instagram",
    recognised_by="nav_index, item_id, source_platform and data", tells=_is_of, keeps_raw=False,
    fields=(
        *fields_of(
            record_id="data: id, cid, legacy.id_str, code",
            account_id="data: author.id, user.uid, user_results.rest_id, user.pk",
            created_at="data: createTime, create_time, legacy.created_at, taken_at",
            text=("data: desc, text, note_tweet or legacy.full_text, caption", "of a repost on X: the original's"),
            hashtags="data: challenges, legacy.entities", mentions="data: textExtra, legacy.entities",
            urls="data: legacy.entities.urls", client=("data: source", "on X"), media="data: pictures and films",
        ),
        Field("data: aweme_id, reply_id; legacy.*_status*", "kind, ref_record_id, ref_account_id, conversation_id"),
        *fields_of(
            metrics=("data: counts", "likes, reposts, replies, views"), lang="data: lang, comment_language",
            surface_id=("data: aweme_id", "of a comment on TikTok: the video"),
            url=("data: id and name", "built; never fetched"), collected_at="timestamp_collected",
            accounts=(
                "data: author or user",
                "handle, display_name, created_at, description, followers, following, posts, verified, location_text",
            ),
        ),
    ),
    left_out=(
        LeftOut("data beyond these fields", "can hold tokens of the person who looked: kept in no table"),
        LeftOut("user_agent, source_url, source_platform_url, nav_index", "of the browser that collected it"),
        LeftOut("other platforms", "refused row by row; 4CAT's CSV of them is read as fourcat_csv"),
    ),
)  # fmt: skip
