"""Tables of what was received: posts, accounts, refused rows; and the actions that are read from them."""

from __future__ import annotations

import pyarrow as pa

from spmc_tools.schema.table import FILE, STRINGS, UTC, Column, Table

__all__ = ["ACCOUNTS", "ACTIONS", "GROUP_EVENTS", "GROUP_EVENT_KINDS", "KINDS", "OBSERVATIONS", "RECORDS", "REFUSED"]

KINDS = ("post", "repost", "reply", "quote", "comment", "message")
"""The values of ``records.kind``."""

GROUP_EVENT_KINDS = (
    "created", "added", "joined_by_link", "joined", "asked_to_join", "left", "removed", "number_changed", "subject",
    "icon", "description", "settings", "admin", "pinned", "deleted_message", "not_shown", "disappearing", "call",
    "encryption", "security_code", "other",
)  # fmt: skip
"""The values of ``group_events.event``."""

_MEDIA = pa.list_(pa.struct([("url", pa.string()), ("sha256", pa.string()), ("phash", pa.string())]))
_METRICS = pa.struct([("likes", pa.int64()), ("reposts", pa.int64()), ("replies", pa.int64()), ("views", pa.int64())])

RECORDS = Table(
    "records",
    "one post as received",
    (
        Column("record_id", pa.string(), "the platform's own id of the post", required=True),
        Column("platform", pa.string(), "x, telegram, facebook, …", required=True),
        Column("url", pa.string(), "permanent address of the post; never fetched"),
        Column("surface_id", pa.string(), "channel, group or page it stands on"),
        Column("account_id", pa.string(), "the platform's id of the account that posted", required=True),
        Column("created_at", UTC, "when the platform says it was posted", "UTC", required=True),
        Column("time_precision_s", pa.float64(), "step of the source's clock: 0.001, 1, 60, 86400", "seconds"),
        Column("kind", pa.string(), "post, repost, reply, quote, comment or message", required=True),
        Column("text", pa.string(), "the text as received; of a repost: the text of the original where given"),
        Column("lang", pa.string(), "language as the platform says it (BCP 47)"),
        Column("ref_record_id", pa.string(), "the post that is reposted, replied to or quoted"),
        Column("ref_account_id", pa.string(), "whose post that is"),
        Column("conversation_id", pa.string(), "the first post of the thread"),
        Column("edited_at", UTC, "last edit the source tells of", "UTC"),
        Column("deleted_seen_at", UTC, "when the post was first seen to be gone", "UTC"),
        Column("urls", STRINGS, "addresses in the post, expanded where the source expands them"),
        Column("hashtags", STRINGS, "tags in order, without #"),
        Column("mentions", STRINGS, "account ids (or handles where no id is given) mentioned, in order"),
        Column("media", _MEDIA, "pictures and films: address, SHA-256, perceptual hash"),
        Column("client", pa.string(), "program it was posted with, where the source says so"),
        Column("metrics", _METRICS, "likes, reposts, replies, views at collected_at", "counts"),
        Column("collected_at", UTC, "when the source collected it", "UTC"),
        Column("source_sha256", pa.string(), "SHA-256 of the received file", "hex", required=True),
        Column("source_row", pa.int64(), "row of that file, from 1: line of text, or sheet row", required=True),
    ),
)

OBSERVATIONS = Table(
    "observations",
    "one post that was received again: its figures may be newer, and it stands in where the first file is set aside",
    RECORDS.columns,
)

ACCOUNTS = Table(
    "accounts",
    "one account as it looked at one moment",
    (
        Column("account_id", pa.string(), "the platform's id of the account", required=True),
        Column("platform", pa.string(), "x, telegram, facebook, …", required=True),
        Column("handle", pa.string(), "user name without @, as it was then"),
        Column("display_name", pa.string(), "shown name, as it was then"),
        Column("created_at", UTC, "when the account was made", "UTC"),
        Column("description", pa.string(), "self-description"),
        Column("followers", pa.int64(), "followers", "accounts"),
        Column("following", pa.int64(), "accounts followed", "accounts"),
        Column("posts", pa.int64(), "posts ever made", "posts"),
        Column("verified", pa.bool_(), "mark of the platform"),
        Column("location_text", pa.string(), "place as the account writes it"),
        Column("observed_at", UTC, "when it looked like this; null where the source does not say", "UTC"),
        *FILE,
    ),
)

GROUP_EVENTS = Table(
    "group_events",
    "one event of a group as its messenger notes it: no message, and who is named here is no account by it",
    (
        Column("event_id", pa.string(), "id of the notice, known again in a later export", required=True),
        Column("platform", pa.string(), "whatsapp, …", required=True),
        Column("surface_id", pa.string(), "the group or chat", required=True),
        Column(
            "event",
            pa.string(),
            ", ".join(GROUP_EVENT_KINDS),
            required=True,
        ),
        Column("happened_at", UTC, "when", "UTC", required=True),
        Column("time_precision_s", pa.float64(), "step of the source's clock", "seconds"),
        Column("actor", pa.string(), "who did it, as that telephone shows the name; null where it says nobody"),
        Column("affected", STRINGS, "whom it concerns, as that telephone shows the names"),
        Column("value", pa.string(), "the new name of the group, where one is given"),
        Column("text", pa.string(), "the notice as received, without marks of direction"),
        *FILE,
    ),
)

REFUSED = Table(
    "refused",
    "one row of a received file that could not be kept",
    (
        *FILE,
        Column("reason", pa.string(), "why, in one sentence", required=True),
        Column("raw", pa.string(), "the row as text, cut at 10,000 characters"),
    ),
)

ACTIONS = Table(
    "actions",
    "one account touching one object at one time",
    (
        Column("trace", pa.string(), "which kind of action", required=True),
        Column("account_id", pa.string(), "who", required=True),
        Column("object_id", pa.string(), "what two accounts can share", required=True),
        Column("source_id", pa.string(), "whose object it is: author, domain, channel, text"),
        Column("t", UTC, "when", "UTC", required=True),
        Column("record_id", pa.string(), "the record it was read from", required=True),
    ),
)
