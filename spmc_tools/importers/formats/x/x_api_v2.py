"""X API v2 as ``twarc2`` and ``academictwitteR`` write it: pages, flattened lines, streams, lists of tweets or users.

A record is a tweet of ``data`` (or a flattened line). Tweets under ``includes`` are context: they lend a repost its
full text, and their authors become accounts, but they are no records, since nobody asked for them.

Every object of ``data`` is one row read: a tweet becomes a record, a user an account; counts, lists, compliance
notices and errors are refused by name. A page without results holds no row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, LeftOut, fields_of, no_column, not_read, place_of_author
from spmc_tools.importers.engine.json_rows import Beside, Empty, json_importer, no_post, refusal, stateless
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import parse_iso
from spmc_tools.importers.fields.values import Json, count_of, dict_of, exact_id, list_of, text_of
from spmc_tools.importers.formats.x.x_api_v1 import described

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = ["X_API_V2"]

_BESIDE_DATA = {"includes", "meta", "__twarc", "errors", "matching_rules"}
_TWEET_MARKS = {"author_id", "author", "edit_history_tweet_ids", "__twarc", "public_metrics", "conversation_id"}
_REF_KINDS = (("retweeted", "repost"), ("replied_to", "reply"), ("quoted", "quote"))
_PLATFORM = "x"
_FAMILY = Family(
    zone="every time names UTC", precision="1 s (X writes .000Z); 0.001 s where milliseconds are given",
    documentation="https://docs.x.com/x-api/fundamentals/data-dictionary; https://twarc-project.readthedocs.io/",
    licence="proprietary; MIT (twarc, academictwitteR)",
)  # fmt: skip


def _shape(line: Json) -> str | None:
    """Name what one line is: page, tweet, user, compliance, error; None where it is not of this API."""
    if "data" in line and _BESIDE_DATA & line.keys() and isinstance(line["data"], (list, dict, type(None))):
        return "page"
    if "text" in line and "id" in line and _TWEET_MARKS & line.keys() and "_type" not in line:
        return "tweet"
    if "username" in line and "id" in line and "public_metrics" in line:
        return "user"
    if {"id", "action", "created_at"} <= line.keys() and ("reason" in line or "redacted_at" in line):
        return "compliance"
    if isinstance(line.get("errors"), list) or {"title", "detail", "type"} <= line.keys():
        return "error"
    if "meta" in line and "__twarc" in line:
        return "page"
    users = line.get("users")
    if isinstance(users, list) and users and {"id", "username", "public_metrics"} <= dict_of(users[0]).keys():
        return "page"
    return None


class _Context:
    """What a page says beside its tweets: referenced tweets, media, and when it was collected."""

    __slots__ = ("collected_at", "ids", "media", "tweets", "users")

    def __init__(self, page: Json) -> None:
        includes = page.get("includes")
        includes = includes if isinstance(includes, dict) else {}
        self.tweets = _by(includes.get("tweets"), "id")
        self.media = _by(includes.get("media"), "media_key")
        self.users = [u for u in list_of(includes.get("users")) if isinstance(u, dict)]
        self.ids = {
            user["username"].casefold(): account_id
            for user in self.users
            if isinstance(user.get("username"), str) and (account_id := exact_id(user.get("id")))
        }
        twarc = page.get("__twarc")
        self.collected_at = parse_iso(twarc.get("retrieved_at")) if isinstance(twarc, dict) else None


def _by(items: object, key: str) -> dict[str, Json]:
    return {item[key]: item for item in list_of(items) if isinstance(item, dict) and isinstance(item.get(key), str)}


def _user(user: Json, row: int, observed_at: int | None) -> Account | None:
    account_id = exact_id(user.get("id"))
    if account_id is None:
        return None
    metrics = user.get("public_metrics")
    metrics = metrics if isinstance(metrics, dict) else {}
    return described(user, account_id, row, observed_at)._replace(
        handle=text_of(user.get("username")), created_at=parse_iso(user.get("created_at")),
        followers=count_of(metrics.get("followers_count")), following=count_of(metrics.get("following_count")),
        posts=count_of(metrics.get("tweet_count")),
    )  # fmt: skip


def _reference(tweet: Json, context: _Context) -> tuple[str, str | None, str | None, Json]:
    """Return kind, id and author of the tweet that is reposted, answered or quoted, and that tweet where given."""
    refs = {
        ref["type"]: ref
        for ref in reversed(list_of(tweet.get("referenced_tweets")))
        if isinstance(ref, dict) and isinstance(ref.get("type"), str)
    }
    addressed = exact_id(tweet.get("in_reply_to_user_id"))
    for name, kind in _REF_KINDS:
        if name not in refs:
            continue
        ref = refs[name]
        ref_id = exact_id(ref.get("id"))
        original = ref if "text" in ref else context.tweets.get(ref_id or "", {})
        author = exact_id(original.get("author_id"))
        if author is None and kind == "reply":
            author = addressed
        if author is None and kind == "repost":
            author = _retweeted_author(tweet, context)
        return kind, ref_id, author, original
    return ("reply" if addressed else "post"), None, addressed, {}


def _retweeted_author(tweet: Json, context: _Context) -> str | None:
    """Return the id of the author named in X's own ``RT @name:``, where the file gives that name's id."""
    text, entities = tweet.get("text"), tweet.get("entities")
    if not isinstance(text, str) or not isinstance(entities, dict):
        return None
    for mention in list_of(entities.get("mentions")):
        if isinstance(mention, dict) and isinstance(mention.get("username"), str):
            name = mention["username"]
            if text[: len(name) + 5].casefold() == f"rt @{name}:".casefold():
                return exact_id(mention.get("id")) or context.ids.get(name.casefold())
    return None


def _long_form(tweet: Json) -> tuple[str | None, Json]:
    """Return the whole text and its entities: of a long post they stand in ``note_tweet``."""
    note = tweet.get("note_tweet")
    if isinstance(note, dict) and isinstance(note.get("text"), str):
        entities = note.get("entities")
        return note["text"], entities if isinstance(entities, dict) else {}
    entities = tweet.get("entities")
    return text_of(tweet.get("text")), entities if isinstance(entities, dict) else {}


def _urls(entities: Json) -> list[str] | None:
    """Return addresses in order, as far expanded as X did; pictures of the post itself are under media."""
    found = [
        text_of(url.get("unwound_url"), url.get("expanded_url"), url.get("url"))
        for url in list_of(entities.get("urls"))
        if isinstance(url, dict) and "media_key" not in url
    ]
    return [url for url in found if url] or None


def _tags(entities: Json) -> list[str] | None:
    """Return hashtags in order, without #."""
    tags = [tag.get("tag") for tag in list_of(entities.get("hashtags")) if isinstance(tag, dict)]
    return [tag for tag in tags if isinstance(tag, str) and tag] or None


