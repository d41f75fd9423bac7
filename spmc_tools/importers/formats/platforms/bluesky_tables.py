"""Tables of Bluesky: posts and profiles as minet writes them, and the firehose with hashed accounts."""

from __future__ import annotations

from typing import Any

from spmc_tools.importers.engine.importer import Family, LeftOut, no_column, not_read
from spmc_tools.importers.mapping.known_tables import Known, Made, columns, known_importer
from spmc_tools.importers.mapping.mapping import LIST_FIELDS, KindRule, Mapping, TimeSpec

__all__ = ["BLUESKY_HASHED", "MINET_BLUESKY", "MINET_BLUESKY_PROFILES"]

_PLATFORM = {"platform": "bluesky"}


def _first(cell: Any) -> Any:
    """Return the first of several languages."""
    if isinstance(cell, list):
        return cell[0] if cell else None
    return cell.split("|")[0] if isinstance(cell, str) else cell


_MINET = Family(
    zone="timestamp_utc counts from 1970 in UTC", precision="1 s", documentation="https://github.com/medialab/twitwi",
    licence="MIT",
)  # fmt: skip
MINET_BLUESKY = known_importer(
    Known(
        needs=(("uri", "user_did", "timestamp_utc", "text"),),
        made=(Made("(lang)", ("user_langs",), _first),),
        mapping=Mapping(
            columns(
                record_id="uri", account_id="user_did", created_at="timestamp_utc", text=("original_text", "text"),
                url="url", lang="(lang)", ref_record_id=("to_post_uri", "quoted_uri"),
                ref_account_id=("to_user_did", "quoted_user_did"), conversation_id="to_root_post_uri", urls="links",
                hashtags="hashtags", mentions=("mentioned_user_dids", "mentioned_user_handles"), media="media_urls",
                likes="like_count", reposts="repost_count", replies="reply_count",
            ),
            accounts=columns(
                handle="user_handle", display_name="user_display_name", created_at="user_timestamp_utc",
            ),
            constants=_PLATFORM, times={"created_at": TimeSpec(unit="s"), "account_created_at": TimeSpec(unit="s")},
            kinds=(KindRule("reply", "to_post_uri"), KindRule("quote", "quoted_uri")),
            lists=dict.fromkeys(LIST_FIELDS, "|"),
        ),
    ),
    _MINET, name="minet_bluesky", title="posts of Bluesky as minet and twitwi write them (CSV or JSON)",
    sample_rows=346, remarks={"text": "original_text is what was posted; in text links are written out"},
    left_out=(
        LeftOut("local_time, user_created_at, collection_time, indexed_at_utc", "times of unsaid zone, or of indexing"),
        LeftOut("repost_by_*", "who showed the post to the collector; the row is the post itself"),
        LeftOut("to_*, quoted_* beside the addresses", "of the post referred to"),
        not_read("card_*, domains, media_alt_texts, media_thumbnails, media_types"),
        no_column("quote_count, bookmark_count, replies_rules*, collected_via, match_query, …"),
    ),
)  # fmt: skip

MINET_BLUESKY_PROFILES = known_importer(
    Known(
        needs=(("did", "handle", "display_name", "timestamp_utc", "starter_packs"),),
        mapping=Mapping(
            columns(account_id="did"),
            accounts=columns(
                handle="handle", display_name="display_name", created_at="timestamp_utc", description="description",
                followers="followers", following="follows", posts="posts",
            ),
            constants=_PLATFORM, times={"account_created_at": TimeSpec(unit="s")},
        ),
        lacks=("uri", "text"),
    ),
    _MINET, name="minet_bluesky_profiles", title="profiles of Bluesky as minet writes them (CSV or JSON)",
    sample_rows=14,
    left_out=(
        LeftOut("created_at, collection_time", "times on a clock whose zone is not said"),
        no_column("avatar, banner, pinned_post_uri, lists, feedgens, starter_packs, url"),
    ),
)  # fmt: skip

BLUESKY_HASHED = known_importer(
    Known(
        needs=(("time_us", "did_hash", "text"),),
        mapping=Mapping(
            columns(
                account_id="did_hash", created_at="time_us", text="text", lang="lang",
                ref_account_id="reply_parent_did_hash", urls="urls", mentions="mentions",
            ),
            constants=_PLATFORM, times={"created_at": TimeSpec(unit="us")},
            kinds=(KindRule("reply", "reply_parent_did_hash"),),
        ),
    ),
    Family(
        zone="time_us counts from 1970 in UTC: when the relay saw the post", precision="1 µs of the relay's clock",
        documentation="https://docs.bsky.app/blog/jetstream", licence="MIT (Jetstream)",
    ),
    name="bluesky_hashed", title="Bluesky's firehose with hashed accounts, as a table", sample_rows=2000,
    remarks={"account_id": "a hash: it is no account of the platform"},
    left_out=(LeftOut("ids of posts", "the table has none: row-<hash>-<row> instead"),),
)  # fmt: skip
