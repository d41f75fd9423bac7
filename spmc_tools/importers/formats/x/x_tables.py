"""Tables of posts on X: twint, minet and gazouilloire, twarc-csv, X's information-operations archive, R's twitteR."""

from __future__ import annotations

import re
from typing import Any

import orjson

from spmc_tools.importers.engine.importer import Family, LeftOut, no_column, not_read, place_of_author
from spmc_tools.importers.fields.values import list_of
from spmc_tools.importers.files.table_files import FLAT_FORMS
from spmc_tools.importers.mapping.known_tables import BY_KIND, Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import LIST_FIELDS, KindRule, Mapping, TimeSpec

__all__ = ["GAZOUILLOIRE_JSONL", "MINET_X", "TWARC_CSV", "TWINT", "TWITTER_R", "X_INFORMATION_OPERATIONS"]

_PLATFORM = {"platform": "x"}
_TRUE = ("True", "true", "TRUE", "1")
_PYTHON_ID = re.compile(r"'id': '?(\d{1,20})'?")
_STATUS = re.compile(r"https?://(?:mobile\.)?(?:twitter|x)\.com/([A-Za-z0-9_]{1,20})/status/(\d{1,20})")
_OFFSET = re.compile(r"[+-]?\d{1,4}")


def _people(cell: Any) -> list[str] | None:
    """Return the ids in twint's lists of persons: JSON, or Python text in its tables."""
    if isinstance(cell, list):
        return [str(person["id"]) for person in cell if isinstance(person, dict) and person.get("id")] or None
    return _PYTHON_ID.findall(cell) or None if isinstance(cell, str) else None


def _twint_time(created: Any, offset: Any) -> Any:
    """Return twint's time with its offset, which stands in a column of its own: +0530, in tables 530."""
    found = str(offset).strip() if offset is not None else ""
    if not isinstance(created, str) or not _OFFSET.fullmatch(found):
        return created
    sign = "-" if found.startswith("-") else "+"
    return f"{created[:19]}{sign}{found.lstrip('+-').zfill(4)}"


def _said(cell: Any) -> bool:
    return cell not in (None, "", "nan")


def _twint_kind(record_id: Any, thread: Any, retweet: Any, quoted: Any) -> str:
    if str(retweet) in _TRUE:
        return "repost"
    if _said(thread) and str(thread) != str(record_id):
        return "reply"
    return "quote" if _said(quoted) else "post"


def _twint_reference(retweeted: Any, quoted: Any) -> str | None:
    if _said(retweeted):
        return str(retweeted)
    found = _STATUS.match(quoted) if isinstance(quoted, str) else None
    return found[2] if found else None


def _twint_addressed(retweeted: Any, record_id: Any, thread: Any, people: Any) -> str | None:
    if _said(retweeted):
        return str(retweeted)
    found = _people(people) if str(thread) != str(record_id) else None
    return found[0] if found else None


TWINT = known_importer(
    Known(
        needs=(("id", "conversation_id", "created_at", "timezone", "username", "tweet", "retweet"),),
        made=(
            Made("(time)", ("created_at", "timezone"), _twint_time),
            Made("(kind)", ("id", "conversation_id", "retweet", "quote_url"), _twint_kind),
            Made("(reference)", ("retweet_id", "quote_url"), _twint_reference),
            Made("(addressed)", ("user_rt_id", "id", "conversation_id", "reply_to"), _twint_addressed),
            Made("(mentions)", ("mentions",), _people),
        ),
        mapping=Mapping(
            columns(
                record_id="id", account_id="user_id", created_at="(time)", text="tweet", url="link", lang="language",
                conversation_id="conversation_id", ref_record_id="(reference)", ref_account_id="(addressed)",
                urls="urls", hashtags="hashtags", mentions="(mentions)", media="photos", client="source",
                likes="likes_count", reposts="retweets_count", replies="replies_count",
            ),
            accounts=columns(handle="username", display_name="name"), constants=_PLATFORM, kinds=BY_KIND,
        ),
    ),
    Family(
        zone="the offset stands in timezone (530 is +05:30); the letters after the time, such as IST, are not used",
        precision="1 s", documentation="https://github.com/twintproject/twint", licence="MIT",
    ),
    name="twint", title="twint, as table or JSON lines", sample_rows=499,
    remarks={
        "ref_record_id": "retweet_id, else the post in quote_url; twint does not say which post a reply answers",
        "ref_account_id": "user_rt_id, else the first in reply_to",
        "kind": "retweet: repost; conversation_id other than id: reply; quote_url: quote",
    },
    left_out=(
        place_of_author("place, near, geo"),
        LeftOut("date, time, retweet_date", "parts of created_at; time of the original"),
        not_read("cashtags, video, thumbnail, translate, trans_src, trans_dest"),
    ),
)  # fmt: skip