def _mentions(entities: Json, context: _Context) -> list[str] | None:
    """Return who is mentioned, in order: the id; the name where the file gives no id for it."""
    found: list[str] = []
    for mention in list_of(entities.get("mentions")):
        if not isinstance(mention, dict):
            continue
        name = text_of(mention.get("username")) or ""
        if who := exact_id(mention.get("id")) or context.ids.get(name.casefold()) or name:
            found.append(who)
    return found or None


def _media(tweet: Json, context: _Context) -> list[dict[str, str | None]] | None:
    attached = tweet.get("attachments")
    if not isinstance(attached, dict):
        return None
    items = [context.media.get(key) for key in list_of(attached.get("media_keys")) if isinstance(key, str)]
    items += [item for item in list_of(attached.get("media")) if isinstance(item, dict)]
    found = [text_of(item.get("url"), item.get("preview_image_url")) for item in items if item]
    return [{"url": url, "sha256": None, "phash": None} for url in dict.fromkeys(found) if url] or None


def _tweet(tweet: Json, row: int, context: _Context) -> Record | str:
    """Return a tweet as a record, or the reason why it cannot be one."""
    record_id = exact_id(tweet.get("id"))
    if record_id is None:
        return f"the id is missing or not exact: {quote(tweet.get('id'))}"
    author = tweet.get("author")
    account_id = exact_id(tweet.get("author_id")) or exact_id(author.get("id") if isinstance(author, dict) else None)
    if account_id is None:
        return "the tweet does not say who wrote it (no author_id)"
    created_at = parse_iso(tweet.get("created_at"))
    if created_at is None:
        return f"created_at is missing or no time with a zone: {quote(tweet.get('created_at'))}"
    kind, ref_id, ref_author, original = _reference(tweet, context)
    carrier = original if kind == "repost" and isinstance(original.get("text"), str) else tweet
    text, entities = _long_form(carrier)
    metrics = tweet.get("public_metrics")
    metrics = metrics if isinstance(metrics, dict) else {}
    versions = list_of(tweet.get("edit_history_tweet_ids"))
    return Record(
        record_id=record_id, platform=_PLATFORM, account_id=account_id, created_at=created_at, kind=kind,
        source_row=row, time_precision_s=1.0 if created_at % 1_000_000 == 0 else 0.001,
        url=f"https://x.com/i/web/status/{record_id}" if record_id.isdigit() else None, text=text,
        lang=text_of(tweet.get("lang")), ref_record_id=ref_id, ref_account_id=ref_author,
        conversation_id=exact_id(tweet.get("conversation_id")),
        edited_at=created_at if record_id in versions[1:] else None, urls=_urls(entities), hashtags=_tags(entities),
        mentions=_mentions(entities, context), media=_media(tweet, context), client=text_of(tweet.get("source")),
        likes=count_of(metrics.get("like_count")), reposts=count_of(metrics.get("retweet_count")),
        replies=count_of(metrics.get("reply_count")), views=count_of(metrics.get("impression_count")),
        collected_at=context.collected_at,
    )  # fmt: skip


