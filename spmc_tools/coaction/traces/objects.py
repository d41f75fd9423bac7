"""The named keys of a trace: what a record touches (its object), and whose that is (its source).

An object key reads some columns of the records and returns :class:`Touched`: one row per record and object. A source
key says for each of these rows whose object it is. Both work on unique values, so a million reposts of a thousand
posts cost a thousand.

A match key with fewer characters than ``SHORTEST_TEXT`` is too common to be a copied text. A record with fewer
different tags than ``FEWEST_TAGS`` has no tag sequence, and one that mentions fewer different accounts than
``FEWEST_MENTIONS`` no set of mentions. A repost is fast at most ``FAST_S`` seconds after the post, inclusive; an author
whom an account reached fast fewer than ``FEWEST_FAST`` times is not its object. ``UNKNOWN`` is the source of an object
whose author no record tells: all of them count as one source, which never helps a finding. ``SHORT_LINK`` is the source
of every short link, whatever the shortener: where it leads is not known, so all of them count as one source too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from spmc_tools.text.addresses import address
from spmc_tools.text.match_key import URL
from spmc_tools.text.tags import tag_key, tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.text.addresses import Address

__all__ = ["OBJECTS", "SHORTEST_TEXT", "SHORT_LINK", "SOURCES", "UNKNOWN", "Touched"]

SHORTEST_TEXT, FEWEST_TAGS, FEWEST_MENTIONS = 30, 3, 2
FAST_S, FEWEST_FAST = 60, 2
UNKNOWN, SHORT_LINK = "(not known)", "(short link)"
_TAGS_APART = " "


@dataclass(frozen=True, slots=True)
class Touched:
    """One row per record and object.

    ``row``: int64, row of the records table. ``object``: string. ``site``: string, whose address it is, where the
    key reads addresses. ``skipped``: what could not be read, counted by reason.
    """

    row: pa.Array
    object: pa.Array
    site: pa.Array | None = None
    skipped: dict[str, int] = field(default_factory=dict)


def _combined(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _rows(count: int) -> pa.Array:
    return pa.array(range(count), type=pa.int64())


def _named(records: pa.Table, name: str) -> pa.Array | None:
    return _combined(records[name]) if name in records.column_names else None


def _qualified(records: pa.Table, ids: pa.Array) -> pa.Array:
    """Put the platform before an id where the records come from several platforms: each counts its ids on its own."""
    platforms = _named(records, "platform")
    if platforms is None or len(platforms.unique().drop_null()) < 2:
        return ids
    return pc.binary_join_element_wise(platforms, ids, ":", null_handling="replace", null_replacement="")


def _referenced(records: pa.Table) -> Touched:
    """Read the record that this one reposts or replies to."""
    refs = _combined(records["ref_record_id"])
    known = pc.is_valid(refs)
    missing = len(refs) - (pc.sum(known).as_py() or 0)
    rows = _rows(len(refs)).filter(known)
    skipped = {"the record that it refers to is not named": missing} if missing else {}
    return Touched(rows, _qualified(records, refs).filter(known), skipped=skipped)


def _mapped(values: pa.Array, of: Callable[[str], Any]) -> tuple[list[Any], pa.Array]:
    """Apply a function to the unique values; return its results, and for each row which one (null where null)."""
    coded = values.dictionary_encode()
    return [of(value) for value in coded.dictionary.to_pylist()], coded.indices


def _listed(records: pa.Table, name: str, from_text: Callable[[str], list[str]]) -> pa.Array:
    """Return a list column; where it is null, what the text itself holds."""
    lists = _named(records, name)
    texts = _named(records, "text")
    if texts is None or (lists is not None and lists.null_count == 0):
        return lists if lists is not None else pa.nulls(len(records), pa.list_(pa.string()))
    gaps = texts if lists is None else pc.if_else(pc.is_null(lists), texts, pa.scalar(None, texts.type))
    found, which = _mapped(gaps, from_text)
    read = pa.array(found, type=pa.list_(pa.string())).take(which)
    return read if lists is None else pc.coalesce(lists, read)


def _written_out(text: str) -> list[str]:
    """Return the addresses in a text; every one of them holds a slash or begins with www."""
    return URL.findall(text) if "/" in text or "www." in text.lower() else []


def _addresses(records: pa.Table) -> Touched:
    """Read each different address in a record, by its one name."""
    lists = _listed(records, "urls", _written_out)
    parents = pc.list_parent_indices(lists).cast(pa.int64())
    flat = pc.list_flatten(lists)
    read, which = _mapped(flat, address)
    keys = pa.array([a.key if a else None for a in read], type=pa.string()).take(which)
    sites = pa.array([_site_of(a) if a else None for a in read], type=pa.string()).take(which)
    known = pc.is_valid(keys)
    unread = len(keys) - (pc.sum(known).as_py() or 0)
    table = pa.table({"row": parents.filter(known), "object": keys.filter(known), "site": sites.filter(known)})
    once = table.group_by(["row", "object", "site"], use_threads=False).aggregate([])
    skipped = {"no web address": unread} if unread else {}
    return Touched(_combined(once["row"]), _combined(once["object"]), _combined(once["site"]), skipped)


def _site_of(found: Address) -> str:
    return SHORT_LINK if found.shortened else found.source


def _sequence(found: tuple[str, ...]) -> str | None:
    keys = [key for key in (tag_key(tag) for tag in found) if key]
    return _TAGS_APART.join(f"#{key}" for key in keys) if len(set(keys)) >= FEWEST_TAGS else None


def _tag_sequence(records: pa.Table) -> Touched:
    """Read all tags of a record in their order, where at least three are different."""
    lists = _listed(records, "hashtags", tags).to_pylist()
    known: dict[tuple[str, ...], str | None] = {}
    keys: list[str | None] = []
    for found in lists:
        written = tuple(tag for tag in found or () if tag)
        if written not in known:
            known[written] = _sequence(written)
        keys.append(known[written])
    objects = pa.array(keys, type=pa.string())
    full = pc.is_valid(objects)
    return Touched(_rows(len(objects)).filter(full), objects.filter(full))


def _near_duplicate(records: pa.Table) -> Touched:
    """Read the leader of the text's cluster of copies, where the match key has :data:`SHORTEST_TEXT` characters."""
    from spmc_tools.text.near_duplicates import leaders_of

    coded = _combined(records["text"]).dictionary_encode()
    texts = coded.dictionary.to_pylist()
    uses = {texts[use["values"]]: use["counts"] for use in pc.value_counts(coded.indices.drop_null()).to_pylist()}
    leaders = leaders_of(uses, SHORTEST_TEXT)
    keys = [leaders[text] if len(leaders[text]) >= SHORTEST_TEXT else None for text in texts]
    objects = pa.array(keys, type=pa.string()).take(coded.indices)
    long_enough = pc.is_valid(objects)
    return Touched(_rows(len(objects)).filter(long_enough), objects.filter(long_enough))


