"""Bluesky's own JSON: posts and profiles of the API, Jetstream and firehose events, Tap.

A post of the API lies in ``record`` with its author beside it; Jetstream and Tap hand out the bare record with the
account's DID. Reposts of the event streams are rows of their own; likes, follows and deletions are refused by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, Field, LeftOut, fields_of, no_column
from spmc_tools.importers.engine.json_rows import Beside, Empty, json_importer, stateless
from spmc_tools.importers.fields.rows import Account, Record
from spmc_tools.importers.fields.times import parse_iso
from spmc_tools.importers.fields.values import Json, count_of, dict_of, list_of, media_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = ["BLUESKY"]

_POST, _REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
_PROFILE = {"displayName", "viewer", "followersCount"}
_LINKS, _TAGS = ("#link", ".link", ".url"), ("#tag", ".tag", "#hashtag", "facettag")
_PAGES = ("posts", "feed", "profiles", "actors", "followers", "follows")
_FAMILY = Family(
    zone="every createdAt carries its offset",
    precision="what createdAt shows: 1 s, 1 ms or 1 µs (finer digits are cut)",
    documentation="https://docs.bsky.app; https://github.com/bluesky-social/jetstream", licence="MIT",
)  # fmt: skip


def _shape(found: Json) -> str | None:
    """Name what one object is: post, profile, commit, event, tap, feed_item, page; None where it is not of Bluesky."""
    uri, did = found.get("uri"), found.get("did")
    if isinstance(uri, str) and uri.startswith("at://") and "record" in found and "author" in found:
        return "post"
    if isinstance(did, str) and did.startswith("did:"):
        if "time_us" in found:
            return "commit" if found.get("kind") == "commit" else "event"
        return "profile" if "handle" in found and not _PROFILE.isdisjoint(found) else None
    if isinstance(found.get("record"), dict) and "collection" in found["record"] and "rkey" in found["record"]:
        return "tap"
    if isinstance(found.get("post"), dict) and _shape(found["post"]) == "post":
        return "feed_item"
    return "page" if any(_is_page(found.get(key)) for key in _PAGES) else None


def _is_page(items: object) -> bool:
    first = next(iter(list_of(items)), None)
    return isinstance(first, dict) and _shape(first) in {"post", "profile", "feed_item"}


def _rows(found: Json, number: int) -> Iterator[Item]:
    shape = _shape(found)
    if shape == "page":
        for key in _PAGES:
            for item in list_of(found.get(key)):
                yield from _rows(item, number) if isinstance(item, dict) else ("JSON, but no object",)
    elif shape == "feed_item":
        yield from _rows(found["post"], number)
        if (by := dict_of(dict_of(found.get("reason")).get("by"))) and "did" in by:
            yield _shown_repost(found["post"], found["reason"], by["did"], number)
            if account := _profile(by, number):
                yield Beside(account)
    elif shape == "post":
        author = dict_of(found.get("author"))
        yield _post(dict_of(found["record"]), found["uri"], text_of(author.get("did")), number, found)
        if account := _profile(author, number):
            yield Beside(account)
    elif shape == "profile":
        yield _profile(found, number) or "a profile without a DID"
    elif shape == "event":
        yield f"an event of an account ({quote(found.get('kind'), 40)}), not a post"
    elif shape == "commit":
        yield from _commit(dict_of(found.get("commit")), found.get("did"), number, "operation")
    elif shape == "tap":
        yield from _commit(found["record"], found["record"].get("did"), number, "action")


def _commit(commit: Json, did: object, number: int, verb: str) -> Iterator[Item]:
    collection, done = commit.get("collection"), commit.get(verb)
    if collection not in (_POST, _REPOST):
        yield f"an entry of {quote(collection, 60)}, not a post"
        return
    if done == "delete":
        yield "a deletion, not a post"
        return
    uri = f"at://{did}/{collection}/{commit.get('rkey')}" if did and commit.get("rkey") else None
    record = dict_of(commit.get("record"))
    if collection == _REPOST:
        yield _repost(record, uri, text_of(did), number)
    else:
        yield _post(record, uri, text_of(did), number, {})
    if done not in ("create", "update", None):
        yield Empty("events with an operation that is not known")


def _did_of(uri: object) -> str | None:
    """Return the account in an ``at://`` address."""
    parts = uri.split("/") if isinstance(uri, str) and uri.startswith("at://did:") else []
    return parts[2] if len(parts) > 3 else None