def _users_beside(tweet: Json) -> Iterator[Json]:
    """Give the user objects that a flattened tweet carries within itself and its references."""
    refs = [ref for ref in list_of(tweet.get("referenced_tweets")) if isinstance(ref, dict)]
    for carrier in (tweet, *refs):
        for key in ("author", "in_reply_to_user"):
            if isinstance(carrier.get(key), dict):
                yield carrier[key]
        entities = carrier.get("entities")
        for mention in list_of(entities.get("mentions")) if isinstance(entities, dict) else ():
            if isinstance(mention, dict) and "name" in mention:
                yield mention


def _why_no_post(item: Json) -> str:
    """Say what an object is that is neither tweet nor user."""
    if "tweet_count" in item:
        return "a count of posts, not a post"
    if "member_count" in item or "owner_id" in item:
        return "a list of accounts, not a post"
    return no_post(item)


def _error_text(found: Json) -> str:
    errors = [e for e in list_of(found.get("errors")) if isinstance(e, dict)]
    first = errors[0] if errors else found
    return quote(text_of(first.get("detail"), first.get("message"), first.get("title")) or "no reason given", 120)


def _rows(found: Json, number: int) -> Iterator[Item]:
    """Give what one line or document holds."""
    shape = _shape(found)
    if shape == "page":
        yield from _page(found, number)
    elif shape in {"tweet", "user"}:
        yield from _item(found, number, _Context(found))
    elif shape == "compliance":
        yield "a compliance notice, not a post"
    elif shape == "error":
        yield f"an error of the API, not a post: {_error_text(found)}"
    else:
        yield _why_no_post(found)


