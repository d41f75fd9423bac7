"""Tables of the services that watch media for offices: Brandwatch, Meltwater, Talkwalker and Sprinklr."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.importers.engine.importer import Family, LeftOut, no_column, not_read, place_of_author
from spmc_tools.importers.fields.post_links import author_of, platform_of, post_id_of
from spmc_tools.importers.files.cells import cell_count
from spmc_tools.importers.files.table_files import FLAT_FORMS
from spmc_tools.importers.mapping.known_tables import BY_KIND, Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import Mapping

if TYPE_CHECKING:
    from spmc_tools.importers.engine.importer import Importer

__all__ = ["BRANDWATCH", "MELTWATER", "SPRINKLR", "TALKWALKER"]

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


_SOURCES = (
    ("TWITTER", "x"), ("SOCIALMEDIA_X", "x"), ("FACEBOOK", "facebook"), ("INSTAGRAM", "instagram"),
    ("YOUTUBE", "youtube"), ("TIKTOK", "tiktok"), ("REDDIT", "reddit"), ("TELEGRAM", "telegram"), ("VK", "vk"),
)  # fmt: skip
"""Words in the name of a source, and our platform."""


def _platform_of_source(address: Any, named: Any) -> str | None:
    """Return the platform of an address, else that of the source, which is called SOCIALMEDIA, SOCIALMEDIA_TWITTER."""
    found = platform_of(address) if isinstance(address, str) else None
    said = (", ".join(map(str, named)) if isinstance(named, (list, tuple)) else str(named or "")).upper()
    known = next((platform for word, platform in _SOURCES if word in said), None)
    return found or known or said.split(",")[0].strip().casefold() or None


def _talkwalker_author(address: Any, short: Any, name: Any) -> Any:
    """Return the user name in the address of the post, else the short name, else the name."""
    return (author_of(address) if isinstance(address, str) else None) or short or name


def _figures(*names: str) -> tuple[str, ...]:
    return tuple(f"article_extended_attributes.{name}" for name in names)


def _sum(*cells: Any) -> int | None:
    """Return the figure of the one network that a post is on; the columns of the others are empty or 0."""
    counts = [count for cell in cells if cell not in (None, "") and (count := cell_count(cell)) is not None]
    return sum(counts) if counts else None


TALKWALKER = known_importer(
    Known(
        needs=(
            ("url", "published", "content", "source_type", "extra_author_attributes.name"),
            ("url", "published", "content", "source_type", "extra_source_attributes.name"),
        ),
        made=(
            Made("(platform)", ("url", "source_type"), _platform_of_source),
            Made("(id)", ("url",), lambda url: _id(url, url)),
            Made(
                "(who)", ("url", "extra_author_attributes.short_name", "extra_author_attributes.name"),
                _talkwalker_author,
            ),
            Made("(likes)", _figures("twitter_likes", "facebook_likes", "instagram_likes", "youtube_likes"), _sum),
            Made("(reposts)", _figures("twitter_retweets", "facebook_shares", "linkedin_shares"), _sum),
            Made("(replies)", _figures("twitter_replies", "num_comments"), _sum),
            Made("(views)", _figures("youtube_views", "url_views"), _sum),
        ),
        mapping=Mapping(
            columns(
                record_id="(id)", platform="(platform)", account_id="(who)", created_at="published",
                text=("content", "content_snippet", "title"), url="url", lang="lang",
                surface_id="extra_source_attributes.name", urls="entity_urls", media="images.url",
                likes="(likes)", reposts="(reposts)", replies="(replies)", views="(views)",
            ),
            accounts=columns(
                handle="extra_author_attributes.short_name", display_name="extra_author_attributes.name",
                description="extra_author_attributes.description",
                followers=(
                    "source_extended_attributes.twitter_followers", "source_extended_attributes.instagram_followers",
                ),
            ),
        ),
    ),
    Family(
        zone="named with --tz, never assumed, where published is no number of milliseconds since 1970",
        precision="1 s", documentation="https://developer.talkwalker.com/docs/talkwalker-documents",
        licence="proprietary",
        names_from="a public program that writes the whole header, and eight that read such exports",
    ),
    name="talkwalker", title="results as Talkwalker exports them (CSV, XLSX)", forms=FLAT_FORMS,
    options=("--tz", "--date-order"),
    remarks={
        "record_id": "the id in the address of the post, else the address",
        "account_id": "the user name in the address, else short_name, else name",
        "text": "of posts of X Talkwalker gives none in some exports: ask for them by their addresses",
        "surface_id": "the name of the page or paper",
    },
    left_out=(
        LeftOut("sentiment, extra_author_attributes.gender, birthdate, …", "guesses about a post or a person"),
        LeftOut("extra_author_attributes.id", "a number of Talkwalker's own"),
        place_of_author("extra_article_attributes.world_data, extra_author_attributes.world_data, …"),
        LeftOut("parent_url", "what it refers to is not described for each source; nothing is made of it"),
        not_read("reach, engagement, root_url, domain_url, host_url, cluster_id, spam_level, word_count, …"),
        no_column("tags_internal, tags_marking, tags_customer, matched_profile, indexed, search_indexed"),
    ),
)  # fmt: skip

_TYPES = (("retweet", "repost"), ("share", "repost"), ("quote", "quote"), ("reply", "reply"), ("comment", "comment"))


def _sprinklr_kind(named: Any, text: Any) -> str:
    said = str(named or "").casefold()
    found = next((kind for word, kind in _TYPES if word in said), None)
    return found or ("repost" if isinstance(text, str) and text.startswith("RT @") else "post")


SPRINKLR = known_importer(
    Known(
        needs=(("UniversalMessageId", "SenderScreenName", "Message", "MessageType", "CreatedTime", "Permalink"),),
        made=(
            Made("(platform)", ("Permalink", "SocialNetwork"), _platform_of_source),
            Made("(id)", ("Permalink", "UniversalMessageId"), _id),
            Made("(kind)", ("MessageType", "Message"), _sprinklr_kind),
            Made("(original)", ("OriginalAuthor",), lambda who: str(who).strip().lstrip("@") or None if who else None),
        ),
        mapping=Mapping(
            columns(
                record_id="(id)", platform="(platform)", account_id=("SenderUserId", "SenderScreenName"),
                created_at="CreatedTime", text=("Message", "Title"), url="Permalink", lang=("LanguageCode", "Language"),
                ref_account_id="(original)", reposts="Retweets",
            ),
            accounts=columns(
                handle="SenderScreenName", display_name="SenderListedName",
                followers=("SenderFollowersCount", "Sender Followers Count"),
            ),
            kinds=BY_KIND,
        ),
    ),
    Family(
        zone="named with --tz, never assumed: that of the user's settings", precision="1 s",
        documentation="https://www.sprinklr.com/help", licence="proprietary",
        names_from="the header in the manual of a public program that reads such exports, and two more that read some "
        "of its columns",
    ),
    name="sprinklr", title="messages as Sprinklr exports them (CSV, XLSX)", forms=FLAT_FORMS,
    options=("--tz", "--date-order"),
    remarks={
        "record_id": "the id in the address of the post, else Sprinklr's own",
        "kind": "by a word in MessageType (retweet, share, quote, reply, comment); else a text that begins with RT @: "
        "repost; else post",
    },
    left_out=(
        LeftOut("SenderAge, SenderGender, SenderInfluencerScore, Sentiment", "guesses about a person or a post"),
        LeftOut("SenderProfileImgUrl, SenderProfileLink, OriginalAuthorProfileLink", "the name says the same"),
        place_of_author("CountryCode"),
        no_column("MediaTypeList, Domain"),
    ),
)  # fmt: skip
