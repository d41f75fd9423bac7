"""X API v1.1: statuses with their users (search, stream, show), users, and archives of before 2019.

The archive of before 2019 ("Grailbird") holds the same statuses with their user, one file for each month; its times
before November 2010 are days.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, Field, LeftOut, fields_of, place_of_author
from spmc_tools.importers.engine.json_rows import Beside, json_importer, stateless
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import parse_ctime, parse_epoch, parse_iso
from spmc_tools.importers.fields.values import Json, count_of, dict_of, exact_id, flag_of, list_of, media_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = [
    "STATUS_FIELDS",
    "STATUS_LEFT_OUT",
    "X_API",
    "X_API_V1",
    "described",
    "status",
    "user_account",
    "users_beside",
]

_LINK = re.compile(r"<a [^<>]*>([^<>]*)</a>")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2} 00:00:00 \+0000")
_CLOCKS_FROM = 1_288_828_800 * 1_000_000
"""4 November 2010, in µs: of posts before, archives of before 2019 hold the day alone and write midnight."""

_STATUS = {"id_str", "created_at", "entities"}
_TEXTS = {"full_text", "text"}
X_API = Family(
    zone="every time names UTC", precision="1 s",
    documentation="https://developer.x.com/en/docs/x-api/v1/data-dictionary/object-model/tweet", licence="proprietary",
)  # fmt: skip


def _is_status(row: Json) -> bool:
    return row.keys() >= _STATUS and bool(_TEXTS & row.keys()) and isinstance(row.get("user"), dict)


def _is_user(row: Json) -> bool:
    return row.keys() >= {"id_str", "screen_name", "followers_count"}


def _found(row: Json) -> list[Json]:
    """Return the statuses of an answer to a search."""
    return [
        candidate for candidate in list_of(row.get("statuses")) if isinstance(candidate, dict) and _is_status(candidate)
    ]


def _is_of(row: Json) -> bool:
    return _is_status(row) or _is_user(row) or bool(_found(row))


def _rows(found: Json, number: int) -> Iterator[Item]:
    if _is_status(found):
        record = status(found, number, None)
        yield record
        if isinstance(record, Record):
            for user in users_beside(found):
                if account := _user(user, number, record.collected_at):
                    yield Beside(account)
    elif _is_user(found):
        yield _user(found, number, None) or f"the id is missing or not exact: {quote(found.get('id_str'))}"
    elif "delete" in found or "limit" in found:
        yield "a notice of the stream (a deletion or a limit), not a post"
    else:
        for nested_status in _found(found):
            yield from _rows(nested_status, number)


def _id(holder: Json, key: str) -> str | None:
    """Return an id: the text of it, since numbers are rounded by some programs."""
    return exact_id(holder.get(f"{key}_str")) or exact_id(holder.get(key))


def _number(value: object) -> int | None:
    """Return a count; the archive writes it as text."""
    return count_of(int(value)) if isinstance(value, str) and value.isdecimal() and len(value) < 19 else count_of(value)


def _reference(found: Json) -> tuple[str, str | None, str | None, Json]:
    """Return kind, id and author of the status that is reposted, answered or quoted, and that status."""
    for key, kind in (("retweeted_status", "repost"), ("reply", "reply"), ("quoted_status", "quote")):
        if kind == "reply":
            if answered := _id(found, "in_reply_to_status_id"):
                return kind, answered, _id(found, "in_reply_to_user_id"), {}
        elif referenced := dict_of(found.get(key)):
            return kind, _id(referenced, "id"), _id(dict_of(referenced.get("user")), "id"), referenced
    if quoted := _id(found, "quoted_status_id"):
        return "quote", quoted, None, {}
    addressed = _id(found, "in_reply_to_user_id")
    return ("reply" if addressed else "post"), None, addressed, {}


def _whole(found: Json) -> tuple[str | None, Json, list[Json]]:
    """Return the whole text, its entities and its media: of a long status they stand in ``extended_tweet``."""
    longer = dict_of(found.get("extended_tweet"))
    carrier = longer or found
    entities = dict_of(carrier.get("entities"))
    media = list_of(dict_of(carrier.get("extended_entities")).get("media")) or list_of(entities.get("media"))
    return (
        text_of(carrier.get("full_text"), found.get("text")),
        entities,
        [medium for medium in media if isinstance(medium, dict)],
    )


def _addresses(media: list[Json]) -> Iterator[str | None]:
    """Give the address of each picture, and of a film its best variant."""
    for item in media:
        variants = [dict_of(variant) for variant in list_of(dict_of(item.get("video_info")).get("variants"))]
        films = [
            (_number(variant.get("bitrate")) or 0, variant["url"])
            for variant in variants
            if text_of(variant.get("url"))
        ]
        yield max(films)[1] if films else text_of(item.get("media_url_https"), item.get("media_url"))


def status(found: Json, number: int, owner: str | None) -> Record | str:
    """Return a status as a record, or the reason why it cannot be one.

    Parameters
    ----------
    found : dict
        As X API v1.1 gives it.
    number : int
        Row of the file.
    owner : str or None
        Whose it is where the status itself does not say.
    """
    record_id = _id(found, "id")
    if record_id is None:
        return f"the id is missing or not exact: {quote(found.get('id_str', found.get('id')))}"
    account_id = _id(dict_of(found.get("user")), "id") or owner
    if account_id is None:
        return "the post does not say who wrote it (no user)"
    at = parse_ctime(found.get("created_at"))
    if at is None:
        at = parse_iso(found.get("created_at"))
    if at is None:
        return f"created_at is no time: {quote(found.get('created_at'))}"
    step = 86_400.0 if _DAY.fullmatch(str(found["created_at"])) and at < _CLOCKS_FROM else 1.0
    kind, ref_id, ref_author, original = _reference(found)
    carrier = original if kind == "repost" and _whole(original)[0] else found
    text, entities, media = _whole(carrier)
    urls = [
        text_of(url_entity.get("expanded_url"), url_entity.get("url"))
        for url_entity in map(dict_of, list_of(entities.get("urls")))
    ]
    tags = [text_of(hashtag.get("text")) for hashtag in map(dict_of, list_of(entities.get("hashtags")))]
    people = [
        _id(mention, "id") or text_of(mention.get("screen_name"))
        for mention in map(dict_of, list_of(entities.get("user_mentions")))
    ]
    client = text_of(found.get("source"))
    link = _LINK.fullmatch(client or "")
    return Record(
        record_id=record_id, platform="x", account_id=account_id, created_at=at, kind=kind, source_row=number,
        time_precision_s=step, url=f"https://x.com/i/web/status/{record_id}" if record_id.isdigit() else None,
        text=text, lang=text_of(found.get("lang")), ref_record_id=ref_id, ref_account_id=ref_author,
        urls=[url for url in urls if url] or None, hashtags=[tag for tag in tags if tag] or None,
        mentions=[person for person in people if person] or None, media=media_of(_addresses(media)),
        client=link[1] if link else client, likes=_number(found.get("favorite_count")),
        reposts=_number(found.get("retweet_count")), replies=_number(found.get("reply_count")),
        views=_number(dict_of(found.get("views")).get("count")),
        collected_at=parse_epoch(found.get("timestamp_collected"), "ms"),
    )  # fmt: skip


def users_beside(found: Json) -> Iterator[Json]:
    """Give the users that a status carries within itself and the statuses it refers to."""
    shared = dict_of(found.get("retweeted_status"))
    for carrier in (found, shared, dict_of(found.get("quoted_status")), dict_of(shared.get("quoted_status"))):
        if user := dict_of(carrier.get("user")):
            yield user


def _user(user: Json, number: int, observed_at: int | None) -> Account | None:
    account_id = _id(user, "id")
    return None if account_id is None else user_account(user, account_id, number, observed_at)


def user_account(user: Json, account_id: str, number: int, observed_at: int | None) -> Account:
    """Return a user of X API v1.1, who has this id, as an account of one row of the file."""
    account = described(user, account_id, number, observed_at)
    return account._replace(
        handle=text_of(user.get("screen_name")), created_at=parse_ctime(user.get("created_at")),
        followers=count_of(user.get("followers_count")), following=count_of(user.get("friends_count")),
        posts=count_of(user.get("statuses_count")),
    )  # fmt: skip


def described(user: Json, account_id: str, number: int, observed_at: int | None) -> Account:
    """Return of a user what every version of the API names alike."""
    return Account(
        account_id=account_id, platform="x", source_row=number, display_name=text_of(user.get("name")),
        description=text_of(user.get("description")), verified=flag_of(user.get("verified")),
        location_text=text_of(user.get("location")), observed_at=observed_at,
    )  # fmt: skip


STATUS_FIELDS = (
    *fields_of(record_id="id_str, else id", created_at="created_at"),
    Field(
        "retweeted_status, in_reply_to_status_id_str, quoted_status(_id_str)", "kind, ref_record_id", "the first given"
    ),
    *fields_of(
        ref_account_id="user of that status, in_reply_to_user_id_str",
        text="extended_tweet.full_text, full_text, text; of a repost: the original's",
        urls="entities.urls[]: expanded_url, else url", hashtags="entities.hashtags[].text",
        mentions="entities.user_mentions[]: id_str, else screen_name",
        media="extended_entities.media[]: best film, else media_url_https", lang="lang",
        client=("source", "the name inside the link"),
        metrics=("favorite_count, retweet_count, reply_count", "likes, reposts, replies"),
        url=("id", "built: https://x.com/i/web/status/…; never fetched"),
    ),
)  # fmt: skip
STATUS_LEFT_OUT = (
    place_of_author("coordinates, geo, place"),
    LeftOut("retweeted_status, quoted_status", "context: they lend a repost its text and its author"),
    LeftOut("quote_count, symbols, card", "no column for them; no detector reads them"),
    LeftOut("possibly_sensitive, withheld_*, filter_level, metadata, contributors", "settings of X, not of the post"),
    LeftOut("favorited, retweeted", "of the person who collected it"),
)

X_API_V1 = json_importer(
    stateless(_rows), X_API, name="x_api_v1", title="X API v1.1: statuses (search, stream, show) and users",
    sample_rows=6,
    recognised_by="id_str, created_at, entities, text or full_text, user; or id_str, screen_name, followers_count",
    tells=_is_of,
    fields=(
        *STATUS_FIELDS,
        *fields_of(
            account_id="user.id_str",
            accounts=(
                "user, users of referred statuses; users: screen_name, name, created_at, description, "
                "followers_count, friends_count, statuses_count, verified, location",
                "handle, display_name, created_at, description, followers, following, posts, verified, location_text",
            ),
        ),
    ),
    left_out=STATUS_LEFT_OUT,
)  # fmt: skip
