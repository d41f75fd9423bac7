"""Tables of the desks: complaints, statistics of pages, campaigns, claims, referrals, captures."""

from __future__ import annotations

import pyarrow as pa

from spmc_tools.schema.table import FILE, STRINGS, UTC, Column, Table

__all__ = [
    "ATTACHMENTS",
    "CAMPAIGNS",
    "CLAIMS",
    "DESK_TABLES",
    "MESSAGES",
    "PAGE_METRICS",
    "PAGE_SNAPSHOTS",
    "POST_METRICS",
    "REFERRALS",
]


MESSAGES = Table(
    "messages",
    "one message of a complaint or its answer, as the response desk sees it; its text and time stand in records",
    (
        Column("thread_id", pa.string(), "the complaint it belongs to", required=True),
        Column("platform", pa.string(), "x, facebook, whatsapp, …", required=True),
        Column("record_id", pa.string(), "its record", required=True),
        Column("direction", pa.string(), "in (from a citizen) or out (from the centre)", required=True),
        Column("is_automatic", pa.bool_(), "whether a program answered; null where the source does not say"),
        Column("channel", pa.string(), "comment, mention, direct, group, …"),
        Column("subject", pa.string(), "what it is about, in the centre's own list"),
        Column("district", pa.string(), "district it concerns"),
        Column("language", pa.string(), "language (BCP 47)"),
        Column("shift", pa.string(), "shift of the officer who answers"),
        Column("resolved_at", UTC, "when the centre closed the complaint", "UTC"),
        *FILE,
    ),
)

POST_METRICS = Table(
    "post_metrics",
    "one figure of one post as a platform's own statistics give it",
    (
        Column("platform", pa.string(), "x, facebook, instagram, youtube, …", required=True),
        Column("page", pa.string(), "the page, channel or account it stands on"),
        Column("record_id", pa.string(), "the platform's id of the post", required=True),
        Column("metric", pa.string(), "impressions, views, reach, reactions, …", required=True),
        Column("value", pa.float64(), "the figure; null where the source hides it (blank, <10)"),
        Column("unit", pa.string(), "what is counted: accounts, views, seconds, percent, …"),
        Column("definition", pa.string(), "how the platform defines it, where that changed"),
        Column("observed_at", UTC, "when the figure was so", "UTC"),
        Column("posted_at", UTC, "when the post was published", "UTC"),
        Column("language", pa.string(), "language of the post, as the source says it"),
        Column("form", pa.string(), "text, picture, video, reel, link, …, as the source says it"),
        *FILE,
    ),
)

PAGE_METRICS = Table(
    "page_metrics",
    "one figure of one page on one day as a platform's own statistics give it",
    (
        Column("platform", pa.string(), "x, facebook, instagram, youtube, …", required=True),
        Column("page", pa.string(), "the page, channel or account", required=True),
        Column("metric", pa.string(), "impressions, views, reach, follows, unfollows, …", required=True),
        Column("value", pa.float64(), "the figure; null where the source hides it"),
        Column("unit", pa.string(), "what is counted"),
        Column("definition", pa.string(), "how the platform defines it, where that changed"),
        Column("day", UTC, "start of the day or span it counts", "UTC", required=True),
        Column("days", pa.int64(), "length of the span: 1 for a day", "days"),
        *FILE,
    ),
)

PAGE_SNAPSHOTS = Table(
    "page_snapshots",
    "followers of one page at one moment, as somebody saw them",
    (
        Column("platform", pa.string(), "x, facebook, instagram, youtube, …", required=True),
        Column("page", pa.string(), "the page, channel or account", required=True),
        Column("state", pa.string(), "the state police it belongs to"),
        Column("followers", pa.int64(), "followers; null where the page was not to be seen", "accounts"),
        Column("observed_at", UTC, "when it was seen", "UTC", required=True),
        Column("source", pa.string(), "where it was seen: address, own statistics, press report"),
        Column("rounding", pa.int64(), "step the source rounds to: 1, 1000, 1000 for 6.65 lakh", "accounts"),
        Column("taken_by", pa.string(), "who looked"),
        Column("screenshot_sha256", pa.string(), "SHA-256 of the screenshot", "hex"),
        *FILE,
    ),
)