def _without_rt(text: Any, author: Any) -> Any:
    """Return the text of a repost without ``RT @name: ``, which minet writes before the whole original."""
    before = f"RT @{author}: "
    return text[len(before) :] if isinstance(text, str) and author and text.startswith(before) else text


_MINET = Known(
    needs=(("timestamp_utc", "user_screen_name", "retweeted_id", "to_tweetid"),),
    made=(
        Made("(id)", ("id", "url"), lambda status_id, url: status_id or _status_id(url)),
        Made("(text)", ("text", "retweeted_user"), _without_rt),
    ),
    mapping=Mapping(
        columns(
            record_id="(id)", account_id="user_id", created_at="timestamp_utc", text="(text)", url="url", lang="lang",
            ref_record_id=("retweeted_id", "to_tweetid", "quoted_id"),
            ref_account_id=("retweeted_user_id", "to_userid", "quoted_user_id"),
            urls="links", hashtags="hashtags", mentions=("mentioned_ids", "mentioned_names"), media="media_urls",
            client="source_name", likes="like_count", reposts="retweet_count", replies="reply_count",
            views="impression_count",
        ),
        accounts=columns(
            handle="user_screen_name", display_name="user_name", created_at="user_timestamp_utc",
            description="user_description", followers="user_followers", following="user_friends", posts="user_tweets",
            verified="user_verified", location_text="user_location",
        ),
        constants=_PLATFORM, times={"created_at": TimeSpec(unit="s"), "account_created_at": TimeSpec(unit="s")},
        kinds=(
            KindRule("repost", "retweeted_id"), KindRule("reply", "to_tweetid"), KindRule("quote", "quoted_id"),
        ),
        lists=dict.fromkeys(LIST_FIELDS, "|"),
    ),
)  # fmt: skip


def _status_id(url: Any) -> str | None:
    found = _STATUS.match(url) if isinstance(url, str) else None
    return found[2] if found else None


_MINET_LEFT = (
    LeftOut("local_time, user_created_at, collection_time", "times on a clock whose zone is not said"),
    place_of_author("lat, lng, coordinates, place_*"),
    LeftOut("quoted_user, retweeted_user, to_username, *_timestamp_utc", "of the post referred to; its id is kept"),
    not_read("collected_via, match_query, possibly_sensitive, domains, media_files, …"),
)
MINET_X = known_importer(
    _MINET,
    Family(
        zone="timestamp_utc counts from 1970 in UTC", precision="1 s",
        documentation="https://github.com/medialab/twitwi; https://github.com/medialab/gazouilloire",
        licence="MIT (twitwi), GPL-3.0 (gazouilloire)",
    ),
    name="minet_x", title="posts of X as minet and gazouilloire write them (CSV)", sample_rows=4,
    remarks={"text": "of a repost without RT @name"}, left_out=_MINET_LEFT,
)  # fmt: skip
GAZOUILLOIRE_JSONL = known_importer(
    Known(
        needs=(("timestamp_utc", "user_screen_name", "retweeted_id"),), mapping=_MINET.mapping, made=_MINET.made,
        inside="_source",
    ),
    Family(
        zone="timestamp_utc counts from 1970 in UTC", precision="1 s",
        documentation="https://github.com/medialab/gazouilloire", licence="GPL-3.0",
    ),
    name="gazouilloire_jsonl", title="posts of X as gazouilloire exports them from Elasticsearch (JSON lines)",
    forms=("json_lines", "json_document"), sample_rows=4,
    remarks={"text": "of a repost without RT @name", "record_id": "out of url"}, left_out=_MINET_LEFT,
)  # fmt: skip


def _parts(cell: Any, *keys: str) -> list[str] | None:
    """Return of each object in a cell of JSON the first of some fields."""
    if not isinstance(cell, (str, bytes)) or not cell:
        return None
    try:
        items = list_of(orjson.loads(cell))
    except orjson.JSONDecodeError:
        return None
    found = [next((str(i[k]) for k in keys if i.get(k)), None) for i in items if isinstance(i, dict)]
    return [value for value in found if value] or None


