"""The archive that a Mastodon server hands to an account: ``outbox.json``, an ActivityStreams collection.

Ids are addresses, which hold everywhere; the API's importer has the numbers of the server that was asked. What was
addressed to single people is a private message and is not imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.errors import quote
from spmc_tools.importers.engine.importer import Family, LeftOut, fields_of, not_read
from spmc_tools.importers.engine.json_rows import Empty, json_importer, no_post, stateless
from spmc_tools.importers.fields.rows import Record
from spmc_tools.importers.fields.times import parse_iso
from spmc_tools.importers.fields.values import Json, dict_of, list_of, media_of, text_of
from spmc_tools.importers.files.page_text import seen_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spmc_tools.importers.engine.json_rows import Item

__all__ = ["MASTODON_ARCHIVE"]

_PUBLIC = {"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"}
_DEEDS = {"Create", "Announce"}


def _is_of(row: Json) -> bool:
    return "orderedItems" in row or (text_of(row.get("type")) in _DEEDS and {"actor", "object"} <= row.keys())


def _rows(found: Json, number: int) -> Iterator[Item]:
    if "orderedItems" in found:
        for deed in list_of(found.get("orderedItems")):
            yield from _deed(dict_of(deed), number)
    else:
        yield from _deed(found, number)


def _is_for_all(deed: Json) -> bool:
    """Whether a post went to everybody or to the followers, and not to single people."""
    to = [str(one) for name in ("to", "cc") for one in (list_of(deed.get(name)) or [deed.get(name)]) if one]
    return not to or any(one in _PUBLIC or one.endswith("/followers") for one in to)


def _deed(deed: Json, number: int) -> Iterator[Item]:
    kind, actor = text_of(deed.get("type")), text_of(deed.get("actor"))
    if kind not in _DEEDS:
        yield no_post(deed)
    elif actor is None:
        yield "the object does not say who posted it"
    elif not _is_for_all(deed):
        yield Empty("private messages, not imported")
    elif (at := parse_iso(deed.get("published"))) is None:
        yield f"published is missing or no time with a zone: {quote(deed.get('published'))}"
    elif kind == "Announce":
        original = text_of(deed.get("object"), dict_of(deed.get("object")).get("id"))
        if (name := text_of(deed.get("id"))) is None:
            yield f"the id is missing or not exact: {quote(deed.get('id'))}"
        else:
            yield Record(name, "mastodon", actor, at, "repost", number, _step(at), ref_record_id=original)
    else:
        yield _note(deed, dict_of(deed.get("object")), actor, at, number)


def _step(at: int) -> float:
    return 1.0 if at % 1_000_000 == 0 else 0.001


def _note(deed: Json, note: Json, actor: str, at: int, number: int) -> Record | str:
    if (name := text_of(note.get("id"))) is None:
        return f"the id is missing or not exact: {quote(note.get('id'))}"
    tags = list(map(dict_of, list_of(note.get("tag"))))
    hashtags = [text_of(tag.get("name")) for tag in tags if tag.get("type") == "Hashtag"]
    people = [text_of(tag.get("href"), tag.get("name")) for tag in tags if tag.get("type") == "Mention"]
    answered = text_of(note.get("inReplyTo"))
    languages = [key for key in dict_of(note.get("contentMap")) if isinstance(key, str)]
    return Record(
        name, "mastodon", actor, at, "reply" if answered else "post", number, _step(at), url=text_of(note.get("url")),
        text=seen_text(note.get("content")), lang=languages[0] if len(languages) == 1 else None,
        ref_record_id=answered, conversation_id=text_of(note.get("conversation")),
        edited_at=parse_iso(note.get("updated")), hashtags=[tag.lstrip("#") for tag in hashtags if tag] or None,
        mentions=[one for one in people if one] or None,
        media=media_of([dict_of(one).get("url") for one in list_of(note.get("attachment"))]),
    )  # fmt: skip


MASTODON_ARCHIVE = json_importer(
    stateless(_rows),
    Family(
        zone="every time names UTC", precision="1 s",
        documentation="https://docs.joinmastodon.org/user/moving/#export; https://www.w3.org/TR/activitystreams-vocabulary/",
        licence="GFDL-1.3; W3C Software and Document License",
    ),
    name="mastodon_archive", title="a Mastodon account's own archive (outbox.json)", tells=_is_of,
    recognised_by="orderedItems; or type Create or Announce with actor and object",
    fields=fields_of(
        record_id=("object.id; of a boost: id", "an address"), account_id=("actor", "an address"),
        created_at="published", kind=("type, object.inReplyTo", "Announce: repost; an answer: reply; else post"),
        text=("object.content", "HTML, kept as the text that a reader sees"), url="object.url",
        lang="object.contentMap, where it has one language", ref_record_id="object of a boost; object.inReplyTo",
        conversation_id="object.conversation", edited_at="object.updated", hashtags="object.tag[]: Hashtag",
        mentions="object.tag[]: Mention", media="object.attachment[].url",
    ),
    left_out=(
        LeftOut("posts to single people", "private messages; counted, not imported"),
        not_read("summary, sensitive, atomUri, replies, shares, likes, signature"),
        LeftOut("likes.json, bookmarks.json, actor.json", "other files of the archive, no posts"),
    ),
)  # fmt: skip