def _domains(records: pa.Table) -> Touched:
    """Read each site in a record once: the registrable domain, on platforms the account or channel, no shortener."""
    found = _addresses(records)
    assert found.site is not None  # noqa: S101 -- addresses have their sites
    whole = pa.table({"row": found.row, "object": found.site})
    known = whole.filter(pc.not_equal(whole["object"], SHORT_LINK))
    sites = known.group_by(["row", "object"], use_threads=False).aggregate([])
    short = len(whole) - len(known)
    skipped = found.skipped | ({"a short link, which does not tell the site": short} if short else {})
    return Touched(_combined(sites["row"]), _combined(sites["object"]), skipped=skipped)


def _mention_key(name: str | None) -> str:
    return name.strip().removeprefix("@").casefold() if name else ""


def _mention_set(records: pa.Table) -> Touched:
    """Read the exact set of the accounts that a record mentions, where there are at least two; order is nothing."""
    keys: list[str | None] = []
    for found in _combined(records["mentions"]).to_pylist():
        named = sorted({_mention_key(name) for name in found or ()} - {""})
        keys.append(" ".join(f"@{name}" for name in named) if len(named) >= FEWEST_MENTIONS else None)
    objects = pa.array(keys, type=pa.string())
    full = pc.is_valid(objects)
    return Touched(_rows(len(objects)).filter(full), _qualified(records, objects).filter(full))


def _pictures(records: pa.Table) -> Touched:
    """Read each different picture or film in a record, by its group of alike pictures, else by its SHA-256."""
    from spmc_tools.coaction.traces.alike_pictures import picture_keys

    lists = _combined(records["media"])
    parents = pc.list_parent_indices(lists).cast(pa.int64())
    items = pc.list_flatten(lists)
    hashes = (
        [(item or {}).get("sha256") for item in items.to_pylist()],
        [(item or {}).get("phash") for item in items.to_pylist()],
    )
    read, skipped = picture_keys(*hashes)
    keys = pa.array(read, type=pa.string())
    known = pc.is_valid(keys)
    table = pa.table({"row": parents.filter(known), "object": keys.filter(known)})
    once = table.group_by(["row", "object"], use_threads=False).aggregate([])
    return Touched(_combined(once["row"]), _combined(once["object"]), skipped=skipped)