TWARC_CSV = known_importer(
    Known(
        needs=(("id", "author_id", "created_at", "text", "referenced_tweets.retweeted.id"),),
        made=(
            Made("(tags)", ("entities.hashtags",), lambda cell: _parts(cell, "tag")),
            Made("(mentions)", ("entities.mentions",), lambda cell: _parts(cell, "id", "username")),
            Made("(urls)", ("entities.urls",), lambda cell: _parts(cell, "unwound_url", "expanded_url", "url")),
            Made("(media)", ("attachments.media",), lambda cell: _parts(cell, "url", "preview_image_url")),
        ),
        mapping=Mapping(
            columns(
                record_id="id", account_id="author_id", created_at="created_at", text="text", lang="lang",
                conversation_id="conversation_id", client="source",
                ref_record_id=(
                    "referenced_tweets.retweeted.id", "referenced_tweets.replied_to.id", "referenced_tweets.quoted.id",
                ),
                ref_account_id=("retweeted_user_id", "in_reply_to_user_id", "quoted_user_id"),
                urls="(urls)", hashtags="(tags)", mentions="(mentions)", media="(media)",
                likes="public_metrics.like_count", reposts="public_metrics.retweet_count",
                replies="public_metrics.reply_count", views="public_metrics.impression_count",
                collected_at="__twarc.retrieved_at",
            ),
            accounts=columns(
                handle="author.username", display_name="author.name", created_at="author.created_at",
                description="author.description", followers="author.public_metrics.followers_count",
                following="author.public_metrics.following_count", posts="author.public_metrics.tweet_count",
                verified="author.verified", location_text="author.location",
            ),
            constants=_PLATFORM, times={"created_at": TimeSpec(precision_s=1.0)},
            kinds=(
                KindRule("repost", "referenced_tweets.retweeted.id"),
                KindRule("reply", "referenced_tweets.replied_to.id"),
                KindRule("quote", "referenced_tweets.quoted.id"),
            ),
        ),
        lacks=("data", "_type"),
    ),
    Family(
        zone="every time names UTC", precision="1 s", documentation="https://github.com/DocNow/twarc-csv",
        licence="MIT",
    ),
    name="twarc_csv", title="posts of X as twarc-csv writes them",
    forms=FLAT_FORMS,
    left_out=(
        LeftOut("context_annotations, entities.annotations", "X's guesses about topics and persons"),
        place_of_author("geo.*"),
        not_read("*_username of posts referred to, author.entities, __twarc.url, …"),
    ),
)  # fmt: skip

X_INFORMATION_OPERATIONS = known_importer(
    Known(
        needs=(("tweetid", "userid", "tweet_time", "tweet_text", "retweet_tweetid"),),
        mapping=Mapping(
            columns(
                record_id="tweetid", account_id="userid", created_at="tweet_time", text="tweet_text",
                lang="tweet_language", client="tweet_client_name",
                ref_record_id=("retweet_tweetid", "in_reply_to_tweetid", "quoted_tweet_tweetid"),
                ref_account_id=("retweet_userid", "in_reply_to_userid"),
                urls="urls", hashtags="hashtags", mentions="user_mentions",
                likes="like_count", reposts="retweet_count", replies="reply_count",
            ),
            accounts=columns(
                handle="user_screen_name", display_name="user_display_name", created_at="account_creation_date",
                description="user_profile_description", followers="follower_count", following="following_count",
                location_text="user_reported_location",
            ),
            constants=_PLATFORM, times={"created_at": TimeSpec(tz="UTC"), "account_created_at": TimeSpec(tz="UTC")},
            kinds=(
                KindRule("repost", "is_retweet", _TRUE), KindRule("reply", "in_reply_to_tweetid"),
                KindRule("quote", "quoted_tweet_tweetid"),
            ),
            missing=("absent", "nan"),
        ),
    ),
    Family(
        zone="UTC, as X says of the archive", precision="60 s",
        documentation="the readme of the archive (transparency.twitter.com, now taken down)", licence="proprietary",
    ),
    name="x_information_operations", title="X's archive of information operations (*_tweets_csv_hashed.csv)",
    left_out=(
        place_of_author("latitude, longitude"),
        no_column("account_language, user_profile_url, poll_choices, quote_count"),
    ),
)  # fmt: skip

TWITTER_R = known_importer(
    Known(
        needs=(("text", "favoriteCount", "replyToSN", "created", "screenName", "isRetweet"),),
        mapping=Mapping(
            columns(
                record_id="id", account_id="screenName", created_at="created", text="text", client="statusSource",
                ref_record_id="replyToSID", ref_account_id=("replyToUID", "replyToSN"), likes="favoriteCount",
                reposts="retweetCount",
            ),
            accounts=columns(handle="screenName"), constants=_PLATFORM, times={"created_at": TimeSpec(tz="UTC")},
            kinds=(KindRule("repost", "isRetweet", _TRUE), KindRule("reply", "replyToSID")), missing=("NA",),
        ),
    ),
    Family(
        zone="UTC, as twitteR says", precision="1 s", documentation="https://cran.r-project.org/package=twitteR",
        licence="Artistic-2.0",
    ),
    name="twitter_r", title="posts of X as R's twitteR writes them (CSV)", options=("--date-order",),
    remarks={
        "text": "letters written as <U+0915> are kept as letters",
        "account_id": "twitteR gives no number of the account",
        "record_id": "8.29E+17 is no id: row-<hash>-<row> instead",
    },
    left_out=(
        place_of_author("longitude, latitude"),
        LeftOut("favorited, retweeted, truncated", "of the person who collected it"),
    ),
)  # fmt: skip
