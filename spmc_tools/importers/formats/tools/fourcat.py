"""CSV files of 4CAT: one layout of columns per platform, told by columns that only that platform has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spmc_tools.errors import FormatError
from spmc_tools.importers.engine.importer import Family, LeftOut, no_column, not_read
from spmc_tools.importers.files.table_files import FLAT_FORMS
from spmc_tools.importers.mapping.known_tables import BY_KIND, Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import Mapping, TimeSpec

if TYPE_CHECKING:
    from spmc_tools.importers.engine.importer import Options, Plan, Sample
    from spmc_tools.importers.files.read import Source

__all__ = ["FOURCAT_CSV", "platform_of"]

_MARKS = (
    ("tiktok_comments", "tiktok", {"is_liked_by_post_author", "post_id"}),
    ("tiktok", "tiktok", {"tiktok_url"}),
    ("bsky", "bluesky", {"replied_to_post", "author_display_name"}),
    ("twitterv2", "x", {"is_retweet", "author_fullname", "retweeted_user"}),
    ("telegram", "telegram", {"chat", "author_forwarded_from_name"}),
    ("facebook", "facebook", {"is_in_group", "group_name"}),
    ("instagram", "instagram", {"num_likes", "num_comments", "num_media"}),
    ("threads", "threads", {"is_paid_partnership", "author_is_verified", "quotes"}),
    ("vk", "vk", {"author_screen_name", "item_type"}),
    ("douyin", "douyin", {"prevent_download", "digg_count"}),
    ("linkedin", "linkedin", {"timestamp_ago", "inclusion_context"}),
    ("ninegag", "9gag", {"is_vote_masked"}),
    ("imgur", "imgur", {"virality_score"}),
    ("pinterest", "pinterest", {"dominant_colour"}),
    ("tumblr", "tumblr", {"reblog_key"}),
    ("xiaohongshu_comments", "xiaohongshu", {"ip_location", "replies"}),
    ("xiaohongshu", "xiaohongshu", {"title", "likes", "author_avatar_url", "hashtags"}),
)
"""Name of 4CAT, platform, columns that tell it; the first that fits counts."""

_YES = {"yes", "True", "true", "1"}
_COMMENTS = {"tiktok_comments", "xiaohongshu_comments"}


def platform_of(header: tuple[str, ...]) -> tuple[str, str] | None:
    """Return 4CAT's name of a platform and ours, or None where no platform has these columns."""
    seen = set(header)
    return next(((name, platform) for name, platform, marks in _MARKS if marks <= seen), None)


def _yes(cell: Any) -> bool:
    return str(cell) in _YES


def _kind(*cells: Any) -> str:
    repost, reblog, reply, answered, quote, quoted = cells
    if _yes(repost) or _yes(reblog):
        return "repost"
    if _yes(reply) or answered not in (None, ""):
        return "reply"
    return "quote" if _yes(quote) or quoted not in (None, "") else "post"


def _text(subject: Any, title: Any, body: Any) -> str | None:
    parts = [str(part) for part in (subject or title, body) if part not in (None, "")]
    return "\n".join(dict.fromkeys(parts)) or None


