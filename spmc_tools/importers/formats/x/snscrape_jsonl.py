"""snscrape's ``--jsonl``: tweets and Telegram posts, with the old field names and the new.

A line is one row: a tweet or a Telegram post becomes a record, a Twitter user or a Telegram channel an account;
everything else (Mastodon, Reddit, Facebook, …) is refused by its type.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, Field, LeftOut, fields_of, no_column, not_read, place_of_author
from spmc_tools.importers.engine.json_rows import Beside, json_importer, stateless
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import parse_iso
from spmc_tools.importers.fields.values import (
    Json,
    count_of,
    dict_of,
    exact_id,
    flag_of,
    list_of,
    media_of,
    strings_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = ["SNSCRAPE_JSONL"]

_TWITTER = "snscrape.modules.twitter."
_TELEGRAM = "snscrape.modules.telegram."
_CHANNEL = re.compile(r"https?://(?:t|telegram)\.me/(?:s/)?([A-Za-z0-9_]{3,64})/(\d{1,19})(?:\?\S*)?")
_UNTYPED_TWEET = {"url", "date", "id", "replyCount"}
_UNTYPED_POST = {"url", "date", "content", "outlinks"}
_FAMILY = Family(
    zone="every date carries its offset", precision="1 s",
    documentation="https://github.com/JustAnotherArchivist/snscrape", licence="GPL-3.0",
)  # fmt: skip


def _type(line: Json) -> str | None:
    """Return snscrape's name of what a line is; older files name none, their fields tell."""
    named = line.get("_type")
    if isinstance(named, str):
        return named if named.startswith("snscrape.") else None
    if line.keys() >= _UNTYPED_TWEET and ("content" in line or "rawContent" in line):
        return f"{_TWITTER}Tweet"
    if line.keys() >= _UNTYPED_POST and "id" not in line:
        return f"{_TELEGRAM}TelegramPost"
    return None


def _is_of(row: Json) -> bool:
    return _type(row) is not None


def _id(holder: Json, key: str = "id") -> str | None:
    """Return an id: ``id.str`` is what snscrape writes for parsers that round."""
    return exact_id(holder.get(f"{key}.str")) or exact_id(holder.get(key))


def _links(post: Json) -> list[str] | None:
    """Return addresses in order: ``links`` of new files, ``outlinks`` of old ones."""
    if isinstance(post.get("links"), list):
        return strings_of([dict_of(link).get("url") for link in post["links"]])
    return strings_of(post.get("outlinks"))


def _media(post: Json) -> list[dict[str, str | None]] | None:
    """Return pictures by their full address and films by their first variant; twscrape keeps them by kind."""
    kinds = dict_of(post.get("media"))
    items = [one for kind in ("photos", "videos", "animated") for one in list_of(kinds.get(kind))]
    found = []
    for item in map(dict_of, items or list_of(post.get("media"))):
        variants = [dict_of(v).get("url") for v in list_of(item.get("variants"))]
        whole = text_of(item.get("fullUrl"), *variants, item.get("videoUrl"), item.get("url"))
        found.append(text_of(whole, item.get("thumbnailUrl"), item.get("previewUrl")))
    return media_of(found)


def _tweet_reference(tweet: Json) -> tuple[str, str | None, str | None, Json]:
    """Return kind, id and author of the tweet that is reposted, answered or quoted, and that tweet."""
    for key, kind in (("retweetedTweet", "repost"), ("inReplyToTweetId", "reply"), ("quotedTweet", "quote")):
        referenced = tweet.get(key)
        if kind == "reply":
            ref_id = _id(tweet, key)
            if ref_id is not None:
                return kind, ref_id, _id(dict_of(tweet.get("inReplyToUser"))), {}
        elif isinstance(referenced, dict) and (ref_id := _id(referenced)) is not None:
            return kind, ref_id, _id(dict_of(referenced.get("user"))), referenced
    return "post", None, None, {}