CAMPAIGNS = Table(
    "campaigns",
    "one post of an awareness campaign of the centre",
    (
        Column("campaign_id", pa.string(), "the campaign", required=True),
        Column("name", pa.string(), "its name"),
        Column("theme", pa.string(), "new laws, traffic, cyber crime, safety of women, …"),
        Column("platform", pa.string(), "x, facebook, …", required=True),
        Column("record_id", pa.string(), "the post", required=True),
        *FILE,
    ),
)

CLAIMS = Table(
    "claims",
    "one state of a claim in the rumour register; the entry with the latest entered_at holds",
    (
        Column("claim_id", pa.string(), "the claim", required=True),
        Column("text", pa.string(), "what is claimed, in its own words", required=True),
        Column("media_sha256", pa.string(), "SHA-256 of its picture or film", "hex"),
        Column("media_phash", pa.string(), "perceptual hash of its picture", "hex"),
        Column("source_url", pa.string(), "where the centre met it first; never fetched"),
        Column("first_seen", UTC, "when the centre met it first", "UTC"),
        Column("official_version", pa.string(), "what is true, in the words of the authority"),
        Column("official_url", pa.string(), "where it is published"),
        Column("official_at", UTC, "when it was published", "UTC"),
        Column("status", pa.string(), "open, checking, refuted, confirmed, not_checkable, withdrawn", required=True),
        Column("entered_by", pa.string(), "officer", required=True),
        Column("entered_at", UTC, "when this state was entered", "UTC", required=True),
        Column("reviewed_by", pa.string(), "second officer, where one has looked"),
        Column("note", pa.string(), "why this state"),
        *FILE,
    ),
)

REFERRALS = Table(
    "referrals",
    "one dated state of a referral; all its states together are its history",
    (
        Column("referral_id", pa.string(), "the referral", required=True),
        Column("state", pa.string(), "flagged, verified, sent, answered, removed, fir, cleared", required=True),
        Column("state_at", UTC, "when it reached this state", "UTC", required=True),
        Column("sent_to", pa.string(), "platform, unit or district it went to"),
        Column("platform", pa.string(), "x, facebook, …"),
        Column("account_id", pa.string(), "numeric id of the account as captured"),
        Column("handle", pa.string(), "user name as captured"),
        Column("record_ids", STRINGS, "the posts"),
        Column("category", pa.string(), "category of the centre's list"),
        Column("provision", pa.string(), "section of law that is proposed"),
        Column("synthetic_media", pa.bool_(), "whether it concerns synthetically generated media"),
        Column("officer", pa.string(), "who entered this state", required=True),
        Column("details", pa.string(), "the rest of the record, as JSON"),
        *FILE,
    ),
)

ATTACHMENTS = Table(
    "attachments",
    "one file that was taken of a post: screenshot, PDF, web archive, film",
    (
        Column("attachment_sha256", pa.string(), "SHA-256 of the file", "hex", required=True),
        Column("name", pa.string(), "its name as received", required=True),
        Column("platform", pa.string(), "platform of the post"),
        Column("record_id", pa.string(), "the post", required=True),
        Column("method", pa.string(), "how it was captured: screenshot, print, archive, download", required=True),
        Column("tool", pa.string(), "program it was captured with"),
        Column("officer", pa.string(), "who captured it", required=True),
        Column("captured_at", UTC, "when", "UTC", required=True),
        Column("note", pa.string(), "remark"),
        Column("phash", pa.string(), "perceptual hash of a picture (64 bits of its cosine transform)", "hex"),
        *FILE,
    ),
)

DESK_TABLES: dict[str, Table] = {
    t.name: t for t in (MESSAGES, POST_METRICS, PAGE_METRICS, PAGE_SNAPSHOTS, CAMPAIGNS, CLAIMS, REFERRALS, ATTACHMENTS)
}
"""Tables of the desks, kept as records are: imported, hashed, verified."""