_MAPPING = Mapping(
    columns(
        record_id="id", account_id=("author_id", "author_user_id", "author", "author_profile_url"),
        created_at=("unix_timestamp", "timestamp"), text="(text)",
        url=("link", "post_url", "tiktok_url", "comment_url", "url"), surface_id=("chat", "group_name"),
        conversation_id="thread_id", lang=("language_guess", "languages"),
        ref_record_id=("replied_to_post", "reply_to", "quoted_post"),
        ref_account_id=(
            "retweeted_user", "replied_user", "replied_to_user", "in_reply_to_user", "quoted_user",
            "author_forwarded_from_id",
        ),
        urls=("urls", "links", "entities_linked", "link_urls", "link_url"),
        hashtags=("hashtags", "tags", "challenges"), mentions=("mentions", "entities_mentioned", "author_mentions"),
        media=("images", "image_urls", "image_url", "photos", "video_url", "videos"), client="source",
        edited_at="unix_timestamp_edited",
        likes=("like_count", "likes", "digg_count", "num_likes", "upvotes"),
        reposts=("repost_count", "reposts", "shares", "share_count", "retweet_count", "forward_count", "reblog_count"),
        replies=("reply_count", "replies", "comments", "comment_count", "num_comments", "post_comments"),
        views=("views", "plays", "play_count", "impression_count"),
        collected_at="unix_timestamp_collected",
    ),
    accounts=columns(
        handle=("author_username", "author_screen_name", "author"),
        display_name=(
            "author_display_name", "author_fullname", "author_full", "author_name", "author_nickname", "author_subject",
        ),
        followers="author_followers", posts="author_videos", verified=("author_verified", "author_is_verified"),
    ),
    times={
        "created_at": TimeSpec(tz="UTC"), "edited_at": TimeSpec(tz="UTC"), "collected_at": TimeSpec(tz="UTC"),
    },
    kinds=BY_KIND, lists=dict.fromkeys(("urls", "hashtags", "mentions", "media"), ","), missing=("None", "nan"),
)  # fmt: skip
_MADE = (
    Made("(text)", ("subject", "title", "body"), _text),
    Made(
        "(kind)",
        ("is_retweet", "is_reblog", "is_reply", "replied_to_post", "is_quote_tweet", "quoted_post"),
        _kind,
    ),
)
_KNOWN = Known(
    needs=(
        ("id", "timestamp", "body", "unix_timestamp"), ("id", "thread_id", "timestamp", "body", "author"),
        ("id", "thread_id", "timestamp", "unix_timestamp", "author"),
    ),
    mapping=_MAPPING,
    made=_MADE,
)  # fmt: skip


def _recognises(sample: Sample) -> bool:
    return _KNOWN.recognises(sample) and platform_of(sample.fields) is not None


def _plan(source: Source, sample: Sample, options: Options) -> Plan:
    from spmc_tools.importers.files.table_files import open_table

    header = sample.fields or open_table(source).header
    found = platform_of(header)
    if found is None:
        raise FormatError(
            f"{source.name} has the columns of none of the platforms that 4CAT collects; map its columns with --map."
        )
    name, platform = found
    mapping = replace(_MAPPING, constants={"platform": platform})
    if name in _COMMENTS:
        mapping = replace(
            mapping, kinds=(), kind="comment",
            columns={**mapping.columns, "ref_record_id": ("post_id", "thread_id"), "surface_id": ("post_id",)},
        )  # fmt: skip
    plan = replace(_KNOWN, mapping=mapping).plan(source, sample, options)
    plan.facts["collected_by_4cat_as"] = name
    return plan


FOURCAT_CSV = replace(
    known_importer(
        _KNOWN,
        Family(
            zone="timestamp and unix_timestamp are UTC",
            precision="1 s",
            documentation="https://github.com/digitalmethodsinitiative/4cat",
            licence="MPL-2.0",
        ),
        name="fourcat_csv",
        title="CSV files of 4CAT: " + ", ".join(name for name, _, _ in _MARKS),
        forms=FLAT_FORMS,
        remarks={
            "account_id": "the number where 4CAT gives one, else the name",
            "text": "subject or title, and body",
            "kind": "comments: comment",
        },
        left_out=(
            LeftOut("location_created, place_name, long_lat, author_city, ip_location, …", "place of the author"),
            no_column("author_sex, author_region, author_deactivated"),
            not_read("music_*, video_*, stickers, effects, poll_*, album_*, collection_*"),
            LeftOut("author_avatar, thumbnail_url, *_thumbnail", "pictures of the account or small ones"),
            LeftOut("collected_from_url, timestamp_collected, warning, is_ad, …", "of the collection, not of the post"),
        ),
    ),
    recognises=_recognises,
    plan=_plan,
)