def _tweet_text(tweet: Json) -> str | None:
    return text_of(tweet.get("rawContent"), tweet.get("content"), tweet.get("renderedContent"))


def _tweet(tweet: Json, row: int) -> Record | str:
    """Return a tweet as a record, or the reason why it cannot be one."""
    record_id = _id(tweet)
    if record_id is None:
        return f"the id is missing or not exact: {quote(tweet.get('id'))}"
    user = dict_of(tweet.get("user"))
    account_id = _id(user) or text_of(user.get("username"), tweet.get("username"))
    if account_id is None:
        return "the tweet does not say who wrote it (no user)"
    created_at = parse_iso(tweet.get("date"))
    if created_at is None:
        return f"date is missing or no time with a zone: {quote(tweet.get('date'))}"
    kind, ref_id, ref_author, original = _tweet_reference(tweet)
    carrier = original if kind == "repost" and _tweet_text(original) else tweet
    mentioned = [dict_of(m) for m in list_of(carrier.get("mentionedUsers"))]
    return Record(
        record_id=record_id, platform="x", account_id=account_id, created_at=created_at, kind=kind, source_row=row,
        time_precision_s=1.0, url=text_of(tweet.get("url")), text=_tweet_text(carrier), lang=text_of(tweet.get("lang")),
        ref_record_id=ref_id, ref_account_id=ref_author, conversation_id=_id(tweet, "conversationId"),
        urls=_links(carrier), hashtags=strings_of(carrier.get("hashtags")),
        mentions=strings_of([_id(m) or m.get("username") for m in mentioned]), media=_media(carrier),
        client=text_of(tweet.get("sourceLabel"), tweet.get("source")), likes=count_of(tweet.get("likeCount")),
        reposts=count_of(tweet.get("retweetCount")), replies=count_of(tweet.get("replyCount")),
        views=count_of(tweet.get("viewCount")),
    )  # fmt: skip


def _post(post: Json, row: int) -> Record | str:
    """Return a Telegram post as a record, or the reason why it cannot be one."""
    url = text_of(post.get("url"))
    found = _CHANNEL.fullmatch(url or "")
    if found is None:
        return f"the address names no channel and post: {quote(url)}"
    created_at = parse_iso(post.get("date"))
    if created_at is None:
        return f"date is missing or no time with a zone: {quote(post.get('date'))}"
    channel, number = found[1], found[2]
    urls = strings_of(post.get("outlinks"))
    if urls is None and isinstance(post.get("outlinks"), str):
        urls = strings_of(post["outlinks"].split())
    return Record(
        record_id=f"{channel}/{number}", platform="telegram", account_id=channel, created_at=created_at, kind="post",
        source_row=row, time_precision_s=1.0, url=url, surface_id=channel, text=text_of(post.get("content")), urls=urls,
    )  # fmt: skip


def _user(user: Json, row: int) -> Account | None:
    """Return a Twitter user as an account; None where it has neither id nor name."""
    account_id = _id(user) or text_of(user.get("username"))
    if account_id is None or "username" not in user:
        return None
    return Account(
        account_id=account_id, platform="x", source_row=row, handle=text_of(user.get("username")),
        display_name=text_of(user.get("displayname"), user.get("displayName")),
        created_at=parse_iso(user.get("created")),
        description=text_of(user.get("rawDescription"), user.get("description"), user.get("renderedDescription")),
        followers=count_of(user.get("followersCount")), following=count_of(user.get("friendsCount")),
        posts=count_of(user.get("statusesCount")), verified=flag_of(user.get("verified")),
        location_text=text_of(user.get("location")),
    )  # fmt: skip


def _channel(channel: Json, row: int) -> Account | None:
    """Return a Telegram channel as an account; None where it has no name."""
    name = text_of(channel.get("username"))
    return None if name is None else Account(
        account_id=name, platform="telegram", source_row=row, handle=name, display_name=text_of(channel.get("title")),
        description=text_of(channel.get("description")), followers=count_of(channel.get("members")),
        verified=flag_of(channel.get("verified")),
    )  # fmt: skip


