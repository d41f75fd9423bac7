"""Posts on X in workbooks that people fill by a program: TAGS in Google Sheets, NodeXL in Excel."""

from __future__ import annotations

import re
from typing import Any

import orjson

from spmc_tools.importers.engine.importer import Family, LeftOut, no_column, not_read, place_of_author
from spmc_tools.importers.fields.values import dict_of, exact_id, list_of, text_of
from spmc_tools.importers.files.table_files import FLAT_FORMS
from spmc_tools.importers.mapping.known_tables import BY_KIND, Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import Mapping, TimeSpec

__all__ = ["NODEXL", "TAGS"]

_PLATFORM = {"platform": "x"}
_REPOST = re.compile(r"RT @\w{1,20}:", re.ASCII)
_LINK = re.compile(r"<a [^<>]*>([^<>]*)</a>")
_ADDRESS = re.compile(r"https?://[^\s,;|\"<>]+")
_BETWEEN = re.compile(r"[\s,;|]+")


def _is_repost(text: Any) -> bool:
    return isinstance(text, str) and bool(_REPOST.match(text))


def _tags_kind(text: Any, answered: Any) -> str:
    return "repost" if _is_repost(text) else "reply" if answered else "post"


def _entities(cell: Any, kind: str) -> list[Any]:
    """Return what X found in a post, as TAGS keeps it: JSON in a cell, cut off or empty in some archives."""
    try:
        found = orjson.loads(cell) if isinstance(cell, str) else None
    except orjson.JSONDecodeError:
        return []
    return [dict_of(one) for one in list_of(dict_of(found).get(kind))]


def _urls(cell: Any) -> list[str] | None:
    return [url for one in _entities(cell, "urls") if (url := text_of(one.get("expanded_url"), one.get("url")))] or None


def _hashtags(cell: Any) -> list[str] | None:
    return [tag for one in _entities(cell, "hashtags") if (tag := text_of(one.get("text")))] or None


def _mentions(cell: Any) -> list[str] | None:
    people = (
        exact_id(one.get("id_str")) or text_of(one.get("screen_name")) for one in _entities(cell, "user_mentions")
    )
    return [one for one in people if one] or None


def _media(cell: Any) -> list[str] | None:
    found = (text_of(one.get("media_url_https"), one.get("media_url")) for one in _entities(cell, "media"))
    return [one for one in found if one] or None


def _client(source: Any) -> Any:
    link = _LINK.fullmatch(source) if isinstance(source, str) else None
    return link[1] if link else source


TAGS = known_importer(
    Known(
        needs=(("id_str", "from_user", "text", "created_at", "from_user_id_str", "entities_str"),),
        made=(
            Made("(kind)", ("text", "in_reply_to_status_id_str"), _tags_kind),
            Made("(urls)", ("entities_str",), _urls), Made("(hashtags)", ("entities_str",), _hashtags),
            Made("(mentions)", ("entities_str",), _mentions), Made("(media)", ("entities_str",), _media),
            Made("(client)", ("source",), _client),
        ),
        mapping=Mapping(
            columns(
                record_id="id_str", account_id="from_user_id_str", created_at="created_at", text="text",
                url="status_url", ref_record_id="in_reply_to_status_id_str",
                ref_account_id=("in_reply_to_user_id_str", "in_reply_to_screen_name"), urls="(urls)",
                hashtags="(hashtags)", mentions="(mentions)", media="(media)", client="(client)",
            ),
            accounts=columns(
                handle="from_user", followers="user_followers_count", following="user_friends_count",
                location_text="user_location",
            ),
            constants=_PLATFORM, times={"created_at": TimeSpec(tz="UTC")}, kinds=BY_KIND,
        ),
    ),
    Family(
        zone="created_at names UTC; the column time, in the zone of the sheet, is not used", precision="1 s",
        documentation="https://tags.hawksey.info",
        names_from="the headers of version 6 in two public programs that read and write such archives",
    ),
    name="tags", title="archives of X as TAGS writes them (Google Sheets, saved as CSV or XLSX)", forms=FLAT_FORMS,
    remarks={
        "kind": "a text that begins with RT @name: repost; an answered post: reply; else post",
        "urls": "entities_str: expanded_url", "hashtags": "entities_str",
        "mentions": "entities_str: id, else user name", "media": "entities_str", "client": "the name inside the link",
    },
    left_out=(
        LeftOut("time", "created_at again, in the zone of the sheet"),
        place_of_author("geo_coordinates"),
        LeftOut("user_lang", "the language of the settings of the account, not of the post"),
        LeftOut("profile_image_url", "a picture"),
    ),
)  # fmt: skip