def _base(record: Json, uri: str | None, did: str | None) -> tuple[str, str, int] | str:
    """Return id, account and time of a record, or why it cannot be one."""
    if not uri or not uri.isprintable():
        return "the post has no address (uri, or did and rkey)"
    if not did:
        return "the post does not say who wrote it (no did)"
    at = parse_iso(_at_most_micros(record.get("createdAt")))
    if at is None:
        return f"createdAt is missing or no time with a zone: {quote(record.get('createdAt'))}"
    return uri, did, at


def _at_most_micros(value: object) -> object:
    """Return a time with at most six digits after the second; some programs write eight or nine."""
    if not isinstance(value, str) or "." not in value:
        return value
    whole, _, rest = value.partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{whole}.{rest[: min(digits, 6)].ljust(6, '0')}{rest[digits:]}"


def _precision(at: int) -> float:
    return 1.0 if at % 1_000_000 == 0 else 0.001 if at % 1000 == 0 else 1e-6


def _repost(record: Json, uri: str | None, did: str | None, number: int) -> Record | str:
    base = _base(record, uri, did)
    if isinstance(base, str):
        return base
    subject = text_of(dict_of(record.get("subject")).get("uri"))
    return Record(
        base[0], "bluesky", base[1], base[2], "repost", number, _precision(base[2]),
        ref_record_id=subject, ref_account_id=_did_of(subject),
    )  # fmt: skip


def _shown_repost(post: Json, reason: Json, did: object, number: int) -> Record | str:
    """Return the repost that brought a post into a feed; its time is when the server saw it."""
    uri = text_of(post.get("uri"))
    made = {"subject": {"uri": uri}, "createdAt": reason.get("indexedAt")}
    repost_uri = text_of(reason.get("uri")) or f"{uri}#reposted-by-{did}"
    found = _repost(made, repost_uri, text_of(did), number)
    return found._replace(text=text_of(dict_of(post.get("record")).get("text"))) if isinstance(found, Record) else found


def _quoted(embed: Json) -> str | None:
    """Return the address of the post that is quoted."""
    inner = dict_of(embed.get("record"))
    found = text_of(inner.get("uri")) or text_of(dict_of(inner.get("record")).get("uri"))
    return found if found and f"/{_POST}/" in found else None


def _features(record: Json, names: tuple[str, ...], *keys: str) -> list[str]:
    """Return what the marked places of a text hold, in order; programs name links and tags in several ways."""
    found = [
        text_of(*(feature.get(key) for key in keys))
        for facet in map(dict_of, list_of(record.get("facets")))
        for feature in map(dict_of, list_of(facet.get("features")))
        if str(feature.get("$type")).casefold().endswith(names)
    ]
    return [value for value in found if value]


def _blob(image: object) -> str | None:
    """Return the hash of a picture: in ``ref``, or as the first programs of Bluesky wrote it."""
    found = dict_of(image)
    return text_of(dict_of(found.get("ref")).get("$link"), found.get("cid"), found.get("link"), image)


def _media(view: Json, record: Json, did: str) -> list[dict[str, str | None]] | None:
    """Return pictures and films: addresses of the API's view, else built from the hash in the record."""
    embed = dict_of(view.get("embed"))
    inner = dict_of(embed.get("media")) or embed
    found = [text_of(dict_of(image).get("fullsize")) for image in list_of(inner.get("images"))]
    found.append(text_of(inner.get("playlist")))
    if not any(found):
        embed = dict_of(record.get("embed"))
        inner = dict_of(embed.get("media")) or embed
        hashes = [_blob(dict_of(image).get("image")) for image in list_of(inner.get("images"))]
        found = [
            f"https://cdn.bsky.app/img/feed_fullsize/plain/{did}/{blob_hash}@jpeg" for blob_hash in hashes if blob_hash
        ]
    return media_of(found)


