"""Instagram as Instaloader keeps it: one JSON file a post, story or profile, and one with the comments of a post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, LeftOut, fields_of, no_column, not_read, place_of_author
from spmc_tools.importers.engine.json_rows import Beside, json_importer, no_post, refusal, stateless
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import parse_epoch
from spmc_tools.importers.fields.values import (
    Json,
    count_of,
    dict_of,
    exact_id,
    flag_of,
    list_of,
    media_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = ["INSTALOADER"]

_POSTS = ("Post", "StoryItem")
_COMMENT = {"id", "created_at", "text", "owner", "likes_count", "answers"}


def _tells(row: Json) -> bool:
    return row.keys() >= _COMMENT or (
        isinstance(row.get("node"), dict) and "node_type" in dict_of(row.get("instaloader"))
    )


def _rows(row: Json, number: int) -> Iterator[Item]:
    if row.keys() >= _COMMENT:
        yield from _comments(row, number)
        return
    node, what = dict_of(row.get("node")), dict_of(row.get("instaloader")).get("node_type")
    if what in _POSTS:
        yield from _post(node, number)
    elif what == "Profile":
        yield _account(node, number) or f"the id is missing or not exact: {quote(node.get('id'))}"
    else:
        yield no_post(row)


def _count(node: Json, name: str) -> int | None:
    """Return a number that Instagram wraps in an object."""
    return count_of(dict_of(node.get(name)).get("count"))


def _nodes(node: Json, name: str) -> list[Json]:
    return [dict_of(dict_of(edge).get("node")) for edge in list_of(dict_of(node.get(name)).get("edges"))]


def _media(node: Json) -> list[str | None]:
    """Return the addresses of the pictures and films of a post, of a carousel all of them."""
    parts = _nodes(node, "edge_sidecar_to_children") or [node]
    return [text_of(part.get("video_url"), part.get("display_url"), part.get("display_src")) for part in parts]


def _post(node: Json, number: int) -> Iterator[Item]:
    code = text_of(node.get("shortcode"), node.get("code"))
    owner = dict_of(node.get("owner"))
    record_id, account_id = code or exact_id(node.get("id")), exact_id(owner.get("id"))
    told = node.get("date", node.get("taken_at_timestamp"))
    at = parse_epoch(told)
    if record_id is None or account_id is None or at is None:
        yield _why(record_id, node.get("id"), account_id, ("taken_at_timestamp", told))
        return
    said = next(iter(_nodes(node, "edge_media_to_caption")), {}).get("text")
    replies = _count(node, "edge_media_to_parent_comment")
    yield Record(
        record_id, "instagram", account_id, at, "post", number, 1.0, text=text_of(said, node.get("caption")),
        url=f"https://www.instagram.com/p/{code}/" if code else None, media=media_of(_media(node)),
        likes=_count(node, "edge_media_preview_like"),
        replies=_count(node, "edge_media_to_comment") if replies is None else replies,
        views=count_of(node.get("video_view_count")),
    )  # fmt: skip
    if account := _account(owner, number):
        yield Beside(account)


def _why(record_id: str | None, own: object, account_id: str | None, told: tuple[str, object]) -> str:
    """Return why an object is no post that can be kept; ``told`` is the field of its time and what it holds."""
    if record_id is None:
        return f"the id is missing or not exact: {quote(own)}"
    return "the object does not say who posted it" if account_id is None else f"{told[0]} is no time: {quote(told[1])}"


def _comments(row: Json, number: int) -> Iterator[Item]:
    first = exact_id(row.get("id"))
    yield from _comment(row, number, None)
    for answer in list_of(row.get("answers")):
        yield from _comment(dict_of(answer), number, first)


def _comment(row: Json, number: int, answered: str | None) -> Iterator[Item]:
    owner = dict_of(row.get("owner"))
    record_id, account_id = exact_id(row.get("id")), exact_id(owner.get("id"))
    at = parse_epoch(row.get("created_at"))
    if record_id is None or account_id is None or at is None:
        why = _why(record_id, row.get("id"), account_id, ("created_at", row.get("created_at")))
        yield refusal(number, why, row)
        return
    yield Record(
        record_id, "instagram", account_id, at, "reply" if answered else "comment", number, 1.0,
        text=text_of(row.get("text")), ref_record_id=answered, likes=count_of(row.get("likes_count")),
    )  # fmt: skip
    if account := _account(owner, number):
        yield Beside(account)


def _account(node: Json, number: int) -> Account | None:
    account_id = exact_id(node.get("id"))
    return None if account_id is None else Account(
        account_id, "instagram", number, handle=text_of(node.get("username")),
        display_name=text_of(node.get("full_name")), description=text_of(node.get("biography")),
        followers=_count(node, "edge_followed_by"), following=_count(node, "edge_follow"),
        verified=flag_of(node.get("is_verified")),
    )  # fmt: skip


INSTALOADER = json_importer(
    stateless(_rows),
    Family(
        zone="seconds since 1970, in UTC", precision="1 s", documentation="https://instaloader.github.io",
        licence="MIT", names_from="the program itself (instaloader/instaloader, structures.py and instaloader.py)",
    ),
    name="instaloader", title="posts, stories, profiles and comments of Instagram as Instaloader keeps them (JSON)",
    tells=_tells,
    recognised_by="node and instaloader.node_type; or id, created_at, text, owner, likes_count and answers",
    fields=fields_of(
        record_id=("shortcode, code; of stories and comments id", "the code that stands in the address"),
        account_id="owner.id; of a profile id",
        created_at="taken_at_timestamp, date; of comments created_at",
        kind=("(a file of comments), answers[]", "comment, reply; else post"),
        text="edge_media_to_caption, else caption; of comments text",
        url=("shortcode", "built; never fetched"), ref_record_id=("id of the comment", "of its answers[]"),
        media=(
            "edge_sidecar_to_children, video_url, display_url, display_src", "every picture of a carousel",
        ),
        metrics=(
            "edge_media_preview_like, likes_count; edge_media_to_parent_comment, else edge_media_to_comment; "
            "video_view_count", "likes, replies, views",
        ),
        accounts=(
            "owner, node: username, full_name, biography, edge_followed_by, edge_follow, is_verified",
            "handle, display_name, description, followers, following, verified",
        ),
    ),
    left_out=(
        LeftOut("(the post of a comment)", "its file does not name it, but for the beginning of the file's name"),
        LeftOut("edge_media_to_tagged_user, edge_media_to_sponsor_user", "other people"),
        place_of_author("location"),
        LeftOut("iphone_struct", "the same post again, as the app gets it"),
        not_read("accessibility_caption, dimensions, is_ad, viewer_has_liked, comments_disabled, …"),
        no_column("title, profile_pic_url, external_url, business_category_name"),
    ),
)  # fmt: skip