def _nodexl_kind(relation: Any, text: Any, answered: Any, quoted: Any) -> str:
    said = str(relation or "").casefold()
    if "retweet" in said or _is_repost(text):
        return "repost"
    return "reply" if answered or "repl" in said else "quote" if quoted or "quote" in said else "post"


def _nodexl_reference(*cells: Any) -> Any:
    """Return the post that is referred to, out of the cells that ``_NODEXL_REFERENCE`` names."""
    relation, text, answered, quoted, own, reposted = cells
    kind = _nodexl_kind(relation, text, answered, quoted)
    if kind == "repost":
        return reposted if reposted and str(reposted) != str(own) else None
    return answered if kind == "reply" else quoted if kind == "quote" else None


def _addresses(cell: Any) -> list[str] | None:
    return _ADDRESS.findall(cell) or None if isinstance(cell, str) else None


def _words(cell: Any) -> list[str] | None:
    return [word for word in _BETWEEN.split(cell) if word] or None if isinstance(cell, str) else None


_NODEXL_KIND = ("Relationship", "Tweet", "In-Reply-To Tweet ID", "Quoted Status ID")
_NODEXL_REFERENCE = (*_NODEXL_KIND, "Imported ID", "Retweet ID")

NODEXL = known_importer(
    Known(
        needs=(("Vertex 1", "Vertex 2", "Relationship", "Tweet", "Tweet Date (UTC)", "Imported ID"),),
        made=(
            Made("(kind)", _NODEXL_KIND, _nodexl_kind),
            Made("(ref)", _NODEXL_REFERENCE, _nodexl_reference),
            Made("(urls)", ("URLs in Tweet",), _addresses), Made("(hashtags)", ("Hashtags in Tweet",), _words),
            Made("(media)", ("Media in Tweet",), _addresses),
        ),
        mapping=Mapping(
            columns(
                record_id="Imported ID", account_id="Vertex 1", created_at="Tweet Date (UTC)", text="Tweet",
                url="Twitter Page for Tweet", lang="Language", ref_record_id="(ref)", urls="(urls)",
                hashtags="(hashtags)", media="(media)", client="Source", likes="Favorite Count",
                reposts="Retweet Count",
            ),
            accounts=columns(handle="Vertex 1"), constants=_PLATFORM, times={"created_at": TimeSpec(tz="UTC")},
            kinds=BY_KIND,
        ),
    ),
    Family(
        zone="UTC, as the name of the column says", precision="1 s",
        documentation="https://www.smrfoundation.org/nodexl/",
        names_from="NodeXL's own program (the names of its columns of posts) and four public programs that read its "
        "workbooks",
    ),
    name="nodexl", title="posts of X in the sheet Edges of a NodeXL workbook (XLSX, or that sheet as CSV)",
    forms=FLAT_FORMS, options=("--date-order",),
    remarks={
        "record_id": "a post stands on a row for each account that it names: the others are duplicates",
        "account_id": "the user name; NodeXL gives no number of the account here",
        "kind": "Relationship and the beginning of the text; else a post that is answered or quoted; else post",
        "ref_record_id": "of a repost Retweet ID, where it is not the post's own",
    },
    left_out=(
        LeftOut("Vertex 2", "whom the post names; the text says it"),
        LeftOut("rows without a post (Followed)", "links between accounts, no posts: refused, since they have no time"),
        LeftOut("sheet Vertices", "figures of accounts; sheets with other columns are not read, which is said"),
        LeftOut("Relationship Date (UTC), Date, Time, Domains in Tweet", "other columns say it"),
        place_of_author("Latitude, Longitude, Place …"),
        not_read("Color, Width, Style, Opacity, Visibility, Label, Reciprocated?, Favorited, Truncated, …"),
        no_column("Possibly Sensitive, Is Quote Status, Imported Tweet Type, Added By Extended Analysis"),
    ),
)  # fmt: skip