def _post(record: Json, uri: str | None, did: str | None, number: int, view: Json) -> Record | str:
    base = _base(record, uri, did)
    if isinstance(base, str):
        return base
    record_id, account_id, at = base
    embed = dict_of(record.get("embed"))
    reply = dict_of(record.get("reply"))
    parent = text_of(dict_of(reply.get("parent")).get("uri"))
    quoted = _quoted(embed)
    target = parent or quoted
    card = text_of(dict_of((dict_of(embed.get("media")) or embed).get("external")).get("uri"))
    urls = dict.fromkeys([*_features(record, _LINKS, "uri"), *([card] if card else [])])
    tags = [
        *_features(record, _TAGS, "tag", "hashtag"),
        *(t for t in list_of(record.get("tags")) if isinstance(t, str) and t),
    ]
    langs = [lang for lang in list_of(record.get("langs")) if isinstance(lang, str) and lang]
    return Record(
        record_id=record_id, platform="bluesky", account_id=account_id, created_at=at,
        kind="reply" if parent else "quote" if quoted else "post", source_row=number, time_precision_s=_precision(at),
        url=f"https://bsky.app/profile/{account_id}/post/{record_id.rsplit('/', 1)[-1]}",
        text=text_of(record.get("text")), lang=langs[0] if langs else None, ref_record_id=target,
        ref_account_id=_did_of(target), conversation_id=text_of(dict_of(reply.get("root")).get("uri")),
        urls=list(urls) or None, hashtags=tags or None, mentions=_features(record, ("#mention",), "did") or None,
        media=_media(view, record, account_id), client=text_of(record.get("via")),
        likes=count_of(view.get("likeCount")), reposts=count_of(view.get("repostCount")),
        replies=count_of(view.get("replyCount")),
    )  # fmt: skip


def _profile(found: Json, number: int) -> Account | None:
    did = text_of(found.get("did"))
    return None if did is None else Account(
        account_id=did, platform="bluesky", source_row=number, handle=text_of(found.get("handle")),
        display_name=text_of(found.get("displayName")), created_at=parse_iso(_at_most_micros(found.get("createdAt"))),
        description=text_of(found.get("description")), followers=count_of(found.get("followersCount")),
        following=count_of(found.get("followsCount")), posts=count_of(found.get("postsCount")),
        verified={"valid": True, "none": False}.get(str(dict_of(found.get("verification")).get("verifiedStatus"))),
    )  # fmt: skip


BLUESKY = json_importer(
    stateless(_rows), _FAMILY, name="bluesky",
    title="Bluesky: posts and profiles of the API (getPosts, feeds), Jetstream and firehose events, Tap",
    sample_rows=164,
    recognised_by="uri, author and record; did with time_us; record with collection and rkey; did with handle; a list "
    "of these under posts, feed, profiles or actors",
    tells=_shape,
    fields=(
        *fields_of(
            record_id="uri; of events: at://did/collection/rkey", account_id="author.did, did",
            created_at=("record.createdAt", "the clock of the program that posted"), text="record.text",
            url=("uri", "built: https://bsky.app/profile/…; never fetched"),
        ),
        Field("record.reply.parent.uri; record.embed.record.uri; subject.uri", "ref_record_id, ref_account_id"),
        *fields_of(
            records=(
                "reason of a feed",
                "a repost beside the post: reason.by, reason.indexedAt, reason.uri (else made up of both)",
            ),
            conversation_id="record.reply.root.uri",
            kind=("record.reply, record.embed, collection", "reply, else quote, else post; repost of the events"),
            urls="record.facets[]: link; embed.external.uri", hashtags="record.facets[]: tag; record.tags",
            mentions="record.facets[]: mention",
            media="embed.images[].fullsize, embed.playlist; of events built from the picture's hash",
            lang="record.langs[0]", client="record.via",
            metrics=("likeCount, repostCount, replyCount", "likes, reposts, replies"),
            accounts=(
                "author; reason.by; profiles: handle, displayName, createdAt, description, followersCount, "
                "followsCount, postsCount, verification",
                "handle, display_name, created_at, description, followers, following, posts, verified",
            ),
        ),
    ),
    left_out=(
        LeftOut("time_us, indexedAt", "when a relay saw the post, not when it was posted"),
        LeftOut("viewer, associated, knownFollowers, labels", "of the person who collected it; marks of moderators"),
        no_column("quoteCount, bookmarkCount"),
        LeftOut("cid, rev", "versions of the record"),
        LeftOut("embed.record of the view", "the quoted post: context, not what was collected"),
        LeftOut("likes, follows, deletions, account and identity events", "refused row by row: no posts"),
    ),
)  # fmt: skip