def _reached_fast(records: pa.Table) -> Touched:
    """Read the author whom an account reposted within :data:`FAST_S` of the post, at least twice."""
    from spmc_tools.coaction.traces.posted_at import ORIGINAL_AT

    authors = _qualified(records, _combined(records["ref_account_id"]))
    posted = _combined(records[ORIGINAL_AT])
    named = pc.and_(pc.is_valid(_combined(records["ref_account_id"])), pc.is_valid(_combined(records["ref_record_id"])))
    delay = pc.subtract(_combined(records["created_at"]).cast(pa.int64()), posted.cast(pa.int64()))
    fast = pc.and_(pc.greater_equal(delay, 0), pc.less_equal(delay, FAST_S * 1_000_000))
    fast = pc.and_(named, pc.fill_null(fast, fill_value=False))
    untimed = pc.sum(pc.and_(named, pc.is_null(posted))).as_py() or 0
    table = pa.table({"row": _rows(len(authors)), "object": authors, "account": records["account_id"]}).filter(fast)
    counts = table.group_by(["account", "object"], use_threads=False).aggregate([("row", "count"), ("row", "list")])
    often = counts.filter(pc.greater_equal(counts["row_count"], FEWEST_FAST)).combine_chunks()
    rows = pc.list_flatten(_combined(often["row_list"]))
    objects = _combined(often["object"]).take(pc.list_parent_indices(_combined(often["row_list"])))
    return Touched(rows, objects, skipped={"the time of the original post is not known": untimed} if untimed else {})


def _handle(accounts: pa.Table) -> Touched:
    """Read the handle that an account had at a moment, of the accounts table; the platform stands in front."""
    handles = pc.utf8_lower(pc.utf8_trim_whitespace(_combined(accounts["handle"])))
    handles = pc.utf8_ltrim(handles, characters="@")
    named = pc.and_(pc.is_valid(handles), pc.not_equal(handles, ""))
    known = pc.and_(pc.fill_null(named, fill_value=False), pc.is_valid(_combined(accounts["created_at"])))
    untimed = (pc.sum(named).as_py() or 0) - (pc.sum(known).as_py() or 0)
    skipped = {"when the account had this handle is not known": untimed} if untimed else {}
    return Touched(_rows(len(handles)).filter(known), _qualified(accounts, handles).filter(known), skipped=skipped)


def _author(records: pa.Table, touched: Touched) -> pa.Array:
    """Return whose record it is: the least author id that a record names for the object, else :data:`UNKNOWN`.

    Null throughout where no record names any author.
    """
    authors = _named(records, "ref_account_id")
    if authors is None or authors.null_count == len(authors):
        return pa.nulls(len(touched.object), pa.string())
    qualified = _qualified(records, authors)
    qualified = pc.if_else(pc.is_valid(authors), qualified, pa.scalar(None, qualified.type)).take(touched.row)
    known_authors = pa.table({"object": touched.object, "author": qualified}).filter(pc.is_valid(qualified))
    if not len(known_authors):
        return pa.nulls(len(touched.object), pa.string())
    first = known_authors.group_by("object", use_threads=False).aggregate([("author", "min")])
    where = pc.index_in(touched.object, value_set=_combined(first["object"]))
    return pc.fill_null(_combined(first["author_min"]).take(where), UNKNOWN)


def _site(_: pa.Table, touched: Touched) -> pa.Array:
    """Return whose address it is: registrable domain, account or channel on a platform, :data:`SHORT_LINK`."""
    return touched.site if touched.site is not None else touched.object


def _itself(_: pa.Table, touched: Touched) -> pa.Array:
    """Return the object as its own source."""
    return touched.object


OBJECTS: dict[str, Callable[[pa.Table], Touched]] = {
    "referenced_record": _referenced,
    "address": _addresses,
    "tag_sequence": _tag_sequence,
    "near_duplicate": _near_duplicate,
    "domain": _domains,
    "mention_set": _mention_set,
    "picture": _pictures,
    "author_reached_fast": _reached_fast,
    "handle": _handle,
}
"""Object keys by name."""

SOURCES: dict[str, Callable[[pa.Table, Touched], pa.Array]] = {"author": _author, "site": _site, "itself": _itself}
"""Source keys by name."""
