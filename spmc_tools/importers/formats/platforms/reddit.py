"""Reddit's posts and comments as Pushshift keeps them, one JSON object per line, and the lists of Reddit's own API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, LeftOut, fields_of, no_column
from spmc_tools.importers.engine.json_rows import json_importer, stateless
from spmc_tools.importers.fields.rows import Record
from spmc_tools.importers.fields.times import parse_epoch
from spmc_tools.importers.fields.values import Json, count_of, dict_of, exact_id, list_of, media_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = ["REDDIT"]

_COMMENT = {"id", "author", "body", "created_utc", "link_id"}
_SUBMISSION = {"id", "author", "title", "created_utc", "subreddit"}
_NOBODY = {"[deleted]", "[removed]", None}
_PICTURE = (".jpg", ".jpeg", ".png", ".gif", ".gifv", ".mp4", ".webp")
_FAMILY = Family(
    zone="created_utc counts from 1970 in UTC", precision="1 s",
    documentation="https://www.reddit.com/dev/api; Baumgartner et al. 2020, ICWSM 14", licence="proprietary",
)  # fmt: skip


def _is_of(row: Json) -> bool:
    return row.keys() >= _COMMENT or row.keys() >= _SUBMISSION or bool(_listing(row))


def _listing(row: Json) -> list[Json]:
    """Return what a list of Reddit's API holds."""
    if row.get("kind") != "Listing":
        return []
    return [dict_of(dict_of(child).get("data")) for child in list_of(dict_of(row.get("data")).get("children"))]


def _rows(found: Json, number: int) -> Iterator[Item]:
    if found.keys() >= _COMMENT:
        yield _row(found, number, "t1")
    elif found.keys() >= _SUBMISSION:
        yield _row(found, number, "t3")
    else:
        for child in _listing(found):
            yield from (
                _rows(child, number) if child.keys() >= {"id", "author"} else ("no post and no comment of Reddit",)
            )


def _row(found: Json, number: int, prefix: str) -> Record | str:
    bare_id = exact_id(found.get("id"))
    author = text_of(found.get("author"))
    account_id = text_of(found.get("author_fullname"), None if author in _NOBODY else author)
    at = parse_epoch(found.get("created_utc"))
    if bare_id is None:
        return f"the id is missing or not exact: {quote(found.get('id'))}"
    if account_id is None:
        return "the post does not say who wrote it (author deleted)"
    if at is None:
        return f"created_utc is no time: {quote(found.get('created_utc'))}"
    is_comment = prefix == "t1"
    parent, thread = text_of(found.get("parent_id")), text_of(found.get("link_id"))
    crossposted = text_of(found.get("crosspost_parent"))
    address = text_of(found.get("url"))
    at_home = bool(found.get("is_self")) or address is None
    picture = address is not None and address.lower().split("?")[0].endswith(_PICTURE)
    permalink = text_of(found.get("permalink"))
    retrieved = parse_epoch(_first_number(found.get("retrieved_on"), found.get("retrieved_utc")))
    return Record(
        record_id=f"{prefix}_{bare_id}", platform="reddit", account_id=account_id, created_at=at,
        kind="comment" if is_comment else "repost" if crossposted else "post", source_row=number, time_precision_s=1.0,
        url=f"https://www.reddit.com{permalink}" if permalink and permalink.startswith("/") else permalink,
        surface_id=text_of(found.get("subreddit"), found.get("subreddit_id")),
        text=text_of(found.get("body")) if is_comment else _post_text(found),
        ref_record_id=parent if is_comment else crossposted,
        conversation_id=thread if is_comment else f"{prefix}_{bare_id}",
        edited_at=parse_epoch(found.get("edited")) if not isinstance(found.get("edited"), bool) else None,
        urls=None if is_comment or at_home or address is None else [address],
        media=media_of([address]) if picture else None, likes=count_of(found.get("score")),
        replies=count_of(found.get("num_comments")), collected_at=retrieved,
    )  # fmt: skip


def _first_number(*values: object) -> object:
    """Return the first value that is there."""
    return next((value for value in values if value is not None), None)


def _post_text(found: Json) -> str | None:
    parts = [text_of(found.get("title")), text_of(found.get("selftext"))]
    return "\n".join(part for part in parts if part) or None


REDDIT = json_importer(
    stateless(_rows), _FAMILY, name="reddit",
    title="Reddit: posts and comments as Pushshift keeps them, and lists of Reddit's API", sample_rows=27,
    recognised_by="id, author, created_utc with body and link_id, or with title and subreddit; a Listing of these",
    tells=_is_of,
    fields=fields_of(
        record_id=("id", "as Reddit's fullname: t1_… a comment, t3_… a post"),
        account_id=("author_fullname, else author", "a row whose author is [deleted] is refused"),
        surface_id="subreddit", created_at="created_utc", text="body; title and selftext",
        url=("permalink", "completed; never fetched"), ref_record_id="parent_id; crosspost_parent",
        conversation_id="link_id; of a post its own id", kind=("link_id, crosspost_parent", "comment; repost; post"),
        edited_at=("edited", "where it is a time"), urls=("url", "of posts that lead elsewhere"),
        media=("url", "where it ends as a picture or film does"),
        metrics=("score, num_comments", "likes, replies; a negative score is left empty"),
        collected_at="retrieved_on, retrieved_utc",
    ),
    left_out=(
        no_column("author_flair_*, author_premium, all_awardings, gildings"),
        no_column("upvote_ratio, controversiality, subreddit_subscribers"),
        LeftOut("body_sha1, thumbnail, link_flair_*, stickied, distinguished, …", "settings and copies"),
        LeftOut("full_link", "permalink says the same"),
    ),
)  # fmt: skip