def _page(page: Json, number: int) -> Iterator[Item]:
    context = _Context(page)
    data = page.get("data", page.get("users"))
    items = data if isinstance(data, list) else [data] if data else []
    if not items and isinstance(page.get("errors"), list) and page["errors"]:
        yield f"an error of the API, not a post: {_error_text(page)}"
        return
    if not items:
        yield Empty("pages without results")
    for item in items:
        yield from _item(item, number, context)
    for user in context.users:
        if account := _user(user, number, context.collected_at):
            yield Beside(account)


def _item(item: object, number: int, context: _Context) -> Iterator[Item]:
    if not isinstance(item, dict):
        yield refusal(number, "no JSON object where a tweet was expected", {"data": item})
    elif "text" in item or "author_id" in item:
        record = _tweet(item, number, context)
        if isinstance(record, str):
            yield refusal(number, record, item)
            return
        yield record
        for user in _users_beside(item):
            if account := _user(user, number, context.collected_at):
                yield Beside(account)
    elif "username" in item:
        account = _user(item, number, context.collected_at)
        reason = f"the id is missing or not exact: {quote(item.get('id'))}"
        yield refusal(number, reason, item) if account is None else account
    else:
        yield refusal(number, _why_no_post(item), item)


X_API_V2 = json_importer(
    stateless(_rows), _FAMILY, name="x_api_v2",
    title="X API v2, as twarc2 and academictwitteR write it (pages, flattened, streams, users)", sample_rows=1833,
    recognised_by="data with includes, meta, errors or __twarc; id, text and author_id; users with public_metrics",
    tells=_shape,
    fields=fields_of(
        record_id="id", account_id=("author_id, author.id", "a tweet without either is refused"),
        created_at="created_at",
        kind=(
            "referenced_tweets[].type",
            "retweeted: repost; replied_to: reply; quoted: quote; of several the first in this order counts",
        ),
        ref_record_id="referenced_tweets[].id",
        ref_account_id=(
            "includes.tweets[].author_id, in_reply_to_user_id, entities.mentions[] after “RT @”",
            "the first of these that is given",
        ),
        text=(
            "text, note_tweet.text; of a repost: text of the original in includes",
            "X cuts the text of a repost with …; its own text is used only where the original is not in the file",
        ),
        urls=("entities.urls[]: unwound_url, expanded_url, url", "of a repost: the original's, as its text"),
        hashtags=("entities.hashtags[].tag", "null where X gives none"),
        mentions="entities.mentions[]: id, else the id of that username in includes.users, else username",
        media="attachments.media_keys with includes.media[]: url, preview_image_url", lang="lang", client="source",
        conversation_id="conversation_id",
        edited_at=("edit_history_tweet_ids", "time of this version where it is not the first"),
        metrics=(
            "public_metrics.like_count, retweet_count, reply_count, impression_count",
            "likes, reposts, replies, views",
        ),
        collected_at="__twarc.retrieved_at", url=("id", "built: https://x.com/i/web/status/…; never fetched"),
        accounts=(
            "includes.users[], author, in_reply_to_user, mentions with a profile, users in data: username, name, "
            "created_at, description, public_metrics, verified, location",
            "handle, display_name, created_at, description, followers, following, posts, verified, location_text",
        ),
    ),
    left_out=(
        LeftOut("includes.tweets[]", "context, not what was collected; they lend a repost its text and its author"),
        LeftOut("context_annotations, entities.annotations", "X's guesses about topics and persons"),
        place_of_author("geo, includes.places"),
        LeftOut("withheld", "no column for it yet"),
        LeftOut("a second reference (a reply that also quotes)", "a record refers to one post"),
        not_read("attachments.poll_ids, includes.polls, cashtags"),
        no_column("public_metrics.quote_count, bookmark_count"),
        LeftOut("possibly_sensitive, reply_settings, edit_controls", "settings of X, not of the post"),
    ),
)  # fmt: skip
