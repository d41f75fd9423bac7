"""Posts of Facebook pages as Facepager exports them: its own columns, and those that its user asked the API for."""

from __future__ import annotations

from typing import Any

from spmc_tools.importers.engine.importer import Family, LeftOut, no_column, not_read
from spmc_tools.importers.files.table_files import FLAT_FORMS
from spmc_tools.importers.mapping.known_tables import BY_KIND, Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import Mapping, TimeSpec

__all__ = ["FACEPAGER"]


def _asks(query: Any, edge: str) -> bool:
    """Whether a query, such as ``Facebook:/<page-id>/posts``, asks for that edge of the API."""
    return isinstance(query, str) and query.rstrip("/").endswith(f"/{edge}")


def _platform(query: Any) -> str | None:
    return "facebook" if isinstance(query, str) and query.startswith("Facebook:") else None


def _account(author: Any, query: Any, node: Any) -> Any:
    """Return who wrote: the id that the API gave, else the page in the id of a post that was asked of a page."""
    page, _, post = str(node or "").partition("_")
    return author or (page if post and _asks(query, "posts") else None)


def _id(query: Any, node: Any) -> Any:
    """Return the id of a post; of comments the node often has the id of the post they stand below."""
    return None if _asks(query, "comments") or _asks(query, "replies") else node


def _kind(query: Any) -> str:
    return "comment" if _asks(query, "comments") or _asks(query, "replies") else "post"


FACEPAGER = known_importer(
    Known(
        needs=(("object_id", "object_type", "query_status", "query_time", "query_type", "created_time"),),
        made=(
            Made("(platform)", ("query_type",), _platform),
            Made("(id)", ("query_type", "object_id"), _id),
            Made("(who)", ("from.id", "query_type", "object_id"), _account),
            Made("(kind)", ("query_type",), _kind),
        ),
        mapping=Mapping(
            columns(
                record_id="(id)", platform="(platform)", account_id="(who)", created_at="created_time",
                text=("message", "story"), url="permalink_url", urls="link", media=("full_picture", "picture"),
                likes=("like.summary.total_count", "like", "like_count"), reposts=("shares.count", "shares"),
                replies=("comments.summary.total_count", "comment_count", "comments"),
            ),
            accounts=columns(display_name="from.name"), times={"created_at": TimeSpec(tz="UTC")}, kinds=BY_KIND,
        ),
    ),
    Family(
        zone="created_time names UTC", precision="1 s", documentation="https://github.com/strohne/Facepager",
        licence="MIT",
        names_from="the program itself (strohne/Facepager, export.py), two real exports in a public repository "
        "(strohne/autocol: 2_apis/facebooknews.csv, data/export.csv) and 4CAT, which reads such files",
    ),
    name="facepager", title="posts of Facebook as Facepager exports them (CSV)", forms=FLAT_FORMS,
    remarks={
        "record_id": "of comments none: the node often has the id of the post",
        "account_id": "from.id, else the page in the id of a post that was asked of a page; Facebook names no author "
        "of a comment, so that these rows are refused",
        "kind": "query_type that ends in /comments or /replies: comment; else post",
    },
    left_out=(
        LeftOut("rows of seeds, offcuts and headers", "no posts: refused, since they name no platform or no time"),
        LeftOut("reactions, love, haha, wow, sad, angry", "no likes alone; no table holds them"),
        not_read("level, id, parent_id, path, object_key, query_status, query_time"),
        no_column("type, status_type, name, description, caption"),
    ),
)  # fmt: skip
