"""Real files row by row: every column of a record and of an account against a second reading of the same file.

A reading is a few lines that know the fields of one format and nothing of the importer. It gives whole rows: a column
that it does not name is null. None of the files' text stands here, and what fails names columns, never what is in them.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from spmc_tools.importers.import_files import import_files
from spmc_tools.importers.importer_catalogue import IMPORTERS
from spmc_tools.schema import ACCOUNTS, RECORDS
from tests.importers.formats import real_rows
from tests.importers.formats.real_rows import document, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Reading = Callable[[Path], Iterator["Pair"]]

Row = dict[str, Any]
Pair = tuple[Row | None, Row | None]
METRICS = ("likes", "reposts", "replies", "views")
INDIA = "+05:30"
A, X = "bluesky/bluesky-", "x_api_v1_v2_twitwi/"

READINGS: list[tuple[str, str, Reading]] = []
"""Format, file and its second reading, as :func:`reads` says them."""


def reads(format: str, *names: str) -> Callable[[Reading], Reading]:
    """Say of a reading which files of a format it reads."""

    def noted(reading: Reading) -> Reading:
        READINGS.extend((format, name, reading) for name in names)
        return reading

    return noted


def table(path: Path, delimiter: str = ",") -> list[Row]:
    """Rows with empty cells as None, which is what they say."""
    return [{name: cell or None for name, cell in row.items()} for row in real_rows.table(path, delimiter)]


def numbered(rows: list[Row], start: int = 1) -> Iterator[tuple[int, Row]]:
    return enumerate(rows, start)


def moment(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def ctime(value: str) -> datetime:
    return datetime.strptime(value, "%a %b %d %H:%M:%S %z %Y").astimezone(UTC)


def second(value: float | str) -> datetime:
    return datetime.fromtimestamp(float(value), UTC)


def pictures(urls: list[str | None]) -> list[Row] | None:
    return [{"url": url, "sha256": None, "phash": None} for url in dict.fromkeys(urls) if url] or None


def number(value: Any) -> int | None:
    return None if value in (None, "") else int(float(value))


def figures(**named: Any) -> Row | None:
    found = {name: number(named.get(name)) for name in METRICS}
    return found if any(value is not None for value in found.values()) else None


def seen(page: str) -> str | None:
    """What a reader sees of a page: paragraphs and line breaks, letters instead of entities."""
    text = re.sub(r"<br ?/?>\s*", "\n", re.sub(r"</p>\s*<p>", "\n\n", page))
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip() or None


def x_v2_user(one: Row, row: int, at: datetime | None = None) -> Row:
    counts = one["public_metrics"]
    return {
        "account_id": one["id"], "platform": "x", "handle": one["username"], "display_name": one["name"],
        "created_at": moment(one["created_at"]), "description": one["description"] or None,
        "followers": counts["followers_count"], "following": counts["following_count"], "posts": counts["tweet_count"],
        "verified": one["verified"], "location_text": one.get("location"), "observed_at": at, "source_row": row,
    }  # fmt: skip


def x_v2_tweet(one: Row, row: int, beside: Row, at: datetime | None = None) -> Row:
    tweets = {t["id"]: t for t in beside.get("tweets", [])}
    media = {m["media_key"]: m for m in beside.get("media", [])}
    people = {u["username"]: u["id"] for u in beside.get("users", [])}
    refs = {r["type"]: r["id"] for r in one.get("referenced_tweets", [])}
    kind = next((k for k in ("retweeted", "replied_to", "quoted") if k in refs), None)
    target = tweets.get(refs.get(kind), {})
    text = target if kind == "retweeted" and target else one
    marks = (text.get("note_tweet") or text).get("entities", {})
    links = [u for u in marks.get("urls", []) if "media_key" not in u]
    whose = target.get("author_id") or (one.get("in_reply_to_user_id") if kind in {"replied_to", None} else None)
    if kind == "retweeted" and whose is None:
        whose = people.get(one["text"].split(":")[0].removeprefix("RT @"))
        first = one["entities"]["mentions"][0]
        whose = whose or (first.get("id") if one["text"].startswith(f"RT @{first['username']}:") else None)
    keys, counts, when = one.get("attachments", {}).get("media_keys", []), one["public_metrics"], one["created_at"]
    return {
        "record_id": one["id"], "platform": "x", "url": f"https://x.com/i/web/status/{one['id']}",
        "account_id": one["author_id"], "created_at": moment(when),
        "time_precision_s": 1.0 if when.endswith(".000Z") else 0.001, "lang": one.get("lang"),
        "kind": {"retweeted": "repost", "quoted": "quote"}.get(kind, "reply" if whose else "post"),
        "text": (text.get("note_tweet") or text)["text"], "ref_record_id": refs.get(kind), "ref_account_id": whose,
        "conversation_id": one.get("conversation_id"), "client": one.get("source"), "source_row": row,
        "urls": [u.get("unwound_url") or u.get("expanded_url") or u["url"] for u in links] or None,
        "hashtags": [tag["tag"] for tag in marks.get("hashtags", [])] or None,
        "mentions": [m.get("id") or people.get(m["username"], m["username"]) for m in marks.get("mentions", [])]
        or None,
        "media": pictures([media.get(k, {}).get("url") or media.get(k, {}).get("preview_image_url") for k in keys]),
        "edited_at": moment(when) if one["id"] in one.get("edit_history_tweet_ids", [])[1:] else None,
        "metrics": figures(likes=counts["like_count"], reposts=counts["retweet_count"], replies=counts["reply_count"],
                           views=counts.get("impression_count")),
        "collected_at": at,
    }  # fmt: skip


@reads(
    "x_api_v2",
    f"{X}payload-v2.json",
    f"{X}payload-v2-tweet-retweet.json",
    "x_api_v2_twarc/noflat.jsonl",
    "x_api_v2_twarc/edited.jsonl",
)
def x_v2_pages(path: Path) -> Iterator[Pair]:
    pages = lines(path) if path.suffix == ".jsonl" else [document(path)]
    for row, page in numbered(pages):
        at = moment(page["__twarc"]["retrieved_at"]) if "__twarc" in page else None
        data = page["data"] if isinstance(page["data"], list) else [page["data"]]
        yield from ((x_v2_tweet(one, row, page["includes"], at), None) for one in data)
        yield from ((None, x_v2_user(one, row, at)) for one in page["includes"]["users"])


@reads("x_api_v2", "x_api_v2_academictwitteR/data_1323773543427348712.json")
def x_v2_list(path: Path) -> Iterator[Pair]:
    return ((x_v2_tweet(one, row, {}), None) for row, one in numbered(document(path)))


@reads("x_api_v2", "x_api_v2_academictwitteR/users_1323773543427348712.json")
def x_v2_users(path: Path) -> Iterator[Pair]:
    return ((None, x_v2_user(one, 1)) for one in document(path)["users"])


def x_v1_user(one: Row, row: int) -> Row:
    return {
        "account_id": one["id_str"], "platform": "x", "handle": one["screen_name"], "display_name": one["name"],
        "created_at": ctime(one["created_at"]), "description": one["description"] or None,
        "followers": one["followers_count"], "following": one["friends_count"], "posts": one["statuses_count"],
        "verified": one["verified"], "location_text": one["location"] or None, "source_row": row,
    }  # fmt: skip


def x_v1_status(one: Row, row: int, owner: str) -> Row:
    shared, quoted = one.get("retweeted_status"), one.get("quoted_status")
    text = shared or one
    long = text.get("extended_tweet") or text
    marks = long["entities"]
    answered = one.get("in_reply_to_status_id_str")
    target = shared or ({} if answered else quoted or {})
    media = long.get("extended_entities", marks).get("media", [])
    films = [m.get("video_info", {}).get("variants", []) for m in media]
    best = [max((v for v in f if "bitrate" in v), key=lambda v: int(v["bitrate"]))["url"] if f else None for f in films]
    return {
        "record_id": one["id_str"], "platform": "x", "url": f"https://x.com/i/web/status/{one['id_str']}",
        "account_id": one["user"]["id_str"] if "user" in one else owner, "created_at": ctime(one["created_at"]),
        "time_precision_s": 1.0, "lang": one["lang"], "source_row": row,
        "kind": "repost"
        if shared
        else ("reply" if one.get("in_reply_to_user_id_str") else "quote" if quoted else "post"),
        "text": long.get("full_text") or long["text"], "ref_record_id": target.get("id_str") or answered,
        "ref_account_id": target["user"]["id_str"] if target else one.get("in_reply_to_user_id_str"),
        "urls": [url["expanded_url"] for url in marks["urls"]] or None,
        "hashtags": [tag["text"] for tag in marks["hashtags"]] or None,
        "mentions": [who["id_str"] for who in marks["user_mentions"]] or None,
        "media": pictures([film or item["media_url_https"] for film, item in zip(best, media, strict=True)]),
        "client": one["source"].split(">")[1].split("<")[0],
        "metrics": figures(likes=one["favorite_count"], reposts=one["retweet_count"], replies=one.get("reply_count")),
    }  # fmt: skip


@reads(
    "x_api_v1",
    f"{X}normalization-payload-search.json",
    f"{X}normalization-payload-show.json",
    f"{X}normalization-payload-stream.json",
)
def x_v1(path: Path) -> Iterator[Pair]:
    one = document(path)
    yield x_v1_status(one, 1, ""), x_v1_user(one["user"], 1)


@reads("x_api_v1", f"{X}api-users-v1.json")
def x_v1_users(path: Path) -> Iterator[Pair]:
    return ((None, x_v1_user(one, row)) for row, one in numbered(document(path)))


@reads("x_archive", "x_archive/tweets_redacted.js")
def x_archive(path: Path) -> Iterator[Pair]:
    text = path.read_text(encoding="utf-8")
    owner = f"archive-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
    found = json.loads(text[text.index("=") + 1 :])
    return ((x_v1_status(one["tweet"], row, owner), None) for row, one in numbered(found))


def twint_row(one: Row, row: int, offset: str, people: Callable[[Any], list[str]]) -> Pair:
    answers = people(one["reply_to"]) if str(one["conversation_id"]) != str(one["id"]) else []
    quoted = one["quote_url"].split("/status/")[1] if one["quote_url"] else None
    record = {
        "record_id": str(one["id"]), "platform": "x", "url": one["link"], "account_id": str(one["user_id"]),
        "created_at": moment(f"{one['date']}T{one['time']}{offset}"), "time_precision_s": 1.0, "text": one["tweet"],
        "kind": "reply" if str(one["conversation_id"]) != str(one["id"]) else "quote" if quoted else "post",
        "lang": one["language"], "ref_record_id": quoted, "ref_account_id": answers[0] if answers else None,
        "conversation_id": str(one["conversation_id"]), "urls": one["urls"] or None,
        "hashtags": one["hashtags"] or None,
        "mentions": people(one["mentions"]) or None, "media": pictures(one["photos"]), "client": one["source"] or None,
        "metrics": figures(likes=one["likes_count"], reposts=one["retweets_count"], replies=one["replies_count"]),
        "source_row": row,
    }  # fmt: skip
    account = {
        "account_id": str(one["user_id"]),
        "platform": "x",
        "handle": one["username"],
        "display_name": one["name"],
    }
    return record, account


@reads("twint", "twint/bengal_twint.jsonl")
def twint_lines(path: Path) -> Iterator[Pair]:
    def people(found: list[Row]) -> list[str]:
        return [who["id"] for who in found]

    for row, one in numbered(lines(path)):
        sign = one["timezone"]
        yield twint_row(one, row, f"{sign[:3]}:{sign[3:]}", people)


@reads("twint", "twint/assamelection_twint.tsv")
def twint_table(path: Path) -> Iterator[Pair]:
    def people(found: str) -> list[str]:
        return re.findall(r"'id': '(\d+)'", found)

    for row, one in numbered(table(path, "\t"), 2):
        lists = {name: re.findall(r"'([^']*)'", one[name]) for name in ("urls", "hashtags", "photos")}
        hours = one["timezone"].zfill(4)
        yield twint_row({**one, **lists}, row, f"+{hours[:2]}:{hours[2:]}", people)


def minet_row(one: Row, row: int, parts: Callable[[Any], list[str]]) -> Pair:
    kind = next((k for k in ("retweeted_id", "to_tweetid", "quoted_id") if one.get(k)), None)
    whose = next((one[k] for k in ("retweeted_user_id", "to_userid", "quoted_user_id") if one.get(k)), None)
    account = {
        "account_id": one["user_id"], "platform": "x", "handle": one["user_screen_name"],
        "display_name": one["user_name"], "created_at": second(one["user_timestamp_utc"]),
        "description": one["user_description"], "followers": number(one["user_followers"]),
        "following": number(one["user_friends"]), "posts": number(one["user_tweets"]),
        "verified": str(one["user_verified"]) in {"1", "True"}, "location_text": one["user_location"] or None,
    }  # fmt: skip
    text = one["text"]
    record = {
        "record_id": one["url"].split("/status/")[1], "platform": "x", "url": one["url"], "account_id": one["user_id"],
        "created_at": second(one["timestamp_utc"]), "time_precision_s": 1.0, "source_row": row, "lang": one["lang"],
        "kind": {"retweeted_id": "repost", "to_tweetid": "reply", "quoted_id": "quote", None: "post"}[kind],
        "text": text.split(": ", 1)[1] if kind == "retweeted_id" else text,
        "ref_record_id": one[kind] if kind else None,
        "ref_account_id": whose, "urls": parts(one["links"]) or None, "hashtags": parts(one["hashtags"]) or None,
        "mentions": parts(one["mentioned_ids"]) or None, "media": pictures(parts(one["media_urls"])),
        "client": one["source_name"],
        "metrics": figures(likes=one["like_count"], reposts=one["retweet_count"], replies=one.get("reply_count"),
                           views=one.get("impression_count")),
    }  # fmt: skip
    return record, account


def barred(cell: str | None) -> list[str]:
    return cell.split("|") if cell else []


@reads("minet_x", f"{X}tweet-export.csv")
def minet(path: Path) -> Iterator[Pair]:
    return (minet_row(one, row, barred) for row, one in numbered(table(path), 2))


@reads("gazouilloire_jsonl", f"{X}tweet-export.jsonl")
def gazouilloire(path: Path) -> Iterator[Pair]:
    return (minet_row(one["_source"], row, lambda found: found or []) for row, one in numbered(lines(path)))


def did_of(uri: str | None) -> str | None:
    return uri.split("/")[2] if uri else None


def bluesky_profile(one: Row, row: int) -> Row:
    mark = one.get("verification", {}).get("verifiedStatus")
    return {
        "account_id": one["did"], "platform": "bluesky", "handle": one["handle"], "source_row": row,
        "display_name": one.get("displayName") or None, "created_at": moment(one["createdAt"]),
        "description": one.get("description") or None, "followers": one.get("followersCount"),
        "following": one.get("followsCount"), "posts": one.get("postsCount"),
        "verified": mark == "valid" if mark in {"valid", "none"} else None,
    }  # fmt: skip


def bluesky_post(record: Row, uri: str, row: int, view: Row) -> Row:
    facets = [{"type": f["$type"].lower(), **f} for facet in record.get("facets", []) for f in facet["features"]]
    links = [f["uri"] for f in facets if re.search(r"[#.](link|url)$", f["type"])]
    tags = [f.get("tag", f.get("hashtag")) for f in facets if re.search(r"([#.](hash)?|facet)tag$", f["type"])]
    embed, shown = record.get("embed", {}), view.get("embed", {})
    inner, shown = (one["media"] if isinstance(one.get("media"), dict) else one for one in (embed, shown))
    parent = record.get("reply", {}).get("parent", {}).get("uri")
    quoted = embed.get("record", {}).get("uri") or embed.get("record", {}).get("record", {}).get("uri")
    quoted = quoted if quoted and "/app.bsky.feed.post/" in quoted else None
    card = inner.get("external", {}).get("uri")
    built = "https://cdn.bsky.app/img/feed_fullsize/plain/{}/{}@jpeg"
    images = [i["fullsize"] for i in shown.get("images", [])] + [shown.get("playlist")]
    if not any(images):
        blobs = [image["image"] for image in inner.get("images", []) if image.get("image")]
        blobs = [b if isinstance(b, str) else b.get("cid") or b.get("link") or b["ref"]["$link"] for b in blobs]
        images = [built.format(did_of(uri), blob) for blob in blobs]
    fraction = re.search(r"\.(\d+)", record["createdAt"])
    digits = (fraction[1] if fraction else "")[:6].rstrip("0")
    return {
        "record_id": uri, "platform": "bluesky", "account_id": did_of(uri), "text": record["text"] or None,
        "url": f"https://bsky.app/profile/{did_of(uri)}/post/{uri.rsplit('/', 1)[-1]}", "source_row": row,
        "created_at": moment(re.sub(r"(\.\d{6})\d+", r"\1", record["createdAt"])),
        "time_precision_s": 1.0 if not digits else 0.001 if len(digits) <= 3 else 1e-6,
        "kind": "reply" if parent else "quote" if quoted else "post", "lang": next(iter(record.get("langs", [])), None),
        "ref_record_id": parent or quoted, "ref_account_id": did_of(parent or quoted),
        "conversation_id": record.get("reply", {}).get("root", {}).get("uri"), "client": record.get("via"),
        "urls": list(dict.fromkeys(links + ([card] if card else []))) or None,
        "hashtags": [tag for tag in tags + record.get("tags", []) if tag] or None,
        "mentions": [f["did"] for f in facets if "did" in f] or None, "media": pictures(images),
        "metrics": figures(likes=view.get("likeCount"), reposts=view.get("repostCount"),
                           replies=view.get("replyCount")),
    }  # fmt: skip


@reads("bluesky", f"{A}posts.json", f"{A}hydrated-firehose-posts.json")
def bluesky_posts(path: Path) -> Iterator[Pair]:
    for row, item in numbered(document(path)):
        post = item.get("post", item)
        if post["record"]["createdAt"] > "1990":
            yield bluesky_post(post["record"], post["uri"], row, post), bluesky_profile(post["author"], row)
        if reason := item.get("reason"):
            at = reason["indexedAt"]
            yield (
                {
                    "record_id": reason.get("uri") or f"{post['uri']}#reposted-by-{reason['by']['did']}",
                    "platform": "bluesky", "account_id": reason["by"]["did"], "created_at": moment(at),
                    "time_precision_s": 1.0 if at.endswith((":00Z", ".000Z")) else 0.001, "kind": "repost",
                    "text": post["record"]["text"], "ref_record_id": post["uri"], "source_row": row,
                    "ref_account_id": did_of(post["uri"]),
                },
                None,
            )  # fmt: skip


@reads("bluesky", f"{A}firehose-posts.json", f"{A}tap-posts.json")
def bluesky_events(path: Path) -> Iterator[Pair]:
    for row, event in numbered(document(path)):
        one = event.get("commit") or event["record"]
        uri = f"at://{event.get('did') or one['did']}/{one['collection']}/{one['rkey']}"
        yield bluesky_post(one["record"], uri, row, {}), None


@reads("bluesky", f"{A}profiles.json", f"{A}partial-profiles.json")
def bluesky_profiles(path: Path) -> Iterator[Pair]:
    return ((None, bluesky_profile(one, row)) for row, one in numbered(document(path)))


@reads("minet_bluesky", f"{A}posts-export.csv")
def minet_bluesky(path: Path) -> Iterator[Pair]:
    for row, one in numbered(table(path), 2):
        if float(one["timestamp_utc"]) <= 0:
            continue
        kind = "reply" if one["to_post_uri"] else "quote" if one["quoted_uri"] else "post"
        yield (
            {
                "record_id": one["uri"], "platform": "bluesky", "url": one["url"], "account_id": one["user_did"],
                "created_at": second(one["timestamp_utc"]), "time_precision_s": 1.0, "kind": kind, "source_row": row,
                "text": one["original_text"] or one["text"], "lang": next(iter(barred(one["user_langs"])), None),
                "ref_record_id": one["to_post_uri"] or one["quoted_uri"],
                "ref_account_id": one["to_user_did"] or one["quoted_user_did"],
                "conversation_id": one["to_root_post_uri"], "urls": barred(one["links"]) or None,
                "hashtags": barred(one["hashtags"]) or None, "mentions": barred(one["mentioned_user_dids"]) or None,
                "media": pictures(barred(one["media_urls"])),
                "metrics": figures(likes=one["like_count"], reposts=one["repost_count"], replies=one["reply_count"]),
            },
            {
                "account_id": one["user_did"], "platform": "bluesky", "handle": one["user_handle"],
                "display_name": one["user_display_name"], "created_at": second(one["user_timestamp_utc"]),
            },
        )  # fmt: skip


@reads("minet_bluesky_profiles", f"{A}profiles-export.csv")
def minet_profiles(path: Path) -> Iterator[Pair]:
    for row, one in numbered(table(path), 2):
        yield None, {
            "account_id": one["did"], "platform": "bluesky", "handle": one["handle"], "source_row": row,
            "display_name": one["display_name"], "created_at": second(one["timestamp_utc"]),
            "description": one["description"], "followers": number(one["followers"]),
            "following": number(one["follows"]), "posts": number(one["posts"]),
        }  # fmt: skip


@reads("bluesky_hashed", "bluesky/jetstream_posts_hashed.parquet")
def hashed(path: Path) -> Iterator[Pair]:
    import duckdb

    found = duckdb.sql(f"SELECT * FROM '{path}'")
    mark = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    steps = ((1_000_000, 1.0), (1000, 0.001), (1, 1e-6))
    for row, values in enumerate(found.fetchall(), 1):
        one = dict(zip(found.columns, values, strict=True))
        yield {
            "record_id": f"row-{mark}-{row}", "platform": "bluesky", "account_id": one["did_hash"], "source_row": row,
            "created_at": datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=one["time_us"]),
            "time_precision_s": next(step for whole, step in steps if one["time_us"] % whole == 0),
            "kind": "reply" if one["reply_parent_did_hash"] else "post",
            "text": one["text"] or None, "lang": one["lang"], "ref_account_id": one["reply_parent_did_hash"],
            "urls": one["urls"] or None, "mentions": one["mentions"] or None,
        }, None  # fmt: skip


def mastodon_account(one: Row, row: int) -> Row:
    return {
        "account_id": one["id"], "platform": "mastodon", "handle": one["acct"],
        "display_name": one["display_name"] or None,
        "created_at": moment(one["created_at"]), "description": seen(one["note"]), "followers": one["followers_count"],
        "following": one["following_count"], "posts": one["statuses_count"], "source_row": row,
    }  # fmt: skip


@reads("mastodon", "mastodon/statuses_api_test_instance.json")
def mastodon(path: Path) -> Iterator[Pair]:
    for row, one in numbered(document(path)):
        shared = one["reblog"]
        post = shared or one
        yield (
            {
                "record_id": one["id"], "platform": "mastodon", "url": one["url"] or one["uri"],
                "account_id": one["account"]["id"], "created_at": moment(one["created_at"]), "source_row": row,
                "time_precision_s": 1.0 if one["created_at"].endswith(".000Z") else 0.001, "lang": post["language"],
                "kind": "repost" if shared else "reply" if one["in_reply_to_id"] else "post",
                "text": seen(post.get("content") or "") or post.get("text"),
                "ref_record_id": shared["id"] if shared else one["in_reply_to_id"],
                "ref_account_id": shared["account"]["id"] if shared else one["in_reply_to_account_id"],
                "edited_at": moment(one["edited_at"]) if one["edited_at"] else None,
                "urls": [post["card"]["url"]] if post["card"] else None,
                "hashtags": [tag["name"] for tag in post["tags"]] or None,
                "mentions": [who["id"] for who in post["mentions"]] or None,
                "media": pictures([item["url"] for item in post["media_attachments"]]),
                "client": (one["application"] or {}).get("name"),
                "metrics": figures(likes=one["favourites_count"], reposts=one["reblogs_count"],
                                   replies=one["replies_count"]),
            },
            mastodon_account(one["account"], row),
        )  # fmt: skip


def reddit_row(one: Row, row: int, of_its_kind: Row) -> Row:
    return {
        "platform": "reddit", "url": f"https://www.reddit.com{one['permalink']}", "surface_id": one["subreddit"],
        "account_id": one.get("author_fullname") or one["author"], "created_at": second(one["created_utc"]),
        "time_precision_s": 1.0, "source_row": row, **of_its_kind,
    }  # fmt: skip


@reads("reddit", "reddit_pushshift/reddit_comment_2022-10-09.json.gz")
def reddit_comments(path: Path) -> Iterator[Pair]:
    for row, one in numbered(lines(path)):
        yield reddit_row(one, row, {
            "record_id": f"t1_{one['id']}", "kind": "comment", "text": one["body"], "ref_record_id": one["parent_id"],
            "conversation_id": one["link_id"], "metrics": figures(likes=one["score"]),
            "collected_at": second(one["retrieved_utc"]),
        }), None  # fmt: skip


@reads("reddit", "reddit_pushshift/reddit_submission_2022-10-02.json.gz")
def reddit_posts(path: Path) -> Iterator[Pair]:
    for row, one in numbered(lines(path)):
        leads = None if one["is_self"] else one["url"]
        yield reddit_row(one, row, {
            "record_id": f"t3_{one['id']}", "kind": "post", "conversation_id": f"t3_{one['id']}",
            "text": "\n".join(part for part in (one["title"], one["selftext"]) if part),
            "urls": [leads] if leads else None,
            "media": pictures([leads]) if leads and leads.endswith((".jpg", ".png", ".gif", ".mp4")) else None,
            "metrics": figures(likes=one["score"], replies=one["num_comments"]),
            "collected_at": second(one["retrieved_on"]),
        }), None  # fmt: skip


@reads("telegram_desktop", "telegram_desktop/result.json")
def telegram_desktop(path: Path) -> Iterator[Pair]:
    for row, one in numbered(document(path)["messages"]):
        if one["type"] != "message":
            continue
        pieces = one["text"] if isinstance(one["text"], list) else [one["text"]]
        marked = [piece for piece in pieces if isinstance(piece, dict)]
        sender = one["from_id"] if isinstance(one["from_id"], int) else one["from_id"].removeprefix("user")
        yield (
            {
                "record_id": f"-123456789/{one['id']}", "platform": "telegram", "surface_id": "-123456789",
                "account_id": str(sender), "created_at": moment(one["date"] + INDIA), "time_precision_s": 1.0,
                "kind": "message", "source_row": row, "client": one.get("via_bot"),
                "text": "".join(p if isinstance(p, str) else p["text"] for p in pieces) or None,
                "urls": [p["text"] for p in marked if p["type"] == "link"] or None,
                "hashtags": [p["text"][1:] for p in marked if p["type"] == "hashtag"] or None,
                "mentions": [p["text"][1:] for p in marked if p["type"] == "mention"] or None,
                "media": pictures([one.get("photo"), one.get("file")]),
            },
            {"account_id": str(sender), "platform": "telegram", "display_name": one["from"]},
        )  # fmt: skip


@reads("telegram_html", "telegram_desktop/messages.html")
def telegram_page(path: Path) -> Iterator[Pair]:
    text = path.read_text(encoding="utf-8")
    parts = re.split(r'(?=<div class="message )', text)
    row, sender = parts[0].count("\n") + 1, ""
    for part in parts[1:]:
        here, row = row, row + part.count("\n")
        if 'class="message default' not in part:
            continue
        names = re.findall(r'class="from_name">\s*([^<]*?)\s*<', part)
        sender = names[0] if names else sender
        who, _, bot = sender.partition(" via ")
        said = re.search(r'<div class="text">(.*?)</div>', part, re.DOTALL)
        links = re.findall(r'href="([^"]*)"', part)
        day, month, year, clock = re.findall(r'title="(\d+)\.(\d+)\.(\d+) ([\d:]+)', part)[0]
        number_ = re.findall(r'id="message(\d+)"', part)[0]
        yield (
            {
                "record_id": f"Test 2022/{number_}", "platform": "telegram", "surface_id": "Test 2022",
                "account_id": who, "created_at": moment(f"{year}-{month}-{day}T{clock}{INDIA}"),
                "time_precision_s": 1.0, "kind": "message", "source_row": here, "client": bot or None,
                "text": seen(said[1].strip()) if said else None,
                "urls": [link for link in links if link.startswith(("http", "tg:"))] or None,
                "media": pictures([x for x in links if re.match(r"(photos|files|stickers|video_files|voice)", x)]),
            },
            {"account_id": who, "platform": "telegram", "display_name": who},
        )  # fmt: skip


@reads("telethon_jsonl", "telegram_telethon/bloomberg_telethon_tojson.jsonl")
def telethon(path: Path) -> Iterator[Pair]:
    for row, one in numbered(lines(path)):
        channel = f"-100{one['peer_id']['channel_id']}"
        text = one["message"].encode("utf-16-le")
        marked = [
            (e["_"], text[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le"))
            for e in one["entities"]
        ]
        likes = [found["count"] for found in (one["reactions"] or {}).get("results", [])]
        edited = one["edit_date"] if not one["edit_hide"] else None
        yield {
            "record_id": f"{channel}/{one['id']}", "platform": "telegram", "surface_id": channel, "account_id": channel,
            "created_at": moment(one["date"]), "time_precision_s": 1.0, "kind": "post", "source_row": row,
            "text": one["message"] or None, "edited_at": moment(edited) if edited else None,
            "urls": [said for kind, said in marked if kind == "MessageEntityUrl"] or None,
            "hashtags": [said[1:] for kind, said in marked if kind == "MessageEntityHashtag"] or None,
            "mentions": [said[1:] for kind, said in marked if kind == "MessageEntityMention"] or None,
            "metrics": figures(likes=sum(likes) if likes else None, reposts=one["forwards"], views=one["views"]),
        }, None  # fmt: skip


@reads(
    "telegram_channel",
    "telegram_simple_json/1001000724666_messages.json",
    "telegram_simple_json/1001003313758_messages.json",
)
def telegram_channel(path: Path) -> Iterator[Pair]:
    for row, one in numbered(document(path)):
        who = str(one["sender_id"])
        yield (
            {
                "record_id": f"{who}/{one['message_id']}", "platform": "telegram", "surface_id": who, "account_id": who,
                "created_at": moment(one["date"]), "time_precision_s": 1.0, "kind": "post", "text": one["text"] or None,
                "source_row": row,
            },
            {"account_id": who, "platform": "telegram", "display_name": one["channel"]},
        )  # fmt: skip


@reads("whatsapp", "whatsapp/lorem.txt", "whatsapp/pokemon.txt")
def whatsapp(path: Path) -> Iterator[Pair]:
    """A chat without notices: a message begins with a date and goes on until the next."""
    text = path.read_text(encoding="utf-8")
    heads = list(re.finditer(r"^\[?(\d+)[./-](\d+)[./-](\d+),? (\d\d:\d\d)(:\d\d)?\]?(?: -)? ", text, re.MULTILINE))
    for this, after in zip(heads, [*heads[1:], None], strict=True):
        who, colon, said = text[this.end() : after.start() if after else len(text)].partition(": ")
        if not colon or "\n" in who or "end-to-end encrypted. No one" in said:
            continue
        at = moment(f"20{this[3][-2:]}-{this[2]}-{this[1]}T{this[4]}{this[5] or ':00'}{INDIA}")
        chat, said = path.stem, said.rstrip("\r\n").rstrip(" ")
        key = "\x1f".join((chat, str(int(at.timestamp()) * 1_000_000), who, said, "1"))
        yield (
            {
                "record_id": f"wa-{hashlib.sha256(key.encode()).hexdigest()[:24]}", "platform": "whatsapp",
                "surface_id": chat, "account_id": who, "created_at": at, "time_precision_s": 1.0 if this[5] else 60.0,
                "kind": "message", "text": said or None, "urls": re.findall(r"https?://\S+", said) or None,
                "hashtags": re.findall(r"#(\w+)", said) or None, "source_row": text[: this.start()].count("\n") + 1,
            },
            {"account_id": who, "platform": "whatsapp", "display_name": who},
        )  # fmt: skip


def page_of(address: str) -> tuple[str, str]:
    found = re.search(r"facebook\.com/(?:groups/)?([^/]+)/", address)
    assert found
    return found[1], re.findall(r"\d+", address)[-1]


@reads("crowdtangle_csv", "crowdtangle/db1_rows_with_genocide.csv")
def crowdtangle(path: Path) -> Iterator[Pair]:
    for row, one in numbered(table(path), 2):
        page, post = page_of(one["URL"])
        when, zone = one["Post Created"].rsplit(" ", 1)
        behind = timezone(timedelta(hours={"EST": -5, "EDT": -4}[zone]))
        yield (
            {
                "record_id": f"{page}_{post}", "platform": "facebook", "url": one["URL"], "surface_id": page,
                "account_id": page, "created_at": datetime.fromisoformat(when).replace(tzinfo=behind).astimezone(UTC),
                "time_precision_s": 1.0, "kind": "post", "text": one["Message"], "source_row": row,
                "metrics": figures(reposts=one["Shares"].replace(",", "")),
            },
            {"account_id": page, "platform": "facebook", "display_name": one["Page Name"]},
        )  # fmt: skip


@reads("crowdtangle_pages", "crowdtangle/media_outlets_with_fb_page_admin_in_palestine.csv")
def crowdtangle_pages(path: Path) -> Iterator[Pair]:
    for row, one in numbered(table(path), 2):
        name = page_of(one["URL"])[0]
        yield None, {
            "account_id": name, "platform": "facebook", "display_name": one["Page Name"], "source_row": row,
        }  # fmt: skip


@reads("crowdtangle_api", "crowdtangle/api_links_response_example.json")
def crowdtangle_api(path: Path) -> Iterator[Pair]:
    one = document(path)
    who, counts, at = one["account"], one["statistics"]["actual"], moment(one["updated"] + "+00:00")
    yield (
        {
            "record_id": one["platformId"], "platform": one["platform"].lower(), "url": one["postUrl"],
            "surface_id": who["platformId"], "account_id": who["platformId"], "time_precision_s": 1.0, "kind": "post",
            "created_at": moment(one["date"] + "+00:00"), "source_row": 1, "collected_at": at,
            "text": one.get("message") or f"{one['title']}\n{one['description']}",
            "lang": None if one["languageCode"] == "und" else one["languageCode"],
            "urls": [link["expanded"] for link in one["expandedLinks"]],
            "media": pictures([item.get("full") or item["url"] for item in one["media"]]),
            "metrics": figures(likes=counts["likeCount"], reposts=counts["shareCount"], replies=counts["commentCount"]),
        },
        {
            "account_id": who["platformId"], "platform": one["platform"].lower(), "display_name": who["name"],
            "followers": who["subscriberCount"], "verified": who["verified"], "observed_at": at, "source_row": 1,
        },
    )  # fmt: skip


@reads("tiktok_table", "tiktok_research_api/traktok_csv_200_pseudonymised.csv")
def tiktok_table(path: Path) -> Iterator[Pair]:
    for row, one in numbered(table(path), 2):
        yield {
            "record_id": one["video"], "platform": "tiktok", "account_id": one["author"], "kind": "post",
            "created_at": moment(one["create_time"]), "time_precision_s": 1.0, "text": one["video_description"],
            "hashtags": [tag.strip() for tag in (one["hashtag_names"] or "").split(",") if tag.strip()] or None,
            "metrics": figures(likes=one["like_count"], reposts=one["share_count"], replies=one["comment_count"],
                               views=one["view_count"]),
            "source_row": row,
        }, None  # fmt: skip


@reads("youtube_comments", "youtube/Youtube01-Psy.csv")
def youtube(path: Path) -> Iterator[Pair]:
    for row, one in numbered(table(path), 2):
        if not one["DATE"]:
            continue
        yield (
            {
                "record_id": one["COMMENT_ID"], "platform": "youtube", "account_id": one["AUTHOR"], "kind": "comment",
                "created_at": moment(one["DATE"] + INDIA), "time_precision_s": 1e-6 if "." in one["DATE"] else 1.0,
                "text": one["CONTENT"], "source_row": row,
            },
            {"account_id": one["AUTHOR"], "platform": "youtube", "display_name": one["AUTHOR"]},
        )  # fmt: skip


NO_RECORD = {"tiktok_research_api": "each answer that its documentation shows lacks the account or the name"}


def test_every_format_with_a_real_file_has_a_reading():
    sampled = {name for name, one in IMPORTERS.items() if one.sample_rows}
    assert {format for format, _, _ in READINGS} == sampled - NO_RECORD.keys()


@pytest.mark.parametrize(("format", "name", "reading"), READINGS, ids=[name for _, name, _ in READINGS])
def test_every_column_against_a_second_reading(format, name, reading, case, shared_data):
    """Each row that the reading gives, all of its columns.

    Of rows with one id an import keeps the first, with figures that a later one may have brought up to date. An account
    stands once for each look: the number of its row is not compared.
    """
    path = shared_data / "formats" / name
    [result] = import_files(case, [path], tz="Asia/Kolkata")
    assert result.format == format
    records = {row["record_id"]: row for row in case.table("records").to_pylist()}
    accounts: dict[str, list[Row]] = {}
    for row in case.table("accounts").to_pylist():
        accounts.setdefault(row["account_id"], []).append(row)
    wrong: set[str] = set()
    people: set[str] = set()
    copies: dict[str, list[Row | None]] = {}
    for record, account in reading(path):
        if record is not None:
            copies.setdefault(record["record_id"], []).append(record.get("metrics"))
            if len(copies[record["record_id"]]) == 1:
                wanted = {**dict.fromkeys(RECORDS.names), **record, "source_sha256": result.sha256}
                wrong |= {f"records.{n}" for n in differing(wanted, records.get(record["record_id"])) - {"metrics"}}
        if account is not None:
            people.add(account["account_id"])
            wanted = {**dict.fromkeys(ACCOUNTS.names), **account, "source_sha256": result.sha256}
            row = account.get("source_row")
            known = [{**one, "source_row": row} for one in accounts.get(account["account_id"], [])]
            wrong |= {f"accounts.{n}" for n in min((differing(wanted, one) for one in known), key=len, default={"row"})}
    changed = [one for one, seen in copies.items() if one in records and records[one]["metrics"] not in seen]
    wrong |= {"records.metrics"} if changed else set()
    wrong |= {"no record was read a second time"} if records and not copies else set()
    wrong |= {"no account was read a second time"} if accounts and not people else set()
    if wrong or not (records or accounts):
        pytest.fail(f"not the same: {sorted(wrong)}")


def differing(wanted: Row, found: Row | None) -> set[str]:
    """Columns that are not the same; never what stands in them."""
    if found is None:
        return {"no such row"}
    assert wanted.keys() == found.keys(), wanted.keys() ^ found.keys()
    return {name for name, value in wanted.items() if found[name] != value}
