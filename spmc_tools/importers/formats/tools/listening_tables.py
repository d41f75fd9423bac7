"""Tables of the services that watch media for offices: Brandwatch and Meltwater."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.importers.engine.importer import Family, LeftOut, no_column, not_read, place_of_author
from spmc_tools.importers.fields.post_links import author_of, platform_of, post_id_of
from spmc_tools.importers.files.table_files import FLAT_FORMS
from spmc_tools.importers.mapping.known_tables import BY_KIND, Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import Mapping

if TYPE_CHECKING:
    from spmc_tools.importers.engine.importer import Importer

__all__ = ["BRANDWATCH", "MELTWATER"]

_KINDS = {"share": "repost", "retweet": "repost", "repost": "repost", "reply": "reply", "comment": "comment",
          "quote": "quote"}  # fmt: skip


def _platform(address: Any, named: Any) -> str | None:
    """Return the platform of an address, else the one that the service names, in small letters."""
    found = platform_of(address) if isinstance(address, str) else None
    other = str(named).strip().casefold() if named else None
    return found or {"twitter": "x"}.get(other or "", other)


def _id(address: Any, named: Any) -> Any:
    return post_id_of(address) if isinstance(address, str) and post_id_of(address) else named


def _first_id(*addresses: Any) -> str | None:
    return next((found for one in addresses if isinstance(one, str) and (found := post_id_of(one))), None)


def _first_author(*addresses: Any) -> str | None:
    return next((found for one in addresses if isinstance(one, str) and (found := author_of(one))), None)


def _kind(entry: Any, repost: Any, reply: Any) -> str:
    return _KINDS.get(str(entry or "").strip().casefold()) or ("repost" if repost else "reply" if reply else "post")


def _mentions(
    service: str, known: Known, zone_of: str, precision: str, documentation: str, **described: Any
) -> Importer:
    """Return the importer of the mentions that one service exports; ``zone_of``: what sets the zone of its times."""
    return known_importer(
        known,
        Family(f"named with --tz, never assumed: that of {zone_of}", precision, documentation, "proprietary"),
        name=f"{service.casefold()}_csv",
        title=f"mentions as {service} exports them (CSV, XLSX)",
        forms=FLAT_FORMS,
        options=("--tz",),
        **described,
    )


_REPOST, _REPLY = ("X Repost of", "Twitter Retweet of"), ("X Reply to", "Twitter Reply to")

BRANDWATCH = _mentions(
    "Brandwatch",
    Known(
        needs=(("Query Id", "Query Name", "Author", "Date", "Url"),),
        made=(
            Made("(platform)", ("Url", "Page Type"), _platform),
            Made("(id)", ("Url", "Resource Id"), _id),
            Made("(kind)", ("Thread Entry Type", *_REPOST, *_REPLY), lambda e, a, b, c, d: _kind(e, a or b, c or d)),
            Made("(ref)", (*_REPOST, *_REPLY), _first_id),
            Made("(ref author)", (*_REPOST, *_REPLY), _first_author),
        ),
        mapping=Mapping(
            columns(
                record_id="(id)", platform="(platform)", account_id="Author", created_at="Date",
                text=("Full Text", "Snippet", "Title"), url="Url", lang="Language", ref_record_id="(ref)",
                ref_account_id="(ref author)", conversation_id="Thread Id", urls="Expanded URLs", hashtags="Hashtags",
                mentions="Mentioned Authors",
            ),
            accounts=columns(
                handle="Author", display_name="Full Name", followers=("X Followers", "Twitter Followers"),
                following=("X Following", "Twitter Following"), posts=("X Posts", "Twitter Tweets"),
            ),
            kinds=BY_KIND,
            lists={"urls": ",", "hashtags": ",", "mentions": ","},
        ),
    ),
    zone_of="the query's settings", precision="1 s", documentation="https://consumer-research-help.brandwatch.com",
    remarks={
        "record_id": "the id in the address of the post, else Brandwatch's own number",
        "account_id": "the user name",
        "kind": "Thread Entry Type; else a repost or an answer where one is named; else post",
    },
    left_out=(
        LeftOut("Sentiment, Emotion, Gender, Account Type, Interest, Professions", "guesses about a post or a person"),
        place_of_author("Country, Region, City, Latitude, Longitude, Location Name"),
        not_read("Reach (new), Impressions, Impact, Daily Visitors, Domain"),
        no_column("Category Details, Checked, Starred, Priority, Assignment"),
    ),
)  # fmt: skip


def _meltwater_time(at: Any, day: Any, clock: Any) -> Any:
    """Return the day and clock of a row: in one column, or in two."""
    if clock in (None, "") or (isinstance(at, str) and ":" in at):
        return at or day
    return f"{day or at} {clock}"


MELTWATER = _mentions(
    "Meltwater",
    Known(
        needs=(("Date", "URL", "Opening Text", "Hit Sentence", "Influencer"),),
        made=(
            Made("(platform)", ("URL", "Source"), _platform),
            Made("(id)", ("URL", "Tweet Id"), lambda url, own: _id(url, str(own).strip('"') if own else None)),
            Made("(at)", ("Date", "Alternate Date Format", "Time"), _meltwater_time),
            Made("(who)", ("Author Handle", "Influencer"), lambda a, b: str(a or b or "").strip().lstrip("@") or None),
        ),
        mapping=Mapping(
            columns(
                record_id="(id)", platform="(platform)", account_id="(who)", created_at="(at)",
                text=("Opening Text", "Hit Sentence", "Headline"), url="URL", lang="Language", hashtags="Hashtags",
                urls="Links", views="Views", client="Twitter Client",
            ),
            accounts=columns(
                handle="(who)", description="Twitter Bio", followers="Twitter Followers", following="Twitter Following",
            ),
        ),
    ),
    zone_of="the account's settings", precision="1 min", documentation="https://help.meltwater.com",
    remarks={
        "record_id": "the id in the address of the post, else Tweet Id",
        "account_id": "the user name; an article without one is refused",
        "created_at": "Date with its clock; else day and clock of two columns",
    },
    left_out=(
        LeftOut("Sentiment, Key Phrases, AVE, Keywords, Input Name", "guesses and settings of the service"),
        place_of_author("Country, Subregion, State, City"),
        not_read("Reach, Desktop Reach, Mobile Reach, Engagement, Twitter Social Echo, Twitter Screen Name, …"),
        no_column("Document Tags, Custom Categories"),
    ),
)  # fmt: skip
