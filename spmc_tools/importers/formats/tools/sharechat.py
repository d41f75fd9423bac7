"""Posts of ShareChat under a tag, as the scraper of Tattle Civic Technologies writes them: a table per run."""

from __future__ import annotations

from typing import Any

from spmc_tools.importers.engine.importer import Family, LeftOut, no_column
from spmc_tools.importers.files.table_files import FLAT_FORMS
from spmc_tools.importers.mapping.known_tables import Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import Mapping, TimeSpec

__all__ = ["SHARECHAT"]


def _last(address: Any) -> str | None:
    """Return the last part of an address of ShareChat: the code of a post, the name of a profile."""
    if not isinstance(address, str):
        return None
    return address.split("?")[0].rstrip("/").rpartition("/")[2] or None


def _text(caption: Any, text: Any) -> str | None:
    return "\n".join(str(part) for part in dict.fromkeys((caption, text)) if part not in (None, "")) or None


def _picture(address: Any, what: Any) -> list[str] | None:
    return [address] if address and what != "link" else None


def _link(address: Any, what: Any) -> list[str] | None:
    return [address] if address and what == "link" else None


SHARECHAT = known_importer(
    Known(
        needs=(("post_permalink", "profile_page", "timestamp", "media_type", "external_shares", "tag_name"),),
        made=(
            Made("(id)", ("post_permalink",), _last), Made("(who)", ("profile_page",), _last),
            Made("(text)", ("caption", "text"), _text), Made("(media)", ("media_link", "media_type"), _picture),
            Made("(links)", ("media_link", "media_type"), _link),
            Made("(tag)", ("tag_name",), lambda tag: [str(tag)] if tag else None),
        ),
        mapping=Mapping(
            columns(
                record_id="(id)", account_id="(who)", created_at="timestamp", text="(text)", url="post_permalink",
                lang="language", urls="(links)", hashtags="(tag)", media="(media)", likes="likes", reposts="reposts",
                replies="comments", views="views", collected_at="scraped_date",
            ),
            accounts=columns(handle="(who)"), constants={"platform": "sharechat"},
            times={"created_at": TimeSpec(tz="UTC"), "collected_at": TimeSpec(tz="UTC")},
        ),
    ),
    Family(
        zone="UTC, as the program says", precision="1 s",
        documentation="https://github.com/tattle-made/sharechat-scraper",
        names_from="the program itself (a public copy: whymath/sharechat-scraper, sharechat_helper.py)",
    ),
    name="sharechat", title="posts of ShareChat as Tattle's scraper writes them (CSV)", forms=FLAT_FORMS,
    remarks={
        "record_id": "the code that stands in the address", "account_id": "the name of the profile",
        "text": "what is written below a picture, and the text of the post itself", "urls": "of posts of type link",
        "hashtags": "the tag that was asked for: a post under two tags is a duplicate the second time",
    },
    left_out=(
        LeftOut("external_shares", "how often it was sent on outside of ShareChat; no table holds it"),
        LeftOut("tag_translation, tag_genre, bucket_name, bucket_id", "ShareChat's own words for the tag"),
        no_column("media_type, filename, s3_url, thumbnail"),
    ),
)  # fmt: skip