def _users_beside(tweet: Json) -> Iterator[Json]:
    """Give the users that a tweet carries within itself and the tweets it refers to."""
    for carrier in (tweet, dict_of(tweet.get("retweetedTweet")), dict_of(tweet.get("quotedTweet"))):
        for user in (carrier.get("user"), carrier.get("inReplyToUser"), *list_of(carrier.get("mentionedUsers"))):
            if isinstance(user, dict):
                yield user


def _rows(found: Json, number: int) -> Iterator[Item]:
    """Give what one line holds: it is one row, whatever it is."""
    kind = _type(found)
    if kind in {f"{_TWITTER}Tweet", f"{_TELEGRAM}TelegramPost"}:
        is_tweet = kind.startswith(_TWITTER)
        record = _tweet(found, number) if is_tweet else _post(found, number)
        yield record
        for user in _users_beside(found) if is_tweet and isinstance(record, Record) else ():
            if account := _user(user, number):
                yield Beside(account)
    elif kind in {f"{_TWITTER}User", f"{_TELEGRAM}Channel"}:
        account = _user(found, number) if kind.startswith(_TWITTER) else _channel(found, number)
        yield account or "an account without a name"
    elif kind is None:
        yield f"no line of snscrape: it has the fields {quote(', '.join(map(str, found)), 120)}"
    else:
        yield f"{quote(kind.removeprefix('snscrape.modules.'))}: this importer reads tweets and Telegram posts"


SNSCRAPE_JSONL = json_importer(
    stateless(_rows), _FAMILY, name="snscrape_jsonl",
    title="snscrape --jsonl: tweets and Telegram posts, old and new field names; tweets of twscrape",
    recognised_by="one JSON object per line: _type snscrape.modules.…; older: url, date, content and replyCount",
    tells=_is_of,
    fields=(
        *fields_of(
            record_id=("id", "of Telegram: channel/number out of url"),
            account_id=("user.id, else user.username, else username", "of Telegram: the channel out of url"),
            surface_id=("channel out of url", "Telegram only"), created_at="date", url="url",
            text=("rawContent, else content", "of a repost: retweetedTweet's"),
        ),
        Field("retweetedTweet, inReplyToTweetId, quotedTweet", "kind, ref_record_id", "the first that is given"),
        *fields_of(
            ref_account_id="retweetedTweet.user, inReplyToUser, quotedTweet.user", conversation_id="conversationId",
            urls="links[].url, else outlinks", hashtags="hashtags", mentions="mentionedUsers[]: id, username",
            media=(
                "media[]: fullUrl, variants[].url, thumbnailUrl, previewUrl; of twscrape media.photos[].url, "
                "videos[].variants[].url, animated[].videoUrl", "the first that is given",
            ),
            lang="lang", client="sourceLabel, else source",
            metrics=("likeCount, retweetCount, replyCount, viewCount", "likes, reposts, replies, views"),
            accounts=(
                "user, inReplyToUser, mentionedUsers[], lines of type User: username, displayname, rawDescription, "
                "created, followersCount, friendsCount, statusesCount, location, verified; Channel: username, title, "
                "description, members, verified",
                "handle, display_name, description, created_at, followers, following, posts, location_text, "
                "verified; no time of observation is given",
            ),
        ),
    ),
    left_out=(
        LeftOut("renderedContent", "rawContent says the same with the addresses whole; used where it alone is given"),
        LeftOut("retweetedTweet, quotedTweet", "context: they lend a repost its text and its author"),
        place_of_author("coordinates, place"),
        not_read("card, linkPreview, vibe, cashtags"),
        no_column("quoteCount, bookmarkCount"),
        LeftOut("sourceUrl, pinned, editState, conversationControlPolicy", "settings of X, not of the post"),
        LeftOut("Toot, Boost, Submission, Comment, FacebookPost, …", "refused row by row: not read by this importer"),
    ),
)  # fmt: skip
