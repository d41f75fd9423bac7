"""Tables of Facebook and Instagram: CrowdTangle's exports and lists of pages, the Meta Content Library."""

from __future__ import annotations

import re
from typing import Any

from spmc_tools.importers.engine.importer import Family, LeftOut, no_column
from spmc_tools.importers.mapping.known_tables import Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import KindRule, Mapping, TimeSpec

__all__ = ["CROWDTANGLE_CSV", "CROWDTANGLE_PAGES", "META_CONTENT_LIBRARY", "facebook_post"]

_POST = re.compile(
    r"https?://(?:www\.|m\.|web\.)?facebook\.com/(?:groups/)?([^/?#\s]{1,120})/(?:posts|permalink|videos|photos)/"
    r"(?:[^/?#\s]{1,200}/)?(\d{1,25})"
)


def facebook_post(url: object) -> tuple[str, str] | None:
    """Return page (or group) and number out of the address of a post; None where it names none."""
    found = _POST.match(url) if isinstance(url, str) else None
    return (found[1], found[2]) if found else None


def _page(url: Any) -> str | None:
    found = facebook_post(url)
    return found[0] if found else None


def _post_id(page: Any, url: Any) -> str | None:
    found = facebook_post(url)
    return f"{page or found[0]}_{found[1]}" if found else None


CROWDTANGLE_CSV = known_importer(
    Known(
        needs=(("Page Name", "Post Created", "URL"), ("Group Name", "Post Created", "URL")),
        made=(
            Made("(post)", ("Facebook Id", "URL"), _post_id),
            Made("(page)", ("URL",), _page),
        ),
        mapping=Mapping(
            columns(
                record_id="(post)", account_id=("Facebook Id", "(page)", "Page Name", "Group Name"),
                surface_id=("Facebook Id", "(page)"), created_at="Post Created", text="Message", url="URL",
                urls=("Final Link", "Link"), likes="Likes", reposts="Shares", replies="Comments", views="Post Views",
            ),
            accounts=columns(
                handle="User Name", display_name=("Page Name", "Group Name"), created_at="Page Created",
                description="Page Description", followers=("Followers at Posting", "Likes at Posting"),
            ),
            constants={"platform": "facebook"},
            times=dict.fromkeys(("created_at", "account_created_at"), TimeSpec(tz="America/New_York")),
        ),
    ),
    Family(
        zone="each time ends in EST or EDT: New York", precision="1 s",
        documentation="https://help.crowdtangle.com (closed in August 2024)", licence="proprietary",
    ),
    name="crowdtangle_csv", title="CrowdTangle's exports of posts (CSV), whole or cut to some columns",
    sample_rows=2585,
    remarks={
        "record_id": "page_number out of URL, as CrowdTangle's platformId",
        "account_id": "without Facebook Id and without a page in URL: the name",
    },
    left_out=(
        LeftOut("Total Interactions, Overperforming Score", "sums and scores of CrowdTangle"),
        LeftOut("Love, Wow, Haha, Sad, Angry, Care", "no column for single reactions"),
        no_column("Page Category, Page Admin Top Country, Sponsor *"),
        no_column("Type, Video *, Is Video Owner?, Total Views*, Image Text, Link Text, …"),
        LeftOut("Post Created Date, Post Created Time", "parts of Post Created"),
    ),
)  # fmt: skip

CROWDTANGLE_PAGES = known_importer(
    Known(
        needs=(("Page Name", "Page Category", "URL"),),
        made=(Made("(page)", ("URL",), _page),),
        mapping=Mapping(
            columns(account_id=("Facebook Id", "(page)")),
            accounts=columns(handle="User Name", display_name="Page Name", description="Page Description"),
            constants={"platform": "facebook"},
        ),
        lacks=("Post Created",),
    ),
    Family(
        zone="no times", precision="none", documentation="https://help.crowdtangle.com (closed in August 2024)",
        licence="proprietary",
    ),
    name="crowdtangle_pages", title="lists of pages cut out of CrowdTangle (CSV): accounts, no posts", sample_rows=58,
    left_out=(
        LeftOut("Page Category", "no column for it"),
        LeftOut("URL", "of one of its posts, without a time: it names the page"),
    ),
)  # fmt: skip


def _meta_platform(*cells: Any) -> str:
    return (
        "instagram" if any(isinstance(cell, str) and "instagram" in cell.casefold() for cell in cells) else "facebook"
    )


META_CONTENT_LIBRARY = known_importer(
    Known(
        needs=(
            ("id", "text", "creation_time", "post_owner.id"), ("id", "text", "creation_time", "post_owner"),
            ("id", "text", "creation_time", "mcl_url"),
        ),
        made=(
            Made(
                "(platform)", ("mcl_url", "post_owner.type", "surface.type", "content_type"), _meta_platform,
            ),
        ),
        mapping=Mapping(
            columns(
                record_id="id", platform="(platform)", account_id=("post_owner.id", "post_owner.name"),
                surface_id="surface.id", created_at="creation_time", edited_at="modified_time", text="text",
                url="mcl_url", lang="lang", ref_record_id="shared_post_id", urls="link_attachment.link",
                hashtags="hashtags", likes="statistics.like_count", reposts="statistics.share_count",
                replies="statistics.comment_count", views="statistics.views",
            ),
            accounts=columns(handle="post_owner.username", display_name="post_owner.name"),
            times={"created_at": TimeSpec(tz="UTC"), "edited_at": TimeSpec(tz="UTC")},
            kinds=(KindRule("repost", "shared_post_id"),),
        ),
        lacks=("_type",),
    ),
    Family(
        zone="UTC, as Meta says; an offset that stands in the time is kept", precision="1 s",
        documentation="https://developers.facebook.com/docs/content-library-and-api", licence="proprietary",
    ),
    name="meta_content_library", title="Meta Content Library: posts of Facebook and Instagram (CSV or JSON)",
    remarks={"platform": "instagram where one says so, else facebook", "url": "Meta's own address of the copy"},
    left_out=(
        LeftOut("statistics.love_count … care_count, reaction_count", "no column for single reactions"),
        no_column("link_attachment.name, caption, description; content_type; surface.type, name"),
        LeftOut("multimedia", "Meta hands out no files"),
    ),
)  # fmt: skip
