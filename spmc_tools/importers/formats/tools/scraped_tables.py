"""Flat rows of tools for research: Apify's collectors of Instagram and Facebook, the Coordination Network Toolkit."""

from __future__ import annotations

from typing import Any

from spmc_tools.importers.engine.importer import Family, LeftOut, no_column, not_read, place_of_author
from spmc_tools.importers.mapping.known_tables import Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import KindRule, Mapping, TimeSpec

__all__ = ["APIFY_FACEBOOK", "APIFY_INSTAGRAM", "COORDINATION_TOOLKIT"]

_APIFY = Family(
    zone="every time names UTC", precision="1 s; Facebook's to the ms", documentation="https://apify.com/apify",
    licence="proprietary",
)  # fmt: skip


def _media(pictures: Any, shown: Any) -> Any:
    return pictures if isinstance(pictures, (list, tuple)) and pictures else [shown] if shown else None


APIFY_INSTAGRAM = known_importer(
    Known(
        needs=(("shortCode", "ownerUsername", "timestamp"),),
        made=(Made("(media)", ("images", "displayUrl"), _media),),
        mapping=Mapping(
            columns(
                record_id=("shortCode", "id"), account_id=("ownerId", "ownerUsername"), created_at="timestamp",
                text="caption", url="url", hashtags="hashtags", mentions="mentions", media="(media)",
                likes="likesCount", replies="commentsCount", views=("videoViewCount", "videoPlayCount"),
            ),
            accounts=columns(handle="ownerUsername", display_name="ownerFullName"),
            constants={"platform": "instagram"}, times={"created_at": TimeSpec(tz="UTC")},
        ),
    ),
    _APIFY, name="apify_instagram", title="posts of Instagram as Apify's Instagram Scraper writes them",
    remarks={"record_id": "the code that stands in the address", "media": "every picture of a carousel"},
    left_out=(
        not_read("type, productType, alt, dimensionsHeight, dimensionsWidth, musicInfo, isSponsored, inputUrl"),
        place_of_author("locationName, locationId"),
        LeftOut("latestComments, firstComment, taggedUsers", "of other people; import their own file"),
        no_column("childPosts, videoUrl, videoDuration"),
    ),
)  # fmt: skip

APIFY_FACEBOOK = known_importer(
    Known(
        needs=(("facebookUrl", "postId", "text", "time"), ("facebookUrl", "postId", "text", "timestamp")),
        mapping=Mapping(
            columns(
                record_id="postId", account_id=("user.id", "user/id", "pageId", "pageName"),
                created_at=("time", "timestamp"), text="text", url=("url", "topLevelUrl"), urls="link",
                surface_id=("groupId", "pageName"), likes="likes", reposts="shares", replies="comments",
                views="viewsCount",
            ),
            accounts=columns(handle="pageName", display_name=("user.name", "user/name")),
            constants={"platform": "facebook"}, times={"created_at": TimeSpec(tz="UTC")},
        ),
    ),
    _APIFY, name="apify_facebook", title="posts of Facebook as Apify's Facebook Posts Scraper writes them",
    left_out=(
        not_read("feedbackId, topReactionsCount, reactionLikeCount, …, inputUrl, facebookId"),
        LeftOut("media", "objects whose form changes with the kind of post"),
        LeftOut("user.profilePic, user.profileUrl", "a picture; the id says the same"),
        LeftOut("topComments, sharedPost", "of other people; import their own file"),
    ),
)  # fmt: skip

COORDINATION_TOOLKIT = known_importer(
    Known(
        needs=(("message_id", "user_id", "repost_id", "reply_id", "message", "timestamp", "urls"),),
        mapping=Mapping(
            columns(
                record_id="message_id", account_id="user_id", created_at="timestamp", text="message",
                ref_record_id=("repost_id", "reply_id"), urls="urls",
            ),
            accounts=columns(handle="username"), constants={"platform": "unknown"},
            times={"created_at": TimeSpec(tz="UTC")},
            kinds=(KindRule("repost", "repost_id"), KindRule("reply", "reply_id")),
        ),
    ),
    Family(
        zone="seconds since 1970, in UTC", precision="1 s",
        documentation="https://github.com/QUT-Digital-Observatory/coordination-network-toolkit", licence="MIT",
    ),
    name="coordination_toolkit", title="messages as the Coordination Network Toolkit takes them (CSV)",
    remarks={"kind": "repost_id: repost; reply_id: reply; else post"},
    left_out=(LeftOut("(the platform)", "the table does not say which; it is called unknown"),),
)  # fmt: skip
